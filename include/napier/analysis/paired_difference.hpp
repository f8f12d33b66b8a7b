#pragma once
// napier/analysis/paired_difference.hpp — how much accuracy one run loses against another on the same images.
//
// What      loss = (images that the first answers rightly and the second does not − the other way round) / images, with a 95 %
//           interval for paired proportions: Wald's after adding 1/2 to each of the four counts
// Source    A. Agresti, Y. Min, Statistics in Medicine 24(5), 2005: covers as promised for few images, too
// Checked   tests/analysis/sensitivity_test.cpp

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace napier {

struct paired_difference {
  double loss = 0;  // share of the images
  double low = 0;
  double high = 0;
};

// lost: right in the first run alone; won: in the second alone.
inline paired_difference difference_of(std::size_t lost, std::size_t won, std::size_t images) {
  if (images == 0) return {0, -1, 1};
  const auto n = static_cast<double>(images);
  const auto b = static_cast<double>(lost);
  const auto c = static_cast<double>(won);
  const double middle = (b - c) / (n + 2);
  const double spread = std::sqrt((b + c + 1) - (b - c) * (b - c) / (n + 2)) / (n + 2);
  const double reach = 1.959963984540054 * spread;  // of the normal distribution
  return {(b - c) / n, std::max(-1.0, middle - reach), std::min(1.0, middle + reach)};
}

}  // namespace napier
