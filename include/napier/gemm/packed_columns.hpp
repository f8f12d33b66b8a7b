#pragma once
// napier/gemm/packed_columns.hpp — a right matrix packed once: the weights of a fully connected layer, whose outputs
// are columns here, so that a register holds outputs even for a batch of one.

#include <algorithm>
#include <cstddef>
#include <vector>

#include <napier/core/aligned_buffer.hpp>
#include <napier/gemm/columns.hpp>
#include <napier/gemm/packed_rows.hpp>
#include <napier/gemm/running_sums.hpp>

namespace napier::detail {

template <class T>
class packed_columns {
 public:
  packed_columns() = default;

  // Row o of `from` is column o.
  template <class Engine>
  [[gnu::noinline]] static packed_columns pack(Engine, const operand_rule<T>& rule, std::size_t columns,
                                               const depth_blocks& blocks, const lane_matrix<T>& from) {
    constexpr std::size_t width = panel_width<Engine, T>;
    packed_columns packed;
    packed.columns_ = columns;
    packed.blocks_ = blocks;
    const std::size_t panels = (columns + width - 1) / width;
    packed.values_.reserve(panels * width * blocks.depth + width);
    if (rule.has_ones) packed.ones_.reserve(panels * width * blocks.depth + width);
    for (std::size_t k = 0; k < blocks.block_depth; ++k) {
      packed.offsets_.push_back(static_cast<std::ptrdiff_t>(k * width));
    }
    aligned_buffer<T> lanes(blocks.block_depth + width);
    T* values = packed.values_.data();
    T* ones = rule.has_ones ? packed.ones_.data() : nullptr;
    for (std::size_t block = 0; block < blocks.count(); ++block) {
      const std::size_t depth = blocks.size(block);
      operand_range<T> range;
      for (std::size_t p = 0; p < panels; ++p) {
        const std::size_t count = std::min(width, columns - p * width);
        std::fill_n(values, depth * width, T{});
        for (std::size_t j = 0; j < count; ++j) {
          from.read(p * width + j, blocks.begin(block), depth, lanes.data());
          for (std::size_t k = 0; k < depth; ++k) values[k * width + j] = lanes[k];
        }
        operand_range<T> of_panel;
        Engine::template make_operands<T>(rule, 0, depth * width, values, values, ones, of_panel);
        range.merge(of_panel);
        values += depth * width;
        ones += rule.has_ones ? depth * width : 0;
      }
      packed.ranges_.push_back(range);
    }
    return packed;
  }

  std::size_t columns() const { return columns_; }
  const depth_blocks& blocks() const { return blocks_; }

  // Many threads may read one packed matrix: each through a source of its own.
  template <class Engine>
  class source final : public column_source<T> {
   public:
    explicit source(const packed_columns& from) : from_(from) {}

    std::size_t strips() const override { return 1; }
    std::size_t columns(std::size_t) const override { return from_.columns_; }

    column_block<T> build(std::size_t, std::size_t block) override {
      const std::size_t padded = (from_.columns_ + width - 1) / width * width;
      const std::size_t depth = from_.blocks_.size(block);
      const std::size_t first = padded * from_.blocks_.begin(block);
      column_block<T> result;
      result.values = from_.values_.data() + first;
      result.ones = from_.ones_.size() == 0 ? nullptr : from_.ones_.data() + first;
      result.offsets = from_.offsets_.data();
      result.panel_stride = depth * width;
      result.size = padded * depth;
      result.range = from_.ranges_[block];
      return result;
    }

    operand_range<T> range() override {
      operand_range<T> all;
      for (const operand_range<T>& range : from_.ranges_) all.merge(range);
      return all;
    }

   private:
    static constexpr std::size_t width = panel_width<Engine, T>;
    const packed_columns& from_;
  };

 private:
  std::size_t columns_ = 0;
  depth_blocks blocks_;
  aligned_buffer<T> values_;
  aligned_buffer<T> ones_;
  std::vector<std::ptrdiff_t> offsets_;
  std::vector<operand_range<T>> ranges_;
};

}  // namespace napier::detail
