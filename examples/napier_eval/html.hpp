#pragma once
// --html: the report as one page that opens offline.

#include <string>

#include "report.hpp"

namespace napier_eval {

// script: napier_report::charts_script(), asked for before the run.
std::string html_of(const report& what, const std::string& script);

}  // namespace napier_eval
