#pragma once
// napier/gemm/finish.hpp — finished sums: compensated, the bias added in the accumulator, rounded once.

#include <algorithm>
#include <cstddef>
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

template <class M, class Out>
inline constexpr bool rounds_at_once =
    PositFormat<typename M::format> && !M::is_compensated &&
    (is_quire<typename M::accumulator> ? !std::is_same_v<Out, double>
                                       : std::is_same_v<Out, typename M::format>);

// Exact sums high + low, in units of 2^-(2 · lane_scale). Both arrays may be read up to the next whole register.
template <class M, class Engine, class Out>
void finish_exact_sums(const double* high, const double* low, std::size_t count,
                       bias_run<typename M::bias_type> bias, Out* out) {
  using F = typename M::format;
  if constexpr (rounds_at_once<M, Out>) {
    double line[finish_step];
    double terms[finish_step] = {};
    const bool each = bias.first != nullptr && bias.stride != 0;
    if (bias.first != nullptr && !each) terms[0] = static_cast<double>(*bias.first);
    for (std::size_t first = 0; first < count; first += finish_step) {
      const std::size_t n = std::min(finish_step, count - first);
      if (each) convert(std::span<const F>(bias.first + first, n), std::span<double>(terms, n));
      Engine::sums_to_odd(n, high + first, low + first, terms, each ? 1 : 0, line);
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
