#pragma once
// napier/analysis/running_moments.hpp — mean and central moments of a stream of numbers, up to the fourth.
//
// What      numbers come in blocks, each summed around its own mean; blocks and whole streams are merged by the pairwise
//           formulas, so that nothing cancels and no sum is longer than a block
// Accuracy  with blocks of at most 1,024 numbers: mean and variance to some 10^-13 of the mean absolute value and of the
//           mean square; better than any table shows
// Source    P. Pébay, Sandia report SAND2008-6212, 2008
// Checked   tests/analysis/running_moments_test.cpp

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

namespace napier {

class running_moments {
 public:
  void add(std::span<const double> block) {
    if (block.empty()) return;
    running_moments own;
    own.count_ = block.size();
    own.mean_ = sums<1>(block, [](double x) { return std::array{x}; })[0] / static_cast<double>(block.size());
    const std::array<double, 3> powers = sums<3>(block, [mean = own.mean_](double x) {
      const double d = x - mean;
      const double square = d * d;
      return std::array{square, square * d, square * square};
    });
    own.second_ = powers[0];
    own.third_ = powers[1];
    own.fourth_ = powers[2];
    merge(own);
  }

  // Of the numbers with the opposite sign: the same bits as by adding them.
  running_moments operator-() const {
    running_moments result = *this;
    result.mean_ = 0 - mean_;  // not −0
    result.third_ = 0 - third_;
    return result;
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
  // Of `count` terms of each number, in `lanes` interleaved chains, which compilers make vectors of; then of the lanes.
  template <std::size_t count, class Terms>
  static std::array<double, count> sums(std::span<const double> block, Terms terms) {
    constexpr std::size_t lanes = 8;
    double chains[count][lanes] = {};
    std::size_t i = 0;
    for (; i + lanes <= block.size(); i += lanes) {
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        const std::array<double, count> t = terms(block[i + lane]);
        for (std::size_t k = 0; k < count; ++k) chains[k][lane] += t[k];
      }
    }
    for (std::size_t lane = 0; i < block.size(); ++i, ++lane) {
      const std::array<double, count> t = terms(block[i]);
      for (std::size_t k = 0; k < count; ++k) chains[k][lane] += t[k];
    }
    std::array<double, count> result{};
    for (std::size_t k = 0; k < count; ++k) {
      for (const double chain : chains[k]) result[k] += chain;
    }
    return result;
  }

  std::uint64_t count_ = 0;
  double mean_ = 0;
  double second_ = 0;  // sums of powers of the deviations from mean_
  double third_ = 0;
  double fourth_ = 0;
};

}  // namespace napier
