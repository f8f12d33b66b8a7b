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

// Where all of the left matrix stays in the second-level cache, a strip need not: it is packed in the first-level cache and used there.
inline constexpr std::size_t small_left_bytes = std::size_t{256} * 1024;
inline constexpr std::size_t small_strip_bytes = std::size_t{16} * 1024;

// For so few rows of the left matrix the kernels read the right one where it is: packing is as long as the products.
inline constexpr std::size_t most_rows_in_place = 32;

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

// S: what the numbers are read as; where that is float and T double, two panels are packed at once.
template <class Engine, class T, class S = T>
class matrix_columns final : public column_source<T> {
 public:
  // `rows`: of the left matrix; their sums share the cache with the strip.
  matrix_columns(const operand_rule<T>& rule, const depth_blocks& blocks, std::size_t rows, const void* first,
                 std::size_t row_stride, std::size_t columns, lane_reader<S> reader, const column_use& use)
      : rule_(rule),
        use_(use),
        blocks_(blocks),
        first_(first),
        row_stride_(row_stride),
        columns_(columns),
        reader_(reader) {
    if constexpr (!is_widened) {
      is_in_place_ =
          !use.wants_range && reader.reads_in_place() && !rule.is_cut && rows <= most_rows_in_place;
    }
    const std::size_t depth = blocks.block_depth;
    const bool is_small = rows * blocks.depth * sizeof(T) <= small_left_bytes;
    const std::size_t fitting = is_in_place_ ? columns
                                : is_small   ? small_strip_bytes / (sizeof(T) * depth)
                                             : fitting_columns<T>(depth, blocks.count() > 1 ? rows : 0);
    const std::size_t all = (columns + at_once - 1) / at_once * at_once;
    strip_columns_ = std::min(all, std::max<std::size_t>(1, fitting / at_once) * at_once);
    if (is_in_place_) {
      row_offsets_.reserve(depth);
      for (std::size_t k = 0; k < depth; ++k) row_offsets_[k] = static_cast<std::ptrdiff_t>(k * row_stride);
    }
  }

  std::size_t strips() const override { return (columns_ + strip_columns_ - 1) / strip_columns_; }
  std::size_t first_column(std::size_t strip) const { return strip * strip_columns_; }
  std::size_t columns(std::size_t strip) const override {
    return std::min(strip_columns_, columns_ - first_column(strip));
  }

  column_block<T> build(std::size_t strip, std::size_t block) override {
    return is_in_place_ ? find(strip, block) : pack(strip, block);
  }

  const T* ones() override {
    std::fill_n(room_for_ones(), room_, T{1});
    return ones_.data();
  }

  operand_range<T> range() override {
    constexpr std::size_t columns_at_once = 1024;
    lane_ranges<S> ranges;
    Engine::template start_ranges<S>(ranges);
    for (std::size_t k = 0; k < blocks_.depth; ++k) {
      for (std::size_t first = 0; first < columns_; first += columns_at_once) {
        const std::size_t count = std::min(columns_at_once, columns_ - first);
        const numbers x = read(k, 1, first, count, columns_at_once);
        Engine::template note_rows<S>(source_rule(), 1, count, x.first, 0, ranges);
      }
    }
    return finished(ranges);
  }

 private:
  static constexpr bool is_widened = sizeof(S) < sizeof(T);
  static constexpr std::size_t width = panel_width<Engine, T>;
  static constexpr std::size_t at_once = is_widened ? 2 * width : width;  // columns
  static constexpr std::size_t lanes = static_cast<std::size_t>(Engine::template lanes<T>);

  struct numbers {
    const S* first;
    std::size_t row_stride;
  };

  column_block<T> pack(std::size_t strip, std::size_t block) {
    const std::size_t depth = blocks_.size(block);
    const std::size_t count = columns(strip);
    const std::size_t stride = depth * width;
    room_ = (count + at_once - 1) / at_once * (at_once / width) * stride;
    values_.reserve(room_);
    T* ones = rule_.has_ones && (!use_.makes_ones_late || had_zeros_) ? room_for_ones() : nullptr;
    lane_ranges<S> ranges;
    Engine::template start_ranges<S>(ranges);
    for (std::size_t q = 0; q < count; q += at_once) {
      const std::size_t columns = std::min(at_once, count - q);
      const std::size_t at = q / width * stride;
      const numbers x = read(blocks_.begin(block), depth, first_column(strip) + q, columns, at_once);
      const bool has_zero = pack_columns(x, depth, columns, at, ones, ranges);
      had_zeros_ = had_zeros_ || has_zero;
      if (has_zero && rule_.has_ones && ones == nullptr) {
        ones = room_for_ones();
        std::fill_n(ones, at, T{1});
        pack_columns(x, depth, columns, at, ones, ranges);
      }
    }
    column_block<T> result;
    result.values = values_.data();
    result.ones = ones;
    result.offsets = offsets_of_panel<width>(depth, offsets_);
    result.panel_stride = stride;
    result.size = (count + width - 1) / width * stride;
    result.range = finished(ranges);
    return result;
  }

  // Where the numbers are; but the columns of a register that would go past the last one are packed.
  column_block<T> find(std::size_t strip, std::size_t block) {
    const std::size_t depth = blocks_.size(block);
    const std::size_t count = columns(strip);
    const std::size_t in_place = count % lanes == 0 ? count : count / width * width;
    column_block<T> result;
    result.values = static_cast<const T*>(first_) + blocks_.begin(block) * row_stride_ + first_column(strip);
    result.offsets = row_offsets_.data();
    result.panel_stride = width;
    result.last_column = in_place;
    if (in_place < count) {
      lane_ranges<S> ranges;
      Engine::template start_ranges<S>(ranges);
      values_.reserve(depth * at_once);
      const std::size_t columns = count - in_place;
      const numbers x = read(blocks_.begin(block), depth, first_column(strip) + in_place, columns, at_once);
      pack_columns(x, depth, columns, 0, nullptr, ranges);
      result.last_values = values_.data();
      result.last_offsets = offsets_of_panel<width>(depth, offsets_);
    }
    return result;
  }

  // `rows` rows of `count` numbers each: where they are, or read to rows of `room`.
  numbers read(std::size_t row, std::size_t rows, std::size_t first, std::size_t count, std::size_t room) {
    const std::size_t index = row * row_stride_ + first;
    if (reader_.reads_in_place()) return {static_cast<const S*>(first_) + index, row_stride_};
    lines_.reserve(rows * room);
    reader_.read_rows(static_cast<const char*>(first_) + index * reader_.element_size, row_stride_, rows,
                      count, lines_.data(), room);
    return {lines_.data(), room};
  }
  // To the panel, or panels, at `at`. Was a number zero so far?
  bool pack_columns(const numbers& x, std::size_t depth, std::size_t count, std::size_t at, T* ones,
                    lane_ranges<S>& ranges) {
    T* values = values_.data() + at;
    ones = ones == nullptr ? nullptr : ones + at;
    if constexpr (is_widened) {
      return Engine::pack_widened_panels(rule_, depth, count, x.first, x.row_stride, depth * width, values,
                                         ones, had_zeros_, ranges);
    } else {
      return Engine::template pack_panel<T>(rule_, depth, count, x.first, x.row_stride, values, ones,
                                            had_zeros_, ranges);
    }
  }
  operand_rule<S> source_rule() const {
    if constexpr (is_widened) {
      return {};
    } else {
      return rule_;
    }
  }
  operand_range<T> finished(const lane_ranges<S>& ranges) const {
    const operand_range<S> range = Engine::template finished_range<S>(source_rule(), ranges);
    if constexpr (is_widened) {
      return as_doubles(range);
    } else {
      return range;
    }
  }
  T* room_for_ones() {
    ones_.reserve(room_);
    return ones_.data();
  }

  operand_rule<T> rule_;
  column_use use_;
  depth_blocks blocks_;
  const void* first_;
  std::size_t row_stride_;
  std::size_t columns_;
  lane_reader<S> reader_;
  bool is_in_place_ = false;
  bool had_zeros_ = false;
  std::size_t strip_columns_ = 0;
  std::size_t room_ = 0;  // of the last block: its panels
  aligned_buffer<T> values_;
  aligned_buffer<T> ones_;
  aligned_buffer<S> lines_;
  std::vector<std::ptrdiff_t> offsets_;
  aligned_buffer<std::ptrdiff_t> row_offsets_;
};

}  // namespace napier::detail
