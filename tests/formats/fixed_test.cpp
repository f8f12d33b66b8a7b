// Fixed point against exact rationals: everything saturates, ties go to even.
#include <napier/formats/fixed.hpp>

#include <catch2/catch.hpp>
#include <limits>
#include <type_traits>

#include "oracle/bridge.hpp"
#include "oracle/sweep.hpp"

namespace {

using namespace napier;
using oracle::number;

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

static_assert(static_cast<double>(fixed32_16::max()) == 32768 - 0x1p-16 &&
              static_cast<double>(fixed32_16::lowest()) == -32768);
static_assert(static_cast<double>(fixed32_16::from_bits(1)) == 0x1p-16);
static_assert(fixed32_16{1.5}.bits() == 0x18000 && fixed32_16{-1}.bits() == -0x10000);
static_assert(fixed32_16{40000} == fixed32_16::max() && fixed32_16{-40000.0} == fixed32_16::lowest());
static_assert(fixed32_16{inf} == fixed32_16::max() && fixed32_16{-inf} == fixed32_16::lowest() &&
              fixed32_16{nan}.is_zero());
static_assert(fixed32_16{1} / fixed32_16{0} == fixed32_16::max() &&
              fixed32_16{-1} / fixed32_16{0} == fixed32_16::lowest());
static_assert((fixed32_16{0} / fixed32_16{0}).is_zero() && sqrt(fixed32_16{-1}).is_zero());
static_assert(-fixed32_16::lowest() == fixed32_16::max() && abs(fixed32_16::lowest()) == fixed32_16::max());
static_assert(fixed32_16{0x1p-17}.bits() == 0 && fixed32_16{0x3p-17}.bits() == 2 &&
              fixed32_16{-0x3p-17}.bits() == -2);
static_assert(fixed32_16::name() == name("fixed32_16") && std::is_same_v<fixed32_16, fixed<32, 16>>);
static_assert(fixed<5, 2>::from_bits(0x10).bits() == -16 && fixed<5, 2>::from_bits(0x2f).bits() == 15);
static_assert(fixed<64, 0>{std::numeric_limits<std::int64_t>::min()} == (fixed<64, 0>::lowest()));
static_assert(fixed<64, 0>::lowest() - fixed<64, 0>{1} == (fixed<64, 0>::lowest()));
static_assert(fixed<64, 63>::lowest() * fixed<64, 63>::lowest() == (fixed<64, 63>::max()));
static_assert(static_cast<double>(fixed<64, 64>::lowest()) == -0.5);
static_assert(fixed<64, 64>{0.5} == (fixed<64, 64>::max()) && fixed<2, 0>::max().bits() == 1);
static_assert(sizeof(fixed<8, 4>) == 1 && sizeof(fixed<9, 4>) == 2 && sizeof(fixed<33, 4>) == 8);
static_assert(fixed32_16{-1} < fixed32_16{1} && fixed32_16{1} == fixed32_16{1.0f});
static_assert(!std::is_convertible_v<double, fixed32_16> && !std::is_convertible_v<fixed32_16, double>);

template <class F>
number value(std::int64_t code) {
  return number(code).scaled(-F::fraction_bits);
}

template <class F>
std::int64_t rounded(const number& x) {
  return oracle::fixed_round(F::width, F::fraction_bits, x);
}

template <class F>
void check_pair(sweep& s, std::int64_t a, std::int64_t b) {
  const F x = F::from_bits(a);
  const F y = F::from_bits(b);
  const number p = value<F>(a);
  const number q = value<F>(b);
  const auto expect = [&](int what, F got, std::int64_t expected) {
    s.check(got.bits() == expected,
            [&] { return text(F::width, F::fraction_bits, what, a, b, std::int64_t{got.bits()}, expected); });
  };
  expect(0, x + y, rounded<F>(p + q));
  expect(1, x - y, rounded<F>(p - q));
  expect(2, x * y, rounded<F>(p * q));
  const std::int64_t by_zero = a == 0  ? 0
                               : a > 0 ? std::int64_t{F::max().bits()}
                                       : std::int64_t{F::lowest().bits()};
  expect(3, x / y, b == 0 ? by_zero : rounded<F>(p / q));
  expect(4, fma(x, y, x), rounded<F>(p * q + p));
  s.check((x <=> y) == (p <=> q) && (x == y) == (p == q), [&] { return text(a, b); });
}

template <class F>
void check_code(sweep& s, std::int64_t a) {
  const F x = F::from_bits(a);
  const number p = value<F>(a);
  const bool right = x.bits() == a && oracle::value_of(decode(x)) == p && round_to<F>(decode(x)) == x &&
                     (-x).bits() == rounded<F>(-p) && abs(x).bits() == rounded<F>(p.magnitude()) &&
                     sqrt(x).bits() == (a < 0 ? 0 : oracle::fixed_sqrt(F::width, F::fraction_bits, a));
  s.check(right, [&] { return text(F::width, F::fraction_bits, a, std::int64_t{sqrt(x).bits()}); });
}

template <class F>
std::uint64_t all_pairs(sweep& s) {
  const std::int64_t half = std::int64_t{1} << (F::width - 1);
  for (std::int64_t a = -half; a < half; ++a) {
    for (std::int64_t b = -half; b < half; ++b) check_pair<F>(s, a, b);
    check_code<F>(s, a);
  }
  const auto codes = static_cast<std::uint64_t>(2 * half);
  return codes * codes * 6 + codes;
}

template <class F>
void samples(int count) {
  random_bits next(31);
  sweep s;
  for (int i = 0; i < count; ++i) {
    std::int64_t a = F::from_bits(static_cast<std::int64_t>(next.runs())).bits();
    const std::int64_t b = F::from_bits(static_cast<std::int64_t>(next.runs())).bits();
    if (i % 8 == 0) a = F::lowest().bits();
    if (i % 8 == 1) a = F::max().bits();
    check_pair<F>(s, a, b);
    check_code<F>(s, a);
    // Any double near the range.
    const double x =
        std::ldexp(static_cast<double>(static_cast<std::int64_t>(next.runs())), -next.below(100));
    const F got{x};
    s.check(got.bits() == rounded<F>(number::from_double(x)),
            [&] { return text(x, std::int64_t{got.bits()}); });
    // To double and to an integer.
    const bool converts =
        static_cast<double>(F::from_bits(b)) == value<F>(b).approximate() &&
        static_cast<int>(F::from_bits(b)) == static_cast<int>(oracle::integer_round(32, true, value<F>(b)));
    s.check(converts, [&] { return text(b); });
  }
  INFO(F::name().c_str());
  REQUIRE(s.report() == passed(9 * static_cast<std::uint64_t>(count)));
  report_pairs(5 * static_cast<std::uint64_t>(count));
}

}  // namespace

TEST_CASE("all pairs of small fixed-point formats") {
  sweep s;
  std::uint64_t expected = all_pairs<fixed<2, 0>>(s) + all_pairs<fixed<3, 1>>(s) + all_pairs<fixed<5, 5>>(s);
  expected += all_pairs<fixed<4, 9>>(s) + all_pairs<fixed<6, 3>>(s);
  expected += all_pairs<fixed<8, 0>>(s) + all_pairs<fixed<8, 4>>(s) + all_pairs<fixed<8, 7>>(s) +
              all_pairs<fixed<8, 8>>(s);
  REQUIRE(s.report() == passed(expected));
  // + − × ÷ and comparison of each pair
  report_pairs(5 * (16 + 64 + 1024 + 256 + 4096 + 4 * 65536));
}

TEST_CASE("samples and extremes of wide fixed-point formats") {
  samples<fixed<16, 8>>(3000);
  samples<fixed32_16>(3000);
  samples<fixed<33, 20>>(2000);
  samples<fixed<63, 1>>(2000);
  samples<fixed<64, 0>>(3000);
  samples<fixed<64, 32>>(3000);
  samples<fixed<64, 63>>(3000);
  samples<fixed<64, 64>>(3000);
}
