#include <napier/accumulators/native.hpp>

#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>

#include "oracle/bridge.hpp"
#include "oracle/sweep.hpp"

namespace {

using namespace napier;
using oracle::number;

static_assert(Accumulator<native<float>> && Accumulator<native<double>> && Accumulator<native<posit16>> &&
              Accumulator<native<bfloat16>>);
static_assert(!native<float>::is_exact && native<float>::name() == name("float32") &&
              native<posit16>::name() == name("posit16_2"));
static_assert(native<float>{}.value() == unpacked::zero());

template <class T, class... X>
constexpr unpacked sum_of(X... x) {
  native<T> sum;
  (sum.add(decode(x)), ...);
  return sum.value();
}
// One rounding of the product, one of the sum, in the order given.
static_assert(sum_of<float>(0x1p24f, 1.0f, 1.0f) == decode(0x1p24f) &&
              sum_of<float>(1.0f, 1.0f, 0x1p24f) == decode(0x1p24f + 2));
static_assert(sum_of<float>(1 + 0x1p-24) == decode(1.0f) &&
              sum_of<double>(1 + 0x1p-24) == decode(1 + 0x1p-24));
static_assert(sum_of<posit16>(1.0, posit16::nar(), 2.0).is_nan());
static_assert(sum_of<float>(-0.0f) == unpacked::zero());  // the sum starts at +0
static_assert(sum_of<float8_e4m3fn>(448.0, 448.0).is_nan() && sum_of<fixed<8, 0>>(100, 100) == decode(127));

// Starts at zero; each product rounded to T, then added with one rounding.
template <class T, class Round>
void chains(Round round, int count) {
  random_bits next(81);
  sweep s;
  for (int i = 0; i < count; ++i) {
    native<T> sum;
    number expected = 0;
    for (int k = 0; k < 20; ++k) {
      const unpacked product = unpacked::finite(next.below(2) == 1, next.below(30) - 15,
                                                next.runs() | std::uint64_t{1} << 63, next.runs());
      sum.add(product);
      expected = round(expected + round(oracle::value_of(product)));
    }
    s.check(oracle::value_of(sum.value()) == expected, [&] { return text(i, expected.approximate()); });
  }
  REQUIRE(s.report() == passed(static_cast<std::uint64_t>(count)));
}

}  // namespace

TEST_CASE("chains of sums: two roundings a product") {
  const auto to_float = [](oracle::float_format f) {
    return [f](const number& x) { return oracle::float_value(f, oracle::float_round(f, x)); };
  };
  const auto to_posit = [](oracle::posit_format f) {
    return [f](const number& x) { return oracle::posit_value(f, oracle::posit_round(f, x)); };
  };
  chains<float>(to_float(oracle::float32), 500);
  chains<double>(to_float(oracle::float64), 500);
  chains<bfloat16>(to_float({8, 7, 127, false}), 500);
  chains<minifloat<minifloat_spec{6, 9, 31}>>(to_float({6, 9, 31, false}), 500);
  chains<posit<16, 1>>(to_posit({16, 1}), 300);
  chains<posit<8, 0>>(to_posit({8, 0}), 300);
  chains<posit64>(to_posit({64, 2}), 300);
  chains<fixed32_16>([](const number& x) { return number(oracle::fixed_round(32, 16, x)).scaled(-16); }, 300);
}

TEST_CASE("infinities and NaN") {
  constexpr float inf = std::numeric_limits<float>::infinity();
  REQUIRE((sum_of<float>(inf, -inf) == unpacked::nan()));
  REQUIRE((sum_of<float>(inf, 1.0f) == unpacked::infinity()));
  REQUIRE((sum_of<float>(std::nanf(""), 1.0f) == unpacked::nan()));
  REQUIRE((sum_of<float>(0x1p127f, 0x1p127f) == unpacked::infinity()));
  REQUIRE((sum_of<bfloat16>(inf, -inf) == unpacked::nan()));
}

TEST_CASE("scale rounds the constant, then the product") {
  random_bits next(82);
  sweep s;
  for (int i = 0; i < 2000; ++i) {
    const float x = std::bit_cast<float>(static_cast<std::uint32_t>((next() & 0x83ffffff) | 0x3c000000));
    const double factor = 1 + static_cast<double>(next() >> 11) * 0x1p-53;
    native<float> sum;
    sum.add(x);
    sum.scale(factor);
    const float expected =
        static_cast<float>(static_cast<double>(x) * static_cast<double>(static_cast<float>(factor)));
    s.check(sum.value() == decode(expected), [&] { return text(x, factor, expected); });

    native<posit16> posit_sum;
    posit_sum.add(posit16{x});
    posit_sum.scale(factor);
    s.check(posit_sum.value() == decode(posit16{x} * posit16{factor}), [&] { return text(x, factor); });
  }
  REQUIRE(s.report() == passed(4000));
}
