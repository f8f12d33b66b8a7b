#pragma once
// Bias and spread of a multiplier's relative error over operands whose fractions are uniform.

#include <cmath>
#include <functional>

#include "own_arithmetic.hpp"
#include "random_numbers.hpp"

namespace napier_study {

struct error_moments {
  double bias = 0;    // mean relative error
  double spread = 0;  // standard deviation of the relative error
  double mean_absolute = 0;
  double mean_absolute_deviation = 0;  // mean |error − bias|
};

inline constexpr int error_pairs = 400000;

inline error_moments moments_of(const std::function<double(float, float)>& product) {
  const auto each = [&](auto visit) {
    random_numbers random;
    for (int i = 0; i < error_pairs; ++i) {
      const auto a = static_cast<float>(random.uniform(1, 2));
      const auto b = static_cast<float>(random.uniform(1, 2));
      visit(product(a, b) / (static_cast<double>(a) * b) - 1);
    }
  };
  moments errors;
  moments magnitudes;
  each([&](double error) {
    errors.add(error);
    magnitudes.add(std::fabs(error));
  });
  moments deviations;
  each([&](double error) { deviations.add(std::fabs(error - errors.mean())); });
  return {errors.mean(), errors.deviation(), magnitudes.mean(), deviations.mean()};
}

inline error_moments moments_of(const own_arithmetic& arithmetic) {
  return moments_of(
      [&](float a, float b) { return static_cast<double>(arithmetic.step(0, a, b, arithmetic.parameters)); });
}

}  // namespace napier_study
