#pragma once
// napier/gemm/matrix_columns.hpp — the right matrix, packed strip by strip from rows in memory.
//
//   a strip, one block of the depth     panel 0              panel 1            …
//     k = 0                             b00 b01 … b0(w−1)    b0w …              w columns a panel
//     k = 1                             b10 b11 …            b1w …

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <vector>

#include <napier/core/aligned_buffer.hpp>
#include <napier/gemm/columns.hpp>
#include <napier/gemm/lanes.hpp>
#include <napier/gemm/packed_rows.hpp>
#include <napier/gemm/running_sums.hpp>

namespace napier::detail {

inline constexpr std::size_t strip_bytes = std::size_t{768} * 1024;  // of the right matrix
inline constexpr std::size_t sums_bytes =
    std::size_t{2} * 1024 * 1024;  // of sums that wait for the next block

// Columns of a strip: `depth` operands and `rows` sums each.
template <class T>
constexpr std::size_t fitting_columns(std::size_t depth, std::size_t rows) {
  return std::min(strip_bytes / (sizeof(T) * std::max<std::size_t>(1, depth)),
                  sums_bytes / (sizeof(T) * std::max<std::size_t>(1, rows)));
}

// Row k of a panel at k · width: for few rows from a table, else from `room`.
template <std::size_t width>
const std::ptrdiff_t* offsets_of_panel(std::size_t depth, std::vector<std::ptrdiff_t>& room) {
  struct table {
    std::ptrdiff_t at[1024];
    constexpr table() : at() {
      for (std::size_t k = 0; k < std::size(at); ++k) at[k] = static_cast<std::ptrdiff_t>(k * width);
    }
  };
  static constexpr table few;
  if (depth <= std::size(few.at)) return few.at;
  while (room.size() < depth) room.push_back(static_cast<std::ptrdiff_t>(room.size() * width));
  return room.data();
}

template <class Engine, class T>
class matrix_columns final : public column_source<T> {
 public:
  // `rows`: of the left matrix; their sums share the cache with the strip. makes_ones_late: the loops ask for them where there are no
  // zeros.
  matrix_columns(const operand_rule<T>& rule, const depth_blocks& blocks, std::size_t rows, const void* first,
                 std::size_t row_stride, std::size_t columns, lane_reader<T> reader, bool makes_ones_late)
      : rule_(rule),
        blocks_(blocks),
        first_(first),
        row_stride_(row_stride),
        columns_(columns),
        reader_(reader),
        makes_ones_late_(makes_ones_late) {
    const std::size_t fitting = fitting_columns<T>(blocks.block_depth, blocks.count() > 1 ? rows : 0);
    strip_columns_ = std::max<std::size_t>(1, std::min(fitting, (columns + width - 1)) / width) * width;
    values_.reserve(blocks.block_depth * strip_columns_ + width);
    if (reader_.reads_in_place()) return;
    line_.reserve(strip_columns_ + width);
  }

  std::size_t strips() const override { return (columns_ + strip_columns_ - 1) / strip_columns_; }
  std::size_t first_column(std::size_t strip) const { return strip * strip_columns_; }
  std::size_t columns(std::size_t strip) const override {
    return std::min(strip_columns_, columns_ - first_column(strip));
  }

  column_block<T> build(std::size_t strip, std::size_t block) override {
    const std::size_t depth = blocks_.size(block);
    const std::size_t count = columns(strip);
    const std::size_t stride = depth * width;
    size_ = (count + width - 1) / width * stride;
    T* ones = rule_.has_ones && !makes_ones_late_ ? room_for_ones() : nullptr;
    lane_ranges<T> ranges;
    Engine::template start_ranges<T>(ranges);
    for (std::size_t k = 0; k < depth; ++k) {
      const T* line = read(blocks_.begin(block) + k, first_column(strip), count);
      T* values = values_.data() + k * width;
      const bool has_zero = Engine::template pack_row<T>(
          rule_, count, line, width, stride, values, ones == nullptr ? nullptr : ones + k * width, ranges);
      if (has_zero && rule_.has_ones && ones == nullptr) {
        ones = room_for_ones();
        fill_ones(stride, k);
        Engine::template pack_row<T>(rule_, count, line, width, stride, values, ones + k * width, ranges);
      }
    }
    return {values_.data(), ones,  offsets_of_panel<width>(depth, offsets_),
            stride,         size_, Engine::template finished_range<T>(rule_, ranges)};
  }

  const T* ones() override {
    std::fill_n(room_for_ones(), size_, T{1});
    return ones_.data();
  }

  operand_range<T> range() override {
    lane_ranges<T> ranges;
    Engine::template start_ranges<T>(ranges);
    for (std::size_t k = 0; k < blocks_.depth; ++k) {
      for (std::size_t strip = 0; strip < strips(); ++strip) {
        const T* line = read(k, first_column(strip), columns(strip));
        Engine::template note_row<T>(rule_, columns(strip), line, ranges);
      }
    }
    return Engine::template finished_range<T>(rule_, ranges);
  }

 private:
  static constexpr std::size_t width = panel_width<Engine, T>;

  const T* read(std::size_t row, std::size_t first, std::size_t count) {
    const std::size_t index = row * row_stride_ + first;
    if (reader_.reads_in_place()) return static_cast<const T*>(first_) + index;
    reader_(first_, index, count, line_.data());
    return line_.data();
  }
  T* room_for_ones() {
    ones_.reserve(values_.size());
    return ones_.data();
  }
  // Of the first `depth` rows of each panel.
  void fill_ones(std::size_t stride, std::size_t depth) {
    for (std::size_t at = 0; at < size_; at += stride) std::fill_n(ones_.data() + at, depth * width, T{1});
  }

  operand_rule<T> rule_;
  depth_blocks blocks_;
  const void* first_;
  std::size_t row_stride_;
  std::size_t columns_;
  lane_reader<T> reader_;
  bool makes_ones_late_;
  std::size_t strip_columns_ = 0;
  std::size_t size_ = 0;  // of the last block
  aligned_buffer<T> values_;
  aligned_buffer<T> ones_;
  aligned_buffer<T> line_;
  std::vector<std::ptrdiff_t> offsets_;
};

}  // namespace napier::detail
