#pragma once
// The same numbers on every machine: <random>'s distributions are not.

#include <cmath>
#include <cstdint>

namespace napier_study {

class random_numbers {
 public:
  // Uniform in (0, 1): xorshift64*, its upper 52 bits.
  double uniform() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return (static_cast<double>((state_ * 0x2545f4914f6cdd1dull) >> 12) + 0.5) * 0x1p-52;
  }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  // Standard normal, by Box and Muller.
  double normal() { return std::sqrt(-2 * std::log(uniform())) * std::cos(6.283185307179586 * uniform()); }

 private:
  std::uint64_t state_ = 1614;
};

// Mean and standard deviation of a sample.
class moments {
 public:
  void add(double x) {
    ++count_;
    const double before = x - mean_;
    mean_ += before / count_;
    squares_ += before * (x - mean_);
  }
  double mean() const { return mean_; }
  double deviation() const { return std::sqrt(squares_ / count_); }

 private:
  double count_ = 0;
  double mean_ = 0;
  double squares_ = 0;
};

}  // namespace napier_study
