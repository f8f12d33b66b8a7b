// parse and to_string: any text is read as exact rationals say, or refused; what is written reads back as the same number.

#include <cctype>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/parse.hpp>
#include <napier/formats/posit.hpp>
#include <napier/formats/text.hpp>

#include "fuzz/fuzz.hpp"
#include "oracle/oracle.hpp"

namespace {

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

// The value of [+|-]digits[.digits][e[+|-]digits], up to an exponent of four digits; empty for every other text.
std::optional<oracle::number> decimal_value(std::string_view text) {
  std::size_t at = 0;
  const bool negative = !text.empty() && text[0] == '-';
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) ++at;
  oracle::number value;
  int scale = 0;
  bool any = false, point = false;
  for (; at < text.size() && (is_digit(text[at]) || (text[at] == '.' && !point)); ++at) {
    if (text[at] == '.') {
      point = true;
      continue;
    }
    value = value * 10 + (text[at] - '0');
    scale -= point ? 1 : 0;
    any = true;
  }
  if (!any) return std::nullopt;
  if (at < text.size()) {
    if (text[at] != 'e' && text[at] != 'E') return std::nullopt;
    ++at;
    const bool below = at < text.size() && text[at] == '-';
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    const std::size_t digits = text.size() - at;
    if (digits == 0 || digits > 4) return std::nullopt;
    int exponent = 0;
    for (; at < text.size(); ++at) {
      if (!is_digit(text[at])) return std::nullopt;
      exponent = exponent * 10 + (text[at] - '0');
    }
    scale += below ? -exponent : exponent;
  }
  if (value.sign() == 0) return value;
  oracle::number power = 1;
  for (int i = 0; i < (scale < 0 ? -scale : scale); ++i) power = power * 10;
  value = scale < 0 ? value / power : value * power;
  return negative ? -value : value;
}

template <class F>
void read_back(F x) {
  const std::string text = napier::to_string(x);
  const auto again = napier::try_parse<F>(text);
  const bool same = again && (x.decode().is_nan() ? again->decode().is_nan() : again->bits() == x.bits());
  fuzz::check(same, text.c_str(), static_cast<std::uint64_t>(x.bits()),
              again ? static_cast<std::uint64_t>(again->bits()) : 0);
}

template <class F, class Round>
void text_of(fuzz::input& in, std::string_view text, Round round) {
  const auto expected = decimal_value(text);
  const std::optional<F> read = napier::try_parse<F>(text);
  if (expected) {
    fuzz::check(read.has_value(), "parse: a decimal number is refused");
    const std::uint64_t code = round(*expected);
    if (expected->sign() != 0) fuzz::check(read->bits() == code, "parse", read->bits(), code);
    if (expected->sign() == 0) fuzz::check(read->is_zero(), "parse: zero", read->bits());
  }
  if (read) read_back(*read);
  read_back(F::from_bits(in.bytes(8)));
}

template <int n, int es>
void posit_text(fuzz::input& in, std::string_view text) {
  text_of<napier::posit<n, es>>(in, text, [](const oracle::number& x) {
    return oracle::posit_round({n, es}, x);
  });
}

template <class F>
void minifloat_text(fuzz::input& in, std::string_view text, oracle::float_format f) {
  text_of<F>(in, text, [f](const oracle::number& x) { return oracle::float_round(f, x); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input in(data, size);
  const std::uint8_t format = in.byte();
  const std::string_view text(reinterpret_cast<const char*>(data) + (size - in.left()), in.left());
  switch (format % 9) {
    case 0:
      posit_text<8, 0>(in, text);
      break;
    case 1:
      posit_text<16, 1>(in, text);
      break;
    case 2:
      posit_text<32, 2>(in, text);
      break;
    case 3:
      posit_text<64, 2>(in, text);
      break;
    case 4:
      minifloat_text<napier::bfloat16>(in, text, {8, 7, 127, false});
      break;
    case 5:
      minifloat_text<napier::float16>(in, text, {5, 10, 15, false});
      break;
    case 6:
      minifloat_text<napier::float8_e5m2>(in, text, {5, 2, 15, false});
      break;
    case 7:
      if (const auto read = napier::try_parse<napier::float8_e4m3fn>(text)) read_back(*read);
      read_back(napier::float8_e4m3fn::from_bits(in.bytes(1)));
      break;
    default:
      if (const auto read = napier::try_parse<napier::fixed32_16>(text)) read_back(*read);
      read_back(napier::fixed32_16::from_bits(static_cast<std::int64_t>(in.bytes(8))));
      break;
  }
  try {
    (void)napier::parse<napier::float16>(text);
  } catch (const napier::parse_error&) {
  }
  return 0;
}
