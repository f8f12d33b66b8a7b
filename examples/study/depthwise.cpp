// 7: where the depthwise network collapses, and what calibration gives back.
#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sections.hpp"
#include "statistics.hpp"

namespace napier_study {

namespace {

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 != 0 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

// The patterns of a network's blocks, in their order.
const std::vector<std::string> blocks_of_resnet8 = {"conv1", "conv2*", "conv3*", "conv4*", "fc"};
const std::vector<std::string> blocks_of_mobilenet18 = {"conv1",  "conv2*", "conv3*", "conv4*", "conv5*",
                                                        "conv6*", "conv7*", "conv8*", "conv9*", "fc"};

// What Mitch-w6 takes, a block after another: accuracies after 0, 1, 2 … blocks.
std::string fall_of(const std::string& network, const std::vector<const outcome*>& after) {
  const auto lost_with = [&](std::size_t block) {
    return static_cast<double>(after[block - 1]->correct()) - static_cast<double>(after[block]->correct());
  };
  std::size_t worst = 1;
  for (std::size_t block = 2; block < after.size(); ++block) {
    if (lost_with(block) > lost_with(worst)) worst = block;
  }
  const double points = 100 * lost_with(worst) / static_cast<double>(after.front()->right.size());
  return fmt::format("{} goes from {} to {}, {} points of it with block {} of {}", title_of(network),
                     percent(after.front()->share()), percent(after.back()->share()), number(points), worst,
                     after.size() - 1);
}

void study_depth(laboratory& lab, document& text) {
  std::vector<std::string> falls;
  figure chart{"blocks approximated, from the first on", "accuracy, %", {}};
  for (const auto& [network, blocks] : {std::pair(std::string("resnet8"), &blocks_of_resnet8),
                                        std::pair(std::string("mobilenet18"), &blocks_of_mobilenet18)}) {
    panel drawn{title_of(network), {}};
    for (const char* mac : {"mitchell", "mitch6", "mitch6u"}) {
      curve line{mac, {}};
      line.points.push_back(point_of(0, lab.float32(network, batch_norm::exact)));
      std::vector<const outcome*> after = {&lab.float32(network, batch_norm::exact)};
      std::vector<std::string> approximated;
      for (std::size_t i = 0; i < blocks->size(); ++i) {
        approximated.push_back((*blocks)[i]);
        after.push_back(&lab.run({network, std::string("float32/") + mac, batch_norm::exact, approximated}));
        line.points.push_back(point_of(static_cast<double>(i + 1), *after.back()));
      }
      if (std::string(mac) == "mitch6") falls.push_back(fall_of(network, after));
      drawn.curves.push_back(std::move(line));
    }
    chart.panels.push_back(std::move(drawn));
  }
  text.set("depth_falls", fmt::format("{}", fmt::join(falls, "; ")));
  text.set_figure("depth", chart, "Accuracy as more blocks are approximated");
}

const std::vector<const char*> scopes = {"layer", "channel", "affine"};
const char* words_of(const std::string& scope) {
  return scope == "layer"     ? "a scale a layer"
         : scope == "channel" ? "a scale a channel"
                              : "scale and shift a channel";
}

setting calibrated(const std::string& network, const char* mac, const std::string& scope,
                   std::size_t images) {
  setting how{network, std::string("float32/") + mac};
  how.calibration = scope;
  how.calibration_images = images;
  return how;
}

void study_calibration(laboratory& lab, document& text) {
  constexpr std::size_t usual = 50;
  std::vector<std::vector<std::string>> rows;
  for (const std::string& network :
       {std::string("resnet8"), std::string("resnext11"), std::string("mobilenet18")}) {
    const outcome& reference = lab.float32(network);
    for (const char* mac : {"mitchell", "mitch6", "mitch4"}) {
      rows.push_back(
          {title_of(network), mac, cell(lab.run({network, std::string("float32/") + mac}), reference)});
      for (const char* scope : scopes) {
        rows.back().push_back(cell(lab.run(calibrated(network, mac, scope, usual)), reference));
      }
      rows.back().push_back(with_interval(reference));
    }
  }
  text.set_table("calibration_table",
                 {"network", "multiplier", "as it is", "a scale a layer", "a scale a channel",
                  "scale and shift a channel", "float32"},
                 rows, 2);
  text.set("calibration_images", fmt::format("{}", usual));

  const std::vector<std::size_t> counts = {1, 2, 5, 10, 20, 50, 100};
  figure chart{"images to calibrate with", "accuracy, %", {}};
  chart.log_x = true;
  chart.x_ticks = {1, 2, 5, 10, 20, 50, 100};
  const outcome& reference = lab.float32("mobilenet18");
  std::vector<std::string> header = {"multiplier", "calibrated by"};
  for (const std::size_t count : counts) header.push_back(fmt::format("{}", count));
  std::vector<std::vector<std::string>> by_images;
  for (const char* mac : {"mitchell", "mitch6", "mitch4"}) {
    panel drawn{std::string("MobileNet-18, ") + mac, {}};
    for (const char* scope : scopes) {
      curve line{words_of(scope), {}};
      by_images.push_back({mac, words_of(scope)});
      for (const std::size_t count : counts) {
        const outcome& result = lab.run(calibrated("mobilenet18", mac, scope, count));
        line.points.push_back(point_of(static_cast<double>(count), result));
        by_images.back().push_back(cell(result, reference));
      }
      drawn.curves.push_back(std::move(line));
    }
    const outcome& as_it_is = lab.run({"mobilenet18", std::string("float32/") + mac});
    drawn.curves.push_back({"as it is", {point_of(1, as_it_is), point_of(100, as_it_is)}, true});
    drawn.curves.push_back({"float32, exact", {point_of(1, reference), point_of(100, reference)}, true});
    chart.panels.push_back(std::move(drawn));
  }
  text.set_figure("calibration", chart, "Accuracy against the images to calibrate with");
  text.set_table("calibration_by_images", header, by_images, 2);
  for (const char* mac : {"mitchell", "mitch6"}) {
    text.set(fmt::format("calibration_{}_none", mac),
             percent_with_interval(lab.run({"mobilenet18", std::string("float32/") + mac})));
    for (const char* scope : scopes) {
      const outcome& result = lab.run(calibrated("mobilenet18", mac, scope, usual));
      text.set(fmt::format("calibration_{}_{}", mac, scope), percent_with_interval(result));
    }
  }
  text.set("calibration_float32", percent_with_interval(reference));
  text.set("calibration_mitch6_layer_change",
           change(lab.run(calibrated("mobilenet18", "mitch6", "layer", usual)), reference));
  text.set("calibration_mitch6_one_image",
           percent_with_interval(lab.run(calibrated("mobilenet18", "mitch6", "layer", counts.front()))));
}

}  // namespace

void study_depthwise(laboratory& lab, document& text) {
  figure chart{"layer, in the order in which they run", "error of its output, %", {}};
  chart.log_y = true;
  std::vector<std::vector<std::string>> rows;
  for (const std::string& network :
       {std::string("resnet8"), std::string("resnext11"), std::string("mobilenet18")}) {
    const std::vector<layer_error> layers = lab.layer_errors({network, "float32/mitch6"});
    panel drawn{title_of(network), {{"of the layer itself", {}}, {"with all before it", {}}}};
    double place = 0;
    for (const layer_error& layer : layers) {
      ++place;
      drawn.curves[0].points.push_back({place, 100 * layer.local, 100 * layer.local, 100 * layer.local});
      const double accumulated = 100 * layer.accumulated;
      drawn.curves[1].points.push_back({place, accumulated, accumulated, accumulated});
    }
    chart.panels.push_back(std::move(drawn));
    for (const bool is_depthwise : {false, true}) {
      std::vector<double> products;
      double share = 0;
      std::vector<double> errors;
      for (const layer_error& layer : layers) {
        if (layer.node.ends_with("d") != is_depthwise) continue;
        products.push_back(static_cast<double>(layer.products));
        share += layer.share;
        errors.push_back(layer.local);
      }
      if (products.empty()) continue;
      rows.push_back({title_of(network),
                      is_depthwise               ? "depthwise"
                      : network == "mobilenet18" ? "others"
                                                 : "all",
                      fmt::format("{}", errors.size()), number(100 * share),
                      fmt::format("{:g}", median(products)), number(100 * median(errors), 1)});
      if (is_depthwise) text.set("depthwise_share", percent(share, 0));
      if (network == "mobilenet18")
        text.set(is_depthwise ? "own_error_depthwise" : "own_error_others", percent(median(errors)));
    }
    rows.back().push_back(number(100 * layers.back().accumulated, 0));
    if (network == "mobilenet18" || network == "resnet8") {
      const auto largest = std::max_element(
          layers.begin(), layers.end(),
          [](const layer_error& a, const layer_error& b) { return a.accumulated < b.accumulated; });
      text.set("last_error_" + network, percent(layers.back().accumulated, 0));
      text.set("largest_error_" + network, percent(largest->accumulated, 0));
    }
    if (network == "mobilenet18") rows[rows.size() - 2].emplace_back("");
  }
  text.set("layer_error_images", fmt::format("{}", lab.layer_error_images()));
  text.set_figure("layer_errors", chart, "The error of Mitch-w6, layer by layer");
  text.set_table("layer_errors_table",
                 {"network", "kind", "layers", "share of the products, %", "products a sum", "own error, %",
                  "error of the last, %"},
                 rows, 2);
  study_depth(lab, text);
  study_calibration(lab, text);
}

}  // namespace napier_study
