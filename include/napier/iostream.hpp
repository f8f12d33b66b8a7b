#pragma once
// napier/iostream.hpp — << and >> of every format.
//
// <<        the shortest decimal that reads back (formats/text.hpp); with std::fixed, std::scientific or std::hexfloat and a
//           precision as a floating-point number, from all its bits. Width, fill, left and showpos count
// >>        as parse<F>, rounded once; a text that is no number sets failbit and gives zero. It takes all characters that
//           a number can be made of. A stream that is not good leaves the value as it is
// Checked   tests/iostream_test.cpp

#include <ios>
#include <istream>
#include <ostream>
#include <string>
#include <type_traits>

#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/parse.hpp>
#include <napier/formats/posit.hpp>
#include <napier/formats/text.hpp>

namespace napier {

template <class F>
concept ClassFormat = std::is_class_v<F> && TextFormat<F>;

template <ClassFormat F>
std::ostream& operator<<(std::ostream& out, F x) {
  using carrier = std::conditional_t<(format_traits<F>::significand_bits <= 53), double, long double>;
  const unpacked value = decode(x);
  if (!value.is_nan() && (out.flags() & std::ios_base::floatfield) != 0)
    return out << round_to<carrier>(value);
  const bool plus = (out.flags() & std::ios_base::showpos) != 0 && !value.negative && !value.is_nan();
  return out << (plus ? "+" : "") + to_string(x);
}

namespace detail {

// Takes from `in` what can be a number: letters, digits and points; signs in front and after an exponent's mark.
inline std::string take_number_text(std::istream& in) {
  std::string text;
  using traits = std::istream::traits_type;
  for (;; in.rdbuf()->sbumpc()) {
    const auto next = in.rdbuf()->sgetc();
    if (traits::eq_int_type(next, traits::eof())) {
      in.setstate(std::ios_base::eofbit);
      return text;
    }
    const char c = traits::to_char_type(next);
    const bool letter = ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z');
    const bool part = letter || ('0' <= c && c <= '9') || c == '.';
    const bool hexadecimal = text.find_first_of("xX") != std::string::npos;
    const bool after_mark =
        !text.empty() && std::string(hexadecimal ? "pP" : "eE").find(text.back()) != std::string::npos;
    if (!part && !((c == '-' || c == '+') && (text.empty() || after_mark))) return text;
    text += c;
  }
}

}  // namespace detail

template <ClassFormat F>
std::istream& operator>>(std::istream& in, F& x) {
  const std::istream::sentry ready(in);
  if (!ready) return in;
  const std::string text = detail::take_number_text(in);
  const auto read = try_parse<F>(text);
  x = read ? *read : F{};
  if (!read) in.setstate(std::ios_base::failbit);
  return in;
}

}  // namespace napier
