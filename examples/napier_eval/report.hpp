#pragma once
// What a run found out, as a table for people, and as CSV and JSON.

#include <cstddef>
#include <string>
#include <vector>

#include <napier/analysis/accuracy.hpp>

namespace napier_eval {

struct report_row {
  std::string mac;
  napier::accuracy accuracy;
  double images_per_second = 0;
};

struct report {
  std::string model;
  std::string data;
  std::size_t images = 0;
  std::string batch_norm;
  std::string reference;
  std::vector<std::string> layer_macs;  // PATTERN=MAC; they take part in all rows but the reference's
  napier::accuracy reference_accuracy;
  std::vector<report_row> rows;
};

std::string table_of(const report& what);
std::string csv_of(const std::vector<report>& reports);
std::string json_of(const report& what);
std::string json_of(const std::vector<report>& reports);

// Throws napier::error for the first path that cannot be written, before hours of work; empty ones are no paths.
void check_writable(const std::vector<std::string>& paths);

// All of the text or no file: it is written beside the target and renamed; straight to a device or pipe. Throws napier::error.
void write_file(const std::string& path, const std::string& text);

}  // namespace napier_eval
