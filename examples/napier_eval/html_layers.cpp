#include "html_layers.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "../report/charts.hpp"

namespace napier_eval {

namespace {

using napier_report::chart;
using napier_report::section;
using napier_report::table;
using napier_report::text;

std::string percent(double share) { return std::isnan(share) ? "" : fmt::format("{:.2f} %", 100 * share); }
std::string decibels(double ratio) {
  if (std::isnan(ratio)) return "none";
  return std::isinf(ratio) ? (ratio > 0 ? "exact" : "-inf") : fmt::format("{:.1f}", ratio);
}
std::string factor(double x) { return std::isnan(x) ? "" : fmt::format("{:.4f}", x); }

chart error_chart(const report& what, const std::string& group, const std::string& figure,
                  std::string caption, const std::string& axis) {
  std::vector<napier_report::layer_value> values;
  for (const report_layer& layer : what.layers) {
    values.push_back({layer.node, layer.mac, layer.figure(group, figure)});
  }
  const bool is_bias = figure == "bias";
  return {.name = group + (is_bias ? "-bias" : "-snr"),
          .caption = std::move(caption),
          .spec = layer_chart(values, axis, is_bias),
          .width = chart::part::half};
}

// Of the signal-to-noise ratios, which are infinite where a layer is exact.
bool has_point(const report& what, const std::string& group) {
  return std::any_of(what.layers.begin(), what.layers.end(),
                     [&](const report_layer& layer) { return std::isfinite(layer.figure(group, "snr_db")); });
}

// Empty: nothing.
std::string not_finite_of(const report& what) {
  double alone = 0;
  double in_run = 0;
  for (const report_layer& layer : what.layers) {
    alone += layer.figure("local", "not_finite");
    in_run += layer.figure("accumulated", "not_finite");
  }
  if (alone == 0 && in_run == 0) return "";
  return fmt::format(
      "Left out, because they or the reference's are infinite or NaN: {:.0f} outputs alone, {:.0f} in the "
      "run.",
      alone, in_run);
}

chart ranges_of(const report& what) {
  std::vector<napier_report::magnitude_range> ranges;
  for (const report_layer& layer : what.layers) {
    if (layer.mac != what.layers.front().mac) continue;  // they are the reference's, the same for all
    for (const std::string group : {"weights", "activations"}) {
      ranges.push_back({layer.node, group, layer.figure(group, "smallest"), layer.figure(group, "largest")});
    }
  }
  return {.name = "ranges",
          .caption = fmt::format("Smallest and largest magnitudes under {}, zeros left out", what.reference),
          .spec = range_chart(ranges)};
}

table numbers_of(const report& what, const std::string& mac) {
  table numbers{.caption = fmt::format("{} in numbers", mac),
                .columns = {{"layer", false},
                            {"operator", false},
                            {"MAC", false},
                            {"multiplications"},
                            {"SNR alone, dB"},
                            {"SNR in the run, dB"},
                            {"bias alone"},
                            {"bias in the run"},
                            {"deviation in the run"},
                            {"scale of the sums"},
                            {"zero weights"},
                            {"zero activations"},
                            {"saturated activations"},
                            {"activations flushed to zero"}},
                .rows = {},
                .folded = true};
  for (const report_layer& layer : what.layers) {
    if (layer.mac != mac) continue;
    numbers.rows.push_back(
        {layer.node, layer.operator_type, layer.node_mac, percent(layer.share),
         decibels(layer.figure("local", "snr_db")), decibels(layer.figure("accumulated", "snr_db")),
         percent(layer.figure("local", "bias")), percent(layer.figure("accumulated", "bias")),
         percent(layer.figure("accumulated", "deviation")), factor(layer.figure("local", "scale")),
         percent(layer.figure("weights", "zeros")), percent(layer.figure("activations", "zeros")),
         percent(layer.figure("activations", "saturated")), percent(layer.figure("activations", "flushed"))});
  }
  return numbers;
}

std::string points(double share) { return fmt::format("{:+.2f}", 100 * share); }

std::string interval(const napier::paired_difference& loss) {
  return fmt::format("{} – {}", points(loss.low), points(loss.high));
}

std::string joined(const std::vector<std::string>& words, const std::string& between) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : between) + word;
  return all;
}

}  // namespace

section layers_section(const report& what) {
  section result{"Layers", {}};
  result.blocks.emplace_back(text{
      fmt::format("The error of each layer's output against {0}, on {1} images: alone, given {0}'s "
                  "inputs, and in the run, given what "
                  "the layers before it made. A layer without a point is exact, or has no finite output: "
                  "the numbers say which.",
                  what.reference, what.layers.front().images)});
  if (const std::string left_out = not_finite_of(what); !left_out.empty())
    result.blocks.emplace_back(text{left_out});
  if (has_point(what, "local")) {
    result.blocks.emplace_back(
        error_chart(what, "local", "snr_db", "Signal-to-noise ratio of each layer alone", "dB"));
  }
  if (has_point(what, "accumulated")) {
    result.blocks.emplace_back(
        error_chart(what, "accumulated", "snr_db", "Signal-to-noise ratio of each layer in the run", "dB"));
  }
  result.blocks.emplace_back(
      text{"The bias is the mean error, over the root mean square of the layer's right outputs: the part "
           "that does not average out."});
  result.blocks.emplace_back(error_chart(what, "local", "bias", "Bias of each layer alone", "bias"));
  result.blocks.emplace_back(
      error_chart(what, "accumulated", "bias", "Bias of each layer in the run", "bias"));
  result.blocks.emplace_back(ranges_of(what));
  std::string told;
  for (const report_layer& layer : what.layers) {
    if (layer.mac == told) continue;
    told = layer.mac;
    result.blocks.emplace_back(numbers_of(what, told));
  }
  return result;
}

section search_section(const search_report& search) {
  section result{fmt::format("Which layers need {} beside {}", search.exact, search.mac), {}};
  table layers{.caption = "Layers by harm",
               .columns = {{"layer", false},
                           {"multiplications"},
                           {"points lost"},
                           {"95 % interval"},
                           {"answers changed"},
                           {"becomes exact"}},
               .rows = {}};
  for (const searched_layer& layer : search.layers) {
    layers.rows.push_back({joined(layer.nodes, ", "), percent(layer.share), points(layer.loss.loss),
                           interval(layer.loss), percent(layer.changed), layer.exact ? "yes" : "–"});
  }
  if (!search.complete) {
    result.blocks.emplace_back(text{"The search was interrupted."});
  } else {
    const searched_accuracy& all = search.all;
    result.blocks.emplace_back(
        text{fmt::format("At most {:.2f} points of top-1 may be lost against {}. {} everywhere loses {} "
                         "({}); with the layers below exact {} "
                         "({}), and {} of the multiplications stay approximate. All {} images.",
                         100 * search.budget, search.reference, search.mac, points(all.approximate_loss.loss),
                         interval(all.approximate_loss), points(all.found_loss.loss),
                         interval(all.found_loss), percent(search.approximate_share), all.images)});
    if (!search.within_budget) {
      const auto loss_on = [&](const char* where, const searched_accuracy& on) {
        return fmt::format("{} on the {} images {}", points(on.found_loss.loss), on.images, where);
      };
      std::string losses = loss_on("of the search", search.searched);
      if (search.validated) losses += ", " + loss_on("that it has not seen", search.validation);
      result.blocks.emplace_back(text{fmt::format("This does NOT keep the budget: {} points.", losses)});
    }
    if (!search.calibration.empty()) {
      result.blocks.emplace_back(
          text{fmt::format("Each assignment was calibrated anew: {}.", search.calibration)});
    }
    if (!search.layer_macs.empty()) {
      std::vector<std::string> options;
      for (const std::string& rule : search.layer_macs) options.push_back("--layer-mac " + quoted(rule));
      if (!search.calibrate_arguments.empty()) options.push_back(search.calibrate_arguments);
      result.blocks.emplace_back(text{joined(options, " ")});
    }
  }
  result.blocks.emplace_back(std::move(layers));
  return result;
}

}  // namespace napier_eval
