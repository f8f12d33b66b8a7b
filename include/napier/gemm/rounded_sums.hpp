#pragma once
// napier/gemm/rounded_sums.hpp — the loops of a product of matrices whose products are rounded to a posit.
//
// What      sums in a quire: exact, proven as in gemm/exact_sums.hpp with the lowest bit that a rounded product can have. Sums in the
//           posit: each addition rounded, k ascending. The kernels, fast and slow, are in gemm/x86/posit_rounding.inc: the fast one takes
//           a few k at a time, so that a product outside its range costs little
// Checked   tests/gemm/paths_rounded_test.cpp

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <vector>

#include <napier/core/aligned_buffer.hpp>
#include <napier/gemm/columns.hpp>
#include <napier/gemm/kernel_arguments.hpp>
#include <napier/gemm/packed_rows.hpp>
#include <napier/gemm/running_sums.hpp>

namespace napier::detail {

template <class Engine, class T, bool is_logarithm, bool is_native>
class rounded_sums {
 public:
  rounded_sums(const packing_rule<T>& rule, posit_rounding rounding, const packed_rows<T>& a)
      : rule_(rule), rounding_(rounding), a_(a) {}

  // False, with nothing written that counts, where a double does not hold the sums, or an operand is NaN.
  bool run(column_source<T>& b, sums_sink<T>& sink) {
    if (a_.range().has_special) return false;
    for (std::size_t strip = 0; strip < b.strips(); ++strip) {
      columns_ = b.columns(strip);
      stride_ = (columns_ + width) / width * width;
      sums_.reserve(a_.rows() * stride_ + width);
      std::fill_n(sums_.data(), a_.rows() * stride_, 0.0);
      row_sums_.assign(a_.panels().size(), 0.0);
      lowest_ = 1 << 20;
      largest_ = 0;
      for (std::size_t block = 0; block < a_.blocks().count(); ++block) {
        const column_block<T> columns_of = b.build(strip, block);
        if (columns_of.range.has_special || !sums_fit(columns_of, block)) return false;
        run_block(columns_of, block);
      }
      write(strip, sink);
    }
    return true;
  }

 private:
  static constexpr std::size_t width = panel_width<Engine, T>;
  static constexpr std::size_t chunk = 32;  // of the depth, for the fast kernel

  // Are all sums so far, this block's included, multiples of one bit, and below 2^53 of it?
  bool sums_fit(const column_block<T>& b, std::size_t block) {
    if constexpr (is_native) return true;
    if (b.range.is_zero()) return true;
    const int max = (rounding_.width - 2) << rounding_.exponent_bits;
    largest_ = std::max(largest_, 2 * power_of_two(b.range.max_exponent()));
    for (std::size_t i = 0; i < a_.panels().size(); ++i) {
      const auto& slice = *a_.slices_begin(block, i);
      if (slice.range.is_zero()) continue;
      const int low = std::clamp(slice.range.min_exponent() + b.range.min_exponent(), -max, max);
      const int high = std::clamp(slice.range.max_exponent() + b.range.max_exponent() + 2, -max, max);
      lowest_ = std::min(lowest_, rule_.lowest_bit(low, high));
      row_sums_[i] += slice.row_sum;
      // a rounded product is at most twice the product, or the smallest posit
      const double bound =
          2 * row_sums_[i] * largest_ + static_cast<double>(a_.blocks().depth) * power_of_two(-max);
      if (!(bound * power_of_two(-lowest_) <= 0x1p53)) return false;
    }
    return true;
  }

  void run_block(const column_block<T>& b, std::size_t block) {
    for_each_panel_of_tiles<Engine>(
        a_, block, columns_,
        [&](std::size_t i, std::size_t q, std::size_t tile_width) { run_tile(b, block, i, q, tile_width); });
  }

  void run_tile(const column_block<T>& b, std::size_t block, std::size_t panel_index, std::size_t q,
                std::size_t tile_width) {
    constexpr std::size_t step = static_cast<std::size_t>(Engine::template lanes<T>);
    const auto& panel = a_.panels()[panel_index];
    const auto& slice = *a_.slices_begin(block, panel_index);
    const auto height = static_cast<std::size_t>(panel.rows);
    const std::size_t depth = a_.blocks().size(block);
    const std::size_t at = q / width * b.panel_stride;
    const bool has_zeros = slice.range.has_zero || b.range.has_zero;
    rounded_arguments<T> with{depth,
                              a_.values(slice),
                              a_.ones(slice),
                              b.values + at,
                              b.ones + at,
                              b.offsets,
                              sums_.data() + panel.first * stride_ + q,
                              stride_,
                              rounding_};
    for (std::size_t j = 0; j < tile_width; j += step) {
      if constexpr (std::is_same_v<T, float> && !is_native) {
        for (std::size_t k = 0; k < depth; k += chunk) {
          rounded_arguments<T> part = with;
          part.depth = std::min(chunk, depth - k);
          part.a += k * height;
          part.a_ones += k * height;
          part.offsets += k;
          const bool done = has_zeros
                                ? Engine::template rounded_kernel<is_logarithm, true>(panel.rows, part)
                                : Engine::template rounded_kernel<is_logarithm, false>(panel.rows, part);
          if (!done) Engine::template slow_rounded_kernel<T, is_logarithm, is_native>(panel.rows, step, part);
        }
      } else {
        Engine::template slow_rounded_kernel<T, is_logarithm, is_native>(panel.rows, step, with);
      }
      with.b += step;
      with.b_ones += step;
      with.sums += step;
    }
  }

  void write(std::size_t strip, sums_sink<T>& sink) const {
    constexpr std::size_t tile = 64;
    for (std::size_t row = 0; row < a_.rows(); ++row) {
      for (std::size_t q = 0; q < columns_; q += tile) {
        sink.write(row, 1, strip, q, std::min(tile, columns_ - q), sums_.data() + row * stride_ + q,
                   zero_sums, 0);
      }
    }
  }

  packing_rule<T> rule_;
  posit_rounding rounding_;
  const packed_rows<T>& a_;
  std::size_t columns_ = 0;
  std::size_t stride_ = 0;
  std::vector<double> row_sums_;
  int lowest_ = 0;
  double largest_ = 0;
  aligned_buffer<double> sums_;
};

}  // namespace napier::detail
