#pragma once
// napier/layers/activation.hpp — relu, clip, sigmoid, tanh, softmax.
//
// What      relu, clip: exact. sigmoid, tanh, softmax: in FP64 by <cmath>, rounded once to the format
// Special   NaN (NaR) stays NaN; relu: −0 becomes +0; softmax: NaN, or +infinity, in a row makes the whole row NaN
// Errors    shape_error when input and output differ in length; model_error when a bound of clip is NaN
// Checked   tests/layers/activation_test.cpp

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <napier/core/concepts.hpp>
#include <napier/core/error.hpp>
#include <napier/formats/native.hpp>
#include <napier/layers/order.hpp>

// The output of each function may be its input.
namespace napier {

namespace detail {

template <Format F, class Function>
void transform_elements(const char* layer, std::span<const F> input, std::span<F> output, Function function) {
  if (input.size() != output.size()) {
    throw shape_error(std::string(layer) + ": output has " + std::to_string(output.size()) +
                      " elements, expected " + std::to_string(input.size()));
  }
  for (std::size_t i = 0; i < input.size(); ++i) output[i] = function(input[i]);
}

template <Format F, class Function>
void transform_in_float64(const char* layer, std::span<const F> input, std::span<F> output,
                          Function function) {
  transform_elements<F>(layer, input, output,
                        [&](F x) { return round_to<F>(decode(function(round_to<double>(decode(x))))); });
}

}  // namespace detail

// max(x, 0)
template <Format F>
void relu(std::span<const std::type_identity_t<F>> input, std::span<F> output) {
  const F zero = round_to<F>(unpacked::zero());
  detail::transform_elements<F>("relu", input, output, [zero](F x) {
    const unpacked value = decode(x);
    return !value.is_nan() && value.negative ? zero : x;
  });
}

// min(max(x, low), high), the bounds rounded to the format. A bound that becomes NaN there, as an infinity does in a
// posit and what overflows in float8_e4m3fn, binds nothing.
template <Format F>
void clip(std::span<const std::type_identity_t<F>> input, double low, double high, std::span<F> output) {
  if (std::isnan(low) || std::isnan(high)) throw model_error("clip: a bound is NaN");
  const F low_bound = round_to<F>(decode(low));
  const F high_bound = round_to<F>(decode(high));
  detail::transform_elements<F>("clip", input, output, [=](F x) {
    const F raised = detail::is_less(decode(x), decode(low_bound)) ? low_bound : x;
    return detail::is_less(decode(high_bound), decode(raised)) ? high_bound : raised;
  });
}

// ReLU6 is clip between 0 and 6.
template <Format F>
void relu6(std::span<const std::type_identity_t<F>> input, std::span<F> output) {
  clip<F>(input, 0, 6, output);
}

// 1 / (1 + e^−x)
template <Format F>
void sigmoid(std::span<const std::type_identity_t<F>> input, std::span<F> output) {
  detail::transform_in_float64<F>("sigmoid", input, output, [](double x) {
    const double power = std::exp(-std::fabs(x));  // at most 1: accurate in both tails
    return (std::signbit(x) ? power : 1) / (1 + power);
  });
}

template <Format F>
void tanh(std::span<const std::type_identity_t<F>> input, std::span<F> output) {
  detail::transform_in_float64<F>("tanh", input, output, [](double x) { return std::tanh(x); });
}

// e^(x − m) / (sum of e^(x − m), in ascending order) over each row of row_length elements, m the largest of them.
template <Format F>
void softmax(std::span<const std::type_identity_t<F>> input, std::size_t row_length, std::span<F> output) {
  if (input.size() != output.size() || (row_length == 0 ? !input.empty() : input.size() % row_length != 0)) {
    throw shape_error("softmax: input has " + std::to_string(input.size()) + " elements, output " +
                      std::to_string(output.size()) + "; expected equal multiples of " +
                      std::to_string(row_length));
  }
  std::vector<double> powers(row_length);
  for (std::size_t first = 0; first < input.size(); first += row_length) {
    double largest = -std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < row_length; ++i) {
      powers[i] = round_to<double>(decode(input[first + i]));
      if (powers[i] > largest) largest = powers[i];
    }
    double sum = 0;
    for (double& power : powers) {
      power = std::exp(power - largest);  // of NaN: NaN, and so is the sum
      sum += power;
    }
    for (std::size_t i = 0; i < row_length; ++i) output[first + i] = round_to<F>(decode(powers[i] / sum));
  }
}

}  // namespace napier
