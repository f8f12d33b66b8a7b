#pragma once
// napier/gemm/packed_rows.hpp — the left matrix as the kernels read it: panels of a few rows, k after k.
//
//   a block of the depth (k)       panel 0            panel 1           …
//     k = 0                        a00 a10 … a70      a80 a90 …
//     k = 1                        a01 a11 … a71      a81 a91 …
//
// What      rows are cut into panels of engine::panel_rows, then of 4, then of 1; the depth into blocks. Of each panel and block
//           it keeps the range of its numbers, and slices: for exact sums (gemm/exact_sums.hpp) wide numbers are cut into parts
//           that sum to them. Others have one slice

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <napier/core/aligned_buffer.hpp>
#include <napier/gemm/operands.hpp>

namespace napier::detail {

// 1.5 · 2^(52 + e): x + c − c is the multiple of 2^e nearest to x, for |x| < 2^(50 + e).
inline double window_constant(int e) {
  return std::bit_cast<double>((std::uint64_t{static_cast<unsigned>(1023 + 52 + e)} << 52) |
                               (std::uint64_t{1} << 51));
}
inline double power_of_two(int e) {
  return std::bit_cast<double>(std::uint64_t{static_cast<unsigned>(1023 + e)} << 52);
}

// The depth of a matrix: blocks of at most block_depth.
struct depth_blocks {
  std::size_t depth = 0;
  std::size_t block_depth = 1;

  std::size_t count() const { return depth == 0 ? 0 : (depth + block_depth - 1) / block_depth; }
  std::size_t begin(std::size_t block) const { return block * block_depth; }
  std::size_t size(std::size_t block) const {
    return block + 1 < count() ? block_depth : depth - block * block_depth;
  }
};

// What a matrix is packed for.
template <class T>
struct packing_rule {
  operand_rule<T> operands;
  bool is_exact = false;   // doubles, for exact sums
  bool has_floor = false;  // exact sums of logarithms: products are floored to integers
  // The lowest bit that an operand of the exponents min … max can have; used for exact sums.
  int (*lowest_bit)(int min_exponent, int max_exponent) = nullptr;
};

template <class T>
class packed_rows {
 public:
  struct panel {
    std::size_t first;
    int rows;
  };
  struct slice {
    std::size_t offset;       // of its operands in `values`, and of their ones
    operand_range<T> range;
    double row_sum;           // exact sums: no row's sum of magnitudes exceeds it
    int lowest_bit;           // exact sums: all operands are multiples of 2^lowest_bit
  };

  packed_rows() = default;

  // read(row, first, count, out): `count` numbers of a row from k = first on, as lanes. `out` may be written one register further.
  template <class Engine, class Read>
  static packed_rows pack(Engine, const packing_rule<T>& rule, std::size_t rows, const depth_blocks& blocks, Read read) {
    packed_rows packed;
    packed.blocks_ = blocks;
    packed.rows_ = rows;
    for (std::size_t row = 0; row < rows;) {
      const std::size_t left = rows - row;
      const int height = left >= Engine::panel_rows ? Engine::panel_rows : left >= 4 ? 4 : 1;
      packed.panels_.push_back({row, height});
      row += static_cast<std::size_t>(height);
    }
    packed.pack_panels(Engine{}, rule, read);
    return packed;
  }

  std::size_t rows() const { return rows_; }
  const depth_blocks& blocks() const { return blocks_; }
  const std::vector<panel>& panels() const { return panels_; }
  // The slices of a panel in a block: none where it is all zeros and sums are exact.
  const slice* slices_begin(std::size_t block, std::size_t panel_index) const {
    return slices_.data() + first_slice_[block * panels_.size() + panel_index];
  }
  const slice* slices_end(std::size_t block, std::size_t panel_index) const {
    return slices_.data() + first_slice_[block * panels_.size() + panel_index + 1];
  }
  const std::vector<slice>& slices() const { return slices_; }
  const T* values(const slice& of) const { return values_.data() + of.offset; }
  const T* ones(const slice& of) const { return ones_.size() == 0 ? nullptr : ones_.data() + of.offset; }
  const operand_range<T>& range() const { return range_; }
  std::size_t bytes() const { return (values_.size() + ones_.size()) * sizeof(T); }

 private:
  // Numbers of more bits than that, from the highest of the panel to the lowest, are cut.
  static constexpr int slice_bits = 22;
  static constexpr int uncut_bits = 26;
  static constexpr std::size_t padding = 64 / sizeof(T);

  template <class Engine, class Read>
  void pack_panels(Engine, const packing_rule<T>& rule, Read read) {
    const std::size_t most = rows_ * blocks_.depth;
    std::vector<T> operands;
    std::vector<T> ones;
    operands.reserve(most + padding);
    aligned_buffer<T> lanes(blocks_.block_depth + 2 * padding);
    std::vector<T> panel_lanes;
    std::vector<T> packed;
    std::vector<T> packed_ones;
    for (std::size_t block = 0; block < blocks_.count(); ++block) {
      const std::size_t depth = blocks_.size(block);
      for (const panel& p : panels_) {
        const auto height = static_cast<std::size_t>(p.rows);
        panel_lanes.resize(depth * height + padding);
        for (std::size_t i = 0; i < height; ++i) {
          read(p.first + i, blocks_.begin(block), depth, lanes.data());
          for (std::size_t k = 0; k < depth; ++k) panel_lanes[k * height + i] = lanes[k];
        }
        packed.resize(panel_lanes.size());
        packed_ones.resize(rule.operands.is_logarithm ? packed.size() : 0);
        operand_range<T> range;
        Engine::make_operands(rule.operands, rule.operands.is_logarithm ? lane_one<T> : 0, depth * height,
                              panel_lanes.data(), packed.data(),
                              packed_ones.empty() ? nullptr : packed_ones.data(), range);
        range_.merge(range);
        first_slice_.push_back(slices_.size());
        if constexpr (sizeof(T) == 8) {
          if (rule.is_exact) {
            add_exact_slices(Engine{}, rule, range, depth, height, packed, packed_ones, operands, ones);
            continue;
          }
        }
        slices_.push_back({operands.size(), range, 0, 0});
        operands.insert(operands.end(), packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(depth * height));
        ones.insert(ones.end(), packed_ones.begin(),
                    packed_ones.empty() ? packed_ones.end()
                                        : packed_ones.begin() + static_cast<std::ptrdiff_t>(depth * height));
      }
    }
    first_slice_.push_back(slices_.size());
    values_ = copied(operands);
    ones_ = copied(ones);
  }

  template <class Engine>
  void add_exact_slices(Engine, const packing_rule<T>& rule, const operand_range<T>& range, std::size_t depth,
                        std::size_t height, std::vector<T>& packed, const std::vector<T>& packed_ones,
                        std::vector<T>& operands, std::vector<T>& ones) {
    if (range.is_zero()) return;
    const int lowest = rule.lowest_bit(range.min_exponent(), range.max_exponent());
    const int bits = range.max_exponent() + 1 - lowest;
    const std::size_t count = depth * height;
    // Logarithms are not cut: their products are (kernels of two windows).
    const int parts = rule.operands.is_logarithm || bits <= uncut_bits ? 1 : (bits + slice_bits - 1) / slice_bits;
    std::vector<T> high(packed.size());
    for (int part = parts - 1; part >= 0; --part) {
      const int lowest_of_part = lowest + part * slice_bits;
      std::vector<T>* values = &packed;
      if (part > 0) {
        Engine::split_values(count, window_constant(lowest_of_part), packed.data(), high.data());
        values = &high;
      }
      slices_.push_back({operands.size(), range, largest_row_sum(rule, *values, packed_ones, depth, height),
                         lowest_of_part});
      operands.insert(operands.end(), values->begin(), values->begin() + static_cast<std::ptrdiff_t>(count));
      if (!packed_ones.empty()) {
        ones.insert(ones.end(), packed_ones.begin(), packed_ones.begin() + static_cast<std::ptrdiff_t>(count));
      }
    }
  }

  // Rounded up enough for the roundings of the sum itself.
  static double largest_row_sum(const packing_rule<T>& rule, const std::vector<T>& values, const std::vector<T>& ones,
                                std::size_t depth, std::size_t height) {
    double largest = 0;
    for (std::size_t i = 0; i < height; ++i) {
      double sum = 0;
      for (std::size_t k = 0; k < depth; ++k) {
        T x = values[k * height + i];
        if (rule.operands.is_logarithm) {
          x = std::bit_cast<T>(static_cast<lane_bits<T>>(std::bit_cast<lane_bits<T>>(x) + lane_one<T>)) *
              ones[k * height + i];
        }
        sum += std::fabs(static_cast<double>(x));
      }
      largest = sum > largest ? sum : largest;
    }
    return largest * (1 + 0x1p-20);
  }

  static aligned_buffer<T> copied(const std::vector<T>& from) {
    if (from.empty()) return {};
    aligned_buffer<T> buffer(from.size() + padding);
    for (std::size_t i = 0; i < from.size(); ++i) buffer[i] = from[i];
    return buffer;
  }

  std::size_t rows_ = 0;
  depth_blocks blocks_;
  std::vector<panel> panels_;
  std::vector<slice> slices_;
  std::vector<std::size_t> first_slice_;
  aligned_buffer<T> values_;
  aligned_buffer<T> ones_;
  operand_range<T> range_;
};

}  // namespace napier::detail
