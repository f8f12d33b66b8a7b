#pragma once
// napier/multipliers/roba.hpp — RoBA: operands rounded to the nearest power of two, one cross term left out.
//
// What      with xr, yr the nearest powers of two:  xr · y + yr · x − xr · yr  =  x · y − (x − xr)(y − yr)
//           A significand of 1.5 goes up to 2; the integer 3 goes down to 2, as the authors say
// Error     relative error in [−1/9, 1/9): −1/9 at significands of 1.5; integers reach +1/9 with 3 and 3 · 2^n.
//           Mean −0.037 %, mean of the magnitude 2.89 % over uniform operands
// Rounding  none
// Special   multipliers/significand_product.hpp; signs of integers: sign and magnitude (the authors' S-RoBA)
// Source    R. Zendegani, M. Kamal, M. Bahadori, A. Afzali-Kusha, M. Pedram, IEEE Trans. VLSI Systems 25(2), 2017
// Checked   tests/multipliers/significand_product_test.cpp

#include <cstdint>

#include <napier/multipliers/significand_product.hpp>

namespace napier {

struct roba {
  static constexpr bool is_exact = false;
  static constexpr double mean_relative_error = -0.000367517540;  // −(1 − ln 1.5 − 2 ln (4/3))²
  static constexpr napier::name name() { return "roba"; }

  template <LogDomainFormat F>
  constexpr unpacked multiply(F a, F b) const {
    return detail::significand_product(a, b, [](const unpacked& x, const unpacked& y) {
      const std::int32_t kx = nearest_power<F>(x);
      const std::int32_t ky = nearest_power<F>(y);
      const unpacked both = add(detail::times_power_of_2(y, kx), detail::times_power_of_2(x, ky));
      return subtract(both, detail::power_of_2(kx + ky));
    });
  }

  // The exponent of the power of two nearest to the magnitude of x, finite; of integers and fixed point: x is a code.
  template <Format F>
  static constexpr std::int32_t nearest_power(const unpacked& x) {
    const bool is_three = detail::CodedFormat<F> && x.exponent == 1;
    const bool upper_half = (x.significand >> 62 & 1) != 0;  // 1.1…
    return x.exponent + (upper_half && !is_three ? 1 : 0);
  }
};

}  // namespace napier
