#include <napier/multipliers/decorators.hpp>

#include <bit>
#include <catch2/catch.hpp>
#include <thread>

#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>
#include <napier/multipliers/exact.hpp>
#include <napier/multipliers/mitch.hpp>
#include <napier/multipliers/plam.hpp>

#include "oracle/sweep.hpp"

namespace {

using namespace napier;

static_assert(rounded<plam, posit8>::name() == name("rounded-plam") &&
              lut<mitch<6>, std::int8_t>::name() == name("lut-mitch6"));
static_assert(counted<plam>::name() == name("plam"));
static_assert(!rounded<exact, float>::is_exact && lut<exact, posit8>::is_exact && counted<exact>::is_exact);
static_assert(rounded<mitch<6>, float>::mean_relative_error == mitch<6>::mean_relative_error);
static_assert(lut<plam, posit8>::mean_relative_error == plam::mean_relative_error);
static_assert(counted<plam>::mean_relative_error == plam::mean_relative_error);
static_assert(Multiplier<rounded<plam, posit8>, posit8> && !Multiplier<rounded<plam, posit8>, float>);
static_assert(Multiplier<lut<exact, posit8>, posit8> && !Multiplier<lut<exact, posit8>, posit16>);
static_assert(sizeof(unpacked) == 24);  // an entry of the table

// One rounding of the product, to any format.
static_assert(rounded<exact, posit8>{}.multiply(posit8{1.125}, posit8{1.125}) == decode(posit8{1.265625}));
static_assert(rounded<exact, bfloat16>{}.multiply(0x1.02p0f, 0x1.02p0f) == decode(bfloat16{0x1.0404p0}));
static_assert(rounded<plam, posit8>{}.multiply(posit8::nar(), posit8{1}).is_nan());
static_assert(decode(multiply<plam>(posit8{1.5}, posit8{1.75})) ==
              rounded<plam, posit8>{}.multiply(posit8{1.5}, posit8{1.75}));

template <class M, class F>
std::uint64_t table_agrees(sweep& s) {
  const int codes = 1 << format_traits<F>::width;
  for (int a = 0; a < codes; ++a) {
    for (int b = 0; b < codes; ++b) {
      const auto x = std::bit_cast<F>(static_cast<std::uint8_t>(a));
      const auto y = std::bit_cast<F>(static_cast<std::uint8_t>(b));
      const bool right = lut<M, F>{}.multiply(x, y) == M{}.multiply(x, y) &&
                         lut<M, F>::table()[static_cast<std::size_t>(a * 256 + b)] == M{}.multiply(x, y);
      s.check(right, [&] { return text(a, b); });
    }
  }
  return static_cast<std::uint64_t>(codes) * static_cast<std::uint64_t>(codes);
}

// Does not commute: a table read the wrong way round shows.
struct left_operand {
  static constexpr bool is_exact = false;
  static constexpr napier::name name() { return "left"; }
  template <Format F>
  constexpr unpacked multiply(F a, F) const {
    return decode(a);
  }
};
template <class M>
concept HasMean = requires {
  M::mean_relative_error;
};
static_assert(HasMean<lut<plam, posit8>> && HasMean<rounded<plam, posit8>> && HasMean<counted<plam>>);
static_assert(!HasMean<lut<left_operand, posit8>> && !HasMean<rounded<left_operand, posit8>>);

}  // namespace

TEST_CASE("lut answers as its multiplier, on all pairs") {
  sweep s;
  std::uint64_t expected = 0;
  expected += table_agrees<mitch<6>, std::int8_t>(s);
  expected += table_agrees<mitch<6, ones_complement>, std::int8_t>(s);
  expected += table_agrees<mitch<6, unbiased>, std::uint8_t>(s);
  expected += table_agrees<exact, posit8>(s);
  expected += table_agrees<plam, posit<6, 1>>(s);
  expected += table_agrees<rounded<plam, posit<8, 0>>, posit<8, 0>>(s);
  expected += table_agrees<mitch<4>, float8_e4m3fn>(s);
  expected += table_agrees<exact, float8_e5m2>(s);
  expected += table_agrees<mitch<6>, fixed<8, 4>>(s);
  expected += table_agrees<left_operand, posit8>(s);
  expected += table_agrees<left_operand, posit<5, 0>>(s);
  REQUIRE(s.report() == passed(expected));
}

TEST_CASE("lut of a fixed-point format of fewer than 8 bits: codes are sign-extended") {
  using small = fixed<6, 2>;
  int cases = 0;
  int wrong = 0;
  for (int a = -32; a < 32; ++a) {
    for (int b = -32; b < 32; ++b) {
      const small x = small::from_bits(a);
      const small y = small::from_bits(b);
      ++cases;
      wrong += lut<exact, small>{}.multiply(x, y) == exact{}.multiply(x, y) ? 0 : 1;
      wrong += lut<left_operand, small>{}.multiply(x, y) == decode(x) ? 0 : 1;
      wrong += lut<mitch<3>, small>{}.multiply(x, y) == mitch<3>{}.multiply(x, y) ? 0 : 1;
    }
  }
  REQUIRE(cases == 64 * 64);
  REQUIRE(wrong == 0);
}

TEST_CASE("rounded is the multiplier's product rounded once, on all pairs") {
  sweep s;
  for (std::uint64_t a = 0; a < 256; ++a) {
    for (std::uint64_t b = 0; b < 256; ++b) {
      const auto x = posit<8, 1>::from_bits(a);
      const auto y = posit<8, 1>::from_bits(b);
      const unpacked got = rounded<plam, posit<8, 1>>{}.multiply(x, y);
      const unpacked wider = rounded<plam, posit<5, 1>>{}.multiply(x, y);
      s.check(got == decode(multiply<plam>(x, y)) &&
                  wider == decode(round_to<posit<5, 1>>(plam{}.multiply(x, y))),
              [&] { return text(a, b); });
    }
  }
  REQUIRE(s.report() == passed(65536));
}

TEST_CASE("counted counts over all threads and changes nothing") {
  using counting = counted<mitch<6>>;
  counting::reset();
  REQUIRE(counting::count() == 0);
  REQUIRE(counting{}.multiply(1.3f, 2.7f) == mitch<6>{}.multiply(1.3f, 2.7f));
  REQUIRE(counting::count() == 1);
  const auto work = [] {
    for (int i = 0; i < 1000; ++i) counting{}.multiply(1.0f, 2.0f);
  };
  std::thread first(work), second(work);
  first.join();
  second.join();
  REQUIRE(counting::count() == 2001);
  REQUIRE(counted<exact>::count() == 0);
  counting::reset();
  REQUIRE(counting::count() == 0);
}
