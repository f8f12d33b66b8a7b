#include <napier/multipliers/mitchell.hpp>

#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>
#include <napier/multipliers/exact.hpp>
#include <napier/multipliers/plam.hpp>

#include "oracle/bridge.hpp"
#include "oracle/sweep.hpp"

namespace {

using namespace napier;
using oracle::number;
using oracle::value_of;

constexpr float inf = std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

constexpr unpacked product(float a, float b) { return mitchell{}.multiply(a, b); }
constexpr float rounded_product(float a, float b) { return multiply<mitchell>(a, b); }

static_assert(product(1.5f, 1.5f) == decode(2.0f));  // exact 2.25: −1/9
static_assert(product(3.0f, -6.0f) == decode(-16.0f));
static_assert(product(1.25f, 1.25f) == decode(1.5f) && product(1.75f, 1.75f) == decode(3.0f));
static_assert(product(4.0f, 0.3f) == decode(4 * 0.3f));  // a power of two is exact

// Exact signed zero, NaN, infinities.
static_assert(product(0.0f, 3.0f) == unpacked::zero() && product(-0.0f, 3.0f) == unpacked::zero(true));
static_assert(product(-3.0f, 0.0f) == unpacked::zero(true) && product(-3.0f, -0.0f) == unpacked::zero());
static_assert(product(nan, 0.0f) == unpacked::nan() && product(1.0f, nan) == unpacked::nan() &&
              product(nan, inf) == unpacked::nan());
static_assert(product(inf, 0.0f) == unpacked::nan() && product(-0.0f, -inf) == unpacked::nan());
static_assert(product(inf, -2.0f) == unpacked::infinity(true) && product(-inf, -inf) == unpacked::infinity());

// Subnormal float32 and bfloat16 operands count as zero.
static_assert(product(0x1p-126f, 1.0f) == decode(0x1p-126f) &&
              product(0x1.fffffcp-127f, 1.0f) == unpacked::zero());
static_assert(product(-0x1p-149f, 0x1p100f) == unpacked::zero(true) &&
              product(0x1p-127f, inf) == unpacked::nan());
static_assert(mitchell{}.multiply(bfloat16{0x1p-127}, bfloat16{2}) == unpacked::zero());
static_assert(mitchell{}.multiply(bfloat16{0x1p-126}, bfloat16{2}) == decode(0x1p-125));
// Those of narrower formats are normalised first.
static_assert(mitchell{}.multiply(float16{0x1.8p-23}, float16{-1.5}) == decode(-0x1p-22));
static_assert(mitchell{}.multiply(float16::min_subnormal(), float16{1}) == decode(0x1p-24));
static_assert(mitchell{}.multiply(float8_e4m3fn::min_subnormal(), float8_e4m3fn{1.5}) == decode(0x1.8p-9));
static_assert(mitchell{}.multiply(float8_e5m2{0x1.8p-15}, float8_e5m2{1.5}) == decode(0x1p-14));
static_assert(mitchell{}.multiply(float16::infinity(), float16::min_subnormal()) == unpacked::infinity());

// The product has FP32's range: below 2^-126 a signed zero, from 2^128 on infinity, whatever the operands' format.
static_assert(product(0x1p-63f, 0x1p-63f) == decode(0x1p-126f) &&
              product(0x1p-63f, -0x1p-64f) == unpacked::zero(true));
static_assert(product(0x1.8p-64f, 0x1.8p-63f) == decode(0x1p-126f) &&
              product(0x1.4p-64f, 0x1.4p-63f) == unpacked::zero());
static_assert(product(0x1p64f, 0x1p63f) == decode(0x1p127f) &&
              product(0x1p64f, -0x1p64f) == unpacked::infinity(true));
static_assert(product(0x1.8p64f, 0x1.8p63f) == unpacked::infinity() &&
              product(0x1.4p64f, 0x1.4p63f) == decode(0x1.8p127));
static_assert(mitchell{}.multiply(bfloat16::max(), bfloat16{2}) == unpacked::infinity());
static_assert(mitchell{}.multiply(float16::max(), float16::max()).exponent == 31);
static_assert(mitchell{}.multiply(float8_e4m3fn::max(), float8_e4m3fn::max()) ==
              decode(0x1.8p17));  // 448² and no NaN
// Not of posits and fixed point.
static_assert(plam{}.multiply(posit32{0x1p-100}, posit32{0x1p-100}) == decode(0x1p-200));
static_assert(mitchell{}.multiply(posit32{0x1p100}, posit32{0x1p100}) == decode(0x1p200));

// Integers: floor of the magnitude; double the bits.
static_assert(std::is_same_v<decltype(multiply<mitchell>(std::int8_t{}, std::int8_t{})), std::int16_t>);
static_assert(std::is_same_v<decltype(multiply<mitchell>(std::uint32_t{}, std::uint32_t{})), std::uint64_t>);
static_assert(multiply<mitchell>(std::uint8_t{3}, std::uint8_t{3}) == 8 &&
              multiply<mitchell>(std::int8_t{-3}, std::int8_t{3}) == -8);
static_assert(multiply<mitchell>(std::int8_t{-128}, std::int8_t{-128}) == 16384 &&
              multiply<mitchell>(std::uint8_t{0}, std::uint8_t{9}) == 0);
static_assert(multiply<mitchell>(7u, 5u) == 32 &&
              multiply<mitchell>(std::uint8_t{255}, std::uint8_t{255}) == 65024);

static_assert(Multiplier<mitchell, float> && Multiplier<mitchell, bfloat16> &&
              Multiplier<mitchell, std::int8_t>);
static_assert(Multiplier<mitchell, posit16> && Multiplier<mitchell, fixed32_16> &&
              !Multiplier<mitchell, double>);
static_assert(!mitchell::is_exact && mitchell::name() == name("mitchell"));

// The product by docs/arithmetic.md, with FP32's range.
unpacked expected_product(const number& a, const number& b) {
  if (a.sign() == 0 || b.sign() == 0) return unpacked::zero(false);
  const number p = oracle::log_product({}, a, b);
  if (p.floor_log2() < -126) return unpacked::zero(p.sign() < 0);
  if (p.floor_log2() > 127) return unpacked::infinity(p.sign() < 0);
  return oracle::unpacked_of(p);
}

// Relative errors in ninths: −1 is the bound.
void check_bound(sweep& s, const unpacked& product, const number& exact) {
  const number error = (value_of(product) - exact) / exact;
  s.check(error <= 0 && error * 9 >= -1, [&] { return text(product.exponent, product.significand); });
}

}  // namespace

TEST_CASE("random floats: the formula bit for bit; relative error in [-1/9, 0]") {
  random_bits next(41);
  sweep formula, bound;
  for (int i = 0; i < 30000; ++i) {
    auto bits_a = static_cast<std::uint32_t>(next());
    auto bits_b = static_cast<std::uint32_t>(next.runs());
    if (i % 2 == 0) {  // about one, so that most products are in range
      bits_a = (bits_a & 0x80ffffff) | 0x3f000000;
      bits_b = (bits_b & 0x80ffffff) | 0x3f000000;
    }
    const float a = std::bit_cast<float>(bits_a);
    const float b = std::bit_cast<float>(bits_b);
    if (!std::isnormal(a) || !std::isnormal(b)) continue;
    const unpacked got = product(a, b);
    const number x = number::from_double(a);
    const number y = number::from_double(b);
    formula.check(got == expected_product(x, y), [&] { return text(a, b, got.exponent, got.significand); });
    if (got.is_finite()) check_bound(bound, got, x * y);
  }
  REQUIRE(formula.cases() > 25000);
  REQUIRE(formula.report() == passed(formula.cases()));
  REQUIRE(bound.cases() > 18000);
  REQUIRE(bound.report() == passed(bound.cases()));
}

TEST_CASE("all pairs of 8-bit floats, subnormals included") {
  sweep s;
  const auto all = [&]<class F>(F, oracle::float_format f) {
    for (std::uint64_t a = 0; a < 256; ++a) {
      for (std::uint64_t b = 0; b < 256; ++b) {
        if (oracle::float_classify(f, a) != oracle::float_class::finite ||
            oracle::float_classify(f, b) != oracle::float_class::finite)
          continue;
        const unpacked got = mitchell{}.multiply(F::from_bits(a), F::from_bits(b));
        unpacked expected = expected_product(oracle::float_value(f, a), oracle::float_value(f, b));
        if (expected.is_zero())
          expected.negative = oracle::float_negative(f, a) != oracle::float_negative(f, b);
        s.check(got == expected, [&] { return text(a, b, got.exponent, got.significand); });
      }
    }
  };
  all(float8_e5m2{}, {5, 2, 15, false});
  all(float8_e4m3fn{}, {4, 3, 7, true});
  REQUIRE(s.report() == passed(248 * 248 + 254 * 254));
}

TEST_CASE("the bound -1/9 is attained at fractions of one half, and nowhere else on a grid") {
  int attained = 0;
  sweep s;
  for (int i = 0; i < 64; ++i) {
    for (int j = 0; j < 64; ++j) {
      const float a = 1 + static_cast<float>(i) / 64;
      const float b = 1 + static_cast<float>(j) / 64;
      const number exact = number::from_double(a) * number::from_double(b);
      const number error = (value_of(product(a, b)) - exact) / exact;
      const bool at = error * 9 == -1;
      attained += at;
      const bool exact_only_at_powers = (error == 0) == (i == 0 || j == 0);
      s.check(error * 9 >= -1 && error <= 0 && at == (i == 32 && j == 32) && exact_only_at_powers,
              [&] { return text(a, b); });
    }
  }
  REQUIRE(s.report() == passed(64 * 64));
  REQUIRE(attained == 1);
}

TEST_CASE("the mean relative error over uniform operands is -3.85 %") {
  // Midpoint rule over both fractions.
  constexpr int n = 1024;
  double sum = 0;
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      const float a = 1 + (static_cast<float>(i) + 0.5f) / n;
      const float b = 1 + (static_cast<float>(j) + 0.5f) / n;
      const double exact = static_cast<double>(a) * static_cast<double>(b);
      sum += (static_cast<double>(rounded_product(a, b)) - exact) / exact;
    }
  }
  const double mean = sum / n / n;
  REQUIRE(std::fabs(mean - -0.0385) < 0.00005);
  REQUIRE(std::fabs(mean - mitchell::mean_relative_error) < 1e-6);
  REQUIRE(mitchell::mean_relative_error == plam::mean_relative_error);
}

TEST_CASE("the mean's constant: the integral in closed form") {
  // Over x + y < 1 the ratio is (1+x+y)/((1+x)(1+y)), above it 2(x+y)/((1+x)(1+y)). The inner integrals over y, with
  // a = 1+x: [ (x/a) ln(1+y) + y/a ] and 2 [ y/a + (x−1)/a ln(1+y) ]; the outer one by Gauss-Legendre.
  const double node[] = {0.1488743389816312, 0.4333953941292472, 0.6794095682990244, 0.8650633666889845,
                         0.9739065285171717};
  const double weight[] = {0.2955242247147529, 0.2692667193099963, 0.2190863625159821, 0.1494513491505806,
                           0.0666713443086881};
  const auto inner = [](double x) {
    const double a = 1 + x;
    const double edge = 1 - x;
    const double below = (x * std::log1p(edge) + edge) / a;
    const double above = 2 * ((1 - edge) + (x - 1) * (std::log(2.0) - std::log1p(edge))) / a;
    return below + above;
  };
  double integral = 0;
  constexpr int panels = 16;
  for (int p = 0; p < panels; ++p) {
    for (int i = 0; i < 5; ++i) {
      for (const int side : {-1, 1})
        integral += weight[i] * inner((p + 0.5 + side * node[i] / 2) / panels) / (2 * panels);
    }
  }
  REQUIRE(std::fabs(integral - 1 - mitchell::mean_relative_error) < 1e-11);
}
