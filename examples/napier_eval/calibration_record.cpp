#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <napier/core/error.hpp>

#include "calibrate.hpp"

namespace napier_eval {

namespace {

using napier::data_error;
using nlohmann::json;

// A fit outside is not made: napier/analysis/channel_fit.hpp.
constexpr double least_scale = 0.125;
constexpr double largest_scale = 8;

std::string line_of(const napier::layer_correction& layer) {
  json scales = json::array();
  json shifts = json::array();
  bool has_shifts = false;
  for (const napier::affine_fit& fit : layer.fits) {
    scales.push_back(fit.scale);
    shifts.push_back(fit.shift);
    has_shifts = has_shifts || fit.shift != 0;
  }
  std::string text =
      fmt::format(R"({{"node": {}, "operator": {}, "mac": {}, "channels": {}, "guarded": {}, "scale": {})",
                  json(layer.node).dump(), json(layer.operator_type).dump(), json(layer.mac).dump(),
                  layer.channels, layer.guarded, scales.dump());
  if (has_shifts) text += ", \"shift\": " + shifts.dump();
  return text + "}";
}

napier::layer_correction layer_of(const json& found) {
  napier::layer_correction layer;
  layer.node = found.at("node").get<std::string>();
  layer.operator_type = found.at("operator").get<std::string>();
  layer.mac = found.at("mac").get<std::string>();
  layer.channels = found.at("channels").get<std::size_t>();
  layer.guarded = found.at("guarded").get<std::size_t>();
  const auto scales = found.at("scale").get<std::vector<double>>();
  const auto shifts = found.contains("shift") ? found.at("shift").get<std::vector<double>>()
                                              : std::vector<double>(scales.size(), 0.0);
  const auto refuse = [&layer](const std::string& what) {
    throw data_error(fmt::format("layer {}: {}", layer.node, what));
  };
  if (scales.size() != shifts.size())
    refuse(fmt::format("{} scales and {} shifts; expected as many", scales.size(), shifts.size()));
  if (scales.size() != 1 && scales.size() != layer.channels) {
    refuse(fmt::format("{} scales for {} channels; expected one, or one a channel", scales.size(),
                       layer.channels));
  }
  for (std::size_t i = 0; i < scales.size(); ++i) {
    if (!(scales[i] >= least_scale && scales[i] <= largest_scale))
      refuse(fmt::format("scale {}; expected {} to {}", scales[i], least_scale, largest_scale));
    if (!std::isfinite(shifts[i])) refuse("a shift that is not finite");
    layer.fits.push_back({scales[i], shifts[i]});
  }
  return layer;
}

void check_images(const calibration_record& record) {
  if (record.images.empty()) throw data_error("no images; expected those that it was fitted to");
  for (const std::size_t image : record.images) {
    if (image < record.data_images) continue;
    throw data_error(fmt::format("image {} of {}; expected a number below that", image, record.data_images));
  }
}

}  // namespace

std::string json_of(const calibration_record& record) {
  const auto line = [](const char* name, const json& value) {
    return fmt::format("  \"{}\": {},\n", name, value.dump());
  };
  const auto known = [&line](const char* name, const std::string& value) {
    return value.empty() ? std::string() : line(name, value);
  };
  std::string text = "{\n" + line("model", record.model) + line("weights", record.weights) +
                     line("batch_norm", record.batch_norm) + line("reference", record.reference) +
                     line("data", record.data) + line("data_images", record.data_images) +
                     known("data_hash", record.data_hash) + known("preprocessing", record.preprocessing) +
                     line("images", record.images) + line("scope", record.scope) +
                     line("estimator", record.estimator) + "  \"macs\": [";
  for (std::size_t i = 0; i < record.macs.size(); ++i) {
    const calibrated_mac& each = record.macs[i];
    text += fmt::format("{}\n    {{\"mac\": {}, \"layers\": [", i == 0 ? "" : ",", json(each.mac).dump());
    for (std::size_t k = 0; k < each.layers.size(); ++k)
      text += fmt::format("{}\n      {}", k == 0 ? "" : ",", line_of(each.layers[k]));
    text += "\n    ]}";
  }
  return text + "\n  ]\n}\n";
}

calibration_record read_calibration(std::string_view text, const std::string& path) {
  const json found = json::parse(text, nullptr, false);
  if (!found.is_object() || !found.contains("macs"))
    throw data_error(path + ": expected a JSON file that --save-calibration wrote");
  calibration_record record;
  try {
    record.model = found.at("model").get<std::string>();
    record.weights = found.at("weights").get<std::string>();
    record.batch_norm = found.at("batch_norm").get<std::string>();
    record.reference = found.at("reference").get<std::string>();
    record.data = found.at("data").get<std::string>();
    record.data_images = found.at("data_images").get<std::size_t>();
    record.data_hash = found.value("data_hash", std::string());
    record.preprocessing = found.value("preprocessing", std::string());
    record.images = found.at("images").get<std::vector<std::size_t>>();
    check_images(record);
    record.scope = found.at("scope").get<std::string>();
    record.estimator = found.at("estimator").get<std::string>();
    for (const json& each : found.at("macs")) {
      calibrated_mac mac{each.at("mac").get<std::string>(), {}};
      for (const json& layer : each.at("layers")) mac.layers.push_back(layer_of(layer));
      record.macs.push_back(std::move(mac));
    }
  } catch (const json::exception&) {
    throw data_error(path + ": something is missing or of another type than --save-calibration writes");
  } catch (const data_error& problem) {
    throw data_error(path + ": " + problem.what());
  }
  return record;
}

}  // namespace napier_eval
