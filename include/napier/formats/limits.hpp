#pragma once
// napier/formats/limits.hpp — std::numeric_limits and std::hash of the class formats. Comes with each of them.
//
// Posits    digits counts the significand near 1, where it is longest; NaR is the quiet NaN; min() is minpos;
//           epsilon() is the step above 1, rounded to the posit
// Floats    as for the native ones. A format without NaN has 0 for quiet_NaN(), one without subnormals min() for denorm_min()
// Fixed     is_exact, as for integers; min() is lowest(), epsilon() one unit
// Hash      equal numbers have equal hashes: both zeros of a float
// Checked   tests/formats/limits_test.cpp

#include <cstddef>
#include <cstdint>
#include <limits>
#include <typeindex>  // the lightest header that declares std::hash

#include <napier/formats/ieee_codec.hpp>

namespace napier {

template <int n, int es>
class posit;
template <minifloat_spec spec>
class minifloat;
template <int bits_in_all, int fraction>
class fixed;

namespace detail {

// floor(bits · log10 2); for up to 64 bits.
constexpr int decimal_digits(int bits) { return bits * 30103 / 100000; }

// What all formats share; `digits` bits with the leading one, exponents of the leading one.
template <int significand_digits, int smallest_exponent, int largest_exponent>
struct value_limits {
  static constexpr bool is_specialized = true;
  static constexpr bool is_signed = true;
  static constexpr bool is_integer = false;
  static constexpr bool is_exact = false;
  static constexpr bool has_infinity = false;
  static constexpr bool has_quiet_NaN = false;
  static constexpr bool has_signaling_NaN = false;
  static constexpr std::float_denorm_style has_denorm = std::denorm_absent;
  static constexpr bool has_denorm_loss = false;
  static constexpr std::float_round_style round_style = std::round_to_nearest;
  static constexpr bool is_iec559 = false;
  static constexpr bool is_bounded = true;
  static constexpr bool is_modulo = false;
  static constexpr int digits = significand_digits;
  static constexpr int digits10 = decimal_digits(digits - 1);
  static constexpr int max_digits10 = decimal_digits(digits) + 2;
  static constexpr int radix = 2;
  static constexpr int min_exponent = smallest_exponent + 1;  // as <limits> counts: of a fraction below 1
  static constexpr int max_exponent = largest_exponent + 1;
  static constexpr int min_exponent10 = -decimal_digits(-smallest_exponent);
  static constexpr int max_exponent10 = decimal_digits(largest_exponent);
  static constexpr bool traps = false;
  static constexpr bool tinyness_before = false;
};

// The bits of a code spread over a word: the finaliser of splitmix64.
constexpr std::size_t hash_of_code(std::uint64_t code) {
  code = (code ^ (code >> 30)) * 0xbf58476d1ce4e5b9;
  code = (code ^ (code >> 27)) * 0x94d049bb133111eb;
  return static_cast<std::size_t>(code ^ (code >> 31));
}

// The step above 1, rounded to F; 1 where nothing follows it.
template <class F>
constexpr F step_above_one() {
  const F one{1};
  const F next = F::from_bits(static_cast<std::uint64_t>(one.bits()) + 1);
  return next > one ? next - one : one;
}

}  // namespace detail
}  // namespace napier

template <int n, int es>
struct std::numeric_limits<napier::posit<n, es>>
    : napier::detail::value_limits<napier::posit<n, es>::significand_bits, napier::posit<n, es>::min_exponent,
                                   napier::posit<n, es>::max_exponent> {
  using value = napier::posit<n, es>;
  static constexpr bool has_quiet_NaN = true;
  static constexpr value min() noexcept { return value::minpos(); }
  static constexpr value max() noexcept { return value::maxpos(); }
  static constexpr value lowest() noexcept { return -value::maxpos(); }
  static constexpr value epsilon() noexcept { return napier::detail::step_above_one<value>(); }
  static constexpr value round_error() noexcept { return value{0.5}; }
  static constexpr value infinity() noexcept { return value{}; }
  static constexpr value quiet_NaN() noexcept { return value::nar(); }
  static constexpr value signaling_NaN() noexcept { return value{}; }
  static constexpr value denorm_min() noexcept { return min(); }
};

template <napier::minifloat_spec spec>
struct std::numeric_limits<napier::minifloat<spec>>
    : napier::detail::value_limits<spec.fraction_bits + 1, spec.min_normal_exponent(), spec.max_exponent()> {
  using value = napier::minifloat<spec>;
  static constexpr bool is_signed = spec.is_signed;
  static constexpr bool has_infinity = spec.has_infinity();
  static constexpr bool has_quiet_NaN = spec.has_nan();
  static constexpr std::float_denorm_style has_denorm =
      spec.has_zero && spec.fraction_bits > 0 ? std::denorm_present : std::denorm_absent;
  static constexpr bool is_iec559 = spec.specials == napier::special_values::ieee && spec.is_signed &&
                                    spec.has_zero && spec.bias == (1 << spec.exponent_bits >> 1) - 1;
  static constexpr value min() noexcept {
    return value::from_bits(spec.has_zero ? std::uint64_t{1} << spec.fraction_bits : 0);
  }
  static constexpr value max() noexcept { return value::max(); }
  static constexpr value lowest() noexcept { return value::lowest(); }
  static constexpr value epsilon() noexcept { return napier::detail::step_above_one<value>(); }
  static constexpr value round_error() noexcept { return value{0.5}; }
  static constexpr value infinity() noexcept {
    return value::from_bits(spec.has_infinity() ? spec.infinity_bits() : 0);
  }
  static constexpr value quiet_NaN() noexcept {
    return value::from_bits(spec.has_nan() ? spec.nan_bits() : 0);
  }
  static constexpr value signaling_NaN() noexcept { return value{}; }
  static constexpr value denorm_min() noexcept { return value::min_positive(); }
};

template <int width, int fraction>
struct std::numeric_limits<napier::fixed<width, fraction>>
    : napier::detail::value_limits<width - 1, -fraction, width - 2 - fraction> {
  using value = napier::fixed<width, fraction>;
  static constexpr bool is_exact = true;
  static constexpr bool is_integer = fraction == 0;
  static constexpr int digits10 = napier::detail::decimal_digits(width - 1);
  static constexpr int max_digits10 = 0;
  static constexpr int min_exponent = 0;
  static constexpr int max_exponent = 0;
  static constexpr int min_exponent10 = 0;
  static constexpr int max_exponent10 = 0;
  static constexpr value min() noexcept { return value::lowest(); }
  static constexpr value max() noexcept { return value::max(); }
  static constexpr value lowest() noexcept { return value::lowest(); }
  static constexpr value epsilon() noexcept { return value::from_bits(1); }
  static constexpr value round_error() noexcept { return value{0.5}; }
  static constexpr value infinity() noexcept { return value{}; }
  static constexpr value quiet_NaN() noexcept { return value{}; }
  static constexpr value signaling_NaN() noexcept { return value{}; }
  static constexpr value denorm_min() noexcept { return min(); }
};

template <int n, int es>
struct std::hash<napier::posit<n, es>> {
  std::size_t operator()(napier::posit<n, es> x) const noexcept {
    return napier::detail::hash_of_code(x.bits());
  }
};

template <napier::minifloat_spec spec>
struct std::hash<napier::minifloat<spec>> {
  std::size_t operator()(napier::minifloat<spec> x) const noexcept {
    return napier::detail::hash_of_code(x.is_zero() ? 0 : x.bits());
  }
};

template <int width, int fraction>
struct std::hash<napier::fixed<width, fraction>> {
  std::size_t operator()(napier::fixed<width, fraction> x) const noexcept {
    return napier::detail::hash_of_code(static_cast<std::uint64_t>(x.bits()));
  }
};
