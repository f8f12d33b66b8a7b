#pragma once
// napier/formats/ieee_codec.hpp — the code of a binary floating-point format, to and from unpacked.
//
//   S EEE…E MMM…M      value (-1)^S · 2^(E − bias) · (1 + M / 2^m);   E = 0: (-1)^S · 2^(1 − bias) · M / 2^m
//
// What      decode is exact; encode rounds once, to nearest, ties to even, with gradual underflow
// Special   ieee: the largest E holds infinities (M = 0) and NaNs, overflow gives infinity;
//           finite_nan ("fn"): no infinity, the all-ones code of either sign is the one NaN, overflow and infinity
//           give NaN. encode's NaN is quiet and positive.
// Checked   tests/formats/minifloat_oracle_test.cpp

#include <cstdint>

#include <napier/core/rounding.hpp>
#include <napier/core/unpacked.hpp>

namespace napier {

enum class special_values : unsigned char { ieee, finite_nan };

// One row of the catalogue of formats.
struct minifloat_spec {
  int exponent_bits;
  int fraction_bits;
  int bias;
  special_values specials = special_values::ieee;

  friend constexpr bool operator==(const minifloat_spec&, const minifloat_spec&) = default;

  constexpr int width() const { return 1 + exponent_bits + fraction_bits; }
  constexpr std::uint64_t sign_mask() const { return std::uint64_t{1} << (width() - 1); }
  constexpr std::uint64_t magnitude_mask() const { return sign_mask() - 1; }
  constexpr std::uint64_t fraction_mask() const { return (std::uint64_t{1} << fraction_bits) - 1; }
  constexpr std::uint64_t infinity_bits() const { return magnitude_mask() & ~fraction_mask(); }  // ieee only
  constexpr std::uint64_t nan_bits() const {
    return specials == special_values::ieee ? infinity_bits() | (std::uint64_t{1} << (fraction_bits - 1))
                                            : magnitude_mask();
  }
  constexpr std::uint64_t max_finite_bits() const {
    return (specials == special_values::ieee ? infinity_bits() : magnitude_mask()) - 1;
  }
  constexpr int min_normal_exponent() const { return 1 - bias; }
  constexpr int max_exponent() const { return static_cast<int>(max_finite_bits() >> fraction_bits) - bias; }
  constexpr int min_exponent() const { return min_normal_exponent() - fraction_bits; }  // smallest subnormal
};

template <minifloat_spec spec>
struct ieee_codec {
  static constexpr unpacked decode(std::uint64_t code) {
    const bool negative = (code & spec.sign_mask()) != 0;
    const std::uint64_t magnitude = code & spec.magnitude_mask();
    if (magnitude > spec.max_finite_bits()) {
      const bool infinite = spec.specials == special_values::ieee && magnitude == spec.infinity_bits();
      return infinite ? unpacked::infinity(negative) : unpacked::nan();
    }
    const auto biased = static_cast<int>(magnitude >> spec.fraction_bits);
    const std::uint64_t fraction = magnitude & spec.fraction_mask();
    if (biased == 0) return unpacked::from_integer(negative, fraction, spec.min_exponent());
    const std::uint64_t significand = (fraction << (63 - spec.fraction_bits)) | (std::uint64_t{1} << 63);
    return unpacked::finite(negative, biased - spec.bias, significand);
  }

  static constexpr std::uint64_t encode(const unpacked& x) {
    if (x.is_nan()) return spec.nan_bits();
    const std::uint64_t sign = x.negative ? spec.sign_mask() : 0;
    if (x.is_zero()) return sign;
    if (x.is_infinity() || x.exponent > spec.max_exponent()) return overflow(sign);
    const bool subnormal = x.exponent < spec.min_normal_exponent();
    const int dropped = 63 - spec.fraction_bits + (subnormal ? spec.min_normal_exponent() - x.exponent : 0);
    const std::uint64_t rounded = truncate(x.significand, x.tail, dropped).round_to_nearest_even();
    // A carry out of the significand moves into the exponent field by itself.
    const auto base = static_cast<std::uint64_t>(subnormal ? 0 : x.exponent + spec.bias - 1);
    const std::uint64_t magnitude = (base << spec.fraction_bits) + rounded;
    return magnitude > spec.max_finite_bits() ? overflow(sign) : sign | magnitude;
  }

 private:
  static constexpr std::uint64_t overflow(std::uint64_t sign) {
    return spec.specials == special_values::ieee ? sign | spec.infinity_bits() : spec.nan_bits();
  }
};

}  // namespace napier
