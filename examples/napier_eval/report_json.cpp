#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "layers_json.hpp"
#include "report.hpp"
#include "resume.hpp"

namespace napier_eval {

namespace {

using nlohmann::ordered_json;

ordered_json object_of(const report_row& row) {
  ordered_json object = {{"mac", row.mac}, {"images", row.images}};
  for (const top_share& top : row.top) {
    object[fmt::format("top{}", top.k)] = top.share;
    object[fmt::format("top{}_interval", top.k)] = {top.interval.low, top.interval.high};
  }
  object["change"] = row.change;
  object["lost"] = row.against.lost;
  object["gained"] = row.against.gained;
  object["p"] = row.p;
  object["agreement"] = row.accuracy.agreement;
  object["logit_error"] = row.accuracy.logit_error;
  object["images_per_second"] = row.images_per_second;
  if (row.resumed) object["resumed"] = true;
  return object;
}

ordered_json object_of(const report& what);

template <class Items>
ordered_json array_of(const Items& items) {
  ordered_json array = ordered_json::array();
  for (const auto& item : items) array.push_back(object_of(item));
  return array;
}

ordered_json object_of(const report& what) {
  ordered_json object = {{"model", what.model}, {"data", what.data}, {"images", what.images}};
  if (what.partial) object["partial"] = true;
  if (what.seed) object["seed"] = *what.seed;
  object["preprocessing"] = what.preprocessing;
  object["batch_norm"] = what.batch_norm;
  object["reference"] = what.reference;
  if (!what.rows.empty()) object["reference_top1"] = what.reference_accuracy.top1;
  object["layer_macs"] = what.layer_macs;
  if (!what.calibration.empty()) object["calibration"] = what.calibration;
  object["rows"] = array_of(what.rows);
  object["layers"] = array_of(what.layers);
  if (!what.searches.empty()) object["search"] = array_of(what.searches);
  if (!what.states.empty()) {
    object["state"] = {{"model_hash", what.model_hash}, {"data_hash", what.data_hash}};
    object["state"]["runs"] = ordered_json::array();
    for (const run_state& run : what.states) {
      object["state"]["runs"].push_back(
          {{"mac", run.mac},
           {"images", run.scores.images()},
           {"classes", run.scores.classes},
           {"wrong", text_of_wrong(run.scores)},
           {"squared_error", fmt::format("{}", run.scores.squared_error)},
           {"squared_reference", fmt::format("{}", run.scores.squared_reference)},
           {"seconds", run.scores.seconds}});
    }
  }
  return object;
}

}  // namespace

std::string json_of(const report& what) { return object_of(what).dump(2) + "\n"; }

std::string json_of(const std::vector<report>& reports) {
  return ordered_json{{"reports", array_of(reports)}}.dump(2) + "\n";
}

}  // namespace napier_eval
