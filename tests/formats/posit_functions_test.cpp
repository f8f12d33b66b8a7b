// The functions of the Posit Standard against exact rationals: every code of 16 bits, all triples of 5 and 6; fast_sigmoid
// against the true one.
#include <napier/formats/posit_functions.hpp>

#include <catch2/catch.hpp>
#include <cmath>

#include "oracle/bridge.hpp"
#include "oracle/sweep.hpp"

namespace {

using namespace napier;
using oracle::number;
using oracle::posit_format;

template <class P>
constexpr posit_format format_of{P::width, P::exponent_bits};

number nearest_even(const number& x) {
  const number low = x.floor();
  const number twice = (x - low).scaled(1);
  if (twice != 1) return twice < 1 ? low : low + 1;
  return low.scaled(-1) == low.scaled(-1).floor() ? low : low + 1;
}

template <class P>
void check_unary(sweep& s, std::uint64_t code) {
  constexpr posit_format f = format_of<P>;
  const P x = P::from_bits(code);
  const std::uint64_t mask = ~std::uint64_t{0} >> (64 - P::width);
  s.check(next(x).bits() == ((code + 1) & mask) && prior(x).bits() == ((code - 1) & mask),
          [&] { return text(code); });
  if (x.is_nar()) {
    const bool sticks = nearest_int(x).is_nar() && ceil(x).is_nar() && floor(x).is_nar() &&
                        trunc(x).is_nar() && sign(x).is_nar() && abs(x).is_nar() && (-x).is_nar() &&
                        sqrt(x).is_nar();
    s.check(sticks, [] { return "NaR"; });
    return;
  }
  const number value = oracle::posit_value(f, code);
  const auto is = [&](P got, const number& expected) {
    return oracle::posit_value(f, got.bits()) == expected;
  };
  const number up = -(-value).floor();
  const bool right = is(nearest_int(x), nearest_even(value)) && is(ceil(x), up) &&
                     is(floor(x), value.floor()) && is(trunc(x), value.sign() < 0 ? up : value.floor()) &&
                     is(sign(x), value.sign()) && is(abs(x), value.magnitude()) && is(-x, -value);
  s.check(right, [&] {
    return text(P::width, P::exponent_bits, code, nearest_int(x).bits(), ceil(x).bits(), floor(x).bits());
  });
}

template <class P>
void every_code() {
  sweep s;
  for (std::uint64_t code = 0; code < std::uint64_t{1} << P::width; ++code) check_unary<P>(s, code);
  INFO(P::name().c_str());
  REQUIRE(s.report() == passed(std::uint64_t{2} << P::width));
}

template <class P>
void random_codes(int count) {
  random_bits next(31);
  sweep s;
  for (int i = 0; i < count; ++i) {
    // Half of them between 1/4 and 2^60 or so, where integers are found.
    const std::uint64_t bits =
        i % 2 == 0 ? next.runs() : std::uint64_t{P{next() >> next.below(64)}.bits()} ^ (next() & 1);
    check_unary<P>(s, P::from_bits(bits).bits());
  }
  INFO(P::name().c_str());
  REQUIRE(s.report() == passed(2 * static_cast<std::uint64_t>(count)));
}

template <class P>
void check_product(sweep& s, std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  constexpr posit_format f = format_of<P>;
  const std::uint64_t nar = oracle::posit_nar(f);
  const P got = fmm(P::from_bits(a), P::from_bits(b), P::from_bits(c));
  const std::uint64_t expected =
      a == nar || b == nar || c == nar
          ? nar
          : oracle::posit_round(
                f, oracle::posit_value(f, a) * oracle::posit_value(f, b) * oracle::posit_value(f, c));
  s.check(got.bits() == expected, [&] { return text(P::width, a, b, c, got.bits(), expected); });
}

template <class P>
void all_products() {
  sweep s;
  const std::uint64_t codes = std::uint64_t{1} << P::width;
  for (std::uint64_t i = 0; i < codes * codes * codes; ++i)
    check_product<P>(s, i / codes / codes, i / codes % codes, i % codes);
  REQUIRE(s.report() == passed(codes * codes * codes));
}

template <class P>
void random_products(int count) {
  random_bits next(32);
  sweep s;
  for (int i = 0; i < count; ++i) {
    const P a = P::from_bits(next.runs()), b = P::from_bits(next()), c = P::from_bits(next.runs());
    check_product<P>(s, a.bits(), b.bits(), c.bits());
    // Near a tie: c is about the inverse of a · b, so that the product is near one, with a full fraction.
    const P inverse = P{1} / (a * b);
    check_product<P>(s, a.bits(), b.bits(), P::from_bits(inverse.bits() ^ (next() & 3)).bits());
  }
  INFO(P::name().c_str());
  REQUIRE(s.report() == passed(2 * static_cast<std::uint64_t>(count)));
}

template <int n>
void sigmoid() {
  using P = posit<n, 0>;
  double worst = 0;
  bool between = true;
  for (std::uint64_t code = 0; code < std::uint64_t{1} << n; ++code) {
    const P x = P::from_bits(code);
    if (x.is_nar()) continue;
    const double got = double(fast_sigmoid(x));
    between = between && 0 <= got && got <= 1;
    worst = std::fmax(worst, std::fabs(got - 1 / (1 + std::exp(-double(x)))));
  }
  const double bound = 0.048955 + 0.75 * std::exp2(2 - n);
  INFO(n << ": " << worst << " of " << bound);
  CHECK(between);
  CHECK(worst <= bound);
  CHECK(worst >= bound * (n < 8 ? 0.9 : 0.995));  // tight
  CHECK(fast_sigmoid(P{0}) == P{0.5});
  CHECK(fast_sigmoid(P::nar()).is_nar());
  if (n == 8) CHECK((worst <= 0.0607 && worst > 0.0606));
  if (n == 16) CHECK((worst <= 0.0491 && worst > 0.0490));
}

static_assert(nearest_int(posit16{2.5}) == posit16{2} && nearest_int(posit16{-1.5}) == posit16{-2});
static_assert(ceil(posit16{2.25}) == posit16{3} && floor(posit16{-2.25}) == posit16{-3} &&
              trunc(posit16{-2.25}) == posit16{-2});
static_assert(next(posit16::maxpos()).is_nar() && next(posit16::nar()) == -posit16::maxpos());
static_assert(prior(posit16::nar()) == posit16::maxpos() && prior(posit16{0}) == -posit16::minpos());
static_assert(sign(posit16{-7}) == posit16{-1} && sign(posit16{0}) == posit16{0});
static_assert(fmm(posit16{2}, posit16{3}, posit16{-4}) == posit16{-24} &&
              fmm(posit16{0}, posit16{3}, posit16{4}).is_zero());
static_assert(fast_sigmoid(posit<8, 0>{1}) == posit<8, 0>{0.75});

}  // namespace

TEST_CASE("integers, neighbours, signs: every code up to 16 bits, samples above") {
  every_code<posit<2, 0>>();
  every_code<posit<3, 1>>();
  every_code<posit<5, 4>>();
  every_code<posit<8, 0>>();
  every_code<posit<8, 2>>();
  every_code<posit<12, 3>>();
  every_code<posit<16, 1>>();
  every_code<posit<16, 2>>();
  random_codes<posit32>(4000);
  random_codes<posit64>(4000);
  random_codes<posit<64, 0>>(4000);
  random_codes<posit<64, 4>>(4000);
}

TEST_CASE("products of three, rounded once") {
  all_products<posit<4, 0>>();
  all_products<posit<5, 1>>();
  all_products<posit<5, 2>>();
  random_products<posit<16, 1>>(3000);
  random_products<posit32>(3000);
  random_products<posit64>(3000);
  random_products<posit<64, 0>>(3000);
  random_products<posit<64, 4>>(3000);
}

TEST_CASE("fast_sigmoid is as near as its header says, and no nearer") {
  sigmoid<4>();
  sigmoid<6>();
  sigmoid<8>();
  sigmoid<10>();
  sigmoid<12>();
  sigmoid<16>();
}
