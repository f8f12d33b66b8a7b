#include <napier/mac/mac.hpp>

#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <string>
#include <type_traits>

#include <napier/accumulators/fixed64.hpp>
#include <napier/accumulators/quire.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>
#include <napier/multipliers/decorators.hpp>
#include <napier/multipliers/mitch.hpp>
#include <napier/multipliers/mitchell.hpp>
#include <napier/multipliers/plam.hpp>

#include "oracle/bridge.hpp"
#include "oracle/sweep.hpp"

namespace {

using namespace napier;
using oracle::number;
using p16 = posit<16, 1>;
using p8 = posit<8, 0>;

using fp32 = mac<float, exact, native<float>>;

// One name everywhere.
static_assert(fp32::name() == name("float32/exact/float32"));
static_assert(mac<bfloat16, exact, native<float>>::name() == name("bfloat16/exact/float32"));
static_assert(mac<float, mitch<6>, native<float>>::name() == name("float32/mitch6/float32"));
static_assert(mac<float, mitch<6, unbiased>, native<float>>::name() == name("float32/mitch6u/float32"));
static_assert(mac<float, mitch<6>, compensated<native<float>>>::name() ==
              name("float32/mitch6/compensated-float32"));
static_assert(mac<bfloat16, mitchell, native<float>>::name() == name("bfloat16/mitchell/float32"));
static_assert(mac<float16, exact, native<float>>::name() == name("float16/exact/float32"));
static_assert(mac<float8_e4m3fn, exact, native<float>>::name() == name("float8_e4m3fn/exact/float32"));
static_assert(mac<p16, plam, quire<p16>>::name() == name("posit16_1/plam/quire"));
static_assert(mac<p8, exact, quire<p8>>::name() == name("posit8_0/exact/quire"));
static_assert(mac<posit8, plam, quire<posit8>>::name() == name("posit8_2/plam/quire"));
static_assert(mac<p16, rounded<plam, p16>, native<p16>>::name() == name("posit16_1/rounded-plam/posit16_1"));
static_assert(mac<p16, rounded<exact, p16>, native<p16>>::name() ==
              name("posit16_1/rounded-exact/posit16_1"));
static_assert(mac<fixed32_16, mitch<6>, fixed64>::name() == name("fixed32_16/mitch6/fixed64"));
static_assert(mac<fixed32_16, mitch<6>, compensated<fixed64>>::name() ==
              name("fixed32_16/mitch6/compensated-fixed64"));
static_assert(mac<p16, plam, compensated<quire<p16>>>::name() == name("posit16_1/plam/compensated-quire"));

// Where the bias is held; whether order matters.
static_assert(std::is_same_v<mac<p16, exact, native<float>>::bias_type, float> &&
              std::is_same_v<fp32::bias_type, float>);
static_assert(std::is_same_v<mac<p16, plam, quire<p16>>::bias_type, p16>);
static_assert(std::is_same_v<mac<fixed32_16, exact, fixed64>::bias_type, fixed<64, 32>>);
static_assert(std::is_same_v<mac<p16, exact, native<p16>>::bias_type, p16>);
static_assert(mac<p16, plam, quire<p16>>::is_exact && mac<fixed32_16, mitch<6>, fixed64>::is_exact &&
              !fp32::is_exact);
static_assert(mac<p16, plam, compensated<quire<p16>>>::is_exact);
static_assert(Mac<fp32> && Mac<mac<p16, plam, quire<p16>>> &&
              Mac<mac<fixed32_16, mitch<6>, compensated<fixed64>>>);
static_assert(Mac<mac<std::int8_t, mitch<6, ones_complement>, fixed64>> &&
              Mac<mac<double, exact, native<double>>>);

// What does not fit is refused: another posit's quire, fixed64 for floats, a log-domain multiplier of doubles.
static_assert(AccumulatorFor<quire<p16>, p16> && !AccumulatorFor<quire<posit8>, p16> &&
              !AccumulatorFor<compensated<quire<posit8>>, p16>);
static_assert(AccumulatorFor<native<float>, p16> && AccumulatorFor<native<p8>, p16> &&
              AccumulatorFor<compensated<fixed64>, fixed32_16>);
static_assert(!AccumulatorFor<quire<p16>, float> && !AccumulatorFor<fixed64, float> &&
              !AccumulatorFor<int, float>);

template <class M, class... Pairs>
constexpr unpacked dot_of(typename M::format a, typename M::format b, Pairs... rest) {
  typename M::accumulator sum{};
  const typename M::format operands[] = {a, b, rest...};
  for (std::size_t i = 0; i < 2 + sizeof...(rest); i += 2) M::accumulate(sum, operands[i], operands[i + 1]);
  return M::finish(sum);
}
static_assert(dot_of<mac<p16, exact, quire<p16>>>(p16{3}, p16{5}, p16{-1}, p16{15}).is_zero());
static_assert(dot_of<mac<p16, plam, quire<p16>>>(p16{1.5}, p16{1.5}) == decode(2));
static_assert(dot_of<fp32>(1.5f, 2.0f, 2.0f, 2.0f) == decode(7));

std::uint32_t bits(const unpacked& x) { return std::bit_cast<std::uint32_t>(round_to<float>(x)); }

}  // namespace

TEST_CASE("float32/exact/float32: the product rounded to FP32, then added in FP32; never fused") {
  random_bits next(141);
  sweep s;
  for (int i = 0; i < 20000; ++i) {
    fp32::accumulator sum{};
    volatile float hardware = 0;  // volatile: nothing to contract
    std::uint64_t code = 0;
    for (int k = 0; k < 4; ++k) {
      auto a_bits = static_cast<std::uint32_t>(next());
      auto b_bits = static_cast<std::uint32_t>(next.runs());
      if (i % 4 != 0) {
        a_bits = (a_bits & 0x81ffffff) | 0x3e000000;
        b_bits = (b_bits & 0x81ffffff) | 0x3e000000;
      }
      const float a = std::bit_cast<float>(a_bits);
      const float b = std::bit_cast<float>(b_bits);
      fp32::accumulate(sum, a, b);
      const volatile float product = static_cast<float>(static_cast<double>(a) * static_cast<double>(b));
      hardware = hardware + product;
      using oracle::operation;
      code = oracle::float_operation(
          oracle::float32, operation::add, code,
          oracle::float_operation(oracle::float32, operation::multiply, a_bits, b_bits));
    }
    const bool nan = std::isnan(hardware);
    const std::uint32_t got = bits(fp32::finish(sum));
    const std::uint32_t expected =
        nan ? 0x7fc00000 : std::bit_cast<std::uint32_t>(static_cast<float>(hardware));
    s.check(got == expected && got == code, [&] { return text(i, got, expected, code); });
  }
  REQUIRE(s.report() == passed(20000));
}

TEST_CASE("a product is rounded before it is added") {
  // (1 + 2^-12)² − (1 + 2^-11) is 2^-24 when fused and 0 when not.
  const float x = 1 + 0x1p-12f;
  fp32::accumulator sum{};
  fp32::accumulate(sum, -(1 + 0x1p-11f), 1.0f);
  fp32::accumulate(sum, x, x);
  REQUIRE(fp32::finish(sum).is_zero());
  // In double it stays, and exactly so.
  using fp64 = mac<double, exact, native<double>>;
  fp64::accumulator wide{};
  fp64::accumulate(wide, -(1 + 0x1p-11), 1.0);
  fp64::accumulate(wide, x, x);
  REQUIRE(fp64::finish(wide) == decode(0x1p-24));
}

TEST_CASE("the bias: in T, in the format, on the sum's grid") {
  using narrow = mac<bfloat16, exact, native<bfloat16>>;
  narrow::accumulator sum{};
  narrow::accumulate(sum, bfloat16{256}, bfloat16{1});
  REQUIRE(narrow::finish(sum, bfloat16{1}) == decode(256));  // 257 is a tie in bfloat16
  REQUIRE(narrow::finish(sum) == decode(256));               // and finish changes nothing

  using exact_sum = mac<p16, exact, quire<p16>>;
  exact_sum::accumulator held{};
  exact_sum::accumulate(held, p16::maxpos(), p16::maxpos());
  exact_sum::accumulate(held, -p16::maxpos(), p16::maxpos());
  REQUIRE(exact_sum::finish(held, p16::minpos()) == decode(p16::minpos()));
  REQUIRE(exact_sum::finish(held, p16::nar()).is_nan());

  using on_grid = mac<fixed32_16, exact, fixed64>;
  on_grid::accumulator grid{};
  on_grid::accumulate(grid, fixed32_16::from_bits(1), fixed32_16::from_bits(1));
  REQUIRE(on_grid::finish(grid, fixed<64, 32>::from_bits(-1)).is_zero());
  REQUIRE(on_grid::finish(grid, fixed<64, 32>{0.5}) == decode(0.5 + 0x1p-32));

  using compensating = mac<float, mitch<6>, compensated<native<float>>>;
  compensating::accumulator none{};
  REQUIRE(compensating::finish(none, 3.0f) == decode(3.0f));  // the bias is not scaled
}

namespace {

// A MAC as docs/arithmetic.md tells it: the circuit's product, rounded to T, added in T.
template <class F, class M>
void follows_the_circuit(oracle::circuit circuit, oracle::float_format f) {
  using with_float_sum = mac<F, M, native<float>>;
  random_bits next(142);
  sweep s;
  for (int i = 0; i < 500; ++i) {
    typename with_float_sum::accumulator sum{};
    number expected = 0;
    for (int k = 0; k < 12; ++k) {
      const auto near_one = [&] {
        const std::uint64_t one = static_cast<std::uint64_t>(f.bias) << f.fraction_bits;
        const std::uint64_t code =
            one + next() % (std::uint64_t{4} << f.fraction_bits) - (std::uint64_t{2} << f.fraction_bits);
        return next.below(2) == 0 ? code : code | std::uint64_t{1} << (f.exponent_bits + f.fraction_bits);
      };
      const std::uint64_t a = near_one();
      const std::uint64_t b = near_one();
      with_float_sum::accumulate(sum, round_to<F>(oracle::unpacked_of(oracle::float_value(f, a))),
                                 round_to<F>(oracle::unpacked_of(oracle::float_value(f, b))));
      const auto to_float = [](const number& x) {
        return oracle::float_value(oracle::float32, oracle::float_round(oracle::float32, x));
      };
      expected = to_float(expected + to_float(oracle::log_product(circuit, oracle::float_value(f, a),
                                                                  oracle::float_value(f, b))));
    }
    s.check(oracle::value_of(with_float_sum::finish(sum)) == expected,
            [&] { return text(i, expected.approximate()); });
  }
  INFO(with_float_sum::name().c_str());
  REQUIRE(s.report() == passed(500));
}

}  // namespace

TEST_CASE("log-domain MACs with an FP32 sum") {
  follows_the_circuit<float, mitchell>({}, oracle::float32);
  follows_the_circuit<float, mitch<6>>({6, false}, oracle::float32);
  follows_the_circuit<float, mitch<6, unbiased>>({6, true}, oracle::float32);
  follows_the_circuit<bfloat16, mitchell>({}, {8, 7, 127, false});
  follows_the_circuit<bfloat16, mitch<4>>({4, false}, {8, 7, 127, false});
  follows_the_circuit<float16, mitch<8>>({8, false}, {5, 10, 15, false});
  follows_the_circuit<float8_e4m3fn, mitch<3>>({3, false}, {4, 3, 7, true});
}

TEST_CASE("rounded-plam in a machine without a quire: two roundings a product") {
  using machine = mac<p16, rounded<plam, p16>, native<p16>>;
  const oracle::posit_format f{16, 1};
  random_bits next(143);
  sweep s;
  for (int i = 0; i < 500; ++i) {
    machine::accumulator sum{};
    std::uint64_t expected = 0;
    for (int k = 0; k < 12; ++k) {
      const std::uint64_t a = next() & 0xffff;
      const std::uint64_t b = next() & 0xffff;
      if (a == 0x8000 || b == 0x8000) continue;
      machine::accumulate(sum, p16::from_bits(a), p16::from_bits(b));
      const std::uint64_t product = oracle::posit_round(
          f, oracle::log_product({}, oracle::posit_value(f, a), oracle::posit_value(f, b)));
      expected = oracle::posit_operation(f, oracle::operation::add, expected, product);
    }
    s.check(round_to<p16>(machine::finish(sum)).bits() == expected, [&] { return text(i, expected); });
  }
  REQUIRE(s.report() == passed(500));
}

TEST_CASE("rounding to another format than the MAC's own is in the name") {
  using P = posit<16, 1>;
  using Q = posit<8, 0>;
  STATIC_REQUIRE(mac<P, rounded<exact, P>, quire<P>>::name() == name("posit16_1/rounded-exact/quire"));
  STATIC_REQUIRE(mac<P, rounded<exact, Q>, quire<P>>::name() ==
                 name("posit16_1/rounded-exact-posit8_0/quire"));
}

namespace {

// Parts that do not fit are no MAC, rather than an error inside one.
struct without_mean {
  static constexpr bool is_exact = false;
  static constexpr napier::name name() { return "without-mean"; }
  template <Format F>
  constexpr unpacked multiply(F a, F) const {
    return decode(a);
  }
};

template <class F, class M, class A>
concept FitTogether = requires {
  typename mac<F, M, A>;
};

static_assert(FitTogether<float, without_mean, native<float>>);
static_assert(!FitTogether<float, without_mean, compensated<native<float>>>);
static_assert(FitTogether<float, mitchell, compensated<native<float>>>);
static_assert(!FitTogether<float, plam, native<float>>);
static_assert(!FitTogether<float, exact, quire<posit<16, 1>>>);
static_assert(!FitTogether<posit<16, 1>, exact, quire<posit<16, 2>>>);
static_assert(!FitTogether<float, exact, fixed64>);
static_assert(!FitTogether<double, mitchell, native<double>>);
static_assert(!FitTogether<posit<16, 1>, lut<exact, posit<8, 0>>, quire<posit<16, 1>>>);

}  // namespace
