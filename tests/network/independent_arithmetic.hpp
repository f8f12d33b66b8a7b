#pragma once
// tests/network/independent_arithmetic.hpp — what docs/arithmetic.md says a MAC computes, written a second time.
//
// What      one class a family of MACs: rounding to the format, sums of products with bias, averages, residual sums.
//           Nothing of napier is used. Each format's values are exact as double, and are carried as such
// How       formats of up to 16 bits: a search in the sorted list of the points where rounding changes its mind;
//           logarithms: one integer in units of 2^-52; posit sums: 128-bit integers in units of minpos^2

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

namespace independent {

__extension__ typedef __int128 int128;

using reals = std::span<const double>;

inline constexpr double nan = std::numeric_limits<double>::quiet_NaN();

class arithmetic {
 public:
  virtual ~arithmetic() = default;
  // To the format.
  virtual double round(double x) const = 0;
  // weights · activations, both of the format, plus *bias, any double or none; rounded to the format.
  virtual double dot(reals weights, reals activations, const double* bias) const = 0;
  // The sum of elements of the format over `count`.
  virtual double average(reals elements, int count) const = 0;
  virtual double add(double a, double b) const = 0;
};

// ---- Rounding by search -------------------------------------------------------------------------------

// boundaries[c] lies between the magnitudes of codes c and c + 1: the code for x / divisor, ties to the even code.
template <class Number>
std::size_t nearest_code(const std::vector<Number>& boundaries, Number x, Number divisor = 1) {
  const auto found = std::lower_bound(boundaries.begin(), boundaries.end(), x,
                                      [&](Number boundary, Number y) { return boundary * divisor < y; });
  const auto code = static_cast<std::size_t>(found - boundaries.begin());
  const bool tie = found != boundaries.end() && *found * divisor == x;
  return tie && code % 2 == 1 ? code + 1 : code;
}

// The numerator over the denominator, ties to even; denominator > 0.
inline int128 nearest_quotient(int128 numerator, int128 denominator) {
  int128 quotient = numerator / denominator;
  if (quotient * denominator > numerator) --quotient;
  const int128 twice_rest = 2 * (numerator - quotient * denominator);
  return twice_rest > denominator || (twice_rest == denominator && quotient % 2 != 0) ? quotient + 1
                                                                                      : quotient;
}

// ---- Multiplication by addition of logarithms -----------------------------------------------------------

// The significant bits of an operand that enter, leading one included, and whether a constant 1 follows them.
struct cut {
  int kept = 53;
  bool one_below = false;
};

inline constexpr cut whole{};
constexpr cut leading(int w) { return {w, false}; }
constexpr cut unbiased(int w) { return {w - 1, true}; }

inline constexpr std::int64_t log_unit = std::int64_t{1} << 52;

// log2 |x| = log2 (2^k (1 + f)), taken to be k + f.
inline std::int64_t mitchell_log(double x, cut how) {
  int exponent = 0;
  const double significand = 2 * std::frexp(std::fabs(x), &exponent);
  auto fraction = static_cast<std::int64_t>(std::ldexp(significand - 1, 52));
  const std::int64_t last_kept = std::int64_t{1} << (53 - how.kept);
  fraction -= fraction % last_kept;
  if (how.one_below) fraction += last_kept / 2;
  return (exponent - 1) * log_unit + fraction;
}

// Operands finite and not zero.
inline double log_product(double a, double b, cut how) {
  const std::int64_t sum = mitchell_log(a, how) + mitchell_log(b, how);
  const std::int64_t k = sum >= 0 ? sum / log_unit : -((log_unit - 1 - sum) / log_unit);
  const double magnitude =
      std::ldexp(static_cast<double>(log_unit + (sum - k * log_unit)), static_cast<int>(k - 52));
  return std::signbit(a) != std::signbit(b) ? -magnitude : magnitude;
}

// The mean of mitch<w>'s product over the true one, less one, both fractions uniform: in each of the 2^(w-1) cells of
// a fraction the product is constant, and the mean of 1 / (1 + f) is an integral.
inline double mitch_mean_relative_error(int w) {
  const int cells = 1 << (w - 1);
  double mean = 0;
  for (int i = 0; i < cells; ++i) {
    for (int j = 0; j < cells; ++j) {
      const double a = 1 + static_cast<double>(i) / cells;
      const double b = 1 + static_cast<double>(j) / cells;
      mean += log_product(a, b, whole) * std::log1p(1 / (a * cells)) * std::log1p(1 / (b * cells));
    }
  }
  return mean - 1;
}

// ---- Floating point: products and sums in FP32 ----------------------------------------------------------

class float_format {
 public:
  enum class top_codes { ieee, one_nan };

  // FP32
  float_format() = default;
  // S E…E M…M with bias 2^(exponent_bits - 1) - 1.
  float_format(int exponent_bits, int fraction_bits, top_codes top) {
    const int bias = (1 << (exponent_bits - 1)) - 1;
    const int steps = 1 << fraction_bits;
    // The first code that is no number; as a number it would be the one after the largest.
    const int overflow =
        top == top_codes::ieee ? ((1 << exponent_bits) - 1) * steps : (1 << exponent_bits) * steps - 1;
    for (int code = 0; code <= overflow; ++code) {
      const int field = code / steps;
      const double fraction = static_cast<double>(code % steps) / steps;
      values_.push_back(field == 0 ? std::ldexp(fraction, 1 - bias) : std::ldexp(1 + fraction, field - bias));
    }
    for (std::size_t code = 0; code + 1 < values_.size(); ++code) {
      boundaries_.push_back((values_[code] + values_[code + 1]) / 2);
    }
    values_.back() = top == top_codes::ieee ? std::numeric_limits<double>::infinity() : nan;
  }

  double round(double x) const {
    if (values_.empty() || std::isnan(x)) return static_cast<float>(x);
    const double magnitude = values_[nearest_code(boundaries_, std::fabs(x))];
    return std::copysign(magnitude, x);
  }

 private:
  std::vector<double> values_;
  std::vector<double> boundaries_;
};

class float_arithmetic final : public arithmetic {
 public:
  struct multiplier {
    bool is_exact;
    cut how;
  };
  static constexpr multiplier exact{true, whole};
  static constexpr multiplier logarithmic(cut how) { return {false, how}; }

  float_arithmetic(float_format format, multiplier product, double compensation = 1)
      : format_(std::move(format)), multiplier_(product), compensation_(static_cast<float>(compensation)) {}

  double round(double x) const override { return format_.round(x); }

  double dot(reals weights, reals activations, const double* bias) const override {
    float sum = 0;
    for (std::size_t k = 0; k < weights.size(); ++k) sum = plus(sum, product(weights[k], activations[k]));
    if (compensation_ != 1) sum = static_cast<float>(static_cast<double>(sum) * compensation_);
    if (bias != nullptr) sum = plus(sum, static_cast<float>(*bias));
    return round(sum);
  }

  // A quotient of 24 bits by 10 bits that is no tie of the format is further from one than double's rounding moves it.
  double average(reals elements, int count) const override {
    float sum = 0;
    for (const double x : elements) sum = plus(sum, static_cast<float>(x));
    return round(static_cast<double>(sum) / count);
  }

  // 53 >= 2 · 24 + 2: rounding a sum of two floats to double first changes nothing.
  double add(double a, double b) const override { return round(a + b); }

 private:
  static float plus(float a, float b) {
    return static_cast<float>(static_cast<double>(a) + static_cast<double>(b));
  }

  float product(double a, double b) const {
    if (multiplier_.is_exact) return static_cast<float>(a * b);  // one rounding: 24 + 24 <= 53 bits
    const auto flushed = [](double x) { return std::fabs(x) < 0x1p-126 ? std::copysign(0.0, x) : x; };
    a = flushed(a);
    b = flushed(b);
    if (a == 0 || b == 0 || !std::isfinite(a) || !std::isfinite(b)) return static_cast<float>(a * b);
    const double x = log_product(a, b, multiplier_.how);
    if (std::fabs(x) < 0x1p-126) return static_cast<float>(std::copysign(0.0, x));
    if (std::fabs(x) >= 0x1p128) return static_cast<float>(std::copysign(HUGE_VAL, x));
    const auto narrow = static_cast<float>(x);
    if (narrow != x) throw std::logic_error("a log-domain product that is no float");
    return narrow;
  }

  float_format format_;
  multiplier multiplier_;
  float compensation_;
};

// ---- Posits of up to 16 bits ----------------------------------------------------------------------------

// The value of a positive code, read bit after bit.
inline double posit_value(unsigned code, int n, int es) {
  int position = n - 2;
  const auto bit = [&](int i) {
    return i >= 0 ? static_cast<int>((code >> i) & 1) : 0;
  };  // behind the end: zeros
  const int first = bit(position);
  int run = 0;
  while (position >= 0 && bit(position) == first) {
    ++run;
    --position;
  }
  --position;  // the bit that ends the regime
  int exponent = 0;
  for (int i = 0; i < es; ++i) exponent = 2 * exponent + bit(position--);
  double significand = 1;
  for (double weight = 0.5; position >= 0; weight /= 2) significand += bit(position--) * weight;
  return std::ldexp(significand, (first == 1 ? run - 1 : -run) * (1 << es) + exponent);
}

class posit_arithmetic final : public arithmetic {
 public:
  enum class multiplier { exact, plam };
  enum class products { wide, rounded };
  enum class sum { quire, native };

  posit_arithmetic(int n, int es, multiplier product, products feed, sum how)
      : scale_((n - 2) * (1 << es)), product_(product), feed_(feed), sum_(how) {
    const unsigned codes = 1U << (n - 1);
    for (unsigned code = 0; code < codes; ++code) {
      values_.push_back(code == 0 ? 0 : posit_value(code, n, es));
      if (code + 1 == codes) break;
      // The bit string of code, a one, then zeros: the posit of one bit more. Nothing but 0 rounds to 0.
      boundaries_.push_back(code == 0 ? 0 : posit_value(2 * code + 1, n + 1, es));
      fine_boundaries_.push_back(static_cast<int128>(std::ldexp(boundaries_.back(), 2 * scale_)));
    }
  }

  double round(double x) const override {
    if (!std::isfinite(x)) return nan;
    const double magnitude = values_[nearest_code(boundaries_, std::fabs(x))];
    return x < 0 ? -magnitude : magnitude;
  }

  double dot(reals weights, reals activations, const double* bias) const override {
    int128 total = 0;  // |product| <= 2^(4 · scale), and 4 · scale <= 112: 2^15 of them fit
    if (weights.size() >= 32768) throw std::logic_error("a sum of too many posits for this test");
    for (std::size_t k = 0; k < weights.size(); ++k) {
      if (std::isnan(weights[k]) || std::isnan(activations[k])) return nan;
      const int128 x = product(weights[k], activations[k]);
      total = plus(total, feed_ == products::rounded ? fine(rounded(x)) : x);
    }
    if (bias != nullptr) total = plus(total, fine(round(*bias)));
    return rounded(total);
  }

  double average(reals elements, int count) const override {
    int128 total = 0;
    for (const double x : elements) {
      if (std::isnan(x)) return nan;
      total = plus(total, fine(x));
    }
    return rounded(total, count);
  }

  double add(double a, double b) const override {
    return std::isnan(a) || std::isnan(b) ? nan : rounded(fine(a) + fine(b));
  }

 private:
  // Every posit is a multiple of minpos = 2^-scale, and so is every finer bit of a product of minpos^2: "fine" units.
  int128 fine(double x) const {
    const double units = std::ldexp(x, 2 * scale_);
    if (units != std::floor(units)) throw std::logic_error("a posit product below minpos squared");
    return static_cast<int128>(units);
  }

  double rounded(int128 x, int divisor = 1) const {
    const double magnitude = values_[nearest_code<int128>(fine_boundaries_, x < 0 ? -x : x, divisor)];
    return x < 0 ? -magnitude : magnitude;
  }

  int128 plus(int128 a, int128 b) const { return sum_ == sum::quire ? a + b : fine(rounded(a + b)); }

  int128 product(double a, double b) const {
    if (a == 0 || b == 0) return 0;
    if (product_ == multiplier::plam) return fine(log_product(a, b, whole));
    const auto in_minpos = [&](double x) { return static_cast<std::int64_t>(std::ldexp(x, scale_)); };
    return static_cast<int128>(in_minpos(a)) * in_minpos(b);
  }

  int scale_;
  multiplier product_;
  products feed_;
  sum sum_;
  std::vector<double> values_;
  std::vector<double> boundaries_;
  std::vector<int128> fine_boundaries_;
};

// ---- 32-bit fixed point, 16 fraction bits: Mitch-w and a 64-bit sum in units of 2^-32 --------------------

class fixed_arithmetic final : public arithmetic {
 public:
  explicit fixed_arithmetic(cut how) : how_(how) {}

  double round(double x) const override {
    if (std::isnan(x)) return 0;
    return std::clamp(std::nearbyint(x * 65536), -0x1p31, 0x1p31 - 1) / 65536 + 0.0;
  }

  double dot(reals weights, reals activations, const double* bias) const override {
    int128 sum = 0;
    for (std::size_t k = 0; k < weights.size(); ++k) {
      if (weights[k] == 0 || activations[k] == 0) continue;
      sum += static_cast<int128>(std::trunc(log_product(weights[k] * 65536, activations[k] * 65536, how_)));
    }
    if (bias != nullptr) sum += static_cast<int128>(std::nearbyint(*bias * 0x1p32));
    return of_sum(sum, 1);
  }

  double average(reals elements, int count) const override {
    int128 sum = 0;
    for (const double x : elements) sum += static_cast<int128>(x * 0x1p32);
    return of_sum(sum, count);
  }

  double add(double a, double b) const override { return round(a + b); }

 private:
  // What is beyond 64 bits is far beyond the format, too.
  static double of_sum(int128 sum, int count) {
    const int128 code = nearest_quotient(sum, static_cast<int128>(count) * 65536);
    const int128 largest = 0x7fffffff;
    return static_cast<double>(std::clamp<int128>(code, -largest - 1, largest)) / 65536;
  }

  cut how_;
};

}  // namespace independent
