#pragma once
// napier/multipliers/significand_product.hpp — what multipliers share that find an operand's leading one.
//
// What      operands decoded; a product of finite ones, each 2^k · 1.f; the rules around it
// Floats    |x| < 2^-126 counts as zero (the subnormals of float32 and bfloat16): a significand without its hidden one does not enter.
//           The product is not rounded and has no range: the accumulator's format has
// Integers  and fixed point: the magnitude of the code; signs apart
// Special   zero × finite is an exact zero, signed in floats and posits; NaN, inf × 0: NaN; inf × x: inf
// Checked   tests/multipliers/significand_product_test.cpp

#include <cstdint>

#include <napier/core/arithmetic.hpp>
#include <napier/core/concepts.hpp>
#include <napier/formats/native.hpp>
#include <napier/multipliers/log_product.hpp>

namespace napier::detail {

// Numbers that go through their code: whole, with a last place.
template <class F>
concept CodedFormat = FixedFormat<F> || IntegerFormat<F>;

template <Format F>
inline constexpr int code_fraction_bits = 0;
template <FixedFormat F>
inline constexpr int code_fraction_bits<F> = format_traits<F>::fraction_bits;

// product(x, y) of the magnitudes of finite operands, not zero; of integers and fixed-point numbers: of their codes.
template <Format F, class Product>
constexpr unpacked significand_product(F a, F b, Product product) {
  unpacked x = decode(a);
  unpacked y = decode(b);
  if constexpr (FloatingFormat<F>) {
    if (x.is_finite() && x.exponent < float32_min_normal_exponent) x = unpacked::zero(x.negative);
    if (y.is_finite() && y.exponent < float32_min_normal_exponent) y = unpacked::zero(y.negative);
  }
  x.exponent += x.is_finite() ? code_fraction_bits<F> : 0;
  y.exponent += y.is_finite() ? code_fraction_bits<F> : 0;
  unpacked result = multiply_with(x, y, [product](unpacked p, unpacked q) {
    const bool negative = p.negative != q.negative;
    p.negative = q.negative = false;
    unpacked magnitude = product(p, q);
    magnitude.negative = negative;
    return magnitude;
  });
  result.exponent -= result.is_finite() ? 2 * code_fraction_bits<F> : 0;
  if (CodedFormat<F> && result.is_zero()) return unpacked::zero();
  return result;
}

// 2^exponent
constexpr unpacked power_of_2(std::int32_t exponent) {
  return unpacked::finite(false, exponent, std::uint64_t{1} << 63);
}

// x · 2^exponent, x zero or finite.
constexpr unpacked times_power_of_2(unpacked x, std::int32_t exponent) {
  if (x.is_finite()) x.exponent += exponent;
  return x;
}

// ln((n + 1) / n), n >= 1: the share of the numbers of a binade, by 1 / x, that lie in one of its cells.
constexpr double log_of_cell(double n) {
  const double t = 1 / (2 * n + 1);
  double power = t;
  double sum = 0;
  for (int odd = 1; power > 1e-18; odd += 2, power *= t * t) sum += power / odd;
  return 2 * sum;
}

}  // namespace napier::detail
