#pragma once
// napier/multipliers/plam.hpp — PLAM: Mitchell's product of two posits.
//
// What      posits decoded to exponent and fraction; exponents and fractions added as in Mitchell's product
// Error     relative error before rounding in [-1/9, 0]
// Rounding  none: the accumulator gets the wide sum. The published circuit rounds to the posit: rounded<plam, P>
// Special   NaR in, NaR out; zero is exact
// Source    R. Murillo, A. A. Del Barrio, G. Botella et al., IEEE TETC, 2021
// Checked   tests/multipliers/plam_test.cpp, tests/multipliers/vectors_test.cpp

#include <napier/multipliers/log_product.hpp>

namespace napier {

struct plam {
  static constexpr bool is_exact = false;
  static constexpr double mean_relative_error = detail::mitchell_mean_relative_error;
  static constexpr napier::name name() { return "plam"; }

  template <PositFormat F>
  constexpr unpacked multiply(F a, F b) const {
    return detail::log_product(decode(a), decode(b), detail::uncut{});
  }
};

}  // namespace napier
