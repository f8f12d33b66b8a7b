#include "report.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace napier_eval {

namespace {

using nlohmann::ordered_json;

std::string error_text(double error) { return std::isnan(error) ? "NaN" : fmt::format("{:.2e}", error); }

ordered_json object_of(const report& what) {
  ordered_json rows = ordered_json::array();
  for (const report_row& row : what.rows) {
    rows.push_back({{"mac", row.mac},
                    {"top1", row.accuracy.top1},
                    {"top5", row.accuracy.top5},
                    {"agreement", row.accuracy.agreement},
                    {"logit_error", row.accuracy.logit_error},
                    {"images_per_second", row.images_per_second}});
  }
  return {{"model", what.model},
          {"data", what.data},
          {"images", what.images},
          {"batch_norm", what.batch_norm},
          {"reference", what.reference},
          {"layer_macs", what.layer_macs},
          {"rows", rows}};
}

}  // namespace

std::string table_of(const report& what) {
  std::size_t width = 3;
  for (const report_row& row : what.rows) width = std::max(width, row.mac.size());
  std::string text = fmt::format("{:<{}}  {:>7}  {:>7}  {:>7}  {:>9}  {:>11}  {:>8}\n", "MAC", width, "top-1",
                                 "change", "top-5", "agreement", "logit error", "images/s");
  for (const report_row& row : what.rows) {
    const napier::accuracy& a = row.accuracy;
    text += fmt::format("{:<{}}  {:>6.2f}%  {:>+7.2f}  {:>6.2f}%  {:>8.2f}%  {:>11}  {:>8.1f}\n", row.mac,
                        width, 100 * a.top1, 100 * (a.top1 - what.reference_accuracy.top1), 100 * a.top5,
                        100 * a.agreement, error_text(a.logit_error), row.images_per_second);
  }
  return text;
}

std::string csv_of(const std::vector<report>& reports) {
  std::string text =
      "model,data,images,batch_norm,reference,mac,top1,top5,agreement,logit_error,images_per_second\n";
  for (const report& what : reports) {
    for (const report_row& row : what.rows) {
      text += fmt::format("{},{},{},{},{},{},{},{},{},{},{}\n", napier_tools::csv_field(what.model),
                          napier_tools::csv_field(what.data), what.images, what.batch_norm, what.reference,
                          napier_tools::csv_field(row.mac), row.accuracy.top1, row.accuracy.top5,
                          row.accuracy.agreement, row.accuracy.logit_error, row.images_per_second);
    }
  }
  return text;
}

std::string json_of(const report& what) { return object_of(what).dump(2) + "\n"; }

std::string json_of(const std::vector<report>& reports) {
  ordered_json all = ordered_json::array();
  for (const report& what : reports) all.push_back(object_of(what));
  return ordered_json{{"reports", all}}.dump(2) + "\n";
}

}  // namespace napier_eval
