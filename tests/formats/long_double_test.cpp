// long double as a format: against exact rationals, by its own neighbours.
#include <napier/formats/long_double.hpp>

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>

#include "oracle/bridge.hpp"
#include "oracle/sweep.hpp"

namespace {

using namespace napier;
using oracle::number;
using limits = std::numeric_limits<long double>;

// Exactly, by frexp and two 64-bit halves.
number number_of(long double x) {
  int exponent = 0;
  const long double fraction = std::frexp(std::fabs(x), &exponent);
  const long double scaled = std::ldexp(fraction, 64);
  const auto high = static_cast<std::uint64_t>(std::floor(scaled));
  const auto low = static_cast<std::uint64_t>(std::ldexp(scaled - std::floor(scaled), 64));
  return number::dyadic(std::signbit(x), high, low, exponent - 128);
}

long double random_long_double(random_bits& next) {
  long double x = std::ldexp(static_cast<long double>(next.runs() | std::uint64_t{1} << 63), -63);
  switch (next.below(4)) {
    case 0:
      x = std::ldexp(x, next.below(2 * limits::max_exponent) - limits::max_exponent);
      break;
    case 1:
      x = std::ldexp(x, limits::min_exponent - next.below(limits::digits + 2));
      break;
    case 2:
      x = std::ldexp(x, next.below(140) - 70);
      break;
    default:
      break;
  }
  return next.below(2) == 0 ? x : -x;
}

static_assert(decode(1.0L) == unpacked::finite(false, 0, std::uint64_t{1} << 63));
static_assert(decode(-0.0L) == unpacked::zero(true) && decode(limits::infinity()) == unpacked::infinity());
static_assert(decode(-limits::infinity()) == unpacked::infinity(true) &&
              decode(limits::quiet_NaN()).is_nan());
static_assert(decode(limits::denorm_min()).exponent == format_traits<long double>::min_exponent);
static_assert(decode(limits::max()).exponent == format_traits<long double>::max_exponent);
static_assert(round_to<long double>(decode(0.1)) == static_cast<long double>(0.1));
static_assert(Format<long double> && FloatingFormat<long double>);
static_assert(static_cast<long double>(posit64{3.25L}) == 3.25L && bfloat16{-0.5L} == bfloat16{-0.5});
static_assert(static_cast<long double>(fixed<64, 63>::max()) == 1 - 0x1p-63L);
static_assert(limits::digits != 64 || format_traits<long double>::name() == name("float80"));

}  // namespace

TEST_CASE("decode is exact, encode gives the number back, and every format rounds it once") {
  random_bits next(1);
  sweep s;
  for (int i = 0; i < 20000; ++i) {
    const long double x = random_long_double(next);
    if (!std::isfinite(x)) continue;
    const unpacked value = decode(x);
    const number exact = number_of(x);
    s.check(oracle::value_of(value) == exact && value.negative == std::signbit(x) &&
                round_to<long double>(value) == x,
            [&] { return text(x, value.significand, value.exponent); });
    s.check(posit64{x}.bits() == oracle::posit_round({64, 2}, exact) &&
                posit<16, 1>{x}.bits() == oracle::posit_round({16, 1}, exact),
            [&] { return text(x); });
    s.check(x == 0 || round_to<double>(x) == static_cast<double>(x), [&] { return "double " + text(x); });
  }
  REQUIRE(s.cases() > 40000);
  REQUIRE(s.report() == passed(s.cases()));
}

TEST_CASE("posit64 and 64-bit integers pass through unchanged") {
  random_bits next(2);
  sweep s;
  for (int i = 0; i < 20000; ++i) {
    const posit64 p = posit64::from_bits(next.runs());
    const auto u = next.runs();
    const auto back = static_cast<long double>(p);
    s.check(p.is_nar() ? std::isnan(back)
                       : posit64{back} == p && number_of(back) == oracle::posit_value({64, 2}, p.bits()),
            [&] { return text(p.bits()); });
    s.check(round_to<long double>(u) == static_cast<long double>(u) &&
                round_to<long double>(static_cast<std::int64_t>(u)) ==
                    static_cast<long double>(static_cast<std::int64_t>(u)) &&
                round_to<std::uint64_t>(static_cast<long double>(u)) == u,
            [&] { return text(u); });
  }
  REQUIRE(s.report() == passed(40000));
}

TEST_CASE("128 bits round to nearest, ties to even, subnormal and near overflow") {
  random_bits next(3);
  sweep s;
  for (int i = 0; i < 40000; ++i) {
    unpacked x = decode(random_long_double(next));
    if (!x.is_finite()) continue;
    x.tail = next.below(3) == 0 ? std::uint64_t{1} << 63 : next.runs();
    const long double got = round_to<long double>(x);
    const number exact = oracle::value_of(x).magnitude();
    const long double magnitude = std::fabs(got);
    bool right = std::signbit(got) == x.negative;
    if (std::isinf(magnitude)) {
      const number largest = number_of(limits::max());
      const number half_step = number::power_of_two(limits::max_exponent - limits::digits - 1);
      right = right && exact >= largest + half_step;
    } else {
      const long double up = std::nextafter(magnitude, limits::infinity());
      const long double down = magnitude == 0 ? 0 : std::nextafter(magnitude, 0.0L);
      const number here = number_of(magnitude);
      int ignored = 0;
      const bool even = std::fmod(std::ldexp(std::frexp(magnitude, &ignored), limits::digits), 2.0L) == 0;
      const number middle_up = std::isinf(up)
                                   ? here + number::power_of_two(limits::max_exponent - limits::digits - 1)
                                   : (here + number_of(up)).scaled(-1);
      const number middle_down = (here + number_of(down)).scaled(-1);
      // In the subnormal range the last bit of the code, not of the significand, is what has to be even.
      const long double units = magnitude / limits::denorm_min();
      const bool even_code = magnitude < limits::min() ? std::fmod(units, 2.0L) == 0 : even;
      right = right && (even_code ? exact <= middle_up : exact < middle_up) &&
              (magnitude == 0 || (even_code ? exact >= middle_down : exact > middle_down));
    }
    s.check(right, [&] { return text(x.significand, x.tail, x.exponent, got); });
  }
  REQUIRE(s.cases() > 30000);
  REQUIRE(s.report() == passed(s.cases()));
}
