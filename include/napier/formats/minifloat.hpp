#pragma once
// napier/formats/minifloat.hpp — small binary floating-point formats, one catalogue line each.
//
//   S EEE…E MMM…M      see formats/ieee_codec.hpp
//
//   bfloat16        S EEEEEEEE MMMMMMM      max (2 − 2^-7) · 2^127 ≈ 3.39e38      min 2^-133 ≈ 9.18e-41
//   float16         S EEEEE MMMMMMMMMM      max (2 − 2^-10) · 2^15 = 65504        min 2^-24 ≈ 5.96e-8
//   tfloat32        S EEEEEEEE MMMMMMMMMM   max (2 − 2^-10) · 2^127 ≈ 3.40e38     min 2^-136 ≈ 1.15e-41
//   float8_e5m2     S EEEEE MM              max (1 + 3/4) · 2^15 = 57344          min 2^-16 ≈ 1.53e-5
//   float8_e4m3fn   S EEEE MMM              max (1 + 6/8) · 2^8 = 448             min 2^-9 ≈ 1.95e-3
//   float8_e5m2fnuz S EEEEE MM              max (1 + 3/4) · 2^15 = 57344          min 2^-17 ≈ 7.63e-6
//   float8_e4m3fnuz S EEEE MMM              max (1 + 7/8) · 2^7 = 240             min 2^-10 ≈ 9.77e-4
//   float6_e3m2     S EEE MM                max (1 + 3/4) · 2^4 = 28              min 2^-4 = 0.0625
//   float6_e2m3     S EE MMM                max (1 + 7/8) · 2^2 = 7.5             min 2^-3 = 0.125
//   float4_e2m1     S EE M                  max (1 + 1/2) · 2^2 = 6               min 2^-1 = 0.5
//   float8_e8m0     EEEEEEEE                max 2^127 ≈ 1.70e38                   min 2^-127 ≈ 5.88e-39
//   binary          S                       max 1                                 min 1: the values are −1 and 1
//
// Rounding  to nearest, ties to the even code. Overflow: to infinity; in the fn and fnuz formats and e8m0, which have
//           none, to NaN; in float6, float4 and binary, which have no NaN either, to the largest. saturate_to<F> clamps
// Special   NaN stays NaN; in float6, float4 and binary it becomes the largest positive value. Signed zeros and
//           subnormals as in IEEE 754; fnuz has one zero. e8m0, a scale, and binary have none: a zero becomes the smallest
//           positive value; a negative number in e8m0 becomes NaN. Comparisons with NaN are false
// Source    IEEE 754-2019; P. Micikevicius et al., FP8 formats for deep learning, arXiv:2209.05433, 2022; OCP Microscaling
//           Formats (MX) Specification 1.0, 2023 (float6, float4, e8m0); B. Noune et al., 8-bit numerical formats for deep
//           neural networks, arXiv:2206.02915, 2022 (fnuz); tfloat32 is the 19 bits that TF32 tensor cores read
// Checked   tests/formats/minifloat_oracle_test.cpp, tests/formats/minifloat_catalogue_test.cpp,
//           tests/formats/minifloat_test.cpp

#include <compare>
#include <cstdint>

#include <napier/formats/ieee_codec.hpp>
#include <napier/formats/limits.hpp>
#include <napier/formats/value_operations.hpp>

namespace napier {

// The catalogue.
inline constexpr minifloat_spec bfloat16_spec{8, 7, 127};
inline constexpr minifloat_spec float16_spec{5, 10, 15};
inline constexpr minifloat_spec tfloat32_spec{8, 10, 127};
inline constexpr minifloat_spec float8_e5m2_spec{5, 2, 15};
inline constexpr minifloat_spec float8_e4m3fn_spec{4, 3, 7, special_values::finite_nan};
inline constexpr minifloat_spec float8_e5m2fnuz_spec{5, 2, 16, special_values::fnuz};
inline constexpr minifloat_spec float8_e4m3fnuz_spec{4, 3, 8, special_values::fnuz};
inline constexpr minifloat_spec float6_e3m2_spec{3, 2, 3, special_values::finite};
inline constexpr minifloat_spec float6_e2m3_spec{2, 3, 1, special_values::finite};
inline constexpr minifloat_spec float4_e2m1_spec{2, 1, 1, special_values::finite};
inline constexpr minifloat_spec float8_e8m0_spec{8, 0, 127, special_values::finite_nan, false, false};
inline constexpr minifloat_spec binary_spec{0, 0, 0, special_values::finite, true, false};

// The published name; of another format one that tells all its fields.
constexpr name name_of(const minifloat_spec& spec) {
  struct entry {
    minifloat_spec spec;
    const char* name;
  };
  constexpr entry published[] = {{bfloat16_spec, "bfloat16"},
                                 {float16_spec, "float16"},
                                 {tfloat32_spec, "tfloat32"},
                                 {float8_e5m2fnuz_spec, "float8_e5m2fnuz"},
                                 {float8_e4m3fnuz_spec, "float8_e4m3fnuz"},
                                 {float6_e3m2_spec, "float6_e3m2"},
                                 {float6_e2m3_spec, "float6_e2m3"},
                                 {float4_e2m1_spec, "float4_e2m1"},
                                 {float8_e8m0_spec, "float8_e8m0"},
                                 {binary_spec, "binary"}};
  for (const entry& known : published) {
    if (spec == known.spec) return known.name;
  }
  name text = name("float").append(spec.width()).append("_e").append(spec.exponent_bits).append("m");
  text.append(spec.fraction_bits);
  constexpr const char* suffixes[] = {"", "fn", "fnuz", "finite"};
  text.append(suffixes[static_cast<int>(spec.specials)]);
  if (!spec.is_signed) text.append("_unsigned");
  if (!spec.has_zero) text.append("_nozero");
  for (const entry& known : published) {
    if (text == known.name) text.append("_ieee");
  }
  const bool usual_bias = spec.bias == (1 << spec.exponent_bits >> 1) - 1;
  return usual_bias ? text : text.append("_bias").append(spec.bias);
}

template <minifloat_spec spec>
class minifloat : public value_operations<minifloat<spec>> {
  static_assert(1 <= spec.width() && spec.width() <= 32, "minifloat<spec>: a code has 1 to 32 bits");
  static_assert(0 <= spec.exponent_bits && spec.exponent_bits <= 11,
                "minifloat<spec>: 0 to 11 exponent bits");
  static_assert(spec.specials != special_values::ieee || (spec.exponent_bits >= 2 && spec.fraction_bits >= 1),
                "minifloat<spec>: infinity and NaN of IEEE 754 need two exponent bits and a fraction bit");
  static_assert(spec.specials != special_values::fnuz || (spec.is_signed && spec.has_zero),
                "minifloat<spec>: NaN of fnuz takes the code of a negative zero");

 public:
  using code_type = detail::code_type<spec.width()>;

  static constexpr format_kind kind = format_kind::floating;
  static constexpr int width = spec.width();
  static constexpr int significand_bits = spec.fraction_bits + 1;
  static constexpr int min_exponent = spec.min_exponent();
  static constexpr int max_exponent = spec.max_exponent();
  static constexpr napier::name name() { return name_of(spec); }

  constexpr minifloat() = default;  // +0
  template <OtherFormat<minifloat> F>
  explicit constexpr minifloat(F x) : minifloat(encode(napier::decode(x))) {}

  template <NativeFormat T>
  explicit constexpr operator T() const {
    return round_to<T>(decode());
  }

  static constexpr minifloat from_bits(std::uint64_t bits) {
    minifloat result;
    result.bits_ = static_cast<code_type>(bits & (spec.sign_mask() | spec.magnitude_mask()));
    return result;
  }
  constexpr code_type bits() const { return bits_; }

  static constexpr minifloat quiet_nan() requires(spec.has_nan()) { return from_bits(spec.nan_bits()); }
  static constexpr minifloat max() { return from_bits(spec.max_finite_bits()); }
  static constexpr minifloat lowest() { return from_bits(spec.lowest_bits()); }
  static constexpr minifloat min_positive() { return from_bits(spec.min_positive_bits()); }
  static constexpr minifloat min_subnormal() requires(spec.has_zero) { return min_positive(); }
  static constexpr minifloat infinity() requires(spec.has_infinity()) {
    return from_bits(spec.infinity_bits());
  }

  constexpr bool is_nan() const { return decode().is_nan(); }
  constexpr bool is_infinity() const { return decode().is_infinity(); }
  constexpr bool is_zero() const {
    return spec.has_zero && (bits_ & spec.magnitude_mask()) == 0 && (spec.has_negative_zero() || bits_ == 0);
  }

  // The code of the other sign; where that is not a number's, the value is rounded: −0 to 0, in e8m0 −x to NaN.
  constexpr minifloat operator-() const {
    if constexpr (spec.specials != special_values::fnuz && spec.is_signed) {
      return from_bits(bits_ ^ spec.sign_mask());
    } else {
      return encode(-decode());
    }
  }

  friend constexpr bool operator==(minifloat a, minifloat b) { return std::is_eq(a <=> b); }
  friend constexpr std::partial_ordering operator<=>(minifloat a, minifloat b) {
    if (a.is_nan() || b.is_nan()) return std::partial_ordering::unordered;
    return a.ordered_code() <=> b.ordered_code();
  }

  constexpr unpacked decode() const { return ieee_codec<spec>::decode(bits_); }
  static constexpr minifloat encode(const unpacked& x) { return from_bits(ieee_codec<spec>::encode(x)); }

 private:
  // Sign and magnitude as a signed integer: both zeros give 0, and nothing else does.
  constexpr std::int64_t ordered_code() const {
    const auto magnitude = static_cast<std::int64_t>(bits_ & spec.magnitude_mask()) + (spec.has_zero ? 0 : 1);
    return (bits_ & spec.sign_mask()) != 0 ? -magnitude : magnitude;
  }

  code_type bits_ = 0;
};

using bfloat16 = minifloat<bfloat16_spec>;
using float16 = minifloat<float16_spec>;
using tfloat32 = minifloat<tfloat32_spec>;
using float8_e5m2 = minifloat<float8_e5m2_spec>;
using float8_e4m3fn = minifloat<float8_e4m3fn_spec>;
using float8_e5m2fnuz = minifloat<float8_e5m2fnuz_spec>;
using float8_e4m3fnuz = minifloat<float8_e4m3fnuz_spec>;
using float6_e3m2 = minifloat<float6_e3m2_spec>;
using float6_e2m3 = minifloat<float6_e2m3_spec>;
using float4_e2m1 = minifloat<float4_e2m1_spec>;
using float8_e8m0 = minifloat<float8_e8m0_spec>;
using binary = minifloat<binary_spec>;

namespace detail {

template <class F>
inline constexpr bool is_minifloat = false;
template <minifloat_spec spec>
inline constexpr bool is_minifloat<minifloat<spec>> = true;

}  // namespace detail

template <class F>
concept Minifloat = detail::is_minifloat<F>;

// As round_to<F>, but what overflows, an infinity too, becomes the largest finite value of its sign (in an unsigned
// format, negative: the smallest); NaN as in round_to<F>.
template <Minifloat F>
constexpr F saturate_to(const unpacked& x) {
  const F rounded = F::encode(x);
  if (x.is_nan()) return rounded;
  const unpacked value = rounded.decode();
  if (!value.is_nan() && !value.is_infinity()) return rounded;
  return x.negative ? F::lowest() : F::max();
}

template <Minifloat F, Format From>
constexpr F saturate_to(From x) {
  return saturate_to<F>(decode(x));
}

}  // namespace napier
