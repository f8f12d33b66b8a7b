#pragma once
// napier/formats/posit_functions.hpp — the arithmetic functions of the Posit Standard (2022), and fast_sigmoid.
//
// What      nearest_int, ceil, floor, trunc: integers, as posits; nearest_int goes to the even one from a tie
//           next, prior: the code plus and minus one; next(maxpos) is NaR, next(NaR) is −maxpos
//           sign: −1, 0 or 1;  fmm(a, b, c): a · b · c, rounded once. Negation, abs, sqrt, fma and comparisons come with posit
// Special   NaR gives NaR, but for next and prior
// fast_sigmoid  of posit<n, 0>: flip the first bit, shift right by two; 1 / (1 + e^−x) with an absolute error of at most
//           0.048955 + 0.75 · 2^(2 − n): 0.0607 for n = 8, 0.0491 for n = 16
// Source    Standard for Posit Arithmetic (2022), sections 5.3 to 5.7; fast_sigmoid: J. Gustafson and I. Yonemoto,
//           Supercomputing Frontiers and Innovations 4(2), 2017
// Checked   tests/formats/posit_functions_test.cpp

#include <cstdint>

#include <napier/core/arithmetic.hpp>
#include <napier/core/rounding.hpp>
#include <napier/formats/posit.hpp>

namespace napier {

namespace detail {

enum class integer_rounding : unsigned char { nearest_even, up, down, toward_zero };

// The integer for a value without a tail.
constexpr unpacked to_integer(const unpacked& x, integer_rounding rounding) {
  if (!x.is_finite() || x.exponent >= 63) return x;
  const truncated_bits parts = truncate(x.significand, 0, x.exponent < -1 ? 65 : 63 - x.exponent);
  const bool inexact = !parts.lost.is_exact();
  std::uint64_t magnitude = parts.kept;
  switch (rounding) {
    case integer_rounding::nearest_even:
      magnitude = parts.round_to_nearest_even();
      break;
    case integer_rounding::up:
      magnitude += static_cast<std::uint64_t>(inexact && !x.negative);
      break;
    case integer_rounding::down:
      magnitude += static_cast<std::uint64_t>(inexact && x.negative);
      break;
    case integer_rounding::toward_zero:
      break;
  }
  return unpacked::from_integer(x.negative, magnitude);
}

// x · y, x with a tail, y without: 192 bits, rounded to odd at 128.
constexpr unpacked multiply_wide(const unpacked& x, const unpacked& y) {
  return multiply_with(x, y, [](const unpacked& a, const unpacked& b) {
    const uint128 low = uint128{a.tail} * b.significand;
    const uint128 high = uint128{a.significand} * b.significand + high_word(low);
    const int shift = leading_zeros(high);  // 0 or 1
    const uint128 bits = high << shift | (shift != 0 ? low_word(low) >> 63 : 0);
    const bool sticky = (low_word(low) << shift) != 0;
    return normalised(a.negative != b.negative, a.exponent + b.exponent + 1 - shift, bits, sticky);
  });
}

}  // namespace detail

template <int n, int es>
constexpr posit<n, es> nearest_int(posit<n, es> x) {
  return posit<n, es>::encode(detail::to_integer(x.decode(), detail::integer_rounding::nearest_even));
}

template <int n, int es>
constexpr posit<n, es> ceil(posit<n, es> x) {
  return posit<n, es>::encode(detail::to_integer(x.decode(), detail::integer_rounding::up));
}

template <int n, int es>
constexpr posit<n, es> floor(posit<n, es> x) {
  return posit<n, es>::encode(detail::to_integer(x.decode(), detail::integer_rounding::down));
}

template <int n, int es>
constexpr posit<n, es> trunc(posit<n, es> x) {
  return posit<n, es>::encode(detail::to_integer(x.decode(), detail::integer_rounding::toward_zero));
}

template <int n, int es>
constexpr posit<n, es> next(posit<n, es> x) {
  return posit<n, es>::from_bits(std::uint64_t{x.bits()} + 1);
}

template <int n, int es>
constexpr posit<n, es> prior(posit<n, es> x) {
  return posit<n, es>::from_bits(std::uint64_t{x.bits()} - 1);
}

template <int n, int es>
constexpr posit<n, es> sign(posit<n, es> x) {
  if (x.is_nar() || x.is_zero()) return x;
  return x < posit<n, es>{} ? posit<n, es>{-1} : posit<n, es>{1};
}

template <int n, int es>
constexpr posit<n, es> fmm(posit<n, es> a, posit<n, es> b, posit<n, es> c) {
  return posit<n, es>::encode(detail::multiply_wide(multiply(a.decode(), b.decode()), c.decode()));
}

template <int n>
constexpr posit<n, 0> fast_sigmoid(posit<n, 0> x) {
  if (x.is_nar()) return x;
  const std::uint64_t flipped = std::uint64_t{x.bits()} ^ std::uint64_t{posit<n, 0>::nar().bits()};
  return posit<n, 0>::from_bits(flipped >> 2);
}

}  // namespace napier
