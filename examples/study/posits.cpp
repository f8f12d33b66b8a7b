// 2: exact against PLAM.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "sections.hpp"
#include "statistics.hpp"

namespace napier_study {

namespace {

const std::vector<int> widths = {6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
const std::vector<std::string> tried = {"lenet5", "resnet8"};

struct way {
  const char* name;
  const char* multiplier;
  bool has_quire;
};
constexpr way ways[] = {{"exact, quire", "exact", true},
                        {"PLAM, quire", "plam", true},
                        {"exact, rounded sums", "rounded-exact", false},
                        {"PLAM, rounded sums", "rounded-plam", false}};

setting setting_of(const std::string& network, int n, int es, const way& how) {
  const std::string format = fmt::format("posit{}_{}", n, es);
  return {network, fmt::format("{}/{}/{}", format, how.multiplier, how.has_quire ? "quire" : format)};
}

}  // namespace

void study_posits(laboratory& lab, document& text) {
  figure chart{"n, bits of the posit", "accuracy, %", {}};
  chart.x_ticks = {6, 8, 10, 12, 14, 16};
  std::size_t pairs = 0;
  std::size_t differing = 0;
  std::size_t pairs_from_ten = 0;
  std::size_t worse_from_ten = 0;
  std::size_t better_from_ten = 0;
  double largest_from_ten = -1;
  std::string largest_text;
  double worst_rounded_sum = -1;
  std::string worst_rounded_text;
  for (const std::string& network : tried) {
    std::vector<std::string> header = {"es", "n"};
    for (const way& how : ways) header.emplace_back(how.name);
    std::vector<std::vector<std::string>> rows;
    const outcome& reference = lab.float32(network);
    for (int es = 0; es <= 2; ++es) {
      panel drawn{fmt::format("{}, es = {}", title_of(network), es), {}};
      for (const way& how : ways) drawn.curves.push_back({how.name, {}});
      for (const int n : widths) {
        rows.push_back({fmt::format("{}", es), fmt::format("{}", n)});
        for (std::size_t i = 0; i < std::size(ways); ++i) {
          const outcome& result = lab.run(setting_of(network, n, es, ways[i]));
          drawn.curves[i].points.push_back(point_of(n, result));
          rows.back().push_back(cell(result, reference));
        }
        const outcome& exact = lab.run(setting_of(network, n, es, ways[0]));
        const outcome& plam = lab.run(setting_of(network, n, es, ways[1]));
        const outcome& rounded = lab.run(setting_of(network, n, es, ways[2]));
        ++pairs;
        differing += mcnemar(exact, plam) < 0.05 ? 1 : 0;
        const auto name = [&] { return fmt::format("posit<{}, {}> on {}", n, es, title_of(network)); };
        if (n >= 10) {
          const bool differ = mcnemar(exact, plam) < 0.05;
          ++pairs_from_ten;
          worse_from_ten += differ && exact.share() > plam.share() ? 1 : 0;
          better_from_ten += differ && exact.share() < plam.share() ? 1 : 0;
          if (std::fabs(exact.share() - plam.share()) > largest_from_ten) {
            largest_from_ten = std::fabs(exact.share() - plam.share());
            largest_text = fmt::format("{}, {}", change(plam, exact), name());
          }
        }
        if (exact.share() - rounded.share() > worst_rounded_sum) {
          worst_rounded_sum = exact.share() - rounded.share();
          worst_rounded_text = fmt::format("{}, {}", change(rounded, exact), name());
        }
      }
      drawn.curves.push_back({"float32, exact",
                              {point_of(widths.front(), reference), point_of(widths.back(), reference)},
                              true});
      chart.panels.push_back(std::move(drawn));
    }
    text.set_table("posits_" + network, header, rows);
    text.set("posits_" + network + "_float32", with_interval(reference));
  }
  text.set_figure("posits", chart, "Exact products against PLAM in posits");
  text.set("posits_pairs", fmt::format("{}", pairs));
  text.set("posits_differing", fmt::format("{}", differing));
  text.set("posits_verdict",
           fmt::format("Here PLAM is worse than the exact product by more than chance in {} of the {} "
                       "pairs with n of 10 and more, and better in {}.",
                       worse_from_ten, pairs_from_ten, better_from_ten));
  text.set("posits_largest_from_ten", largest_text);
  text.set("posits_worst_rounded", worst_rounded_text);
}

}  // namespace napier_study
