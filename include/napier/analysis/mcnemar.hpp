#pragma once
// napier/analysis/mcnemar.hpp — McNemar's exact test: do two classifiers differ on the same images by more than chance?
//
// What      of b images that only the first gets right and c that only the second does; were both equally good, each of
//           the b + c would fall to either side with probability 1/2. p = min(1, 2 P(X ≤ min(b, c))) for X of the
//           binomial distribution (b + c, 1/2); 1 where b = c. Exact for every count: no chi-square
// Error     relative, at most 4 (b + c) 2^-53; below 10^-308 the result is 0 or subnormal
// Source    Q. McNemar, Psychometrika 12(2), 1947
// Checked   tests/analysis/significance_test.cpp

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace napier {

inline double mcnemar_p(std::size_t b, std::size_t c) {
  if (b == c) return 1;
  const std::size_t n = b + c;
  const std::size_t least = std::min(b, c);
  // The largest term, C(n, least) / 2^n, as mantissa · 2^exponent; the others, from it downwards, relative to it.
  double mantissa = 1;
  int exponent = 0;
  long long halvings = static_cast<long long>(n);
  for (std::size_t i = 1; i <= least; ++i) {
    mantissa *= static_cast<double>(n - least + i) / static_cast<double>(i);
    mantissa = std::frexp(mantissa, &exponent);
    halvings -= exponent;
  }
  double sum = 1;
  double term = 1;
  for (std::size_t k = least; k > 0 && term > sum * 1e-18; --k) {
    term *= static_cast<double>(k) / static_cast<double>(n - k + 1);
    sum += term;
  }
  const double p = std::ldexp(mantissa * sum, static_cast<int>(1 - std::min<long long>(halvings, 100000)));
  return std::min(1.0, p);
}

}  // namespace napier
