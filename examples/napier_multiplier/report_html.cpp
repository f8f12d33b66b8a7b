#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "../report/charts.hpp"
#include "../report/page.hpp"
#include "report.hpp"

namespace napier_multiplier {

namespace {

napier_report::table page_table(const table_rows& rows, const std::string& caption) {
  napier_report::table result;
  result.caption = caption;
  for (const std::string& name : rows.front()) result.columns.push_back({name, name != "multiplier"});
  result.rows.assign(rows.begin() + 1, rows.end());
  return result;
}

// As many cells as the format has significands.
int map_bits(const report_row& row) {
  return std::min(napier::error_map::cell_bits, std::max(0, row.multiplier.format().significand_bits - 1));
}

// The ends of the colours of each map: the strongest error of all of them, so that they compare; but each its own where
// one would leave another white.
std::vector<double> colour_limits(const std::vector<report_row>& rows) {
  constexpr double least = 1e-9;
  constexpr double comparable = 10;
  std::vector<double> limits;
  double weakest = std::numeric_limits<double>::infinity();
  for (const report_row& row : rows) {
    double limit = least;
    for (const double mean : row.errors.map->means(map_bits(row))) {
      if (std::isfinite(mean)) limit = std::max(limit, std::fabs(mean));
    }
    if (limit > least) weakest = std::min(weakest, limit);
    limits.push_back(limit);
  }
  const double strongest = *std::max_element(limits.begin(), limits.end());
  if (strongest <= comparable * weakest) limits.assign(limits.size(), strongest);
  return limits;
}

std::vector<napier_report::bin> bins_of(const report_row& row) {
  std::vector<napier_report::bin> bins;
  const auto relatives =
      static_cast<double>(row.errors.pairs - row.errors.not_counted - row.errors.zero_products);
  for (const auto& bin : row.errors.map->histogram.bins())
    bins.push_back({bin.from, bin.to, static_cast<double>(bin.count) / relatives});
  return bins;
}

// The axis of all histograms, where none has errors beyond 100 %.
std::optional<napier_report::interval> common_domain(const std::vector<report_row>& rows) {
  napier_report::interval range;
  for (const report_row& row : rows) {
    for (const auto& bin : row.errors.map->histogram.bins()) {
      range.low = std::min(range.low, bin.from);
      range.high = std::max(range.high, bin.to);
    }
  }
  if (range.low < -1 || range.high > 1) return std::nullopt;
  return range;
}

}  // namespace

std::string html_of(const std::vector<report_row>& rows, const std::string& script) {
  const report_tables tables = tables_of(rows);
  napier_report::page page;
  page.title = rows.size() == 1 ? rows.front().errors.name : fmt::format("{} multipliers", rows.size());
  page.subtitle = "Error statistics by napier-multiplier";
  page.facts = {{"Operands", rows.front().errors.source}};

  napier_report::section numbers{"Side by side", {}};
  numbers.blocks.emplace_back(page_table(tables.means, "Means over all counted pairs"));
  numbers.blocks.emplace_back(page_table(tables.worst, "Worst cases"));
  for (const std::string& note : tables.notes) numbers.blocks.emplace_back(napier_report::text{note});
  page.sections.push_back(numbers);

  const std::vector<double> limits = colour_limits(rows);
  const bool same_colours =
      std::adjacent_find(limits.begin(), limits.end(), std::not_equal_to<>()) == limits.end();
  const std::optional<napier_report::interval> domain = common_domain(rows);
  napier_report::section maps{"Where the error is", {}};
  maps.blocks.emplace_back(
      napier_report::text{std::string("The mean relative error over the two significands, from 1 to 2; ") +
                          (same_colours ? "the same colours in all maps."
                                        : "each map has colours of its own: their errors differ too much.")});
  napier_report::section histograms{"How often each error occurs", {}};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const report_row& row = rows[i];
    const int bits = map_bits(row);
    maps.blocks.emplace_back(napier_report::chart{
        .name = fmt::format("map-{}", i + 1),
        .caption = fmt::format("{}: relative error over the significands", row.errors.name),
        .spec = napier_report::heat_map(row.errors.map->means(bits), std::size_t{1} << bits, limits[i]),
        .raster = true,
        .width = napier_report::chart::part::third});
    histograms.blocks.emplace_back(napier_report::chart{
        .name = fmt::format("histogram-{}", i + 1),
        .caption = fmt::format("{}: share of the pairs by relative error", row.errors.name),
        .spec = napier_report::histogram_chart(bins_of(row), "relative error", domain),
        .width = napier_report::chart::part::half});
  }
  page.sections.push_back(maps);
  page.sections.push_back(histograms);
  return napier_report::html_of(page, script);
}

}  // namespace napier_multiplier
