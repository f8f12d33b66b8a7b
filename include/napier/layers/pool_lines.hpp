#pragma once
// napier/layers/pool_lines.hpp — the rows of a channel as the vector kernels of pools read them.
//
//   stride 2:   row      x0 x1 x2 x3 x4 x5 x6          a line for each of its phases, so that neighbouring windows
//               lines    x0 x2 x4 x6 | x1 x3 x5        read neighbouring elements
//
// What      windows whose taps all lie in the input's columns are made many at once; those at the sides, one by one, by the caller
// Memory    the rows under one row of windows; where they take more than max_line_bytes, pools go one by one
// Checked   tests/layers/pool_test.cpp

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <type_traits>
#include <vector>

#include <napier/core/aligned_buffer.hpp>
#include <napier/core/isa.hpp>
#include <napier/formats/array.hpp>
#include <napier/layers/code_order.hpp>
#include <napier/layers/window.hpp>

#if defined(__x86_64__)
#define NAPIER_EACH_ISA <napier/layers/x86/pool.inc>
#include <napier/core/x86/each_isa.inc>
#endif

namespace napier::detail {

inline constexpr std::size_t max_line_bytes = std::size_t{1} << 20;

// Windows first … last − 1, whose taps all lie in the input.
inline window_axis::tap_range inner_windows(const window_axis& axis, std::size_t windows) {
  const std::size_t end = axis.pad_begin + axis.input;
  const std::size_t fitting = end < axis.extent() ? 0 : (end - axis.extent()) / axis.stride + 1;
  const std::size_t last = std::min(windows, fitting);
  return {std::min(last, (axis.pad_begin + axis.stride - 1) / axis.stride), last};
}

template <class Kernels, class T>
class pool_lines {
 public:
  // The first window of each row of them is `first`.
  pool_lines(const window_axis& vertical, const window_axis& horizontal, std::size_t first)
      : vertical_(vertical),
        width_(horizontal.input),
        stride_(horizontal.stride),
        line_size_(line_size(horizontal)),
        rows_(vertical.extent(), none),
        lines_(rows_.size() * stride_ * line_size_),
        row_(stride_ == 1 ? 0 : width_ + 2 * padding) {
    std::memset(static_cast<void*>(lines_.data()), 0, lines_.size() * sizeof(T));
    for (std::size_t j = 0; j < horizontal.kernel; ++j) {
      const std::size_t column = horizontal.input_index(first, j);
      offsets_.push_back(column % stride_ * line_size_ + column / stride_);
    }
  }

  static bool fits(const window_axis& vertical, const window_axis& horizontal) {
    return vertical.extent() <= max_line_bytes / sizeof(T) / horizontal.stride / line_size(horizontal);
  }

  void start_channel() { std::fill(rows_.begin(), rows_.end(), none); }

  // What lies under the taps of the first window of row y, row after row. read(row, out) gives a row of the input.
  template <class Read>
  const std::vector<const T*>& taps(std::size_t y, Read read) {
    taps_.clear();
    const window_axis::tap_range rows = vertical_.taps_in_input(y);
    for (std::size_t i = rows.first; i < rows.last; ++i) {
      const T* lines = lines_of(vertical_.input_index(y, i), read);
      for (const std::size_t offset : offsets_) taps_.push_back(lines + offset);
    }
    return taps_;
  }

  // Room that kernels may want behind an array.
  static constexpr std::size_t padding = 64 / sizeof(T);

 private:
  static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

  static std::size_t line_size(const window_axis& horizontal) {
    return (horizontal.input + horizontal.stride - 1) / horizontal.stride + padding;
  }

  template <class Read>
  const T* lines_of(std::size_t row, Read read) {
    const std::size_t slot = row % rows_.size();  // no two rows under a row of windows share one
    T* lines = lines_.data() + slot * stride_ * line_size_;
    if (rows_[slot] == row) return lines;
    rows_[slot] = row;
    if (stride_ == 1) {
      read(row, lines);
      return lines;
    }
    read(row, row_.data());
    if (stride_ == 2) {
      Kernels::split_pairs(row_.data(), width_, lines, lines + line_size_);
      return lines;
    }
    for (std::size_t column = 0; column < width_; ++column) {
      lines[column % stride_ * line_size_ + column / stride_] = row_[column];
    }
    return lines;
  }

  window_axis vertical_;
  std::size_t width_;
  std::size_t stride_;
  std::size_t line_size_;
  std::vector<std::size_t> rows_;  // which one a slot holds
  aligned_buffer<T> lines_;
  aligned_buffer<T> row_;
  std::vector<std::size_t> offsets_;  // of the taps of a row
  std::vector<const T*> taps_;
};

// run(kernels); false where there are none.
template <class Run>
bool with_pool_kernels(Run run) {
#if defined(__x86_64__)
  if (active_isa() == isa::avx512) return run(avx512::pool_kernels{});
  if (active_isa() == isa::avx2) return run(avx2::pool_kernels{});
#else
  static_cast<void>(run);
#endif
  return false;
}

}  // namespace napier::detail
