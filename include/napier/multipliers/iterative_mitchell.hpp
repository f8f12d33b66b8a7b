#pragma once
// napier/multipliers/iterative_mitchell.hpp — the iterative logarithmic product: Mitchell's, corrected stage by stage.
//
// What      a stage (basic block) gives 2^(kx+ky) + 2^ky (x − 2^kx) + 2^kx (y − 2^ky), what Mitchell's product is without its second case;
//           the next takes x − 2^kx and y − 2^ky, until one of them is zero. The stages' products are added:
//           after s stages  x · y − r(x) r(y),  r being a number without its s highest ones
// Truncated iterative_mitchell<stages, w>: operands cut to w significant bits first, the leading one included, as in mitch<w>.
//           Kim's paper truncates, too; where else it cuts could not be read, so its circuit is not claimed
// Error     relative error in (−4^-stages, 0]; mean 9.42 %, 0.989 %, 0.107 % for 1, 2, 3 stages over uniform operands; two stages
//           over all integers but 0: 0.83 % (8 bits), 0.99 % (16 bits), worst 6.10 % and 6.25 %
// Rounding  none
// Special   multipliers/significand_product.hpp; signs of integers: sign and magnitude
// Source    Z. Babić, A. Avramović, P. Bulić, Microprocessors and Microsystems 35(1), 2011; H. Kim, M. S. Kim, A. A. Del Barrio,
//           N. Bagherzadeh, ARITH 2019
// Checked   tests/multipliers/significand_product_test.cpp

#include <cstdint>

#include <napier/multipliers/significand_product.hpp>

namespace napier {

namespace detail {

// What is left of the integer x < 2^32 without its highest ones.
constexpr std::uint32_t without_ones(std::uint32_t x, int ones) {
  for (; ones > 0 && x != 0; --ones) {
    std::uint32_t top = x;
    while ((top & (top - 1)) != 0) top &= top - 1;
    x -= top;
  }
  return x;
}

// Fractions uniform in [0, 1). (sum of x(i) L(i))² − (sum of r(i) L(i))² − 1 over N = 2^(bits − 1) cells, x(i) = (N + i) / N.
constexpr double iterative_mean_of_cells(int stages, int bits) {
  const int cells = 1 << (bits - 1);
  double cut = 0;
  double rest = 0;
  for (int i = 0; i < cells; ++i) {
    const double share = log_of_cell(cells + i) / cells;
    cut += (cells + i) * share;
    rest += without_ones(static_cast<std::uint32_t>(cells + i), stages) * share;
  }
  return cut * cut - rest * rest - 1;
}

// −E², E = the mean of r(x) / x: 1 − ln 2 for one stage; for 1 to 6 stages.
inline constexpr double iterative_mean_relative_error[] = {-0.094158652798, -0.009887696566, -0.001074537469,
                                                           -0.000118305519, -0.000013094486, -0.000001452561};

}  // namespace detail

template <int stages, int w = 0>
struct iterative_mitchell {
  static_assert(1 <= stages && stages <= 6, "iterative_mitchell<stages>: from 1 to 6");
  static_assert(w == 0 || (2 <= w && w <= 10),
                "iterative_mitchell<stages, w>: w is from 2 to 10, or 0: operands are not cut");

  static constexpr bool is_exact = false;
  static constexpr double mean_relative_error = w == 0
                                                    ? detail::iterative_mean_relative_error[stages - 1]
                                                    : detail::iterative_mean_of_cells(stages, w == 0 ? 2 : w);
  static constexpr napier::name name() {
    napier::name text = napier::name("iterative").append(stages);
    return w == 0 ? text : text.append("w").append(w);
  }

  template <LogDomainFormat F>
  constexpr unpacked multiply(F a, F b) const {
    return detail::significand_product(a, b, [](unpacked x, unpacked y) {
      x.significand = cut(x.significand);
      y.significand = cut(y.significand);
      unpacked sum = unpacked::zero();
      for (int stage = 0; stage < stages && x.is_finite() && y.is_finite(); ++stage) {
        const std::int32_t kx = x.exponent;
        const std::int32_t ky = y.exponent;
        x = subtract(x, detail::power_of_2(kx));
        y = subtract(y, detail::power_of_2(ky));
        sum = add(sum, detail::power_of_2(kx + ky));
        sum = add(sum, add(detail::times_power_of_2(x, ky), detail::times_power_of_2(y, kx)));
      }
      return sum;
    });
  }

  // A significand, leading one at bit 63, as it enters the first stage.
  static constexpr std::uint64_t cut(std::uint64_t significand) {
    return w == 0 ? significand : significand & (~std::uint64_t{0} << ((64 - w) & 63));
  }
};

}  // namespace napier
