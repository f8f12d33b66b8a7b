#pragma once
// napier/formats/posit_elementary.hpp — exp, log, sin and others of posits of up to 16 bits, correctly rounded.
//
// What      computed in double, then rounded to the posit: a double's error is far too small to carry a result over the
//           boundary between two posits of 16 bits. That is no theorem: a test looks at every argument of posit<16, es>,
//           es = 0 … 4, rounded to each n that has it
// constexpr no: the functions of <cmath> are not
// Range     exp and exp2 neither overflow nor become zero: they are clamped to maxpos and minpos, as all posits are
// Special   NaR gives NaR, so do the logarithm of zero or less and rsqrt of zero or less
// Source    Standard for Posit Arithmetic (2022), section 5.3
// Checked   tests/formats/posit_elementary_exhaustive_test.cpp, with glibc's double functions and MPFR

#include <cmath>
#include <limits>

#include <napier/core/concepts.hpp>
#include <napier/formats/native.hpp>

namespace napier {

template <class P>
concept ShortPosit = PositFormat<P> && format_traits<P>::width <= 16;

namespace detail {

// A result that is out of double's range is out of the posit's, too.
inline double within_range(double positive) {
  using limits = std::numeric_limits<double>;
  return positive > limits::max() ? limits::max() : positive == 0 ? limits::min() : positive;
}

}  // namespace detail

template <ShortPosit P>
P exp(P x) {
  return round_to<P>(detail::within_range(std::exp(round_to<double>(x))));
}

template <ShortPosit P>
P exp2(P x) {
  return round_to<P>(detail::within_range(std::exp2(round_to<double>(x))));
}

template <ShortPosit P>
P log(P x) {
  return round_to<P>(std::log(round_to<double>(x)));
}

template <ShortPosit P>
P log2(P x) {
  return round_to<P>(std::log2(round_to<double>(x)));
}

template <ShortPosit P>
P log10(P x) {
  return round_to<P>(std::log10(round_to<double>(x)));
}

template <ShortPosit P>
P sin(P x) {
  return round_to<P>(std::sin(round_to<double>(x)));
}

template <ShortPosit P>
P cos(P x) {
  return round_to<P>(std::cos(round_to<double>(x)));
}

template <ShortPosit P>
P tan(P x) {
  return round_to<P>(std::tan(round_to<double>(x)));
}

template <ShortPosit P>
P tanh(P x) {
  return round_to<P>(std::tanh(round_to<double>(x)));
}

// 1 / √x
template <ShortPosit P>
P rsqrt(P x) {
  return x > P{} ? round_to<P>(1 / std::sqrt(round_to<double>(x))) : round_to<P>(unpacked::nan());
}

}  // namespace napier
