#pragma once
// napier/formats/text.hpp — to_string(x): the shortest decimal that parse<F> reads back as x.
//
// What      fewest digits; of several with as few, the nearest to x. The largest value of a format that saturates, maxpos and
//           minpos, which others are clamped to, are written to within half a last place all the same. 0.0001 and 1e-05, 1234000 and 1e+16: an exponent below
//           10^-4 and from 10^16 on. nan, nar (posits), inf, -inf
// Checked   tests/formats/text_test.cpp

#include <cstdint>
#include <string>

#include <napier/formats/decimal.hpp>
#include <napier/formats/parse.hpp>

namespace napier {

namespace detail {

inline std::string decimal_text(bool negative, const decimal& number) {
  std::string digits;
  for (uint128 rest = number.digits; rest != 0; rest /= 10) {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
  }
  const int count = static_cast<int>(digits.size());
  const int leading = number.exponent + count - 1;
  std::string text = negative ? "-" : "";
  if (leading < -4 || leading >= 16) {
    text += digits[0];
    if (count > 1) text += "." + digits.substr(1);
    const std::string exponent = std::to_string(leading < 0 ? -leading : leading);
    return text + (leading < 0 ? "e-" : "e+") + (exponent.size() < 2 ? "0" : "") + exponent;
  }
  if (leading < 0) return text + "0." + std::string(static_cast<std::size_t>(-leading - 1), '0') + digits;
  const auto integer_digits = static_cast<std::size_t>(leading) + 1;
  if (digits.size() <= integer_digits)
    return text + digits + std::string(integer_digits - digits.size(), '0');
  return text + digits.substr(0, integer_digits) + "." + digits.substr(integer_digits);
}

}  // namespace detail

template <TextFormat F>
std::string to_string(F x) {
  const unpacked value = decode(x);
  if (value.is_nan()) return PositFormat<F> ? "nar" : "nan";
  const std::string sign = value.negative ? "-" : "";
  if (value.is_infinity()) return sign + "inf";
  if (value.is_zero()) return sign + "0";
  return detail::decimal_text(value.negative, detail::shortest_decimal<F>(value));
}

}  // namespace napier
