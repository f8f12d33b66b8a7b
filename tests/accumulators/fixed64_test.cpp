#include <napier/accumulators/fixed64.hpp>

#include <catch2/catch.hpp>
#include <limits>

#include <napier/core/arithmetic.hpp>

#include "oracle/bridge.hpp"
#include "oracle/sweep.hpp"

namespace {

using namespace napier;
using oracle::number;

static_assert(Accumulator<fixed64_sum<32>> && fixed64_sum<32>::is_exact &&
              fixed64_sum<0>::name() == name("fixed64"));
static_assert(std::is_same_v<fixed64::bind<fixed32_16>, fixed64_sum<32>> &&
              std::is_same_v<fixed64::bind<std::int8_t>, fixed64_sum<0>>);
static_assert(std::is_same_v<fixed64_sum<32>::value_type, fixed<64, 32>>);

template <class Sum, class... X>
constexpr unpacked sum_of(X... x) {
  Sum sum;
  (sum.add(decode(x)), ...);
  return sum.value();
}
static_assert(sum_of<fixed64_sum<0>>(2.5) == decode(2) &&
              sum_of<fixed64_sum<0>>(3.5) == decode(4));  // ties to even
static_assert(sum_of<fixed64_sum<0>>(0.5).is_zero() && sum_of<fixed64_sum<0>>(0.75) == decode(1) &&
              sum_of<fixed64_sum<0>>(0.25).is_zero());
static_assert(sum_of<fixed64_sum<0>>(-2.5) == decode(-2) && sum_of<fixed64_sum<1>>(2.5) == decode(2.5));
static_assert(sum_of<fixed64_sum<0>>(0x1p63) == decode(std::numeric_limits<std::int64_t>::max()));
static_assert(sum_of<fixed64_sum<0>>(-0x1p64) == decode(std::numeric_limits<std::int64_t>::min()));
static_assert(sum_of<fixed64_sum<0>>(0x1p64, -0x1p64, 3) == decode(3));  // past 64 bits in between
static_assert(sum_of<fixed64_sum<0>>(std::numeric_limits<double>::quiet_NaN(), 5) == decode(5));
static_assert(sum_of<fixed64_sum<0>>(std::numeric_limits<double>::infinity()) ==
              decode(std::numeric_limits<std::int64_t>::max()));
static_assert(sum_of<fixed64_sum<64>>(0x1p-64) == decode(0x1p-64) &&
              sum_of<fixed64_sum<64>>(0x1p-66).is_zero());

number clamped(const number& x, int fraction) {
  return number(oracle::fixed_round(64, fraction, x)).scaled(-fraction);
}

template <class F>
void dot_products(int count, bool extremes) {
  random_bits next(121);
  using sum_type = fixed64::bind<F>;
  constexpr int fraction = sum_type::value_type::fraction_bits;
  sweep s;
  for (int i = 0; i < count; ++i) {
    sum_type sum, reversed;
    number exact = 0;
    unpacked products[30];
    for (unpacked& product : products) {
      const auto code = [&] {
        return extremes && next.below(2) == 0 ? std::numeric_limits<std::int64_t>::min()
                                              : static_cast<std::int64_t>(next.runs());
      };
      const auto operand = [&] {
        if constexpr (FixedFormat<F>) {
          return F::from_bits(extremes && next.below(2) == 0 ? F::lowest().bits() : code());
        } else {
          return extremes && next.below(2) == 0 ? std::numeric_limits<F>::min() : static_cast<F>(code());
        }
      };
      const F a = operand();
      const F b = operand();
      product = multiply(decode(a), decode(b));
      exact = exact + oracle::value_of(decode(a)) * oracle::value_of(decode(b));
    }
    for (int k = 0; k < 30; ++k) {
      sum.add(products[k]);
      reversed.add(products[29 - k]);
    }
    const number expected = clamped(exact, fraction);
    s.check(oracle::value_of(sum.value()) == expected && reversed.value() == sum.value(),
            [&] { return text(i, exact.approximate()); });

    // The finished sum times a constant of FP32, to the grid.
    const double factor = 1 + static_cast<double>(next() >> 11) * 0x1p-53;
    sum_type scaled = sum;
    scaled.scale(factor);
    const number constant = oracle::float_value(
        oracle::float32, oracle::float_round(oracle::float32, number::from_double(factor)));
    s.check(oracle::value_of(scaled.value()) == clamped(expected * constant, fraction),
            [&] { return "scaled " + text(i, factor); });
  }
  REQUIRE(s.report() == passed(2 * static_cast<std::uint64_t>(count)));
}

}  // namespace

TEST_CASE("sums of products are exact, clamped at the end, in any order") {
  dot_products<fixed32_16>(1000, false);
  dot_products<fixed32_16>(500, true);
  dot_products<fixed<32, 0>>(500, true);
  dot_products<fixed<32, 32>>(500, true);
  dot_products<fixed<16, 8>>(500, false);
  dot_products<fixed<8, 4>>(500, false);
  dot_products<std::int8_t>(500, true);
  dot_products<std::uint8_t>(500, false);
  dot_products<std::int16_t>(500, true);
  dot_products<std::int32_t>(500, true);
  dot_products<std::uint32_t>(500, false);
}

TEST_CASE("a bias, and any other value, is rounded to the grid: to nearest, ties to even") {
  random_bits next(122);
  sweep s;
  for (int i = 0; i < 5000; ++i) {
    std::uint64_t significand = next.runs() | std::uint64_t{1} << 63;
    const int exponent = next.below(70) - 36;
    if (i % 2 == 0) significand = (significand & ~std::uint64_t{0} << 40) | std::uint64_t{1} << 39;
    const unpacked x =
        unpacked::finite(next.below(2) == 1, exponent, significand, i % 3 == 0 ? next.runs() : 0);
    fixed64_sum<32> sum;
    sum.add(x);
    s.check(oracle::value_of(sum.value()) == clamped(oracle::value_of(x), 32),
            [&] { return text(exponent, significand, x.tail); });
  }
  REQUIRE(s.report() == passed(5000));
}

TEST_CASE("2^31 - 1 products of the largest magnitude, added and taken away") {
  // By the value clamped after each: the 128 bits behind it must not have wrapped.
  fixed64_sum<0> sum;
  const unpacked largest = multiply(decode(std::numeric_limits<std::int32_t>::min()),
                                    decode(std::numeric_limits<std::int32_t>::min()));
  for (int i = 0; i < 100000; ++i) sum.add(largest);
  REQUIRE(sum.value() == decode(std::numeric_limits<std::int64_t>::max()));
  for (int i = 0; i < 100000; ++i) sum.add(-largest);
  sum.add(decode(-7));
  REQUIRE(sum.value() == decode(-7));
  // One product is at most 2^94 units: 2^31 of them are below 2^126.
  STATIC_REQUIRE(94 + 31 < 127);
}

TEST_CASE("a product beyond every format of the library counts as 2^94 units") {
  fixed64_sum<0> sum;
  sum.add(unpacked::finite(false, 100, std::uint64_t{1} << 63));
  for (int i = 0; i < 2; ++i) sum.add(unpacked::finite(true, 93, std::uint64_t{1} << 63));
  REQUIRE(sum.value().is_zero());
  sum.add(unpacked::nan());
  REQUIRE(sum.value().is_zero());
  sum.add(unpacked::infinity(true));
  REQUIRE(sum.value() == decode(std::numeric_limits<std::int64_t>::min()));
}
