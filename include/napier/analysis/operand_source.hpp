#pragma once
// napier/analysis/operand_source.hpp — where the operands of an error statistic come from.
//
//   all           every code, each as likely as any other (NaN and infinities among them, where there are some)
//   significands  one binade: 1 <= x < 2; integers and fixed point: the leading one in the highest place of a magnitude
//   uniform       floats and posits: a real number uniform in [−1, 1), rounded to the format; integers and fixed point: all codes
//   log-uniform   a random sign (where the format has one) and 2^u, u uniform in [−16, 16], or as much of it as the format has
//                 exponents; integers and fixed point: the code's magnitude is ⌊2^u⌋, u uniform in [0, bits of a magnitude)
//   normal        a normal number of mean 0, rounded to the format: of standard deviation 1, where the format has four of them,
//                 else (and for all integers) a quarter of the largest number; magnitudes where the format has no sign
// The two operands are independent. A source of one's own is a draw function.
// Checked   tests/analysis/multiplier_errors_test.cpp

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numbers>
#include <span>
#include <string>
#include <string_view>

#include <napier/analysis/operand_format.hpp>
#include <napier/core/error.hpp>

namespace napier {

// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): the stream of a seed is the same everywhere.
class random_bits {
 public:
  explicit random_bits(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // Uniform in [0, 1).
  double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  // Uniform below n, n <= 2^32, to one part in 2^32 / n.
  std::uint64_t below(std::uint64_t n) { return ((next() >> 32) * n) >> 32; }
  double normal() {
    const double radius = std::sqrt(-2 * std::log(1 - unit()));
    return radius * std::cos(2 * std::numbers::pi * unit());
  }

 private:
  std::uint64_t state_;
};

struct operand_source {
  std::string name;
  // Where the operands are all codes of a range, equally likely: codes first … first + count − 1; else count is 0.
  std::uint64_t first = 0;
  std::uint64_t count = 0;
  // Fills both with codes.
  std::function<void(random_bits&, std::span<std::uint64_t>, std::span<std::uint64_t>)> draw;
  // Whether a code is drawn; empty where some are hardly ever, and the worst of all would mean little.
  std::function<bool(std::uint64_t)> contains;
};

namespace detail {

inline unpacked finite_of(double x) { return decode(x); }

// Both operands from the same distribution: one(random) is a code.
template <class One>
void draw_independent(operand_source& source, One one) {
  source.draw = [one](random_bits& random, std::span<std::uint64_t> left, std::span<std::uint64_t> right) {
    for (std::size_t i = 0; i < left.size(); ++i) {
      left[i] = one(random);
      right[i] = one(random);
    }
  };
}

inline void use_range(operand_source& source, std::uint64_t first, std::uint64_t count) {
  source.first = first;
  source.count = count;
  source.contains = [first, count](std::uint64_t code) { return code - first < count; };
  draw_independent(source, [first, count](random_bits& random) { return first + random.below(count); });
}

inline void use_significands(operand_source& source, const operand_format& format) {
  if (format.is_scaled_integer()) {
    const int magnitude_bits = format.width - (format.is_signed ? 1 : 0);
    const std::uint64_t first = std::uint64_t{1} << (magnitude_bits - 1);
    use_range(source, first, first);
    return;
  }
  const std::uint64_t first = format.encode(finite_of(1));
  use_range(source, first, format.encode(finite_of(2)) - first);
}

inline void use_log_uniform(operand_source& source, const operand_format& format) {
  const bool is_signed = format.is_signed;
  if (format.is_scaled_integer()) {
    const double bits = format.width - (is_signed ? 1 : 0);
    const std::uint64_t mask = format.code_mask();
    draw_independent(source, [=](random_bits& random) {
      const auto magnitude = static_cast<std::uint64_t>(std::exp2(bits * random.unit()));
      return is_signed && (random.next() >> 63) != 0 ? (0 - magnitude) & mask : magnitude;
    });
    source.contains = [=](std::uint64_t code) {
      return code != 0 && !(is_signed && code == std::uint64_t{1} << static_cast<int>(bits));
    };
    return;
  }
  const double low = std::max(-16, format.min_exponent);
  const double high = std::min(16, format.max_exponent);
  draw_independent(source, [=, encode = format.encode](random_bits& random) {
    const double magnitude = std::exp2(low + (high - low) * random.unit());
    return encode(finite_of(is_signed && (random.next() >> 63) != 0 ? -magnitude : magnitude));
  });
  const unpacked least = finite_of(std::exp2(low));
  const unpacked most = finite_of(std::exp2(high));
  source.contains = [=, decode = format.decode](std::uint64_t code) {
    const unpacked x = decode(code);
    return x.is_finite() && !is_smaller(x, least) && !is_smaller(most, x);
  };
}

inline void use_uniform(operand_source& source, const operand_format& format) {
  const bool is_signed = format.is_signed;
  draw_independent(source, [=, encode = format.encode](random_bits& random) {
    const double magnitude = random.unit();
    return encode(finite_of(is_signed && (random.next() >> 63) != 0 ? -magnitude : magnitude));
  });
}

inline void use_normal(operand_source& source, const operand_format& format) {
  const double quarter = std::ldexp(static_cast<double>(format.largest.significand) * 0x1p-63,
                                    std::min(format.largest.exponent, 100) - 2);
  const double deviation = format.kind == format_kind::integer ? quarter : std::min(1.0, quarter);
  draw_independent(source, [=, encode = format.encode, is_signed = format.is_signed](random_bits& random) {
    const double x = deviation * random.normal();
    return encode(finite_of(is_signed ? x : std::fabs(x)));
  });
}

}  // namespace detail

inline constexpr std::string_view operand_distributions[] = {"all", "significands", "uniform", "log-uniform",
                                                             "normal"};

// Formats of at most 32 bits. Throws name_error for a name that is none of the above.
inline operand_source make_operand_source(const operand_format& format, std::string_view distribution) {
  if (format.width > 32)
    throw name_error(format.name + " has more than 32 bits; operands are drawn of 32 at most");
  operand_source source;
  source.name = distribution;
  if (distribution == "all" || (distribution == "uniform" && format.is_scaled_integer())) {
    detail::use_range(source, 0, format.code_mask() + 1);
  } else if (distribution == "significands") {
    detail::use_significands(source, format);
  } else if (distribution == "uniform") {
    detail::use_uniform(source, format);
  } else if (distribution == "log-uniform") {
    detail::use_log_uniform(source, format);
  } else if (distribution == "normal") {
    detail::use_normal(source, format);
  } else {
    throw name_error("there are no operands '" + std::string(distribution) +
                     "'; expected all, significands, uniform, log-uniform or normal");
  }
  return source;
}

}  // namespace napier
