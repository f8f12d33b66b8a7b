#pragma once
// napier/analysis/operand_format.hpp — a format chosen at run time: its numbers are codes, the lowest `width` bits of a word.
//
// Checked   tests/analysis/multiplier_errors_test.cpp, tests/analysis/narrow_integers_test.cpp

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

#include <napier/core/arithmetic.hpp>
#include <napier/core/concepts.hpp>
#include <napier/core/error.hpp>
#include <napier/formats/native.hpp>

namespace napier {

namespace detail {

template <Format F>
constexpr F number_of_code(std::uint64_t code) {
  if constexpr (std::integral<F>) {
    return static_cast<F>(code);
  } else if constexpr (requires { F::from_bits(code); }) {
    return F::from_bits(static_cast<std::uint64_t>(code));
  } else if constexpr (sizeof(F) == 8) {
    return std::bit_cast<F>(code);
  } else {
    return std::bit_cast<F>(static_cast<std::uint32_t>(code));
  }
}

template <Format F>
constexpr std::uint64_t code_of_number(F x) {
  constexpr std::uint64_t mask = ~std::uint64_t{0} >> (64 - format_traits<F>::width);
  if constexpr (std::integral<F>) {
    return static_cast<std::uint64_t>(x) & mask;
  } else if constexpr (requires { x.bits(); }) {
    return static_cast<std::uint64_t>(x.bits()) & mask;
  } else if constexpr (sizeof(F) == 8) {
    return std::bit_cast<std::uint64_t>(x);
  } else {
    return std::bit_cast<std::uint32_t>(x);
  }
}

// |x| < |y|; both zero or finite.
constexpr bool is_smaller(const unpacked& x, const unpacked& y) {
  if (!x.is_finite() || !y.is_finite()) return y.is_finite() && !x.is_finite();
  if (x.exponent != y.exponent) return x.exponent < y.exponent;
  return x.wide_significand() < y.wide_significand();
}

}  // namespace detail

struct operand_format {
  std::string name;
  format_kind kind = format_kind::floating;
  int width = 0;
  int significand_bits = 0;
  int min_exponent = 0;
  int max_exponent = 0;
  int fraction_bits = 0;  // of fixed point
  unpacked (*decode)(std::uint64_t code) = nullptr;
  std::uint64_t (*encode)(const unpacked& value) = nullptr;
  bool is_signed = true;
  unpacked largest;  // the largest finite magnitude

  std::uint64_t code_mask() const { return ~std::uint64_t{0} >> (64 - width); }
  // Integers and fixed point are the code times a power of two.
  bool is_scaled_integer() const { return kind == format_kind::integer || kind == format_kind::fixed; }
};

namespace detail {

template <Format F>
operand_format make_operand_format() {
  operand_format result;
  static constexpr napier::name published = format_traits<F>::name();
  result.name = published.c_str();
  result.kind = format_traits<F>::kind;
  result.width = format_traits<F>::width;
  result.significand_bits = format_traits<F>::significand_bits;
  result.min_exponent = format_traits<F>::min_exponent;
  result.max_exponent = format_traits<F>::max_exponent;
  if constexpr (FixedFormat<F>) result.fraction_bits = format_traits<F>::fraction_bits;
  result.decode = [](std::uint64_t code) { return decode(detail::number_of_code<F>(code)); };
  result.encode = [](const unpacked& value) { return detail::code_of_number(round_to<F>(value)); };

  const unpacked minus_one = decode(round_to<F>(unpacked::finite(true, 0, std::uint64_t{1} << 63)));
  result.is_signed = minus_one.is_finite() && minus_one.negative;
  const auto consider = [&](unpacked value) {
    value.negative = false;
    if (value.is_finite() && detail::is_smaller(result.largest, value)) result.largest = value;
  };
  if (result.width <= 16) {
    for (std::uint64_t code = 0; code <= result.code_mask(); ++code) consider(result.decode(code));
  } else {
    const std::uint64_t ones = ~std::uint64_t{0} << (64 - result.significand_bits);
    for (const std::uint64_t significand : {std::uint64_t{1} << 63, ones}) {
      for (const bool negative : {false, true}) {
        consider(result.decode(result.encode(unpacked::finite(negative, result.max_exponent, significand))));
      }
    }
  }
  return result;
}

}  // namespace detail

template <Format F>
const operand_format& describe_format() {
  static const operand_format described = detail::make_operand_format<F>();
  return described;
}

namespace detail {

// The lowest `width` bits of a code, of two's complement where they are signed.
constexpr std::uint64_t widened(std::uint64_t code, int width, bool is_signed) {
  const int unused = 64 - width;
  return is_signed ? static_cast<std::uint64_t>(static_cast<std::int64_t>(code << unused) >> unused)
                   : code << unused >> unused;
}

template <int width, bool is_signed>
operand_format make_integer_format() {
  static constexpr int magnitude_bits = width - (is_signed ? 1 : 0);
  operand_format result;
  result.name = (is_signed ? "int" : "uint") + std::to_string(width);
  result.kind = format_kind::integer;
  result.width = width;
  result.significand_bits = magnitude_bits;
  result.max_exponent = width - 1;
  result.decode = [](std::uint64_t code) {
    return napier::decode(static_cast<std::int64_t>(widened(code, width, is_signed)));
  };
  result.encode = [](const unpacked& value) {
    constexpr std::int64_t most = (std::int64_t{1} << magnitude_bits) - 1;
    const std::int64_t code = std::clamp(round_to<std::int64_t>(value), is_signed ? -most - 1 : 0, most);
    return widened(static_cast<std::uint64_t>(code), width, false);
  };
  result.is_signed = is_signed;
  result.largest = napier::decode((std::int64_t{1} << magnitude_bits) - (is_signed ? 0 : 1));
  return result;
}

inline constexpr int least_integer_width = 2;
inline constexpr int largest_integer_width = 32;

template <bool is_signed, int... offsets>
operand_format integer_format(int width, std::integer_sequence<int, offsets...>) {
  constexpr std::array makers = {&make_integer_format<least_integer_width + offsets, is_signed>...};
  return makers[static_cast<std::size_t>(width - least_integer_width)]();
}

}  // namespace detail

// The integers of 2 to 32 bits, named as C++ names those of 8, 16 and 32: uint5, int12. Rounding saturates.
inline operand_format describe_integer(int width, bool is_signed) {
  using namespace detail;
  if (width < least_integer_width || width > largest_integer_width)
    throw error("integers of " + std::to_string(width) + " bits: expected 2 to 32");
  constexpr std::make_integer_sequence<int, largest_integer_width - least_integer_width + 1> widths{};
  return is_signed ? integer_format<true>(width, widths) : integer_format<false>(width, widths);
}

}  // namespace napier
