// Every code of the 16-bit formats to every other format, against exact rationals; and their square roots.
#include <bit>
#include <catch2/catch.hpp>
#include <concepts>
#include <cstdint>
#include <limits>

#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>

#include "oracle/oracle.hpp"
#include "oracle/sweep.hpp"

namespace {

using namespace napier;
using oracle::float_class;
using oracle::number;

// A value as the oracle reads a code: a number, with its sign when it is zero, an infinity or NaN.
struct read_value {
  float_class kind = float_class::finite;
  bool negative = false;
  number value = 0;
};

// ---- Formats for the oracle -----------------------------------------------------------------------------

template <class F>
struct oracle_of;

template <int n, int es>
struct oracle_of<posit<n, es>> {
  static constexpr oracle::posit_format f{n, es};
  static read_value read(std::uint64_t code) {
    if (code == oracle::posit_nar(f)) return {float_class::nan, false, 0};
    const number value = oracle::posit_value(f, code);
    return {float_class::finite, value.sign() < 0, value};
  }
  static std::uint64_t round(const read_value& x) {
    return x.kind == float_class::finite ? oracle::posit_round(f, x.value) : oracle::posit_nar(f);
  }
  static std::uint64_t code(posit<n, es> x) { return x.bits(); }
};

struct float_oracle {
  oracle::float_format f;
  bool has_negative_zero;
  std::uint64_t sign_bit() const { return std::uint64_t{1} << (f.exponent_bits + f.fraction_bits); }

  read_value read(std::uint64_t code) const {
    const float_class kind = oracle::float_classify(f, code);
    const bool finite = kind == float_class::finite;
    return {kind, oracle::float_negative(f, code), finite ? oracle::float_value(f, code) : number(0)};
  }
  std::uint64_t round(const read_value& x) const {
    if (x.kind == float_class::nan) return oracle::float_nan(f);
    if (x.kind == float_class::infinity) return oracle::float_infinity(f, x.negative);
    if (x.value.sign() == 0) return x.negative && has_negative_zero ? sign_bit() : 0;
    return oracle::float_round(f, x.value);
  }
};

template <minifloat_spec spec>
struct oracle_of<minifloat<spec>> {
  static constexpr float_oracle as_float{
      {spec.exponent_bits, spec.fraction_bits, spec.bias, spec.specials == special_values::finite_nan,
       spec.specials == special_values::fnuz, spec.specials == special_values::finite},
      spec.specials != special_values::fnuz};
  static read_value read(std::uint64_t code) { return as_float.read(code); }
  static std::uint64_t round(const read_value& x) { return as_float.round(x); }
  static std::uint64_t code(minifloat<spec> x) { return x.bits(); }
};
template <>
struct oracle_of<float> {
  static std::uint64_t round(const read_value& x) { return float_oracle{oracle::float32, true}.round(x); }
  static std::uint64_t code(float x) { return std::bit_cast<std::uint32_t>(x); }
};
template <>
struct oracle_of<double> {
  static std::uint64_t round(const read_value& x) { return float_oracle{oracle::float64, true}.round(x); }
  static std::uint64_t code(double x) { return std::bit_cast<std::uint64_t>(x); }
};

template <int width, int fraction>
struct oracle_of<fixed<width, fraction>> {
  using F = fixed<width, fraction>;
  static read_value read(std::uint64_t code) {
    const std::int64_t wide = F::from_bits(static_cast<std::int64_t>(code)).bits();
    return {float_class::finite, wide < 0, number(wide).scaled(-fraction)};
  }
  static std::uint64_t round(const read_value& x) {
    if (x.kind == float_class::nan) return 0;
    const auto end = number::power_of_two(200);
    return static_cast<std::uint64_t>(oracle::fixed_round(
        width, fraction, x.kind == float_class::infinity ? (x.negative ? -end : end) : x.value));
  }
  static std::uint64_t code(F x) { return static_cast<std::uint64_t>(std::int64_t{x.bits()}); }
};

template <std::integral T>
struct oracle_of<T> {
  using limits = std::numeric_limits<T>;
  static std::uint64_t round(const read_value& x) {
    if (x.kind == float_class::nan) return static_cast<std::uint64_t>(limits::min());
    const auto end = number::power_of_two(200);
    return oracle::integer_round(limits::digits + limits::is_signed, limits::is_signed,
                                 x.kind == float_class::infinity ? (x.negative ? -end : end) : x.value);
  }
  static std::uint64_t code(T x) { return static_cast<std::uint64_t>(x); }
};

// ---- The sweep ------------------------------------------------------------------------------------------

template <class From, class To>
void check_conversion(sweep& s, std::uint64_t code, const read_value& value) {
  const From x = From::from_bits(static_cast<std::int64_t>(code));
  const std::uint64_t expected = oracle_of<To>::round(value);
  const std::uint64_t got = oracle_of<To>::code(round_to<To>(x));
  bool same_by_cast = true;
  if constexpr (!std::same_as<From, To>) same_by_cast = oracle_of<To>::code(static_cast<To>(x)) == expected;
  s.check(got == expected && same_by_cast,
          [&] { return std::string(format_traits<To>::name().c_str()) + " " + text(code, got, expected); });
}

template <class From, class... To>
void every_code_to() {
  sweep s;
  for (std::uint64_t code = 0; code < 65536; ++code) {
    const read_value value = oracle_of<From>::read(code);
    (check_conversion<From, To>(s, code, value), ...);
  }
  INFO(From::name().c_str());
  REQUIRE(s.report() == passed(65536 * sizeof...(To)));
}

template <class From>
void every_code() {
  every_code_to<From, posit<8, 0>, posit<8, 2>, posit<10, 3>, posit<16, 1>, posit<16, 2>, posit<32, 2>,
                posit<64, 2>>();
  every_code_to<From, bfloat16, float16, tfloat32, float8_e5m2, float8_e4m3fn, float8_e5m2fnuz,
                float8_e4m3fnuz, float6_e3m2, float6_e2m3, float4_e2m1, float, double>();
  every_code_to<From, fixed<8, 4>, fixed<16, 8>, fixed32_16, fixed<64, 40>>();
  every_code_to<From, std::int8_t, std::uint8_t, std::int16_t, std::uint16_t, std::int32_t, std::uint32_t,
                std::int64_t, std::uint64_t>();
}

}  // namespace

TEST_CASE("posit<16, 1> to every format") { every_code<posit<16, 1>>(); }
TEST_CASE("posit<16, 2> to every format") { every_code<posit<16, 2>>(); }
TEST_CASE("bfloat16 to every format") { every_code<bfloat16>(); }
TEST_CASE("float16 to every format") { every_code<float16>(); }
TEST_CASE("fixed<16, 8> to every format") { every_code<fixed<16, 8>>(); }

TEST_CASE("square roots of every code of posit<16, 1> and posit<16, 2>") {
  sweep s;
  for (std::uint64_t code = 0; code < 65536; ++code) {
    s.check(sqrt(posit<16, 1>::from_bits(code)).bits() == oracle::posit_sqrt({16, 1}, code),
            [&] { return text(code); });
    s.check(sqrt(posit<16, 2>::from_bits(code)).bits() == oracle::posit_sqrt({16, 2}, code),
            [&] { return text(code); });
  }
  REQUIRE(s.report() == passed(131072));
}
