#pragma once
// napier/layers/function.hpp — activation functions of one or two parameters.
//
//   leaky_relu     x < 0 ? α x : x                       hard_sigmoid   max(0, min(1, α x + β))
//   elu            x < 0 ? α (e^x − 1) : x               hard_swish     x · hard_sigmoid(x), α = 1/6, β = 1/2
//   selu           β (x < 0 ? α (e^x − 1) : x)           softplus       ln(1 + e^x)
//   softsign       x / (1 + |x|)                         mish           x · tanh(softplus(x))
//   erf            2/√π ∫ e^−t² dt, from 0 to x          absolute, negative, square_root, reciprocal, exponential, logarithm
//
// What      in FP64 by <cmath>, rounded once to the format
// Special   NaN (NaR) stays NaN
// Errors    shape_error when input and output differ in length
// Checked   tests/layers/function_test.cpp

#include <algorithm>
#include <cmath>
#include <span>
#include <type_traits>

#include <napier/core/concepts.hpp>
#include <napier/core/rounded_product.hpp>
#include <napier/layers/activation.hpp>

namespace napier {

enum class element_function : unsigned char {
  leaky_relu,
  hard_sigmoid,
  hard_swish,
  elu,
  selu,
  softplus,
  softsign,
  mish,
  erf,
  absolute,
  negative,
  square_root,
  reciprocal,
  exponential,
  logarithm
};

namespace detail {

inline double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x))); }

inline double hard_sigmoid(double x, double alpha, double beta) {
  return std::max(0.0, std::min(1.0, rounded_product(alpha, x) + beta));
}

}  // namespace detail

inline double apply_function(element_function function, double alpha, double beta, double x) {
  if (std::isnan(x)) return x;
  switch (function) {
    case element_function::leaky_relu:
      return x < 0 ? alpha * x : x;
    case element_function::hard_sigmoid:
      return detail::hard_sigmoid(x, alpha, beta);
    case element_function::hard_swish:
      return x <= -3 ? 0 : x * detail::hard_sigmoid(x, 1.0 / 6, 0.5);
    case element_function::elu:
      return x < 0 ? alpha * std::expm1(x) : x;
    case element_function::selu:
      return beta * (x < 0 ? alpha * std::expm1(x) : x);
    case element_function::softplus:
      return detail::softplus(x);
    case element_function::softsign:
      return std::isinf(x) ? std::copysign(1.0, x) : x / (1 + std::fabs(x));
    case element_function::mish:
      return std::isinf(x) && x < 0 ? 0 : x * std::tanh(detail::softplus(x));
    case element_function::erf:
      return std::erf(x);
    case element_function::absolute:
      return std::fabs(x);
    case element_function::negative:
      return -x;
    case element_function::square_root:
      return std::sqrt(x);
    case element_function::reciprocal:
      return 1 / x;
    case element_function::exponential:
      return std::exp(x);
    default:
      return std::log(x);
  }
}

// The output may be the input.
template <Format F>
void apply_function(element_function function, double alpha, double beta,
                    std::span<const std::type_identity_t<F>> input, std::span<F> output) {
  detail::transform_in_float64<F>("function", input, output,
                                  [=](double x) { return apply_function(function, alpha, beta, x); });
}

}  // namespace napier
