#include <napier/formats/posit.hpp>

#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <limits>
#include <type_traits>

#include "oracle/bridge.hpp"
#include "oracle/sweep.hpp"

namespace {

using namespace napier;

// What the head of formats/posit.hpp says.
template <int n, int es>
constexpr bool facts_hold() {
  using P = posit<n, es>;
  using traits = format_traits<P>;
  const int scale = (n - 2) * (1 << es);
  const unpacked maxpos = decode(P::maxpos());
  const unpacked minpos = decode(P::minpos());
  const std::uint64_t one = std::uint64_t{1} << 63;
  return maxpos == unpacked::finite(false, scale, one) && minpos == unpacked::finite(false, -scale, one) &&
         traits::max_exponent == scale && traits::min_exponent == -scale && traits::width == n &&
         traits::kind == format_kind::posit &&
         traits::significand_bits == (n - 3 - es > 0 ? n - 2 - es : 1) && P{}.is_zero() &&
         decode(P{}).is_zero() && P::nar().is_nar() && decode(P::nar()).is_nan() && -P::nar() == P::nar() &&
         -P{} == P{} && P::nar() < -P::maxpos() && P::nar() == P::nar() &&
         P::nar().bits() == std::uint64_t{1} << (n - 1) && P::minpos().bits() == 1 &&
         P{1}.bits() == std::uint64_t{1} << (n - 2) && P{1} + P::nar() == P::nar() &&
         P{1} / P{} == P::nar() && P{} / P{} == P::nar() && sqrt(P{-1}) == P::nar() && sqrt(P{}) == P{} &&
         P::maxpos() + P::maxpos() == P::maxpos() && P::maxpos() * P::maxpos() == P::maxpos() &&
         P::minpos() * P::minpos() == P::minpos() && P::minpos() - P::minpos() == P{} && abs(P{-1}) == P{1} &&
         abs(P::nar()) == P::nar() && round_to<P>(unpacked::infinity()) == P::nar() &&
         round_to<P>(unpacked::infinity(true)) == P::nar() && round_to<P>(unpacked::zero(true)) == P{} &&
         round_to<P>(unpacked::finite(false, 1 << 28, one)) == P::maxpos() &&
         round_to<P>(unpacked::finite(true, -(1 << 28), one)) == -P::minpos();
}

template <int... n>
constexpr bool facts_hold_for_widths() {
  return ((facts_hold<n, 0>() && facts_hold<n, 1>() && facts_hold<n, 2>() && facts_hold<n, 3>() &&
           facts_hold<n, 4>()) &&
          ...);
}
static_assert(
    facts_hold_for_widths<2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 16, 17, 24, 31, 32, 33, 37, 48, 63, 64>());

// significand_bits is the most that any code has.
template <class P>
constexpr int widest_significand() {
  int widest = 0;
  for (std::uint64_t code = 1; code < std::uint64_t{1} << P::width; ++code) {
    const unpacked x = decode(P::from_bits(code));
    if (x.is_finite()) widest = std::max(widest, 64 - std::countr_zero(x.significand));
  }
  return widest;
}
static_assert(widest_significand<posit<2, 0>>() == 1 && widest_significand<posit<5, 4>>() == 1);
static_assert(widest_significand<posit<8, 0>>() == format_traits<posit<8, 0>>::significand_bits);
static_assert(widest_significand<posit<8, 2>>() == format_traits<posit<8, 2>>::significand_bits);
static_assert(widest_significand<posit<7, 4>>() == format_traits<posit<7, 4>>::significand_bits);

static_assert(posit32{10} / posit32{2} == posit32{5});
static_assert(posit64{10} / posit64{2} == posit64{5});
static_assert(posit16{3.25}.bits() == 0x4d00);
static_assert(posit<16, 1>{3.25}.bits() == 0x5a00);
static_assert(posit8{1}.bits() == 0x40 && posit8{-1}.bits() == 0xc0 && posit8::maxpos().bits() == 0x7f);
static_assert(std::is_same_v<posit8, posit<8, 2>> && std::is_same_v<posit16, posit<16, 2>> &&
              std::is_same_v<posit32, posit<32, 2>> && std::is_same_v<posit64, posit<64, 2>>);
static_assert(sizeof(posit8) == 1 && sizeof(posit16) == 2 && sizeof(posit32) == 4 && sizeof(posit64) == 8);
static_assert(sizeof(posit<9, 0>) == 2 && sizeof(posit<17, 0>) == 4 && sizeof(posit<33, 0>) == 8);
static_assert(std::is_trivially_copyable_v<posit32>);
static_assert(format_traits<posit<16, 1>>::name() == name("posit16_1"));

// Nothing that can lose happens by itself.
static_assert(!std::is_convertible_v<double, posit32> && !std::is_convertible_v<int, posit32>);
static_assert(!std::is_convertible_v<posit32, double> && !std::is_convertible_v<posit32, float>);
static_assert(!std::is_convertible_v<posit16, posit32> && std::is_constructible_v<posit16, posit32>);
static_assert(std::is_constructible_v<posit16, float> &&
              std::is_constructible_v<posit16, unsigned long long>);
static_assert(!std::is_constructible_v<posit16, bool> && !std::is_constructible_v<posit16, const char*>);
static_assert(std::is_constructible_v<double, posit16> && std::is_constructible_v<signed char, posit16>);

// from_bits drops what is above the n bits.
static_assert(posit<5, 1>::from_bits(0xffe1) == posit<5, 1>::from_bits(1));
static_assert(posit<37, 4>::from_bits(~std::uint64_t{0}).bits() == (std::uint64_t{1} << 37) - 1);
static_assert(posit64::from_bits(~std::uint64_t{0}).bits() == ~std::uint64_t{0});

// Compound assignments, unary plus.
constexpr posit16 compound() {
  posit16 x{3};
  x += posit16{5};
  x *= posit16{2};
  x -= posit16{1};
  x /= posit16{5};
  return +x;
}
static_assert(compound() == posit16{3});

template <class P>
void codes_round_trip(sweep& s) {
  constexpr oracle::posit_format f{P::width, P::exponent_bits};
  std::uint64_t previous = oracle::posit_nar(f);
  for (std::uint64_t i = 0; i < std::uint64_t{1} << P::width; ++i) {
    // From NaR upwards: the order of the codes as signed integers.
    const std::uint64_t code = (oracle::posit_nar(f) + i) & ((std::uint64_t{1} << P::width) - 1);
    const P x = P::from_bits(code);
    const bool ordered =
        i == 0 || (P::from_bits(previous) < x && x > P::from_bits(previous) && x != P::from_bits(previous));
    previous = code;
    const unpacked value = decode(x);
    const bool right = x.is_nar() ? value.is_nan()
                                  : oracle::value_of(value) == oracle::posit_value(f, code) &&
                                        value.tail == 0 && (value.is_zero() || value.significand >> 63 == 1);
    s.check(x.bits() == code && right && ordered && round_to<P>(value) == x,
            [&] { return text(P::width, P::exponent_bits, code); });
  }
}

template <int n>
std::uint64_t all_exponent_sizes(sweep& s) {
  codes_round_trip<posit<n, 0>>(s);
  codes_round_trip<posit<n, 1>>(s);
  codes_round_trip<posit<n, 2>>(s);
  codes_round_trip<posit<n, 3>>(s);
  codes_round_trip<posit<n, 4>>(s);
  return std::uint64_t{5} << n;
}

}  // namespace

TEST_CASE(
    "all codes of posits of up to 12 bits, and of the 16-bit ones, decode exactly, in order, and come back") {
  sweep s;
  std::uint64_t expected = all_exponent_sizes<2>(s) + all_exponent_sizes<3>(s) + all_exponent_sizes<4>(s) +
                           all_exponent_sizes<5>(s) + all_exponent_sizes<6>(s) + all_exponent_sizes<7>(s) +
                           all_exponent_sizes<8>(s) + all_exponent_sizes<9>(s) + all_exponent_sizes<10>(s) +
                           all_exponent_sizes<11>(s) + all_exponent_sizes<12>(s);
  codes_round_trip<posit<16, 1>>(s);
  codes_round_trip<posit<16, 2>>(s);
  codes_round_trip<posit<15, 0>>(s);
  codes_round_trip<posit<13, 3>>(s);
  codes_round_trip<posit<14, 4>>(s);
  expected += (2u << 16) + (1u << 15) + (1u << 13) + (1u << 14);
  REQUIRE(s.report() == passed(expected));
}

TEST_CASE("the order of posits is the order of their values") {
  using P = posit<6, 1>;
  sweep s;
  for (std::uint64_t a = 0; a < 64; ++a) {
    for (std::uint64_t b = 0; b < 64; ++b) {
      if (P::from_bits(a).is_nar() || P::from_bits(b).is_nar()) continue;
      const auto expected = oracle::posit_value({6, 1}, a) <=> oracle::posit_value({6, 1}, b);
      s.check((P::from_bits(a) <=> P::from_bits(b)) == expected, [&] { return text(a, b); });
    }
  }
  REQUIRE(s.report() == passed(63 * 63));
}
