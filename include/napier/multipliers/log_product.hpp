#pragma once
// napier/multipliers/log_product.hpp — what all log-domain multipliers share: decode, add logarithms, encode.
//
// What      |x| = 2^k (1 + f) has the logarithm k + f, Mitchell's approximation of log2; operands are cut (each
//           multiplier its own way), logarithms added, and the sum's antilogarithm taken the same way:
//           2^(ka+kb) (1 + fa + fb) if fa + fb < 1, else 2^(ka+kb+1) (fa + fb)
// Floats    |x| < 2^-126 counts as zero (the subnormals of float32 and bfloat16); products below 2^-126 are signed zeros,
//           from 2^128 on infinite, whatever the operands' format
// Integers  and fixed point: the code's leading one is detected; the antilogarithm drops bits below the last place of the
//           2N-bit product (floor of the magnitude)
// Special   zero × finite is an exact signed zero; NaN, inf × 0: NaN; inf × x: inf
// Checked   tests/multipliers/log_product_test.cpp

#include <cstdint>

#include <napier/core/arithmetic.hpp>
#include <napier/core/concepts.hpp>
#include <napier/formats/native.hpp>

namespace napier {

// Signs of integer and fixed-point operands.
struct sign_magnitude {
  static constexpr bool complements = false;
};
// The C1 circuit: a negative operand enters as its complement ~a (−1 has magnitude 0 and acts as 1), a negative result
// leaves as the complement. Source: Kim, Del Barrio et al., IEEE Trans. Computers 68(5), 2019
struct ones_complement {
  static constexpr bool complements = true;
};

namespace detail {

// x · y by addition of logarithms; both finite and not zero.
constexpr unpacked add_logarithms(const unpacked& x, const unpacked& y) {
  const std::uint64_t fx = x.significand << 1;  // 0.f
  const std::uint64_t sum = fx + (y.significand << 1);
  const bool carry = sum < fx;
  const std::uint64_t significand = (std::uint64_t{1} << 63) | (sum >> 1);
  return unpacked::finite(x.negative != y.negative, x.exponent + y.exponent + static_cast<int>(carry),
                          significand);
}

template <class Cut>
constexpr unpacked log_product(const unpacked& x, const unpacked& y, Cut cut) {
  return multiply_with(x, y, [cut](unpacked a, unpacked b) {
    a.significand = cut(a.significand);
    b.significand = cut(b.significand);
    return add_logarithms(a, b);
  });
}

// Of uncut operands with uniform fractions.
inline constexpr double mitchell_mean_relative_error = -0.038487993917;

struct uncut {
  constexpr std::uint64_t operator()(std::uint64_t significand) const { return significand; }
};

inline constexpr int float32_min_normal_exponent = -126;
inline constexpr int float32_max_exponent = 127;

template <class Cut>
constexpr unpacked log_product_of_floats(unpacked x, unpacked y, Cut cut) {
  if (x.is_finite() && x.exponent < float32_min_normal_exponent) x = unpacked::zero(x.negative);
  if (y.is_finite() && y.exponent < float32_min_normal_exponent) y = unpacked::zero(y.negative);
  const unpacked product = log_product(x, y, cut);
  if (!product.is_finite()) return product;
  if (product.exponent < float32_min_normal_exponent) return unpacked::zero(product.negative);
  if (product.exponent > float32_max_exponent) return unpacked::infinity(product.negative);
  return product;
}

// The magnitude that enters the circuit for a non-zero integer.
template <class Signs>
constexpr unpacked circuit_operand(const unpacked& x) {
  if (!Signs::complements || !x.negative) return x;
  const unpacked complement = add(x, unpacked::finite(false, 0, std::uint64_t{1} << 63));  // −|x| + 1 = −(~x)
  return complement.is_zero() ? unpacked::finite(true, 0, std::uint64_t{1} << 63) : complement;
}

// x and y are integers.
template <class Signs, class Cut>
constexpr unpacked log_product_of_integers(const unpacked& x, const unpacked& y, Cut cut) {
  if (x.is_zero() || y.is_zero()) return unpacked::zero();
  unpacked product = log_product(circuit_operand<Signs>(x), circuit_operand<Signs>(y), cut);
  if (product.exponent < 63) product.significand &= ~std::uint64_t{0} << (63 - product.exponent);
  if (!Signs::complements || !product.negative) return product;
  return add(product, unpacked::finite(true, 0, std::uint64_t{1} << 63));  // ~p = −p − 1
}

template <class Signs, Format F, class Cut>
constexpr unpacked log_product_of(F a, F b, Cut cut) {
  unpacked x = decode(a);
  unpacked y = decode(b);
  if constexpr (FloatingFormat<F>) {
    return log_product_of_floats(x, y, cut);
  } else if constexpr (IntegerFormat<F>) {
    return log_product_of_integers<Signs>(x, y, cut);
  } else if constexpr (FixedFormat<F>) {
    if (x.is_finite()) x.exponent += format_traits<F>::fraction_bits;
    if (y.is_finite()) y.exponent += format_traits<F>::fraction_bits;
    unpacked product = log_product_of_integers<Signs>(x, y, cut);
    if (product.is_finite()) product.exponent -= 2 * format_traits<F>::fraction_bits;
    return product;
  } else {
    return log_product(x, y, cut);
  }
}

}  // namespace detail

// float64 has no log-domain multiplier: the product's exponent range is FP32's.
template <class F>
concept LogDomainFormat = Format<F> &&
    (format_traits<F>::kind != format_kind::floating || format_traits<F>::width <= 32);

}  // namespace napier
