// Minifloats against exact rationals: all codes, all midpoints, all pairs of the 8-bit ones.
#include <napier/formats/minifloat.hpp>

#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "oracle/bridge.hpp"
#include "oracle/sweep.hpp"

namespace {

using namespace napier;
using oracle::float_class;
using oracle::number;
using oracle::operation;

// A few odd ones besides the catalogue.
using e2m1fn = minifloat<minifloat_spec{2, 1, 1, special_values::finite_nan}>;
using e5m2fn = minifloat<minifloat_spec{5, 2, 16, special_values::finite_nan}>;
using e3m4 = minifloat<minifloat_spec{3, 4, 3}>;
using e8m1 = minifloat<minifloat_spec{8, 1, 127}>;
using e6m9_shifted = minifloat<minifloat_spec{6, 9, 5}>;
using e8m10 = minifloat<minifloat_spec{8, 10, 127}>;  // the 19 bits of TF32
using e2m13 = minifloat<minifloat_spec{2, 13, 1}>;

template <class F>
constexpr minifloat_spec spec_of = [] {
  if constexpr (std::is_same_v<F, bfloat16>) return bfloat16_spec;
  if constexpr (std::is_same_v<F, float16>) return float16_spec;
  if constexpr (std::is_same_v<F, float8_e5m2>) return float8_e5m2_spec;
  if constexpr (std::is_same_v<F, float8_e4m3fn>) return float8_e4m3fn_spec;
  if constexpr (std::is_same_v<F, e2m1fn>) return minifloat_spec{2, 1, 1, special_values::finite_nan};
  if constexpr (std::is_same_v<F, e5m2fn>) return minifloat_spec{5, 2, 16, special_values::finite_nan};
  if constexpr (std::is_same_v<F, e3m4>) return minifloat_spec{3, 4, 3};
  if constexpr (std::is_same_v<F, e8m1>) return minifloat_spec{8, 1, 127};
  if constexpr (std::is_same_v<F, e6m9_shifted>) return minifloat_spec{6, 9, 5};
  if constexpr (std::is_same_v<F, e8m10>) return minifloat_spec{8, 10, 127};
  if constexpr (std::is_same_v<F, e2m13>) return minifloat_spec{2, 13, 1};
}();

template <class F>
constexpr oracle::float_format format_of{spec_of<F>.exponent_bits, spec_of<F>.fraction_bits, spec_of<F>.bias,
                                         spec_of<F>.specials == special_values::finite_nan};

template <class F>
constexpr std::uint64_t codes = std::uint64_t{1} << F::width;

// Decode is exact, encode gives the code back; float and double on the way keep it.
template <class F>
void all_codes() {
  constexpr auto f = format_of<F>;
  sweep s;
  for (std::uint64_t code = 0; code < codes<F>; ++code) {
    const F x = F::from_bits(code);
    const unpacked value = decode(x);
    const bool negative = oracle::float_negative(f, code);
    bool right = x.bits() == code;
    switch (oracle::float_classify(f, code)) {
      case float_class::nan:
        right = right && value.is_nan() && x.is_nan() && !x.is_infinity() &&
                round_to<F>(value).bits() == oracle::float_nan(f) &&
                F{std::numeric_limits<float>::quiet_NaN()}.is_nan() && std::isnan(static_cast<float>(x)) &&
                std::isnan(static_cast<double>(x));
        break;
      case float_class::infinity:
        right = right && value == unpacked::infinity(negative) && x.is_infinity() && !x.is_nan() &&
                round_to<F>(value).bits() == code && std::isinf(static_cast<double>(x)) &&
                std::signbit(static_cast<double>(x)) == negative;
        break;
      case float_class::finite: {
        const number exact = oracle::float_value(f, code);
        const double wide = static_cast<double>(x);
        right = right && !x.is_nan() && !x.is_infinity() && value.negative == negative &&
                oracle::value_of(value) == exact && value.tail == 0 && round_to<F>(value).bits() == code &&
                number::from_double(wide) == exact && std::signbit(wide) == negative &&
                F{wide}.bits() == code && F{static_cast<float>(x)}.bits() == code &&
                x.is_zero() == (exact.sign() == 0);
        break;
      }
    }
    s.check(right, [&] { return text(code); });
  }
  INFO(F::name().c_str());
  REQUIRE(s.report() == passed(codes<F>));
}

// Conversion from double of every midpoint of neighbours, the overflow threshold included, and of the doubles beside it.
template <class F>
void all_midpoints() {
  constexpr auto f = format_of<F>;
  sweep s;
  const std::uint64_t largest = oracle::float_max_finite(f);
  for (std::uint64_t code = 0; code <= largest; ++code) {
    const number low = oracle::float_value(f, code);
    // Above the largest, the oracle reads what would come next.
    const number high = oracle::float_value(f, code + 1);
    const double middle = ((low + high).scaled(-1)).approximate();
    if (number::from_double(middle) != (low + high).scaled(-1)) {
      s.check(false, [&] { return "midpoint is no double " + text(code); });
      continue;
    }
    const std::uint64_t even = code % 2 == 0 ? code : code + 1;
    const auto expect = [&](double x, std::uint64_t expected) {
      const bool over = expected > largest;
      const F up{x};
      const F down{-x};
      const std::uint64_t positive = over ? oracle::float_infinity(f, false) : expected;
      const std::uint64_t negative = over ? oracle::float_infinity(f, true) : expected | codes<F> / 2;
      const bool agrees =
          oracle::float_round(f, number::from_double(x)) == positive;  // the oracle's other way
      // What saturates is clamped instead.
      const std::uint64_t clamped = over ? largest : expected;
      const bool saturates = saturate_to<F>(decode(x)).bits() == clamped &&
                             saturate_to<F>(decode(-x)).bits() == (clamped | codes<F> / 2);
      s.check(up.bits() == positive && down.bits() == negative && saturates && agrees,
              [&] { return text(code, x, up.bits(), down.bits(), positive); });
    };
    expect(middle, even);
    expect(std::nextafter(middle, 0.0), code);
    expect(std::nextafter(middle, HUGE_VAL), code + 1);
  }
  INFO(F::name().c_str());
  REQUIRE(s.report() == passed(3 * (largest + 1)));
}

template <class F>
void check_pair(sweep& s, std::uint64_t a, std::uint64_t b) {
  constexpr auto f = format_of<F>;
  const F x = F::from_bits(a);
  const F y = F::from_bits(b);
  const F results[] = {x + y, x - y, x * y, x / y};
  const operation operations[] = {operation::add, operation::subtract, operation::multiply,
                                  operation::divide};
  for (int i = 0; i < 4; ++i) {
    const std::uint64_t expected = oracle::float_operation(f, operations[i], a, b);
    s.check(results[i].bits() == expected, [&] { return text(i, a, b, results[i].bits(), expected); });
  }
  std::partial_ordering expected = std::partial_ordering::unordered;
  if (oracle::float_classify(f, a) != float_class::nan && oracle::float_classify(f, b) != float_class::nan) {
    // The code of the largest exponent field reads as a value above all others.
    expected = oracle::float_value(f, a) <=> oracle::float_value(f, b);
  }
  const bool compares = (x <=> y) == expected &&
                        (x == y) == (expected == std::partial_ordering::equivalent) &&
                        (x < y) == (expected == std::partial_ordering::less) && (x != y) == !(x == y);
  s.check(compares, [&] { return text(a, b); });
}

template <class F>
void all_pairs() {
  sweep s;
  for (std::uint64_t a = 0; a < codes<F>; ++a) {
    for (std::uint64_t b = 0; b < codes<F>; ++b) check_pair<F>(s, a, b);
  }
  INFO(F::name().c_str());
  REQUIRE(s.report() == passed(5 * codes<F> * codes<F>));
  report_pairs(5 * codes<F> * codes<F>);
}

template <class F>
void all_roots() {
  sweep s;
  for (std::uint64_t a = 0; a < codes<F>; ++a) {
    const F got = sqrt(F::from_bits(a));
    s.check(got.bits() == oracle::float_sqrt(format_of<F>, a), [&] { return text(a, got.bits()); });
  }
  INFO(F::name().c_str());
  REQUIRE(s.report() == passed(codes<F>));
}

template <class F>
void samples(int count) {
  random_bits next(91);
  sweep s;
  for (int i = 0; i < count; ++i) {
    const std::uint64_t a = next() % codes<F>;
    std::uint64_t b = next() % codes<F>;
    if (i % 4 == 0) b = (a ^ (next() & 0x83)) % codes<F>;
    check_pair<F>(s, a, b);
    const F product = F::from_bits(a) * F::from_bits(b);
    const std::uint64_t c = i % 2 == 0 ? next() % codes<F> : (-product).bits() ^ (next() & 3);
    const F got = fma(F::from_bits(a), F::from_bits(b), F::from_bits(c));
    const std::uint64_t expected = oracle::float_fma(format_of<F>, a, b, c);
    s.check(got.bits() == expected, [&] { return text(a, b, c, got.bits(), expected); });
  }
  INFO(F::name().c_str());
  REQUIRE(s.report() == passed(6 * static_cast<std::uint64_t>(count)));
  report_pairs(5 * static_cast<std::uint64_t>(count));
}

}  // namespace

TEST_CASE("all codes decode exactly and come back") {
  all_codes<bfloat16>();
  all_codes<float16>();
  all_codes<float8_e5m2>();
  all_codes<float8_e4m3fn>();
  all_codes<e2m1fn>();
  all_codes<e5m2fn>();
  all_codes<e3m4>();
  all_codes<e8m1>();
  all_codes<e6m9_shifted>();
  all_codes<e2m13>();
  all_codes<e8m10>();
}

TEST_CASE(
    "all midpoints, and the doubles beside them, round to nearest, ties to even; overflow; saturation") {
  all_midpoints<bfloat16>();
  all_midpoints<float16>();
  all_midpoints<float8_e5m2>();
  all_midpoints<float8_e4m3fn>();
  all_midpoints<e2m1fn>();
  all_midpoints<e5m2fn>();
  all_midpoints<e3m4>();
  all_midpoints<e8m1>();
  all_midpoints<e6m9_shifted>();
  all_midpoints<e2m13>();
}

TEST_CASE("operations and comparisons of all pairs of 8 bits, samples above") {
  all_pairs<float8_e5m2>();
  all_pairs<float8_e4m3fn>();
  all_pairs<e2m1fn>();
  all_pairs<e3m4>();
  samples<bfloat16>(8000);
  samples<float16>(8000);
  samples<e6m9_shifted>(3000);
  samples<float8_e5m2>(3000);
  samples<float8_e4m3fn>(3000);
}

TEST_CASE("square roots of all codes") {
  all_roots<bfloat16>();
  all_roots<float16>();
  all_roots<float8_e5m2>();
  all_roots<float8_e4m3fn>();
  all_roots<e6m9_shifted>();
}

TEST_CASE("all floats' upper halves: float to bfloat16") {
  // One float for each sign, exponent and upper fraction, with lower halves around the tie.
  sweep s;
  for (std::uint32_t upper = 0; upper < 65536; ++upper) {
    for (const std::uint32_t lower : {0u, 1u, 0x7fffu, 0x8000u, 0x8001u, 0xffffu}) {
      const std::uint32_t bits = upper << 16 | lower;
      const bfloat16 got{std::bit_cast<float>(bits)};
      const bool finite = oracle::float_classify(oracle::float32, bits) == float_class::finite;
      const bool nan = oracle::float_classify(oracle::float32, bits) == float_class::nan;
      const std::uint64_t expected =
          nan      ? oracle::float_nan(format_of<bfloat16>)
          : finite ? oracle::float_round(format_of<bfloat16>, oracle::float_value(oracle::float32, bits))
                   : upper;
      const bool zero_kept = bits != 0x80000000u || got.bits() == 0x8000;
      s.check((bits == 0x80000000u || got.bits() == expected) && zero_kept,
              [&] { return text(bits, got.bits(), expected); });
    }
  }
  REQUIRE(s.report() == passed(65536 * 6));
}
