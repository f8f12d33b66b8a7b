// napier/fmt.hpp: the shortest decimal that reads back, double's specifications, codes and fields.
#include <napier/fmt.hpp>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <string>

#include <fmt/compile.h>

#include "oracle/sweep.hpp"

using namespace napier;

TEST_CASE("each format prints its value") {
  CHECK(fmt::format("{}", posit<16, 1>{3.25}) == "3.25");
  CHECK(fmt::format("{}", posit<8, 0>{-0.5}) == "-0.5");
  CHECK(fmt::format("{}", posit32{0}) == "0");
  CHECK(fmt::format("{}", bfloat16{0.1}) == "0.1");
  CHECK(fmt::format("{:.11f}", bfloat16{0.1}) == "0.10009765625");
  CHECK(fmt::format("{}", float16{65504}) == "65500");
  CHECK(fmt::format("{:.0f}", float16{65504}) == "65504");
  CHECK(fmt::format("{}", float8_e4m3fn{448}) == "450");
  CHECK(fmt::format("{:g}", float8_e4m3fn{448}) == "448");
  CHECK(fmt::format("{}", float8_e5m2{-0.0}) == "-0");
  CHECK(fmt::format("{}", fixed32_16{-1.5}) == "-1.5");
  CHECK(fmt::format("{}", fixed<16, 8>::max()) == "127.996");
  CHECK(fmt::format("{:.8f}", fixed<16, 8>::max()) == "127.99609375");
}

TEST_CASE("the format specifications of double") {
  CHECK(fmt::format("{:.3f}", posit<16, 1>{3.25}) == "3.250");
  CHECK(fmt::format("{:>8.2f}|{:<+7.1f}|{:^8}", bfloat16{1.5}, float16{2}, fixed32_16{0.25}) ==
        "    1.50|+2.0   |  0.25  ");
  CHECK(fmt::format("{:e}", posit32{1024}) == "1.024000e+03");
  CHECK(fmt::format("{:08.3f}", posit<16, 1>{-2}) == "-002.000");
  CHECK(fmt::format("{:{}.{}f}", posit16{1.5}, 7, 2) == "   1.50");
  CHECK(fmt::format(FMT_COMPILE("{} {}"), posit16{1.5}, bfloat16{2}) == "1.5 2");
  CHECK_THROWS_AS(fmt::format(fmt::runtime("{:s}"), bfloat16{1}), fmt::format_error);
}

TEST_CASE("all bits of wide formats, a sign, zeros, precision without a type, fills of any character") {
  CHECK(fmt::format("{:.25f}", posit64{0.1}) == "0.1000000000000000055511151");
  CHECK(fmt::format("{:.18e}", fixed<64, 63>::max()) == "9.999999999999999999e-01");
  CHECK(fmt::format("{:+}|{: }|{:+}", posit16{1.5}, posit16{1.5}, posit16{-1.5}) == "+1.5| 1.5|-1.5");
  CHECK(fmt::format("{:07}|{:<07}|{:07}", posit16{-1.5}, posit16{1.5}, float16{INFINITY}) ==
        "-0001.5|1.5    |    inf");
  CHECK(fmt::format("{:.2}|{:.3g}|{:#.3g}|{:a}", posit16{3.25}, posit16{3.25}, posit16{3}, posit16{3.25}) ==
        "3.2|3.25|3.00|0x1.ap+1");
  CHECK(fmt::format("{:·^7}", posit16{1}) == "···1···");
  CHECK(fmt::format("{:>{}}|{:{}}", posit16{1}, 4, posit16{2}, 3) == "   1|  2");
  CHECK(fmt::format("{0:{1}.{2}f}", posit16{1.5}, 6, 2) == "  1.50");
  for (const char* bad :
       {"{:d}", "{:s}", "{:.}", "{:.2x}", "{:#.2}", "{:q}", "{:>>>5}", "{:.{}f}", "{:99999999999}"}) {
    INFO(bad);
    CHECK_THROWS_AS(fmt::format(fmt::runtime(bad), posit16{1}), fmt::format_error);
  }
  CHECK_THROWS_AS(fmt::format(fmt::runtime("{:{}}"), posit16{1}, -1), fmt::format_error);
  CHECK_THROWS_AS(fmt::format(fmt::runtime("{:{}}"), posit16{1}, 1.5), fmt::format_error);
}

TEST_CASE("codes and fields") {
  CHECK(fmt::format("{:x} {:#x} {:#X} {:06x} {:b}", posit16{3.25}, posit16{3.25}, posit16{-3.25}, posit8{1},
                    posit8{1}) == "4d00 0x4d00 0XB300 000040 1000000");
  CHECK(fmt::format("{:x} {:x} {:#06x}", fixed<8, 4>{-1.5}, float8_e4m3fn{-1}, bfloat16{0}) ==
        "e8 b8 0x0000");
  CHECK(fmt::format("{:x}", posit64::nar()) == "8000000000000000");
  CHECK(fmt::format("{:x}", fixed<64, 0>{-1}) == "ffffffffffffffff");
  CHECK(fmt::format("{:#}", posit<16, 1>{3.25}) ==
        "sign 0, regime 10 (0), exponent 1 (1), fraction 101000000000, value 3.25");
  CHECK(fmt::format("[{:#26}] [{:>#26}]", float8_e8m0{1}, float8_e8m0{1}) ==
        "[exponent 01111111 (0), value 1] [exponent 01111111 (0), value 1]");
  CHECK(fmt::format("[{:#34}] [{:>#34}]", float8_e8m0{1}, float8_e8m0{1}) ==
        "[exponent 01111111 (0), value 1    ] [    exponent 01111111 (0), value 1]");
}

TEST_CASE("what is no number") {
  using P = posit<16, 1>;
  CHECK(fmt::format("{}", P::nar()) == "nar");
  CHECK(fmt::format("[{:>6}] [{:<6.2f}] [{:^7}] [{:>{}}]", P::nar(), P::nar(), posit8::nar(), posit64::nar(),
                    5) == "[   nar] [nar   ] [  nar  ] [  nar]");
  CHECK(fmt::format("{:n>6}{:a<6}{:F}", P::nar(), P::nar(), P::nar()) ==
        "nnnnar"
        "naraaa"
        "NAR");
  CHECK(fmt::format(FMT_COMPILE("{}"), P::nar()) == "nar");
  CHECK(fmt::format("{} {}", bfloat16{NAN}, float8_e4m3fn{NAN}) == "nan nan");
  CHECK(fmt::format("{} {}", float16{INFINITY}, float8_e5m2{-INFINITY}) == "inf -inf");
}

TEST_CASE("{} reads back as the same code: every code of 16 bits") {
  sweep s;
  for (std::uint32_t code = 0; code < 65536; ++code) {
    const auto p = posit<16, 1>::from_bits(code);
    const auto b = bfloat16::from_bits(static_cast<std::uint16_t>(code));
    const std::string of_p = fmt::format("{}", p), of_b = fmt::format("{}", b);
    s.check(p.is_nar() ? of_p == "nar" : posit<16, 1>{std::stod(of_p)} == p,
            [&] { return text(code) + of_p; });
    const double value = static_cast<double>(b);
    // stod reports subnormal doubles as out of range; bfloat16 has none of them
    s.check(std::isnan(value) ? of_b == "nan" : bfloat16{std::stod(of_b)}.bits() == b.bits(),
            [&] { return text(code) + of_b; });
  }
  REQUIRE(s.report() == passed(131072));
}
