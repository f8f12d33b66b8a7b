#include "html.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "../report/charts.hpp"
#include "../report/page.hpp"
#include "html_layers.hpp"
#include "product_errors.hpp"

namespace napier_eval {

namespace {

using napier_report::chart;
using napier_report::section;
using napier_report::table;
using napier_report::text;

constexpr std::size_t map_size = 64;
constexpr double as_good_as_exact = 1e-5;  // what a heat map does not show

std::string percent(double share) { return fmt::format("{:.2f} %", 100 * share); }

std::string range(const napier::interval& of) {
  return fmt::format("{:.2f} – {:.2f} %", 100 * of.low, 100 * of.high);
}

const top_share* top_of(const report_row& row, std::size_t k) {
  const auto found =
      std::find_if(row.top.begin(), row.top.end(), [&](const top_share& top) { return top.k == k; });
  return found == row.top.end() ? nullptr : &*found;
}

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

napier_report::accuracy_point point_of(const std::string& mac, double accuracy,
                                       const napier::interval& interval) {
  return {mac, accuracy, napier_report::interval{interval.low, interval.high}};
}

// Its accuracy, too, where no row tells it.
std::string reference_of(const report& what) {
  const bool is_row = std::any_of(what.rows.begin(), what.rows.end(),
                                  [&](const report_row& row) { return row.mac == what.reference; });
  if (is_row || what.reference_images == 0) return what.reference;
  std::string told = fmt::format("{}: {} ({})", what.reference, percent(what.reference_accuracy.top1),
                                 range(what.reference_interval));
  if (what.partial) told += fmt::format(", {} images", what.reference_images);
  return told;
}

std::vector<std::pair<std::string, std::string>> facts_of(const report& what) {
  std::vector<std::pair<std::string, std::string>> facts = {{"Model", what.model},
                                                            {"Data", what.data},
                                                            {"Images", fmt::format("{}", what.images)},
                                                            {"Reference", reference_of(what)},
                                                            {"Batch norm", what.batch_norm}};
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) facts.emplace_back(name, value);
  };
  add("Layers of their own", joined(what.layer_macs));
  add("Preprocessing", what.preprocessing);
  add("Calibration", what.calibration);
  if (what.seed) add("Images drawn by seed", fmt::format("{}", *what.seed));
  return facts;
}

table accuracy_table(const report& what) {
  table numbers{
      .caption = "The same in numbers",
      .columns = {{"MAC", false}, {"top-1"}, {"95 % interval"}, {"change, points"}, {"McNemar's p"}},
      .rows = {}};
  for (const std::size_t k : what.shown) {
    if (k != 1) numbers.columns.push_back({fmt::format("top-{}", k)});
  }
  for (const char* name : {"agreement", "logit error", "images/s"}) numbers.columns.push_back({name});
  if (what.partial) numbers.columns.push_back({"images"});
  for (const report_row& row : what.rows) {
    const bool is_reference = row.mac == what.reference;
    const top_share* first = top_of(row, 1);
    std::vector<std::string> fields = {
        row.mac, percent(row.accuracy.top1), first != nullptr ? range(first->interval) : "",
        fmt::format("{:+.2f}", 100 * row.change), is_reference ? "–" : fmt::format("{:.2g}", row.p)};
    for (const std::size_t k : what.shown) {
      if (k == 1) continue;
      const top_share* top = top_of(row, k);
      fields.push_back(top != nullptr ? percent(top->share) : "");
    }
    fields.push_back(percent(row.accuracy.agreement));
    fields.push_back(fmt::format("{:.2e}", row.accuracy.logit_error));
    fields.push_back(fmt::format("{:.1f}", row.images_per_second));
    if (what.partial) fields.push_back(fmt::format("{}", row.images));
    numbers.rows.push_back(std::move(fields));
  }
  return numbers;
}

section accuracy_section(const report& what, const std::string& heading, const std::string& chart_name) {
  std::vector<napier_report::accuracy_point> points;
  for (const report_row& row : what.rows) {
    const top_share* first = top_of(row, 1);
    points.push_back(
        point_of(row.mac, row.accuracy.top1, first != nullptr ? first->interval : napier::interval{}));
  }
  const auto reference = point_of(what.reference, what.reference_accuracy.top1, what.reference_interval);
  return {
      heading,
      {text{fmt::format(
           "Dots with their 95 % intervals (Wilson); the dashed line and its band are {}. Change, p and "
           "agreement compare the answers to the same images: a change whose p is above {} may be chance.",
           what.reference, significance_level)},
       chart{.name = chart_name,
             .caption = "Top-1 accuracy of each MAC",
             .spec = accuracy_chart(points, reference)},
       accuracy_table(what)}};
}

// Of all rows and rules, each once; a row's name goes on after a space.
std::vector<std::string> macs_of(const std::vector<report>& reports) {
  std::vector<std::string> macs;
  const auto add = [&](const std::string& mac) {
    if (std::find(macs.begin(), macs.end(), mac) == macs.end()) macs.push_back(mac);
  };
  for (const report& what : reports) {
    for (const report_row& row : what.rows) add(row.mac.substr(0, row.mac.find(' ')));
    for (const std::string& rule : what.layer_macs) add(rule.substr(rule.rfind('=') + 1));
  }
  return macs;
}

// Rounded up to a number that a legend shows whole.
double nice_limit(double limit) {
  const double unit = std::pow(10, std::floor(std::log10(limit)) - 1);
  return std::ceil(limit / unit / 2) * 2 * unit;
}

section multiplier_section(const std::vector<report>& reports) {
  std::vector<std::pair<std::string, product_errors>> maps;
  std::vector<std::string> exact;
  double limit = 0;
  for (const std::string& mac : macs_of(reports)) {
    product_errors errors = product_errors_of(mac, map_size);
    const double largest = std::max(-errors.lowest, errors.highest);
    if (!(largest > as_good_as_exact)) {
      exact.push_back(mac);
      continue;
    }
    if (std::isfinite(largest)) limit = std::max(limit, largest);
    maps.emplace_back(mac, std::move(errors));
  }
  std::string words =
      "The relative error of single products as a layer gets them: operands rounded to the format, the "
      "product finished "
      "and rounded once. Blue is too small, red too large; all maps have the same colours. A colour all over "
      "the map is a "
      "bias, which sums keep; a pattern of both colours averages out.";
  if (!exact.empty()) {
    words += fmt::format(" Without a map, because their errors are below {}: {}.", as_good_as_exact,
                         joined(exact));
  }
  section result{"Multipliers", {text{words}}};
  table numbers{.caption = "The same in numbers, over significands spread evenly",
                .columns = {{"MAC", false}, {"mean"}, {"lowest"}, {"highest"}},
                .rows = {}};
  for (const auto& [mac, errors] : maps) {
    result.blocks.emplace_back(
        chart{.name = fmt::format("product-error-{}", numbers.rows.size() + 1),
              .caption = mac,
              .spec = napier_report::heat_map(errors.errors, errors.size, nice_limit(limit)),
              .raster = true,
              .width = chart::part::third});
    numbers.rows.push_back({mac, fmt::format("{:+.2f} %", 100 * errors.mean),
                            fmt::format("{:+.2f} %", 100 * errors.lowest),
                            fmt::format("{:+.2f} %", 100 * errors.highest)});
  }
  if (!maps.empty()) result.blocks.emplace_back(std::move(numbers));
  return result;
}

}  // namespace

std::string html_of(const report& what, const std::string& script) {
  napier_report::page page{.title = fmt::format("{} under {} arithmetics", what.model, what.rows.size()),
                           .subtitle = fmt::format("napier-eval: accuracy against {}", what.reference),
                           .facts = facts_of(what),
                           .sections = {}};
  if (what.rows.size() == 1) page.title = fmt::format("{} under {}", what.model, what.rows[0].mac);
  if (what.partial) {
    page.subtitle += ". PARTIAL: it was interrupted; each row is of the first images, as many as it says";
  }
  if (!what.rows.empty()) page.sections.push_back(accuracy_section(what, "Accuracy", "accuracy"));
  if (!what.layers.empty()) page.sections.push_back(layers_section(what));
  for (const search_report& search : what.searches) page.sections.push_back(search_section(search));
  page.sections.push_back(multiplier_section({what}));
  return napier_report::html_of(page, script);
}

std::string html_of(const std::vector<report>& reports, const std::vector<std::string>& titles,
                    const std::string& script) {
  const report& first = reports.at(0);
  napier_report::page page{.title = fmt::format("{} under {} arithmetics", first.data, first.rows.size()),
                           .subtitle = fmt::format("napier-eval: accuracy against {}", first.reference),
                           .facts = {{"Images", fmt::format("{}", first.images)}},
                           .sections = {}};
  for (std::size_t i = 0; i < reports.size(); ++i) {
    page.sections.push_back(accuracy_section(reports[i], titles.at(i), fmt::format("accuracy-{}", i + 1)));
  }
  page.sections.push_back(multiplier_section(reports));
  return napier_report::html_of(page, script);
}

}  // namespace napier_eval
