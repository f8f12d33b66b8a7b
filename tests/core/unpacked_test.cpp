#include <napier/core/unpacked.hpp>

#include <catch2/catch.hpp>

#include "oracle/bridge.hpp"
#include "oracle/sweep.hpp"

using napier::uint128;
using napier::unpacked;
using napier::value_class;

static_assert(unpacked{} == unpacked::zero());
static_assert(unpacked::zero().is_zero() && !unpacked::zero().is_finite());
static_assert(unpacked::infinity().is_infinity() && unpacked::nan().is_nan());
static_assert((-unpacked::zero()).negative && (-unpacked::infinity()).negative);
static_assert(-unpacked::nan() == unpacked::nan());
static_assert(unpacked::from_integer(false, 1) == unpacked::finite(false, 0, std::uint64_t{1} << 63));
static_assert(unpacked::from_integer(true, 0) == unpacked::zero(true));
static_assert(unpacked::from_integer(false, ~uint128{0}) ==
              unpacked::finite(false, 127, ~std::uint64_t{0}, ~std::uint64_t{0}));
static_assert(napier::leading_zeros(0) == 128 && napier::leading_zeros(1) == 127);
static_assert(napier::leading_zeros(uint128{1} << 64) == 63 && napier::leading_zeros(uint128{1} << 127) == 0);
static_assert(sizeof(unpacked) == 24);

TEST_CASE("from_integer is exact and normalised") {
  random_bits next(1);
  sweep s;
  for (int i = 0; i < 4000; ++i) {
    const std::uint64_t high = next.runs() >> next.below(64);
    const std::uint64_t low = next.runs();
    const int scale = next.below(401) - 200;
    const bool negative = next.below(2) == 1;
    const unpacked x =
        unpacked::from_integer(negative, napier::join_words(i % 3 == 0 ? 0 : high, low), scale);
    const auto expected = oracle::number::dyadic(negative, i % 3 == 0 ? 0 : high, low, scale);
    const bool normal = x.is_zero() || (x.significand >> 63 == 1 && x.exponent == expected.floor_log2());
    s.check(normal && oracle::value_of(x) == expected, [&] { return text(high, low, scale, negative); });
  }
  REQUIRE(s.report() == passed(4000));
}
