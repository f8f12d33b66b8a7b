// DRUM, RoBA, the iterative logarithmic product, MBM and the truncated array: 8-bit integers exhaustively against circuits of
// integers, floats, posits and fixed point against exact rationals; bounds, means and published figures.
#include <napier/multipliers/significand_product.hpp>

#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <vector>

#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>
#include <napier/multipliers/drum.hpp>
#include <napier/multipliers/exact.hpp>
#include <napier/multipliers/iterative_mitchell.hpp>
#include <napier/multipliers/mbm.hpp>
#include <napier/multipliers/roba.hpp>
#include <napier/multipliers/truncated_array.hpp>

#include "oracle/bridge.hpp"
#include "oracle/sweep.hpp"

namespace {

using namespace napier;
using oracle::number;
using oracle::value_of;
using integer = std::int64_t;

constexpr float inf = std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

static_assert(drum<6>::name() == name("drum6") && roba::name() == name("roba") && mbm::name() == name("mbm"));
static_assert(iterative_mitchell<2>::name() == name("iterative2") &&
              iterative_mitchell<2, 6>::name() == name("iterative2w6"));
static_assert(truncated_array<8>::name() == name("array8") &&
              truncated_array<8, constant_correction>::name() == name("array8c"));
static_assert(Multiplier<drum<6>, float> && Multiplier<roba, posit16> && Multiplier<mbm, std::int8_t> &&
              Multiplier<iterative_mitchell<3>, fixed32_16> && !Multiplier<mbm, double>);
static_assert(!drum<6>::is_exact && truncated_array<0>::is_exact && !truncated_array<1>::is_exact);

// By hand.
static_assert(multiply<drum<3>>(std::uint8_t{255}, std::uint8_t{9}) == 224 * 10 &&
              multiply<drum<3>>(std::int8_t{-7}, std::int8_t{5}) == -35);
static_assert(multiply<drum<3>>(1.0f, 1.0f) == 1.25f * 1.25f &&
              multiply<drum<4>>(float8_e4m3fn{1.5}, float8_e4m3fn{1.25}) == float8_e4m3fn{1.875});
static_assert(multiply<roba>(1.5f, 1.5f) == 2.0f && multiply<roba>(std::uint8_t{3}, std::uint8_t{6}) == 20 &&
              multiply<roba>(std::int8_t{-6}, std::int8_t{6}) == -32);
static_assert(multiply<iterative_mitchell<1>>(std::uint8_t{7}, std::uint8_t{7}) == 16 + 12 + 12 &&
              multiply<iterative_mitchell<2>>(std::uint8_t{7}, std::uint8_t{7}) == 48 &&
              multiply<iterative_mitchell<3>>(std::uint8_t{7}, std::uint8_t{7}) == 49);
static_assert(multiply<mbm>(1.0f, -1.0f) == -1.078125f && multiply<mbm>(1.5f, 1.5f) == 2.078125f &&
              mbm{}.multiply(1.96875f, 1.0f) == decode(2.046875f));
static_assert(multiply<mbm>(std::uint8_t{3}, std::uint8_t{3}) == 8 &&
              multiply<mbm>(std::uint8_t{255}, std::uint8_t{255}) == 65024);
static_assert(multiply<truncated_array<2>>(std::uint8_t{7}, std::uint8_t{7}) == 49 - 5 &&
              multiply<truncated_array<3, constant_correction>>(std::uint8_t{0}, std::uint8_t{7}) == 8);

// Special values.
template <class M>
constexpr bool has_usual_specials() {
  const M m;
  return m.multiply(0.0f, -3.0f) == unpacked::zero(true) && m.multiply(-0.0f, -3.0f) == unpacked::zero() &&
         m.multiply(nan, 0.0f) == unpacked::nan() && m.multiply(inf, 0.0f) == unpacked::nan() &&
         m.multiply(-inf, 2.0f) == unpacked::infinity(true) &&
         m.multiply(0x1.fffffcp-127f, 1.0f) == unpacked::zero() &&
         m.multiply(-0x1p-149f, inf) == unpacked::nan() &&
         m.multiply(std::int8_t{0}, std::int8_t{-3}) == unpacked::zero() &&
         m.multiply(float8_e5m2::infinity(), float8_e5m2::min_subnormal()) == unpacked::infinity() &&
         m.multiply(posit8::nar(), posit8{1}) == unpacked::nan();
}
static_assert(has_usual_specials<drum<6>>() && has_usual_specials<roba>() && has_usual_specials<mbm>() &&
              has_usual_specials<iterative_mitchell<2>>() && has_usual_specials<truncated_array<8>>());
// FP32's range is MBM's alone.
static_assert(mbm{}.multiply(0x1p-63f, -0x1p-64f) == unpacked::zero(true) &&
              mbm{}.multiply(0x1p64f, -0x1p64f) == unpacked::infinity(true) &&
              mbm{}.multiply(0x1.ep-64f, 0x1.1p-63f) == decode(0x1.02p-126f));
static_assert(roba{}.multiply(0x1p-100f, 0x1p-100f) ==
                  unpacked::finite(false, -200, std::uint64_t{1} << 63) &&
              drum<24>{}.multiply(0x1p100f, 0x1p100f) ==
                  unpacked::finite(false, 200, std::uint64_t{1} << 63));

// ---- The definitions, in integers: magnitudes of `bits` bits ------------------------------------------------

int log2_floor(integer x) { return static_cast<int>(std::bit_width(static_cast<std::uint64_t>(x))) - 1; }

// And, in rationals, of positive numbers; `bits` of their format's significand, 0: integers.
template <class M>
struct definition;

template <int k>
struct definition<drum<k>> {
  static integer part(integer x) {
    const int dropped = std::max(0, log2_floor(x) + 1 - k);
    return dropped == 0 ? x : ((x >> dropped) | 1) << dropped;
  }
  static integer circuit(integer a, integer b, int) { return part(a) * part(b); }

  static number part(const number& x, int bits) {
    const int e = x.floor_log2();
    if (bits == 0 ? e < k : bits <= k) return x;
    const number half = x.scaled(k - 2 - e).floor();  // k − 1 bits, and then the one
    return (half + half + number(1)).scaled(e - k + 1);
  }
  static number real(const number& a, const number& b, int bits) { return part(a, bits) * part(b, bits); }
};

template <>
struct definition<roba> {
  static integer circuit(integer a, integer b, int) {
    const integer ar = power(a);
    const integer br = power(b);
    return ar * b + br * a - ar * br;
  }
  static integer power(integer x) {
    integer p = 1;
    while (2 * p - x < x - p) p *= 2;
    return x != 3 && 2 * p - x == x - p ? 2 * p : p;
  }

  static number power(const number& x, int bits) {
    const number low = number::power_of_two(x.floor_log2());
    const bool up = x - low >= low + low - x && !(bits == 0 && x == number(3));
    return up ? low + low : low;
  }
  static number real(const number& a, const number& b, int bits) {
    return a * b - (a - power(a, bits)) * (b - power(b, bits));
  }
};

template <int stages, int w>
struct definition<iterative_mitchell<stages, w>> {
  // Stage by stage, as published.
  static integer circuit(integer a, integer b, int) {
    a = cut(a);
    b = cut(b);
    integer sum = 0;
    for (int s = 0; s < stages && a != 0 && b != 0; ++s) {
      const int ka = log2_floor(a);
      const int kb = log2_floor(b);
      a -= integer{1} << ka;
      b -= integer{1} << kb;
      sum += (integer{1} << (ka + kb)) + (a << kb) + (b << ka);
    }
    return sum;
  }
  static integer cut(integer x) {
    const int dropped = w == 0 ? 0 : std::max(0, log2_floor(x) + 1 - w);
    return x >> dropped << dropped;
  }

  // By the error: what is left of both.
  static number real(number a, number b, int) {
    if (w != 0) {
      a = a.scaled(w - 1 - a.floor_log2()).floor().scaled(a.floor_log2() + 1 - w);
      b = b.scaled(w - 1 - b.floor_log2()).floor().scaled(b.floor_log2() + 1 - w);
    }
    return a * b - rest(a) * rest(b);
  }
  static number rest(number x) {
    for (int s = 0; s < stages && x.sign() != 0; ++s) x = x - number::power_of_two(x.floor_log2());
    return x;
  }
};

template <>
struct definition<mbm> {
  // In units of 2^-40.
  static integer circuit(integer a, integer b, int bits) {
    const int ka = log2_floor(a);
    const int kb = log2_floor(b);
    const integer one = integer{1} << 40;
    const integer fraction = ((a << (40 - ka)) - one) + ((b << (40 - kb)) - one);
    const integer c = one / 16 + one / 64;
    const auto value = [&](integer f, int k) { return static_cast<integer>((int128{one + f} << k) >> 40); };
    const bool carry = fraction >= one;
    const int k = ka + kb + carry;
    const integer f = carry ? (fraction - one) : fraction;
    const integer corrected = value(f + (carry ? c / 2 : c), k);
    return corrected >> (2 * bits) != 0 ? value(f, k) : corrected;
  }

  static number real(const number& a, const number& b, int bits, int width = 0) {
    const int ka = a.floor_log2();
    const int kb = b.floor_log2();
    const number fraction = a.scaled(-ka) + b.scaled(-kb) - number(2);
    const number c = number(5).scaled(-6);
    const bool carry = fraction >= number(1);
    const number plain = carry ? fraction.scaled(ka + kb + 1) : (number(1) + fraction).scaled(ka + kb);
    const number corrected =
        carry ? (fraction + c.scaled(-1)).scaled(ka + kb + 1) : (number(1) + fraction + c).scaled(ka + kb);
    if (bits != 0) return corrected;
    return corrected.floor_log2() >= 2 * width ? plain.floor() : corrected.floor();
  }
};

template <int columns, class... Options>
struct definition<truncated_array<columns, Options...>> {
  static integer circuit(integer a, integer b, int) {
    integer sum = sizeof...(Options) != 0 ? ((columns + 1) / 4) * (integer{1} << columns) : 0;
    for (int i = 0; i < 32; ++i) {
      for (int j = std::max(0, columns - i); j < 30; ++j) sum += (a >> i & 1) * (b >> j & 1) << (i + j);
    }
    return sum;
  }
  static number real(const number& a, const number& b, int bits) {
    const int shift_a = bits == 0 ? 0 : bits - 1 - a.floor_log2();
    const int shift_b = bits == 0 ? 0 : bits - 1 - b.floor_log2();
    const auto whole = [](const number& x) {
      return static_cast<integer>(x.approximate());
    };  // at most 31 bits
    return number(circuit(whole(a.scaled(shift_a)), whole(b.scaled(shift_b)), 0)).scaled(-shift_a - shift_b);
  }
};

template <class M>
constexpr bool is_array = false;
template <int columns, class... Options>
constexpr bool is_array<truncated_array<columns, Options...>> = true;

// ---- 8-bit integers, all pairs ---------------------------------------------------------------------------------

template <class M, class T>
void all_pairs(sweep& s) {
  for (int i = 0; i < 256; ++i) {
    for (int j = 0; j < 256; ++j) {
      const auto a = static_cast<T>(i);
      const auto b = static_cast<T>(j);
      integer expected = 0;
      if ((a != 0 && b != 0) || is_array<M>) {
        expected = definition<M>::circuit(std::abs(integer{a}), std::abs(integer{b}), 8);
        if ((a < 0) != (b < 0) && a != 0 && b != 0) expected = -expected;
      }
      const unpacked got = M{}.multiply(a, b);
      s.check(round_to<integer>(got) == expected && decode(expected) == got, [&] {
        return std::string(M::name().c_str()) + " " +
               text(integer{a}, integer{b}, round_to<integer>(got), expected);
      });
    }
  }
}

template <class... M>
void all_integers(sweep& s) {
  (all_pairs<M, std::uint8_t>(s), ...);
  (all_pairs<M, std::int8_t>(s), ...);
}

// ---- Wider integers, fixed point, floats, posits: rationals ----------------------------------------------------

template <class M>
number expected_of(const number& a, const number& b, int bits, int width) {
  if (a.sign() == 0 || b.sign() == 0)
    return bits == 0 && is_array<M> ? number(definition<M>::circuit(0, 0, 0)) : number();
  number product;
  if constexpr (std::is_same_v<M, mbm>) {
    product = definition<M>::real(a.magnitude(), b.magnitude(), bits, width);
  } else {
    product = definition<M>::real(a.magnitude(), b.magnitude(), bits);
  }
  return (a.sign() < 0) != (b.sign() < 0) ? -product : product;
}

template <class M, class T>
void sampled_integers(sweep& s, int count) {
  random_bits next(61);
  for (int i = 0; i < count; ++i) {
    const auto a = static_cast<T>(next.runs() >> next.below(64));
    const auto b = static_cast<T>(next.runs() >> next.below(64));
    const number expected =
        expected_of<M>(number(integer{a}), number(integer{b}), 0, format_traits<T>::width);
    s.check(value_of(M{}.multiply(a, b)) == expected,
            [&] { return std::string(M::name().c_str()) + " " + text(a, b, expected.approximate()); });
  }
}

template <class M, class F>
void sampled_fixed(sweep& s, int count) {
  random_bits next(62);
  for (int i = 0; i < count; ++i) {
    const F a = F::from_bits(static_cast<integer>(next.runs() >> next.below(64)));
    const F b = F::from_bits(static_cast<integer>(next.runs() >> next.below(64)));
    const number code = expected_of<M>(number(integer{a.bits()}), number(integer{b.bits()}), 0, F::width);
    s.check(value_of(M{}.multiply(a, b)) == code.scaled(-2 * F::fraction_bits), [&] {
      return std::string(M::name().c_str()) + " " + text(integer{a.bits()}, integer{b.bits()});
    });
  }
}

// `value` of a code that is finite.
template <class M, class F>
void check_value(sweep& s, F x, F y, const number& a, const number& b) {
  const unpacked got = M{}.multiply(x, y);
  number expected = expected_of<M>(a, b, format_traits<F>::significand_bits, 0);
  bool right;
  if (FloatingFormat<F> && std::is_same_v<M, mbm> && expected.sign() != 0 && expected.floor_log2() < -126) {
    right = got.is_zero();
  } else if (FloatingFormat<F> && std::is_same_v<M, mbm> && expected.sign() != 0 &&
             expected.floor_log2() > 127) {
    right = got == unpacked::infinity(expected.sign() < 0);
  } else {
    right = expected.sign() == 0 ? got.is_zero() : got == oracle::unpacked_of(expected);
  }
  s.check(right, [&] {
    return std::string(M::name().c_str()) + " " +
           text(a.approximate(), b.approximate(), expected.approximate(), got.significand);
  });
}

template <class M>
void sampled_floats(sweep& s, int count) {
  random_bits next(63);
  for (int i = 0; i < count;) {
    auto bits_a = static_cast<std::uint32_t>(next());
    auto bits_b = static_cast<std::uint32_t>(next.runs());
    if (i % 2 == 0) {  // about one
      bits_a = (bits_a & 0x80ffffff) | 0x3f000000;
      bits_b = (bits_b & 0x80ffffff) | 0x3f000000;
    }
    const auto a = std::bit_cast<float>(bits_a);
    const auto b = std::bit_cast<float>(bits_b);
    if (!std::isnormal(a) || !std::isnormal(b)) continue;
    check_value<M>(s, a, b, number::from_double(a), number::from_double(b));
    ++i;
  }
}

template <class M, class F>
void sampled_minifloats(sweep& s, oracle::float_format f, int count) {
  random_bits next(64);
  const std::uint64_t mask = (std::uint64_t{1} << F::width) - 1;
  for (int i = 0; i < count;) {
    const std::uint64_t a = next() & mask;
    const std::uint64_t b = next() & mask;
    if (oracle::float_classify(f, a) != oracle::float_class::finite ||
        oracle::float_classify(f, b) != oracle::float_class::finite)
      continue;
    check_value<M>(s, F::from_bits(static_cast<decltype(F{}.bits())>(a)),
                   F::from_bits(static_cast<decltype(F{}.bits())>(b)), oracle::float_value(f, a),
                   oracle::float_value(f, b));
    ++i;
  }
}

template <class M, class P>
void sampled_posits(sweep& s, int count) {
  random_bits next(65);
  const oracle::posit_format f{P::width, P::exponent_bits};
  const std::uint64_t mask = ~std::uint64_t{0} >> (64 - P::width);
  for (int i = 0; i < count;) {
    const std::uint64_t a = next() & mask;
    const std::uint64_t b = next.runs() & mask;
    if (a == oracle::posit_nar(f) || b == oracle::posit_nar(f)) continue;
    check_value<M>(s, P::from_bits(static_cast<decltype(P{}.bits())>(a)),
                   P::from_bits(static_cast<decltype(P{}.bits())>(b)), oracle::posit_value(f, a),
                   oracle::posit_value(f, b));
    ++i;
  }
}

template <class... M>
void sampled(sweep& s, int count) {
  (sampled_floats<M>(s, count), ...);
  (sampled_minifloats<M, float16>(s, {5, 10, 15, false}, count), ...);
  (sampled_minifloats<M, float8_e4m3fn>(s, {4, 3, 7, true}, count), ...);
  (sampled_posits<M, posit<8, 2>>(s, count), ...);
  (sampled_posits<M, posit<16, 1>>(s, count), ...);
  (sampled_integers<M, std::int16_t>(s, count), ...);
  (sampled_integers<M, std::uint16_t>(s, count), ...);
  (sampled_fixed<M, fixed<8, 4>>(s, count), ...);
  (sampled_fixed<M, fixed<24, 12>>(s, count), ...);
}

// ---- Errors ------------------------------------------------------------------------------------------------------

struct statistics {
  double mean, magnitude, low, high;
};

template <class M, class T>
statistics of_all_pairs() {
  statistics got{0, 0, 0, 0};
  for (int a = 1; a < 256; ++a) {
    for (int b = 1; b < 256; ++b) {
      const double product = static_cast<double>(multiply<M>(static_cast<T>(a), static_cast<T>(b)));
      const double error = product / (static_cast<double>(a) * b) - 1;
      got.mean += error / (255 * 255);
      got.magnitude += std::fabs(error) / (255 * 255);
      got.low = std::min(got.low, error);
      got.high = std::max(got.high, error);
    }
  }
  return got;
}

// The mean over uniform fractions, by the midpoint rule over 2^9 cells each.
template <class M>
double mean_of_floats() {
  constexpr int n = 512;
  double sum = 0;
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      // off the middle, for no operand to have few ones: 0.5 ± 1/8 in turn
      const float a = 1 + (static_cast<float>(i) + (j % 2 == 0 ? 0.40625f : 0.59375f)) / n;
      const float b = 1 + (static_cast<float>(j) + (i % 2 == 0 ? 0.40625f : 0.59375f)) / n;
      const double exact = static_cast<double>(a) * static_cast<double>(b);
      sum += static_cast<double>(multiply<M>(a, b)) / exact - 1;
    }
  }
  return sum / n / n;
}

template <class M>
void check_mean(double tolerance) {
  INFO(M::name().c_str() << ": " << mean_of_floats<M>() << " " << M::mean_relative_error);
  REQUIRE(std::fabs(mean_of_floats<M>() - M::mean_relative_error) < tolerance);
}

}  // namespace

TEST_CASE("8-bit integers, signed and unsigned: all pairs against the circuits") {
  sweep s;
  all_integers<drum<3>, drum<4>, drum<6>, drum<8>, roba, mbm>(s);
  all_integers<iterative_mitchell<1>, iterative_mitchell<2>, iterative_mitchell<4>, iterative_mitchell<2, 5>>(
      s);
  all_integers<truncated_array<0>, truncated_array<4>, truncated_array<8>, truncated_array<12>>(s);
  all_integers<truncated_array<3, constant_correction>, truncated_array<8, constant_correction>>(s);
  REQUIRE(s.report() == passed(16 * 2 * 65536));
}

TEST_CASE("floats, posits, integers and fixed point, sampled: the formulas in rationals, bit for bit") {
  sweep s;
  sampled<drum<3>, drum<6>, drum<12>, roba, mbm>(s, 300);
  sampled<iterative_mitchell<1>, iterative_mitchell<2>, iterative_mitchell<3>, iterative_mitchell<2, 6>>(s,
                                                                                                         300);
  sampled<truncated_array<5>, truncated_array<20, constant_correction>>(s, 300);
  REQUIRE(s.report() == passed(11 * 9 * 300));
}

TEST_CASE("published figures of 8-bit operands, and bounds attained") {
  using u8 = std::uint8_t;
  const auto near = [](double x, double percent, double tolerance) {
    return std::fabs(100 * x - percent) < tolerance;
  };
  // Two stages: mean 0.83 %, below 6.25 %; one stage below 25 %.
  const statistics two = of_all_pairs<iterative_mitchell<2>, u8>();
  REQUIRE((near(two.mean, -0.83, 0.005) && two.high == 0 && near(two.low, -6.10, 0.005)));
  const statistics one = of_all_pairs<iterative_mitchell<1>, u8>();
  REQUIRE((one.high == 0 && one.low > -0.25 && one.low < -0.248));
  const statistics three = of_all_pairs<iterative_mitchell<3>, u8>();
  REQUIRE((three.high == 0 && three.low > -1 / 64.0 && three.low < -0.0147));
  // DRUM: squares of the bounds of an operand.
  const statistics drum6 = of_all_pairs<drum<6>, u8>();
  REQUIRE(drum6.high == std::ldexp(65.0, -10));  // (1 + 1/32)² − 1
  REQUIRE((drum6.low > 33.0 * 33.0 / (34.0 * 34.0) - 1 && near(drum6.low, -4.40, 0.005)));
  // RoBA
  const statistics rounded_powers = of_all_pairs<roba, u8>();
  REQUIRE((near(rounded_powers.magnitude, 2.86, 0.005) && near(rounded_powers.low, -100 / 9.0, 1e-12) &&
           near(rounded_powers.high, 100 / 9.0, 1e-12)));
  // MBM: 3 · 3 = 8 is the worst, for the floor.
  const statistics biased = of_all_pairs<mbm, u8>();
  REQUIRE(
      (near(biased.mean, 0.048, 0.0005) && biased.high == 0.078125 && near(biased.low, -100 / 9.0, 1e-12)));
}

TEST_CASE("published figures of 16-bit operands") {
  // Of all integers but 0; an operand's error is one sum where the product's is a product of two.
  double iterative = 0, worst_iterative = 0, drum_sum = 0, highest = 0, lowest = 2, roba_sum = 0;
  std::vector<double> drum6;
  for (int a = 1; a < 65536; ++a) {
    const auto one = static_cast<std::uint16_t>(1);
    const auto x = static_cast<std::uint16_t>(a);
    integer rest = a;
    for (int s = 0; s < 2 && rest != 0; ++s) rest -= integer{1} << log2_floor(rest);
    iterative += static_cast<double>(rest) / a;
    worst_iterative = std::max(worst_iterative, static_cast<double>(rest) / a);
    drum6.push_back(static_cast<double>(multiply<drum<6>>(x, one)) / a);
    drum_sum += drum6.back();
    highest = std::max(highest, drum6.back());
    lowest = std::min(lowest, drum6.back());
    roba_sum +=
        std::fabs(1 - static_cast<double>(integer{1} << roba::nearest_power<std::uint16_t>(decode(x))) / a);
  }
  const double n = 65535;
  REQUIRE(std::fabs(iterative / n * iterative / n - 0.0099) < 0.00005);
  REQUIRE((worst_iterative * worst_iterative < 0.0625 && worst_iterative * worst_iterative > 0.0624));
  REQUIRE(std::fabs(drum_sum / n * drum_sum / n - 1 - 0.0004) < 0.00005);  // 0.04 %
  REQUIRE(highest == 1.03125);
  REQUIRE((lowest > 33.0 / 34 && lowest < 33.0 / 34 + 1e-4));
  REQUIRE(std::fabs(roba_sum / n * roba_sum / n - 0.0289) < 0.00005);

  random_bits next(66);
  double mean_of_drum = 0, bias_of_mbm = 0, high_of_mbm = 0, low_of_mbm = 0;
  constexpr int samples = 200000;
  for (int i = 0; i < samples; ++i) {
    const auto a = static_cast<std::uint16_t>(1 + next.below(65535));
    const auto b = static_cast<std::uint16_t>(1 + next.below(65535));
    mean_of_drum +=
        std::fabs(drum6[static_cast<std::size_t>(a - 1)] * drum6[static_cast<std::size_t>(b - 1)] - 1) /
        samples;
    const double error = static_cast<double>(multiply<mbm>(a, b)) / (static_cast<double>(a) * b) - 1;
    bias_of_mbm += error / samples;
    high_of_mbm = std::max(high_of_mbm, error);
    low_of_mbm = std::min(low_of_mbm, error);
  }
  REQUIRE(std::fabs(mean_of_drum - 0.0147) < 0.0001);
  // -0.09 %, within four standard errors of the sample: 3 % / √200,000
  REQUIRE(std::fabs(bias_of_mbm + 0.00092) < 0.0003);
  REQUIRE((high_of_mbm <= 0.078125 && high_of_mbm > 0.077 && low_of_mbm < -0.0755));
}

TEST_CASE("MBM's bounds on floats, and no column too many") {
  // At the corners of a grid that has both extremes.
  double low = 0, high = 0, magnitude = 0;
  for (int i = 0; i < 128; ++i) {
    for (int j = 0; j < 128; ++j) {
      const float a = 1 + static_cast<float>(i) / 128;
      const float b = 1 + static_cast<float>(j) / 128;
      const double error =
          static_cast<double>(multiply<mbm>(a, b)) / (static_cast<double>(a) * static_cast<double>(b)) - 1;
      magnitude += std::fabs(error) / (128 * 128);
      low = std::min(low, error);
      high = std::max(high, error);
    }
  }
  REQUIRE(high == 0.078125);
  REQUIRE(std::fabs(magnitude - 0.0258) < 0.0003);  // 2.58 %
  REQUIRE(std::fabs(low - (2.078125 / 2.25 - 1)) < 1e-15);

  // The array's error, in units of the last place, for 8 columns of 8 bits: from 0 to −(7 · 2^8 + 1), where all ones meet.
  integer worst = 0;
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const integer got =
          multiply<truncated_array<8>>(static_cast<std::uint8_t>(a), static_cast<std::uint8_t>(b));
      worst = std::max(worst, integer{a} * b - got);
      if (got > a * b) worst = 1 << 20;
    }
  }
  REQUIRE(worst == 7 * 256 + 1);
}

TEST_CASE("each multiplier's mean_relative_error is the mean over uniform operands") {
  check_mean<drum<3>>(1e-5);
  check_mean<drum<6>>(1e-5);
  check_mean<drum<8>>(1e-5);
  check_mean<roba>(1e-5);
  check_mean<mbm>(1e-5);
  check_mean<iterative_mitchell<1>>(1e-5);
  check_mean<iterative_mitchell<2>>(1e-5);
  check_mean<iterative_mitchell<3>>(1e-5);
  check_mean<iterative_mitchell<2, 6>>(1e-5);
  check_mean<iterative_mitchell<2, 4>>(1e-5);
  // In closed form.
  const double third = 1 - std::log(1.5) - 2 * std::log(4.0 / 3);
  REQUIRE(std::fabs(roba::mean_relative_error + third * third) < 1e-12);
  const double ln2 = std::log(2.0);
  REQUIRE(std::fabs(mbm::mean_relative_error -
                    (detail::mitchell_mean_relative_error + 0.078125 * ln2 * ln2)) < 1e-12);
  REQUIRE(std::fabs(iterative_mitchell<1>::mean_relative_error + (1 - ln2) * (1 - ln2)) < 1e-12);
  double second = 0;  // binade after binade of the fraction
  for (int j = 1; j < 60; ++j) {
    const double p = std::ldexp(1.0, -j);
    second += p - (1 + p) * std::log1p(p / (1 + p));
  }
  REQUIRE(std::fabs(iterative_mitchell<2>::mean_relative_error + second * second) < 1e-12);
  for (const double n : {1.0, 2.0, 7.0, 1000.0})
    REQUIRE(std::fabs(detail::log_of_cell(n) - std::log1p(1 / n)) < 1e-15);
}
