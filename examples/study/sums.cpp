// 3: the same relative error in the multiplier and in the adder.
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "random_numbers.hpp"
#include "sections.hpp"
#include "statistics.hpp"

namespace napier_study {

namespace {

// ---- A sum of K terms ------------------------------------------------------------------------------------

constexpr double mean_absolute_error = 0.01;
constexpr double largest_error = 2 * mean_absolute_error;  // of errors uniform between this and its negative
const double error_deviation = largest_error / std::sqrt(3.0);
constexpr std::size_t trials = 1000;
const std::vector<std::size_t> lengths = {1, 4, 16, 64, 256, 1024, 4096};

enum class place { multiplier, chain, tree };
constexpr place places[] = {place::multiplier, place::chain, place::tree};

double faulty(double x, random_numbers& random) {
  return x * (1 + random.uniform(-largest_error, largest_error));
}

// Sum of the terms; an error in each product, or in each addition, one after another or in a tree.
double faulty_sum(std::vector<double> terms, place where, random_numbers& random) {
  if (where == place::tree) {
    for (std::size_t count = terms.size(); count > 1; count /= 2) {
      for (std::size_t i = 0; i < count / 2; ++i) terms[i] = faulty(terms[2 * i] + terms[2 * i + 1], random);
    }
    return terms[0];
  }
  double sum = 0;
  for (const double term : terms) {
    sum = where == place::multiplier ? sum + faulty(term, random) : faulty(sum + term, random);
  }
  return sum;
}

// The moments of a product of a weight and an activation, both standard normal; without their signs if all products
// shall have one sign.
struct product_moments {
  double mean = 0;
  double square = 0;
};
constexpr double pi = 3.14159265358979323846;
constexpr product_moments of_one_sign{2 / pi, 1};
constexpr product_moments of_both_signs{0, 1};

// How far products of unlike sizes are from averaging out as products of one size do.
double unlikeness(const product_moments& product) { return std::sqrt(product.square) / product.mean; }

// The standard deviation of the sum's error, in units of the sum's root mean square. An error that is added to x has the
// variance of the relative error times x², and errors are independent, so variances add up; what an adder is given is
// wrong already, and that is added to x². A sum of m terms has the mean square m² mean² + m (square − mean²).
double theory(place where, const product_moments& product, std::size_t count) {
  const auto square_of_sum = [&](double m) {
    return m * m * product.mean * product.mean + m * (product.square - product.mean * product.mean);
  };
  const double relative = error_deviation * error_deviation;
  const auto k = static_cast<double>(count);
  double variance = where == place::multiplier ? relative * k * product.square : 0;
  if (where == place::chain) {
    for (std::size_t m = 1; m <= count; ++m)
      variance += relative * (square_of_sum(static_cast<double>(m)) + variance);
  }
  if (where == place::tree) {
    for (double m = 2; m <= k; m *= 2) variance = 2 * variance + relative * (square_of_sum(m) + 2 * variance);
  }
  return std::sqrt(variance / square_of_sum(k));
}

double measured(place where, bool one_sign, std::size_t count, random_numbers& random) {
  double errors = 0;
  double squares = 0;
  std::vector<double> terms(count);
  for (std::size_t trial = 0; trial < trials; ++trial) {
    double sum = 0;
    for (double& term : terms) {
      term = random.normal() * random.normal();
      if (one_sign) term = std::fabs(term);
      sum += term;
    }
    const double error = faulty_sum(terms, where, random) - sum;
    errors += error * error;
    squares += sum * sum;
  }
  return std::sqrt(errors / squares);
}

const char* name_of(place where) {
  return where == place::multiplier ? "multiplier" : where == place::chain ? "adder" : "adders in a tree";
}

void study_variance(document& text) {
  figure chart{"K, products a sum", "error of the sum, %", {}};
  chart.log_x = chart.log_y = true;
  chart.x_ticks = {1, 4, 16, 64, 256, 1024, 4096};
  random_numbers random;
  double worst_ratio = 0;
  std::vector<std::vector<std::string>> rows;
  for (const std::size_t k : lengths) rows.push_back({fmt::format("{}", k)});
  for (const bool one_sign : {true, false}) {
    const product_moments& product = one_sign ? of_one_sign : of_both_signs;
    panel drawn{one_sign ? "products of one sign" : "products of both signs", {}};
    for (const place where : places) {
      curve found{name_of(where), {}};
      curve expected{std::string(name_of(where)) + ", theory", {}, true};
      for (std::size_t i = 0; i < lengths.size(); ++i) {
        const std::size_t k = lengths[i];
        const double error = measured(where, one_sign, k, random);
        const double predicted = theory(where, product, k);
        const auto x = static_cast<double>(k);
        if (error > 0) found.points.push_back({x, 100 * error, 100 * error, 100 * error});
        if (predicted > 0) {
          expected.points.push_back({x, 100 * predicted, 100 * predicted, 100 * predicted});
          worst_ratio = std::fmax(worst_ratio, std::fabs(error / predicted - 1));
        }
        rows[i].push_back(fmt::format("{} ({})", number(100 * error, 2), number(100 * predicted, 2)));
      }
      drawn.curves.push_back(std::move(found));
      drawn.curves.push_back(std::move(expected));
    }
    chart.panels.push_back(std::move(drawn));
  }
  text.set_figure("variance", chart, "The error of a sum against its length");
  text.set_table(
      "variance_table",
      {"K", "one sign: multiplier", "adder", "adder, tree", "both signs: multiplier", "adder", "adder, tree"},
      rows);
  text.set("variance_trials", fmt::format("{}", trials));
  text.set("variance_mean_absolute", percent(mean_absolute_error, 0));
  text.set("variance_deviation", percent(error_deviation, 2));
  text.set("variance_factor", number(unlikeness(of_one_sign), 2));
  text.set("variance_worst_ratio", percent(worst_ratio, 0));
}

double mitchell_error(random_numbers& random) {
  const auto a = static_cast<float>(std::fabs(random.normal()));
  const auto b = static_cast<float>(std::fabs(random.normal()));
  return static_cast<double>(mitch_product(a, b, kept_bits(24))) / (static_cast<double>(a) * b) - 1;
}

// Mitchell's own error. In the multiplier: a common bias, and a spread that averages out. In the adder the bias b is inherited: of K
// products alike, the one that is added i-th from the end keeps (1 + b)^i of itself.
void study_mitchell_sums(document& text) {
  random_numbers random;
  std::vector<std::vector<std::string>> rows;
  moments bias;
  for (const std::size_t k : lengths) {
    moments in_multiplier;
    moments in_adder;
    for (std::size_t trial = 0; trial < trials; ++trial) {
      double exact = 0;
      double products = 0;
      double sums = 0;
      for (std::size_t i = 0; i < k; ++i) {
        const double product = std::fabs(random.normal() * random.normal());
        const double error = mitchell_error(random);
        bias.add(error);
        exact += product;
        products += product * (1 + error);
        sums = (sums + product) * (1 + error);
      }
      in_multiplier.add(products / exact - 1);
      in_adder.add(sums / exact - 1);
    }
    const double kept = 1 + bias.mean();
    const auto count = static_cast<double>(k);
    const double expected = kept * (1 - std::pow(kept, count)) / (1 - kept) / count - 1;
    rows.push_back({fmt::format("{}", k), number(100 * in_multiplier.mean(), 2),
                    number(100 * in_multiplier.deviation(), 3),
                    number(100 * in_multiplier.deviation() * std::sqrt(count), 2),
                    fmt::format("{} ({})", number(100 * in_adder.mean(), 2), number(100 * expected, 2)),
                    number(100 * in_adder.deviation(), 2)});
    const std::string scaled_spread = number(100 * in_multiplier.deviation() * std::sqrt(count), 2);
    if (k == lengths.front()) text.set("mitchell_sums_first_spread", scaled_spread);
    if (k == lengths.back()) {
      text.set("mitchell_sums_last_spread", scaled_spread);
      text.set("mitchell_sums_longest", fmt::format("{}", k));
    }
    if (k == 256) {
      text.set("mitchell_sums_multiplier", percent(-in_multiplier.mean()));
      text.set("mitchell_sums_adder", percent(-in_adder.mean(), 0));
      text.set("mitchell_sums_length", fmt::format("{}", k));
    }
  }
  text.set_table("mitchell_sums",
                 {"K", "in the multiplier: mean error of the sum, %", "spread, %", "spread · √K, %",
                  "in the adder: mean error (theory), %", "spread, %"},
                 rows);
}

// ---- A network ---------------------------------------------------------------------------------------------

const std::vector<double> levels = {0.0003, 0.001, 0.003, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2};
const std::vector<std::string> tried = {"lenet5", "vgg8", "resnet8"};

own_arithmetic arithmetic_of(bool in_adder, bool is_biased, double level) {
  const double low = -2 * level;
  const double high = is_biased ? 0 : 2 * level;
  return in_adder ? noisy_sums(low, high) : noisy_products(low, high);
}

// The largest level with at most a point lost, of all smaller ones, too.
double tolerated(laboratory& lab, const std::string& network, bool in_adder, bool is_biased) {
  double largest = 0;
  for (const double level : levels) {
    const outcome& result =
        lab.run({network, "", batch_norm::fold, {}, arithmetic_of(in_adder, is_biased, level)});
    if (!is_within_a_point(result, lab.float32(network))) break;
    largest = level;
  }
  return largest;
}

std::string level_text(double level) {
  return level == 0 ? fmt::format("less than {:g} %", 100 * levels.front())
                    : fmt::format("{:g} %", 100 * level);
}

void study_networks(laboratory& lab, document& text) {
  figure chart{"mean absolute relative error, %", "accuracy, %", {}};
  chart.log_x = true;
  std::vector<std::string> header = {"network", "error"};
  for (const double level : levels) header.push_back(level_text(level));
  std::vector<std::vector<std::string>> rows;
  std::vector<std::vector<std::string>> limits;
  for (const bool is_biased : {false, true}) {
    for (const std::string& network : tried) {
      const outcome& reference = lab.float32(network);
      panel drawn{fmt::format("{}, {}", title_of(network), is_biased ? "downwards only" : "up and down"), {}};
      for (const bool in_adder : {false, true}) {
        curve line{in_adder ? "in the adder" : "in the multiplier", {}};
        rows.push_back({title_of(network), fmt::format("{}, {}", in_adder ? "adder" : "multiplier",
                                                       is_biased ? "downwards" : "up and down")});
        for (const double level : levels) {
          const outcome& result =
              lab.run({network, "", batch_norm::fold, {}, arithmetic_of(in_adder, is_biased, level)});
          line.points.push_back(point_of(100 * level, result));
          rows.back().push_back(cell(result, reference));
        }
        drawn.curves.push_back(std::move(line));
      }
      drawn.curves.push_back(
          {"float32, exact",
           {point_of(100 * levels.front(), reference), point_of(100 * levels.back(), reference)},
           true});
      chart.panels.push_back(std::move(drawn));
      limits.push_back({title_of(network), is_biased ? "downwards only" : "up and down",
                        level_text(tolerated(lab, network, false, is_biased)),
                        level_text(tolerated(lab, network, true, is_biased))});
    }
  }
  text.set_figure("sums", chart, "The same relative error in the multiplier and in the adder");
  text.set_table("sums_table", header, rows, 2);
  text.set_table("sums_limits", {"network", "error", "multiplier", "adder"}, limits, 2);
  const double in_multiplier = tolerated(lab, "resnet8", false, true);
  const double in_adder = tolerated(lab, "resnet8", true, true);
  for (const bool is_biased : {false, true}) {
    double least = INFINITY;
    double most = 0;
    for (const std::string& network : tried) {
      const double adder = std::fmax(levels.front(), tolerated(lab, network, true, is_biased));
      const double ratio = tolerated(lab, network, false, is_biased) / adder;
      least = std::fmin(least, ratio);
      most = std::fmax(most, ratio);
    }
    text.set(is_biased ? "sums_ratio_downwards" : "sums_ratio_both",
             least == most ? fmt::format("{:.3g}", least) : fmt::format("{:.3g} to {:.3g}", least, most));
  }
  double step = 1;
  for (std::size_t i = 1; i < levels.size(); ++i) step = std::fmax(step, levels[i] / levels[i - 1]);
  text.set("sums_step", number(step));
  text.set("sums_resnet8_multiplier", level_text(in_multiplier));
  text.set("sums_resnet8_adder", level_text(in_adder));
  constexpr double compared = 0.01;
  text.set("sums_compared", level_text(compared));
  for (const bool is_adder : {false, true}) {
    for (const bool is_biased : {false, true}) {
      text.set(
          fmt::format("sums_{}_{}", is_adder ? "adder" : "multiplier", is_biased ? "downwards" : "both"),
          change(lab.run({"resnet8", "", batch_norm::fold, {}, arithmetic_of(is_adder, is_biased, compared)}),
                 lab.float32("resnet8")));
    }
  }
}

// The fewest bits of sums, of those tried, that cost ResNet-8 a point at most, as do all more; 0: none.
int enough_bits(laboratory& lab, const std::vector<int>& tried_bits, bool is_rounded) {
  int least = 0;
  for (const int bits : tried_bits) {
    const outcome& result = lab.run({"resnet8", "", batch_norm::fold, {}, short_sums(bits, is_rounded)});
    if (!is_within_a_point(result, lab.float32("resnet8"))) break;
    least = bits;
  }
  return least;
}

const std::vector<int> cut_bits = {11, 8, 6, 4};
const std::vector<int> rounded_bits = {8, 6, 4};

// What circuits compute, of formats and adders that are built.
void study_circuits(laboratory& lab, document& text) {
  struct circuit {
    std::string name;
    setting how;
  };
  std::vector<circuit> circuits = {{"Mitchell's product, float32 sums", {"", "float32/mitchell"}},
                                   {"Mitch-w6 product, float32 sums", {"", "float32/mitch6"}},
                                   {"bfloat16 product, float32 sums", {"", "bfloat16"}},
                                   {"exact product, float16 sums", {"", "float32/exact/float16"}},
                                   {"exact product, bfloat16 sums", {"", "float32/exact/bfloat16"}}};
  for (const int bits : cut_bits) {
    circuits.push_back({fmt::format("exact product, sums cut to {} bits", bits),
                        {"", "", batch_norm::fold, {}, short_sums(bits, false)}});
  }
  for (const int bits : rounded_bits) {
    circuits.push_back({fmt::format("exact product, sums rounded to {} bits", bits),
                        {"", "", batch_norm::fold, {}, short_sums(bits, true)}});
  }
  for (const int bits : {6, 4, 3}) {
    circuits.push_back({fmt::format("products cut to {} bits, float32 sums", bits),
                        {"", "", batch_norm::fold, {}, short_products(bits, false)}});
  }
  // Adders of fixed-point numbers, their low 16 or 24 bits approximate: scalar code, on the smallest network alone.
  std::vector<circuit> adders = {
      {"fixed point, exact sums", {"", "fixed32_16"}},
      {"fixed point, Mitch-w6 product, exact sums", {"", "fixed32_16/mitch6"}},
      {"fixed point, lower-part-OR adder of 16 bits", {"", "fixed32_16/exact/loa16"}},
      {"fixed point, lower-part-OR adder of 24 bits", {"", "fixed32_16/exact/loa24"}},
      {"fixed point, adder without its lowest 24 bits", {"", "fixed32_16/exact/trunc24"}}};
  const std::vector<std::string> shown = {"lenet5", "resnet8"};
  std::vector<std::string> header = {"arithmetic"};
  for (const std::string& network : shown) header.emplace_back(title_of(network));
  std::vector<std::vector<std::string>> rows;
  for (circuit& each : circuits) {
    rows.push_back({each.name});
    for (const std::string& network : shown) {
      each.how.network = network;
      rows.back().push_back(cell(lab.run(each.how), lab.float32(network)));
    }
  }
  for (circuit& each : adders) {
    each.how.network = "lenet5";
    rows.push_back({each.name, cell(lab.run(each.how), lab.float32("lenet5")), ""});
  }
  text.set_table("circuits", header, rows);
  const auto bits_text = [](int bits) {
    return bits == 0 ? std::string("more bits than were tried") : fmt::format("{} bits", bits);
  };
  text.set("circuits_cut_bits", bits_text(enough_bits(lab, cut_bits, false)));
  text.set("circuits_rounded_bits", bits_text(enough_bits(lab, rounded_bits, true)));
  text.set("circuits_bfloat16",
           change(lab.run({"resnet8", "float32/exact/bfloat16"}), lab.float32("resnet8")));
}

}  // namespace

void study_sums(laboratory& lab, document& text) {
  study_variance(text);
  study_mitchell_sums(text);
  study_networks(lab, text);
  study_circuits(lab, text);
}

}  // namespace napier_study
