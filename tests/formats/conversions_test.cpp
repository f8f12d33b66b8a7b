// Conversions from wide formats, native ones and 64-bit integers to every other, against exact rationals: random codes, ends
// of the ranges, and values at and beside the boundaries of narrow formats.
#include <bit>
#include <catch2/catch.hpp>
#include <concepts>
#include <cstdint>
#include <string>

#include "oracle/codes.hpp"
#include "oracle/format_oracle.hpp"
#include "oracle/sweep.hpp"

namespace {

using namespace napier;
using oracle::from_code;
using oracle::oracle_of;
using oracle::read_value;

template <class From, class To>
void check(sweep& s, From x, const read_value& value) {
  const std::uint64_t expected = oracle_of<To>::round(value);
  const std::uint64_t got = oracle_of<To>::code(round_to<To>(x));
  bool same_by_cast = true;
  // Between native types the language's own conversion is meant by a cast.
  constexpr bool native = std::is_arithmetic_v<From> && std::is_arithmetic_v<To>;
  if constexpr (!std::same_as<From, To> && !native)
    same_by_cast = oracle_of<To>::code(static_cast<To>(x)) == expected;
  s.check(got == expected && same_by_cast, [&] {
    return std::string(format_traits<To>::name().c_str()) + " " +
           text(oracle_of<From>::code(x), got, expected);
  });
}

template <class From, class... To>
void check_each(int count) {
  random_bits next(61);
  sweep s;
  for (int i = 0; i < count; ++i) {
    std::uint64_t code = i % 3 == 0 ? next() : i % 3 == 1 ? next.runs() : next() >> next.below(64);
    // At and beside a number of each target, half-way points among them.
    if (i % 4 == 3) {
      const unpacked narrow = decode(posit<10, 1>::from_bits(next()));
      code = oracle_of<From>::code(round_to<From>(narrow)) + static_cast<std::uint64_t>(next.below(3)) - 1;
    }
    constexpr int width = format_traits<From>::width;
    if (width < 64) code &= (std::uint64_t{1} << (width & 63)) - 1;
    const From x = from_code<From>(code);
    const read_value value = oracle_of<From>::read(code);
    (check<From, To>(s, x, value), ...);
  }
  INFO(format_traits<From>::name().c_str());
  REQUIRE(s.report() == passed(static_cast<std::uint64_t>(count) * sizeof...(To)));
}

template <class From>
void to_every_format(int count) {
  check_each<From, posit<8, 0>, posit<8, 2>, posit<16, 1>, posit16, posit32, posit64, posit<64, 0>,
             posit<64, 4>>(count);
  check_each<From, bfloat16, float16, tfloat32, float8_e5m2, float8_e4m3fn, float8_e5m2fnuz, float8_e4m3fnuz,
             float6_e3m2, float6_e2m3, float4_e2m1, float, double>(count);
  check_each<From, fixed<8, 4>, fixed<16, 8>, fixed32_16, fixed<64, 32>, std::int8_t, std::uint16_t,
             std::int32_t, std::uint32_t, std::int64_t, std::uint64_t>(count);
}

}  // namespace

TEST_CASE("wide posits to every format") {
  to_every_format<posit32>(600);
  to_every_format<posit64>(600);
  to_every_format<posit<64, 4>>(400);
}
TEST_CASE("float, double and tfloat32 to every format") {
  to_every_format<float>(600);
  to_every_format<double>(600);
  to_every_format<tfloat32>(400);
}
TEST_CASE("fixed point to every format") {
  to_every_format<fixed<64, 32>>(600);
  to_every_format<fixed32_16>(400);
}
TEST_CASE("integers to every format") {
  to_every_format<std::int64_t>(600);
  to_every_format<std::uint64_t>(600);
  to_every_format<std::int8_t>(400);
  to_every_format<std::uint32_t>(400);
}
