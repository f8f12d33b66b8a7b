#pragma once
// napier/formats/fixed.hpp — fixed<width, fraction>: two's-complement fixed point.
//
//   S III…I . FFF…F      `width` bits in all, `fraction` of them after the point
//
// What      code / 2^fraction;  fixed32_16 spans [−32768, 32768 − 2^-16] in steps of 2^-16
// Rounding  to nearest, ties to even; out of range saturates, in every operation
// Special   no NaN and no infinity: NaN and 0 / 0 become 0, infinities and x / 0 saturate by sign
// Checked   tests/formats/fixed_test.cpp

#include <compare>
#include <cstdint>
#include <type_traits>

#include <napier/core/rounding.hpp>
#include <napier/formats/limits.hpp>
#include <napier/formats/value_operations.hpp>

namespace napier {

template <int bits_in_all, int fraction>
class fixed : public value_operations<fixed<bits_in_all, fraction>> {
  static_assert(2 <= bits_in_all && bits_in_all <= 64, "fixed<width, fraction>: width is from 2 to 64");
  static_assert(0 <= fraction && fraction <= 64, "fixed<width, fraction>: fraction is from 0 to 64");

 public:
  using code_type = std::make_signed_t<detail::code_type<bits_in_all>>;

  static constexpr format_kind kind = format_kind::fixed;
  static constexpr int width = bits_in_all;
  static constexpr int fraction_bits = fraction;
  static constexpr int significand_bits = width - 1;
  static constexpr int min_exponent = -fraction;
  static constexpr int max_exponent = width - 1 - fraction;
  static constexpr napier::name name() {
    return napier::name("fixed").append(width).append("_").append(fraction);
  }

  constexpr fixed() = default;  // zero
  template <OtherFormat<fixed> F>
  explicit constexpr fixed(F x) : fixed(encode(napier::decode(x))) {}

  template <NativeFormat T>
  explicit constexpr operator T() const {
    return round_to<T>(decode());
  }

  // The number of that code, the value times 2^fraction; bits above the lowest `width` are dropped.
  static constexpr fixed from_bits(std::int64_t code) {
    fixed result;
    const auto aligned = static_cast<std::uint64_t>(code) << (64 - width);
    result.bits_ = static_cast<code_type>(static_cast<std::int64_t>(aligned) >> (64 - width));
    return result;
  }
  constexpr code_type bits() const { return bits_; }

  static constexpr fixed max() { return from_bits(max_code); }
  static constexpr fixed lowest() { return from_bits(-max_code - 1); }

  constexpr bool is_zero() const { return bits_ == 0; }
  constexpr fixed operator-() const { return encode(-decode()); }

  friend constexpr bool operator==(fixed a, fixed b) { return a.bits_ == b.bits_; }
  friend constexpr std::strong_ordering operator<=>(fixed a, fixed b) { return a.bits_ <=> b.bits_; }

  constexpr unpacked decode() const {
    unpacked result = napier::decode(bits_);
    if (result.is_finite()) result.exponent -= fraction;
    return result;
  }

  static constexpr fixed encode(unpacked x) {
    if (x.is_nan()) return fixed{};
    if (x.is_finite()) x.exponent += fraction;
    const auto code = round_to<std::int64_t>(x);
    if (code > max_code) return max();
    return code < -max_code - 1 ? lowest() : from_bits(code);
  }

 private:
  static constexpr std::int64_t max_code = static_cast<std::int64_t>(~std::uint64_t{0} >> (65 - width));

  code_type bits_ = 0;
};

using fixed32_16 = fixed<32, 16>;

}  // namespace napier
