#pragma once
// napier/gemm/operands.hpp — numbers of a format as the kernels take them: floats or doubles, one a lane.
//
// What      Products (exact): the value itself. Logarithms (mitchell, mitch<w>, plam): the bits of the value, a fixed-point
//           logarithm k + f for |x| = 2^k (1 + f), cut as the multiplier cuts its operands:
//
//             S EEEEEEEE FFFFF|fff…f         kept bits | dropped ones (mitch), or the first of them set (unbiased)
//
//           With the exponent bias taken from the left operand, the sum of two such patterns, as integers, is the bits of
//           Mitchell's product: fractions add, their carry goes into the exponent, the sign bits add modulo 2
// Zeros     have no logarithm: they enter as 1 and are masked by a companion, `ones`: 1 for a number, 0 for a zero
// Cut       products (drum<k>): the value, cut as a logarithm is
// Residues  products less the product of two residues (roba, iterative_mitchell): the value, and in the place of `ones` what the
//           multiplier makes of it: x y − r(x) r(y)
// Checked   tests/gemm/paths_*_test.cpp

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace napier::detail {

template <class T>
using lane_bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;

template <class T>
inline constexpr int lane_fraction_bits = sizeof(T) == 4 ? 23 : 52;
template <class T>
inline constexpr int lane_bias = sizeof(T) == 4 ? 127 : 1023;

template <class T>
inline constexpr lane_bits<T> lane_sign = lane_bits<T>{1} << (8 * sizeof(T) - 1);
// The pattern of 1, and what a left operand is less by.
template <class T>
inline constexpr lane_bits<T> lane_one = lane_bits<T>{lane_bias<T>} << lane_fraction_bits<T>;
template <class T>
inline constexpr lane_bits<T> lane_infinity = lane_bits<T>{2 * lane_bias<T> + 1} << lane_fraction_bits<T>;

enum class operand_residue : unsigned char {
  none,
  leading_ones,  // x without its highest ones
  nearest_power  // x less the power of two nearest to it; 1.5 goes up
};

template <class T>
constexpr lane_bits<T> pattern_of_power(int exponent) {
  return static_cast<lane_bits<T>>(lane_bias<T> + exponent) << lane_fraction_bits<T>;
}

template <class T>
struct operand_rule {
  bool is_logarithm = false;
  bool has_ones = false;  // a companion: zeros enter as 1, always for logarithms; or a residue
  bool is_cut = false;    // values; keep and set apply
  lane_bits<T> keep = ~lane_bits<T>{0};
  lane_bits<T> set = 0;
  lane_bits<T> set_from = 0;  // of smaller magnitudes nothing is set
  lane_bits<T> lowest = 1;    // magnitudes below it are zeros
  operand_residue residue = operand_residue::none;
  int residue_ones = 0;
  bool has_whole_three = false;  // the integer 3 goes down to 2
  lane_bits<T> less =
      0;  // taken from the bits of each left operand: the exponent bias; 2^fraction bits added is a factor of 2
};

// What is known of many operands: the bits of the smallest and the largest magnitude that is not zero.
template <class T>
struct operand_range {
  lane_bits<T> smallest = ~lane_sign<T>;
  lane_bits<T> largest = 0;
  bool has_zero = false;
  bool has_special = false;  // infinity or NaN

  bool is_zero() const { return largest == 0; }
  int min_exponent() const { return static_cast<int>(smallest >> lane_fraction_bits<T>) - lane_bias<T>; }
  int max_exponent() const { return static_cast<int>(largest >> lane_fraction_bits<T>) - lane_bias<T>; }

  void merge(const operand_range& other) {
    smallest = std::min(smallest, other.smallest);
    largest = std::max(largest, other.largest);
    has_zero = has_zero || other.has_zero;
    has_special = has_special || other.has_special;
  }
};

// The same numbers as doubles; there are no subnormals among them.
inline operand_range<double> as_doubles(const operand_range<float>& range) {
  operand_range<double> result;
  const auto widened = [](std::uint32_t bits) {
    return std::bit_cast<std::uint64_t>(static_cast<double>(std::bit_cast<float>(bits)));
  };
  if (!range.is_zero()) {
    result.smallest = widened(range.smallest);
    result.largest = widened(range.largest);
  }
  result.has_zero = range.has_zero;
  result.has_special = range.has_special;
  return result;
}

// What vector code knows of a range so far, lane by lane: begun, passed to makers of operands, and finished (gemm/x86/operands.inc).
template <class T>
struct lane_ranges {
  static constexpr std::size_t size = 64 / sizeof(T);
  alignas(64) lane_bits<T> smallest[size];
  alignas(64) lane_bits<T> largest[size];
  alignas(64) lane_bits<T> zeros[size];
};

// One lane of these. `smallest` and `zeros` are of magnitudes less `lowest`, as unsigned integers: those of zeros have the sign bit.
template <class T>
void merge_lane(operand_range<T>& range, lane_bits<T> lowest, lane_bits<T> smallest, lane_bits<T> zeros,
                lane_bits<T> largest) {
  if ((smallest & lane_sign<T>) == 0) range.smallest = std::min(range.smallest, smallest + lowest);
  if (largest >= lowest) range.largest = std::max(range.largest, largest);
  range.has_zero = range.has_zero || (zeros & lane_sign<T>) != 0;
  range.has_special = range.has_special || largest >= lane_infinity<T>;
}

}  // namespace napier::detail
