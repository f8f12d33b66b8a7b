#pragma once
// napier/formats/value_operations.hpp — + − × ÷, √, fused multiply-add and conversions of the class formats.
//
// What      every operation is the exact result of core/arithmetic.hpp rounded once to the format
// Checked   tests/formats/posit_oracle_test.cpp, tests/formats/minifloat_oracle_test.cpp, tests/formats/fixed_test.cpp

#include <concepts>
#include <cstdint>
#include <type_traits>

#include <napier/core/arithmetic.hpp>
#include <napier/core/concepts.hpp>
#include <napier/formats/native.hpp>

namespace napier {

namespace detail {

// The smallest unsigned type of n bits.
template <int n>
using code_type = std::conditional_t<
    n <= 8, std::uint8_t,
    std::conditional_t<n <= 16, std::uint16_t, std::conditional_t<n <= 32, std::uint32_t, std::uint64_t>>>;

}  // namespace detail

// Base of a format's class: its operators, found by argument-dependent lookup alone.
template <class F>
class value_operations {
 public:
  friend constexpr F operator+(F a, F b) { return rounded_sum(a, b); }
  friend constexpr F operator-(F a, F b) { return rounded_difference(a, b); }
  friend constexpr F operator*(F a, F b) { return rounded_product(a, b); }
  friend constexpr F operator/(F a, F b) { return F::encode(divide(a.decode(), b.decode())); }
  friend constexpr F operator+(F a) { return a; }

  friend constexpr F& operator+=(F& a, F b) { return a = a + b; }
  friend constexpr F& operator-=(F& a, F b) { return a = a - b; }
  friend constexpr F& operator*=(F& a, F b) { return a = a * b; }
  friend constexpr F& operator/=(F& a, F b) { return a = a / b; }

  friend constexpr F sqrt(F a) { return F::encode(square_root(a.decode())); }
  friend constexpr F fma(F a, F b, F c) {
    return F::encode(fused_multiply_add(a.decode(), b.decode(), c.decode()));
  }
  friend constexpr F abs(F a) { return a.decode().negative ? -a : a; }

 private:
  // By a format's own sum and product, or in 64-bit words where these hold enough of it, or as all others.
  static constexpr F rounded_sum(F a, F b) {
    if constexpr (requires { F::sum(a, b); }) {
      return F::sum(a, b);
    } else {
      return rounded_sum(a.decode(), b.decode());
    }
  }
  static constexpr F rounded_difference(F a, F b) {
    if constexpr (requires { F::sum(a, b); }) {
      return F::sum(a, -b);
    } else {
      return rounded_sum(a.decode(), -b.decode());  // not every format has −b
    }
  }
  static constexpr F rounded_sum(const unpacked& a, const unpacked& b) {
    if constexpr (F::significand_bits <= 30) {
      return F::encode(narrow_sum(a, b));
    } else {
      return F::encode(add(a, b));
    }
  }
  static constexpr F rounded_product(F a, F b) {
    if constexpr (requires { F::product(a, b); }) {
      return F::product(a, b);
    } else if constexpr (F::significand_bits <= 32) {
      return F::encode(narrow_product(a.decode(), b.decode()));
    } else {
      return F::encode(multiply(a.decode(), b.decode()));
    }
  }
};

// Formats to convert from and to. The order of the conditions matters: copying a format must not ask whether it is one.
template <class F, class Self>
concept OtherFormat = !std::same_as<F, Self> && Format<F>;

template <class T>
concept NativeFormat = std::is_arithmetic_v<T> && Format<T>;

}  // namespace napier
