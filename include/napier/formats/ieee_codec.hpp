#pragma once
// napier/formats/ieee_codec.hpp — the code of a binary floating-point format, to and from unpacked.
//
//   S EEE…E MMM…M      value (-1)^S · 2^(E − bias) · (1 + M / 2^m);   E = 0: (-1)^S · 2^(1 − bias) · M / 2^m
//
// What      decode is exact; encode rounds once, to nearest, ties to the even code, with gradual underflow
// Special   ieee: the largest E holds infinities (M = 0) and NaNs, overflow gives infinity;
//           finite_nan ("fn"): no infinity, the all-ones code of either sign is the one NaN, overflow and infinity
//           give NaN;
//           fnuz: no infinity and no negative zero, whose code 10…0 is the one NaN, overflow and infinity give NaN;
//           finite: neither infinity nor NaN, overflow and infinity give the largest value of that sign, NaN the
//           largest positive one, as the conversions of PTX do
//           encode's NaN is quiet and positive
// Unsigned  without S, negative numbers become NaN
// No zero   E = 0 is a binade like the others, 2^-bias · (1 + M / 2^m); what is smaller, zero too, becomes the smallest
//           value of its sign (a zero the positive one)
// Checked   tests/formats/minifloat_oracle_test.cpp, tests/formats/minifloat_catalogue_test.cpp

#include <cstdint>

#include <napier/core/rounding.hpp>
#include <napier/core/unpacked.hpp>

namespace napier {

enum class special_values : unsigned char { ieee, finite_nan, fnuz, finite };

// One row of the catalogue of formats.
struct minifloat_spec {
  int exponent_bits;
  int fraction_bits;
  int bias;
  special_values specials = special_values::ieee;
  bool is_signed = true;
  bool has_zero = true;

  friend constexpr bool operator==(const minifloat_spec&, const minifloat_spec&) = default;

  constexpr bool has_infinity() const { return specials == special_values::ieee; }
  constexpr bool has_nan() const { return specials != special_values::finite; }
  constexpr bool has_negative_zero() const {
    return has_zero && is_signed && specials != special_values::fnuz;
  }

  constexpr int width() const { return (is_signed ? 1 : 0) + exponent_bits + fraction_bits; }
  constexpr std::uint64_t sign_mask() const { return is_signed ? std::uint64_t{1} << (width() - 1) : 0; }
  constexpr std::uint64_t magnitude_mask() const {
    return (std::uint64_t{1} << (exponent_bits + fraction_bits)) - 1;
  }
  constexpr std::uint64_t fraction_mask() const { return (std::uint64_t{1} << fraction_bits) - 1; }
  constexpr std::uint64_t infinity_bits() const { return magnitude_mask() & ~fraction_mask(); }  // ieee only
  constexpr std::uint64_t nan_bits() const {  // of finite: what NaN becomes
    switch (specials) {
      case special_values::ieee:
        return infinity_bits() | (std::uint64_t{1} << (fraction_bits - 1));
      case special_values::fnuz:
        return sign_mask();
      default:
        return magnitude_mask();
    }
  }
  constexpr std::uint64_t max_finite_bits() const {
    switch (specials) {
      case special_values::ieee:
        return infinity_bits() - 1;
      case special_values::finite_nan:
        return magnitude_mask() - 1;
      default:
        return magnitude_mask();
    }
  }
  constexpr std::uint64_t lowest_bits() const {
    return is_signed ? sign_mask() | max_finite_bits() : min_positive_bits();
  }
  constexpr std::uint64_t min_positive_bits() const { return has_zero ? 1 : 0; }
  constexpr int min_normal_exponent() const { return (has_zero ? 1 : 0) - bias; }
  constexpr int max_exponent() const { return static_cast<int>(max_finite_bits() >> fraction_bits) - bias; }
  constexpr int min_exponent() const {  // of the smallest positive value
    return has_zero ? min_normal_exponent() - fraction_bits : min_normal_exponent();
  }
};

template <minifloat_spec spec>
struct ieee_codec {
  static constexpr unpacked decode(std::uint64_t code) {
    const bool negative = (code & spec.sign_mask()) != 0;
    const std::uint64_t magnitude = code & spec.magnitude_mask();
    if (magnitude > spec.max_finite_bits()) {
      const bool infinite = spec.has_infinity() && magnitude == spec.infinity_bits();
      return infinite ? unpacked::infinity(negative) : unpacked::nan();
    }
    if (spec.specials == special_values::fnuz && negative && magnitude == 0) return unpacked::nan();
    const auto biased = static_cast<int>(magnitude >> spec.fraction_bits);
    const std::uint64_t fraction = magnitude & spec.fraction_mask();
    if (spec.has_zero && biased == 0) {
      return unpacked::from_integer(negative, fraction, spec.min_exponent());
    }
    const std::uint64_t significand = (fraction << (63 - spec.fraction_bits)) | (std::uint64_t{1} << 63);
    return unpacked::finite(negative, biased - spec.bias, significand);
  }

  static constexpr std::uint64_t encode(const unpacked& x) {
    if (x.is_nan()) return spec.nan_bits();
    if (x.is_zero()) return x.negative && spec.has_negative_zero() ? spec.sign_mask() : 0;
    if (!spec.is_signed && x.negative) return spec.nan_bits();
    const std::uint64_t sign = x.negative ? spec.sign_mask() : 0;
    if (x.is_infinity() || x.exponent > spec.max_exponent()) return overflow(sign);
    const bool below = x.exponent < spec.min_normal_exponent();
    if (!spec.has_zero && below) return sign;
    const int dropped = 63 - spec.fraction_bits + (below ? spec.min_normal_exponent() - x.exponent : 0);
    const truncated_bits parts = truncate(x.significand, x.tail, dropped);
    // The field below the first normal one, so that the leading one, and a carry, move into the exponent by themselves.
    const int field = below ? 0 : x.exponent - spec.min_normal_exponent() + (spec.has_zero ? 0 : -1);
    const std::uint64_t kept = (static_cast<std::uint64_t>(field) << spec.fraction_bits) + parts.kept;
    const std::uint64_t magnitude = truncated_bits{kept, parts.lost}.round_to_nearest_even();
    if (magnitude > spec.max_finite_bits()) return overflow(sign);
    return magnitude == 0 && !spec.has_negative_zero() ? sign & zero_sign : sign | magnitude;
  }

 private:
  // Where there is no negative zero, its code is another number (no zero at all) or NaN.
  static constexpr std::uint64_t zero_sign = spec.has_zero ? 0 : ~std::uint64_t{0};

  static constexpr std::uint64_t overflow(std::uint64_t sign) {
    switch (spec.specials) {
      case special_values::ieee:
        return sign | spec.infinity_bits();
      case special_values::finite:
        return sign | spec.max_finite_bits();
      default:
        return spec.nan_bits();
    }
  }
};

}  // namespace napier
