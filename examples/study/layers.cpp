// 4: one kind of layer approximated at a time.
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sections.hpp"
#include "statistics.hpp"

namespace napier_study {

namespace {

struct kind {
  const char* name;
  std::vector<std::string> patterns;  // of the layers that are approximated; none: all
  batch_norm norm;
};

bool has_batch_norm(const std::string& network) { return network != "lenet5" && network != "vgg8"; }

std::vector<kind> kinds_of(const std::string& network) {
  const batch_norm exact = has_batch_norm(network) ? batch_norm::exact : batch_norm::fold;
  std::vector<kind> kinds;
  if (network == "mobilenet18") {
    kinds = {{"convolution", {"conv1", "conv?p"}, exact}, {"depthwise", {"conv?d"}, exact}};
  } else if (network == "resnext11") {
    kinds = {{"convolution", {"conv1", "conv?a", "conv?b", "conv?s"}, exact}, {"grouped", {"conv?g"}, exact}};
  } else {
    kinds = {{"convolution", {"Conv"}, exact}};
  }
  kinds.push_back({"fully connected", {"Gemm"}, exact});
  if (has_batch_norm(network)) {
    kinds.push_back({"batch norm", {"BatchNormalization"}, batch_norm::approximate});
    kinds.push_back({"all but batch norm", {}, batch_norm::exact});
    kinds.push_back({"all", {}, batch_norm::approximate});
    kinds.push_back({"all, folded", {}, batch_norm::fold});
  } else {
    kinds.push_back({"all", {}, batch_norm::fold});
  }
  return kinds;
}

const std::vector<const char*> columns = {"convolution", "depthwise",          "grouped", "fully connected",
                                          "batch norm",  "all but batch norm", "all",     "all, folded"};

}  // namespace

void study_layers(laboratory& lab, document& text) {
  std::vector<std::string> header = {"network"};
  for (const char* each : columns) header.emplace_back(each);
  header.emplace_back("float32");
  for (const char* multiplier : {"mitch6", "mitch4"}) {
    const std::string mac = std::string("float32/") + multiplier;
    figure chart{"", "accuracy, %", {{std::string("Mitch-") + multiplier + " in one kind of layer", {}}}};
    chart.panels[0].title = fmt::format("Mitch-w{} in some layers, float32 in the others", multiplier + 5);
    for (const char* each : columns) chart.panels[0].curves.push_back({each, {}});
    std::vector<std::vector<std::string>> rows;
    for (std::size_t n = 0; n < networks.size(); ++n) {
      const std::string& network = networks[n];
      const outcome& reference =
          lab.float32(network, has_batch_norm(network) ? batch_norm::exact : batch_norm::fold);
      rows.emplace_back(columns.size() + 1);
      rows.back()[0] = title_of(network);
      for (const kind& what : kinds_of(network)) {
        const outcome& result = lab.run({network, mac, what.norm, what.patterns});
        for (std::size_t i = 0; i < columns.size(); ++i) {
          if (columns[i] != std::string(what.name)) continue;
          rows.back()[i + 1] = cell(result, reference);
          chart.panels[0].curves[i].points.push_back(point_of(static_cast<double>(n), result));
        }
      }
      rows.back().push_back(with_interval(reference));
      chart.categories.emplace_back(title_of(network));
    }
    text.set_table(std::string("layers_table_") + multiplier, header, rows);
    text.set_figure(std::string("layers_") + multiplier, chart, chart.panels[0].title);
  }
  const auto share = [&](const std::string& network, batch_norm norm,
                         std::vector<std::string> patterns = {}) {
    return percent_with_interval(lab.run({network, "float32/mitch6", norm, std::move(patterns)}));
  };
  for (const char* network : {"resnet8", "mobilenet18"}) {
    text.set(fmt::format("layers_{}_exact", network), share(network, batch_norm::exact));
    text.set(fmt::format("layers_{}_approximate", network), share(network, batch_norm::approximate));
  }
  text.set("layers_mobilenet18_depthwise", share("mobilenet18", batch_norm::exact, {"conv?d"}));
  text.set("layers_mobilenet18_pointwise", share("mobilenet18", batch_norm::exact, {"conv1", "conv?p"}));
  text.set("layers_mobilenet18_norms", share("mobilenet18", batch_norm::approximate, {"BatchNormalization"}));

  std::vector<std::string> costliest;
  for (const std::string& network : networks) {
    const outcome& reference =
        lab.float32(network, has_batch_norm(network) ? batch_norm::exact : batch_norm::fold);
    const char* worst = nullptr;
    const outcome* found = nullptr;
    for (const kind& what : kinds_of(network)) {
      if (std::string(what.name).starts_with("all")) continue;
      const outcome& result = lab.run({network, "float32/mitch6", what.norm, what.patterns});
      if (found != nullptr && result.share() >= found->share()) continue;
      found = &result;
      worst = what.name;
    }
    costliest.push_back(fmt::format("{}: {}, {}", title_of(network), worst, change(*found, reference)));
  }
  text.set("layers_costliest", fmt::format("{}", fmt::join(costliest, "; ")));
}

}  // namespace napier_study
