// 1: accuracy against w for Mitch-w.
#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "sections.hpp"
#include "statistics.hpp"

namespace napier_study {

namespace {

const std::vector<int> widths = {3, 4, 5, 6, 7, 8, 10, 12, 16};

std::string mac_of(int w, bool is_unbiased) {
  return fmt::format("float32/mitch{}{}", w, is_unbiased ? "u" : "");
}

// The least width from which on each costs at most one point in a hundred.
std::string enough(laboratory& lab, const std::string& network, bool is_unbiased) {
  const double floor = lab.float32(network).share() - 0.01;
  int least = 0;
  for (auto w = widths.rbegin(); w != widths.rend(); ++w) {
    if (lab.run({network, mac_of(*w, is_unbiased)}).share() < floor) break;
    least = *w;
  }
  return least == 0 ? "none" : fmt::format("{}", least);
}

}  // namespace

void study_widths(laboratory& lab, document& text) {
  figure chart{"w, significant bits kept", "accuracy, %", {}};
  chart.x_ticks = {3, 4, 5, 6, 7, 8, 10, 12, 16};
  std::vector<std::vector<std::string>> rows;
  for (const bool is_unbiased : {false, true}) {
    for (const int w : widths) rows.push_back({fmt::format("{}{}", w, is_unbiased ? ", unbiased" : "")});
  }
  rows.push_back({"Mitchell, all bits"});
  rows.push_back({"**float32, exact**"});
  double widest = 0;
  for (const std::string& network : networks) {
    const outcome& reference = lab.float32(network);
    panel drawn{title_of(network), {{"truncated", {}}, {"unbiased", {}}, {"float32, exact", {}, true}}};
    std::size_t row = 0;
    for (const bool is_unbiased : {false, true}) {
      for (const int w : widths) {
        const outcome& result = lab.run({network, mac_of(w, is_unbiased)});
        drawn.curves[is_unbiased ? 1 : 0].points.push_back(point_of(w, result));
        rows[row++].push_back(cell(result, reference));
        const napier::interval range = interval_of(result);
        widest = std::max(widest, range.high - range.low);
      }
    }
    rows[row++].push_back(cell(lab.run({network, "float32/mitchell"}), reference));
    rows[row++].push_back(with_interval(reference));
    for (const int w : {widths.front(), widths.back()})
      drawn.curves[2].points.push_back(point_of(w, reference));
    chart.panels.push_back(std::move(drawn));
  }
  std::vector<std::string> header = {"w"};
  std::vector<std::vector<std::string>> least = {{"truncated"}, {"unbiased"}};
  for (const std::string& network : networks) {
    header.emplace_back(title_of(network));
    least[0].push_back(enough(lab, network, false));
    least[1].push_back(enough(lab, network, true));
  }
  text.set_figure("widths", chart, "Accuracy against the bits of Mitch-w");
  text.set_table("widths_table", header, rows);
  header[0] = "least w within one point of float32";
  text.set_table("widths_enough", header, least);
  text.set("widths_half_interval", number(100 * widest / 2));

  std::vector<std::string> within;
  std::vector<std::string> beyond;
  for (const std::string& network : networks) {
    const bool is_within =
        lab.run({network, mac_of(6, false)}).share() >= lab.float32(network).share() - 0.01;
    (is_within ? within : beyond).emplace_back(title_of(network));
  }
  text.set("widths_verdict",
           fmt::format("Within a point of float32 at w = 6: {}; not: {}.",
                       within.empty() ? "none" : list_of(within), beyond.empty() ? "none" : list_of(beyond)));

  const outcome& six = lab.run({"resnet8", "float32/mitch6"});
  const outcome& eight = lab.run({"resnet8", "float32/mitch8"});
  const outcome& reference = lab.float32("resnet8");
  text.set("resnet8_mitch6_change", number(100 * (six.share() - reference.share()), 1));
  text.set("resnet8_mitch6_p", fmt::format("{:.2g}", mcnemar(six, reference)));
  text.set("resnet8_mitch8_change", number(100 * (eight.share() - reference.share()), 1));
  text.set("resnet8_mitch8_p", fmt::format("{:.2g}", mcnemar(eight, reference)));
}

}  // namespace napier_study
