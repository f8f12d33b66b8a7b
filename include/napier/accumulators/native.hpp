#pragma once
// napier/accumulators/native.hpp — native<T>: a sum held in T, for float, double or any format.
//
// What      each product is rounded to T, then added in T with one rounding, in the order given; starts at +0.
//           A posit T is a machine without a quire
// Special   as T's arithmetic; a finished NaN is the canonical one
// Checked   tests/accumulators/native_test.cpp

#include <concepts>
#include <type_traits>

#include <napier/core/arithmetic.hpp>
#include <napier/core/concepts.hpp>
#include <napier/formats/native.hpp>
#include <napier/formats/value_operations.hpp>

namespace napier {

template <Format T>
class native {
 public:
  using value_type = T;
  static constexpr bool is_exact = false;
  static constexpr napier::name name() { return format_traits<T>::name(); }

  constexpr void add(const unpacked& x) { add(round_to<T>(x)); }
  constexpr void add(T x) {
    if constexpr (std::floating_point<T>) {
      sum_ += x;
    } else if constexpr (std::is_base_of_v<value_operations<T>, T>) {
      sum_ = sum_ + x;  // the same, faster for a narrow format
    } else {
      sum_ = round_to<T>(napier::add(decode(sum_), decode(x)));
    }
  }
  constexpr void scale(double factor) {
    const T constant = round_to<T>(decode(factor));
    sum_ = round_to<T>(multiply(decode(sum_), decode(constant)));
  }
  constexpr unpacked value() const { return decode(sum_); }

 private:
  T sum_{};
};

}  // namespace napier
