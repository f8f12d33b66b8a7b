#pragma once
// napier/analysis/wilson.hpp — Wilson's score interval of a share, such as an accuracy measured on some images.
//
// What      the shares p for which |k/n − p| ≤ z √(p (1 − p) / n): (k + z²/2 ± z √(k (n − k) / n + z²/4)) / (n + z²);
//           k = 0 has the lower end 0, k = n the upper end 1, n = 0 is [0, 1]
// Error     1e-14 of the value at most, for n up to 10^9 (both ends are sums of numbers ≥ 0: nothing cancels)
// Source    E. B. Wilson, J. American Statistical Association 22(158), 1927
// Checked   tests/analysis/significance_test.cpp

#include <cmath>
#include <cstddef>
#include <string>

#include <napier/core/error.hpp>

namespace napier {

struct interval {
  double low = 0;
  double high = 1;
};

inline constexpr double z_of_95_percent = 1.959963984540054;  // the normal distribution's quantile of 0.975

// k of n. Throws shape_error for k > n.
inline interval wilson_interval(std::size_t k, std::size_t n, double z = z_of_95_percent) {
  if (k > n) throw shape_error("Wilson's interval: " + std::to_string(k) + " of " + std::to_string(n));
  if (n == 0) return {0, 1};
  const auto hits = static_cast<double>(k);
  const auto misses = static_cast<double>(n - k);
  const double total = hits + misses;
  const double root = z * std::sqrt(hits * misses / total + z * z / 4);
  // The lower end's numerator times its conjugate is hits² (1 + z²/n): no difference is taken.
  const double low = hits * hits / total / (hits + z * z / 2 + root);
  const double high = k == n ? 1 : (hits + z * z / 2 + root) / (total + z * z);
  return {low, high};
}

}  // namespace napier
