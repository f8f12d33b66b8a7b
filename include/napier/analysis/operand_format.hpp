#pragma once
// napier/analysis/operand_format.hpp — a format chosen at run time: its numbers are codes, the lowest `width` bits of a word.
//
// Checked   tests/analysis/multiplier_errors_test.cpp

#include <bit>
#include <concepts>
#include <cstdint>
#include <string>
#include <type_traits>

#include <napier/core/arithmetic.hpp>
#include <napier/core/concepts.hpp>
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

}  // namespace napier
