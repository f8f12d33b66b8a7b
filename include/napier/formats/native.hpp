#pragma once
// napier/formats/native.hpp — float, double and the integer types as formats; long double has a header of its own.
//
// What      decode is exact. round_to<float>, round_to<double>: IEEE 754 round to nearest even, NaN is canonical (quiet,
//           positive). round_to<integer>: to nearest, ties to even
// Special   integers: out of range and infinities saturate; NaN gives numeric_limits<T>::min()
// Checked   tests/formats/native_test.cpp

#include <bit>
#include <concepts>
#include <cstdint>
#include <limits>

#include <napier/core/concepts.hpp>
#include <napier/core/rounding.hpp>
#include <napier/formats/ieee_codec.hpp>
#include <napier/formats/long_double.hpp>

namespace napier {

namespace detail {

template <class T, class Code, minifloat_spec spec>
struct native_float_traits {
  static_assert(std::numeric_limits<T>::is_iec559 && sizeof(T) == sizeof(Code));
  static constexpr format_kind kind = format_kind::floating;
  static constexpr int width = spec.width();
  static constexpr int significand_bits = spec.fraction_bits + 1;
  static constexpr int min_exponent = spec.min_exponent();
  static constexpr int max_exponent = spec.max_exponent();
  static constexpr unpacked decode(T x) { return ieee_codec<spec>::decode(std::bit_cast<Code>(x)); }
  static constexpr T encode(const unpacked& x) {
    return std::bit_cast<T>(static_cast<Code>(ieee_codec<spec>::encode(x)));
  }
};

}  // namespace detail

template <>
struct format_traits<float> : detail::native_float_traits<float, std::uint32_t, minifloat_spec{8, 23, 127}> {
  static constexpr napier::name name() { return "float32"; }
};

template <>
struct format_traits<double>
    : detail::native_float_traits<double, std::uint64_t, minifloat_spec{11, 52, 1023}> {
  static constexpr napier::name name() { return "float64"; }
};

template <std::integral T>
  requires(!std::same_as<T, bool> && sizeof(T) <= 8)
struct format_traits<T> {
  using limits = std::numeric_limits<T>;
  static constexpr format_kind kind = format_kind::integer;
  static constexpr int width = limits::digits + (limits::is_signed ? 1 : 0);
  static constexpr int significand_bits = limits::digits;
  static constexpr int min_exponent = 0;
  static constexpr int max_exponent = width - 1;
  static constexpr napier::name name() {
    return napier::name(limits::is_signed ? "int" : "uint").append(width);
  }

  static constexpr unpacked decode(T x) {
    if (x == 0) return unpacked::zero();
    const auto wide = static_cast<std::uint64_t>(x);
    return x < 0 ? unpacked::from_integer(true, std::uint64_t{0} - wide)
                 : unpacked::from_integer(false, wide);
  }

  static constexpr T encode(const unpacked& x) {
    if (x.is_nan()) return limits::min();
    if (x.is_zero()) return 0;
    const T bound = x.negative ? limits::min() : limits::max();
    if (x.is_infinity() || x.exponent >= 64) return bound;
    // An exponent of 63 keeps all 64 bits; one more would be out of range for every type.
    const truncated_bits parts = truncate(x.significand, x.tail, 63 - x.exponent);
    const std::uint64_t magnitude = parts.round_to_nearest_even();
    const bool wrapped = magnitude < parts.kept;
    const std::uint64_t largest = static_cast<std::uint64_t>(limits::max());
    if (!x.negative) return wrapped || magnitude > largest ? bound : static_cast<T>(magnitude);
    if (!limits::is_signed) return 0;
    if (wrapped || magnitude > largest + 1) return bound;
    return static_cast<T>(std::uint64_t{0} - magnitude);
  }
};

}  // namespace napier
