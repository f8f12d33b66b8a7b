#pragma once
// napier/multipliers/mitchell.hpp — Mitchell's logarithmic product.
//
// What      |a| = 2^ka (1 + fa):  2^(ka+kb) (1 + fa + fb) if fa + fb < 1, else 2^(ka+kb+1) (fa + fb)
// Error     relative error in [-1/9, 0]; -1/9 at fa = fb = 1/2; mean -3.85 % over uniform operands
// Rounding  none on floats and posits; integers and fixed point: floor of the magnitude
// Special   multipliers/log_product.hpp; signs of integers: sign and magnitude
// Source    J. N. Mitchell, IRE Trans. Electronic Computers EC-11(4), 1962
// Checked   tests/multipliers/mitchell_test.cpp

#include <napier/multipliers/log_product.hpp>

namespace napier {

struct mitchell {
  static constexpr bool is_exact = false;
  static constexpr double mean_relative_error = detail::mitchell_mean_relative_error;
  static constexpr napier::name name() { return "mitchell"; }

  template <LogDomainFormat F>
  constexpr unpacked multiply(F a, F b) const {
    return detail::log_product_of<sign_magnitude>(a, b, detail::uncut{});
  }
};

}  // namespace napier
