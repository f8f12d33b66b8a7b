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
#include <type_traits>

#include <napier/core/concepts.hpp>
#include <napier/core/error.hpp>
#include <napier/core/matrix_view.hpp>
#include <napier/formats/native.hpp>
#include <napier/mac/mac.hpp>

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

// MACs that differ in the multiplier alone finish their sums alike: one of them stands for all, and is compiled once.
template <class M>
struct finishing_mac : std::type_identity<M> {};
template <class F, class X, class A>
  requires(!is_compensated<A>)
struct finishing_mac<mac<F, X, A>> : std::type_identity<mac<F, exact, A>> {};
template <class M>
using finishing_mac_t = typename finishing_mac<M>::type;

template <Mac M, class Out>
[[gnu::noinline]] constexpr Out finished_alike(const typename M::accumulator& sum,
                                               const typename M::bias_type* bias) {
  return round_to<Out>(bias == nullptr ? M::finish(sum) : M::finish(sum, *bias));
}

// A finished sum, rounded once; bias may be null.
template <Mac M, class Out>
constexpr Out finished(const typename M::accumulator& sum, const typename M::bias_type* bias) {
  return finished_alike<finishing_mac_t<M>, Out>(sum, bias);
}

// One output: the sum of a[k · a_stride] × b[k · b_stride], with the bias where it is not null, rounded once.
template <class F, class B, class Out>
using sum_of_products = Out (*)(std::size_t count, const F* a, std::size_t a_stride, const F* b,
                                std::size_t b_stride, const B* bias);

template <Mac M, class Out>
[[gnu::noinline]] Out sum_products(std::size_t count, const typename M::format* a, std::size_t a_stride,
                                   const typename M::format* b, std::size_t b_stride,
                                   const typename M::bias_type* bias) {
  typename M::accumulator sum{};
  add_products<M>(sum, count, a, a_stride, b, b_stride);
  return finished<M, Out>(sum, bias);
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

namespace detail {

inline void check_gemm(std::size_t a_rows, std::size_t a_cols, std::size_t b_rows, std::size_t b_cols,
                       std::size_t c_rows, std::size_t c_cols, std::size_t biases) {
  if (a_cols != b_rows || c_rows != a_rows || c_cols != b_cols) {
    throw shape_error("gemm: a is " + shape_text(a_rows, a_cols) + ", b is " + shape_text(b_rows, b_cols) +
                      ", c is " + shape_text(c_rows, c_cols) + "; expected m x k, k x n, m x n");
  }
  if (biases != 0 && biases != c_rows) {
    throw shape_error("gemm: " + std::to_string(biases) + " biases, expected none or " +
                      std::to_string(c_rows));
  }
}

// The three loops, compiled once a format: what a sum is comes as a function.
template <class F, class B, class Out>
[[gnu::noinline]] void reference_loops(matrix_view<const F> a, matrix_view<const F> b,
                                       std::span<const B> bias, matrix_view<Out> c,
                                       sum_of_products<F, B, Out> sum) {
  check_gemm(a.rows, a.cols, b.rows, b.cols, c.rows, c.cols, bias.size());
  for (std::size_t i = 0; i < c.rows; ++i) {
    for (std::size_t j = 0; j < c.cols; ++j) {
      const B* of_row = bias.empty() ? nullptr : &bias[i];
      c(i, j) = a.cols == 0 ? sum(0, nullptr, 1, nullptr, 1, of_row)
                            : sum(a.cols, &a(i, 0), 1, &b(0, j), b.row_stride, of_row);
    }
  }
}

}  // namespace detail

// bias: none, or one a row of c.
template <Mac M, OutputOf<M> Out>
void reference_gemm(matrix_view<const typename M::format> a, matrix_view<const typename M::format> b,
                    std::span<const typename M::bias_type> bias, matrix_view<Out> c) {
  detail::reference_loops<typename M::format, typename M::bias_type, Out>(a, b, bias, c,
                                                                          detail::sum_products<M, Out>);
}

template <Mac M, OutputOf<M> Out>
void reference_gemm(matrix_view<const typename M::format> a, matrix_view<const typename M::format> b,
                    matrix_view<Out> c) {
  reference_gemm<M>(a, b, {}, c);
}

}  // namespace napier
