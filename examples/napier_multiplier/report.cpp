#include "report.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <napier/core/arithmetic.hpp>
#include <napier/formats/native.hpp>

#include "../common/files.hpp"

namespace napier_multiplier {

namespace {

using napier::estimate;
using napier::multiplier_statistics;
using napier::operand_format;
using napier::worst_pair;
using nlohmann::ordered_json;

// The products of a pair, as numbers; where a double does not hold them all, to 16 digits.
struct worst_case {
  double left = 0;
  double right = 0;
  double exact = 0;
  double product = 0;
};

worst_case look_at(const report_row& row, const worst_pair& pair) {
  const operand_format& format = row.multiplier.format();
  napier::unpacked product;
  napier::unpacked exact;
  row.multiplier.multiply({&pair.left, 1}, {&pair.right, 1}, {&product, 1}, {&exact, 1});
  return {napier::round_to<double>(format.decode(pair.left)),
          napier::round_to<double>(format.decode(pair.right)), napier::round_to<double>(exact),
          napier::round_to<double>(product)};
}

std::string percent(const estimate& e, int digits) {
  const double half = (e.high - e.low) / 2;
  if (half == 0) return fmt::format("{:.{}f} %", 100 * e.value, digits);
  return fmt::format("{:.{}f} ± {:.{}f} %", 100 * e.value, digits, 100 * half, digits + 1);
}

std::string signed_percent(double x) {
  return std::fabs(x) < 100 ? fmt::format("{:.4f} %", 100 * x) : fmt::format("{:.3e} %", 100 * x);
}

std::string share(const estimate& e) { return fmt::format("{:.2f} %", 100 * e.value); }

std::string pair_text(const worst_pair& pair, const worst_case& numbers) {
  return pair.exists && pair.value != 0 ? fmt::format("{:.10g} × {:.10g}", numbers.left, numbers.right) : "-";
}

// JSON has no NaN and no infinity.
ordered_json number(double x) { return std::isfinite(x) ? ordered_json(x) : ordered_json(); }

void add_estimate(ordered_json& object, const std::string& name, const estimate& e, bool is_exhaustive) {
  object[name] = number(e.value);
  if (!is_exhaustive) object[name + "_interval"] = {number(e.low), number(e.high)};
}

ordered_json operands_of(const report_row& row, const worst_pair& pair) {
  if (!pair.exists) return {};
  const worst_case numbers = look_at(row, pair);
  return {{"left", number(numbers.left)},
          {"right", number(numbers.right)},
          {"left_code", pair.left},
          {"right_code", pair.right},
          {"exact_product", number(numbers.exact)},
          {"product", number(numbers.product)}};
}

ordered_json object_of(const report_row& row) {
  const multiplier_statistics& e = row.errors;
  ordered_json object{{"name", e.name},
                      {"multiplier", row.multiplier.name()},
                      {"format", row.multiplier.format().name},
                      {"operands", e.source},
                      {"pairs", e.pairs},
                      {"exhaustive", e.is_exhaustive},
                      {"not_counted", e.not_counted},
                      {"zero_products", e.zero_products}};
  const auto add = [&](const char* name, const estimate& value) {
    add_estimate(object, name, value, e.is_exhaustive);
  };
  add("mean_relative_error", e.mean_relative_error);
  add("mean_absolute_relative_error", e.mean_absolute_relative_error);
  add("variance", e.variance);
  add("normalised_mean_error_distance", e.normalised_mean_error_distance);
  add("error_probability", e.error_probability);
  add("overestimates", e.overestimates);
  add("underestimates", e.underestimates);
  object["worst_relative_error"] = number(std::fabs(e.worst_relative_error().value));
  object["worst_relative_error_operands"] = operands_of(row, e.worst_relative_error());
  object["smallest_relative_error"] = number(e.smallest_relative_error.value);
  object["largest_relative_error"] = number(e.largest_relative_error.value);
  object["worst_error"] = number(e.worst_error.value);
  object["worst_error_operands"] = operands_of(row, e.worst_error);
  object["worst_is_exact"] = e.worst_is_exact;
  if (!e.is_exhaustive) object["worst_exceeded_by_at_most"] = napier::share_beyond_sample(e.pairs);
  return object;
}

// Columns as wide as they have to be; the first to the left.
std::string text_of(const table_rows& rows) {
  // Of UTF-8.
  const auto letters = [](const std::string& text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
  };
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], letters(row[i]));
  }
  std::string result;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string space(widths[i] - letters(row[i]), ' ');
      result += i == 0 ? row[i] + space : "  " + space + row[i];
    }
    result += "\n";
  }
  return result;
}

}  // namespace

report_tables tables_of(const std::vector<report_row>& rows) {
  report_tables tables;
  tables.means.push_back({"multiplier", "pairs", "mean relative error", "mean |relative error|", "variance",
                          "NMED", "errors", "over", "under"});
  tables.worst.push_back(
      {"multiplier", "relative error from", "to", "worst at", "exact", "product", "worst error", "at"});
  bool is_sampled = false;
  std::string not_counted;
  for (const report_row& row : rows) {
    const multiplier_statistics& e = row.errors;
    is_sampled |= !e.is_exhaustive;
    if (e.not_counted != 0)
      not_counted += fmt::format("{} {} of {}", not_counted.empty() ? "" : ",", e.not_counted, e.name);
    tables.means.push_back({e.name, fmt::format("{}{}", e.is_exhaustive ? "all " : "", e.pairs),
                            percent(e.mean_relative_error, 4), percent(e.mean_absolute_relative_error, 4),
                            fmt::format("{:.3e}", e.variance.value),
                            fmt::format("{:.3e}", e.normalised_mean_error_distance.value),
                            share(e.error_probability), share(e.overestimates), share(e.underestimates)});
    const worst_pair& relative = e.worst_relative_error();
    const worst_case at = look_at(row, relative);
    const bool is_wrong = relative.exists && relative.value != 0;
    tables.worst.push_back({e.name, signed_percent(e.smallest_relative_error.value),
                            signed_percent(e.largest_relative_error.value), pair_text(relative, at),
                            is_wrong ? fmt::format("{:.10g}", at.exact) : "-",
                            is_wrong ? fmt::format("{:.10g}", at.product) : "-",
                            fmt::format("{:.10g}", e.worst_error.value),
                            pair_text(e.worst_error, look_at(row, e.worst_error))});
  }
  if (is_sampled) {
    tables.notes.emplace_back(
        "±: 95 % confidence. Sampled multipliers' worst cases are the worst that were found: lower bounds of "
        "the "
        "magnitude.");
  }
  if (!not_counted.empty()) {
    tables.notes.push_back(
        "Not counted, for a NaN, an infinity, or a product that left the range:" + not_counted + ".");
  }
  return tables;
}

std::string table_of(const std::vector<report_row>& rows) {
  const report_tables tables = tables_of(rows);
  std::string text = text_of(tables.means) + "\n" + text_of(tables.worst);
  if (!tables.notes.empty()) text += fmt::format("\n{}\n", fmt::join(tables.notes, "\n"));
  return text;
}

std::string csv_of(const std::vector<report_row>& rows) {
  std::string text;
  for (const report_row& row : rows) {
    ordered_json object = object_of(row);
    // The same columns for all; nested values get names of their own.
    const ordered_json flat = [&] {
      ordered_json result;
      const auto interval = [&](const std::string& name, const estimate& e) {
        result[name] = number(e.value);
        result[name + "_low"] = number(e.low);
        result[name + "_high"] = number(e.high);
      };
      const multiplier_statistics& e = row.errors;
      for (const char* name : {"name", "multiplier", "format", "operands", "pairs", "exhaustive",
                               "not_counted", "zero_products"}) {
        result[name] = object[name];
      }
      interval("mean_relative_error", e.mean_relative_error);
      interval("mean_absolute_relative_error", e.mean_absolute_relative_error);
      interval("variance", e.variance);
      interval("normalised_mean_error_distance", e.normalised_mean_error_distance);
      interval("error_probability", e.error_probability);
      interval("overestimates", e.overestimates);
      interval("underestimates", e.underestimates);
      for (const char* name : {"worst_relative_error", "smallest_relative_error", "largest_relative_error",
                               "worst_error", "worst_is_exact"}) {
        result[name] = object[name];
      }
      for (const char* name : {"worst_relative_error", "worst_error"}) {
        const ordered_json& operands = object[std::string(name) + "_operands"];
        for (const char* side : {"left", "right"}) {
          result[fmt::format("{}_{}", name, side)] = operands.is_null() ? ordered_json() : operands[side];
        }
      }
      return result;
    }();
    std::vector<std::string> names;
    std::vector<std::string> fields;
    for (const auto& [name, value] : flat.items()) {
      names.push_back(name);
      fields.push_back(value.is_null()     ? ""
                       : value.is_string() ? napier_tools::csv_field(value.get<std::string>())
                                           : value.dump());
    }
    if (text.empty()) text = fmt::format("{}\n", fmt::join(names, ","));
    text += fmt::format("{}\n", fmt::join(fields, ","));
  }
  return text;
}

std::string json_of(const std::vector<report_row>& rows) {
  ordered_json all = ordered_json::array();
  for (const report_row& row : rows) all.push_back(object_of(row));
  return all.dump(2) + "\n";
}

}  // namespace napier_multiplier
