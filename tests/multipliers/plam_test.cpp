// PLAM over all pairs of 8-bit posits, samples above.
#include <napier/multipliers/plam.hpp>

#include <catch2/catch.hpp>
#include <cmath>

#include <napier/formats/posit.hpp>
#include <napier/multipliers/decorators.hpp>
#include <napier/multipliers/exact.hpp>
#include <napier/multipliers/mitchell.hpp>

#include "oracle/bridge.hpp"
#include "oracle/sweep.hpp"

namespace {

using namespace napier;
using oracle::number;

static_assert(multiply<plam>(posit16{1.5}, posit16{-1.5}) == posit16{-2});
static_assert(multiply<plam>(posit8{0}, posit8{-3}) == posit8{0} &&
              multiply<plam>(posit8::nar(), posit8{0}) == posit8::nar());
static_assert(Multiplier<plam, posit32> && !Multiplier<plam, float> && !Multiplier<plam, int> &&
              !plam::is_exact);
static_assert(plam::name() == name("plam") && rounded<plam, posit8>::name() == name("rounded-plam"));

// Unrounded; rounded once, three ways; Mitchell's is the same; error in [−1/9, 0].
template <class P>
void check_pair(sweep& s, sweep& bound, std::uint64_t a, std::uint64_t b) {
  const oracle::posit_format f{P::width, P::exponent_bits};
  const P x = P::from_bits(a);
  const P y = P::from_bits(b);
  const unpacked wide = plam{}.multiply(x, y);
  const bool nar = x.is_nar() || y.is_nar();
  const number product =
      nar ? number() : oracle::log_product({}, oracle::posit_value(f, a), oracle::posit_value(f, b));
  const std::uint64_t code = nar ? oracle::posit_nar(f) : oracle::posit_round(f, product);
  const unpacked rounded_wide = rounded<plam, P>{}.multiply(x, y);
  const bool exact_zero = product.sign() == 0 && wide.is_zero();  // of either sign: posits have one zero
  const bool right = (nar ? wide.is_nan() : exact_zero || wide == oracle::unpacked_of(product)) &&
                     multiply<plam>(x, y).bits() == code && rounded_wide == decode(P::from_bits(code)) &&
                     mitchell{}.multiply(x, y) == wide;
  s.check(right,
          [&] { return text(a, b, wide.exponent, wide.significand, multiply<plam>(x, y).bits(), code); });
  if (nar || product.sign() == 0) return;
  const number exact = oracle::posit_value(f, a) * oracle::posit_value(f, b);
  const number error = (product - exact) / exact;
  bound.check(error <= 0 && error * 9 >= -1, [&] { return text(a, b); });
}

template <class P>
void all_pairs() {
  sweep s, bound;
  for (std::uint64_t a = 0; a < 256; ++a) {
    for (std::uint64_t b = 0; b < 256; ++b) check_pair<P>(s, bound, a, b);
  }
  INFO(P::name().c_str());
  REQUIRE(s.report() == passed(65536));
  REQUIRE(bound.report() == passed(254 * 254));
}

template <class P>
void samples(int count) {
  random_bits next(61);
  sweep s, bound;
  for (int i = 0; i < count; ++i)
    check_pair<P>(s, bound, P::from_bits(next()).bits(), P::from_bits(next.runs()).bits());
  INFO(P::name().c_str());
  REQUIRE(s.report() == passed(static_cast<std::uint64_t>(count)));
  REQUIRE(bound.cases() > static_cast<std::uint64_t>(count) / 2);
  REQUIRE(bound.report() == passed(bound.cases()));
}

}  // namespace

TEST_CASE("all pairs of 8-bit posits, unrounded and rounded, within the bound") {
  all_pairs<posit<8, 0>>();
  all_pairs<posit<8, 1>>();
  all_pairs<posit<8, 2>>();
}

TEST_CASE("samples of wider posits") {
  samples<posit<16, 1>>(4000);
  samples<posit<16, 2>>(4000);
  samples<posit<32, 2>>(4000);
  samples<posit<64, 0>>(2000);
  samples<posit<64, 4>>(2000);
}

TEST_CASE("the bound is attained where both fractions are one half") {
  sweep s;
  for (int i = -6; i <= 6; ++i) {
    for (int j = -6; j <= 6; ++j) {
      const posit32 a{std::ldexp(1.5, i)};
      const posit32 b{std::ldexp(-1.5, j)};
      s.check(plam{}.multiply(a, b) == decode(std::ldexp(-2.0, i + j)), [&] { return text(i, j); });
    }
  }
  REQUIRE(s.report() == passed(169));
}
