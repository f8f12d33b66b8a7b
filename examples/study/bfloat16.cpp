// 6: bfloat16 by the same two numbers.
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <napier/formats/native.hpp>
#include <napier/multipliers/drum.hpp>
#include <napier/multipliers/iterative_mitchell.hpp>
#include <napier/multipliers/mbm.hpp>
#include <napier/multipliers/roba.hpp>

#include "claims.hpp"
#include "error_moments.hpp"
#include "sections.hpp"
#include "statistics.hpp"

namespace napier_study {

namespace {

const std::vector<int> bits_tried = {2, 3, 4, 5, 6, 8};
const std::vector<std::string> drawn_networks = {"lenet5", "resnet8", "mobilenet18"};

struct arithmetic {
  std::string name;
  std::function<double(float, float)> product;  // the errors are this one's
  std::string mac;                              // of napier's tools; empty: `own`
  own_arithmetic own = {};
};

arithmetic of_own(const char* name, const own_arithmetic& own, const char* mac) {
  return {name, [own](float a, float b) { return static_cast<double>(own.step(0, a, b, own.parameters)); },
          mac, own};
}

template <class Multiplier>
arithmetic of_multiplier(const char* name, Multiplier multiplier, const char* mac) {
  return {name, [=](float a, float b) { return napier::round_to<double>(multiplier.multiply(a, b)); }, mac};
}

double mitchell_of_rounded(float a, float b) {
  const own_arithmetic rounding = short_operands(8, true);
  const float x = rounding.step(0, a, 1, rounding.parameters);
  const float y = rounding.step(0, b, 1, rounding.parameters);
  return static_cast<double>(mitch_product(x, y, kept_bits(24)));
}

// The claim's key.
std::string published_bias_of(const std::string& name) {
  return name == "Mitchell"                       ? "mitchell_bias"
         : name == "Mitch-w8"                     ? "mitch8_bias"
         : name == "Mitch-w6"                     ? "mitch6_bias"
         : name == "two-stage iterative Mitchell" ? "iterative_bias"
         : name == "MBM"                          ? "mbm_bias"
                                                  : "";
}

}  // namespace

void study_bfloat16(laboratory& lab, document& text) {
  const std::vector<arithmetic> arithmetics = {
      of_own("bfloat16: operands rounded to 8 bits", short_operands(8, true), "bfloat16"),
      of_own("operands cut to 8 bits", short_operands(8, false), ""),
      of_own("float8 e4m3 as a whole: operands of 4 bits, its range, outputs rounded",
             short_operands(4, true), "float8_e4m3fn"),
      of_own("operands cut to 4 bits", short_operands(4, false), ""),
      of_own("Mitchell", shaped_mitch(24, 0, 1), "float32/mitchell"),
      {"Mitchell on bfloat16", mitchell_of_rounded, "bfloat16/mitchell"},
      of_own("Mitch-w8", shaped_mitch(8, 0, 1), "float32/mitch8"),
      of_own("Mitch-w6", shaped_mitch(6, 0, 1), "float32/mitch6"),
      of_multiplier("two-stage iterative Mitchell", napier::iterative_mitchell<2>{}, "float32/iterative2"),
      of_multiplier("MBM", napier::mbm{}, "float32/mbm"),
      of_multiplier("RoBA", napier::roba{}, "float32/roba"),
      of_multiplier("DRUM-6", napier::drum<6>{}, "float32/drum6"),
      of_multiplier("DRUM-4", napier::drum<4>{}, "float32/drum4")};
  std::vector<std::string> header = {"products", "bias, %", "published", "spread, %"};
  for (const std::string& network : networks) header.emplace_back(title_of(network));
  std::vector<std::vector<std::string>> rows;
  for (const arithmetic& each : arithmetics) {
    const error_moments errors = moments_of(each.product);
    const std::string key = published_bias_of(each.name);
    rows.push_back({each.name, number(100 * errors.bias, 3), key.empty() ? "" : claim_of(key).value,
                    number(100 * errors.spread, 3)});
    if (each.mac == "bfloat16") {
      text.set("bfloat16_bias", number(100 * errors.bias, 4) + " %");
      text.set("bfloat16_spread", number(100 * errors.spread, 2) + " %");
    }
    for (const std::string& network : networks) {
      setting how{network, each.mac};
      if (each.mac.empty()) how.own = each.own;
      rows.back().push_back(cell(lab.run(how), lab.float32(network)));
    }
  }
  rows.push_back({"float32, exact", "0", "", "0"});
  for (const std::string& network : networks) rows.back().push_back(with_interval(lab.float32(network)));
  text.set_table("bfloat16_table", header, rows);
  std::size_t most = 0;  // answers
  std::string most_text;
  for (const std::string& network : networks) {
    const outcome& result = lab.run({network, "bfloat16"});
    const std::size_t right = result.correct();
    const std::size_t reference = lab.float32(network).correct();
    const std::size_t distance = right > reference ? right - reference : reference - right;
    if (distance <= most) continue;
    most = distance;
    most_text = fmt::format("{}, {}", title_of(network), change(result, lab.float32(network)));
  }
  text.set("bfloat16_changes",
           most == 0 ? "none of the five networks has more or fewer right answers than in float32"
                     : "the largest change of the five is " + most_text);

  figure chart{"significant bits of the operands", "accuracy, %", {}};
  chart.x_ticks = {2, 3, 4, 5, 6, 8};
  for (const std::string& network : drawn_networks) {
    panel drawn{title_of(network), {{"rounded", {}}, {"cut off", {}}, {"float32, exact", {}, true}}};
    for (const int bits : bits_tried) {
      for (const bool is_rounded : {true, false}) {
        const outcome& result =
            lab.run({network, "", batch_norm::fold, {}, short_operands(bits, is_rounded)});
        drawn.curves[is_rounded ? 0 : 1].points.push_back(point_of(bits, result));
      }
    }
    for (const int bits : {bits_tried.front(), bits_tried.back()}) {
      drawn.curves[2].points.push_back(point_of(bits, lab.float32(network)));
    }
    chart.panels.push_back(std::move(drawn));
  }
  text.set_figure("bfloat16", chart, "Operands rounded and cut, products exact");
}

}  // namespace napier_study
