#pragma once
// napier/analysis/running_moments.hpp — mean and central moments of a stream of numbers, up to the fourth.
//
// What      numbers come in blocks, each summed around its own mean; blocks and whole streams are merged by the pairwise
//           formulas, so that nothing cancels and no sum is longer than a block
// Accuracy  with blocks of at most 1,024 numbers: mean and variance to some 10^-13 of the mean absolute value and of the
//           mean square; better than any table shows
// Source    P. Pébay, Sandia report SAND2008-6212, 2008
// Checked   tests/analysis/multiplier_errors_test.cpp

#include <cmath>
#include <cstdint>
#include <span>

namespace napier {

class running_moments {
 public:
  void add(std::span<const double> block) {
    if (block.empty()) return;
    running_moments own;
    own.count_ = block.size();
    double sum = 0;
    for (const double x : block) sum += x;
    own.mean_ = sum / static_cast<double>(block.size());
    for (const double x : block) {
      const double d = x - own.mean_;
      const double square = d * d;
      own.second_ += square;
      own.third_ += square * d;
      own.fourth_ += square * square;
    }
    merge(own);
  }

  void merge(const running_moments& other) {
    if (other.count_ == 0) return;
    if (count_ == 0) {
      *this = other;
      return;
    }
    const auto a = static_cast<double>(count_);
    const auto b = static_cast<double>(other.count_);
    const double n = a + b;
    const double d = other.mean_ - mean_;
    const double step = d / n;
    fourth_ += other.fourth_ + step * step * step * d * a * b * (a * a - a * b + b * b) +
               6 * step * step * (a * a * other.second_ + b * b * second_) +
               4 * step * (a * other.third_ - b * third_);
    third_ += other.third_ + step * step * d * a * b * (a - b) + 3 * step * (a * other.second_ - b * second_);
    second_ += other.second_ + step * d * a * b;
    mean_ += step * b;
    count_ += other.count_;
  }

  std::uint64_t count() const { return count_; }
  double mean() const { return mean_; }
  // The mean squared deviation from the mean.
  double variance() const { return count_ == 0 ? 0 : second_ / static_cast<double>(count_); }
  double fourth_central_moment() const { return count_ == 0 ? 0 : fourth_ / static_cast<double>(count_); }

  // Standard errors of the two as estimates from a sample.
  double mean_error() const { return count_ == 0 ? 0 : std::sqrt(variance() / static_cast<double>(count_)); }
  double variance_error() const {
    const double excess = fourth_central_moment() - variance() * variance();
    return count_ == 0 || !(excess > 0) ? 0 : std::sqrt(excess / static_cast<double>(count_));
  }

 private:
  std::uint64_t count_ = 0;
  double mean_ = 0;
  double second_ = 0;  // sums of powers of the deviations from mean_
  double third_ = 0;
  double fourth_ = 0;
};

}  // namespace napier
