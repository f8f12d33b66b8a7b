#pragma once
// --html: the report as one page that opens offline.

#include <string>

#include "report.hpp"

namespace napier_eval {

// script: napier_report::charts_script(), asked for before the run.
std::string html_of(const report& what, const std::string& script);

// Several tables, each below its title.
std::string html_of(const std::vector<report>& reports, const std::vector<std::string>& titles,
                    const std::string& script);

}  // namespace napier_eval
