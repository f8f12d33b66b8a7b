#pragma once
// napier/core/arithmetic.hpp — + − × ÷ √ on unpacked values, exact or rounded to odd at 128 bits.
//
// What      Each result is exact when it fits 128 significant bits; else its lowest bit is set and stands for
//           "strictly between the neighbours". Every format keeps fewer than 127 bits, so round_to<F> of a result is
//           the correctly rounded operation. Operands have tail = 0 unless stated. √ stops after 64 bits; a tail of
//           1 says that there is more
// Special   IEEE 754: inf − inf, 0 × inf, 0 / 0, inf / inf, √ of a negative give NaN; x / 0 is infinity, which
//           formats without infinities turn into their NaN or NaR. x − x is +0; √(−0) is −0.
// Checked   tests/formats/posit_oracle_test.cpp, tests/core/arithmetic_test.cpp

#include <bit>
#include <cstdint>

#include <napier/core/unpacked.hpp>

namespace napier {

namespace detail {

// The value bits · 2^(exponent − 127) with `sticky` for what lies below, normalised.
constexpr unpacked normalised(bool negative, std::int32_t exponent, uint128 bits, bool sticky) {
  const int shift = leading_zeros(bits);
  const uint128 aligned = (bits << shift) | static_cast<unsigned>(sticky);
  return unpacked::finite(negative, exponent - shift, high_word(aligned), low_word(aligned));
}

// |x| >= |y|, both finite.
constexpr unpacked add_ordered(const unpacked& x, const unpacked& y) {
  const auto distance = static_cast<unsigned>(x.exponent - y.exponent);
  const uint128 large = x.wide_significand();
  const uint128 full = y.wide_significand();
  const uint128 small = distance < 128 ? full >> distance : 0;
  const bool sticky = distance >= 128 || (distance > 0 && (full << (128 - distance)) != 0);
  if (x.negative == y.negative) {
    const uint128 sum = large + small;
    if (sum >= large) return normalised(x.negative, x.exponent, sum, sticky);
    const bool dropped = (sum & 1) != 0;
    return normalised(x.negative, x.exponent + 1, (uint128{1} << 127) | (sum >> 1), sticky || dropped);
  }
  // Only neighbours in exponent cancel more than one bit; then 2 · large − full is exact.
  if (distance == 1 && full > large)
    return normalised(x.negative, x.exponent - 1, large - (full - large), false);
  const uint128 difference = large - small - static_cast<unsigned>(sticky);
  if (difference == 0 && !sticky) return unpacked::zero();
  return normalised(x.negative, x.exponent, difference, sticky);
}

}  // namespace detail

// Operands may have a tail.
constexpr unpacked add(const unpacked& x, const unpacked& y) {
  if (x.is_nan() || y.is_nan()) return unpacked::nan();
  if (x.is_infinity()) return y.is_infinity() && x.negative != y.negative ? unpacked::nan() : x;
  if (y.is_infinity()) return y;
  if (x.is_zero()) return y.is_zero() ? unpacked::zero(x.negative && y.negative) : y;
  if (y.is_zero()) return x;
  const bool ordered =
      x.exponent != y.exponent ? x.exponent > y.exponent : x.wide_significand() >= y.wide_significand();
  return ordered ? detail::add_ordered(x, y) : detail::add_ordered(y, x);
}

constexpr unpacked subtract(const unpacked& x, const unpacked& y) { return add(x, -y); }

// The IEEE 754 rules for zeros, infinities and NaN around `finite_product(x, y)`, the product of two finite non-zero
// values, sign included.
template <class FiniteProduct>
constexpr unpacked multiply_with(const unpacked& x, const unpacked& y, FiniteProduct finite_product) {
  if (x.is_finite() && y.is_finite()) return finite_product(x, y);
  if (x.is_nan() || y.is_nan()) return unpacked::nan();
  const bool negative = x.negative != y.negative;
  if (!x.is_infinity() && !y.is_infinity()) return unpacked::zero(negative);
  return x.is_zero() || y.is_zero() ? unpacked::nan() : unpacked::infinity(negative);
}

// Always exact.
constexpr unpacked multiply(const unpacked& x, const unpacked& y) {
  return multiply_with(x, y, [](const unpacked& a, const unpacked& b) {
    const uint128 product = uint128{a.significand} * b.significand;  // in [2^126, 2^128)
    return detail::normalised(a.negative != b.negative, a.exponent + b.exponent + 1, product, false);
  });
}

// The numerator may have a tail.
constexpr unpacked divide(const unpacked& x, const unpacked& y) {
  if (x.is_nan() || y.is_nan()) return unpacked::nan();
  const bool negative = x.negative != y.negative;
  if (x.is_infinity()) return y.is_infinity() ? unpacked::nan() : unpacked::infinity(negative);
  if (y.is_infinity()) return unpacked::zero(negative);
  if (y.is_zero()) return x.is_zero() ? unpacked::nan() : unpacked::infinity(negative);
  if (x.is_zero()) return unpacked::zero(negative);
  // Schoolbook division in base 2^64: one integer bit, then 128 fraction bits.
  const std::uint64_t d = y.significand;
  const bool integer_bit = x.significand >= d;
  std::uint64_t remainder = integer_bit ? x.significand - d : x.significand;
  const uint128 first = join_words(remainder, x.tail);
  const auto q1 = static_cast<std::uint64_t>(first / d);
  remainder = static_cast<std::uint64_t>(first % d);
  const uint128 second = join_words(remainder, 0);
  const auto q2 = static_cast<std::uint64_t>(second / d);
  remainder = static_cast<std::uint64_t>(second % d);
  const uint128 fraction = join_words(q1, q2);
  const std::int32_t exponent = x.exponent - y.exponent;
  if (!integer_bit) return detail::normalised(negative, exponent - 1, fraction, remainder != 0);
  const uint128 bits = (uint128{1} << 127) | (fraction >> 1);
  return detail::normalised(negative, exponent, bits, remainder != 0 || (q2 & 1) != 0);
}

constexpr unpacked square_root(const unpacked& x) {
  if (x.is_nan() || x.is_zero()) return x;
  if (x.negative) return unpacked::nan();
  if (x.is_infinity()) return x;
  // x = m · 2^(2h) with m in [1, 4): the root's 64 bits, the integer bit first, by restoring digit recurrence.
  const bool odd = (x.exponent & 1) != 0;
  const std::int32_t half = (x.exponent - static_cast<int>(odd)) / 2;
  uint128 radicand = uint128{x.significand} << (odd ? 64 : 63);  // m · 2^126
  uint128 root = 0;
  for (uint128 bit = uint128{1} << 126; bit != 0; bit >>= 2) {
    const bool fits = radicand >= root + bit;
    if (fits) radicand -= root + bit;
    root = (root >> 1) + (fits ? bit : 0);
  }
  // root = floor(√m · 2^63): 64 bits, leading one at bit 63.
  return unpacked::finite(false, half, low_word(root), radicand != 0 ? 1 : 0);
}

// ---- Narrow operands: 64-bit words do ------------------------------------------------------------------------

// Of operands of at most 32 significant bits: multiply(x, y), whose tail is 0.
constexpr unpacked narrow_product(const unpacked& x, const unpacked& y) {
  if (!x.is_finite() || !y.is_finite()) [[unlikely]]
    return multiply(x, y);
  const std::uint64_t product = (x.significand >> 32) * (y.significand >> 32);  // in [2^62, 2^64)
  const std::uint64_t carry = product >> 63;
  return unpacked::finite(x.negative != y.negative, x.exponent + y.exponent + static_cast<int>(carry),
                          product << (1 - carry));
}

// Of operands of at most 30 significant bits: what rounds to a format of at most 30 as add(x, y) does.
//   x  S 0 1xxxxx…x 000…0      30 bits from bit 61 on, in two's complement
//   y          S1yyyy…y        moved down, 32 places at most, which loses no bit: from 32 on y only tells on which side of x
//                              the sum lies, by less than half of the last place of any result
constexpr unpacked narrow_sum(const unpacked& x, const unpacked& y) {
  if (!x.is_finite() || !y.is_finite()) [[unlikely]]
    return add(x, y);
  const auto signed_bits = [](const unpacked& value) {
    const auto sign = -static_cast<std::int64_t>(value.negative);
    return (static_cast<std::int64_t>(value.significand >> 2) ^ sign) - sign;
  };
  // Ordered by exponent without a branch.
  const std::int32_t difference = x.exponent - y.exponent;
  const std::int32_t is_less = difference >> 31;
  const std::int64_t x_bits = signed_bits(x);
  const std::int64_t y_bits = signed_bits(y);
  const std::int64_t exchange = (x_bits ^ y_bits) & is_less;
  const std::int32_t distance = (difference ^ is_less) - is_less;
  const std::int32_t exponent = y.exponent + (difference & ~is_less);
  const std::int64_t sum = (x_bits ^ exchange) + ((y_bits ^ exchange) >> (distance < 32 ? distance : 32));
  if (sum == 0) [[unlikely]]
    return unpacked::zero();
  const std::int64_t sign = sum >> 63;
  const auto magnitude = static_cast<std::uint64_t>((sum ^ sign) - sign);
  const int shift = std::countl_zero(magnitude);
  return unpacked::finite(sign != 0, exponent + 2 - shift, magnitude << shift);
}

// x · y + z with one rounding to odd at most.
constexpr unpacked fused_multiply_add(const unpacked& x, const unpacked& y, const unpacked& z) {
  return add(multiply(x, y), z);
}

}  // namespace napier
