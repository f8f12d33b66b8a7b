// Every code of the 16-bit formats to every other format, against exact rationals; and their square roots.
#include <catch2/catch.hpp>
#include <cmath>
#include <concepts>
#include <cstdint>

#include <napier/formats/fixed.hpp>
#include <napier/formats/long_double.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>

#include "oracle/format_oracle.hpp"
#include "oracle/sweep.hpp"

namespace {

using namespace napier;
using oracle::oracle_of;
using oracle::read_value;

template <class From, class To>
void check_conversion(sweep& s, std::uint64_t code, const read_value& value) {
  const From x = From::from_bits(static_cast<std::int64_t>(code));
  const std::uint64_t expected = oracle_of<To>::round(value);
  const std::uint64_t got = oracle_of<To>::code(round_to<To>(x));
  bool same_by_cast = true;
  if constexpr (!std::same_as<From, To>) same_by_cast = oracle_of<To>::code(static_cast<To>(x)) == expected;
  s.check(got == expected && same_by_cast,
          [&] { return std::string(format_traits<To>::name().c_str()) + " " + text(code, got, expected); });
}

template <class From, class... To>
void every_code_to() {
  sweep s;
  for (std::uint64_t code = 0; code < 65536; ++code) {
    const read_value value = oracle_of<From>::read(code);
    (check_conversion<From, To>(s, code, value), ...);
  }
  INFO(From::name().c_str());
  REQUIRE(s.report() == passed(65536 * sizeof...(To)));
}

template <class From>
void every_code() {
  every_code_to<From, posit<8, 0>, posit<8, 2>, posit<10, 3>, posit<16, 1>, posit<16, 2>, posit<32, 2>,
                posit<64, 2>>();
  every_code_to<From, bfloat16, float16, tfloat32, float8_e5m2, float8_e4m3fn, float8_e5m2fnuz,
                float8_e4m3fnuz, float6_e3m2, float6_e2m3, float4_e2m1, float8_e8m0, binary, float, double>();
  every_code_to<From, fixed<8, 4>, fixed<16, 8>, fixed32_16, fixed<64, 40>>();
  every_code_to<From, std::int8_t, std::uint8_t, std::int16_t, std::uint16_t, std::int32_t, std::uint32_t,
                std::int64_t, std::uint64_t>();
}

// Each value of 16 bits is a double, too, and comes back with its code.
template <class From>
void every_code_to_long_double() {
  sweep s;
  for (std::uint64_t code = 0; code < 65536; ++code) {
    const From x = From::from_bits(static_cast<std::int64_t>(code));
    const read_value value = oracle_of<From>::read(code);
    const auto wide = static_cast<long double>(x);
    const auto narrow = static_cast<double>(wide);
    const bool same = value.kind == oracle::float_class::nan ? std::isnan(wide)
                      : value.kind == oracle::float_class::infinity
                          ? std::isinf(wide) && std::signbit(wide) == value.negative
                          : static_cast<long double>(narrow) == wide &&
                                oracle::number::from_double(narrow) == value.value &&
                                std::signbit(wide) == value.negative;
    s.check(same && (std::isnan(wide) ? From{wide} != From{wide} || PositFormat<From>
                                      : From{wide}.bits() == x.bits()),
            [&] { return text(code); });
  }
  INFO(From::name().c_str());
  REQUIRE(s.report() == passed(65536));
}

}  // namespace

TEST_CASE("posit<16, 1> to every format") { every_code<posit<16, 1>>(); }
TEST_CASE("posit<16, 2> to every format") { every_code<posit<16, 2>>(); }
TEST_CASE("bfloat16 to every format") { every_code<bfloat16>(); }
TEST_CASE("float16 to every format") { every_code<float16>(); }
TEST_CASE("fixed<16, 8> to every format") { every_code<fixed<16, 8>>(); }

TEST_CASE("16 bits to long double and back") {
  every_code_to_long_double<posit<16, 1>>();
  every_code_to_long_double<posit<16, 2>>();
  every_code_to_long_double<bfloat16>();
  every_code_to_long_double<float16>();
  every_code_to_long_double<fixed<16, 8>>();
}

TEST_CASE("square roots of every code of posit<16, 1> and posit<16, 2>") {
  sweep s;
  for (std::uint64_t code = 0; code < 65536; ++code) {
    s.check(sqrt(posit<16, 1>::from_bits(code)).bits() == oracle::posit_sqrt({16, 1}, code),
            [&] { return text(code); });
    s.check(sqrt(posit<16, 2>::from_bits(code)).bits() == oracle::posit_sqrt({16, 2}, code),
            [&] { return text(code); });
  }
  REQUIRE(s.report() == passed(131072));
}
