#pragma once
// napier/formats/minifloat.hpp — small binary floating-point formats, one catalogue line each.
//
//   S EEE…E MMM…M      see formats/ieee_codec.hpp
//
//   bfloat16      S EEEEEEEE MMMMMMM      max (2 − 2^-7) · 2^127 ≈ 3.39e38      min 2^-133 ≈ 9.18e-41
//   float16       S EEEEE MMMMMMMMMM      max (2 − 2^-10) · 2^15 = 65504        min 2^-24 ≈ 5.96e-8
//   float8_e5m2   S EEEEE MM              max (1 + 3/4) · 2^15 = 57344          min 2^-16 ≈ 1.53e-5
//   float8_e4m3fn S EEEE MMM              max (1 + 6/8) · 2^8 = 448             min 2^-9 ≈ 1.95e-3
//
// Rounding  to nearest, ties to even; overflow to infinity, in e4m3fn (no infinity) to NaN; saturate_to<F> clamps instead
// Special   NaN stays NaN; signed zeros and subnormals as in IEEE 754; comparisons with NaN are false
// Source    IEEE 754-2019; P. Micikevicius et al., FP8 formats for deep learning, arXiv:2209.05433, 2022
// Checked   tests/formats/minifloat_oracle_test.cpp, tests/formats/minifloat_test.cpp

#include <compare>
#include <cstdint>

#include <napier/formats/ieee_codec.hpp>
#include <napier/formats/value_operations.hpp>

namespace napier {

// The catalogue.
inline constexpr minifloat_spec bfloat16_spec{8, 7, 127};
inline constexpr minifloat_spec float16_spec{5, 10, 15};
inline constexpr minifloat_spec float8_e5m2_spec{5, 2, 15};
inline constexpr minifloat_spec float8_e4m3fn_spec{4, 3, 7, special_values::finite_nan};

constexpr name name_of(const minifloat_spec& spec) {
  if (spec == bfloat16_spec) return "bfloat16";
  if (spec == float16_spec) return "float16";
  const name fields = name("float").append(spec.width()).append("_e").append(spec.exponent_bits).append("m");
  name text =
      name(fields).append(spec.fraction_bits).append(spec.specials == special_values::ieee ? "" : "fn");
  const bool usual_bias = spec.bias == (1 << (spec.exponent_bits - 1)) - 1;
  return usual_bias ? text : text.append("_bias").append(spec.bias);
}

template <minifloat_spec spec>
class minifloat : public value_operations<minifloat<spec>> {
  static_assert(spec.width() <= 32 && spec.exponent_bits >= 2 && spec.fraction_bits >= 1);

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

  static constexpr minifloat quiet_nan() { return from_bits(spec.nan_bits()); }
  static constexpr minifloat max() { return from_bits(spec.max_finite_bits()); }
  static constexpr minifloat min_subnormal() { return from_bits(1); }
  static constexpr minifloat infinity() requires(spec.specials == special_values::ieee) {
    return from_bits(spec.infinity_bits());
  }

  constexpr bool is_nan() const { return decode().is_nan(); }
  constexpr bool is_infinity() const { return decode().is_infinity(); }
  constexpr bool is_zero() const { return (bits_ & spec.magnitude_mask()) == 0; }

  constexpr minifloat operator-() const { return from_bits(bits_ ^ spec.sign_mask()); }

  friend constexpr bool operator==(minifloat a, minifloat b) { return std::is_eq(a <=> b); }
  friend constexpr std::partial_ordering operator<=>(minifloat a, minifloat b) {
    if (a.is_nan() || b.is_nan()) return std::partial_ordering::unordered;
    return a.ordered_code() <=> b.ordered_code();
  }

  constexpr unpacked decode() const { return ieee_codec<spec>::decode(bits_); }
  static constexpr minifloat encode(const unpacked& x) { return from_bits(ieee_codec<spec>::encode(x)); }

 private:
  // Sign and magnitude as a signed integer: both zeros give 0.
  constexpr std::int64_t ordered_code() const {
    const auto magnitude = static_cast<std::int64_t>(bits_ & spec.magnitude_mask());
    return (bits_ & spec.sign_mask()) != 0 ? -magnitude : magnitude;
  }

  code_type bits_ = 0;
};

using bfloat16 = minifloat<bfloat16_spec>;
using float16 = minifloat<float16_spec>;
using float8_e5m2 = minifloat<float8_e5m2_spec>;
using float8_e4m3fn = minifloat<float8_e4m3fn_spec>;

namespace detail {

template <class F>
inline constexpr bool is_minifloat = false;
template <minifloat_spec spec>
inline constexpr bool is_minifloat<minifloat<spec>> = true;

}  // namespace detail

template <class F>
concept Minifloat = detail::is_minifloat<F>;

// As round_to<F>, but what overflows, an infinity too, becomes the largest finite value of its sign; NaN stays NaN.
template <Minifloat F>
constexpr F saturate_to(const unpacked& x) {
  if (x.is_nan()) return F::quiet_nan();
  const F rounded = F::encode(x);
  const unpacked value = rounded.decode();
  if (!value.is_nan() && !value.is_infinity()) return rounded;
  return x.negative ? -F::max() : F::max();
}

}  // namespace napier
