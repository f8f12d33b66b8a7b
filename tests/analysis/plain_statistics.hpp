#pragma once
// tests/analysis/plain_statistics.hpp — error statistics by plain sums over all pairs, and multipliers of the tests' own.

#include <catch2/catch.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include <napier/analysis/multiplier_errors.hpp>

namespace plain_statistics {

using namespace napier;

inline bool is_near(double x, double expected, double relative) {
  return std::fabs(x - expected) <= relative * std::fabs(expected);
}

// Mitchell's product of integers, written from its definition; w = 0: uncut.
inline double integer_mitchell(std::int64_t a, std::int64_t b, int w) {
  if (a == 0 || b == 0) return 0;
  const auto parts = [w](std::int64_t x, int& k) {
    auto magnitude = static_cast<std::uint64_t>(x < 0 ? -x : x);
    k = static_cast<int>(std::bit_width(magnitude)) - 1;
    if (w != 0 && k >= w) magnitude = magnitude >> (k + 1 - w) << (k + 1 - w);
    return std::ldexp(static_cast<double>(magnitude), -k) - 1;
  };
  int ka = 0;
  int kb = 0;
  const double f = parts(a, ka) + parts(b, kb);
  const double product = std::floor(f < 1 ? std::ldexp(1 + f, ka + kb) : std::ldexp(f, ka + kb + 1));
  return (a < 0) != (b < 0) ? -product : product;
}

struct brute_force {
  double mean = 0;
  double absolute = 0;
  double variance = 0;
  double distance = 0;
  double errors = 0;
  double over = 0;
  double under = 0;
  double smallest = 0;
  double largest = 0;
  double worst_distance = 0;
  double pairs = 0;
};

// In long double, one term after the other, in two passes.
template <class Product>
brute_force by_force(std::int64_t low, std::int64_t high, Product product) {
  brute_force result;
  long double sum = 0;
  long double absolute = 0;
  long double distance = 0;
  long double squares = 0;
  double relatives = 0;
  for (const bool second : {false, true}) {
    for (std::int64_t a = low; a <= high; ++a) {
      for (std::int64_t b = low; b <= high; ++b) {
        const auto exact = static_cast<double>(a * b);
        const double p = product(a, b);
        const long double relative = exact == 0 ? 0 : (static_cast<long double>(p) - exact) / exact;
        if (second) {
          const long double d = relative - sum / relatives;
          squares += exact == 0 ? 0 : d * d;
          continue;
        }
        ++result.pairs;
        result.errors += p != exact ? 1 : 0;
        distance += std::fabs(p - exact);
        result.worst_distance = std::max(result.worst_distance, std::fabs(p - exact));
        if (exact == 0) {
          result.over += p != 0 ? 1 : 0;
          continue;
        }
        ++relatives;
        sum += relative;
        absolute += std::fabs(relative);
        result.over += relative > 0 ? 1 : 0;
        result.under += relative < 0 ? 1 : 0;
        result.smallest = std::min(result.smallest, static_cast<double>(relative));
        result.largest = std::max(result.largest, static_cast<double>(relative));
      }
    }
  }
  result.mean = static_cast<double>(sum / relatives);
  result.absolute = static_cast<double>(absolute / relatives);
  result.variance = static_cast<double>(squares / relatives);
  result.distance = static_cast<double>(distance / result.pairs);
  return result;
}

inline void compare_with(const multiplier_statistics& s, const brute_force& expected,
                         double largest_product) {
  INFO(s.name);
  CHECK(s.is_exhaustive);
  CHECK(s.pairs == static_cast<std::uint64_t>(expected.pairs));
  CHECK(is_near(s.mean_relative_error.value, expected.mean, 1e-12));
  CHECK(s.mean_relative_error.low == s.mean_relative_error.value);
  CHECK(s.mean_relative_error.high == s.mean_relative_error.value);
  CHECK(is_near(s.mean_absolute_relative_error.value, expected.absolute, 1e-12));
  CHECK(is_near(s.variance.value, expected.variance, 1e-12));
  CHECK(is_near(s.normalised_mean_error_distance.value, expected.distance / largest_product, 1e-12));
  CHECK(s.error_probability.value == expected.errors / expected.pairs);
  CHECK(s.overestimates.value == expected.over / expected.pairs);
  CHECK(s.underestimates.value == expected.under / expected.pairs);
  CHECK(is_near(s.smallest_relative_error.value, expected.smallest, 1e-15));
  CHECK(is_near(s.largest_relative_error.value, expected.largest, 1e-15));
  CHECK(s.worst_error.value == expected.worst_distance);
  CHECK(s.worst_is_exact);
  CHECK(s.not_counted == 0);
}

// A multiplier that is wrong about zeros and signs, in a namespace that is not napier's.
struct off_by_two {
  static constexpr bool is_exact = false;
  static constexpr napier::name name() { return "off-by-two"; }
  unpacked multiply(std::int8_t a, std::int8_t b) const { return decode(a * b - 2); }
};

}  // namespace plain_statistics
