#include "search.hpp"

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <optional>

#include <fmt/format.h>

#include <napier/analysis/evaluate.hpp>
#include <napier/analysis/evaluate_together.hpp>
#include <napier/analysis/layer_rules.hpp>
#include <napier/analysis/sensitivity.hpp>
#include <napier/core/error.hpp>

#include "../common/progress.hpp"
#include "../macs/macs.hpp"

namespace napier_eval {

using napier_tools::all_macs;
using napier_tools::progress_line;

namespace {

// Every other image; the labels of image folders are in order, and halves would not have the same classes.
std::vector<std::size_t> every_other(std::span<const std::size_t> images, std::size_t first) {
  std::vector<std::size_t> result;
  for (std::size_t i = first; i < images.size(); i += 2) result.push_back(images[i]);
  return result;
}

napier::evaluation part_of(const napier::evaluation& all, std::size_t first) {
  napier::evaluation part{0, all.classes, {}, 0};
  for (std::size_t i = first; i < all.images; i += 2, ++part.images) {
    const std::span<const double> outputs = all.outputs_of(i);
    part.outputs.insert(part.outputs.end(), outputs.begin(), outputs.end());
  }
  return part;
}

double top1_of(const napier::evaluation& run, std::span<const std::uint32_t> labels) {
  std::size_t right = 0;
  for (std::size_t i = 0; i < run.images; ++i)
    right += napier::answer_of(run.outputs_of(i)) == labels[i] ? 1 : 0;
  return run.images == 0 ? 0 : static_cast<double>(right) / static_cast<double>(run.images);
}

searched_accuracy accuracy_of(const napier::evaluation& reference, const napier::evaluation& approximate,
                              const napier::evaluation& found, std::span<const std::uint32_t> labels) {
  return {reference.images,
          top1_of(reference, labels),
          top1_of(approximate, labels),
          top1_of(found, labels),
          napier::loss_of(approximate, reference, labels),
          napier::loss_of(found, reference, labels)};
}

class searcher {
 public:
  searcher(const std::shared_ptr<const napier::network>& model, const std::string& mac,
           const search_settings& settings, const search_images& images, const session_corrector& corrector)
      : model_(model),
        mac_(all_macs().find(mac)),
        exact_(all_macs().find(settings.exact)),
        settings_(settings),
        images_(images),
        corrector_(corrector),
        input_of_(*model, images.set, images.how) {
    for (const auto& [pattern, name] : settings.layer_macs)
      given_.push_back({pattern, &all_macs().find(name)});
    const napier::session run(model, mac_, settings.batch_norm, given_);
    const std::vector<napier::layer_site> sites = napier::multiply_sites(run.running_network(), run.mode());
    groups_ = napier::groups_of(sites);
    // Layers that have another MAC, by a rule, keep it.
    std::erase_if(groups_, [&](const napier::site_group& group) {
      return std::any_of(group.sites.begin(), group.sites.end(),
                         [&](std::size_t site) { return run.mac_of(sites[site].node) != mac_.name(); });
    });
    if (groups_.empty()) {
      throw napier::name_error(fmt::format("{}: no layer multiplies under {}; there is nothing to search",
                                           model->source(), all_macs().short_name(mac_.name())));
    }
    for (const napier::site_group& group : groups_) {
      searched_layer layer;
      for (const std::size_t site : group.sites) layer.nodes.push_back(sites[site].name);
      layer.patterns = group.patterns;
      layer.share = group.share;
      layers_.push_back(std::move(layer));
    }
  }

  search_report run() {
    search_report report;
    report.mac = all_macs().short_name(mac_.name());
    report.exact = all_macs().short_name(exact_.name());
    report.reference = all_macs().short_name(settings_.reference);
    report.budget = settings_.budget;
    report.calibration = corrector_.how;
    report.calibrate_arguments = corrector_.arguments;
    const std::vector<std::size_t> all(images_.chosen.begin(), images_.chosen.end());
    const std::vector<std::size_t> searched = every_other(all, 0);
    report.validated = all.size() > 1;
    progress_line progress(4 * groups_.size() * searched.size() + 3 * all.size());
    progress_ = &progress;

    const napier::session reference_session(model_, all_macs().find(settings_.reference),
                                            settings_.batch_norm);
    const std::optional<napier::evaluation> reference = outputs_of(reference_session, all, report.reference);
    if (!reference) return report;
    const std::vector<std::uint32_t> labels = labels_of(all);

    napier::search_task task;
    for (const napier::site_group& group : groups_) task.shares.push_back(group.share);
    task.labels = labels_of(searched);
    task.budget = settings_.budget;
    task.reference = part_of(*reference, 0);
    task.run = [&](const std::vector<bool>& exact) {
      return corrected_outputs(exact, searched,
                               fmt::format("search: {} of {} layers exact",
                                           std::count(exact.begin(), exact.end(), true), exact.size()));
    };
    const napier::search_result found = napier::find_exact_layers(task);
    report.runs = found.runs;
    for (const napier::layer_harm& harm : found.harms) {
      searched_layer layer = layers_[harm.layer];
      layer.changed = harm.changed;
      layer.distortion = harm.distortion;
      layer.loss = harm.loss;
      layer.exact = found.is_complete && found.exact[harm.layer];
      report.layers.push_back(std::move(layer));
    }
    if (!found.is_complete) return report;

    const std::vector<bool> none(groups_.size(), false);
    const auto approximate = corrected_outputs(none, all, report.mac);
    const auto result =
        approximate ? corrected_outputs(found.exact, all, "the layers that were found") : approximate;
    if (!result) return report;
    report.complete = true;
    report.approximate_share = found.approximate_share;
    for (const napier::mac_rule& rule : rules_of(found.exact))
      report.layer_macs.push_back(rule.pattern + "=" + all_macs().short_name(rule.mac->name()));
    report.all = accuracy_of(*reference, *approximate, *result, labels);
    report.searched = accuracy_of(task.reference, part_of(*approximate, 0), part_of(*result, 0), task.labels);
    if (report.validated) {
      report.validation = accuracy_of(part_of(*reference, 1), part_of(*approximate, 1), part_of(*result, 1),
                                      labels_of(every_other(all, 1)));
    }
    report.within_budget = keeps_budget(report, report.searched) &&
                           (!report.validated || keeps_budget(report, report.validation));
    return report;
  }

 private:
  std::vector<napier::mac_rule> rules_of(const std::vector<bool>& exact) const {
    std::vector<napier::mac_rule> rules = given_;
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      if (!exact[i]) continue;
      for (const std::string& pattern : groups_[i].patterns) rules.push_back({pattern, &exact_});
    }
    return rules;
  }

  // With these layers exact, calibrated where that is asked for. Nothing when it was stopped.
  std::optional<napier::evaluation> corrected_outputs(const std::vector<bool>& exact,
                                                      std::span<const std::size_t> images,
                                                      const std::string& what) {
    napier::session net(model_, mac_, settings_.batch_norm, rules_of(exact));
    if (corrector_.correct && !corrector_.correct(net)) return std::nullopt;
    return outputs_of(net, images, what);
  }

  std::vector<std::uint32_t> labels_of(std::span<const std::size_t> images) const {
    std::vector<std::uint32_t> labels;
    for (const std::size_t image : images) labels.push_back(images_.set.labels()[image]);
    return labels;
  }

  // Nothing when it was stopped.
  std::optional<napier::evaluation> outputs_of(const napier::session& net,
                                               std::span<const std::size_t> images, const std::string& what) {
    napier::evaluation result;
    result.images = images.size();
    result.classes = napier::element_count(model_->output_shape());
    result.outputs.resize(result.images * result.classes);
    std::mutex guard;  // of finished_ and the progress line
    const auto run = [&](std::size_t begin, std::size_t end) {
      std::vector<float> inputs;
      for (std::size_t i = begin; i < end; ++i) {
        const std::vector<float> input = input_of_(images[i]);
        inputs.insert(inputs.end(), input.begin(), input.end());
      }
      const std::vector<double> outputs = net.run(inputs);
      std::copy(outputs.begin(), outputs.end(),
                result.outputs.begin() + static_cast<std::ptrdiff_t>(begin * result.classes));
      const std::lock_guard lock(guard);
      finished_ += end - begin;
      progress_->show(what, finished_);
    };
    const std::size_t done =
        napier::detail::deal(images.size(), settings_.batch, settings_.threads, settings_.stop, run);
    if (done < images.size()) return std::nullopt;
    return result;
  }

  std::shared_ptr<const napier::network> model_;
  const napier::engine& mac_;
  const napier::engine& exact_;
  const search_settings& settings_;
  const search_images& images_;
  const session_corrector& corrector_;
  napier::input_reader input_of_;
  std::vector<napier::mac_rule> given_;
  std::vector<napier::site_group> groups_;
  std::vector<searched_layer> layers_;
  progress_line* progress_ = nullptr;
  std::size_t finished_ = 0;
};

}  // namespace

search_report search_layers(const std::shared_ptr<const napier::network>& model, const std::string& mac,
                            const search_settings& settings, const search_images& images,
                            const session_corrector& corrector) {
  return searcher(model, mac, settings, images, corrector).run();
}

}  // namespace napier_eval
