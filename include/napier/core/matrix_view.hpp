#pragma once
// napier/core/matrix_view.hpp — matrix_view<T>: rows × cols elements, row after row, row_stride elements apart.

#include <concepts>
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
  // Sizes of any integer type, so that matrix_view{data, m, k} is no narrowing where m and k are int.
  template <std::integral Rows, std::integral Cols>
  constexpr matrix_view(T* first, Rows row_count, Cols col_count)
      : matrix_view(first, row_count, col_count, col_count) {}
  template <std::integral Rows, std::integral Cols, std::integral Stride>
  constexpr matrix_view(T* first, Rows row_count, Cols col_count, Stride stride)
      : data(first),
        rows(static_cast<std::size_t>(row_count)),
        cols(static_cast<std::size_t>(col_count)),
        row_stride(static_cast<std::size_t>(stride)) {}

  // A view of constant elements.
  constexpr operator matrix_view<const T>() const requires(!std::is_const_v<T>) {
    return {data, rows, cols, row_stride};
  }

  constexpr T& operator()(std::size_t row, std::size_t col) const { return data[row * row_stride + col]; }
};

}  // namespace napier
