#pragma once
// napier/core/matrix_view.hpp — matrix_view<T>: rows × cols elements, row after row, row_stride elements apart.

#include <cstddef>
#include <type_traits>

namespace napier {

template <class T>
struct matrix_view {
  T* data = nullptr;
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::size_t row_stride = 0;

  constexpr matrix_view() = default;
  constexpr matrix_view(T* first, std::size_t row_count, std::size_t col_count)
      : matrix_view(first, row_count, col_count, col_count) {}
  constexpr matrix_view(T* first, std::size_t row_count, std::size_t col_count, std::size_t stride)
      : data(first), rows(row_count), cols(col_count), row_stride(stride) {}

  // A view of constant elements.
  constexpr operator matrix_view<const T>() const requires(!std::is_const_v<T>) {
    return {data, rows, cols, row_stride};
  }

  constexpr T& operator()(std::size_t row, std::size_t col) const { return data[row * row_stride + col]; }
};

}  // namespace napier
