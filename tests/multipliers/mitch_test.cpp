#include <napier/multipliers/mitch.hpp>

#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>
#include <napier/multipliers/exact.hpp>
#include <napier/multipliers/mitchell.hpp>
#include <napier/multipliers/plam.hpp>

#include "oracle/bridge.hpp"
#include "oracle/sweep.hpp"

namespace {

using namespace napier;
using oracle::circuit;
using oracle::number;
using oracle::value_of;

static_assert(mitch<6>::name() == name("mitch6") && mitch<6, unbiased>::name() == name("mitch6u"));
static_assert(mitch<6, ones_complement>::name() == name("mitch6-c1"));
static_assert(mitch<12, ones_complement, unbiased>::name() == name("mitch12u-c1"));
static_assert(std::is_same_v<mitch<6, sign_magnitude>::signs, mitch<6>::signs> &&
              mitch<6, truncated>::name() == mitch<6>::name());
static_assert(!mitch<6>::is_exact && Multiplier<mitch<6>, float> && Multiplier<mitch<6>, posit8> &&
              !Multiplier<mitch<6>, double>);

// mitch6 keeps 1.FFFFF, unbiased 1.FFFF1.
static_assert(multiply<mitch<6>>(0x1.08p0f, 1.0f) == 0x1.08p0f &&
              multiply<mitch<6>>(0x1.07fffep0f, 1.0f) == 1.0f);
static_assert(multiply<mitch<6, unbiased>>(1.0f, 1.0f) == 0x1.1p0f);
static_assert(multiply<mitch<6, unbiased>>(0x1.1ffffep0f, 0x1.2p0f) == 0x1.4p0f);
static_assert(multiply<mitch<1>>(1.99f, -1.99f) == -1.0f && multiply<mitch<2>>(1.75f, 1.75f) == 2.0f);
static_assert(multiply<mitch<2, unbiased>>(1.0f, 1.9f) == 2.0f);

// Exact signed zero, NaN, range: as in Mitchell's.
static_assert(mitch<6, unbiased>{}.multiply(0.0f, -1.0f) == unpacked::zero(true));
static_assert(mitch<6>{}.multiply(0x1p-127f, 0x1p127f) == unpacked::zero());
static_assert(mitch<6>{}.multiply(std::numeric_limits<float>::infinity(), 0.0f) == unpacked::nan());
static_assert(mitch<6>{}.multiply(0x1p64f, 0x1p64f) == unpacked::infinity());

// The C1 circuit: −1 acts as 1; a negative result leaves as the complement.
using c1 = mitch<6, ones_complement>;
static_assert(multiply<c1>(std::int8_t{-1}, std::int8_t{4}) == ~4 &&
              multiply<c1>(std::int8_t{-2}, std::int8_t{4}) == ~4);
static_assert(multiply<c1>(std::int8_t{-1}, std::int8_t{-1}) == 1 &&
              multiply<c1>(std::int8_t{-5}, std::int8_t{-5}) == 16);
static_assert(multiply<c1>(std::int8_t{0}, std::int8_t{-7}) == 0 &&
              multiply<c1>(std::int8_t{-128}, std::int8_t{1}) == ~126);

template <class M>
constexpr circuit circuit_of = {};
template <int w, class... Options>
constexpr circuit circuit_of<mitch<w, Options...>> = {w, mitch<w, Options...>::is_unbiased};

template <class M>
constexpr bool complements = false;
template <int w, class... Options>
constexpr bool complements<mitch<w, Options...>> = mitch<w, Options...>::signs::complements;

// ---- Integers -------------------------------------------------------------------------------------------

template <class M, class T>
void check_integers(sweep& s, T a, T b) {
  const auto got = multiply<M>(a, b);
  const auto as_number = [](auto x) {
    return number::dyadic(x < 0, 0, x < 0 ? 0 - static_cast<std::uint64_t>(x) : static_cast<std::uint64_t>(x),
                          0);
  };
  const number expected =
      oracle::integer_log_product(circuit_of<M>, complements<M>, as_number(a), as_number(b));
  // One product leaves 2N bits and saturates: -2^(N-1) squared in the circuit that sets the highest fraction bit.
  constexpr int bits = 2 * format_traits<T>::width;
  const bool fits = as_number(got) == expected || expected == number::power_of_two(bits - 1);
  const bool right =
      fits && static_cast<std::uint64_t>(got) == oracle::integer_round(bits, std::is_signed_v<T>, expected) &&
      value_of(M{}.multiply(a, b)) == expected;
  s.check(right, [&] {
    return std::string(M::name().c_str()) + " " +
           text(+a, +b, got, value_of(M{}.multiply(a, b)).approximate(), expected.approximate());
  });
}

template <class M, class T>
void all_pairs_of_8_bits(sweep& s) {
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) check_integers<M>(s, static_cast<T>(a), static_cast<T>(b));
  }
}

template <class M>
void both_signednesses(sweep& s) {
  all_pairs_of_8_bits<M, std::int8_t>(s);
  all_pairs_of_8_bits<M, std::uint8_t>(s);
}

template <class M>
void sampled_integers(sweep& s, int count) {
  random_bits next(51);
  for (int i = 0; i < count; ++i) {
    const std::uint64_t a = next.runs() >> next.below(64);
    const std::uint64_t b = next.runs() >> next.below(64);
    check_integers<M>(s, static_cast<std::int16_t>(a), static_cast<std::int16_t>(b));
    check_integers<M>(s, static_cast<std::uint16_t>(a), static_cast<std::uint16_t>(b));
    check_integers<M>(s, static_cast<std::int32_t>(a), static_cast<std::int32_t>(b));
    check_integers<M>(s, static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(b));
  }
}

template <class M, int width, int fraction>
void sampled_fixed(sweep& s, int count) {
  using F = fixed<width, fraction>;
  random_bits next(52);
  for (int i = 0; i < count; ++i) {
    const F a = F::from_bits(static_cast<std::int64_t>(next.runs() >> next.below(64)));
    const F b = F::from_bits(static_cast<std::int64_t>(next.runs() >> next.below(64)));
    // The circuit works on the codes; the product's code has twice the fraction bits.
    const number code = oracle::integer_log_product(circuit_of<M>, complements<M>, a.bits(), b.bits());
    const number expected = code.scaled(-2 * fraction);
    const bool right = value_of(M{}.multiply(a, b)) == expected &&
                       multiply<M>(a, b).bits() == oracle::fixed_round(width, fraction, expected);
    s.check(right, [&] { return text(std::int64_t{a.bits()}, std::int64_t{b.bits()}); });
  }
}

// ---- Floats ---------------------------------------------------------------------------------------------

template <class M>
void check_floats(sweep& s, int count) {
  random_bits next(53);
  for (int i = 0; i < count; ++i) {
    const auto bits_a = static_cast<std::uint32_t>((next() & 0x87ffffff) | 0x38000000);
    const auto bits_b = static_cast<std::uint32_t>((next.runs() & 0x87ffffff) | 0x38000000);
    const float a = std::bit_cast<float>(bits_a);
    const float b = std::bit_cast<float>(bits_b);
    const unpacked got = M{}.multiply(a, b);
    const number expected =
        oracle::log_product(circuit_of<M>, number::from_double(a), number::from_double(b));
    s.check(got == oracle::unpacked_of(expected),
            [&] { return std::string(M::name().c_str()) + " " + text(a, b, got.significand); });

    // The ignored bits are ignored: the product of the cut bit patterns is Mitchell's.
    if constexpr (M::is_unbiased == false) {
      constexpr int w = circuit_of<M>.w;
      constexpr std::uint32_t kept = w >= 24 ? ~0u : ~0u << (24 - w);
      const unpacked cut =
          mitchell{}.multiply(std::bit_cast<float>(bits_a & kept), std::bit_cast<float>(bits_b & kept));
      s.check(got == cut, [&] { return text(bits_a, bits_b); });
    } else if constexpr (circuit_of<M>.w <= 24) {
      constexpr int w = circuit_of<M>.w;
      constexpr std::uint32_t last = 1u << (24 - w);
      // For w = 2 no fraction bit is kept and the constant is the highest one.
      const auto set = [](std::uint32_t bits) {
        return std::bit_cast<float>((bits & ~(2 * last - 1)) | last);
      };
      s.check(got == mitchell{}.multiply(set(bits_a), set(bits_b)), [&] { return text(bits_a, bits_b); });
    }
  }
}

template <class M, class F>
void all_pairs_of_posits(sweep& s) {
  for (std::uint64_t a = 0; a < 256; ++a) {
    for (std::uint64_t b = 0; b < 256; ++b) {
      const F x = F::from_bits(a);
      const F y = F::from_bits(b);
      const unpacked got = M{}.multiply(x, y);
      const oracle::posit_format f{8, F::exponent_bits};
      const bool nar = x.is_nar() || y.is_nar();
      const number expected =
          nar ? number()
              : oracle::log_product(circuit_of<M>, oracle::posit_value(f, a), oracle::posit_value(f, b));
      const bool exact_zero = expected.sign() == 0 && got.is_zero();  // of either sign: posits have one zero
      const bool right = nar ? got.is_nan() : exact_zero || got == oracle::unpacked_of(expected);
      s.check(right, [&] { return text(a, b, got.significand); });
    }
  }
}

// ---- Errors ---------------------------------------------------------------------------------------------

struct spread {
  double mean, low, high;
};

// Exactly: operands in cells on which the circuit's product is constant, (N + i) / N and N cells a binade; the true
// product's corners give the extremes (as limits), the integral of 1/x the mean.
spread errors(int cells, double offset) {
  const int n = cells;
  std::vector<double> log_cell;
  for (int i = 0; i < n; ++i) log_cell.push_back(std::log1p(1.0 / (n + i)));
  spread result{0, 1, -1};
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      const double s = (i + j + 2 * offset) / n;
      const double product = s < 1 ? 1 + s : 2 * s;
      const auto i1 = static_cast<double>(n + i) / n, j1 = static_cast<double>(n + j) / n;
      result.mean += product * log_cell[static_cast<std::size_t>(i)] * log_cell[static_cast<std::size_t>(j)];
      result.high = std::max(result.high, product / (i1 * j1) - 1);
      result.low = std::min(result.low, product / ((i1 + 1.0 / n) * (j1 + 1.0 / n)) - 1);
    }
  }
  result.mean -= 1;
  return result;
}

// The mean alone, in O(n): with y past the line x + y = 1 the product is 2 (x + y).
long double mean_error(long n, long double offset) {
  std::vector<long double> first{0}, moment{0};  // of L(j), j L(j), j < index
  for (long j = 0; j < n; ++j) {
    const long double l = std::log1p(1.0L / static_cast<long double>(n + j));
    first.push_back(first.back() + l);
    moment.push_back(moment.back() + static_cast<long double>(j) * l);
  }
  const auto size = static_cast<std::size_t>(n);
  const auto count = static_cast<long double>(n);
  long double sum = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t edge = offset == 0 ? size - i : size - i - 1;  // below it (i + j + 2 offset) / n < 1
    const long double x = static_cast<long double>(i) + 2 * offset;
    const long double below = first[edge] * (1 + x / count) + moment[edge] / count;
    const long double above = 2 * ((first[size] - first[edge]) * x + moment[size] - moment[edge]) / count;
    sum += (first[i + 1] - first[i]) * (below + above);
  }
  return sum - 1;
}

template <int... offsets>
std::vector<double> truncated_constants(std::integer_sequence<int, offsets...>) {
  return {mitch<1 + offsets>::mean_relative_error...};
}
template <int... offsets>
std::vector<double> unbiased_constants(std::integer_sequence<int, offsets...>) {
  return {mitch<2 + offsets, unbiased>::mean_relative_error...};
}

}  // namespace

TEST_CASE("8-bit integers: all pairs, both kinds of signs, several w") {
  sweep s;
  both_signednesses<mitch<1>>(s);
  both_signednesses<mitch<6>>(s);
  both_signednesses<mitch<8>>(s);
  both_signednesses<mitch<2, unbiased>>(s);
  both_signednesses<mitch<6, unbiased>>(s);
  both_signednesses<mitch<32, unbiased>>(s);
  both_signednesses<mitchell>(s);
  both_signednesses<mitch<3, ones_complement>>(s);
  both_signednesses<mitch<6, ones_complement>>(s);
  both_signednesses<mitch<6, ones_complement, unbiased>>(s);
  REQUIRE(s.report() == passed(10 * 2 * 65536));
}

TEST_CASE("16- and 32-bit integers and fixed point, sampled") {
  sweep s;
  sampled_integers<mitch<4>>(s, 1000);
  sampled_integers<mitch<6>>(s, 1000);
  sampled_integers<mitch<16>>(s, 1000);
  sampled_integers<mitch<32>>(s, 1000);
  sampled_integers<mitch<6, unbiased>>(s, 1000);
  sampled_integers<mitch<31, unbiased>>(s, 1000);
  sampled_integers<mitch<6, ones_complement>>(s, 1000);
  sampled_integers<mitch<10, unbiased, ones_complement>>(s, 1000);
  sampled_integers<mitchell>(s, 1000);
  REQUIRE(s.report() == passed(9 * 4000));

  sweep f;
  sampled_fixed<mitch<6>, 32, 16>(f, 2000);
  sampled_fixed<mitch<6, unbiased>, 32, 16>(f, 2000);
  sampled_fixed<mitch<6, ones_complement>, 32, 16>(f, 2000);
  sampled_fixed<mitchell, 16, 8>(f, 2000);
  sampled_fixed<mitch<5>, 8, 8>(f, 2000);
  REQUIRE(f.report() == passed(10000));
}

TEST_CASE("floats and posits: the cut significands' product, bit for bit") {
  sweep s;
  check_floats<mitch<1>>(s, 1000);
  check_floats<mitch<4>>(s, 1000);
  check_floats<mitch<6>>(s, 1000);
  check_floats<mitch<8>>(s, 1000);
  check_floats<mitch<24>>(s, 1000);
  check_floats<mitch<32>>(s, 1000);
  check_floats<mitch<2, unbiased>>(s, 1000);
  check_floats<mitch<6, unbiased>>(s, 1000);
  check_floats<mitch<12, unbiased>>(s, 1000);
  check_floats<mitch<24, unbiased>>(s, 1000);
  check_floats<mitch<25, unbiased>>(s, 1000);
  check_floats<mitch<32, unbiased>>(s, 1000);
  REQUIRE(s.report() == passed(10 * 2000 + 2 * 1000));

  sweep p;
  all_pairs_of_posits<mitch<4>, posit<8, 0>>(p);
  all_pairs_of_posits<mitch<4, unbiased>, posit<8, 1>>(p);
  all_pairs_of_posits<mitch<6>, posit<8, 2>>(p);
  REQUIRE(p.report() == passed(3 * 65536));
}

TEST_CASE("mitch<6>: mean -5.9 %, worst -14.7 %; unbiased: mean -3.85 %, from -14.7 % to +6.2 %") {
  const auto near = [](double x, double percent, double tolerance) {
    return std::fabs(100 * x - percent) < tolerance;
  };
  const spread biased = errors(32, 0);
  REQUIRE(near(biased.mean, -5.9, 0.05));
  REQUIRE(near(biased.low, -14.7, 0.05));
  REQUIRE(biased.high == 0);
  const spread middle = errors(16, 0.5);
  REQUIRE(near(middle.mean, -3.85, 0.005));
  REQUIRE(near(middle.low, -14.7, 0.05));
  REQUIRE(near(middle.high, 6.2, 0.06));  // 6.25 = (1 + 1/16) − 1, at powers of two
  for (int w = 5; w <= 14; ++w) REQUIRE(near(errors(1 << (w - 2), 0.5).mean, -3.85, 0.005));
}

TEST_CASE("the library's products attain these errors and do not pass them") {
  // At the corners of the cells: the first and the last float of each.
  const auto measured = [](auto multiplier, int cells) {
    spread result{0, 1, -1};
    const std::uint32_t step = 0x800000u / static_cast<std::uint32_t>(cells);
    for (std::uint32_t i = 0; i < 0x800000; i += step) {
      for (std::uint32_t j = 0; j < 0x800000; j += step) {
        for (const std::uint32_t last : {0u, step - 1}) {
          const float a = std::bit_cast<float>(0x3f800000 | (i + last));
          const float b = std::bit_cast<float>(0x3f800000 | (j + last));
          const double error = static_cast<double>(round_to<float>(multiplier.multiply(a, b))) /
                                   (static_cast<double>(a) * static_cast<double>(b)) -
                               1;
          result.low = std::min(result.low, error);
          result.high = std::max(result.high, error);
        }
      }
    }
    return result;
  };
  const spread got = measured(mitch<6>{}, 32);
  const spread expected = errors(32, 0);
  REQUIRE((got.low >= expected.low && got.low < expected.low + 1e-6 && got.high == 0));
  const spread got_unbiased = measured(mitch<6, unbiased>{}, 16);
  const spread expected_unbiased = errors(16, 0.5);
  REQUIRE((got_unbiased.low >= expected_unbiased.low && got_unbiased.low < expected_unbiased.low + 1e-6));
  REQUIRE(got_unbiased.high == expected_unbiased.high);
}

TEST_CASE("each multiplier's mean_relative_error is the mean over uniform operands") {
  // The O(n) sum is the plain double sum.
  for (int w = 1; w <= 10; ++w) {
    REQUIRE(std::fabs(static_cast<double>(mean_error(1L << (w - 1), 0)) - errors(1 << (w - 1), 0).mean) <
            1e-12);
    REQUIRE(std::fabs(static_cast<double>(mean_error(1L << (w - 1), 0.5L)) - errors(1 << (w - 1), 0.5).mean) <
            1e-12);
  }
  const auto constants = truncated_constants(std::make_integer_sequence<int, 32>{});
  const auto unbiased_ones = unbiased_constants(std::make_integer_sequence<int, 31>{});
  // Up to w = 18 by summing; above by extrapolation in h = 1 / n: c0 + c1 h + c2 h².
  const auto at = [](int w, long double offset) { return mean_error(1L << w, offset); };
  const auto extrapolated = [&](int w, long double offset) {
    const long double e0 = at(15, offset), e1 = at(16, offset), e2 = at(17, offset);
    const long double h = std::ldexp(1.0L, -17);  // of e2
    const long double c2 = (e0 - 3 * e1 + 2 * e2) / (6 * h * h);
    const long double c1 = (e1 - e2) / h - 3 * c2 * h;
    const long double c0 = e2 - c1 * h - c2 * h * h;
    const long double x = std::ldexp(1.0L, -w);
    return c0 + c1 * x + c2 * x * x;
  };
  sweep s;
  for (int w = 1; w <= 32; ++w) {
    const auto expected = static_cast<double>(w <= 18 ? at(w - 1, 0) : extrapolated(w - 1, 0));
    const double got = constants[static_cast<std::size_t>(w - 1)];
    s.check(std::fabs(got - expected) < 1e-9, [&] {
      return std::to_string(w) + ": " + std::to_string(got * 1e9) + " " + std::to_string(expected * 1e9);
    });
  }
  for (int w = 2; w <= 32; ++w) {
    const auto expected = static_cast<double>(w <= 18 ? at(w - 2, 0.5L) : extrapolated(w - 2, 0.5L));
    const double got = unbiased_ones[static_cast<std::size_t>(w - 2)];
    s.check(std::fabs(got - expected) < 1e-9, [&] {
      return std::to_string(w) + "u: " + std::to_string(got * 1e9) + " " + std::to_string(expected * 1e9);
    });
  }
  REQUIRE(s.report() == passed(63));
}
