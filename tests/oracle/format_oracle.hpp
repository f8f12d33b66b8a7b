#pragma once
// tests/oracle/format_oracle.hpp — napier's formats as the oracle knows them: oracle_of<F> reads a code, rounds a value to one.

#include <bit>
#include <concepts>
#include <cstdint>
#include <limits>

#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>

#include "oracle/oracle.hpp"

namespace oracle {

// A value as the oracle reads a code: a number, with its sign when it is zero, an infinity or NaN.
struct read_value {
  float_class kind = float_class::finite;
  bool negative = false;
  number value = 0;
};

template <class F>
struct oracle_of;

template <int n, int es>
struct oracle_of<napier::posit<n, es>> {
  static constexpr posit_format f{n, es};
  static read_value read(std::uint64_t code) {
    if (code == posit_nar(f)) return {float_class::nan, false, 0};
    const number value = posit_value(f, code);
    return {float_class::finite, value.sign() < 0, value};
  }
  static std::uint64_t round(const read_value& x) {
    return x.kind == float_class::finite ? posit_round(f, x.value) : posit_nar(f);
  }
  static std::uint64_t code(napier::posit<n, es> x) { return x.bits(); }
};

struct float_oracle {
  float_format f;
  bool has_negative_zero;
  std::uint64_t sign_bit() const { return std::uint64_t{1} << (f.exponent_bits + f.fraction_bits); }

  read_value read(std::uint64_t code) const {
    const float_class kind = float_classify(f, code);
    const bool finite = kind == float_class::finite;
    return {kind, float_negative(f, code), finite ? float_value(f, code) : number(0)};
  }
  std::uint64_t round(const read_value& x) const {
    if (x.kind == float_class::nan) return float_nan(f);
    if (x.kind == float_class::infinity) return float_infinity(f, x.negative);
    if (x.value.sign() == 0) return x.negative && has_negative_zero ? sign_bit() : 0;
    return float_round(f, x.value);
  }
};

template <napier::minifloat_spec spec>
struct oracle_of<napier::minifloat<spec>> {
  static constexpr float_oracle as_float{
      {spec.exponent_bits, spec.fraction_bits, spec.bias, spec.specials == napier::special_values::finite_nan,
       spec.specials == napier::special_values::fnuz, spec.specials == napier::special_values::finite},
      spec.specials != napier::special_values::fnuz};
  static read_value read(std::uint64_t code) { return as_float.read(code); }
  static std::uint64_t round(const read_value& x) { return as_float.round(x); }
  static std::uint64_t code(napier::minifloat<spec> x) { return x.bits(); }
};
// 2^(code − 127); 255 is NaN, and what is negative or too large. The ties' even code is that of the even exponent's code.
template <>
struct oracle_of<napier::float8_e8m0> {
  static read_value read(std::uint64_t code) {
    if (code == 255) return {float_class::nan, false, 0};
    return {float_class::finite, false, number::power_of_two(static_cast<int>(code) - 127)};
  }
  static std::uint64_t round(const read_value& x) {
    if (x.kind != float_class::finite || x.value.sign() < 0) return 255;
    if (x.value.sign() == 0) return 0;
    const int code = x.value.floor_log2() + 127;
    if (code < 0) return 0;
    const auto middle = (number(3) * number::power_of_two(code - 128)) <=> x.value;
    const bool up = middle < 0 || (middle == 0 && code % 2 != 0);
    return static_cast<std::uint64_t>(code + (up ? 1 : 0) < 255 ? code + (up ? 1 : 0) : 255);
  }
  static std::uint64_t code(napier::float8_e8m0 x) { return x.bits(); }
};
template <>
struct oracle_of<napier::binary> {
  static read_value read(std::uint64_t code) {
    return {float_class::finite, code != 0, number(code == 0 ? 1 : -1)};
  }
  static std::uint64_t round(const read_value& x) {
    const bool negative = x.kind == float_class::infinity ? x.negative : x.value.sign() < 0;
    return x.kind != float_class::nan && negative ? 1 : 0;
  }
  static std::uint64_t code(napier::binary x) { return x.bits(); }
};
template <>
struct oracle_of<float> {
  static read_value read(std::uint64_t code) { return float_oracle{float32, true}.read(code); }
  static std::uint64_t round(const read_value& x) { return float_oracle{float32, true}.round(x); }
  static std::uint64_t code(float x) { return std::bit_cast<std::uint32_t>(x); }
};
template <>
struct oracle_of<double> {
  static read_value read(std::uint64_t code) { return float_oracle{float64, true}.read(code); }
  static std::uint64_t round(const read_value& x) { return float_oracle{float64, true}.round(x); }
  static std::uint64_t code(double x) { return std::bit_cast<std::uint64_t>(x); }
};

template <int width, int fraction>
struct oracle_of<napier::fixed<width, fraction>> {
  using F = napier::fixed<width, fraction>;
  static read_value read(std::uint64_t code) {
    const std::int64_t wide = F::from_bits(static_cast<std::int64_t>(code)).bits();
    return {float_class::finite, wide < 0, number(wide).scaled(-fraction)};
  }
  static std::uint64_t round(const read_value& x) {
    if (x.kind == float_class::nan) return 0;
    const auto end = number::power_of_two(200);
    return static_cast<std::uint64_t>(
        fixed_round(width, fraction, x.kind == float_class::infinity ? (x.negative ? -end : end) : x.value));
  }
  static std::uint64_t code(F x) { return static_cast<std::uint64_t>(std::int64_t{x.bits()}); }
};

template <std::integral T>
struct oracle_of<T> {
  using limits = std::numeric_limits<T>;
  static read_value read(std::uint64_t code) {
    const T x = static_cast<T>(code);
    const bool negative = x < 0;
    const auto wide = static_cast<std::uint64_t>(x);
    return {float_class::finite, negative, number::dyadic(negative, 0, negative ? ~wide + 1 : wide, 0)};
  }
  static std::uint64_t round(const read_value& x) {
    if (x.kind == float_class::nan) return static_cast<std::uint64_t>(limits::min());
    const auto end = number::power_of_two(200);
    return integer_round(limits::digits + limits::is_signed, limits::is_signed,
                         x.kind == float_class::infinity ? (x.negative ? -end : end) : x.value);
  }
  static std::uint64_t code(T x) { return static_cast<std::uint64_t>(x); }
};

}  // namespace oracle
