#pragma once
// napier/analysis/product_error.hpp — the error of one product: relative to the exact one, and as a distance.
//
// What      from the two wide products; their difference is exact (beyond 128 bits it is rounded to odd), the quotient and the
//           distance are rounded to double: both within 3 units in the last place
// Special   not counted: a product that is NaN or infinite; and, of floats, a zero for the product of two numbers that are
//           none, which left the range. The relative error is defined where the exact product is not zero
// Checked   tests/analysis/multiplier_errors_test.cpp

#include <bit>
#include <cmath>
#include <cstdint>

#include <napier/core/arithmetic.hpp>
#include <napier/core/unpacked.hpp>

namespace napier {

struct product_error {
  bool is_counted = false;
  bool has_relative = false;
  double relative = 0;  // (product − exact) / exact
  double distance = 0;  // |product − exact| · 2^-scale
};

namespace detail {

// 2^e, zero where a double has no normal number for it.
inline double clamped_power_of_two(int e) {
  if (e < -1022) return 0;
  return e > 1023 ? HUGE_VAL : std::bit_cast<double>(static_cast<std::uint64_t>(e + 1023) << 52);
}

// |x| · 2^-scale; the tail, below 2^-63 of it, rounds nothing that a double keeps.
inline double magnitude_of(const unpacked& x, int scale) {
  if (!x.is_finite()) return 0;
  return static_cast<double>(x.significand | (x.tail != 0 ? 1u : 0u)) * 0x1p-63 *
         clamped_power_of_two(x.exponent - scale);
}

}  // namespace detail

inline product_error error_of(const unpacked& product, const unpacked& exact, bool is_floating, int scale) {
  product_error result;
  if (product.kind > value_class::finite || exact.kind > value_class::finite) return result;
  if (!exact.is_finite()) {
    result.is_counted = true;
    result.distance = detail::magnitude_of(product, scale);
    return result;
  }
  if (!product.is_finite()) {
    if (is_floating) return result;
    return {true, true, -1, detail::magnitude_of(exact, scale)};
  }
  result.is_counted = result.has_relative = true;
  const int shift = product.exponent - exact.exponent;
  if ((product.tail | exact.tail) == 0 && product.negative == exact.negative && -1 <= shift && shift <= 1)
      [[likely]] {
    //  product  1xxxxx…x.     shift = 0:  both are multiples of 2^(exponent − 63)
    //  exact    1xxxxx…x.     shift = ±1: the larger one is doubled
    const uint128 p = uint128{product.significand} << (shift == 1 ? 1 : 0);
    const uint128 e = uint128{exact.significand} << (shift == -1 ? 1 : 0);
    const auto difference = static_cast<int128>(p - e);
    if (difference == 0) return result;
    const bool fits = difference == static_cast<std::int64_t>(difference);
    const double d =
        fits ? static_cast<double>(static_cast<std::int64_t>(difference)) : static_cast<double>(difference);
    result.relative = d / (static_cast<double>(exact.significand) * (shift == -1 ? 2 : 1));
    result.distance =
        std::fabs(d) * 0x1p-63 * detail::clamped_power_of_two(exact.exponent - (shift == -1 ? 1 : 0) - scale);
    return result;
  }
  const unpacked difference = subtract(product, exact);
  if (!difference.is_finite()) return result;
  // The quotient's exponent is kept apart: neither magnitude need be a double's.
  const double quotient = std::ldexp(
      detail::magnitude_of(difference, difference.exponent) / detail::magnitude_of(exact, exact.exponent),
      difference.exponent - exact.exponent);
  result.relative = difference.negative == exact.negative ? quotient : -quotient;
  result.distance = detail::magnitude_of(difference, scale);
  return result;
}

}  // namespace napier
