#pragma once
// Error statistics as tables for people, and as CSV and JSON.

#include <string>
#include <vector>

#include <napier/analysis/multiplier_errors.hpp>

namespace napier_multiplier {

struct report_row {
  napier::multiplier_under_test multiplier;
  napier::multiplier_statistics errors;
};

std::string table_of(const std::vector<report_row>& rows);
std::string csv_of(const std::vector<report_row>& rows);
std::string json_of(const std::vector<report_row>& rows);

}  // namespace napier_multiplier
