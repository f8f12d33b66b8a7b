// napier/fmt.hpp: formats print as the double that they are, posits' NaR as nar.
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
  CHECK(fmt::format("{}", bfloat16{0.1}) == "0.10009765625");
  CHECK(fmt::format("{}", float16{65504}) == "65504");
  CHECK(fmt::format("{}", float8_e4m3fn{448}) == "448");
  CHECK(fmt::format("{}", float8_e5m2{-0.0}) == "-0");
  CHECK(fmt::format("{}", fixed32_16{-1.5}) == "-1.5");
  CHECK(fmt::format("{}", fixed<16, 8>::max()) == "127.99609375");
}

TEST_CASE("the format specifications of double") {
  CHECK(fmt::format("{:.3f}", posit<16, 1>{3.25}) == "3.250");
  CHECK(fmt::format("{:>8.2f}|{:<+7.1f}|{:^8}", bfloat16{1.5}, float16{2}, fixed32_16{0.25}) ==
        "    1.50|+2.0   |  0.25  ");
  CHECK(fmt::format("{:e}", posit32{1024}) == "1.024000e+03");
  CHECK(fmt::format("{:08.3f}", posit<16, 1>{-2}) == "-002.000");
  CHECK(fmt::format("{:{}.{}f}", posit16{1.5}, 7, 2) == "   1.50");
  CHECK(fmt::format(FMT_COMPILE("{} {}"), posit16{1.5}, bfloat16{2}) == "1.5 2");
  CHECK_THROWS_AS(fmt::format(fmt::runtime("{:x}"), posit16{1}), fmt::format_error);
  CHECK_THROWS_AS(fmt::format(fmt::runtime("{:s}"), bfloat16{1}), fmt::format_error);
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
