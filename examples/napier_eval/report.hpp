#pragma once
// What a run found out, as a table for people, and as CSV and JSON.

#include <cstddef>
#include <string>
#include <vector>

#include <napier/analysis/accuracy.hpp>

#include "../common/files.hpp"

namespace napier_eval {

using napier_tools::check_writable;
using napier_tools::write_file;

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

}  // namespace napier_eval
