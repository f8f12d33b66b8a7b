// loa<l> and truncated_adder<l>: additions against adders of single bits, bounds, and dot products in a MAC.
#include <napier/accumulators/approximate_adder.hpp>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include <napier/accumulators/fixed64.hpp>
#include <napier/accumulators/loa.hpp>
#include <napier/accumulators/truncated_adder.hpp>
#include <napier/formats/fixed.hpp>
#include <napier/mac/mac.hpp>
#include <napier/multipliers/exact.hpp>
#include <napier/multipliers/mitchell.hpp>

#include "oracle/bridge.hpp"
#include "oracle/sweep.hpp"

namespace {

using namespace napier;
using integer = std::int64_t;

static_assert(loa<8>::name() == name("loa8") && truncated_adder<24>::name() == name("trunc24"));
static_assert(AccumulatorFor<loa<8>, fixed32_16> && AccumulatorFor<loa<8>, std::int8_t> &&
              !AccumulatorFor<loa<8>, float> && AccumulatorFor<truncated_adder<8>, std::uint16_t>);
static_assert(std::is_same_v<loa<8>::bind<fixed32_16>, adder_sum<loa<8>, 32>> &&
              std::is_same_v<adder_sum<loa<8>, 32>::value_type, fixed<64, 32>> &&
              !loa<8>::bind<fixed32_16>::is_exact);
static_assert(mac<fixed32_16, exact, loa<8>>::name() == name("fixed32_16/exact/loa8"));

// By hand: 0b0110 and 0b0011 below a cut of 3, 2^3 + 2^4 above it.
static_assert(loa<3>::add(0b01'110, 0b10'011) == 0b11'111 && loa<3>::add(0b01'110, 0b10'101) == 0b100'111);
static_assert(truncated_adder<3>::add(0b01'110, 0b10'011) == 0b11'000 && truncated_adder<1>::add(-1, 3) == 0);

// A full adder a bit; below the cut an OR, and one AND for the carry. Modulo 2^64.
integer by_gates(integer a, integer b, int cut, bool is_or) {
  std::uint64_t sum = 0;
  bool carry = false;
  for (int i = 0; i < 64; ++i) {
    const bool x = (a >> i & 1) != 0;
    const bool y = (b >> i & 1) != 0;
    if (i < cut) {
      if (is_or && (x || y)) sum |= std::uint64_t{1} << i;
      if (is_or && i == cut - 1) carry = x && y;
    } else {
      if (x != (y != carry)) sum |= std::uint64_t{1} << i;
      carry = (x && y) || (x && carry) || (y && carry);
    }
  }
  return static_cast<integer>(sum);
}

template <class Adder, int cut, bool is_or>
void check_additions(sweep& s) {
  random_bits next(71);
  for (int i = 0; i < 4000; ++i) {
    // one bit to spare: no sum leaves 64 bits
    const auto a = static_cast<integer>(next.runs()) >> (1 + next.below(60));
    const auto b = static_cast<integer>(next()) >> (1 + next.below(60));
    const integer got = static_cast<integer>(Adder::add(a, b));
    s.check(got == by_gates(a, b, cut, is_or) && int128{got} == Adder::add(a, b),
            [&] { return std::string(Adder::name().c_str()) + " " + text(a, b, got); });
  }
}

// The error of all pairs of small codes, a + b − sum.
template <class Adder>
void extremes(integer& least, integer& most, double& mean, bool low_bits_of_a) {
  least = most = 0;
  mean = 0;
  for (integer a = -64; a < 64; a += low_bits_of_a ? 1 : 16) {
    for (integer b = -64; b < 64; ++b) {
      const auto error = static_cast<integer>(a + b - Adder::add(a, b));
      least = std::min(least, error);
      most = std::max(most, error);
      mean += static_cast<double>(error) / (low_bits_of_a ? 128.0 * 128 : 8.0 * 128);
    }
  }
}

}  // namespace

TEST_CASE("additions against full adders and gates") {
  sweep s;
  check_additions<loa<1>, 1, true>(s);
  check_additions<loa<8>, 8, true>(s);
  check_additions<loa<24>, 24, true>(s);
  check_additions<loa<62>, 62, true>(s);
  check_additions<truncated_adder<1>, 1, false>(s);
  check_additions<truncated_adder<24>, 24, false>(s);
  check_additions<truncated_adder<62>, 62, false>(s);
  REQUIRE(s.report() == passed(7 * 4000));
}

TEST_CASE("errors of an addition: bounds attained, and the truncated adder's bias") {
  integer least = 0, most = 0;
  double mean = 0;
  extremes<loa<4>>(least, most, mean, true);
  REQUIRE((least == -8 && most == 7));
  REQUIRE(std::fabs(mean) < 0.5);
  extremes<truncated_adder<4>>(least, most, mean, false);  // onto a sum
  REQUIRE((least == 0 && most == 15 && mean == 7.5));
}

TEST_CASE("sums: products in the order given, the bias through the adder, ends of the range") {
  using F = fixed<16, 8>;
  using M = mac<F, exact, loa<10>>;
  random_bits next(72);
  sweep s;
  int different = 0;
  for (int i = 0; i < 300; ++i) {
    M::accumulator sum;
    fixed64_sum<16> exact_sum;
    integer expected = 0;
    for (int k = 0; k < 20; ++k) {
      const F a = F::from_bits(static_cast<integer>(next()));
      const F b = F::from_bits(static_cast<integer>(next.runs()));
      M::accumulate(sum, a, b);
      exact_sum.add(exact{}.multiply(a, b));
      expected = by_gates(expected, integer{a.bits()} * b.bits(), 10, true);
    }
    const auto bias = fixed<64, 16>::from_bits(static_cast<integer>(next() >> 32));
    s.check(M::finish(sum) == decode(fixed<64, 16>::from_bits(expected)), [&] { return text(expected); });
    expected = by_gates(expected, bias.bits(), 10, true);
    s.check(M::finish(sum, bias) == decode(fixed<64, 16>::from_bits(expected)),
            [&] { return text(expected); });
    different += M::finish(sum) == exact_sum.value() ? 0 : 1;
  }
  REQUIRE(s.report() == passed(600));
  REQUIRE(different > 290);  // it is another adder

  // Log-domain products go into it as well.
  using logarithms = mac<std::int8_t, mitchell, truncated_adder<2>>;
  logarithms::accumulator sum;
  logarithms::accumulate(sum, 3, 3);   // 8
  logarithms::accumulate(sum, -5, 7);  // −32
  logarithms::accumulate(sum, 1, 7);   // 7, cut to 4
  REQUIRE(logarithms::finish(sum) == decode(-20));

  adder_sum<loa<8>, 0> ends;
  ends.add(decode(0x1p62));
  ends.add(decode(0x1p62));
  ends.add(decode(0x1p62));
  REQUIRE(ends.value() == decode(std::numeric_limits<integer>::max()));
  ends = {};
  ends.add(unpacked::infinity(true));
  ends.add(decode(-1));
  REQUIRE(ends.value() == decode(std::numeric_limits<integer>::min()));
  ends = {};
  ends.add(unpacked::nan());
  ends.add(decode(2.5));  // a tie
  REQUIRE(ends.value() == decode(2));
}
