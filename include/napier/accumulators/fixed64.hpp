#pragma once
// napier/accumulators/fixed64.hpp — fixed64: the 64-bit fixed-point sum of fixed-point or integer products.
//
// What      the exact sum on the products' grid, 2^-(2 · fraction_bits), clamped to 64 bits when it is finished:
//           what a 64-bit accumulator holds whenever the final sum fits into it. Order never matters
// Capacity  formats of up to 32 bits, 2^31 − 1 products; intermediate sums may exceed 64 bits
// Special   NaN counts as 0, as in the formats; a foreign product of 2^94 units or more, and infinity, as 2^94 units
// Rounding  a bias, and a compensated sum, are rounded to the grid: to nearest, ties to even
// Checked   tests/accumulators/fixed64_test.cpp

#include <cstdint>
#include <type_traits>

#include <napier/core/concepts.hpp>
#include <napier/formats/fixed.hpp>

namespace napier {

template <int fraction>
class fixed64_sum {
 public:
  using value_type = fixed<64, fraction>;
  static constexpr bool is_exact = true;
  static constexpr napier::name name() { return "fixed64"; }

  constexpr void add(const unpacked& x) {
    if (x.is_nan()) return;
    // One product stays below 2^94 units; 2^31 of them stay below 2^125.
    const bool too_large = x.is_infinity() || (x.is_finite() && x.exponent + fraction >= 94);
    sum_ += !too_large ? nearest_unit(x) : x.negative ? -(int128{1} << 94) : int128{1} << 94;
  }
  constexpr void add(value_type x) { sum_ += x.bits(); }

  constexpr void scale(double factor) {
    sum_ = nearest_unit(multiply(value(), decode(round_to<float>(decode(factor)))));
  }

  constexpr unpacked value() const {
    const int128 clamped = sum_ > max_code ? max_code : sum_ < -max_code - 1 ? -max_code - 1 : sum_;
    return value_type::from_bits(static_cast<std::int64_t>(clamped)).decode();
  }

 private:
  static constexpr int128 max_code = int128{value_type::max().bits()};

  static constexpr int128 nearest_unit(const unpacked& x) {
    if (!x.is_finite()) return 0;
    const int integer_bits = x.exponent + fraction + 1;
    const uint128 significand = x.wide_significand();
    if (integer_bits < 0) return 0;
    uint128 magnitude = integer_bits == 0 ? 0 : significand >> (128 - integer_bits);
    const uint128 rest = significand << integer_bits;
    const uint128 half = uint128{1} << 127;
    if (rest > half || (rest == half && (magnitude & 1) != 0)) ++magnitude;
    return x.negative ? -static_cast<int128>(magnitude) : static_cast<int128>(magnitude);
  }

  int128 sum_ = 0;
};

struct fixed64 {
  static constexpr napier::name name() { return "fixed64"; }

  template <Format F>
    requires(FixedFormat<F> || IntegerFormat<F>)
  struct bind_to;
  template <FixedFormat F>
  struct bind_to<F> : std::type_identity<fixed64_sum<2 * format_traits<F>::fraction_bits>> {
    static_assert(format_traits<F>::width <= 32, "fixed64: formats of at most 32 bits");
  };
  template <IntegerFormat F>
  struct bind_to<F> : std::type_identity<fixed64_sum<0>> {
    static_assert(format_traits<F>::width <= 32, "fixed64: formats of at most 32 bits");
  };

  template <Format F>
  using bind = typename bind_to<F>::type;
};

}  // namespace napier
