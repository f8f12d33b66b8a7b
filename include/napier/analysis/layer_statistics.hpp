#pragma once
// napier/analysis/layer_statistics.hpp — statistics of a layer's errors and values, gathered image by image.
//
// What      error_statistics, of e = y − r, y a layer's output and r the reference's:
//           mean, variance   of e
//           snr              Σ r² / Σ e², in decibels; infinite without error
//           worst            max |e|
//           bias, deviation, worst_relative   mean, standard deviation and worst over the root mean square of r, so that
//                            bias² + deviation² = 10^(−snr / 10)
//           and of the sums of products s = r − b and s + e, b the layer's bias (batch norm: its shift):
//           scale            what the sums were multiplied with, by least squares: Σ s (s + e) / Σ s²
//           residual         root mean square of what that scale leaves, over that of s
//           channel_spread   the part of the residual that a scale for each channel takes away
//           amplification    root mean square of s over that of r: what the error of the sums is multiplied with where the bias
//                            cancels most of them
// What      value_range, of values and what a format makes of them: the smallest and largest magnitude that is not zero; how
//           many are zero, saturated (clamped to the format's largest, or overflowed to infinity or NaN) and flushed (to zero,
//           or to the format's smallest)
// Rounding  sums in double; moments are merged, not summed as squares (Chan, Golub, LeVeque 1983)
// Special   pairs with a NaN or an infinity are counted and left out
// Checked   tests/analysis/layer_truth_test.cpp

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include <napier/analysis/layer_site.hpp>

namespace napier {

class error_statistics {
 public:
  // Of one image or more; the same site in every call.
  void add(const layer_site& site, std::span<const double> reference, std::span<const double> values) {
    if (channels_.empty()) channels_.resize(site.channels);
    double sum = 0;
    double worst = 0;
    std::size_t pairs = 0;
    for (std::size_t first = 0; first < reference.size(); first += site.channel_size) {
      const std::size_t c = first / site.channel_size % site.channels;
      const double bias = site.bias.empty() ? 0 : site.bias[c];
      channel& own = channels_[c];
      for (std::size_t i = first; i < first + site.channel_size; ++i) {
        const double r = reference[i];
        const double e = values[i] - r;
        if (!std::isfinite(e)) continue;
        const double s = r - bias;
        ++pairs;
        sum += e;
        worst = std::max(worst, std::abs(e));
        reference_squares_ += r * r;
        own.sum_squares += s * s;
        own.products += s * e;
        own.error_squares += e * e;
      }
    }
    not_finite_ += reference.size() - pairs;
    if (pairs == 0) return;
    const double mean = sum / static_cast<double>(pairs);
    double squares = 0;
    for (std::size_t i = 0; i < reference.size(); ++i) {
      const double e = values[i] - reference[i];
      if (std::isfinite(e)) squares += (e - mean) * (e - mean);
    }
    merge_moments(pairs, mean, squares, worst);
  }

  // Merging in a fixed order gives the same bits.
  void merge(const error_statistics& other) {
    if (channels_.empty()) channels_.resize(other.channels_.size());
    not_finite_ += other.not_finite_;
    reference_squares_ += other.reference_squares_;
    for (std::size_t c = 0; c < other.channels_.size(); ++c) {
      channels_[c].sum_squares += other.channels_[c].sum_squares;
      channels_[c].products += other.channels_[c].products;
      channels_[c].error_squares += other.channels_[c].error_squares;
    }
    if (other.count_ != 0) merge_moments(other.count_, other.mean_, other.squares_, other.worst_);
  }

  std::size_t count() const { return count_; }            // of finite pairs
  std::size_t not_finite() const { return not_finite_; }  // of the others

  double mean() const { return mean_; }
  double variance() const { return count_ == 0 ? 0 : squares_ / static_cast<double>(count_); }
  double worst() const { return worst_; }
  double reference_rms() const {
    return count_ == 0 ? 0 : std::sqrt(reference_squares_ / static_cast<double>(count_));
  }
  double bias() const { return ratio(mean(), reference_rms()); }
  double deviation() const { return ratio(std::sqrt(variance()), reference_rms()); }
  double worst_relative() const { return ratio(worst(), reference_rms()); }
  // Infinite without error, −infinite where the reference is zero everywhere.
  double snr_decibels() const {
    const double noise = variance() + mean() * mean();
    if (noise == 0) return std::numeric_limits<double>::infinity();
    return 10 * std::log10(reference_squares_ / static_cast<double>(count_) / noise);
  }

  double scale() const {
    const channel all = total();
    return 1 + ratio(all.products, all.sum_squares);
  }
  double residual() const {
    const channel all = total();
    const double left = all.error_squares - ratio(all.products * all.products, all.sum_squares);
    return std::sqrt(ratio(std::max(0.0, left), all.sum_squares));
  }
  double channel_spread() const {
    const channel all = total();
    const double common = ratio(all.products, all.sum_squares);
    double spread = 0;
    for (const channel& c : channels_) {
      const double own = ratio(c.products, c.sum_squares) - common;
      spread += c.sum_squares * own * own;
    }
    return std::sqrt(ratio(spread, all.sum_squares));
  }
  double amplification() const { return std::sqrt(ratio(total().sum_squares, reference_squares_)); }

 private:
  struct channel {
    double sum_squares = 0;    // Σ s²
    double products = 0;       // Σ s e
    double error_squares = 0;  // Σ e²
  };

  static double ratio(double a, double b) { return a == 0 ? 0 : a / b; }

  channel total() const {
    channel all;
    for (const channel& c : channels_) {
      all.sum_squares += c.sum_squares;
      all.products += c.products;
      all.error_squares += c.error_squares;
    }
    return all;
  }

  void merge_moments(std::size_t count, double mean, double squares, double worst) {
    const auto before = static_cast<double>(count_);
    const auto more = static_cast<double>(count);
    const double step = mean - mean_;
    mean_ += step * (more / (before + more));
    squares_ += squares + step * step * (before * more / (before + more));
    count_ += count;
    worst_ = std::max(worst_, worst);
  }

  std::size_t count_ = 0;
  std::size_t not_finite_ = 0;
  double mean_ = 0;
  double squares_ = 0;  // of the distances to the mean
  double worst_ = 0;
  double reference_squares_ = 0;
  std::vector<channel> channels_;
};

// The numbers that a format clamps to; largest and lowest are infinite where it does not, smallest is zero.
struct format_clamps {
  double largest = std::numeric_limits<double>::infinity();
  double lowest = -std::numeric_limits<double>::infinity();
  double smallest = 0;
};

struct value_range {
  std::size_t count = 0;
  std::size_t not_finite = 0;  // before they were rounded
  std::size_t zeros = 0;       // before they were rounded
  std::size_t saturated = 0;
  std::size_t flushed = 0;
  double smallest = std::numeric_limits<double>::infinity();  // magnitude; infinite where there is none
  double largest = 0;

  // rounded: the values in the format.
  void add(std::span<const double> values, std::span<const double> rounded, const format_clamps& clamps) {
    count += values.size();
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double x = values[i];
      if (!std::isfinite(x)) {
        ++not_finite;
        continue;
      }
      if (x == 0) {
        ++zeros;
        continue;
      }
      const double magnitude = std::abs(x);
      smallest = std::min(smallest, magnitude);
      largest = std::max(largest, magnitude);
      saturated += !std::isfinite(rounded[i]) || x > clamps.largest || x < clamps.lowest ? 1 : 0;
      flushed += rounded[i] == 0 || magnitude < clamps.smallest ? 1 : 0;
    }
  }

  void merge(const value_range& other) {
    count += other.count;
    not_finite += other.not_finite;
    zeros += other.zeros;
    saturated += other.saturated;
    flushed += other.flushed;
    smallest = std::min(smallest, other.smallest);
    largest = std::max(largest, other.largest);
  }

  double share(std::size_t part) const {
    return count == 0 ? 0 : static_cast<double>(part) / static_cast<double>(count);
  }
};

}  // namespace napier
