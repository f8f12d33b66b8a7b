#pragma once
// napier/analysis/channel_fit.hpp — the scale, or scale and shift, that brings approximate sums back to their references.
//
// What      pairs (v, u) of a channel, v an approximate sum and u its reference; s and t make s · v + t like u:
//           least_squares  s = Σ u v / Σ v²; with a shift s = cov(u, v) / var(v)
//           moments        s = √(Σ u² / Σ v²); with a shift s = √(var(u) / var(v)): equal mean and variance
//           median         the median of u / v, weighted with |v|: least Σ |u − s v|
//           trimmed        least squares without the pairs of the lowest and the highest ratios u / v, a tenth of Σ v² each
//           With a shift, t = mean(u) − s · mean(v); median and trimmed give no shift
// Guard     no fit of fewer than least_samples pairs, of a channel without variance (shift) or of zeros alone (scale), or where s is
//           outside [1/8, 8]; pairs with a NaN or an infinity are left out
// Rounding  moments in double, merged (Chan, Golub, LeVeque 1983); ratios for median and trimmed in 512 bins from 1/4 to 4, each
//           with its own sums: the median is within a bin, 0.55 %
// Checked   tests/analysis/calibration_test.cpp

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <napier/core/error.hpp>

namespace napier {

enum class fit_estimator : unsigned char { least_squares, moments, median, trimmed };

inline constexpr std::array<const char*, 4> fit_estimator_names = {"least-squares", "moments", "median",
                                                                   "trimmed"};

inline std::string to_text(fit_estimator estimator) {
  return fit_estimator_names[static_cast<std::size_t>(estimator)];
}

inline fit_estimator fit_estimator_of(std::string_view name) {
  for (std::size_t i = 0; i < fit_estimator_names.size(); ++i) {
    if (name == fit_estimator_names[i]) return static_cast<fit_estimator>(i);
  }
  throw name_error("unknown estimator '" + std::string(name) +
                   "'; expected least-squares, moments, median or trimmed");
}

constexpr bool uses_ratios(fit_estimator estimator) {
  return estimator == fit_estimator::median || estimator == fit_estimator::trimmed;
}

// s · v + t
struct affine_fit {
  double scale = 1;
  double shift = 0;

  bool operator==(const affine_fit&) const = default;
  bool is_identity() const { return scale == 1 && shift == 0; }
};

// The pairs of one channel: moments, and where it is asked for a histogram of the ratios.
class pair_statistics {
 public:
  explicit pair_statistics(bool with_ratios = false) {
    if (with_ratios) ratios_.resize(bins + 2);
  }

  void add(std::span<const double> references, std::span<const double> values) {
    double sum_u = 0;
    double sum_v = 0;
    pair_statistics own;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!is_finite(references[i], values[i])) continue;
      ++own.count_;
      sum_u += references[i];
      sum_v += values[i];
    }
    if (own.count_ == 0) return;
    own.mean_u_ = sum_u / static_cast<double>(own.count_);
    own.mean_v_ = sum_v / static_cast<double>(own.count_);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!is_finite(references[i], values[i])) continue;
      const double du = references[i] - own.mean_u_;
      const double dv = values[i] - own.mean_v_;
      own.uu_ += du * du;
      own.vv_ += dv * dv;
      own.uv_ += du * dv;
      if (!ratios_.empty()) add_ratio(references[i], values[i]);
    }
    merge(own);
  }

  // In the same order the same bits.
  void merge(const pair_statistics& other) {
    for (std::size_t i = 0; i < std::min(ratios_.size(), other.ratios_.size()); ++i) {
      ratios_[i].uv += other.ratios_[i].uv;
      ratios_[i].vv += other.ratios_[i].vv;
      ratios_[i].weight += other.ratios_[i].weight;
    }
    if (other.count_ == 0) return;
    const auto n = static_cast<double>(count_);
    const auto m = static_cast<double>(other.count_);
    const double du = other.mean_u_ - mean_u_;
    const double dv = other.mean_v_ - mean_v_;
    const double between = n * m / (n + m);
    uu_ += other.uu_ + du * du * between;
    vv_ += other.vv_ + dv * dv * between;
    uv_ += other.uv_ + du * dv * between;
    mean_u_ += du * m / (n + m);
    mean_v_ += dv * m / (n + m);
    count_ += other.count_;
  }

  std::size_t count() const { return count_; }
  double variance_of_references() const { return count_ == 0 ? 0 : uu_ / static_cast<double>(count_); }

  // None where the guard forbids one.
  std::optional<affine_fit> fit(fit_estimator estimator, bool with_shift, std::size_t least_samples) const {
    if (count_ == 0 || count_ < least_samples) return std::nullopt;
    const auto n = static_cast<double>(count_);
    if (with_shift) {
      // What rounding leaves of the variance of a constant is none.
      const double least_u = 0x1p-40 * n * mean_u_ * mean_u_;
      const double least_v = 0x1p-40 * n * mean_v_ * mean_v_;
      if (!(uu_ > least_u) || !(vv_ > least_v)) return std::nullopt;
      const double scale = estimator == fit_estimator::moments ? std::sqrt(uu_ / vv_) : uv_ / vv_;
      return guarded({scale, mean_u_ - scale * mean_v_});
    }
    const double squares_u = uu_ + n * mean_u_ * mean_u_;
    const double squares_v = vv_ + n * mean_v_ * mean_v_;
    const double products = uv_ + n * mean_u_ * mean_v_;
    if (!(squares_u > 0) || !(squares_v > 0)) return std::nullopt;
    switch (estimator) {
      case fit_estimator::least_squares:
        return guarded({products / squares_v, 0});
      case fit_estimator::moments:
        return guarded({std::sqrt(squares_u / squares_v), 0});
      case fit_estimator::median:
        return guarded({median_ratio(), 0});
      default:
        return guarded({trimmed_ratio(), 0});
    }
  }

 private:
  static constexpr std::size_t bins = 512;
  static constexpr double trimmed_share = 0.1;

  struct ratio_bin {
    double uv = 0;
    double vv = 0;
    double weight = 0;  // Σ |v|
    double ratio() const { return uv / vv; }
  };

  static bool is_finite(double u, double v) { return std::isfinite(u) && std::isfinite(v); }

  static std::optional<affine_fit> guarded(affine_fit fit) {
    if (!(fit.scale >= 0.125 && fit.scale <= 8) || !std::isfinite(fit.shift)) return std::nullopt;
    return fit;
  }

  void add_ratio(double u, double v) {
    if (v == 0) return;
    const double ratio = u / v;
    std::size_t bin = 0;  // below 1/4, negative ratios too
    if (ratio >= 4) {
      bin = bins + 1;
    } else if (ratio >= 0.25) {
      bin = 1 + std::min(bins - 1, static_cast<std::size_t>((std::log2(ratio) + 2) * (bins / 4)));
    }
    ratios_[bin].uv += u * v;
    ratios_[bin].vv += v * v;
    ratios_[bin].weight += std::abs(v);
  }

  double median_ratio() const {
    double total = 0;
    for (const ratio_bin& bin : ratios_) total += bin.weight;
    double before = 0;
    for (const ratio_bin& bin : ratios_) {
      before += bin.weight;
      if (bin.weight > 0 && before >= total / 2) return bin.ratio();
    }
    return 0;
  }

  double trimmed_ratio() const {
    double total = 0;
    for (const ratio_bin& bin : ratios_) total += bin.vv;
    const double low = total * trimmed_share;
    const double high = total - low;
    double before = 0;
    double uv = 0;
    double vv = 0;
    for (const ratio_bin& bin : ratios_) {
      const double kept = std::min(before + bin.vv, high) - std::max(before, low);
      before += bin.vv;
      if (!(kept > 0)) continue;
      uv += bin.uv * (kept / bin.vv);
      vv += kept;
    }
    return uv / vv;
  }

  std::size_t count_ = 0;
  double mean_u_ = 0;
  double mean_v_ = 0;
  double uu_ = 0;  // sums of squares and products about the means
  double vv_ = 0;
  double uv_ = 0;
  std::vector<ratio_bin> ratios_;  // by ratio, ascending
};

}  // namespace napier
