#pragma once
// napier/layers/one_row.hpp — the kernels of a depthwise convolution: one row of weights, many columns.
//
// What      on_one_row(engine): the engine with tiles of one row and one_row_width columns. Weights and columns are those made for the
//           engine itself
// Checked   tests/layers/conv2d_paths_test.cpp

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

#include <napier/gemm/columns.hpp>
#include <napier/gemm/engines.hpp>
#include <napier/gemm/running_sums.hpp>

#if defined(__x86_64__)
#define NAPIER_EACH_ISA <napier/layers/x86/one_row.inc>
#include <napier/core/x86/each_isa.inc>
#endif

namespace napier::detail {

// A multiple of every block of registers.
inline constexpr std::size_t one_row_width = 256;

#if defined(__x86_64__)
template <class T>
inline constexpr std::size_t panel_width<avx2::one_row_engine, T> = one_row_width;
template <class T>
inline constexpr std::size_t panel_width<avx512::one_row_engine, T> = one_row_width;
#endif

// Columns that lie side by side, as those of an image, in panels of one_row_width.
template <class T>
class one_row_columns final : public column_source<T> {
 public:
  explicit one_row_columns(column_source<T>& columns) : columns_(columns) {}

  std::size_t strips() const override { return columns_.strips(); }
  std::size_t columns(std::size_t strip) const override { return columns_.columns(strip); }
  column_block<T> build(std::size_t strip, std::size_t block) override {
    column_block<T> result = columns_.build(strip, block);
    result.panel_stride = one_row_width;
    return result;
  }
  const T* ones() override { return columns_.ones(); }
  operand_range<T> range() override { return columns_.range(); }

 private:
  column_source<T>& columns_;
};

}  // namespace napier::detail
