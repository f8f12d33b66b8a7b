#pragma once
// napier/layers/order.hpp — which of two values is less, for formats with and without an operator<.
//
// Special   false when either is NaN (a posit's own order puts NaR below all else); −0 equals +0
// Checked   tests/layers/activation_test.cpp

#include <napier/core/unpacked.hpp>

namespace napier::detail {

constexpr bool is_less_in_magnitude(const unpacked& x, const unpacked& y) {
  if (x.is_infinity() || y.is_infinity()) return !x.is_infinity();
  return x.exponent != y.exponent ? x.exponent < y.exponent : x.wide_significand() < y.wide_significand();
}

constexpr bool is_less(const unpacked& x, const unpacked& y) {
  if (x.is_nan() || y.is_nan()) return false;
  const auto sign = [](const unpacked& value) { return value.is_zero() ? 0 : value.negative ? -1 : 1; };
  if (sign(x) != sign(y)) return sign(x) < sign(y);
  return sign(x) < 0 ? is_less_in_magnitude(y, x) : sign(x) > 0 && is_less_in_magnitude(x, y);
}

}  // namespace napier::detail
