#include "evaluate.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include <napier/analysis/evaluate_together.hpp>
#include <napier/analysis/wilson.hpp>
#include <napier/core/error.hpp>

#include "../macs/macs.hpp"

namespace napier_eval {

using napier_tools::all_macs;

namespace {

const char* text_of(napier::batch_norm_mode mode) {
  return mode == napier::batch_norm_mode::fold    ? "fold"
         : mode == napier::batch_norm_mode::exact ? "exact"
                                                  : "approximate";
}

std::vector<napier::mac_rule> rules_of(const std::vector<std::pair<std::string, std::string>>& layer_macs) {
  std::vector<napier::mac_rule> rules;
  for (const auto& [pattern, mac] : layer_macs) rules.push_back({pattern, &all_macs().find(mac)});
  return rules;
}

// SplitMix64 (Steele, Lea, Flood 2014): the same numbers everywhere.
class random_numbers {
 public:
  explicit random_numbers(std::uint64_t seed) : state_(seed) {}

  // Below `bound`. The remainder prefers small numbers by less than one in 2^64 / bound.
  std::size_t below(std::size_t bound) {
    std::uint64_t bits = state_ += 0x9E3779B97F4A7C15U;
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9U;
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBU;
    return static_cast<std::size_t>((bits ^ (bits >> 31)) % bound);
  }

 private:
  std::uint64_t state_;
};

}  // namespace

report blank_report(const napier::network& model, const std::string& reference,
                    napier::batch_norm_mode batch_norm,
                    const std::vector<std::pair<std::string, std::string>>& layer_macs) {
  report result;
  result.model = std::filesystem::path(model.source()).filename().string();
  result.batch_norm = text_of(batch_norm);
  result.reference = all_macs().short_name(reference);
  for (const auto& [pattern, mac] : layer_macs) {
    result.layer_macs.push_back(pattern + "=" + all_macs().short_name(mac));
  }
  return result;
}

std::shared_ptr<const napier::network> running_network(
    napier::network model, napier::batch_norm_mode batch_norm,
    const std::vector<std::pair<std::string, std::string>>& layer_macs) {
  const std::vector<napier::mac_rule> rules = rules_of(layer_macs);
  if (batch_norm != napier::batch_norm_mode::fold) {
    napier::session::check_rules(rules, model, model);
    return std::make_shared<const napier::network>(std::move(model));
  }
  auto folded = std::make_shared<const napier::network>(napier::fold_batch_norms(model));
  napier::session::check_rules(rules, *folded, model);
  return folded;
}

evaluation_plan::evaluation_plan(const std::shared_ptr<const napier::network>& model,
                                 const std::vector<std::string>& macs, const std::string& reference,
                                 napier::batch_norm_mode batch_norm,
                                 const std::vector<std::pair<std::string, std::string>>& layer_macs)
    : blank_(blank_report(*model, reference, batch_norm, layer_macs)) {
  const std::vector<napier::mac_rule> rules = rules_of(layer_macs);
  std::string suffix;
  for (const std::string& rule : blank_.layer_macs) suffix += " + " + rule;

  // The reference runs its MAC in every layer.
  names_.push_back(blank_.reference);
  sessions_.emplace_back(model, all_macs().find(reference), batch_norm);
  for (const std::string& mac : macs) {
    const std::string name = all_macs().short_name(mac) + suffix;
    const auto index =
        static_cast<std::size_t>(std::find(names_.begin(), names_.end(), name) - names_.begin());
    if (std::find(rows_.begin(), rows_.end(), index) != rows_.end()) continue;  // asked for twice
    rows_.push_back(index);
    if (index < names_.size()) continue;
    names_.push_back(name);
    sessions_.emplace_back(model, all_macs().find(mac), batch_norm, rules);
  }
}

void evaluation_plan::add_corrected(std::size_t which, std::span<const napier::layer_correction> corrections,
                                    const std::string& suffix, const std::string& source) {
  napier::session corrected = sessions_.at(which);
  napier::apply_corrections(corrected, corrections, source);
  const auto row = std::find(rows_.begin(), rows_.end(), which);
  if (row != rows_.end()) rows_.insert(row + 1, names_.size());
  names_.push_back(names_[which] + suffix);
  sessions_.push_back(std::move(corrected));
}

void evaluation_plan::run(report& result, const napier::data_set& images, const napier::preprocessing& how,
                          std::span<const std::size_t> chosen, const run_settings& settings,
                          progress_line& progress, std::size_t finished) const {
  std::vector<napier::scores> scores(names_.size());
  for (run_state& state : result.states) {
    const auto at = std::find(names_.begin(), names_.end(), state.mac);
    if (at != names_.end()) scores[static_cast<std::size_t>(at - names_.begin())] = std::move(state.scores);
  }
  std::vector<std::size_t> done(names_.size());  // now, by each session
  std::vector<std::size_t> before(names_.size());
  for (std::size_t i = 0; i < names_.size(); ++i) before[i] = done[i] = scores[i].images();
  const auto sum = [](const std::vector<std::size_t>& counts) {
    return std::accumulate(counts.begin(), counts.end(), std::size_t{0});
  };
  const std::size_t taken_over = sum(before);
  const auto show = [&](std::size_t session, std::size_t images_done) {
    done[session] = std::max(done[session], images_done);
    progress.show(fmt::format("{}, batch norm {}: {}", blank_.model, blank_.batch_norm, names_[session]),
                  finished + sum(done) - taken_over);
  };
  napier::evaluate_together(sessions_, images, how, chosen, scores,
                            {settings.threads, settings.batch, settings.stop, show});
  result.data = images.name();
  tell(result, scores, before, chosen.size());
}

void evaluation_plan::tell(report& result, const std::vector<napier::scores>& scores,
                           std::span<const std::size_t> before, std::size_t images) const {
  result.images = images;
  result.rows.clear();
  result.states.clear();
  if (const std::size_t count = scores[0].images(); count > 0) {
    result.reference_accuracy = napier::compare(scores[0], scores[0]);
    result.reference_images = count;
    result.reference_interval = napier::wilson_interval(scores[0].hits(1, count), count);
  }
  for (const std::size_t i : rows_) {
    if (scores[i].images() == 0) continue;
    result.rows.push_back(make_row(names_[i], scores[i], scores[0], result.topk));
    result.rows.back().resumed = before[i] > 0;
  }
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (scores[i].images() > 0) result.states.push_back({names_[i], scores[i]});
    result.partial = result.partial || scores[i].images() < images;
  }
}

std::vector<std::size_t> choose_images(std::size_t count, std::size_t limit,
                                       const std::optional<std::size_t>& seed) {
  std::vector<std::size_t> chosen(count);
  std::iota(chosen.begin(), chosen.end(), std::size_t{0});
  const std::size_t taken = limit == 0 ? count : std::min(limit, count);
  if (seed) {  // Fisher and Yates, as far as it is needed
    random_numbers random(*seed);
    for (std::size_t i = 0; i < taken; ++i) std::swap(chosen[i], chosen[i + random.below(count - i)]);
  }
  chosen.resize(taken);
  return chosen;
}

napier::batch_norm_mode batch_norm_mode_of(const std::string& name) {
  if (name == "fold") return napier::batch_norm_mode::fold;
  if (name == "exact") return napier::batch_norm_mode::exact;
  if (name == "approximate") return napier::batch_norm_mode::approximate;
  throw napier::name_error("--batch-norm '" + name + "': expected fold, exact or approximate");
}

}  // namespace napier_eval
