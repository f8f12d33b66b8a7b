#include "evaluate.hpp"

#include <algorithm>
#include <filesystem>
#include <thread>

#include <fmt/format.h>

#include <napier/core/error.hpp>

#include "../macs/macs.hpp"

namespace napier_eval {

using napier_tools::all_macs;

evaluation_plan::evaluation_plan(const napier::network& model, const std::vector<std::string>& macs,
                                 const std::string& reference, napier::batch_norm_mode batch_norm,
                                 const std::vector<std::pair<std::string, std::string>>& layer_macs)
    : model_(std::filesystem::path(model.source()).filename().string()),
      reference_(all_macs().short_name(reference)),
      batch_norm_(batch_norm == napier::batch_norm_mode::fold    ? "fold"
                  : batch_norm == napier::batch_norm_mode::exact ? "exact"
                                                                 : "approximate") {
  std::vector<napier::mac_rule> rules;
  std::string suffix;
  for (const auto& [pattern, mac] : layer_macs) {
    rules.push_back({pattern, &all_macs().find(mac)});
    layer_macs_.push_back(pattern + "=" + all_macs().short_name(mac));
    suffix += " + " + layer_macs_.back();
  }

  // The reference runs its MAC in every layer.
  names_.push_back(reference_);
  sessions_.emplace_back(model, all_macs().find(reference), batch_norm);
  for (const std::string& mac : macs) {
    const std::string name = all_macs().short_name(mac) + suffix;
    if (name == reference_) {
      reference_row_ = names_.size() - 1;
      continue;
    }
    names_.push_back(name);
    sessions_.emplace_back(model, all_macs().find(mac), batch_norm, rules);
  }
}

report evaluation_plan::run(const napier::data_set& images, const napier::preprocessing& how,
                            std::size_t limit, std::size_t threads, progress_line& progress,
                            std::size_t finished) const {
  report result;
  result.model = model_;
  result.data = images.name();
  result.images = std::min(limit, images.count());
  result.batch_norm = batch_norm_;
  result.reference = reference_;
  result.layer_macs = layer_macs_;

  napier::evaluation reference;
  for (std::size_t i = 0; i < sessions_.size(); ++i) {
    const std::string what = fmt::format("{}, batch norm {}: {}", model_, batch_norm_, names_[i]);
    napier::evaluation run =
        napier::evaluate(sessions_[i], images, how, limit, threads,
                         [&](std::size_t done) { progress.show(what, finished + i * result.images + done); });
    if (i == 0) reference = run;
    const report_row row{names_[i], napier::compare(run, reference, images), run.images_per_second()};
    if (i == 0) result.reference_accuracy = row.accuracy;
    if (i > 0 || reference_row_) result.rows.push_back(row);
  }
  if (reference_row_) {  // it ran first, and stands where it was asked for
    const auto first = result.rows.begin();
    std::rotate(first, first + 1, first + 1 + static_cast<std::ptrdiff_t>(*reference_row_));
  }
  return result;
}

napier::batch_norm_mode batch_norm_mode_of(const std::string& name) {
  if (name == "fold") return napier::batch_norm_mode::fold;
  if (name == "exact") return napier::batch_norm_mode::exact;
  if (name == "approximate") return napier::batch_norm_mode::approximate;
  throw napier::name_error("unknown batch norm '" + name + "'; expected fold, exact or approximate");
}

std::size_t default_threads() { return std::max(1U, std::thread::hardware_concurrency()); }

}  // namespace napier_eval
