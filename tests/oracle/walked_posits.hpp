#pragma once
// tests/oracle/walked_posits.hpp — all products and sums of a posit of up to 16 bits with one other, fast enough for 2^32 pairs.
//
// What      a · b and a + b never descend while b ascends. So the results of a whole row are found in one walk along the
//           boundaries between the posits, without any rounding algorithm. Products are exact in double, sums in 128-bit
//           integers of 2^-((n − 1) 2^es), of which every posit and every boundary is a multiple
// Shares    nothing with napier; held to the rationals of oracle.hpp by tests/oracle/walked_posits_test.cpp

#include <cmath>
#include <cstdint>
#include <vector>

namespace oracle {

class walked_posits {
 public:
  __extension__ typedef __int128 units;

  // n <= 16 and es <= 2, so that doubles and 128 bits do.
  walked_posits(int n, int es) : n_(n), es_(es), largest_((1 << (n - 1)) - 1) {
    for (int code = -largest_; code <= largest_; ++code) {
      values_.push_back(value(code));
      in_units_.push_back(to_units(values_.back()));
    }
    for (int low = -largest_; low < largest_; ++low) {
      // A boundary at zero is on the side of zero: nothing else rounds to it. Elsewhere a tie goes to the even code.
      const bool upper = low == -1 ? true : low == 0 ? false : low % 2 != 0;
      const double boundary = low >= 0 ? midpoint(low) : -midpoint(-low - 1);
      boundaries_.push_back(boundary);
      boundaries_in_units_.push_back(to_units(boundary));
      tie_to_upper_.push_back(upper);
    }
  }

  std::uint32_t nar() const { return 1u << (n_ - 1); }

  // The codes of a · b, or a + b, for all codes b.
  void products_of(std::uint32_t a, std::vector<std::uint32_t>& results) const {
    const double x = a == nar() ? 0 : values_[index(a)];
    walk(a, x >= 0, results, boundaries_, [&](std::size_t b) { return x * values_[b]; });
  }
  void sums_of(std::uint32_t a, std::vector<std::uint32_t>& results) const {
    const units x = a == nar() ? 0 : in_units_[index(a)];
    walk(a, true, results, boundaries_in_units_, [&](std::size_t b) { return x + in_units_[b]; });
  }

 private:
  // Of a positive code of m bits: the bits one by one, as the standard reads them.
  double positive_value(std::uint32_t code, int m) const {
    int position = m - 2;
    const auto bit_at = [&](int i) { return i >= 0 ? static_cast<int>(code >> i & 1u) : 0; };
    const int first = bit_at(position);
    int run = 0;
    while (position >= 0 && bit_at(position) == first) {
      ++run;
      --position;
    }
    --position;
    int exponent = 0;
    for (int i = 0; i < es_; ++i) exponent = 2 * exponent + bit_at(position--);
    double fraction = 1, weight = 0.5;
    for (; position >= 0; weight /= 2) fraction += weight * bit_at(position--);
    const int k = first != 0 ? run - 1 : -run;
    return std::ldexp(fraction, k * (1 << es_) + exponent);
  }
  double value(int code) const {
    if (code == 0) return 0;
    return code > 0 ? positive_value(static_cast<std::uint32_t>(code), n_)
                    : -positive_value(static_cast<std::uint32_t>(-code), n_);
  }
  // Between a code >= 0 and the next one: the posit of one more bit.
  double midpoint(int low) const {
    return low == 0 ? 0 : positive_value(2 * static_cast<std::uint32_t>(low) + 1, n_ + 1);
  }

  units to_units(double x) const {  // exact
    int exponent = 0;
    const auto significand = static_cast<std::int64_t>(std::ldexp(std::frexp(x, &exponent), 53));
    const int shift = exponent - 53 + ((n_ - 1) << es_);
    return shift >= 0 ? units{significand} * (units{1} << shift) : units{significand >> -shift};
  }

  std::size_t index(std::uint32_t code) const {  // in ascending order
    const int sign_extended = code < nar() ? static_cast<int>(code) : static_cast<int>(code) - (1 << n_);
    return static_cast<std::size_t>(sign_extended + largest_);
  }
  std::uint32_t code_at(std::size_t i) const {
    return static_cast<std::uint32_t>(static_cast<int>(i) - largest_) & ((1u << n_) - 1);
  }

  template <class Number, class Result>
  void walk(std::uint32_t a, bool ascending, std::vector<std::uint32_t>& results,
            const std::vector<Number>& boundaries, Result result) const {
    results.assign(std::size_t{1} << n_, nar());
    if (a == nar()) return;
    std::size_t at = 0;
    const std::size_t count = values_.size();
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t b = ascending ? i : count - 1 - i;
      const Number x = result(b);
      while (at < boundaries.size() &&
             (x > boundaries[at] || (x == boundaries[at] && tie_to_upper_[at] != 0)))
        ++at;
      results[code_at(b)] = code_at(at);
    }
  }

  int n_, es_, largest_;
  std::vector<double> values_, boundaries_;
  std::vector<units> in_units_, boundaries_in_units_;
  std::vector<unsigned char> tie_to_upper_;
};

}  // namespace oracle
