#pragma once
// napier/multipliers/drum.hpp — DRUM<k>: a dynamic range unbiased multiplier.
//
//   1.FFFFF1|ffff…    k significant bits, the leading one included; the last of them a constant 1, the rest dropped
//
// What      the exact product of operands cut so. An integer of at most k bits enters as it is, as does every number of a format of at
//           most k significant bits
// Error     of an operand in (−1 / (2^(k−1) + 2), 2^(1−k)], of a product twice and squared: k = 6: −5.80 % … +6.35 %;
//           16-bit integers: mean +0.04 %, mean of the magnitude 1.47 %; uniform operands: mean +0.033 %
// Rounding  none
// Special   multipliers/significand_product.hpp; signs of integers: sign and magnitude (the authors' signed circuit takes the one's
//           complement of a negative operand and of a negative product)
// Source    S. Hashemi, R. I. Bahar, S. Reda, ICCAD 2015. Their 6.31 % worst case is of sampled operands
// Checked   tests/multipliers/significand_product_test.cpp

#include <cstdint>

#include <napier/multipliers/significand_product.hpp>

namespace napier {

namespace detail {

// (sum over the cells of c(i) L(i))² − 1, cells (i + 1/2) / N, N = 2^(k−2), fractions uniform.
constexpr double drum_mean(int k) {
  const int cells = 1 << (k - 2);
  double mean = 0;
  for (int i = 0; i < cells; ++i) mean += (1 + (i + 0.5) / cells) * log_of_cell(cells + i);
  return mean * mean - 1;
}

}  // namespace detail

template <int k>
struct drum {
  static_assert(3 <= k && k <= 32, "drum<k>: k is from 3 to 32");

  static constexpr bool is_exact = false;
  static constexpr double mean_relative_error = detail::drum_mean(k < 12 ? k : 12);  // 12 bits: 8e-9
  static constexpr napier::name name() { return napier::name("drum").append(k); }

  template <LogDomainFormat F>
  constexpr unpacked multiply(F a, F b) const {
    return detail::significand_product(
        a, b, [](const unpacked& x, const unpacked& y) { return napier::multiply(cut<F>(x), cut<F>(y)); });
  }

  // A finite operand as it enters the multiplier.
  template <Format F>
  static constexpr unpacked cut(unpacked x) {
    constexpr std::uint64_t last = std::uint64_t{1} << (64 - k);
    if (is_cut<F>(x.exponent)) x.significand = (x.significand & ~(last - 1)) | last;
    return x;
  }

  // Of a number with that exponent; of integers and fixed point: of the code.
  template <Format F>
  static constexpr bool is_cut(std::int32_t exponent) {
    return detail::CodedFormat<F> ? exponent >= k : format_traits<F>::significand_bits > k;
  }
};

}  // namespace napier
