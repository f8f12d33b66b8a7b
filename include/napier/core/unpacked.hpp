#pragma once
// napier/core/unpacked.hpp — the one value type between all formats, multipliers and accumulators.
//
// What      (-1)^negative · 2^exponent · significand / 2^63, the leading one of `significand` at bit 63;
//           or a zero, an infinity, or NaN (a posit's NaR). Zeros and infinities keep their sign.
// Width     Every format of up to 64 bits decodes to it exactly, with tail = 0. A product of two formats of more
//           than 32 significant bits and the results of core/arithmetic.hpp need more: `tail` is the 64 bits
//           that follow `significand`. A result that needs more than 128 bits sets the lowest bit of `tail`
//           when anything non-zero was dropped ("round to odd"), so that one later rounding is right.
// Checked   tests/core/unpacked_test.cpp

#include <cstdint>

#include <napier/core/wide_integer.hpp>

namespace napier {

enum class value_class : unsigned char { zero, finite, infinity, nan };

struct unpacked {
  std::uint64_t significand = 0;
  std::uint64_t tail = 0;
  std::int32_t exponent = 0;
  bool negative = false;
  value_class kind = value_class::zero;

  static constexpr unpacked zero(bool negative = false) { return {0, 0, 0, negative, value_class::zero}; }
  static constexpr unpacked infinity(bool negative = false) {
    return {0, 0, 0, negative, value_class::infinity};
  }
  static constexpr unpacked nan() { return {0, 0, 0, false, value_class::nan}; }
  static constexpr unpacked finite(bool negative, std::int32_t exponent, std::uint64_t significand,
                                   std::uint64_t tail = 0) {
    return {significand, tail, exponent, negative, value_class::finite};
  }

  // (-1)^negative · bits · 2^scale, normalised; the zero of that sign for bits = 0.
  static constexpr unpacked from_integer(bool negative, uint128 bits, std::int32_t scale = 0) {
    if (bits == 0) return zero(negative);
    const int shift = leading_zeros(bits);
    const uint128 aligned = bits << shift;
    return finite(negative, 127 - shift + scale, high_word(aligned), low_word(aligned));
  }

  constexpr bool is_zero() const { return kind == value_class::zero; }
  constexpr bool is_finite() const { return kind == value_class::finite; }  // finite and not zero
  constexpr bool is_infinity() const { return kind == value_class::infinity; }
  constexpr bool is_nan() const { return kind == value_class::nan; }

  constexpr uint128 wide_significand() const { return join_words(significand, tail); }

  constexpr unpacked operator-() const {
    unpacked result = *this;
    if (kind != value_class::nan) result.negative = !negative;
    return result;
  }

  friend constexpr bool operator==(const unpacked&, const unpacked&) = default;
};

}  // namespace napier
