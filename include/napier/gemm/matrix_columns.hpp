#pragma once
// napier/gemm/matrix_columns.hpp — the right matrix, packed strip by strip from rows in memory.
//
//   a strip, one block of the depth     panel 0              panel 1            …
//     k = 0                             b00 b01 … b0(w−1)    b0w …              w columns a panel
//     k = 1                             b10 b11 …            b1w …

#include <algorithm>
#include <cstddef>
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

template <class Engine, class T>
class matrix_columns final : public column_source<T> {
 public:
  // `rows`: of the left matrix; their sums share the cache with the strip.
  matrix_columns(const operand_rule<T>& rule, const depth_blocks& blocks, std::size_t rows, const void* first,
                 std::size_t row_stride, std::size_t columns, lane_reader<T> reader)
      : rule_(rule),
        blocks_(blocks),
        first_(first),
        row_stride_(row_stride),
        columns_(columns),
        reader_(reader) {
    const std::size_t fitting = fitting_columns<T>(blocks.block_depth, blocks.count() > 1 ? rows : 0);
    strip_columns_ = std::max<std::size_t>(1, std::min(fitting, (columns + width - 1)) / width) * width;
    size_ = blocks.block_depth * strip_columns_ + width;
    values_.reserve(size_);
    if (rule.has_ones) ones_.reserve(size_);
    line_.reserve(3 * (strip_columns_ + width));
    for (std::size_t k = 0; k < blocks.block_depth; ++k)
      offsets_.push_back(static_cast<std::ptrdiff_t>(k * width));
  }

  std::size_t strips() const override { return (columns_ + strip_columns_ - 1) / strip_columns_; }
  std::size_t first_column(std::size_t strip) const { return strip * strip_columns_; }
  std::size_t columns(std::size_t strip) const override {
    return std::min(strip_columns_, columns_ - first_column(strip));
  }

  column_block<T> build(std::size_t strip, std::size_t block) override {
    const std::size_t depth = blocks_.size(block);
    const std::size_t count = columns(strip);
    const std::size_t panels = (count + width - 1) / width;
    operand_range<T> range;
    T* line = line_.data();
    T* ones = rule_.has_ones ? ones_.data() : nullptr;
    for (std::size_t k = 0; k < depth; ++k) {
      reader_(first_, (blocks_.begin(block) + k) * row_stride_ + first_column(strip), count, line);
      std::fill(line + count, line + panels * width, line[0]);  // no range changes
      Engine::template make_operand_panels<T>(rule_, 0, panels, width, line, depth * width,
                                              values_.data() + k * width,
                                              ones == nullptr ? nullptr : ones + k * width, range);
    }
    return {values_.data(),         rule_.has_ones ? ones_.data() : nullptr,
            offsets_.data(),        depth * width,
            panels * depth * width, range};
  }

  operand_range<T> range() override {
    operand_range<T> range;
    T* line = line_.data();
    T* values = line + strip_columns_ + width;
    T* ones = rule_.has_ones ? values + strip_columns_ + width : nullptr;
    for (std::size_t k = 0; k < blocks_.depth; ++k) {
      for (std::size_t strip = 0; strip < strips(); ++strip) {
        reader_(first_, k * row_stride_ + first_column(strip), columns(strip), line);
        Engine::template make_operands<T>(rule_, 0, columns(strip), line, values, ones, range);
      }
    }
    return range;
  }

 private:
  static constexpr std::size_t width = panel_width<Engine, T>;

  operand_rule<T> rule_;
  depth_blocks blocks_;
  const void* first_;
  std::size_t row_stride_;
  std::size_t columns_;
  lane_reader<T> reader_;
  std::size_t strip_columns_ = 0;
  std::size_t size_ = 0;
  aligned_buffer<T> values_;
  aligned_buffer<T> ones_;
  aligned_buffer<T> line_;
  std::vector<std::ptrdiff_t> offsets_;
};

}  // namespace napier::detail
