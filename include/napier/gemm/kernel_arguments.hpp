#pragma once
// napier/gemm/kernel_arguments.hpp — what a kernel is called with (gemm/x86/kernels.inc, docs/gemm.md).

#include <cstddef>
#include <cstdint>
#include <limits>

#include <napier/gemm/operands.hpp>

namespace napier::detail {

struct kernel_constants {
  double window = 0;  // 1.5 · 2^(52 + e): adding and subtracting it leaves the multiples of 2^e
  double limit =
      std::numeric_limits<double>::infinity();  // corrected logarithms: larger ones are not corrected
  bool floors = false;                          // fractions of products are dropped
  // sums in a narrow float
  float scale = 1;                   // of a
  std::int32_t lowest_exponent = 0;  // of normal numbers: the exponent's bits
  std::int32_t rounding = 0;         // added to the bits of a power of two: the constant that rounds there
  // sums in an approximate adder
  std::uint64_t kept = 0;   // bits of a product
  std::uint64_t carry = 0;  // the highest of the low bits: that with a carry
  std::uint64_t lost = 0;   // those below it
};

// sums(i, j) (+)= sum over k ascending of a(k, i) × b(k, j).
template <class T>
struct kernel_arguments {
  std::size_t depth;  // of k
  const T* a;         // [k][rows]
  const T* a_ones;    // beside a; null where no kernel asks for it
  const T* b;         // row k at b + offsets[k]
  const T* b_ones;    // beside b
  const std::ptrdiff_t* offsets;
  T* sums;  // row i at sums + i · sums_stride; a second window's sums follow at + window_stride
  std::size_t sums_stride;
  std::size_t window_stride;
  bool continues;  // sums are added to, else set
  kernel_constants constants;
};

// Some rows of each channel of an image, as padded planes: rows_above rows of padding, `rows` of `before` numbers of padding, `count`
// of the image and padding again, rows_below of padding.
template <class T>
struct padded_plane_rows {
  const T* from = nullptr;  // the first number
  std::size_t step = 1;     // from one to the next
  std::size_t row_stride = 0;
  std::size_t channel_stride = 0;
  std::size_t rows_above = 0;
  std::size_t rows = 0;
  std::size_t rows_below = 0;
  std::size_t before = 0;
  std::size_t count = 0;
};

// Columns of a strip that lie side by side in the output.
struct column_run {
  std::size_t from;
  std::size_t to;
  std::size_t count;
};

// What is known of a few columns of numbers, which are integers in some unit.
struct tile_statistics {
  double largest = 0;  // magnitude
  double squares = 0;  // the largest sum of squares of a column
  int zeros = 0;       // low bits that no number has, 51 at most
};

// The posit that products are rounded to.
struct posit_rounding {
  int width = 0;
  int exponent_bits = 0;
};

// sums(i, j) += sum over k of the rounded a(k, i) × b(k, j); all as in kernel_arguments.
template <class T>
struct rounded_arguments {
  std::size_t depth;
  const T* a;
  const T* a_ones;
  const T* b;
  const T* b_ones;
  const std::ptrdiff_t* offsets;
  double* sums;
  std::size_t sums_stride;
  posit_rounding rounding;
};

}  // namespace napier::detail
