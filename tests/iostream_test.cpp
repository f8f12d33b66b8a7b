// Streams: what << writes, >> reads.
#include <napier/iostream.hpp>

#include <catch2/catch.hpp>
#include <iomanip>
#include <sstream>

#include "oracle/sweep.hpp"

using namespace napier;

namespace {

template <class... T>
std::string written(const T&... values) {
  std::ostringstream out;
  (out << ... << values);
  return out.str();
}

template <class F>
void reads_back() {
  sweep s;
  std::stringstream stream;
  for (std::uint64_t code = 0; code < std::uint64_t{1} << F::width; ++code)
    stream << F::from_bits(static_cast<std::int64_t>(code)) << '\n';
  for (std::uint64_t code = 0; code < std::uint64_t{1} << F::width; ++code) {
    const F expected = F::from_bits(static_cast<std::int64_t>(code));
    F x{};
    const bool read = static_cast<bool>(stream >> x);
    s.check(read && (decode(expected).is_nan() ? decode(x).is_nan() : x.bits() == expected.bits()),
            [&] { return text(code, x.bits()); });
  }
  REQUIRE(s.report() == passed(std::uint64_t{1} << F::width));
}

}  // namespace

TEST_CASE("what is written reads back, every code") {
  reads_back<posit<16, 1>>();
  reads_back<float8_e5m2>();
  reads_back<fixed<8, 4>>();
  reads_back<float8_e8m0>();
}

TEST_CASE("width, fill, signs, and floating-point flags") {
  CHECK(written(posit16{3.25}) == "3.25");
  CHECK(written(std::setw(8), posit16{3.25}) == "    3.25");
  CHECK(written(std::left, std::setfill('*'), std::setw(8), bfloat16{-0.5}) == "-0.5****");
  CHECK(written(std::showpos, posit16{3.25}, posit16{-1}, posit16::nar()) == "+3.25-1nar");
  CHECK(written(std::fixed, std::setprecision(3), posit16{3.25}) == "3.250");
  CHECK(written(std::scientific, std::setprecision(1), fixed32_16{1024}) == "1.0e+03");
  CHECK(written(std::fixed, std::setprecision(25), posit64{0.1}) == "0.1000000000000000055511151");
  CHECK(written(std::fixed, std::setw(6), posit16::nar()) == "   nar");
  CHECK(written(float16::infinity(), ' ', float16::quiet_nan()) == "inf nan");
}

TEST_CASE("what is read stops where a number cannot go on; what is none fails and gives zero") {
  std::istringstream in("1.5,-2.5e+1 0x1.8p-1-3\n");
  posit16 a, b, c, d;
  char comma = 0;
  CHECK((in >> a >> comma >> b >> c >> d));
  CHECK((a == posit16{1.5} && comma == ',' && b == posit16{-25} && c == posit16{0.75} && d == posit16{-3}));

  std::istringstream bad("3..4 5");
  posit16 x{7};
  CHECK_FALSE((bad >> x));
  CHECK(x == posit16{0});
  bad.clear();
  CHECK((bad >> x));
  CHECK(x == posit16{5});

  std::istringstream end("  ");
  CHECK_FALSE((end >> x));
  CHECK(end.eof());
  x = posit16{7};
  CHECK_FALSE((end >> x));  // not good any more: nothing is read
  CHECK(x == posit16{7});
  std::istringstream last("2.5");
  CHECK((last >> x));
  CHECK((last.eof() && x == posit16{2.5}));
}
