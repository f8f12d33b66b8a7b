// round_to<float>, <double> and <integer> against exact rationals and the hardware's casts.
#include <napier/formats/native.hpp>

#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <string>
#include <type_traits>

#include <napier/formats/posit.hpp>

#include "oracle/bridge.hpp"
#include "oracle/sweep.hpp"

namespace {

using namespace napier;
using oracle::number;

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

static_assert(decode(1.0f) == unpacked::finite(false, 0, std::uint64_t{1} << 63) &&
              decode(1.0f) == decode(1));
static_assert(decode(-0.0) == unpacked::zero(true) && decode(0) == unpacked::zero() &&
              decode(inf) == unpacked::infinity());
static_assert(decode(nan) == unpacked::nan() && decode(-nan) == unpacked::nan());
static_assert(format_traits<float>::name() == name("float32") &&
              format_traits<double>::name() == name("float64"));
static_assert(format_traits<std::int8_t>::name() == name("int8") &&
              format_traits<std::uint16_t>::name() == name("uint16"));
static_assert(format_traits<float>::significand_bits == 24 && format_traits<double>::significand_bits == 53);
static_assert(format_traits<float>::min_exponent == -149 && format_traits<float>::max_exponent == 127);
static_assert(format_traits<double>::min_exponent == -1074 && format_traits<double>::max_exponent == 1023);
static_assert(!Format<bool> && Format<int> && Format<unsigned char> && Format<float> && Format<double> &&
              !Format<void*> && !Format<std::string>);

static_assert(round_to<int>(decode(2.5)) == 2 && round_to<int>(decode(3.5)) == 4 &&
              round_to<int>(decode(-2.5)) == -2);
static_assert(round_to<int>(decode(0.5)) == 0 && round_to<int>(decode(0.50001)) == 1 &&
              round_to<int>(decode(-1.5)) == -2);
static_assert(round_to<std::uint8_t>(decode(255.5)) == 255 && round_to<std::uint8_t>(decode(-7)) == 0);
static_assert(round_to<std::int8_t>(decode(127.4)) == 127 && round_to<std::int8_t>(decode(-128.5)) == -128);
static_assert(round_to<std::int8_t>(decode(300)) == 127 && round_to<std::int8_t>(decode(-300)) == -128);
static_assert(round_to<int>(decode(nan)) == std::numeric_limits<int>::min() &&
              round_to<unsigned>(decode(nan)) == 0);
static_assert(round_to<int>(decode(inf)) == std::numeric_limits<int>::max() &&
              round_to<unsigned>(decode(-inf)) == 0);
static_assert(round_to<int>(decode(-inf)) == std::numeric_limits<int>::min());
static_assert(round_to<std::int64_t>(decode(0x1p63)) == std::numeric_limits<std::int64_t>::max());
static_assert(round_to<std::int64_t>(decode(-0x1p63)) == std::numeric_limits<std::int64_t>::min());
static_assert(round_to<std::uint64_t>(decode(0x1p64)) == std::numeric_limits<std::uint64_t>::max());
static_assert(round_to<std::uint64_t>(decode(~std::uint64_t{0})) == ~std::uint64_t{0});
// 2^64 − 1/2 rounds up out of 64 bits.
static_assert(round_to<std::int64_t>(unpacked::finite(true, 63, ~std::uint64_t{0}, std::uint64_t{1} << 63)) ==
              std::numeric_limits<std::int64_t>::min());
static_assert(round_to<std::int8_t>(unpacked::finite(false, 63, ~std::uint64_t{0}, std::uint64_t{1} << 63)) ==
              127);
static_assert(round_to<std::uint64_t>(unpacked::finite(false, 63, ~std::uint64_t{0},
                                                       std::uint64_t{1} << 63)) == ~std::uint64_t{0});
static_assert(round_to<std::int64_t>(unpacked::finite(true, 63, std::uint64_t{1} << 63,
                                                      std::uint64_t{1} << 63)) ==
              std::numeric_limits<std::int64_t>::min());

// Exponents far out of every range.
constexpr unpacked huge = unpacked::finite(true, 1 << 28, std::uint64_t{1} << 63);
constexpr unpacked tiny = unpacked::finite(true, -(1 << 28), ~std::uint64_t{0}, 1);
static_assert(decode(round_to<float>(huge)) == unpacked::infinity(true) &&
              decode(round_to<double>(huge)) == unpacked::infinity(true));
static_assert(decode(round_to<float>(tiny)) == unpacked::zero(true) &&
              decode(round_to<double>(tiny)) == unpacked::zero(true));
static_assert(round_to<std::int8_t>(huge) == -128 && round_to<std::int64_t>(tiny) == 0 &&
              round_to<std::uint64_t>(-huge) == ~std::uint64_t{0});

template <class T>
constexpr oracle::float_format format_of = sizeof(T) == 4 ? oracle::float32 : oracle::float64;
template <class T>
using code_of = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;

// decode is exact and encode gives the code back, except that a NaN becomes the quiet positive one.
template <class T>
void check_code(sweep& s, code_of<T> bits) {
  const unpacked value = decode(std::bit_cast<T>(bits));
  const auto back = std::bit_cast<code_of<T>>(round_to<T>(value));
  const auto kind = oracle::float_classify(format_of<T>, bits);
  bool right = back == bits;
  if (kind == oracle::float_class::nan) {
    right = value.is_nan() && back == oracle::float_nan(format_of<T>);
  } else if (kind == oracle::float_class::infinity) {
    right = right && value == unpacked::infinity(oracle::float_negative(format_of<T>, bits));
  } else {
    right = right && oracle::value_of(value) == oracle::float_value(format_of<T>, bits) && value.tail == 0;
  }
  s.check(right, [&] { return text(bits, back); });
}

template <class T>
void check_rounding(sweep& s, const unpacked& x) {
  const auto got = std::bit_cast<code_of<T>>(round_to<T>(x));
  const auto expected = oracle::float_round(format_of<T>, oracle::value_of(x));
  s.check(got == expected,
          [&] { return text(x.negative, x.exponent, x.significand, x.tail, got, expected); });
}

template <class T>
void check_integer(sweep& s, const unpacked& x) {
  constexpr int bits = std::numeric_limits<T>::digits + (std::is_signed_v<T> ? 1 : 0);
  const T got = round_to<T>(x);
  const T expected = static_cast<T>(oracle::integer_round(bits, std::is_signed_v<T>, oracle::value_of(x)));
  s.check(got == expected,
          [&] { return text(bits, x.negative, x.exponent, x.significand, x.tail, got, expected); });
}

}  // namespace

TEST_CASE("float and double codes decode exactly and come back") {
  random_bits next(21);
  sweep s;
  for (std::uint32_t upper = 0; upper < 65536; ++upper) {
    check_code<float>(s, upper << 16);
    check_code<float>(s, upper << 16 | static_cast<std::uint32_t>(next() >> 48));
    check_code<double>(s, std::uint64_t{upper} << 48);
    check_code<double>(s, std::uint64_t{upper} << 48 | next() >> 16);
  }
  REQUIRE(s.report() == passed(4 * 65536));
}

TEST_CASE("double to float equals the hardware's cast") {
  random_bits next(22);
  sweep s;
  for (int i = 0; i < 200000; ++i) {
    std::uint64_t bits = next();
    if (i % 2 == 0) {  // the range of float, ties and near ties
      const auto base = std::bit_cast<std::uint64_t>(
          static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(next()))));
      bits = base + (std::uint64_t{1} << 28) + static_cast<std::uint64_t>(next.below(3) - 1);
      if (i % 4 == 0) bits = base ^ (next() >> (1 + next.below(40)) & 0x3fffffffffffffff);
    }
    const double x = std::bit_cast<double>(bits);
    if (std::isnan(x)) continue;
    const auto got = std::bit_cast<std::uint32_t>(round_to<float>(decode(x)));
    s.check(got == std::bit_cast<std::uint32_t>(static_cast<float>(x)), [&] { return text(x, got); });
  }
  REQUIRE(s.cases() > 195000);
  REQUIRE(s.report() == passed(s.cases()));
}

TEST_CASE("any unpacked value rounds to float and double as the exact rational: subnormals, ties, overflow") {
  random_bits next(23);
  sweep s;
  for (int i = 0; i < 30000; ++i) {
    const bool negative = next.below(2) == 1;
    std::uint64_t significand = next.runs() | std::uint64_t{1} << 63;
    std::uint64_t tail = next.below(2) == 0 ? 0 : next.runs();
    const bool is_float = i % 2 == 0;
    const int anchors[] = {is_float ? -126 : -1022, is_float ? -149 : -1074, is_float ? 127 : 1023, 0};
    const int exponent = anchors[next.below(4)] + next.below(61) - 30;
    if (i % 3 == 0) {  // a tie, or just beside it
      const int kept = 1 + next.below(is_float ? 24 : 53);
      significand = (significand & ~std::uint64_t{0} << (64 - kept)) | std::uint64_t{1} << (63 - kept);
      tail = static_cast<std::uint64_t>(next.below(2));
      if (next.below(3) == 0) {
        --significand;
        tail = ~std::uint64_t{0};
      }
      significand |= std::uint64_t{1} << 63;
    }
    const unpacked x = unpacked::finite(negative, exponent, significand, tail);
    if (is_float) {
      check_rounding<float>(s, x);
    } else {
      check_rounding<double>(s, x);
    }
  }
  REQUIRE(s.report() == passed(30000));
}

TEST_CASE("integers round to nearest, ties to even, and saturate") {
  random_bits next(24);
  sweep s;
  for (int i = 0; i < 6000; ++i) {
    std::uint64_t significand = next.runs() | std::uint64_t{1} << 63;
    std::uint64_t tail = next.below(2) == 0 ? 0 : next.runs();
    const int exponent = next.below(72) - 4;
    if (i % 2 == 0 && exponent >= 0 && exponent < 63) {  // a tie, or just beside it
      significand = (significand & ~std::uint64_t{0} << (63 - exponent)) | std::uint64_t{1}
                                                                               << (62 - exponent);
      tail = static_cast<std::uint64_t>(next.below(2));
    }
    const unpacked x = unpacked::finite(next.below(2) == 1, exponent, significand, tail);
    check_integer<std::int8_t>(s, x);
    check_integer<std::uint8_t>(s, x);
    check_integer<std::int16_t>(s, x);
    check_integer<std::uint16_t>(s, x);
    check_integer<std::int32_t>(s, x);
    check_integer<std::uint32_t>(s, x);
    check_integer<std::int64_t>(s, x);
    check_integer<std::uint64_t>(s, x);
    check_integer<char>(s, x);
  }
  REQUIRE(s.report() == passed(9 * 6000));
}

TEST_CASE("integer to float and double equal the hardware's casts; integers come back") {
  random_bits next(25);
  sweep s;
  for (int i = 0; i < 50000; ++i) {
    const std::uint64_t u = i == 0 ? ~std::uint64_t{0} : i == 1 ? std::uint64_t{1} << 63 : next.runs();
    const auto x = static_cast<std::int64_t>(u);
    const bool right =
        round_to<float>(decode(x)) == static_cast<float>(x) &&
        round_to<double>(decode(x)) == static_cast<double>(x) &&
        round_to<float>(decode(u)) == static_cast<float>(u) &&
        round_to<double>(decode(u)) == static_cast<double>(u) && round_to<std::int64_t>(decode(x)) == x &&
        round_to<std::uint64_t>(decode(u)) == u &&
        round_to<std::int32_t>(decode(static_cast<std::int32_t>(u))) == static_cast<std::int32_t>(u);
    s.check(right, [&] { return text(u); });
  }
  REQUIRE(s.report() == passed(50000));
}

TEST_CASE("in-range doubles to integers equal the hardware's round-to-even") {
  random_bits next(26);
  sweep s;
  for (int i = 0; i < 50000; ++i) {
    const double x = std::ldexp(static_cast<double>(static_cast<std::int64_t>(next())), -next.below(70));
    if (!(std::fabs(x) < 0x1p62)) continue;
    s.check(round_to<std::int64_t>(decode(x)) == std::llrint(x), [&] { return text(x); });
  }
  REQUIRE(s.cases() > 48000);
  REQUIRE(s.report() == passed(s.cases()));
}

// 128-bit integers, which gnu++20 counts as integral, do not fit unpacked's 64-bit decode.
static_assert(!Format<int128> && !Format<uint128> && !std::is_constructible_v<posit<32, 2>, int128>);
