#pragma once
// napier/analysis/worst_operands.hpp — the operands of the worst products, and a search for them where not all pairs are tried.
//
// What      the search starts at the worst pairs of a sample and at structured ones (significands 1 + 2^-i ± 2^-j and their
//           neighbours), and changes one operand at a time for the best: of formats of at most 16 bits among all codes, of wider
//           ones among those that differ in one or two bits or by a power of two; until neither operand improves. It finds a
//           local maximum: a lower bound of the worst
// Checked   tests/analysis/multiplier_errors_test.cpp

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <napier/analysis/multiplier_under_test.hpp>
#include <napier/analysis/operand_source.hpp>
#include <napier/analysis/product_error.hpp>

namespace napier {

struct worst_pair {
  double value = 0;
  std::uint64_t left = 0;  // codes
  std::uint64_t right = 0;
  bool exists = false;
};

struct worst_operands {
  worst_pair smallest;  // relative error
  worst_pair largest;
  worst_pair distance;  // |product − exact|, in units of 2^distance_scale

  void consider_relative(double relative, std::uint64_t left, std::uint64_t right) {
    if (!smallest.exists || relative < smallest.value) smallest = {relative, left, right, true};
    if (!largest.exists || relative > largest.value) largest = {relative, left, right, true};
  }
  void consider_distance(double value, std::uint64_t left, std::uint64_t right) {
    if (!distance.exists || value > distance.value) distance = {value, left, right, true};
  }
  void merge(const worst_operands& other) {
    if (other.smallest.exists)
      consider_relative(other.smallest.value, other.smallest.left, other.smallest.right);
    if (other.largest.exists) consider_relative(other.largest.value, other.largest.left, other.largest.right);
    if (other.distance.exists)
      consider_distance(other.distance.value, other.distance.left, other.distance.right);
  }
};

// Distances are counted in units of 2^this: the largest product's are then doubles, whatever the format's range.
inline int distance_scale(const operand_format& format) { return 2 * format.largest.exponent; }

namespace detail {

inline constexpr double no_error = -std::numeric_limits<double>::infinity();

class worst_search {
 public:
  worst_search(const multiplier_under_test& subject, const operand_source& source, worst_operands& worst)
      : subject_(subject), source_(source), worst_(worst) {}

  void from(std::uint64_t left, std::uint64_t right, double (*aim)(const product_error&)) {
    double best = value_of(left, right, aim);
    for (int round = 0; round < 100; ++round) {
      const double before = best;
      improve(left, right, true, best, aim);
      improve(right, left, false, best, aim);
      if (!(best > before)) break;
    }
  }

  // Without a step.
  void look(std::uint64_t left, std::uint64_t right) {
    value_of(left, right, [](const product_error&) { return 0.0; });
  }

 private:
  double value_of(std::uint64_t left, std::uint64_t right, double (*aim)(const product_error&)) {
    unpacked product;
    unpacked exact;
    subject_.multiply({&left, 1}, {&right, 1}, {&product, 1}, {&exact, 1});
    return aim(consider(left, right, product, exact));
  }

  product_error consider(std::uint64_t left, std::uint64_t right, const unpacked& product,
                         const unpacked& exact) {
    const operand_format& format = subject_.format();
    const product_error error =
        error_of(product, exact, format.kind == format_kind::floating, distance_scale(format));
    if (error.is_counted) worst_.consider_distance(error.distance, left, right);
    if (error.has_relative) worst_.consider_relative(error.relative, left, right);
    return error;
  }

  // The best choice for one operand, the other one as it is.
  void improve(std::uint64_t& chosen, std::uint64_t other, bool is_left, double& best,
               double (*aim)(const product_error&)) {
    candidates_.clear();
    choices(chosen);
    others_.assign(candidates_.size(), other);
    products_.resize(candidates_.size());
    exact_.resize(candidates_.size());
    const std::vector<std::uint64_t>& left = is_left ? candidates_ : others_;
    const std::vector<std::uint64_t>& right = is_left ? others_ : candidates_;
    subject_.multiply(left, right, products_, exact_);
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      const double value = aim(consider(left[i], right[i], products_[i], exact_[i]));
      if (!(value > best)) continue;
      best = value;
      chosen = candidates_[i];
    }
  }

  void choices(std::uint64_t code) {
    const int width = subject_.format().width;
    const std::uint64_t mask = subject_.format().code_mask();
    const auto add = [&](std::uint64_t candidate) {
      if (source_.contains(candidate & mask)) candidates_.push_back(candidate & mask);
    };
    if (width <= 16) {
      for (std::uint64_t candidate = 0; candidate <= mask; ++candidate) add(candidate);
      return;
    }
    for (int i = 0; i < width; ++i) {
      const std::uint64_t bit = std::uint64_t{1} << i;
      add(code + bit);
      add(code - bit);
      for (int j = i; j < width; ++j) add(code ^ bit ^ (j == i ? 0 : std::uint64_t{1} << j));
    }
  }

  const multiplier_under_test& subject_;
  const operand_source& source_;
  worst_operands& worst_;
  std::vector<std::uint64_t> candidates_;
  std::vector<std::uint64_t> others_;
  std::vector<unpacked> products_;
  std::vector<unpacked> exact_;
};

// Codes of numbers 2^k (1 + 2^-i ± 2^-j) and one beside them, k in the middle of the format's range (integers: at its top).
inline std::vector<std::uint64_t> structured_operands(const operand_format& format) {
  const int fraction_bits = std::min(format.significand_bits, 24) - 1;
  const int k = format.is_scaled_integer() ? format.largest.exponent - (format.is_signed ? 1 : 0) : 0;
  std::vector<std::uint64_t> codes;
  for (int i = 1; i <= std::min(4, fraction_bits); ++i) {
    for (int j = i + 1; j <= fraction_bits; ++j) {
      for (const bool above : {false, true}) {
        const std::uint64_t low = std::uint64_t{1} << (63 - j);
        const std::uint64_t middle = (std::uint64_t{1} << 63) + (std::uint64_t{1} << (63 - i));
        const std::uint64_t code =
            format.encode(unpacked::finite(false, k, above ? middle + low : middle - low));
        codes.push_back(code);
        codes.push_back((code - 1) & format.code_mask());
      }
    }
  }
  return codes;
}

}  // namespace detail

// starts: the worst pairs of parts of a sample. worst: what is known so far; it gets what is found.
inline void search_worst_operands(const multiplier_under_test& subject, const operand_source& source,
                                  std::vector<worst_operands> starts, worst_operands& worst) {
  constexpr std::size_t kept = 4;
  worst_operands structured;
  const std::vector<std::uint64_t> codes = detail::structured_operands(subject.format());
  detail::worst_search first(subject, source, structured);
  // each with itself and with its neighbours in the list: what is worst lies on the diagonal or near it
  for (std::size_t i = 0; i < codes.size(); ++i) {
    for (std::size_t j = i; j < std::min(codes.size(), i + 4); ++j) {
      if (source.contains(codes[i]) && source.contains(codes[j])) first.look(codes[i], codes[j]);
    }
  }
  // and all pairs of the least codes: of small integers, a dropped fraction is most of the product
  constexpr std::uint64_t least_codes = 15;
  for (std::uint64_t a = 1; a <= least_codes; ++a) {
    for (std::uint64_t b = a; b <= least_codes; ++b) {
      if (source.contains(a) && source.contains(b)) first.look(a, b);
    }
  }
  starts.push_back(structured);
  worst.merge(structured);

  detail::worst_search search(subject, source, worst);
  const auto climb = [&](worst_pair worst_operands::*which, double sign,
                         double (*aim)(const product_error&)) {
    std::stable_sort(starts.begin(), starts.end(), [&](const worst_operands& a, const worst_operands& b) {
      return sign * (a.*which).value > sign * (b.*which).value;
    });
    std::size_t climbed = 0;
    for (const worst_operands& start : starts) {
      const worst_pair& pair = start.*which;
      if (!pair.exists) continue;
      search.from(pair.left, pair.right, aim);
      if (++climbed == kept) break;
    }
  };
  climb(&worst_operands::smallest, -1,
        [](const product_error& e) { return e.has_relative ? -e.relative : detail::no_error; });
  climb(&worst_operands::largest, 1,
        [](const product_error& e) { return e.has_relative ? e.relative : detail::no_error; });
  climb(&worst_operands::distance, 1,
        [](const product_error& e) { return e.is_counted ? e.distance : detail::no_error; });
}

}  // namespace napier
