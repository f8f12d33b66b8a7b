#pragma once
// napier/layers/code_order.hpp — the order of a format's numbers, and which are NaN, by their codes alone.
//
// What      code_order<F>::key is ascending as is_less (order.hpp): equal for −0 and +0; of a NaN it means nothing
// Formats   float, double, posits, small floats with a sign and a zero, fixed-point numbers: those for which is_known
// Checked   tests/layers/code_order_test.cpp

#include <bit>
#include <cstdint>
#include <type_traits>

#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>

#if defined(__x86_64__)
#include <napier/core/x86/vectors.hpp>
#endif

namespace napier::detail {

enum class code_kind : unsigned char { unknown, sign_magnitude, twos_complement };

// What tells numbers from NaN: a magnitude above max_ordered, or the code of the sign alone.
struct code_rules {
  code_kind kind = code_kind::unknown;
  int width = 0;
  std::uint64_t max_ordered = 0;
  bool sign_is_nan = false;
};

template <class F>
inline constexpr code_rules rules_of{};
template <>
inline constexpr code_rules rules_of<float>{code_kind::sign_magnitude, 32, 0x7f800000};
template <>
inline constexpr code_rules rules_of<double>{code_kind::sign_magnitude, 64, 0x7ff0000000000000};
template <int n, int es>
inline constexpr code_rules rules_of<posit<n, es>>{code_kind::twos_complement, n, ~std::uint64_t{0}, true};
template <int width, int fraction>
inline constexpr code_rules rules_of<fixed<width, fraction>>{code_kind::twos_complement, width,
                                                             ~std::uint64_t{0}};
template <minifloat_spec spec>
inline constexpr code_rules rules_of<minifloat<spec>>{
    spec.is_signed && spec.has_zero ? code_kind::sign_magnitude : code_kind::unknown, spec.width(),
    spec.has_infinity() ? spec.infinity_bits() : spec.max_finite_bits(),
    spec.specials == special_values::fnuz};

template <class F>
struct code_order {
  static constexpr code_rules rules = rules_of<F>;
  static constexpr bool is_known = rules.kind != code_kind::unknown;
  static constexpr bool has_nan =
      rules.sign_is_nan || rules.max_ordered < (std::uint64_t{1} << (rules.width - 1)) - 1;

  // Signed integers of the numbers' size.
  using code =
      std::conditional_t<sizeof(F) == 1, std::int8_t,
                         std::conditional_t<sizeof(F) == 2, std::int16_t,
                                            std::conditional_t<sizeof(F) == 4, std::int32_t, std::int64_t>>>;
  static constexpr code sign = static_cast<code>(std::uint64_t{1} << (rules.width - 1));
  static constexpr code magnitude_mask = static_cast<code>((std::uint64_t{1} << (rules.width - 1)) - 1);
  static constexpr code max_ordered = static_cast<code>(rules.max_ordered);
  // A code of fewer bits than its integer has its sign inverted, which leaves no negative ones.
  static constexpr bool is_full = rules.width == 8 * static_cast<int>(sizeof(F));

  static constexpr code of(F x) { return std::bit_cast<code>(x); }
  static constexpr bool is_nan(code x) {
    if (rules.sign_is_nan) return x == sign;
    return has_nan && (x & magnitude_mask) > max_ordered;
  }
  static constexpr code key(code x) {
    if (rules.kind == code_kind::twos_complement) return is_full ? x : static_cast<code>(x ^ sign);
    const auto magnitude = static_cast<code>(x & magnitude_mask);
    return (x & sign) != 0 ? static_cast<code>(-magnitude) : magnitude;
  }
};

}  // namespace napier::detail

#if defined(__x86_64__)
#define NAPIER_EACH_ISA <napier/layers/x86/code_order.inc>
#include <napier/core/x86/each_isa.inc>
#endif
