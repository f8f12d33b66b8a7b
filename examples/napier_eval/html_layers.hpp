#pragma once
// The page's sections on single layers.

#include "../report/page.hpp"
#include "report.hpp"

namespace napier_eval {

// Of a report that has layers.
napier_report::section layers_section(const report& what);

napier_report::section search_section(const search_report& search);

}  // namespace napier_eval
