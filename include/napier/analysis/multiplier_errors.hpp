#pragma once
// napier/analysis/multiplier_errors.hpp — error statistics of a multiplier over pairs of operands.
//
// What      with exact the exact product and p the multiplier's, over all counted pairs (product_error.hpp):
//           mean relative error              mean of (p − exact) / exact where exact ≠ 0: the bias
//           mean absolute relative error     mean of its magnitude
//           variance                         of the relative error, around its mean
//           normalised mean error distance   mean of |p − exact| over all pairs, those with exact = 0 among them, over the
//                                            largest exact product of two numbers of the format
//           error probability; over-, underestimates  shares of the pairs with p ≠ exact; |p| > |exact|; the opposite sign or
//                                            a smaller magnitude
//           worst                            the pairs with the largest |p − exact|, and the smallest and largest relative error;
//                                            among equals the first in the order of evaluation
// Exhaustive when the operands are a range of codes with at most 2^26 pairs (or on demand), else sampled
// Sampled   means and variance come with the half width of their 95 % confidence interval (normal approximation; shares:
//           wilson.hpp). Worst cases are what a search found (worst_operands.hpp) or, of uniform and normal floats and posits
//           and sources of one's own, the sample's: lower bounds
// Accuracy  means and variance: 10^-12 of the mean absolute value and of the mean square
// Threads   results depend on the seed, not on the number of threads
// Checked   tests/analysis/multiplier_errors_test.cpp

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <napier/analysis/error_histogram.hpp>
#include <napier/analysis/multiplier_under_test.hpp>
#include <napier/analysis/operand_source.hpp>
#include <napier/analysis/product_error.hpp>
#include <napier/analysis/running_moments.hpp>
#include <napier/analysis/wilson.hpp>
#include <napier/analysis/worst_operands.hpp>
#include <napier/core/error.hpp>

namespace napier {

struct estimate {
  double value = 0;
  double low = 0;  // the 95 % confidence interval; of an exhaustive statistic, the value
  double high = 0;
};

// The mean relative error over the leading fraction bits of the two significands, and the histogram of relative errors.
struct error_map {
  static constexpr int cell_bits = 6;
  static constexpr std::size_t side = std::size_t{1} << cell_bits;

  struct cell {
    double sum = 0;
    std::uint64_t count = 0;
  };
  std::vector<cell> cells = std::vector<cell>(side * side);  // left · side + right
  error_histogram histogram;

  // The first `cell_bits` bits after the leading one.
  static std::size_t place(const unpacked& x) { return (x.significand >> (63 - cell_bits)) & (side - 1); }

  // The means of a coarser map of 2^bits × 2^bits cells, bits up to cell_bits; NaN where no pair fell.
  std::vector<double> means(int bits = cell_bits) const {
    const std::size_t coarse_side = std::size_t{1} << bits;
    std::vector<cell> coarse(coarse_side * coarse_side);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::size_t row = i / side >> (cell_bits - bits);
      const std::size_t column = i % side >> (cell_bits - bits);
      coarse[row * coarse_side + column].sum += cells[i].sum;
      coarse[row * coarse_side + column].count += cells[i].count;
    }
    std::vector<double> result;
    for (const cell& each : coarse) {
      result.push_back(each.count == 0 ? std::numeric_limits<double>::quiet_NaN()
                                       : each.sum / static_cast<double>(each.count));
    }
    return result;
  }

  void merge(const error_map& other) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      cells[i].sum += other.cells[i].sum;
      cells[i].count += other.cells[i].count;
    }
    histogram.merge(other.histogram);
  }
};

struct multiplier_statistics {
  std::string name;    // MULTIPLIER@FORMAT
  std::string source;  // of the operands
  std::uint64_t pairs = 0;
  bool is_exhaustive = false;
  std::uint64_t not_counted = 0;    // NaN, infinities, products that left the range
  std::uint64_t zero_products = 0;  // counted pairs whose exact product is zero

  estimate mean_relative_error;
  estimate mean_absolute_relative_error;
  estimate variance;
  estimate normalised_mean_error_distance;
  estimate error_probability;
  estimate overestimates;
  estimate underestimates;

  // Values: relative errors; the distance |p − exact|, in units of the product.
  worst_pair smallest_relative_error;
  worst_pair largest_relative_error;
  worst_pair worst_error;
  bool worst_is_exact = false;  // else a lower bound of the magnitudes

  std::shared_ptr<const error_map> map;

  const worst_pair& worst_relative_error() const {
    return std::fabs(largest_relative_error.value) > std::fabs(smallest_relative_error.value)
               ? largest_relative_error
               : smallest_relative_error;
  }
};

struct measurement {
  std::uint64_t samples = std::uint64_t{1} << 24;
  std::uint64_t seed = 1;
  bool exhaustive = false;  // whatever the number of pairs
  bool with_map = false;
  std::size_t threads = 1;
  // Pairs done so far, by one thread at a time.
  std::function<void(std::uint64_t)> progress;
};

inline constexpr std::uint64_t exhaustive_pairs = std::uint64_t{1} << 26;

namespace detail {

inline constexpr std::size_t error_block = 1024;

// What a thread knows of a part of the pairs.
struct error_tally {
  std::uint64_t not_counted = 0;
  std::uint64_t counted = 0;
  std::uint64_t over = 0;
  std::uint64_t under = 0;
  std::uint64_t wrong_zeros = 0;  // a product that should be zero and is not
  running_moments relative;
  running_moments absolute;
  running_moments distance;
  worst_operands worst;
  std::unique_ptr<error_map> map;

  void merge(const error_tally& other) {
    not_counted += other.not_counted;
    counted += other.counted;
    over += other.over;
    under += other.under;
    wrong_zeros += other.wrong_zeros;
    relative.merge(other.relative);
    absolute.merge(other.absolute);
    distance.merge(other.distance);
    worst.merge(other.worst);
    if (map != nullptr) map->merge(*other.map);
  }
};

// Blocks of pairs of one multiplier into a tally.
class error_counter {
 public:
  error_counter(const multiplier_under_test& subject, error_tally& tally)
      : subject_(subject),
        tally_(tally),
        is_floating_(subject.format().kind == format_kind::floating),
        scale_(distance_scale(subject.format())) {}

  std::array<std::uint64_t, error_block> left{};
  std::array<std::uint64_t, error_block> right{};

  // The first n of left and right.
  void count(std::size_t n) {
    relatives_ = distances_ = 0;
    if (subject_.multiply_whole({left.data(), n}, {right.data(), n}, {whole_products_.data(), n},
                                {whole_exact_.data(), n})) {
      gather_whole(n);
    } else {
      subject_.multiply({left.data(), n}, {right.data(), n}, {products_.data(), n}, {exact_.data(), n});
      gather(n);
    }
    tally_block();
  }

 private:
  void gather(std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
      const product_error error = error_of(products_[i], exact_[i], is_floating_, scale_);
      if (!error.is_counted) {
        ++tally_.not_counted;
        continue;
      }
      distance_at_[distances_] = i;
      distance_[distances_++] = error.distance;
      if (!error.has_relative) {
        tally_.wrong_zeros += products_[i].is_finite() ? 1 : 0;
        continue;
      }
      relative_at_[relatives_] = i;
      relative_[relatives_++] = error.relative;
    }
  }

  // The same bits: a difference and an exact product of integers of 16 bits are doubles.
  void gather_whole(std::size_t n) {
    const double unit = clamped_power_of_two(-2 * subject_.format().fraction_bits - scale_);
    for (std::size_t i = 0; i < n; ++i) {
      const std::int64_t exact = whole_exact_[i];
      const auto difference = static_cast<double>(whole_products_[i] - exact);
      const bool is_zero = exact == 0;
      distance_at_[i] = i;
      distance_[i] = std::fabs(difference) * unit;
      relative_at_[relatives_] = i;
      relative_[relatives_] = difference / static_cast<double>(exact + (is_zero ? 1 : 0)) + 0.0;  // not −0
      relatives_ += is_zero ? 0 : 1;
      tally_.wrong_zeros += is_zero && whole_products_[i] != 0 ? 1 : 0;
    }
    distances_ = n;
  }

  void tally_block() {
    std::size_t over = 0;
    std::size_t under = 0;
    for (std::size_t j = 0; j < relatives_; ++j) {
      absolute_[j] = std::fabs(relative_[j]);
      over += relative_[j] > 0 ? 1 : 0;
      under += relative_[j] < 0 ? 1 : 0;
    }
    tally_.over += over;
    tally_.under += under;
    tally_.counted += distances_;
    consider_worst();
    if (tally_.map != nullptr) {
      for (std::size_t j = 0; j < relatives_; ++j) draw(relative_[j], relative_at_[j]);
    }
    running_moments relative;
    relative.add({relative_.data(), relatives_});
    running_moments absolute = -relative;
    if (over != 0) {
      absolute = {};
      absolute.add({absolute_.data(), relatives_});
    }
    tally_.relative.merge(relative);
    tally_.absolute.merge(absolute);
    tally_.distance.add({distance_.data(), distances_});
  }

  // The first of each extreme, if it is beyond what is known.
  void consider_worst() {
    worst_operands& worst = tally_.worst;
    const auto pair_of = [&](std::span<const double> errors, double value, const std::size_t* at) {
      const auto found = std::find(errors.begin(), errors.end(), value) - errors.begin();
      const std::size_t i = at[found];
      return worst_pair{value, left[i], right[i], true};
    };
    if (distances_ != 0) {
      const std::span<const double> errors(distance_.data(), distances_);
      const double largest = range_of(errors).high;
      if (!worst.distance.exists || largest > worst.distance.value)
        worst.distance = pair_of(errors, largest, distance_at_.data());
    }
    if (relatives_ != 0) {
      const std::span<const double> errors(relative_.data(), relatives_);
      const interval range = range_of(errors);
      if (!worst.smallest.exists || range.low < worst.smallest.value)
        worst.smallest = pair_of(errors, range.low, relative_at_.data());
      if (!worst.largest.exists || range.high > worst.largest.value)
        worst.largest = pair_of(errors, range.high, relative_at_.data());
    }
  }

  // In lanes, which compilers make vectors of.
  static interval range_of(std::span<const double> numbers) {
    constexpr std::size_t lanes = 8;
    std::array<double, lanes> low;
    std::array<double, lanes> high;
    low.fill(numbers[0]);
    high.fill(numbers[0]);
    const auto look = [&](double x, std::size_t lane) {
      low[lane] = x < low[lane] ? x : low[lane];
      high[lane] = x > high[lane] ? x : high[lane];
    };
    std::size_t i = 0;
    for (; i + lanes <= numbers.size(); i += lanes) {
      for (std::size_t lane = 0; lane < lanes; ++lane) look(numbers[i + lane], lane);
    }
    for (; i < numbers.size(); ++i) look(numbers[i], 0);
    return {*std::min_element(low.begin(), low.end()), *std::max_element(high.begin(), high.end())};
  }

  void draw(double relative, std::size_t i) {
    const std::size_t row = error_map::place(subject_.format().decode(left[i]));
    const std::size_t column = error_map::place(subject_.format().decode(right[i]));
    error_map::cell& cell = tally_.map->cells[row * error_map::side + column];
    cell.sum += relative;
    ++cell.count;
    tally_.map->histogram.add(relative);
  }

  const multiplier_under_test& subject_;
  error_tally& tally_;
  bool is_floating_;
  int scale_;
  std::array<unpacked, error_block> products_{};
  std::array<unpacked, error_block> exact_{};
  std::array<std::int64_t, error_block> whole_products_{};
  std::array<std::int64_t, error_block> whole_exact_{};
  // The pairs that have such an error, and where they stand.
  std::array<double, error_block> relative_{};
  std::array<double, error_block> absolute_{};
  std::array<double, error_block> distance_{};
  std::array<std::size_t, error_block> relative_at_{};
  std::array<std::size_t, error_block> distance_at_{};
  std::size_t relatives_ = 0;
  std::size_t distances_ = 0;
};

// Pairs `from` … `to` − 1 of a range, or as many drawn with a seed of their own.
inline void count_pairs(error_counter& counter, const operand_source& source, bool exhaustive,
                        std::uint64_t seed, std::uint64_t from, std::uint64_t to,
                        const std::function<void(std::uint64_t)>& done) {
  random_bits random(seed);
  std::uint64_t told = from;
  while (from < to) {
    std::size_t n = static_cast<std::size_t>(std::min<std::uint64_t>(error_block, to - from));
    if (exhaustive) {
      const std::uint64_t row = from / source.count;
      const std::uint64_t column = from % source.count;
      n = static_cast<std::size_t>(std::min<std::uint64_t>(n, source.count - column));
      for (std::size_t i = 0; i < n; ++i) {
        counter.left[i] = source.first + row;
        counter.right[i] = source.first + column + i;
      }
    } else {
      source.draw(random, {counter.left.data(), n}, {counter.right.data(), n});
    }
    counter.count(n);
    from += n;
    if (from - told >= (std::uint64_t{1} << 18) || from == to) {
      done(from - told);
      told = from;
    }
  }
}

inline estimate share_of(std::uint64_t hits, std::uint64_t n, bool is_exhaustive) {
  if (n == 0) return {};
  const double share = static_cast<double>(hits) / static_cast<double>(n);
  if (is_exhaustive) return {share, share, share};
  const interval range = wilson_interval(hits, n);
  return {share, range.low, range.high};
}

inline estimate around(double value, double standard_error, bool is_exhaustive, double factor = 1) {
  const double half = is_exhaustive ? 0 : z_of_95_percent * standard_error;
  return {value * factor, (value - half) * factor, (value + half) * factor};
}

inline bool is_exhaustive(const operand_source& source, const measurement& how) {
  if (source.count == 0) return false;
  return source.count <= (std::uint64_t{1} << 13) ||
         (how.exhaustive && source.count <= (std::uint64_t{1} << 20));
}

}  // namespace detail

// The number of pairs that will be evaluated.
inline std::uint64_t pairs_to_measure(const operand_source& source, const measurement& how) {
  return detail::is_exhaustive(source, how) ? source.count * source.count : how.samples;
}

// With 95 % confidence, at most this share of the pairs is worse than the worst of a sample: 0.05 = (1 − share)^pairs.
inline double share_beyond_sample(std::uint64_t pairs) {
  return -std::expm1(std::log(0.05) / static_cast<double>(pairs));
}

// Throws error where all pairs are asked for and cannot be had.
inline void check_measurement(const multiplier_under_test& subject, const operand_source& source,
                              const measurement& how) {
  if (how.exhaustive && !detail::is_exhaustive(source, how)) {
    throw error(subject.full_name() + ": operands '" + source.name +
                "' are no range of codes, or too many, for all their pairs");
  }
  if (pairs_to_measure(source, how) == 0) throw error(subject.full_name() + ": no pairs of operands");
}

inline multiplier_statistics measure_errors(const multiplier_under_test& subject,
                                            const operand_source& source, const measurement& how = {}) {
  using detail::error_tally;
  const bool exhaustive = detail::is_exhaustive(source, how);
  check_measurement(subject, source, how);
  const std::uint64_t pairs = pairs_to_measure(source, how);

  // The parts do not depend on the number of threads, and are merged in their order.
  const std::uint64_t parts = std::clamp<std::uint64_t>(pairs >> 14, 1, 256);
  std::vector<error_tally> tallies(static_cast<std::size_t>(parts));
  std::atomic<std::uint64_t> next{0};
  std::uint64_t done = 0;
  std::exception_ptr failure;
  std::mutex guard;  // of done, failure and progress
  const auto tell = [&](std::uint64_t more) {
    const std::lock_guard lock(guard);
    done += more;
    if (how.progress) how.progress(done);
  };
  const auto work = [&] {
    try {
      for (std::uint64_t part = next++; part < parts; part = next++) {
        error_tally& tally = tallies[static_cast<std::size_t>(part)];
        if (how.with_map) tally.map = std::make_unique<error_map>();
        detail::error_counter counter(subject, tally);
        const std::uint64_t seed = random_bits(how.seed * 0x2545f4914f6cdd1d + part).next();
        const auto edge = [&](std::uint64_t i) { return pairs / parts * i + std::min(i, pairs % parts); };
        detail::count_pairs(counter, source, exhaustive, seed, edge(part), edge(part + 1), tell);
      }
    } catch (...) {
      const std::lock_guard lock(guard);
      failure = std::current_exception();
      next = parts;
    }
  };
  {
    std::vector<std::jthread> helpers;
    for (std::size_t i = 1; i < how.threads; ++i) helpers.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);

  std::vector<worst_operands> starts;
  for (const error_tally& tally : tallies) starts.push_back(tally.worst);
  error_tally all = std::move(tallies.front());
  for (std::size_t i = 1; i < tallies.size(); ++i) all.merge(tallies[i]);
  if (!exhaustive && source.contains) search_worst_operands(subject, source, starts, all.worst);

  const int scale = distance_scale(subject.format());
  const unpacked largest = multiply(subject.format().largest, subject.format().largest);
  multiplier_statistics result;
  result.name = subject.full_name();
  result.source = source.name;
  result.pairs = pairs;
  result.is_exhaustive = exhaustive;
  result.not_counted = all.not_counted;
  result.zero_products = all.counted - all.relative.count();
  result.mean_relative_error = detail::around(all.relative.mean(), all.relative.mean_error(), exhaustive);
  result.mean_absolute_relative_error =
      detail::around(all.absolute.mean(), all.absolute.mean_error(), exhaustive);
  result.variance = detail::around(all.relative.variance(), all.relative.variance_error(), exhaustive);
  result.normalised_mean_error_distance = detail::around(
      all.distance.mean(), all.distance.mean_error(), exhaustive, 1 / detail::magnitude_of(largest, scale));
  const std::uint64_t errors = all.over + all.under + all.wrong_zeros;
  result.error_probability = detail::share_of(errors, all.counted, exhaustive);
  result.overestimates = detail::share_of(all.over + all.wrong_zeros, all.counted, exhaustive);
  result.underestimates = detail::share_of(all.under, all.counted, exhaustive);
  result.smallest_relative_error = all.worst.smallest;
  result.largest_relative_error = all.worst.largest;
  result.worst_error = all.worst.distance;
  result.worst_error.value = std::ldexp(result.worst_error.value, scale);
  result.worst_is_exact = exhaustive;
  result.map = std::move(all.map);
  return result;
}

// Of a multiplier type: measure_errors<mitch<6>, std::uint8_t>().
template <class M, OperandOf<M> F>
multiplier_statistics measure_errors(const measurement& how = {}) {
  static constexpr napier::name published = M::name();
  const auto subject = multiplier_under_test::of<M, F>(published.c_str());
  return measure_errors(subject, make_operand_source(subject.format(), "all"), how);
}

}  // namespace napier
