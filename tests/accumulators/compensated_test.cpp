// The finished sum times 1 / (1 + the multiplier's mean relative error), before the bias.
#include <napier/accumulators/compensated.hpp>

#include <catch2/catch.hpp>
#include <vector>

#include <napier/accumulators/fixed64.hpp>
#include <napier/accumulators/quire.hpp>
#include <napier/formats/fixed.hpp>
#include <napier/formats/posit.hpp>
#include <napier/mac/mac.hpp>
#include <napier/multipliers/mitch.hpp>
#include <napier/multipliers/plam.hpp>

#include "oracle/bridge.hpp"
#include "oracle/sweep.hpp"

namespace {

using namespace napier;
using oracle::number;

static_assert(compensated<native<float>>::name() == name("compensated-float32"));
static_assert(mac<float, mitch<6>, compensated<native<float>>>::is_compensated &&
              !mac<float, mitch<6>, native<float>>::is_compensated);

number to_float(const number& x) {
  return oracle::float_value(oracle::float32, oracle::float_round(oracle::float32, x));
}

// 1 / (1 + e) as a double.
template <class M>
double factor() {
  return 1 / (1 + M::mean_relative_error);
}

}  // namespace

TEST_CASE("float32: constant, product and bias each rounded to FP32") {
  using compensating = mac<float, mitch<6>, compensated<native<float>>>;
  using plain = mac<float, mitch<6>, native<float>>;
  random_bits next(131);
  sweep s;
  for (int i = 0; i < 2000; ++i) {
    compensating::accumulator sum;
    plain::accumulator reference;
    for (int k = 0; k < 16; ++k) {
      const auto a = static_cast<float>(static_cast<std::int64_t>(next())) * 0x1p-63f;
      const auto b = static_cast<float>(static_cast<std::int64_t>(next())) * 0x1p-63f;
      compensating::accumulate(sum, a, b);
      plain::accumulate(reference, a, b);
    }
    const float bias = static_cast<float>(i) * 0.01f - 7;
    const number raw = oracle::value_of(plain::finish(reference));
    const number scaled = to_float(raw * to_float(number::from_double(factor<mitch<6>>())));
    s.check(oracle::value_of(compensating::finish(sum)) == scaled,
            [&] { return text(i, raw.approximate()); });
    s.check(oracle::value_of(compensating::finish(sum, bias)) == to_float(scaled + number::from_double(bias)),
            [&] { return text(i, bias); });
  }
  REQUIRE(s.report() == passed(4000));
}

namespace {

// With a quire everything but the constant is exact, whatever the multiplier's own bits.
template <class P, class M>
void with_quire(oracle::circuit circuit, int count) {
  using compensating = mac<P, M, compensated<quire<P>>>;
  const oracle::posit_format f{P::width, P::exponent_bits};
  random_bits next(132);
  sweep s;
  for (int i = 0; i < count; ++i) {
    typename compensating::accumulator sum;
    number exact = 0;
    for (int k = 0; k < 16; ++k) {
      P a = P::from_bits(next.runs());
      P b = P::from_bits(next());
      if (i % 4 == 0) a = b = P::minpos();  // the finest products
      if (a.is_nar() || b.is_nar()) continue;
      compensating::accumulate(sum, a, b);
      exact = exact + oracle::log_product(circuit, oracle::posit_value(f, a.bits()),
                                          oracle::posit_value(f, b.bits()));
    }
    const number constant = to_float(number::from_double(factor<M>()));
    const P bias = P::from_bits(next() >> 1);
    if (bias.is_nar()) continue;
    const number expected = exact * constant;
    s.check(compensating::finish(sum) == oracle::unpacked_of(expected),
            [&] { return text(i, expected.approximate()); });
    s.check(compensating::finish(sum, bias) ==
                oracle::unpacked_of(expected + oracle::posit_value(f, bias.bits())),
            [&] { return text(i, bias.bits()); });
  }
  INFO(compensating::name().c_str());
  REQUIRE(s.cases() > static_cast<std::uint64_t>(count));
  REQUIRE(s.report() == passed(s.cases()));
}

}  // namespace

TEST_CASE("quire: exact for every multiplier of the library") {
  with_quire<posit<8, 0>, plam>({}, 400);
  with_quire<posit<8, 2>, plam>({}, 400);
  with_quire<posit<16, 1>, plam>({}, 400);
  with_quire<posit<16, 1>, mitch<1>>({1, false}, 400);
  with_quire<posit<16, 2>, mitch<6>>({6, false}, 400);
  with_quire<posit<8, 0>, mitch<32, unbiased>>({32, true}, 400);
  with_quire<posit<16, 1>, mitch<2, unbiased>>({2, true}, 400);
  with_quire<posit<32, 2>, mitch<32, unbiased>>({32, true}, 400);
  with_quire<posit<64, 0>, mitch<32, unbiased>>({32, true}, 200);
}

TEST_CASE("fixed64: the product rounded to the sum's grid") {
  using compensating = mac<fixed32_16, mitch<6>, compensated<fixed64>>;
  random_bits next(133);
  sweep s;
  for (int i = 0; i < 1000; ++i) {
    compensating::accumulator sum;
    number exact = 0;
    for (int k = 0; k < 16; ++k) {
      const auto a = fixed32_16::from_bits(static_cast<std::int64_t>(next.runs()) >> 40);
      const auto b = fixed32_16::from_bits(static_cast<std::int64_t>(next()) >> 44);
      compensating::accumulate(sum, a, b);
      exact = exact + oracle::integer_log_product({6, false}, false, a.bits(), b.bits());
    }
    const auto grid = [](const number& x) { return number(oracle::fixed_round(64, 0, x)); };
    const number expected = grid(exact * to_float(number::from_double(factor<mitch<6>>())));
    s.check(oracle::value_of(compensating::finish(sum)) == expected.scaled(-32),
            [&] { return text(i, exact.approximate()); });
    const auto bias = fixed<64, 32>::from_bits(static_cast<std::int64_t>(next()) >> 20);
    s.check(oracle::value_of(compensating::finish(sum, bias)) ==
                (expected + std::int64_t{bias.bits()}).scaled(-32),
            [&] { return text(i); });
  }
  REQUIRE(s.report() == passed(2000));
}

TEST_CASE("an exact multiplier needs no compensation") {
  using compensating = mac<posit16, exact, compensated<quire<posit16>>>;
  compensating::accumulator sum;
  compensating::accumulate(sum, posit16{3}, posit16{5});
  REQUIRE(compensating::finish(sum) == decode(15));
}
