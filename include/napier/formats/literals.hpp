#pragma once
// napier/formats/literals.hpp — 3.25_p16, 0x1.8p3_bf16: numbers of a format, rounded once when the program is compiled.
//
//   using namespace napier::literals;
//
//   _p8 _p16 _p32 _p64   posit8 … posit64, the formats of the Posit Standard
//   _bf16 _f16           bfloat16, float16
//   _e4m3 _e5m2          float8_e4m3fn, float8_e5m2
//
// Errors    what is no decimal or hexadecimal number does not compile, nor does 010, which C++ reads as an octal number
// Checked   tests/formats/literals_test.cpp

#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>
#include <napier/formats/read_number.hpp>

namespace napier {

namespace detail {

template <TextFormat F>
consteval F literal(const char* text) {
  const char* last = text;
  bool integer = true;
  for (; *last != '\0'; ++last) integer = integer && (('0' <= *last && *last <= '9') || *last == '\'');
  if (integer && text[0] == '0' && last - text > 1)
    throw "napier: a literal with a leading zero would be octal";
  const number_text read = read_number(text, last, true);
  if (read.kind != text_kind::number) throw "napier: expected a decimal or hexadecimal literal";
  return round_to<F>(read.value);
}

}  // namespace detail

namespace literals {

consteval posit8 operator""_p8(const char* text) { return detail::literal<posit8>(text); }
consteval posit16 operator""_p16(const char* text) { return detail::literal<posit16>(text); }
consteval posit32 operator""_p32(const char* text) { return detail::literal<posit32>(text); }
consteval posit64 operator""_p64(const char* text) { return detail::literal<posit64>(text); }
consteval bfloat16 operator""_bf16(const char* text) { return detail::literal<bfloat16>(text); }
consteval float16 operator""_f16(const char* text) { return detail::literal<float16>(text); }
consteval float8_e4m3fn operator""_e4m3(const char* text) { return detail::literal<float8_e4m3fn>(text); }
consteval float8_e5m2 operator""_e5m2(const char* text) { return detail::literal<float8_e5m2>(text); }

}  // namespace literals
}  // namespace napier
