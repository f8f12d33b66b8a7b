#pragma once
// napier/gemm/finish.hpp — finished sums: compensated, the bias added in the accumulator, rounded once.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <napier/gemm/lanes.hpp>
#include <napier/gemm/paths.hpp>
#include <napier/gemm/reference.hpp>

namespace napier::detail {

// One bias for all sums, one for each, or none.
template <class B>
struct bias_run {
  const B* first = nullptr;
  std::size_t stride = 0;
};

inline constexpr std::size_t finish_step = 64;

// Sums held in T.
template <class M, class Out, class T>
void finish_running_sums(const T* sums, std::size_t count, bias_run<typename M::bias_type> bias, Out* out) {
  T line[finish_step];
  T constant = 1;
  if constexpr (M::is_compensated) constant = static_cast<T>(M::compensation());
  for (std::size_t first = 0; first < count; first += finish_step) {
    const std::size_t n = std::min(finish_step, count - first);
    std::copy_n(sums + first, n, line);
    if constexpr (M::is_compensated) {
      for (std::size_t i = 0; i < n; ++i) line[i] *= constant;
    }
    if (bias.first != nullptr && bias.stride == 0) {
      // kept apart from the product: a compiler might fuse them
      asm("" : : "r"(line) : "memory");
      const T one_bias = *bias.first;
      for (std::size_t i = 0; i < n; ++i) line[i] += one_bias;
    } else if (bias.first != nullptr) {
      asm("" : : "r"(line) : "memory");
      for (std::size_t i = 0; i < n; ++i) line[i] += bias.first[first + i];
    }
    write_lanes<Out, T>(line, n, out + first);
  }
}

// high + low rounded to odd: the double below or above it whose last bit is set, where it is none itself. Rounding that to
// 51 bits or fewer is rounding the sum.
inline double rounded_to_odd(double high, double low) {
  if (low == 0) return high;
  auto bits = std::bit_cast<std::int64_t>(high);
  if ((bits & 1) != 0) return high;
  bits += (low < 0) == (high < 0) ? 1 : -1;
  return std::bit_cast<double>(bits);
}

// high + low + bias, rounded to odd.
inline double sum_to_odd(double high, double low, double bias) {
  const auto two_sum = [](double a, double b, double& error) {
    const double sum = a + b;
    const double part = sum - a;
    error = (a - (sum - part)) + (b - part);
    return sum;
  };
  double error;
  const double sum = two_sum(high, bias, error);
  if (error == 0 && low == 0) return sum;
  double rest;
  const double correction = two_sum(error, low, rest);
  double last;
  const double total = two_sum(sum, correction, last);
  return rounded_to_odd(total, last != 0 ? last : rest);
}

// Exact sums high + low, in units of 2^-(2 · lane_scale).
template <class M, class Out>
void finish_exact_sums(const double* high, const double* low, std::size_t count,
                       bias_run<typename M::bias_type> bias, Out* out) {
  using F = typename M::format;
  if constexpr (PositFormat<F> && !M::is_compensated && !std::is_same_v<Out, double>) {
    double line[finish_step];
    for (std::size_t first = 0; first < count; first += finish_step) {
      const std::size_t n = std::min(finish_step, count - first);
      for (std::size_t i = 0; i < n; ++i) {
        double term = 0;
        if (bias.first != nullptr) term = static_cast<double>(bias.first[(first + i) * bias.stride]);
        line[i] = sum_to_odd(high[first + i], low[first + i], term);
      }
      write_lanes<Out, double>(line, n, out + first);
    }
  } else {
    const auto term = [](double x) {
      unpacked value = decode(x);
      value.exponent -= value.is_finite() ? 2 * lane_scale<F> : 0;
      return value;
    };
    for (std::size_t i = 0; i < count; ++i) {
      typename M::accumulator sum{};
      sum.add(term(high[i]));
      if (low[i] != 0) sum.add(term(low[i]));
      out[i] = finished<M, Out>(sum, bias.first == nullptr ? nullptr : bias.first + i * bias.stride);
    }
  }
}

}  // namespace napier::detail
