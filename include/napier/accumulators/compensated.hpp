#pragma once
// napier/accumulators/compensated.hpp — compensated<A>: A, its finished sum times one constant.
//
// What      sum of A · 1 / (1 + e), e = the multiplier's mean relative error, before the bias is added
// Rounding  native<T>: constant and product rounded to T; quire: constant rounded to FP32, product exact;
//           fixed64: constant rounded to FP32, product rounded to the sum's grid
// Checked   tests/accumulators/compensated_test.cpp

#include <napier/core/name.hpp>

namespace napier {

template <class A>
struct compensated;

namespace detail {

template <class A>
inline constexpr bool is_compensated = false;
template <class A>
inline constexpr bool is_compensated<compensated<A>> = true;

}  // namespace detail

template <class A>
struct compensated {
  static_assert(!detail::is_compensated<A>, "compensated<compensated<A>>: the error is taken out once");

  static constexpr napier::name name() { return napier::name("compensated-").append(A::name()); }
};

}  // namespace napier
