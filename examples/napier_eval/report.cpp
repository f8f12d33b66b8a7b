#include "report.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <napier/core/error.hpp>

namespace napier_eval {

namespace {

using nlohmann::ordered_json;

std::string error_text(double error) { return std::isnan(error) ? "NaN" : fmt::format("{:.2e}", error); }

// A CSV field; quoted where it has to be.
std::string field(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

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

// There or not; but no device, pipe or link, such as /dev/stdout, which a rename would take away.
bool is_plain_file(const std::string& path) {
  std::error_code ignored;
  const std::filesystem::file_status status = std::filesystem::symlink_status(path, ignored);
  return !std::filesystem::exists(status) || std::filesystem::is_regular_file(status);
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
      text +=
          fmt::format("{},{},{},{},{},{},{},{},{},{},{}\n", field(what.model), field(what.data), what.images,
                      what.batch_norm, what.reference, field(row.mac), row.accuracy.top1, row.accuracy.top5,
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

void check_writable(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    if (path.empty()) continue;
    std::error_code ignored;
    bool writable = !std::filesystem::is_directory(path, ignored);
    if (is_plain_file(path)) {
      const std::string unfinished = path + ".partial";
      writable = std::ofstream(unfinished, std::ios::binary).is_open();
      std::filesystem::remove(unfinished, ignored);
    }
    if (!writable) throw napier::error(path + ": cannot be written");
  }
}

void write_file(const std::string& path, const std::string& text) {
  const bool by_renaming = is_plain_file(path);
  const std::string unfinished = by_renaming ? path + ".partial" : path;
  // A device may be where standard output goes, too: in order, and nothing overwritten.
  std::fflush(stdout);
  std::ofstream file(unfinished, by_renaming ? std::ios::binary : std::ios::binary | std::ios::app);
  file << text;
  file.close();
  std::error_code failure;
  if (file && by_renaming) std::filesystem::rename(unfinished, path, failure);
  if (!file || failure) {
    std::error_code ignored;
    if (by_renaming) std::filesystem::remove(unfinished, ignored);
    throw napier::error(path + ": cannot be written");
  }
}

}  // namespace napier_eval
