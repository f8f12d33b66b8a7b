#include "layers.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include <napier/analysis/evaluate.hpp>
#include <napier/analysis/layer_truth.hpp>

#include "../macs/macs.hpp"

namespace napier_eval {

namespace {

using figures = std::vector<std::pair<std::string, double>>;

// Without a pair of finite outputs there is no error to tell: NaN, not the zeros of an exact layer.
figures figures_of(const napier::error_statistics& error) {
  figures found = {{"mean", error.mean()},
                   {"variance", error.variance()},
                   {"worst", error.worst()},
                   {"reference_rms", error.reference_rms()},
                   {"snr_db", error.snr_decibels()},
                   {"bias", error.bias()},
                   {"deviation", error.deviation()},
                   {"worst_relative", error.worst_relative()},
                   {"scale", error.scale()},
                   {"residual", error.residual()},
                   {"channel_spread", error.channel_spread()},
                   {"amplification", error.amplification()}};
  if (error.count() == 0) {
    for (auto& [name, value] : found) value = std::numeric_limits<double>::quiet_NaN();
  }
  found.emplace_back("not_finite", static_cast<double>(error.not_finite()));
  return found;
}

figures figures_of(const napier::value_range& range) {
  const bool is_known = range.largest > 0;
  constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  const double smallest = is_known ? range.smallest : unknown;
  const double largest = is_known ? range.largest : unknown;
  return {{"smallest", smallest},
          {"largest", largest},
          {"log2_smallest", std::log2(smallest)},
          {"log2_largest", std::log2(largest)},
          {"zeros", range.share(range.zeros)},
          {"saturated", range.share(range.saturated)},
          {"flushed", range.share(range.flushed)},
          {"not_finite", range.share(range.not_finite)}};
}

report_layer told(const napier::layer_report& layer, const std::string& mac, std::size_t images) {
  report_layer result;
  result.mac = mac;
  result.node = layer.site.name;
  result.operator_type = layer.site.operator_type;
  result.node_mac = napier_tools::all_macs().short_name(layer.mac);
  result.macs = static_cast<double>(layer.site.multiplications);
  result.share = layer.site.share;
  result.images = images;
  result.groups = {{"product", {{"mean", layer.product.mean}, {"deviation", layer.product.deviation}}},
                   {"local", figures_of(layer.local)},
                   {"accumulated", figures_of(layer.accumulated)},
                   {"weights", figures_of(layer.weights)},
                   {"activations", figures_of(layer.activations)},
                   {"outputs", figures_of(layer.outputs)}};
  return result;
}

// ---- The tables ------------------------------------------------------------------------------------------

std::string shortened(const std::string& text, std::size_t width) {
  if (text.size() <= width) return text;
  const std::size_t end = width * 2 / 3;
  return text.substr(0, width - end - 2) + ".." + text.substr(text.size() - end);
}

std::string decibels(double snr) {
  if (std::isnan(snr)) return "none";
  return std::isinf(snr) ? (snr > 0 ? "exact" : "-inf") : fmt::format("{:.1f}", snr);
}

// With a sign; at most eight characters.
std::string percent(double share, const char* sign = "+") {
  if (std::isnan(share)) return "none";
  const double value = 100 * share;
  if (std::abs(value) >= 100000) return fmt::format(fmt::runtime(fmt::format("{{:{}.1e}}", sign)), value);
  return fmt::format(fmt::runtime(fmt::format("{{:{}.{}f}}%", sign, std::abs(value) < 100 ? 2 : 0)), value);
}

std::string decimals(double x, int digits) {
  return std::isnan(x) ? "none" : fmt::format("{:.{}f}", x, digits);
}

std::string number(double x) {
  if (std::isnan(x)) return "none";
  return std::abs(x) < 1000 ? fmt::format("{:.4f}", x) : fmt::format("{:.1e}", x);
}

std::string share_text(double share) {
  if (share == 0) return "-";
  return share < 0.0005 ? "<0.1%" : fmt::format("{:.1f}%", 100 * share);
}

// Whole powers of two that hold it.
std::string binades(const report_layer& layer, const std::string& group) {
  const double low = layer.figure(group, "log2_smallest");
  const double high = layer.figure(group, "log2_largest");
  if (std::isnan(low)) return "none";
  return fmt::format("{:.0f}..{:.0f}", std::floor(low), std::floor(high));
}

std::size_t longest(const std::vector<report_layer>& layers, std::string report_layer::*text,
                    std::size_t most) {
  std::size_t width = 4;
  for (const report_layer& layer : layers) width = std::max(width, (layer.*text).size());
  return std::min(width, most);
}

// What the figures leave out; empty: nothing.
std::string not_finite_of(const std::vector<report_layer>& layers) {
  double local = 0;
  double accumulated = 0;
  std::size_t of = 0;
  for (const report_layer& layer : layers) {
    const double here = layer.figure("local", "not_finite");
    const double in_run = layer.figure("accumulated", "not_finite");
    local += here;
    accumulated += in_run;
    if (here > 0 || in_run > 0) ++of;
  }
  if (of == 0) return "";
  return fmt::format(
      "left out, because they or the reference's are infinite or NaN: {:.0f} outputs local, {:.0f} "
      "accumulated, in {}\nof {} layers; none: all of them\n",
      local, accumulated, of, layers.size());
}

std::string error_table(const std::vector<report_layer>& layers) {
  const std::size_t width = longest(layers, &report_layer::node, 24);
  std::string text =
      fmt::format("{:<{}}  {:>6}  {:-^54}  {:-^29}\n", "", width, "", " local ", " accumulated ");
  text += fmt::format("{:<{}}  {:>6}  {:>6} {:>8} {:>8} {:>7} {:>8} {:>6} {:>5}  {:>6} {:>7} {:>6} {:>7}\n",
                      "node", width, "share", "SNR dB", "bias", "worst", "scale", "residual", "spread",
                      "ampl.", "SNR dB", "bias", "worst", "scale");
  for (const report_layer& layer : layers) {
    const auto local = [&](const char* name) { return layer.figure("local", name); };
    const auto all = [&](const char* name) { return layer.figure("accumulated", name); };
    text += fmt::format(
        "{:<{}}  {:>5.1f}%  {:>6} {:>8} {:>8} {:>7} {:>8} {:>6} {:>5}  {:>6} {:>7} {:>6} {:>7}\n",
        shortened(layer.node, width), width, 100 * layer.share, decibels(local("snr_db")),
        percent(local("bias")), percent(local("worst_relative"), "-"), number(local("scale")),
        decimals(local("residual"), 4), decimals(local("channel_spread"), 3),
        decimals(local("amplification"), 2), decibels(all("snr_db")), percent(all("bias")),
        std::isnan(all("worst_relative")) ? "none" : fmt::format("{:.0f}%", 100 * all("worst_relative")),
        number(all("scale")));
  }
  return text + not_finite_of(layers);
}

std::string range_table(const std::vector<report_layer>& layers) {
  const std::size_t width = longest(layers, &report_layer::node, 24);
  const std::size_t type = longest(layers, &report_layer::operator_type, 18);
  std::string text = fmt::format("{:<{}}  {:<{}}  {:>11}  {:-^29}  {:-^29}\n", "", width, "", type, "",
                                 " weights ", " activations ");
  const std::string heading = fmt::format("{:>9} {:>6} {:>6} {:>6}", "log2", "zeros", "sat.", "flush.");
  text += fmt::format("{:<{}}  {:<{}}  {:>11}  {}  {}\n", "node", width, "operator", type, "MACs/image",
                      heading, heading);
  for (const report_layer& layer : layers) {
    text += fmt::format("{:<{}}  {:<{}}  {:>11.0f}", shortened(layer.node, width), width,
                        shortened(layer.operator_type, type), type, layer.macs);
    for (const char* group : {"weights", "activations"}) {
      text += fmt::format(
          "  {:>9} {:>6} {:>6} {:>6}", binades(layer, group), share_text(layer.figure(group, "zeros")),
          share_text(layer.figure(group, "saturated")), share_text(layer.figure(group, "flushed")));
    }
    text += "\n";
  }
  return text;
}

// Of the MACs that the layers have, the expected scale.
std::string products_of(const std::vector<report_layer>& layers) {
  std::string text;
  std::vector<std::string> told;
  for (const report_layer& layer : layers) {
    if (std::find(told.begin(), told.end(), layer.node_mac) != told.end()) continue;
    told.push_back(layer.node_mac);
    const double mean = layer.figure("product", "mean");
    text += fmt::format(
        "single products of {}: mean relative error {:+.2f} %, deviation {:.2f} %; uncorrected, a scale of "
        "{:.4f}\n",
        layer.node_mac, 100 * mean, 100 * layer.figure("product", "deviation"), 1 + mean);
  }
  return text;
}

std::string field(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

double report_layer::figure(const std::string& group, const std::string& name) const {
  for (const figure_group& each : groups) {
    if (each.name != group) continue;
    for (const auto& [known, value] : each.figures) {
      if (known == name) return value;
    }
  }
  return std::numeric_limits<double>::quiet_NaN();
}

std::vector<report_layer> measure_layers(const std::string& mac, const napier::session& reference,
                                         const napier::session& run, const layers_task& task,
                                         napier_tools::progress_line& progress, std::size_t finished) {
  const napier::input_reader input_of(run.running_network(), task.images, task.how);
  const napier::layer_truth truth(reference, run);
  const napier::network_report found = truth.run(
      task.chosen.size(), [&](std::size_t i) { return input_of(task.chosen[i]); }, task.threads,
      [&](std::size_t done) { progress.show("layers of " + mac, finished + done); }, task.stop);
  std::vector<report_layer> layers;
  if (found.images == 0) return layers;  // stopped before the first
  for (const napier::layer_report& layer : found.layers) layers.push_back(told(layer, mac, found.images));
  return layers;
}

std::string table_of(const std::vector<report_layer>& layers, const std::string& reference) {
  std::string text;
  std::string last_ranges;
  for (auto first = layers.begin(); first != layers.end();) {
    const auto end =
        std::find_if(first, layers.end(), [&](const auto& each) { return each.mac != first->mac; });
    const std::vector<report_layer> of_mac(first, end);
    text += fmt::format("\nLayers under {} against {}, {} images\n{}{}", first->mac, reference, first->images,
                        products_of(of_mac), error_table(of_mac));
    std::string ranges = range_table(of_mac);  // the same where the format is
    if (ranges != last_ranges) text += "\n" + ranges;
    last_ranges = std::move(ranges);
    first = end;
  }
  if (!text.empty()) {
    text +=
        "local: the layer given the reference's inputs; accumulated: given the run's own. bias, worst: of "
        "the reference's\n"
        "root mean square. scale, residual: of the sums of products, without the layer's bias; spread: the "
        "part of the\n"
        "residual that differs from channel to channel; ampl.: size of the sums over that of the output. "
        "log2: exponents of\n"
        "the smallest and largest magnitude; sat., flush.: values beyond the format's largest, below its "
        "smallest\n";
  }
  return text;
}

std::string csv_of(const std::vector<report_layer>& layers) {
  std::string text = "mac,node,operator,node_mac,images,macs,share";
  if (!layers.empty()) {
    for (const figure_group& group : layers[0].groups) {
      for (const auto& [name, value] : group.figures) text += "," + group.name + "_" + name;
    }
  }
  text += "\n";
  for (const report_layer& layer : layers) {
    text +=
        fmt::format("{},{},{},{},{},{},{}", field(layer.mac), field(layer.node), field(layer.operator_type),
                    field(layer.node_mac), layer.images, layer.macs, layer.share);
    for (const figure_group& group : layer.groups) {
      for (const auto& [name, value] : group.figures) {
        text += ",";
        if (std::isfinite(value)) text += fmt::format("{}", value);
      }
    }
    text += "\n";
  }
  return text;
}

}  // namespace napier_eval
