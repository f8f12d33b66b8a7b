#pragma once
// The relative errors of single products of a MAC, over the significands of both operands.

#include <cstddef>
#include <string>
#include <vector>

namespace napier_eval {

struct product_errors {
  std::size_t size = 0;        // of operands on each side
  std::vector<double> errors;  // [i * size + j]: of a ≈ 1 + (i + 1/2) / size times b ≈ 1 + (j + 1/2) / size
  double mean = 0;
  double lowest = 0;
  double highest = 0;
};

// As a layer gets them: operands rounded to the MAC's format, the sum of one product finished and rounded to the format.
// Relative to the exact product of the rounded operands. Throws napier::name_error for an unknown MAC.
product_errors product_errors_of(const std::string& mac, std::size_t size);

}  // namespace napier_eval
