#include <napier/multipliers/exact.hpp>

#include <catch2/catch.hpp>
#include <limits>
#include <type_traits>

#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>

#include "oracle/bridge.hpp"
#include "oracle/sweep.hpp"

namespace {

using namespace napier;
using oracle::number;

static_assert(exact::is_exact && exact::mean_relative_error == 0 && exact::name() == name("exact"));
static_assert(Multiplier<exact, double> && Multiplier<exact, posit64> && Multiplier<exact, std::int8_t>);
static_assert(std::is_same_v<decltype(multiply<exact>(std::int8_t{}, std::int8_t{})), std::int16_t>);
static_assert(std::is_same_v<decltype(multiply<exact>(std::uint16_t{}, std::uint16_t{})), std::uint32_t>);
static_assert(multiply<exact>(std::int8_t{-128}, std::int8_t{-128}) == 16384);
static_assert(multiply<exact>(std::int32_t{-1} << 31, std::int32_t{-1} << 31) == std::int64_t{1} << 62);
static_assert(multiply<exact>(~0u, ~0u) == 0xfffffffe00000001);
static_assert(multiply<exact>(posit16{3}, posit16{5}) == posit16{15} &&
              multiply<exact>(2.5f, -2.0f) == -5.0f);
static_assert(exact{}.multiply(std::numeric_limits<float>::infinity(), 0.0f).is_nan());

}  // namespace

TEST_CASE("exact products are exact, whatever the width") {
  random_bits next(71);
  sweep s;
  for (int i = 0; i < 3000; ++i) {
    const auto check = [&](auto a, auto b) {
      const unpacked got = exact{}.multiply(a, b);
      if (!decode(a).is_finite() || !decode(b).is_finite()) return;
      s.check(oracle::value_of(got) == oracle::value_of(decode(a)) * oracle::value_of(decode(b)),
              [&] { return text(i); });
    };
    check(posit64::from_bits(next()), posit64::from_bits(next.runs()));
    check(posit<64, 0>::from_bits(next()), posit<64, 0>::from_bits(next()));
    check(bfloat16::from_bits(next()), bfloat16::from_bits(next()));
    check(std::bit_cast<double>(next()), std::bit_cast<double>(next()));
    check(next(), next.runs());
    check(static_cast<std::int64_t>(next()), static_cast<std::int64_t>(next()));
    check(fixed<64, 32>::from_bits(static_cast<std::int64_t>(next())), fixed<64, 32>::lowest());
  }
  REQUIRE(s.cases() > 20000);
  REQUIRE(s.report() == passed(s.cases()));
}

TEST_CASE("integer products of 8 bits") {
  sweep s;
  for (int a = -128; a < 128; ++a) {
    for (int b = -128; b < 128; ++b) {
      s.check(multiply<exact>(static_cast<std::int8_t>(a), static_cast<std::int8_t>(b)) == a * b,
              [&] { return text(a, b); });
      s.check(multiply<exact>(static_cast<std::uint8_t>(a + 128), static_cast<std::uint8_t>(b + 128)) ==
                  (a + 128) * (b + 128),
              [&] { return text(a, b); });
    }
  }
  REQUIRE(s.report() == passed(2 * 65536));
}
