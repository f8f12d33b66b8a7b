#pragma once
// napier/multipliers/truncated_array.hpp — the array multiplier without its lowest columns.
//
//   i + j    5 4 3 2 1 0        partial products a_i b_j of weight 2^(i+j), a row for each i;
//                  a0b2 · ·     columns = 2: those of i + j < 2 are left out,
//             a1b2 a1b1 ·       with `constant_correction` their mean is added
//        a2b2 a2b1 a2b0
//
// What      the sum of the partial products of i + j >= columns. Floats and posits: of significands of the format's width, the leading one
//           included; integers and fixed point: of the magnitudes of the codes
// Constant  what bits of 0 and 1 alike would put into the dropped columns, (columns + 1) / 4 of the lowest kept one, floored; always there, so
//           that a zero integer gives it, too. Floats and posits have no product of zero to correct
// Error     from −((columns − 1) 2^columns + 1) to 0 in units of the product's last place (columns up to the operands' bits), reached where
//           all their low bits are ones; plus the constant
// Rounding  none
// Special   multipliers/significand_product.hpp; signs of integers: sign and magnitude
// Source    M. J. Schulte, E. E. Swartzlander, VLSI Signal Processing VI, 1993
// Checked   tests/multipliers/significand_product_test.cpp

#include <concepts>
#include <cstdint>

#include <napier/multipliers/significand_product.hpp>

namespace napier {

struct constant_correction;

template <class T>
concept TruncatedArrayOption = std::same_as<T, constant_correction>;

template <int columns, TruncatedArrayOption... Options>
struct truncated_array {
  static_assert(0 <= columns && columns <= 62, "truncated_array<columns>: columns is from 0 to 62");

  static constexpr bool is_exact = columns == 0;
  static constexpr bool has_constant = sizeof...(Options) != 0;
  static constexpr napier::name name() {
    return napier::name("array").append(columns).append(has_constant ? "c" : "");
  }

  // In units of the product's last place.
  static constexpr uint128 constant() {
    return has_constant ? uint128{(columns + 1) / 4} << columns : uint128{0};
  }

  template <LogDomainFormat F>
  constexpr unpacked multiply(F a, F b) const {
    if constexpr (detail::CodedFormat<F>) {
      const unpacked x = napier::decode(a);
      const unpacked y = napier::decode(b);
      if (x.is_zero() || y.is_zero())
        return unpacked::from_integer(false, constant(), -2 * detail::code_fraction_bits<F>);
      return detail::significand_product(a, b, [](const unpacked& p, const unpacked& q) {
        return unpacked::from_integer(false, array(whole(p), whole(q)));
      });
    } else {
      constexpr int bits = format_traits<F>::significand_bits;
      return detail::significand_product(a, b, [](const unpacked& p, const unpacked& q) {
        const uint128 sum = array(p.significand >> (64 - bits), q.significand >> (64 - bits));
        return unpacked::from_integer(false, sum, p.exponent + q.exponent - 2 * (bits - 1));
      });
    }
  }

 private:
  static constexpr std::uint64_t whole(const unpacked& x) { return x.significand >> (63 - x.exponent); }

  static constexpr uint128 array(std::uint64_t x, std::uint64_t y) {
    constexpr uint128 kept = ~uint128{0} << columns;
    uint128 sum = constant();
    for (int i = 0; i < 64; ++i) {
      if ((x >> i & 1) != 0) sum += (uint128{y} << i) & kept;
    }
    return sum;
  }
};

}  // namespace napier
