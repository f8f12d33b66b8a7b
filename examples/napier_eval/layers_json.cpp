#include "layers_json.hpp"

#include <cmath>

namespace napier_eval {

using nlohmann::ordered_json;

namespace {

// JSON has neither infinities nor NaN.
ordered_json number(double x) { return std::isfinite(x) ? ordered_json(x) : ordered_json(nullptr); }

ordered_json interval(const napier::paired_difference& loss) { return {loss.low, loss.high}; }

ordered_json object_of(const search_report& search, const searched_accuracy& accuracy) {
  return {{"images", accuracy.images},
          {"reference_top1", accuracy.reference},
          {"approximate_top1", accuracy.approximate},
          {"approximate_loss", accuracy.approximate_loss.loss},
          {"approximate_loss_interval", interval(accuracy.approximate_loss)},
          {"top1", accuracy.found},
          {"loss", accuracy.found_loss.loss},
          {"loss_interval", interval(accuracy.found_loss)},
          {"within_budget", keeps_budget(search, accuracy)}};
}

}  // namespace

ordered_json object_of(const report_layer& layer) {
  ordered_json object = {{"mac", layer.mac},
                         {"node", layer.node},
                         {"operator", layer.operator_type},
                         {"node_mac", layer.node_mac},
                         {"images", layer.images},
                         {"macs", static_cast<std::uint64_t>(layer.macs)},
                         {"share", layer.share}};
  for (const figure_group& group : layer.groups) {
    ordered_json figures = ordered_json::object();
    for (const auto& [name, value] : group.figures) figures[name] = number(value);
    object[group.name] = std::move(figures);
  }
  return object;
}

ordered_json object_of(const search_report& search) {
  ordered_json object = {{"mac", search.mac},
                         {"exact", search.exact},
                         {"reference", search.reference},
                         {"budget", search.budget},
                         {"runs", search.runs}};
  if (!search.calibration.empty()) object["calibration"] = search.calibration;
  if (!search.complete) object["partial"] = true;
  ordered_json layers = ordered_json::array();
  for (const searched_layer& layer : search.layers) {
    layers.push_back({{"nodes", layer.nodes},
                      {"share", layer.share},
                      {"changed", layer.changed},
                      {"loss", layer.loss.loss},
                      {"loss_interval", interval(layer.loss)},
                      {"distortion", layer.distortion}});
    if (search.complete) layers.back()["becomes_exact"] = layer.exact;
  }
  object["layers"] = std::move(layers);
  if (!search.complete) return object;
  object["within_budget"] = search.within_budget;
  object["layer_macs"] = search.layer_macs;
  object["approximate_share"] = search.approximate_share;
  object["searched"] = object_of(search, search.searched);
  if (search.validated) object["validation"] = object_of(search, search.validation);
  object["all"] = object_of(search, search.all);
  return object;
}

}  // namespace napier_eval
