#pragma once
// napier/analysis/error_histogram.hpp — a histogram whose bins widen until everything fits.
//
// What      256 bins [i, i + 1) · 2^e, i from −128 to 127; e is the least for which all numbers so far have a bin, and grows by
//           merging neighbours, which is exact: the result does not depend on the order of the numbers
// Limits    e from −40 to 10; numbers beyond ±2^17 are counted in the outermost bins
// Checked   tests/analysis/error_histogram_test.cpp

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace napier {

class error_histogram {
 public:
  struct bin {
    double from;
    double to;
    std::uint64_t count;
  };

  void add(double x) {
    int at = index(x);
    while ((at < -half || at >= half) && exponent_ < max_exponent) {
      widen();
      at = index(x);
    }
    ++counts_[static_cast<std::size_t>(std::clamp(at, -half, half - 1) + half)];
  }

  void merge(const error_histogram& other) {
    error_histogram wide = other;
    while (exponent_ < wide.exponent_) widen();
    while (wide.exponent_ < exponent_) wide.widen();
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += wide.counts_[i];
  }

  // From the first bin that is not empty to the last.
  std::vector<bin> bins() const {
    std::vector<bin> result;
    std::size_t filled = 0;
    for (int i = -half; i < half; ++i) {
      const std::uint64_t count = counts_[static_cast<std::size_t>(i + half)];
      if (count == 0 && result.empty()) continue;
      result.push_back({std::ldexp(i, exponent_), std::ldexp(i + 1, exponent_), count});
      if (count != 0) filled = result.size();
    }
    result.resize(filled);
    return result;
  }

 private:
  static constexpr int half = 128;
  static constexpr int min_exponent = -40;
  static constexpr int max_exponent = 10;

  int index(double x) const {
    const double place = std::floor(x * scale_);
    return place < -1e9 ? -1000000000 : place > 1e9 ? 1000000000 : static_cast<int>(place);
  }

  void widen() {
    std::array<std::uint64_t, 2 * half> merged{};
    for (int i = -half; i < half; ++i) {
      const int to = i >= 0 ? i / 2 : (i - 1) / 2;
      merged[static_cast<std::size_t>(to + half)] += counts_[static_cast<std::size_t>(i + half)];
    }
    counts_ = merged;
    ++exponent_;
    scale_ /= 2;
  }

  std::array<std::uint64_t, 2 * half> counts_{};
  int exponent_ = min_exponent;
  double scale_ = std::ldexp(1.0, -min_exponent);
};

}  // namespace napier
