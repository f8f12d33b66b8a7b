#pragma once
// Error statistics as tables for people, as CSV and JSON, and as a page with charts.

#include <string>
#include <vector>

#include <napier/analysis/multiplier_errors.hpp>

namespace napier_multiplier {

struct report_row {
  napier::multiplier_under_test multiplier;
  napier::multiplier_statistics errors;
};

using table_rows = std::vector<std::vector<std::string>>;  // the first is the heading

struct report_tables {
  table_rows means;
  table_rows worst;
  std::vector<std::string> notes;
};
report_tables tables_of(const std::vector<report_row>& rows);

std::string table_of(const std::vector<report_row>& rows);
std::string csv_of(const std::vector<report_row>& rows);
std::string json_of(const std::vector<report_row>& rows);
// Of statistics with maps. script: napier_report::charts_script().
std::string html_of(const std::vector<report_row>& rows, const std::string& script);

}  // namespace napier_multiplier
