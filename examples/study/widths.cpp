// 1: accuracy against w for Mitch-w.
#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <napier/core/error.hpp>

#include "sections.hpp"
#include "statistics.hpp"

namespace napier_study {

namespace {

constexpr int least_width = 3;
constexpr int largest_width = 16;

// napier's MACs, and the study's own arithmetic where no tool has that width compiled in.
setting setting_of(const std::string& network, int w, bool is_unbiased) {
  const bool is_own = w == 9 || w == 11 || (w > 12 && w < 16);
  if (is_own) return {network, "", batch_norm::fold, {}, mitch(w, is_unbiased)};
  return {network, fmt::format("float32/mitch{}{}", w, is_unbiased ? "u" : "")};
}

// Both answer all images alike.
void check_own_mitch(laboratory& lab) {
  for (const bool is_unbiased : {false, true}) {
    const setting how = setting_of("lenet5", 6, is_unbiased);
    if (lab.run(how).right != lab.run({"lenet5", "", batch_norm::fold, {}, mitch(6, is_unbiased)}).right)
      throw napier::error("the study's Mitch-w6 does not answer as napier's does");
  }
}

// The least width from which on each is within a point; 0: none.
int enough(laboratory& lab, const std::string& network, bool is_unbiased) {
  int least = 0;
  for (int w = largest_width; w >= least_width; --w) {
    if (!is_within_a_point(lab.run(setting_of(network, w, is_unbiased)), lab.float32(network))) break;
    least = w;
  }
  return least;
}

std::string width_text(int w) { return w == 0 ? "none" : fmt::format("{}", w); }

std::string list_or_none(const std::vector<std::string>& items) {
  return items.empty() ? "none" : list_of(items);
}

}  // namespace

void study_widths(laboratory& lab, document& text) {
  check_own_mitch(lab);
  figure chart{"w, significant bits kept", "accuracy, %", {}};
  chart.x_ticks = {3, 4, 6, 8, 10, 12, 14, 16};
  std::vector<std::vector<std::string>> rows;
  for (const bool is_unbiased : {false, true}) {
    for (int w = least_width; w <= largest_width; ++w)
      rows.push_back({fmt::format("{}{}", w, is_unbiased ? ", unbiased" : "")});
  }
  rows.push_back({"Mitchell, all bits"});
  rows.push_back({"**float32, exact**"});
  double widest = 0;
  for (const std::string& network : networks) {
    const outcome& reference = lab.float32(network);
    panel drawn{title_of(network), {{"truncated", {}}, {"unbiased", {}}, {"float32, exact", {}, true}}};
    std::size_t row = 0;
    for (const bool is_unbiased : {false, true}) {
      for (int w = least_width; w <= largest_width; ++w) {
        const outcome& result = lab.run(setting_of(network, w, is_unbiased));
        drawn.curves[is_unbiased ? 1 : 0].points.push_back(point_of(w, result));
        rows[row++].push_back(cell(result, reference));
        const napier::interval range = interval_of(result);
        widest = std::max(widest, range.high - range.low);
      }
    }
    rows[row++].push_back(cell(lab.run({network, "float32/mitchell"}), reference));
    rows[row++].push_back(with_interval(reference));
    for (const int w : {least_width, largest_width}) drawn.curves[2].points.push_back(point_of(w, reference));
    chart.panels.push_back(std::move(drawn));
  }
  std::vector<std::string> header = {"w"};
  std::vector<std::vector<std::string>> least = {{"truncated"}, {"unbiased"}};
  for (const std::string& network : networks) {
    header.emplace_back(title_of(network));
    least[0].push_back(width_text(enough(lab, network, false)));
    least[1].push_back(width_text(enough(lab, network, true)));
  }
  text.set_figure("widths", chart, "Accuracy against the bits of Mitch-w");
  text.set_table("widths_table", header, rows);
  header[0] = from_which_on;
  text.set_table("widths_enough", header, least);
  text.set("widths_half_interval", number(100 * widest / 2));

  std::vector<std::string> within;
  std::vector<std::string> from_there_on;
  std::vector<std::string> beyond;
  for (const std::string& network : networks) {
    const bool is_within = is_within_a_point(lab.run(setting_of(network, 6, false)), lab.float32(network));
    (is_within ? within : beyond).emplace_back(title_of(network));
    const int from = enough(lab, network, false);
    if (from != 0 && from <= 6) from_there_on.emplace_back(title_of(network));
  }
  text.set(
      "widths_verdict",
      fmt::format("Within a point of float32 at w = 6: {} (there and at every larger w tried: {}); not: {}.",
                  list_or_none(within), list_or_none(from_there_on), list_or_none(beyond)));

  std::vector<std::vector<std::string>> costs = {
      {"w = 6"}, {"w = 6, unbiased"}, {"w = 8"}, {"w = 8, unbiased"}};
  for (const std::string& network : networks) {
    std::size_t row = 0;
    for (const int w : {6, 8}) {
      for (const bool is_unbiased : {false, true})
        costs[row++].push_back(
            change_in_short(lab.run(setting_of(network, w, is_unbiased)), lab.float32(network)));
    }
  }
  header[0] = "change against float32, points";
  text.set_table("widths_cost", header, costs);
}

}  // namespace napier_study
