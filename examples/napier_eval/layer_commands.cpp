#include "layer_commands.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <napier/core/error.hpp>

#include "../common/files.hpp"
#include "../common/progress.hpp"
#include "../macs/macs.hpp"
#include "layers.hpp"

namespace napier_eval {

using napier_tools::all_macs;

namespace {

constexpr std::size_t images_for_pages = 100;  // where --html alone asks for layers

bool are_told(const evaluate_options& options) { return options.per_layer || !options.layers_csv.empty(); }

}  // namespace

layer_commands::layer_commands(const evaluate_options& options,
                               const std::shared_ptr<const napier::network>& model,
                               napier::batch_norm_mode batch_norm,
                               const std::vector<std::pair<std::string, std::string>>& layer_macs,
                               const run_settings& settings)
    : options_(options), model_(model) {
  settings_.reference = options.reference;
  settings_.exact = options.search_exact.empty() ? options.reference : options.search_exact;
  settings_.budget = options.search.value_or(0) / 100;
  settings_.batch_norm = batch_norm;
  settings_.layer_macs = layer_macs;
  settings_.threads = settings.threads;
  settings_.batch = settings.batch;
  settings_.stop = settings.stop;
  const std::string exact = all_macs().find(settings_.exact).name();
  for (const std::string& mac : options.macs) {
    const std::string name = all_macs().find(mac).name();
    const bool is_known = std::find(searched_.begin(), searched_.end(), name) != searched_.end();
    if (name != exact && !is_known) searched_.push_back(name);
  }
  if (options.search && searched_.empty()) {
    throw napier::name_error("--search: --mac names no other MAC than " + all_macs().short_name(exact) +
                             ", that of the layers that become exact");
  }
}

void layer_commands::check(const evaluation_plan& plan) const {
  if (!are_told(options_) || plan.runs() > 1) return;
  throw napier::name_error(fmt::format("{}: --mac names no other MAC than the reference {}",
                                       options_.per_layer ? "--per-layer" : "--layers-csv",
                                       all_macs().short_name(options_.reference)));
}

void layer_commands::run(report& result, const evaluation_plan& plan, const search_images& images,
                         const session_corrector& correct) const {
  const auto stopped = [&] { return settings_.stop != nullptr && *settings_.stop; };
  if ((are_told(options_) || !options_.html.empty()) && !result.partial) {
    const std::size_t asked = options_.per_layer.value_or(are_told(options_) ? 0 : images_for_pages);
    const std::size_t count = asked == 0 ? images.chosen.size() : std::min(asked, images.chosen.size());
    const layers_task task{images.set, images.how, images.chosen.first(count), settings_.threads,
                           settings_.stop};
    napier_tools::progress_line progress(count * (plan.runs() - 1));
    for (std::size_t i = 1; i < plan.runs() && !stopped(); ++i) {
      std::vector<report_layer> layers = measure_layers(plan.names()[i], plan.sessions()[0],
                                                        plan.sessions()[i], task, progress, (i - 1) * count);
      result.layers.insert(result.layers.end(), layers.begin(), layers.end());
    }
    result.partial = stopped();
  }
  if (!options_.search || result.partial) return;
  for (const std::string& mac : searched_) {
    if (stopped()) break;
    result.searches.push_back(search_layers(model_, mac, settings_, images, correct));
  }
  result.partial = stopped();
}

void layer_commands::write(const report& result) const {
  if (!options_.layers_csv.empty()) napier_tools::write_file(options_.layers_csv, csv_of(result.layers));
}

std::string layer_commands::text(const report& result) const {
  std::string text = are_told(options_) ? table_of(result.layers, result.reference) : "";
  for (const search_report& search : result.searches) text += text_of(search);
  return text;
}

}  // namespace napier_eval
