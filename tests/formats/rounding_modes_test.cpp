// Rounding modes by their definition: neighbours found among all values, all random bits, means exact.
#include <napier/formats/rounding_modes.hpp>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>

#include "oracle/bridge.hpp"
#include "oracle/sweep.hpp"

namespace {

using namespace napier;
using oracle::number;

// All finite values, ascending, each once.
template <class F>
std::vector<double> all_values() {
  std::vector<double> values;
  for (std::uint64_t code = 0; code < std::uint64_t{1} << F::width; ++code) {
    const unpacked value = decode(F::from_bits(static_cast<std::int64_t>(code)));
    if (!value.is_nan() && !value.is_infinity()) values.push_back(round_to<double>(value));
  }
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

// Between all neighbours, at every multiple of 2^-count of the step: the mean over all random bits is the value.
template <class F>
void unbiased(int count) {
  const std::vector<double> values = all_values<F>();
  const int states = 1 << count;
  sweep s;
  std::uint64_t expected = 0;
  for (std::size_t i = 0; i + 1 < values.size(); ++i) {
    // Posits do not round to zero; e8m0 has no zero; −1 … 1 of binary is clamped.
    if (PositFormat<F> && (values[i] == 0 || values[i + 1] == 0)) continue;
    if (values[i] < 0 && values[i + 1] > 0) continue;
    for (int j = 0; j < states; ++j) {
      const double step = values[i + 1] - values[i];
      const double x = values[i] + step * j / states;  // exact: the formats are small
      double sum = 0;
      bool neighbours = true;
      for (int r = 0; r < states; ++r) {
        const double rounded =
            round_to<double>(round_to<F>(x, stochastic{static_cast<std::uint64_t>(r), count}));
        neighbours = neighbours && (rounded == values[i] || rounded == values[i + 1]);
        sum += rounded;
      }
      s.check(neighbours && sum == x * states, [&] { return text(i, j, x, sum / states); });
      ++expected;
    }
  }
  INFO(format_traits<F>::name().c_str());
  REQUIRE(expected > 0);
  REQUIRE(s.report() == passed(expected));
}

// Any value: floor(t · 2^k) + r against 2^k, in exact rationals; and toward zero.
template <class F>
void by_definition(int cases) {
  const std::vector<double> values = all_values<F>();
  const double largest = values.back();
  random_bits next(5);
  sweep s;
  for (int i = 0; i < cases; ++i) {
    const double low = values[next() % values.size()];
    if (low < 0) continue;
    const auto above = std::upper_bound(values.begin(), values.end(), low);
    const bool top = above == values.end();
    if (top) continue;
    const double high = *above;
    if (PositFormat<F> && low == 0) continue;
    const double x = low + (high - low) * (static_cast<double>(next() >> 11) * 0x1p-53);
    if (!(low <= x && x < high)) continue;
    const int count = 1 + next.below(64);
    const std::uint64_t r = next();
    const std::uint64_t mask = ~std::uint64_t{0} >> (64 - count);
    const number t = (number::from_double(x) - number::from_double(low)) /
                     (number::from_double(high) - number::from_double(low));
    const number sum = t.scaled(count).floor() + number::dyadic(false, 0, r & mask, 0);
    const double expected = sum >= number::power_of_two(count) ? high : low;
    const double up = round_to<double>(round_to<F>(x, stochastic{r, count}));
    const double down = round_to<double>(round_to<F>(-x, stochastic{r, count}));
    const bool has_sign = std::numeric_limits<F>::is_signed;
    s.check(up == expected && (!has_sign || down == -expected),
            [&] { return text(x, r, count, up, down, expected); });
    s.check(round_to<double>(round_to<F>(x, toward_zero)) == low &&
                (!has_sign || round_to<double>(round_to<F>(-x, toward_zero)) == -low),
            [&] { return "toward zero " + text(x, low); });
    s.check(round_to<F>(x, nearest_even) == round_to<F>(x), [&] { return text(x); });
  }
  s.check(round_to<double>(round_to<F>(largest, toward_zero)) == largest &&
              round_to<double>(round_to<F>(largest * 1.0625, toward_zero)) == largest &&
              round_to<double>(round_to<F>(1e300, toward_zero)) == largest,
          [&] { return text(largest); });
  INFO(format_traits<F>::name().c_str());
  REQUIRE(s.cases() > static_cast<std::uint64_t>(cases / 2));
  REQUIRE(s.report() == passed(s.cases()));
}

constexpr std::uint64_t all_ones = ~std::uint64_t{0};
constexpr double inf = std::numeric_limits<double>::infinity();

// Ends of the ranges.
static_assert(round_to<float16>(65504.0, stochastic{all_ones}) == float16{65504});
static_assert(round_to<float16>(65504.5, stochastic{all_ones}) == float16::infinity());
static_assert(round_to<float16>(65504.5, stochastic{0}) == float16{65504});
static_assert(round_to<float16>(65536.0, stochastic{0}) == float16::infinity());
static_assert(round_to<float8_e4m3fn>(449.0, stochastic{all_ones}).is_nan());
static_assert(round_to<float8_e4m3fn>(449.0, stochastic{0}) == float8_e4m3fn::max());
static_assert(round_to<float4_e2m1>(100, stochastic{0}) == float4_e2m1{6});
static_assert(round_to<float16>(inf, toward_zero) == float16::infinity());
static_assert(round_to<float16>(-1e9, toward_zero) == float16{-65504});
static_assert(round_to<float8_e4m3fn>(inf, toward_zero).is_nan() &&
              round_to<posit16>(inf, toward_zero).is_nar());
static_assert(round_to<float8_e5m2>(-1e-9, toward_zero).bits() == 0x80);
static_assert(round_to<float8_e5m2>(1e-9, stochastic{all_ones}) == float8_e5m2::min_subnormal());
static_assert(round_to<posit16>(1e-30, toward_zero) == posit16::minpos());
static_assert(round_to<posit16>(1e30, stochastic{all_ones}) == posit16::maxpos());
static_assert(round_to<posit16>(-1e30, toward_zero) == -posit16::maxpos());
static_assert(round_to<float8_e8m0>(0x1p-130, stochastic{all_ones}) == float8_e8m0::min_positive());
static_assert(round_to<float8_e8m0>(-1.0, toward_zero).is_nan());
static_assert(round_to<binary>(-0.1, toward_zero) == binary{-1});

// Native formats.
static_assert(round_to<int>(2.9, toward_zero) == 2 && round_to<int>(-2.9, toward_zero) == -2);
static_assert(round_to<int>(2.25, stochastic{3, 2}) == 3 && round_to<int>(2.25, stochastic{2, 2}) == 2);
static_assert(round_to<int>(-2.25, stochastic{3, 2}) == -3);
static_assert(round_to<unsigned>(-2.9, toward_zero) == 0);
static_assert(round_to<std::uint8_t>(255.5, stochastic{all_ones}) == 255);
static_assert(round_to<std::int8_t>(-128.5, toward_zero) == -128 &&
              round_to<std::int8_t>(-129, toward_zero) == -128);
static_assert(round_to<float>(1 + 0x1p-24, toward_zero) == 1.0f);
static_assert(round_to<float>(1 + 0x1p-24, stochastic{std::uint64_t{1} << 63}) == 1 + 0x1p-23f);
static_assert(round_to<float>(1 + 0x1p-24, stochastic{(std::uint64_t{1} << 63) - 1}) == 1.0f);
static_assert(round_to<float>(1e300, toward_zero) == std::numeric_limits<float>::max());
static_assert(round_to<float>(1e-300, toward_zero) == 0.0f);
static_assert(round_to<fixed32_16>(0x1.8p-16, toward_zero).bits() == 1 &&
              round_to<fixed32_16>(-1e9, toward_zero) == fixed32_16::lowest());

}  // namespace

TEST_CASE("stochastic rounding is unbiased: all random bits, between all neighbours") {
  unbiased<float8_e4m3fn>(5);
  unbiased<float8_e5m2>(5);
  unbiased<float8_e5m2fnuz>(4);
  unbiased<float6_e2m3>(6);
  unbiased<float4_e2m1>(8);
  unbiased<float8_e8m0>(5);
  unbiased<posit<8, 0>>(5);
  unbiased<posit<8, 2>>(5);
  unbiased<posit<6, 3>>(6);
  unbiased<fixed<8, 4>>(5);
}

TEST_CASE("stochastic and toward zero by their definition") {
  by_definition<bfloat16>(4000);
  by_definition<float16>(4000);
  by_definition<float8_e4m3fn>(2000);
  by_definition<float6_e3m2>(2000);
  by_definition<float8_e8m0>(2000);
  by_definition<posit<8, 0>>(2000);
  by_definition<posit<8, 2>>(2000);
  by_definition<posit<12, 4>>(4000);
  by_definition<posit<16, 1>>(4000);
  by_definition<posit<16, 2>>(4000);
  by_definition<fixed<16, 8>>(4000);
}

TEST_CASE("128 bits: what lies below the 64 is seen") {
  // 1 + 2^-62 · (1/2 + 2^-60): between neighbours of posit<64, 0> near 1, whose step is 2^-61.
  const unpacked x = unpacked::finite(false, 0, (std::uint64_t{1} << 63) | 1, std::uint64_t{1} << 63);
  using P = posit<64, 0>;
  const P low = P::from_bits(P{1}.bits());
  const P high = P::from_bits(P{1}.bits() + 1);
  // t = (2^-63 + 2^-64) / 2^-61 = 3/8
  REQUIRE(round_to<P>(x, toward_zero) == low);
  REQUIRE(round_to<P>(x, stochastic{4, 3}) == low);
  REQUIRE(round_to<P>(x, stochastic{5, 3}) == high);
  const std::uint64_t threshold = (std::uint64_t{5} << 61);
  REQUIRE(round_to<P>(x, stochastic{threshold}) == high);
  REQUIRE(round_to<P>(x, stochastic{threshold - 1}) == low);
}

TEST_CASE("a number of random bits that there is not is refused") {
  for (const int count : {-1, 0, 65, 1000}) {
    CHECK_THROWS_WITH((round_to<bfloat16>(1.001, stochastic{1, count})),
                      Catch::Contains(std::to_string(count)) && Catch::Contains("expected 1 to 64"));
  }
  CHECK((round_to<bfloat16>(1.0, stochastic{0, 1}) == bfloat16{1}));
  CHECK((round_to<bfloat16>(1.0, stochastic{0, 64}) == bfloat16{1}));
}
