// 5: bias against variance.
#include <string>
#include <vector>

#include <fmt/format.h>

#include <napier/core/error.hpp>

#include "error_moments.hpp"
#include "sections.hpp"
#include "statistics.hpp"

namespace napier_study {

namespace {

const std::vector<int> widths = {4, 5, 6, 8, 24};
const std::vector<std::string> tried = {"lenet5", "resnet8", "mobilenet18"};
const std::vector<int> compensated_widths = {1, 2, 3, 4, 5, 6, 7, 8};

// napier's MACs, and the study's own arithmetic where no tool has that width compiled in.
setting compensated_setting(const std::string& network, int w, bool is_compensated) {
  const bool is_own = w < 3 || (w == 7 && is_compensated);
  if (is_own) return {network, "", batch_norm::fold, {}, mitch(w, false, is_compensated)};
  return {network, fmt::format("float32/mitch{}{}", w, is_compensated ? "/compensated-float32" : "")};
}

// Both answer all images alike.
void check_own_compensation(laboratory& lab) {
  if (lab.run(compensated_setting("lenet5", 4, true)).right !=
      lab.run({"lenet5", "", batch_norm::fold, {}, mitch(4, false, true)}).right)
    throw napier::error("the study's compensated Mitch-w4 does not answer as napier's does");
}

std::string name_of(int w) { return w == 24 ? "Mitchell" : fmt::format("Mitch-w{}", w); }

// Of equal mean absolute error: as it is, its bias alone, its spread alone.
struct three {
  own_arithmetic as_it_is;
  own_arithmetic bias_alone;
  own_arithmetic spread_alone;
};

three three_of(int w) {
  const own_arithmetic as_it_is = shaped_mitch(w, 0, 1);
  const error_moments errors = moments_of(as_it_is);
  const double factor = errors.mean_absolute / errors.mean_absolute_deviation;
  return {as_it_is, shaped_mitch(w, -errors.mean_absolute, 0),
          shaped_mitch(w, -factor * errors.bias, factor)};
}

}  // namespace

void study_bias(laboratory& lab, document& text) {
  text.set("mitchell_worst",
           percent(1 - static_cast<double>(mitch_product(1.5F, 1.5F, kept_bits(24))) / 2.25));
  text.set("mitchell_example",
           fmt::format("{:g}", static_cast<double>(mitch_product(3.0F, 3.0F, kept_bits(24)))));
  text.set("mitchell_bias", percent(-moments_of(shaped_mitch(24, 0, 1)).bias, 2));
  text.set("mitch6_bias", percent(-moments_of(shaped_mitch(6, 0, 1)).bias));
  figure chart{"mean absolute relative error, %", "accuracy, %", {}};
  std::vector<std::vector<std::string>> rows;
  std::vector<std::vector<std::string>> errors;
  for (const std::string& network : tried) {
    const outcome& reference = lab.float32(network);
    panel drawn{title_of(network),
                {{"Mitch-w as it is", {}},
                 {"its bias alone", {}},
                 {"its spread alone", {}},
                 {"float32, exact", {}, true}}};
    for (const int w : widths) {
      const three all = three_of(w);
      rows.push_back({title_of(network), name_of(w)});
      std::size_t column = 0;
      for (const own_arithmetic* each : {&all.as_it_is, &all.bias_alone, &all.spread_alone}) {
        const outcome& result = lab.run({network, "", batch_norm::fold, {}, *each});
        const error_moments moments = moments_of(*each);
        rows.back().push_back(cell(result, reference));
        drawn.curves[column++].points.push_back(point_of(100 * moments.mean_absolute, result));
        if (network == tried.front()) {
          errors.push_back({column == 1   ? name_of(w)
                            : column == 2 ? name_of(w) + ", bias alone"
                                          : name_of(w) + ", spread alone",
                            number(100 * moments.bias, 2), number(100 * moments.spread, 2),
                            number(100 * moments.mean_absolute, 2)});
        }
      }
    }
    for (const point& p : {drawn.curves[0].points.front(), drawn.curves[0].points.back()}) {
      drawn.curves[3].points.push_back(point_of(p.x, reference));
    }
    chart.panels.push_back(std::move(drawn));
  }
  text.set_figure("bias", chart, "Bias and spread of the same size");
  text.set_table("bias_errors", {"multiplier", "bias, %", "spread, %", "mean absolute error, %"}, errors);
  text.set_table("bias_table", {"network", "multiplier", "as it is", "bias alone", "spread alone"}, rows, 2);

  figure compensated{"w, significant bits kept", "accuracy, %", {}};
  check_own_compensation(lab);
  compensated.x_ticks = {1, 2, 3, 4, 5, 6, 7, 8};
  std::vector<std::string> header = {"w"};
  std::vector<std::vector<std::string>> cells;
  for (const int w : compensated_widths) cells.push_back({fmt::format("{}", w)});
  std::vector<std::vector<std::string>> enough = {{"truncated"}, {"compensated"}};
  for (const std::string& network : networks) {
    header.emplace_back(title_of(network));
    const outcome& reference = lab.float32(network);
    panel drawn{title_of(network), {{"truncated", {}}, {"compensated", {}}, {"float32, exact", {}, true}}};
    for (std::size_t is_compensated : {0u, 1u}) {
      std::string least = "none";
      for (std::size_t i = compensated_widths.size(); i-- > 0;) {
        const int w = compensated_widths[i];
        const outcome& result = lab.run(compensated_setting(network, w, is_compensated != 0));
        drawn.curves[is_compensated].points.insert(drawn.curves[is_compensated].points.begin(),
                                                   point_of(w, result));
        cells[i].push_back(cell(result, reference));
      }
      for (std::size_t i = compensated_widths.size(); i-- > 0;) {
        const int w = compensated_widths[i];
        if (!is_within_a_point(lab.run(compensated_setting(network, w, is_compensated != 0)), reference))
          break;
        least = fmt::format("{}", w);
      }
      enough[is_compensated].push_back(least);
    }
    drawn.curves[2].points = {point_of(compensated_widths.front(), reference),
                              point_of(compensated_widths.back(), reference)};
    compensated.panels.push_back(std::move(drawn));
  }
  for (auto& row : cells) {
    std::vector<std::string> joined = {row[0]};
    for (std::size_t i = 1; i < row.size(); i += 2) joined.push_back(row[i] + " / " + row[i + 1]);
    row = joined;
  }
  std::vector<std::string> with_four;
  for (std::size_t n = 0; n < networks.size(); ++n) {
    const std::string& least = enough[1][n + 1];
    if (least != "none" && std::stoi(least) <= 4) with_four.emplace_back(title_of(networks[n]));
  }
  text.set("compensated_with_four", with_four.empty() ? "none" : list_of(with_four));
  std::vector<std::string> with_four_bits;
  for (const std::string& network : networks) {
    with_four_bits.push_back(
        fmt::format("{} {}", title_of(network),
                    change(lab.run(compensated_setting(network, 4, true)), lab.float32(network))));
  }
  text.set("compensated_four_changes", list_of(with_four_bits));
  std::vector<std::string> bias_changes;
  std::vector<std::string> spread_changes;
  const three six = three_of(6);
  for (const std::string& network : tried) {
    const auto changed = [&](const own_arithmetic& own) {
      return fmt::format("{} {}", title_of(network),
                         change(lab.run({network, "", batch_norm::fold, {}, own}), lab.float32(network)));
    };
    bias_changes.push_back(changed(six.bias_alone));
    spread_changes.push_back(changed(six.spread_alone));
  }
  text.set("bias_alone_changes", list_of(bias_changes));
  text.set("spread_alone_changes", list_of(spread_changes));
  text.set_figure("compensated", compensated, "One constant takes the bias out");
  text.set_table("compensated_table", header, cells);
  header[0] = from_which_on;
  text.set_table("compensated_enough", header, enough);
}

}  // namespace napier_study
