// The fields of codes, put together again.
#include <napier/formats/fields.hpp>

#include <catch2/catch.hpp>
#include <string>

#include "oracle/sweep.hpp"

using namespace napier;

namespace {

// The bits of a fields text, in order, and its numbers in brackets left out.
std::string bits_of(const std::string& fields) {
  std::string bits;
  bool in_bracket = false;
  for (const char c : fields.substr(0, fields.find(", value"))) {
    in_bracket = c == '(' || (in_bracket && c != ')');
    if (!in_bracket && (c == '0' || c == '1')) bits += c;
  }
  return bits;
}

std::string code_bits(std::uint64_t code, int width) {
  std::string bits;
  for (int i = width - 1; i >= 0; --i) bits += code >> i & 1 ? '1' : '0';
  return bits;
}

template <class F>
void all_codes() {
  sweep s;
  for (std::uint64_t code = 0; code < std::uint64_t{1} << F::width; ++code) {
    const F x = F::from_bits(static_cast<std::int64_t>(code));
    std::uint64_t shown = code;
    // A negative posit shows its sign, then the two's complement.
    const std::uint64_t sign = std::uint64_t{1} << (F::width - 1);
    if (PositFormat<F> && code > sign) shown = ((~code + 1) & (sign - 1)) | sign;
    const std::string fields = fields_text(x);
    const bool nan = decode(x).is_nan();
    const std::string value = ", value " + (nan ? to_string(x) : to_string(double(x)));
    s.check(bits_of(fields) == code_bits(shown, F::width) && fields.ends_with(value),
            [&] { return text(code) + fields; });
  }
  REQUIRE(s.report() == passed(std::uint64_t{1} << F::width));
}

}  // namespace

TEST_CASE("the fields are the code's bits, and the value stands behind them") {
  all_codes<posit<2, 0>>();
  all_codes<posit<5, 4>>();
  all_codes<posit<8, 0>>();
  all_codes<posit<8, 2>>();
  all_codes<posit<12, 1>>();
  all_codes<float8_e4m3fn>();
  all_codes<float8_e4m3fnuz>();
  all_codes<float8_e8m0>();
  all_codes<float6_e2m3>();
  all_codes<binary>();
  all_codes<fixed<8, 0>>();
  all_codes<fixed<8, 7>>();
  all_codes<fixed<8, 12>>();
}

TEST_CASE("names and meanings") {
  CHECK(fields_text(posit<16, 1>{3.25}) ==
        "sign 0, regime 10 (0), exponent 1 (1), fraction 101000000000, value 3.25");
  CHECK(fields_text(posit<16, 1>{-3.25}) ==
        "sign 1, regime 10 (0), exponent 1 (1), fraction 101000000000, value -3.25");
  CHECK(fields_text(posit16::nar()) == "sign 1, regime 000000000000000, value nar");
  CHECK(fields_text(posit8{0}) == "sign 0, regime 0000000, value 0");
  CHECK(fields_text(posit8::maxpos()) == "sign 0, regime 1111111 (6), value 16777216");
  CHECK(fields_text(posit8::minpos()) == "sign 0, regime 0000001 (-6), value 5.960464477539063e-08");
  CHECK(fields_text(posit<8, 2>::from_bits(0x7d)) ==
        "sign 0, regime 111110 (4), exponent 1 (2), value 262144");
  CHECK(fields_text(posit64{1}).starts_with("sign 0, regime 10 (0), exponent 00 (0), fraction 0"));
  CHECK(fields_text(float16{-0.75}) == "sign 1, exponent 01110 (-1), fraction 1000000000, value -0.75");
  CHECK(fields_text(float16::min_subnormal()) ==
        "sign 0, exponent 00000 (-14), fraction 0000000001, value 5.960464477539063e-08");
  CHECK(fields_text(float16::infinity()) == "sign 0, exponent 11111, fraction 0000000000, value inf");
  CHECK(fields_text(float8_e8m0{4}) == "exponent 10000001 (2), value 4");
  CHECK(fields_text(float8_e4m3fnuz::quiet_nan()) == "sign 1, exponent 0000, fraction 000, value nan");
  CHECK(fields_text(fixed<8, 4>{-1.5}) == "sign 1, integer 110, fraction 1000, value -1.5");
  CHECK(fields_text(fixed<64, 0>{1}).ends_with("01, value 1"));
}
