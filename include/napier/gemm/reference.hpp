#pragma once
// napier/gemm/reference.hpp — dot and reference_gemm over a MAC: the specification of every bit.
//
// What      c(i, j) = round(sum over k ascending of a(i, k) × b(k, j)), × and the sum being the MAC's; with a bias, b_i is
//           added in the accumulator before the one rounding. a holds weights, b activations (left and right operand)
// Shapes    a: m × k, b: k × n, c: m × n; c does not overlap a or b; k = 0 gives zeros, or the bias
// Errors    shape_error when the shapes do not fit
// Checked   tests/gemm/reference_test.cpp

#include <concepts>
#include <cstddef>
#include <span>
#include <string>

#include <napier/core/concepts.hpp>
#include <napier/core/error.hpp>
#include <napier/core/matrix_view.hpp>
#include <napier/formats/native.hpp>

namespace napier {

// What a finished sum can be rounded to: the MAC's format, float or double.
template <class Out, class M>
concept OutputOf =
    std::same_as<Out, typename M::format> || std::same_as<Out, float> || std::same_as<Out, double>;

namespace detail {

// Adds a[k · a_stride] × b[k · b_stride] for k = 0 … count − 1. Not inlined: it is the one place of a program where a MAC's
// multiplier and accumulator are expanded, and compiling them is what takes time. Flattened: g++ otherwise leaves calls in
// the loop of some MACs, which then take twice the time.
template <Mac M>
[[gnu::noinline, gnu::flatten]] constexpr void add_products(typename M::accumulator& sum, std::size_t count,
                                                            const typename M::format* a, std::size_t a_stride,
                                                            const typename M::format* b,
                                                            std::size_t b_stride) {
  for (std::size_t k = 0; k < count; ++k) M::accumulate(sum, a[k * a_stride], b[k * b_stride]);
}

// A finished sum, rounded once; bias may be null.
template <Mac M, class Out>
[[gnu::noinline]] constexpr Out finished(const typename M::accumulator& sum,
                                         const typename M::bias_type* bias) {
  return round_to<Out>(bias == nullptr ? M::finish(sum) : M::finish(sum, *bias));
}

}  // namespace detail

// The sum of a[i] × b[i], rounded once.
template <Mac M, OutputOf<M> Out = typename M::format>
constexpr Out dot(std::span<const typename M::format> a, std::span<const typename M::format> b) {
  if (a.size() != b.size()) {
    throw shape_error("dot: " + std::to_string(a.size()) + " elements against " + std::to_string(b.size()));
  }
  typename M::accumulator sum{};
  detail::add_products<M>(sum, a.size(), a.data(), 1, b.data(), 1);
  return detail::finished<M, Out>(sum, nullptr);
}

namespace detail {

inline std::string shape_text(std::size_t rows, std::size_t cols) {
  return std::to_string(rows) + " x " + std::to_string(cols);
}

}  // namespace detail

// bias: none, or one a row of c.
template <Mac M, OutputOf<M> Out>
void reference_gemm(matrix_view<const typename M::format> a, matrix_view<const typename M::format> b,
                    std::span<const typename M::bias_type> bias, matrix_view<Out> c) {
  if (a.cols != b.rows || c.rows != a.rows || c.cols != b.cols) {
    throw shape_error("gemm: a is " + detail::shape_text(a.rows, a.cols) + ", b is " +
                      detail::shape_text(b.rows, b.cols) + ", c is " + detail::shape_text(c.rows, c.cols) +
                      "; expected m x k, k x n, m x n");
  }
  if (!bias.empty() && bias.size() != c.rows) {
    throw shape_error("gemm: " + std::to_string(bias.size()) + " biases, expected none or " +
                      std::to_string(c.rows));
  }
  for (std::size_t i = 0; i < c.rows; ++i) {
    for (std::size_t j = 0; j < c.cols; ++j) {
      typename M::accumulator sum{};
      if (a.cols != 0) detail::add_products<M>(sum, a.cols, &a(i, 0), 1, &b(0, j), b.row_stride);
      c(i, j) = detail::finished<M, Out>(sum, bias.empty() ? nullptr : &bias[i]);
    }
  }
}

template <Mac M, OutputOf<M> Out>
void reference_gemm(matrix_view<const typename M::format> a, matrix_view<const typename M::format> b,
                    matrix_view<Out> c) {
  reference_gemm<M>(a, b, {}, c);
}

}  // namespace napier
