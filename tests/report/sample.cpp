// sample FILE: a page with one of each: for a browser to draw, and for a person to look at. With --broken, one chart
// cannot be drawn; with --outside, the page asks for a picture elsewhere; with --wide, a line does not fit a phone.

#include <cmath>
#include <exception>
#include <fstream>
#include <iostream>
#include <limits>
#include <string>
#include <vector>

#include "../../examples/report/charts.hpp"
#include "../../examples/report/page.hpp"

namespace {

using namespace napier_report;

const std::string hostile = "</script><script>alert('a & b')</script>.onnx \xff";

std::vector<double> mitchell_errors(std::size_t size) {
  std::vector<double> errors;
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = 0; j < size; ++j) {
      const double fa = (static_cast<double>(i) + 0.5) / static_cast<double>(size);
      const double fb = (static_cast<double>(j) + 0.5) / static_cast<double>(size);
      const double product = fa + fb < 1 ? 1 + fa + fb : 2 * (fa + fb);
      errors.push_back(product / ((1 + fa) * (1 + fb)) - 1);
    }
  }
  return errors;
}

std::vector<bin> histogram(const std::vector<double>& errors) {
  std::vector<bin> bins(24);
  for (std::size_t i = 0; i < bins.size(); ++i) {
    bins[i].low = -0.12 + 0.005 * static_cast<double>(i);
    bins[i].high = bins[i].low + 0.005;
    for (const double error : errors) {
      if (error >= bins[i].low && error < bins[i].high)
        bins[i].share += 1 / static_cast<double>(errors.size());
    }
  }
  return bins;
}

std::vector<layer_value> layer_values(double sign) {
  std::vector<layer_value> values;
  for (const std::string mac : {"float32/mitch6", "posit16_1/plam", hostile.c_str()}) {
    for (int layer = 0; layer < 21; ++layer) {
      const std::string name = "/layer" + std::to_string(layer / 4) + "/layer" + std::to_string(layer / 4) +
                               "." + std::to_string(layer % 4) + "/conv" + std::to_string(layer) + "/Conv";
      const double value = sign * (24 - 0.7 * layer + 3 * std::sin(layer * static_cast<double>(mac.size())));
      values.push_back({name, mac, layer == 5 ? std::numeric_limits<double>::infinity() : value});
    }
  }
  return values;
}

page sample() {
  page result{.title = "What " + hostile + " loses",
              .subtitle = "Every kind of part that a report has, with made-up numbers.",
              .facts = {{"Model", hostile}, {"Images", "10,000"}, {"Reference", "float32"}},
              .sections = {}};
  result.sections.push_back(
      {"Accuracy",
       {text{"Bars are 95 % intervals; the dashed line is the reference."},
        chart{
            .name = "accuracy",
            .caption = "Top-1 accuracy of each MAC",
            .spec = accuracy_chart({{"float32/mitch6", 0.8961, interval{0.8899, 0.9018}},
                                    {"float32/mitch6/compensated-float32 + conv*=float32/mitch6 + " + hostile,
                                     0.9131, interval{0.9074, 0.9185}},
                                    {"posit16_1/plam", 0.9008, interval{0.8948, 0.9065}},
                                    {"posit8_0", std::nan(""), {}}},
                                   {"float32", 0.9173, interval{0.9117, 0.9225}})},
        table{.caption = "The same in numbers",
              .columns = {{"MAC", false}, {"top-1"}, {"change"}, {"top-5"}, {"agreement"}, {"images/s"}},
              .rows = {
                  {"float32/mitch6", "89.61 %", "-2.12", "99.60 %", "94.11 %", "1234.5"},
                  {"float32/mitch6/compensated-float32", "91.31 %", "-0.42", "99.71 %", "97.02 %", "1230.0"},
                  {hostile, "90.08 %", "-1.65", "99.64 %", "95.00 %", "1100.1"}}}}});
  result.sections.push_back({"Layers",
                             {chart{.name = "snr",
                                    .caption = "Signal-to-noise ratio",
                                    .spec = layer_chart(layer_values(1), "dB", false),
                                    .width = chart::part::half},
                              chart{.name = "bias",
                                    .caption = "Bias",
                                    .spec = layer_chart(layer_values(-0.01), "relative to the output", true),
                                    .width = chart::part::half},
                              chart{.name = "ranges",
                                    .caption = "Ranges of weights and activations",
                                    .spec = range_chart({{"conv1", "weights", 1e-6, 0.8},
                                                         {"conv1", "activations", 0.01, 3},
                                                         {"conv2", "weights", 1e-5, 0.5},
                                                         {"conv2", "activations", 0, 0},
                                                         {"fc", "weights", 1e-4, 0.3},
                                                         {"fc", "activations", 0.001, 30}},
                                                        interval{std::exp2(-14), 65504})},
                              table{.caption = "The same in numbers",
                                    .columns = {{"layer", false}, {"SNR"}},
                                    .rows = {{"conv1", "20.1"}},
                                    .folded = true}}});
  section multipliers{"Multipliers", {}};
  for (const std::size_t size : {48U, 64U, 32U}) {
    multipliers.blocks.emplace_back(
        chart{.name = "heat-" + std::to_string(size),
              .caption = "Relative error of mitchell, " + std::to_string(size) + " steps",
              .spec = heat_map(mitchell_errors(size), size, 0.12),
              .raster = true,
              .width = chart::part::third});
  }
  multipliers.blocks.emplace_back(
      chart{.name = "histogram",
            .caption = "How often each error occurs",
            .spec = histogram_chart(histogram(mitchell_errors(64)), "relative error", interval{-0.15, 0.05}),
            .width = chart::part::third});
  std::vector<curve_point> points;
  for (const std::string curve : {"truncated", "unbiased"}) {
    for (int w = 3; w <= 16; ++w) {
      const double y = 0.91 - (curve == "unbiased" ? 0.5 : 1) * std::exp2(1 - w);
      points.push_back({curve, static_cast<double>(w), y, interval{y - 0.01, y + 0.01}});
    }
  }
  multipliers.blocks.emplace_back(
      chart{.name = "curve",
            .caption = "Accuracy against the width",
            .spec = curve_chart(points, {.x = "w", .y = "top-1 accuracy", .share_y = true})});
  result.sections.push_back(std::move(multipliers));
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::string fault = argc > 2 ? argv[2] : "";
    page what = sample();
    if (fault == "--broken") std::get<chart>(what.sections[0].blocks[1]).spec["layer"][1]["mark"] = "nothing";
    std::string html = html_of(what, charts_script());
    const auto add = [&](const std::string& more) { html.insert(html.find("</main>"), more); };
    if (fault == "--outside") add("<img src=\"http://127.0.0.1:9/picture.png\" alt=\"\">");
    if (fault == "--wide") add("<div style=\"width: 900px\">wide</div>");
    std::ofstream file(argc > 1 ? argv[1] : "sample.html", std::ios::binary);
    file << html;
    return file.flush() ? 0 : 1;
  } catch (const std::exception& problem) {
    std::cerr << "sample: " << problem.what() << '\n';
    return 1;
  }
}
