// The quire against exact rational dot products.
#include <napier/accumulators/quire.hpp>

#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include <napier/core/arithmetic.hpp>

#include "oracle/bridge.hpp"
#include "oracle/sweep.hpp"

namespace {

using namespace napier;
using oracle::number;
using oracle::unpacked_of;

static_assert(Accumulator<quire<posit8>> && quire<posit8>::is_exact &&
              quire<posit8>::name() == name("quire"));
static_assert(quire<posit16>{}.value() == unpacked::zero());

template <class P>
constexpr oracle::posit_format format_of{P::width, P::exponent_bits};

// Below the carry stand 64 guard bits and the products' range, 2^min … 2^max; (2^31 − 1) maxpos² is below 2^(max + 31).
template <class P>
constexpr bool has_capacity() {
  const int smallest =
      -2 * P::max_exponent;  // of a bit of a product of two posits: all are multiples of minpos
  const int largest = 2 * P::max_exponent;
  const int magnitude_bits = largest - smallest + 31;
  const int with_as_many_posits = magnitude_bits + 1;  // maxpos <= maxpos²
  const int with_compensation =
      with_as_many_posits + 2;  // times a constant below 8; not at full capacity of both
  return 64 * quire<P>::limbs >= 64 + with_compensation + 1;  // and the sign
}
static_assert(has_capacity<posit<2, 0>>() && has_capacity<posit<3, 1>>() && has_capacity<posit<8, 0>>() &&
              has_capacity<posit<8, 2>>());
static_assert(has_capacity<posit<16, 1>>() && has_capacity<posit<16, 2>>() && has_capacity<posit<32, 2>>() &&
              has_capacity<posit<37, 4>>());
static_assert(has_capacity<posit<64, 0>>() && has_capacity<posit<64, 2>>() && has_capacity<posit<64, 3>>() &&
              has_capacity<posit<64, 4>>());

template <class P>
unpacked exact_product(P a, P b) {
  return multiply(decode(a), decode(b));
}

template <class P>
P random_posit(random_bits& next) {
  for (;;) {
    const P x = P::from_bits(next.below(3) == 0   ? next()
                             : next.below(2) == 0 ? next.runs()
                                                  : next() >> next.below(64));
    if (!x.is_nar()) return next.below(2) == 0 ? x : -x;
  }
}

template <class P>
struct operands {
  std::vector<P> a, b;

  void push(P x, P y) {
    a.push_back(x);
    b.push_back(y);
  }
  number exact() const {
    number sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      sum = sum +
            oracle::posit_value(format_of<P>, a[i].bits()) * oracle::posit_value(format_of<P>, b[i].bits());
    }
    return sum;
  }
};

template <class P>
operands<P> random_operands(random_bits& next, int kind) {
  operands<P> result;
  const int length = next.below(24);
  for (int i = 0; i < length; ++i) {
    const P x = random_posit<P>(next);
    const P y = random_posit<P>(next);
    result.push(x, y);
    if (kind == 1) result.push(-x, y);  // cancels
    if (kind == 2) result.push(i % 2 == 0 ? P::maxpos() : -P::maxpos(), P::maxpos());
    if (kind == 3) result.push(P::minpos(), i % 3 == 0 ? -P::minpos() : P::minpos());
  }
  if (kind == 1) result.push(random_posit<P>(next), P::minpos());
  return result;
}

template <class P>
void dot_products(int count) {
  random_bits next(static_cast<std::uint64_t>(101 + P::width + P::exponent_bits));
  sweep s;
  for (int i = 0; i < count; ++i) {
    operands<P> x = random_operands<P>(next, i % 4);
    quire<P> sum, reversed, left, right;
    const std::size_t size = x.a.size();
    const std::size_t split = size == 0 ? 0 : static_cast<std::size_t>(next.below(static_cast<int>(size)));
    for (std::size_t k = 0; k < size; ++k) {
      sum.add(exact_product(x.a[k], x.b[k]));
      reversed.add(exact_product(x.a[size - 1 - k], x.b[size - 1 - k]));
      (k < split ? left : right).add(exact_product(x.a[k], x.b[k]));
    }
    right.add(left);  // merges
    const number exact = x.exact();
    const unpacked expected = unpacked_of(exact);
    const bool exact_sum = sum.value() == expected &&
                           round_to<P>(sum.value()).bits() == oracle::posit_round(format_of<P>, exact) &&
                           !sum.is_nar();
    s.check(exact_sum, [&] { return "sum " + text(i, size, sum.value().significand, expected.significand); });
    s.check(reversed.value() == expected && right.value() == expected,
            [&] { return "order " + text(i, size, split); });

    // A product of NaR sticks, whatever follows, and through a merge.
    quire<P> spoilt = sum;
    spoilt.add(P::nar());
    spoilt.add(P{1});
    quire<P> merged = sum;
    merged.add(spoilt);
    s.check(spoilt.is_nar() && spoilt.value().is_nan() && merged.value().is_nan() &&
                round_to<P>(merged.value()).is_nar(),
            [&] { return "NaR " + text(i); });

    // Minus itself, product by product, is zero; then the smallest product is what remains.
    for (std::size_t k = 0; k < size; ++k) sum.add(exact_product(-x.a[k], x.b[k]));
    const bool nothing_left = sum.value() == unpacked::zero();
    sum.add(exact_product(P::minpos(), P::minpos()));
    s.check(nothing_left && sum.value() == unpacked_of(number::power_of_two(-2 * P::max_exponent)),
            [&] { return "cancel " + text(i); });
  }
  INFO(P::name().c_str());
  REQUIRE(s.report() == passed(4 * static_cast<std::uint64_t>(count)));
}

// (2^31 − 1) · product by doubling partial sums.
template <class P>
quire<P> times_capacity(const unpacked& product) {
  quire<P> power, sum;
  power.add(product);
  for (int i = 0; i < 31; ++i) {
    sum.add(power);
    const quire<P> copy = power;
    power.add(copy);
  }
  return sum;
}

template <class P>
void capacity() {
  const number count = (std::int64_t{1} << 31) - 1;
  const number largest = number::power_of_two(2 * P::max_exponent);
  const number smallest = number::power_of_two(-2 * P::max_exponent);
  const unpacked big = exact_product(P::maxpos(), P::maxpos());
  const unpacked small = exact_product(P::minpos(), P::minpos());
  INFO(P::name().c_str());
  quire<P> up = times_capacity<P>(big);
  REQUIRE(up.value() == unpacked_of(count * largest));
  REQUIRE(times_capacity<P>(-big).value() == unpacked_of(-(count * largest)));
  REQUIRE(times_capacity<P>(small).value() == unpacked_of(count * smallest));
  // With the smallest below it, and as many posits besides.
  quire<P> posits = times_capacity<P>(decode(P::maxpos()));
  up.add(posits);
  up.add(-small);
  const number all = count * largest + count * number::power_of_two(P::max_exponent);
  REQUIRE(up.value() == unpacked_of(all - smallest));
  // Then everything is taken away again: what remains is exact.
  up.add(times_capacity<P>(-big));
  REQUIRE(up.value() == unpacked_of(count * number::power_of_two(P::max_exponent) - smallest));
  up.add(times_capacity<P>(decode(-P::maxpos())));
  REQUIRE(up.value() == unpacked_of(-smallest));
}

// compensated: the sum times a constant of 24 bits, exactly.
template <class P>
void scales(int count) {
  random_bits next(111);
  sweep s;
  for (int i = 0; i < count; ++i) {
    const operands<P> x = random_operands<P>(next, i % 4);
    quire<P> sum;
    for (std::size_t k = 0; k < x.a.size(); ++k) sum.add(exact_product(x.a[k], x.b[k]));
    const double factor =
        i % 5 == 0   ? 0.5
        : i % 5 == 1 ? 7.9999995
                     : std::ldexp(1 + static_cast<double>(next() >> 11) * 0x1p-53, next.below(4) - 1);
    if (factor >= 8) continue;
    sum.scale(factor);
    const number constant = oracle::float_value(
        oracle::float32, oracle::float_round(oracle::float32, number::from_double(factor)));
    if (constant >= 8) continue;
    const number expected = x.exact() * constant;
    // One bit too long for the 64 below minpos²: none; the unit is 2^-64 minpos², the constant's 2^-24.
    s.check(sum.value() == unpacked_of(expected), [&] { return text(i, factor, sum.value().significand); });
    sum.add(P::minpos());
    s.check(sum.value() == unpacked_of(expected + number::power_of_two(-P::max_exponent)),
            [&] { return "then " + text(i, factor); });
  }
  INFO(P::name().c_str());
  REQUIRE(s.cases() > static_cast<std::uint64_t>(count));
  REQUIRE(s.report() == passed(s.cases()));
}

}  // namespace

TEST_CASE("dot products: exact, in any order, split and merged; NaR sticks; cancellation leaves nothing") {
  dot_products<posit<2, 0>>(600);
  dot_products<posit<3, 4>>(600);
  dot_products<posit<8, 0>>(2400);
  dot_products<posit<8, 2>>(2400);
  dot_products<posit<12, 3>>(1500);
  dot_products<posit<16, 1>>(2400);
  dot_products<posit<16, 2>>(2400);
  dot_products<posit<32, 2>>(2400);
  dot_products<posit<37, 4>>(1500);
  dot_products<posit<64, 0>>(2400);
  dot_products<posit<64, 2>>(1500);
  dot_products<posit<64, 4>>(1500);
}

TEST_CASE("2^31 - 1 products of maxpos and as many posits fit, with minpos² still seen") {
  capacity<posit<2, 0>>();
  capacity<posit<8, 0>>();
  capacity<posit<8, 2>>();
  capacity<posit<16, 1>>();
  capacity<posit<32, 2>>();
  capacity<posit<37, 4>>();
  capacity<posit<64, 0>>();
  capacity<posit<64, 4>>();
}

TEST_CASE("scale is exact") {
  scales<posit<2, 0>>(900);
  scales<posit<8, 0>>(1500);
  scales<posit<16, 1>>(1500);
  scales<posit<32, 2>>(1500);
  scales<posit<64, 0>>(900);
  scales<posit<64, 4>>(900);
}

TEST_CASE("what is out of any posit product's reach is NaR; what is below the guard bits is dropped") {
  using P = posit<8, 0>;  // maxpos = 2^6
  const auto power = [](int exponent) { return unpacked::finite(false, exponent, std::uint64_t{1} << 63); };
  quire<P> sum;
  sum.add(power(12 + 31));
  REQUIRE(sum.value() == power(43));
  sum.add(power(12 + 32));
  REQUIRE(sum.is_nar());
  for (const unpacked& x :
       {unpacked::infinity(), unpacked::infinity(true), unpacked::nan(), decode(P::nar())}) {
    quire<P> one;
    one.add(x);
    one.add(decode(P{1}));
    REQUIRE(one.value().is_nan());
  }
  quire<P> fine;
  fine.add(power(-12 - 64));
  REQUIRE(fine.value() == power(-76));
  fine.add(power(-12 - 65));
  fine.add(-power(-12 - 65));
  fine.add(power(-400));
  fine.add(unpacked::zero(true));
  REQUIRE(fine.value() == power(-76));
  fine.add(unpacked::finite(true, -12, (std::uint64_t{1} << 63) + 1,
                            ~std::uint64_t{0} >> 1));  // −(2^-12 + 2^-75), the rest is dropped
  REQUIRE((fine.value() ==
           unpacked_of(number::power_of_two(-76) - number::power_of_two(-12) - number::power_of_two(-75))));
}
