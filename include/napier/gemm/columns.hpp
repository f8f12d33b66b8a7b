#pragma once
// napier/gemm/columns.hpp — where the loops get the right matrix from, and where finished sums go.
//
// What      The right matrix comes in strips of columns, each built for one block of the depth at a time: from a matrix
//           (gemm/matrix_columns.hpp), from an image (layers/image_columns.hpp), or packed before (gemm/packed_columns.hpp)

#include <cstddef>
#include <cstdint>

#include <napier/gemm/operands.hpp>

namespace napier::detail {

// One strip in one block of the depth. Column q of row k lies at
//   values[(q / panel_width) · panel_stride + q % panel_width + offsets[k]]
// and a register may be read from there at any q, past the last column too. The block is valid until the next build.
template <class T>
struct column_block {
  const T* values = nullptr;
  const T* ones =
      nullptr;  // null for products; also where the source makes them when asked: then no number is zero
  const std::ptrdiff_t* offsets = nullptr;
  std::size_t panel_stride = 0;
  std::size_t size = 0;  // elements of values
  operand_range<T> range;
  // The columns from last_column on, if any, are a panel by itself: row k at last_values + last_offsets[k].
  const T* last_values = nullptr;
  const std::ptrdiff_t* last_offsets = nullptr;
  std::size_t last_column = 0;
};

template <class T>
class column_source {
 public:
  virtual ~column_source() = default;
  virtual std::size_t strips() const = 0;
  virtual std::size_t columns(std::size_t strip) const = 0;
  virtual column_block<T> build(std::size_t strip, std::size_t block) = 0;
  // The ones of the last block that was built without.
  virtual const T* ones() { return nullptr; }
  // Of the whole matrix.
  virtual operand_range<T> range() = 0;
};

// What the loops do not ask of a source of columns.
struct column_use {
  bool makes_ones_late = false;  // where no number is zero: they are asked for
  bool wants_range = true;       // what is not: its numbers are read where they are, if they are lanes
};

// Low parts of exact sums that have none, of any tile: a sink may look at the address.
inline constexpr double zero_sums[2048] = {};

// Sums of rows first_row … of one strip, columns q …, at most 64; row i at sums + i · stride. Loops of running sums call the first, loops of exact
// sums, high + low each, the second; the arrays may be read one register further.
template <class T>
class sums_sink {
 public:
  virtual ~sums_sink() = default;
  virtual void write(std::size_t first_row, std::size_t rows, std::size_t strip, std::size_t column,
                     std::size_t columns, const T* sums, std::size_t stride) = 0;
  virtual void write(std::size_t first_row, std::size_t rows, std::size_t strip, std::size_t column,
                     std::size_t columns, const double* high, const double* low, std::size_t stride) = 0;
  // Else a bias of at most 51 bits is added to an exact sum and rounded at once: a low part that was rounded to odd will do.
  virtual bool adds_exactly() const = 0;
};

}  // namespace napier::detail
