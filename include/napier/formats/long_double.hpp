#pragma once
// napier/formats/long_double.hpp — long double as a format: the x87 extended format, or whatever the platform has.
//
// What      decode is exact for up to 128 significant bits; round_to<long double> rounds once, to nearest, ties to even,
//           with gradual underflow. Scaling by powers of two alone, so that both are constexpr
// Special   as the other native floats: canonical NaN, signed zeros
// Checked   tests/formats/long_double_test.cpp

#include <cstdint>
#include <limits>

#include <napier/core/concepts.hpp>
#include <napier/core/rounding.hpp>

namespace napier {

namespace detail {

// x · 2^exponent, exact as long as the result is normal; by the binary digits of the exponent.
constexpr long double scale_by_power_of_two(long double x, int exponent) {
  const bool up = exponent >= 0;
  auto left = static_cast<unsigned>(up ? exponent : -exponent);
  for (long double factor = up ? 2 : 0.5L; left != 0; left >>= 1) {
    if ((left & 1) != 0) x *= factor;
    if (left > 1) factor *= factor;
  }
  return x;
}

}  // namespace detail

template <>
struct format_traits<long double> {
  using limits = std::numeric_limits<long double>;
  static_assert(limits::radix == 2 && limits::digits >= 53 && limits::digits <= 128);
  static constexpr int stored_bits = limits::digits == 64 ? 80 : 8 * static_cast<int>(sizeof(long double));

  static constexpr format_kind kind = format_kind::floating;
  static constexpr int width = stored_bits;
  static constexpr int significand_bits = limits::digits;
  static constexpr int min_normal_exponent = limits::min_exponent - 1;
  static constexpr int min_exponent = min_normal_exponent - significand_bits + 1;
  static constexpr int max_exponent = limits::max_exponent - 1;
  static constexpr napier::name name() { return napier::name("float").append(width); }

  static constexpr unpacked decode(long double x) {
    if (x != x) return unpacked::nan();
    const bool negative = __builtin_copysignl(1, x) < 0;
    if (x == 0) return unpacked::zero(negative);
    if (negative) x = -x;
    if (x > limits::max()) return unpacked::infinity(negative);
    // Into [1, 2), by powers of two from large to small.
    int exponent = 0;
    for (int step = 1 << 14; step != 0; step >>= 1) {
      if (step >= limits::max_exponent) continue;
      const long double power = detail::scale_by_power_of_two(1, step);
      if (x >= power) {
        x = detail::scale_by_power_of_two(x, -step);
        exponent += step;
      } else if (x * power < 2) {
        x *= power;
        exponent -= step;
      }
    }
    if (x < 1) {  // a subnormal below the sum of all steps
      while (x < 1) {
        x *= 2;
        --exponent;
      }
    }
    const auto high = static_cast<std::uint64_t>(x * 0x1p63L);
    const long double rest = x * 0x1p63L - static_cast<long double>(high);
    return unpacked::finite(negative, exponent, high, static_cast<std::uint64_t>(rest * 0x1p64L));
  }

  static constexpr long double encode(const unpacked& x) {
    if (x.is_nan()) return limits::quiet_NaN();
    const long double sign = x.negative ? -1 : 1;
    if (x.is_zero()) return x.negative ? -0.0L : 0.0L;
    if (x.is_infinity() || x.exponent > max_exponent) return sign * limits::infinity();
    if (x.exponent < min_exponent - 1) return x.negative ? -0.0L : 0.0L;
    const int lost = x.exponent < min_normal_exponent ? min_normal_exponent - x.exponent : 0;
    const int kept = significand_bits - lost;  // 0: half the smallest subnormal or more
    const uint128 bits = x.wide_significand();
    uint128 significand = kept == 0 ? 0 : bits >> (128 - kept);
    const uint128 rest = kept == 128 ? 0 : bits << kept;
    const uint128 half = uint128{1} << 127;
    if (rest > half || (rest == half && (significand & 1) != 0)) ++significand;
    if (x.exponent == max_exponent && (significand >> (kept - 1)) > 1) {  // carried out
      return sign * limits::infinity();
    }
    const long double value = static_cast<long double>(high_word(significand)) * 0x1p64L +
                              static_cast<long double>(low_word(significand));
    // 2^scale, the last place, may be below the smallest normal number: then two multiplications.
    const int scale = x.exponent - kept + 1;
    const int below = scale < min_normal_exponent ? scale - min_normal_exponent : 0;
    return sign * detail::scale_by_power_of_two(detail::scale_by_power_of_two(value, scale - below), below);
  }
};

}  // namespace napier
