#pragma once
// Layers and searches in JSON.

#include <nlohmann/json.hpp>

#include "report.hpp"

namespace napier_eval {

nlohmann::ordered_json object_of(const report_layer& layer);
nlohmann::ordered_json object_of(const search_report& search);

}  // namespace napier_eval
