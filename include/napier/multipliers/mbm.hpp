#pragma once
// napier/multipliers/mbm.hpp — MBM: the minimally biased multiplier, Mitchell's product and a constant.
//
// What      c = 2^-4 + 2^-6 is added to the fraction of Mitchell's product, c / 2 in its second case (a carry of the fractions):
//           2^(ka+kb) (1 + fa + fb + c) if fa + fb < 1, else 2^(ka+kb+1) (fa + fb + c / 2); so 2^(ka+kb) c is added in both
// Error     relative error in [−7.64 %, 7.81 %]: (2 + c) / 2.25 − 1 at fractions of one half, c at powers of two;
//           mean −0.095 % over uniform operands
// Floats    operands and products have FP32's range, as in multipliers/log_product.hpp
// Integers  and fixed point: magnitudes; bits below the last place are dropped (floor), once, after the correction. A product that would leave the
//           2N bits of the circuit goes without correction, as the authors' model has it; that model also adds 1 to small products
//           with a carry, which is not done here: 3 · 3 = 8
// Special   multipliers/log_product.hpp; signs of integers: sign and magnitude
// Source    H. Saadat, H. Bokhari, S. Parameswaran, IEEE Trans. CAD 37(11), 2018
// Checked   tests/multipliers/significand_product_test.cpp

#include <cstdint>

#include <napier/multipliers/significand_product.hpp>

namespace napier {

struct mbm {
  static constexpr bool is_exact = false;
  static constexpr double mean_relative_error = -0.000952602205;  // Mitchell's + c (ln 2)²
  static constexpr napier::name name() { return "mbm"; }

  template <LogDomainFormat F>
  constexpr unpacked multiply(F a, F b) const {
    const unpacked product = detail::significand_product(a, b, [](const unpacked& x, const unpacked& y) {
      const unpacked uncorrected = detail::add_logarithms(x, y);
      const unpacked corrected = add(uncorrected, correction(x.exponent + y.exponent));
      if constexpr (detail::CodedFormat<F>) {
        const bool leaves = corrected.exponent >= 2 * format_traits<F>::width;
        return whole_part(leaves ? uncorrected : corrected);
      } else {
        return corrected;
      }
    });
    if (!FloatingFormat<F> || !product.is_finite()) return product;
    if (product.exponent < detail::float32_min_normal_exponent) return unpacked::zero(product.negative);
    if (product.exponent > detail::float32_max_exponent) return unpacked::infinity(product.negative);
    return product;
  }

 private:
  // c · 2^exponent: 1.01 binary · 2^(exponent − 4)
  static constexpr unpacked correction(std::int32_t exponent) {
    return unpacked::finite(false, exponent - 4, std::uint64_t{5} << 61);
  }
  static constexpr unpacked whole_part(unpacked x) {
    if (x.exponent < 63) x.significand &= ~std::uint64_t{0} << (63 - x.exponent);
    if (x.exponent <= 63) x.tail = 0;
    return x;
  }
};

}  // namespace napier
