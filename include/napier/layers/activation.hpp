#pragma once
// napier/layers/activation.hpp — relu, clip, sigmoid, tanh, softmax.
//
// What      relu, clip: exact. sigmoid, tanh, softmax: in FP64 by <cmath>, rounded once to the format
// Special   NaN (NaR) stays NaN; relu: −0 becomes +0; softmax: NaN, or +infinity, in a row makes the whole row NaN
// Errors    shape_error when input and output differ in length; model_error when a bound of clip is NaN
// Checked   tests/layers/activation_test.cpp

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <limits>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <napier/core/concepts.hpp>
#include <napier/core/error.hpp>
#include <napier/formats/array.hpp>
#include <napier/formats/native.hpp>
#include <napier/layers/code_order.hpp>
#include <napier/layers/order.hpp>

#if defined(__x86_64__)
#define NAPIER_EACH_ISA <napier/layers/x86/activation.inc>
#include <napier/core/x86/each_isa.inc>
#endif

// The output of each function may be its input.
namespace napier {

namespace detail {

inline void check_lengths(const char* layer, std::size_t input, std::size_t output) {
  if (input == output) return;
  throw shape_error(std::string(layer) + ": output has " + std::to_string(output) + " elements, expected " +
                    std::to_string(input));
}

template <Format F, class Function>
void transform_elements(const char* layer, std::span<const F> input, std::span<F> output, Function function) {
  check_lengths(layer, input.size(), output.size());
  for (std::size_t i = 0; i < input.size(); ++i) output[i] = function(input[i]);
}

// function: of a double. The array is converted, forth and back, in pieces.
template <Format F, class Function>
void transform_in_float64(const char* layer, std::span<const F> input, std::span<F> output,
                          Function function) {
  check_lengths(layer, input.size(), output.size());
  double buffer[512];
  for (std::size_t first = 0; first < input.size();) {
    const std::span<double> piece(buffer, std::min(std::size(buffer), input.size() - first));
    convert(input.subspan(first, piece.size()), piece);
    for (double& x : piece) x = function(x);
    convert(std::span<const double>(piece), output.subspan(first, piece.size()));
    first += piece.size();
  }
}

#if defined(__x86_64__)

template <class F>
void relu_codes(const F* from, F* to, std::size_t count, F zero) {
  const auto code = code_order<F>::of(zero);
  if (active_isa() == isa::avx512) {
    avx512::transform_codes(from, to, count, avx512::relu_lanes<F>{code});
  } else {
    avx2::transform_codes(from, to, count, avx2::relu_lanes<F>{code});
  }
}

template <class F>
void clip_codes(const F* from, F* to, std::size_t count, F low, F high) {
  using order = code_order<F>;
  using code = typename order::code;
  const code low_code = order::of(low);
  const code high_code = order::of(high);
  // NaN binds nothing: no key is below the one and above the other of these.
  const code low_key = order::is_nan(low_code) ? std::numeric_limits<code>::min() : order::key(low_code);
  const code high_key = order::is_nan(high_code) ? std::numeric_limits<code>::max() : order::key(high_code);
  if (active_isa() == isa::avx512) {
    avx512::transform_codes(from, to, count, avx512::clip_lanes<F>{low_code, low_key, high_code, high_key});
  } else {
    avx2::transform_codes(from, to, count, avx2::clip_lanes<F>{low_code, low_key, high_code, high_key});
  }
}

#endif

}  // namespace detail

// max(x, 0)
template <Format F>
void relu(std::span<const std::type_identity_t<F>> input, std::span<F> output) {
  const F zero = round_to<F>(unpacked::zero());
#if defined(__x86_64__)
  if constexpr (detail::code_order<F>::is_known) {
    if (active_isa() != isa::scalar) {
      detail::check_lengths("relu", input.size(), output.size());
      return detail::relu_codes(input.data(), output.data(), input.size(), zero);
    }
  }
#endif
  detail::transform_elements<F>("relu", input, output, [=](F x) {
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
#if defined(__x86_64__)
  if constexpr (detail::code_order<F>::is_known) {
    if (active_isa() != isa::scalar) {
      detail::check_lengths("clip", input.size(), output.size());
      return detail::clip_codes(input.data(), output.data(), input.size(), low_bound, high_bound);
    }
  }
#endif
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
    convert(input.subspan(first, row_length), std::span<double>(powers));
    double largest = -std::numeric_limits<double>::infinity();
    for (const double power : powers) {
      if (power > largest) largest = power;
    }
    double sum = 0;
    for (double& power : powers) {
      power = std::exp(power - largest);  // of NaN: NaN, and so is the sum
      sum += power;
    }
    for (double& power : powers) power /= sum;
    convert(std::span<const double>(powers), output.subspan(first, row_length));
  }
}

}  // namespace napier
