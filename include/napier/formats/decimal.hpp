#pragma once
// napier/formats/decimal.hpp — decimal digits to a value and back, exactly.
//
// What      decimal_value(d, e) is d · 10^e at 128 bits, rounded to odd; decimal_digits_of(x, p) the first p digits of x;
//           shortest_decimal(x) the fewest digits that round_to<F> gives x for, the nearest to x of those
// Range     values from 10^-450 to 10^450: formats whose exponents are between −1100 and 1100
// Checked   tests/formats/text_test.cpp

#include <cstdint>

#include <napier/core/arithmetic.hpp>
#include <napier/core/concepts.hpp>
#include <napier/core/natural.hpp>

namespace napier {

// A format whose numbers have texts; long double's range is too large.
template <class F>
concept TextFormat =
    Format<F> && format_traits<F>::min_exponent >= -1100 && format_traits<F>::max_exponent <= 1100;

namespace detail {

constexpr unpacked decimal_value(natural digits, std::int32_t exponent) {
  if (exponent >= 0) {
    digits.multiply_by_power_of_five(exponent);
    return digits.to_unpacked(exponent);
  }
  natural divisor(1);
  divisor.multiply_by_power_of_five(-exponent);
  const int wanted = 130 + divisor.bit_width() - digits.bit_width();
  const int shift = wanted > 0 ? wanted : 0;
  digits.shift_left(shift);
  const natural quotient = digits.divide(divisor);
  return quotient.to_unpacked(exponent - shift, !digits.is_zero());
}

// digits · 10^exponent, and something less than one digit more if not exact.
struct decimal {
  uint128 digits = 0;
  std::int32_t exponent = 0;
  bool exact = true;
};

constexpr uint128 power_of_ten(int exponent) {
  uint128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

// The first `count` digits of a finite magnitude, 1 <= count <= 36.
constexpr decimal decimal_digits_of(const unpacked& x, int count) {
  // floor(log10 |x|) or one less: log10 2 lies between 0.30102 and 0.30103.
  const std::int64_t log10 = std::int64_t{x.exponent} * (x.exponent < 0 ? 30103 : 30102) / 100000;
  auto leading = static_cast<std::int32_t>(log10) - (x.exponent < 0 ? 1 : 0);
  for (const uint128 limit = power_of_ten(count);; ++leading) {
    const std::int32_t power = count - 1 - leading;  // digits = x · 10^power
    std::int32_t scale = x.exponent - 127 + power;
    natural numerator(x.wide_significand()), divisor(1);
    (power >= 0 ? numerator : divisor).multiply_by_power_of_five(power >= 0 ? power : -power);
    (scale >= 0 ? numerator : divisor).shift_left(scale >= 0 ? scale : -scale);
    const natural quotient = numerator.divide(divisor);
    const uint128 digits = join_words(quotient.limb(1), quotient.limb(0));
    if (digits < limit) return {digits, -power, numerator.is_zero()};
  }
}

// Whether far larger or far smaller numbers round to x, too: saturated, or clamped to maxpos or minpos.
template <TextFormat F>
constexpr bool is_clamped_to(const unpacked& x) {
  unpacked far = x;
  far.exponent = x.exponent + 64;  // neighbours of posits are up to 2^16 apart
  if (decode(round_to<F>(far)) == x) return true;
  far.exponent = x.exponent - 64;
  return decode(round_to<F>(far)) == x;
}

template <TextFormat F>
constexpr bool reads_back(const unpacked& x, uint128 digits, std::int32_t exponent, bool clamped) {
  unpacked value = decimal_value(natural(digits), exponent);
  value.negative = x.negative;
  if (decode(round_to<F>(value)) != x) return false;
  if (!clamped) return true;
  unpacked tolerance = x;
  tolerance.exponent -= format_traits<F>::significand_bits + 1;
  unpacked distance = subtract(value, x);
  distance.negative = tolerance.negative = false;
  return !subtract(tolerance, distance).negative;
}

// Of a finite value of F, its sign left out; no zeros at the end. A value that others are clamped to is not called by their
// names: its text lies within half a last place, 2^-(significand_bits + 1) relative.
template <TextFormat F>
constexpr decimal shortest_decimal(const unpacked& x) {
  constexpr int most = 22;  // enough for 64 bits
  const decimal all = decimal_digits_of(x, most);
  const bool clamped = is_clamped_to<F>(x);
  const auto upper_half =
      [&](uint128 unit) {  // whether the next multiple of unit is nearer; from a tie to the even one
        const uint128 rest = all.digits % unit * 2;
        return rest > unit || (rest == unit && (!all.exact || all.digits / unit % 2 == 1));
      };
  const auto candidate = [&](int count) -> decimal {
    const uint128 unit = power_of_ten(most - count);
    const uint128 low = all.digits / unit;
    const std::int32_t exponent = all.exponent + most - count;
    const bool up = upper_half(unit);
    const uint128 nearer_first[] = {up ? low + 1 : low, up ? low : low + 1};
    for (const uint128 digits : nearer_first) {
      if (reads_back<F>(x, digits, exponent, clamped)) return {digits, exponent};
    }
    return {0, 0};
  };
  int fails = 0;  // digits that are too few, and that are enough
  int works = most;
  while (works - fails > 1) {
    const int middle = (works + fails) / 2;
    (candidate(middle).digits != 0 ? works : fails) = middle;
  }
  decimal result = candidate(works);
  while (result.digits % 10 == 0) {
    result.digits /= 10;
    ++result.exponent;
  }
  return result;
}

}  // namespace detail
}  // namespace napier
