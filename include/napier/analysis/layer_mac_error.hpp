#pragma once
// napier/analysis/layer_mac_error.hpp — what can be told of a MAC that is known at run time only, by running it.
//
// What      mac_error_of: mean and standard deviation of the relative error of single products, sums finished (compensated,
//           rounded to the format), over operands whose fractions are evenly spread in [1, 2)
//           rounded_by: values in the format; clamps_of: the numbers that the format clamps to
// Checked   tests/analysis/layer_truth_test.cpp

#include <array>
#include <cmath>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include <napier/analysis/layer_statistics.hpp>
#include <napier/network/engine.hpp>
#include <napier/network/tensor.hpp>

namespace napier {

inline std::vector<double> to_doubles(const activation& values) {
  std::vector<double> result(values.size());
  values.read(0, result);
  return result;
}

inline std::vector<double> rounded_by(const engine& mac, const activation_ptr& values) {
  const shape& dimensions = values->dimensions();
  const compiled_layer copy = mac.compile(reshape_layer{dimensions}, dimensions, batch_norm_mode::exact);
  return to_doubles(*copy(std::array{values}));
}

inline std::vector<double> rounded_by(const engine& mac, std::span<const double> values) {
  auto flat = std::make_shared<tensor<double>>(1, shape{values.size()});
  flat->values.assign(values.begin(), values.end());
  return rounded_by(mac, activation_ptr(std::move(flat)));
}

inline format_clamps clamps_of(const engine& mac) {
  const std::vector<double> ends = rounded_by(mac, std::array{0x1p1000, -0x1p1000, 0x1p-1000});
  format_clamps clamps;
  if (std::isfinite(ends[0])) clamps.largest = ends[0];
  if (std::isfinite(ends[1])) clamps.lowest = ends[1];
  clamps.smallest = ends[2];
  return clamps;
}

struct mac_error {
  double mean = 0;
  double deviation = 0;
};

inline mac_error mac_error_of(const engine& mac) {
  constexpr std::size_t steps = 64;
  std::vector<double> operands(steps);
  for (std::size_t i = 0; i < steps; ++i)
    operands[i] = 1 + (static_cast<double>(i) + 0.5) / static_cast<double>(steps);
  operands = rounded_by(mac, operands);
  const compiled_layer product =
      mac.compile(fully_connected_layer{1, steps, operands, {}}, {steps}, batch_norm_mode::exact);
  auto inputs = std::make_shared<tensor<double>>(steps, shape{1});
  inputs->values = operands;
  const std::vector<double> products = to_doubles(*product(std::array<activation_ptr, 1>{std::move(inputs)}));
  double sum = 0;
  double squares = 0;
  for (std::size_t i = 0; i < products.size(); ++i) {
    const double exact = operands[i / steps] * operands[i % steps];
    const double error = products[i] / exact - 1;
    sum += error;
    squares += error * error;
  }
  const auto count = static_cast<double>(products.size());
  const double mean = sum / count;
  return {mean, std::sqrt(std::max(0.0, squares / count - mean * mean))};
}

}  // namespace napier
