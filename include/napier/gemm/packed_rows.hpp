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

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <napier/core/aligned_buffer.hpp>
#include <napier/gemm/lanes.hpp>
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
  bool is_exact = false;    // doubles, for exact sums of exact products
  bool is_rounded = false;  // sums of products that are rounded to a posit
  bool has_floor = false;   // exact sums of logarithms: products are floored to integers
  int circuit_bits =
      0;  // exact sums of corrected logarithms: products of more bits go uncorrected; 0: there are none
  // The lowest bit that an operand, or a rounded product, of the exponents min … max can have; used for exact sums.
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
    std::size_t offset;  // of its operands in `values`, and of their ones
    operand_range<T> range;
    double row_sum;  // exact sums: no row's sum of magnitudes, those of residues included, exceeds it
    int lowest_bit;  // exact sums: all operands are multiples of 2^lowest_bit
    // exact sums of products and residual products: no row's root of the sum of squares, those of residues included, exceeds it
    double row_norm = std::numeric_limits<double>::infinity();
    std::ptrdiff_t zeros = -1;  // of notes in `zeros`; -1: none
  };

  packed_rows() = default;

  template <class Engine>
  [[gnu::noinline]] static packed_rows pack(Engine, const packing_rule<T>& rule, std::size_t rows,
                                            const depth_blocks& blocks, const lane_matrix<T>& from) {
    packed_rows packed;
    packed.blocks_ = blocks;
    packed.rows_ = rows;
    for (std::size_t row = 0; row < rows;) {
      const std::size_t left = rows - row;
      // two panels of 4 rather than one of 6 and rows by themselves
      const bool halves = left >= 8 && left < Engine::panel_rows + 4 && Engine::panel_rows < 8;
      const int height = left >= Engine::panel_rows && !halves ? Engine::panel_rows : left >= 4 ? 4 : 1;
      packed.panels_.push_back({row, height});
      row += static_cast<std::size_t>(height);
    }
    packed.pack_panels(Engine{}, rule, from);
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
  // For each k how many bits, from the slice's lowest on, no row has; null where that was not noted. After the last k follow large
  // numbers up to a multiple of 64.
  const std::uint8_t* zeros(const slice& of) const {
    return of.zeros < 0 ? nullptr : zeros_.data() + of.zeros;
  }
  static constexpr std::uint8_t unknown_zeros = 64;
  const operand_range<T>& range() const { return range_; }

 private:
  // Numbers of more bits than uncut_bits, from the highest of the panel to the lowest, are cut. Uncut 29 or 32 were no faster for
  // posit<16, 2>.
  static constexpr int slice_bits = 22;
  static constexpr int uncut_bits = 26;
  static constexpr std::size_t padding = 64 / sizeof(T);

  template <class Engine>
  void pack_panels(Engine, const packing_rule<T>& rule, const lane_matrix<T>& from) {
    const bool has_ones = rule.operands.has_ones;
    grow(rows_ * blocks_.depth, has_ones);
    // Rows of a panel side by side, then across.
    const std::size_t line = blocks_.block_depth + padding;
    aligned_buffer<T> lines(Engine::panel_rows * line);
    aligned_buffer<T> across(Engine::panel_rows * line);
    for (std::size_t block = 0; block < blocks_.count(); ++block) {
      const std::size_t depth = blocks_.size(block);
      for (const panel& p : panels_) {
        const auto height = static_cast<std::size_t>(p.rows);
        const std::size_t count = depth * height;
        for (std::size_t i = 0; i < height; ++i) {
          from.read(p.first + i, blocks_.begin(block), depth, lines.data() + i * line);
        }
        T* to = across.data();
        for (std::size_t k = 0; k < depth; ++k) {
          for (std::size_t i = 0; i < height; ++i) *to++ = lines[i * line + k];
        }
        grow(used_ + count, has_ones);
        operand_range<T> range;
        Engine::template make_operands<T>(rule.operands, rule.operands.less, count, across.data(),
                                          values_.data() + used_, has_ones ? ones_.data() + used_ : nullptr,
                                          range);
        range_.merge(range);
        first_slice_.push_back(slices_.size());
        if constexpr (sizeof(T) == 8) {
          if (rule.is_exact) {
            add_exact_slices(Engine{}, rule, range, depth, height);
            continue;
          }
        }
        slices_.push_back({used_, range, rule.is_rounded ? largest_row_sum(rule, depth, height) : 0, 0});
        used_ += count;
      }
    }
    first_slice_.push_back(slices_.size());
  }

  // Room for `size` operands in all.
  void grow(std::size_t size, bool has_ones) {
    if (values_.size() >= size + padding) return;
    const std::size_t larger = std::max(size, 2 * used_) + padding;
    const auto grown = [&](const aligned_buffer<T>& from) {
      aligned_buffer<T> buffer(larger);
      std::copy_n(from.data(), used_, buffer.data());
      return buffer;
    };
    values_ = grown(values_);
    if (has_ones) ones_ = grown(ones_);
  }

  // Of the panel's operands, which lie past those in use: products are cut into slices, from the highest bits down.
  template <class Engine>
  void add_exact_slices(Engine, const packing_rule<T>& rule, const operand_range<T>& range, std::size_t depth,
                        std::size_t height) {
    if (range.is_zero() || range.has_special) return;
    const std::size_t count = depth * height;
    // Logarithms are not cut: their products are (kernels of two windows). A residue has no bit below its operand's lowest one and is
    // cut at the same places.
    const bool is_whole = rule.operands.is_logarithm;
    const bool has_residues = rule.operands.residue != operand_residue::none;
    int lowest = rule.lowest_bit(range.min_exponent(), range.max_exponent());
    const std::size_t zeros = zeros_.size();
    const bool has_zeros = !is_whole && range.max_exponent() + 1 - lowest <= 50;
    if (has_zeros) lowest += note_zeros(depth, height, lowest);
    const int bits = range.max_exponent() + 1 - lowest;
    const int parts = is_whole || bits <= uncut_bits ? 1 : (bits + slice_bits - 1) / slice_bits;
    aligned_buffer<T> rest;
    aligned_buffer<T> rest_of_residues;
    if (parts > 1) {
      rest = copy_of(values_.data() + used_, count);
      if (has_residues) rest_of_residues = copy_of(ones_.data() + used_, count);
    }
    for (int part = parts - 1; part >= 0; --part) {
      const int lowest_of_part = lowest + part * slice_bits;
      grow(used_ + count, rule.operands.has_ones);
      const auto take_part = [&](T* from, T* to) {
        if (part > 0) {
          Engine::split_values(count, window_constant(lowest_of_part), from, to);
        } else {
          std::copy_n(from, count, to);
        }
      };
      if (parts > 1) {
        take_part(rest.data(), values_.data() + used_);
        if (has_residues) take_part(rest_of_residues.data(), ones_.data() + used_);
      }
      slices_.push_back({used_, range, largest_row_sum(rule, depth, height), lowest_of_part});
      if (!is_whole) slices_.back().row_norm = largest_row_norm(depth, height, has_residues);
      if (has_zeros && parts == 1) slices_.back().zeros = static_cast<std::ptrdiff_t>(zeros);
      used_ += count;
    }
  }

  // Not inlined: g++ 12 sees sizes that overflow.
  [[gnu::noinline]] static aligned_buffer<T> copy_of(const T* from, std::size_t count) {
    aligned_buffer<T> copy(count + padding);
    std::copy_n(from, count, copy.data());
    return copy;
  }

  // Rounded up enough for the roundings of the sum itself.
  double largest_row_sum(const packing_rule<T>& rule, std::size_t depth, std::size_t height) const {
    const bool has_residues = rule.operands.residue != operand_residue::none;
    double largest = 0;
    for (std::size_t i = 0; i < height; ++i) {
      double sum = 0;
      for (std::size_t at = used_ + i; at < used_ + depth * height; at += height) {
        T x = values_[at];
        if (has_residues) {
          sum += std::fabs(static_cast<double>(ones_[at]));
        } else if (rule.operands.has_ones) {
          const lane_bits<T> code = std::bit_cast<lane_bits<T>>(x) + rule.operands.less;
          x = std::bit_cast<T>(code) * ones_[at];
        }
        sum += std::fabs(static_cast<double>(x));
      }
      largest = sum > largest ? sum : largest;
    }
    return largest * (1 + 0x1p-20);
  }

  // Notes for each k how many bits from 2^lowest on are zero in the operands of all rows, multiples of it of at most 50 bits; returns
  // how many are in all, by which the notes are less.
  int note_zeros(std::size_t depth, std::size_t height, int lowest) {
    const double scale = power_of_two(-lowest);
    const std::size_t first = zeros_.size();
    zeros_.resize(first + (depth + 63) / 64 * 64, unknown_zeros);
    std::uint8_t least = unknown_zeros;
    const T* x = values_.data() + used_;
    for (std::size_t k = 0; k < depth; ++k) {
      std::uint64_t integers = std::uint64_t{1} << 51;
      for (std::size_t i = 0; i < height; ++i) {
        // the integer, or its complement and one, is the low bits of the sum
        integers |= std::bit_cast<std::uint64_t>(static_cast<double>(*x++) * scale + 0x1.8p52);
      }
      zeros_[first + k] = static_cast<std::uint8_t>(std::countr_zero(integers));
      least = std::min(least, zeros_[first + k]);
    }
    for (std::size_t k = 0; k < depth; ++k)
      zeros_[first + k] = static_cast<std::uint8_t>(zeros_[first + k] - least);
    return least;
  }

  double largest_row_norm(std::size_t depth, std::size_t height, bool has_residues) const {
    double largest = 0;
    for (std::size_t i = 0; i < height; ++i) {
      double sum = 0;
      for (std::size_t at = used_ + i; at < used_ + depth * height; at += height) {
        sum += static_cast<double>(values_[at]) * static_cast<double>(values_[at]);
        if (has_residues) sum += static_cast<double>(ones_[at]) * static_cast<double>(ones_[at]);
      }
      largest = std::max(largest, sum);
    }
    return std::sqrt(largest) * (1 + 0x1p-20);
  }

  std::size_t rows_ = 0;
  depth_blocks blocks_;
  std::vector<panel> panels_;
  std::vector<slice> slices_;
  std::vector<std::size_t> first_slice_;
  std::size_t used_ = 0;
  aligned_buffer<T> values_;
  aligned_buffer<T> ones_;
  std::vector<std::uint8_t> zeros_;
  operand_range<T> range_;
};

}  // namespace napier::detail
