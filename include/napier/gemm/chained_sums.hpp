#pragma once
// napier/gemm/chained_sums.hpp — the loops of a product of matrices whose every addition is a few instructions: sums in a float of at
// most 11 significant bits, or in an approximate adder.
//
// What      sums as the reference makes them: one chain an output, k ascending
// Narrow    in float, times 2^scale, so that the first magnitude that may leave the format has the exponent 104 + p, p its significant
//           bits. Products and sums are rounded to the format by adding and subtracting 1.5 · 2^(24 − p) times their power of two;
//           of 2^(104 + p) that constant is NaN, which stays: a sum that is NaN at the end is the reference's business. A sum of two
//           such numbers may be rounded to float first: 24 >= 2 p + 2 bits
// Adders    in int64, of exact integer products. The proof: no sum reaches 2^62, an addition being off by 2^(l + 1) at most
// Source    S. A. Figueroa, SIGNUM Newsletter 30(3), 1995: when double rounding is innocuous
// Checked   tests/gemm/paths_published_test.cpp, tests/gemm/paths_published_exact_test.cpp

#include <algorithm>
#include <cstddef>

#include <napier/core/aligned_buffer.hpp>
#include <napier/gemm/columns.hpp>
#include <napier/gemm/kernel_arguments.hpp>
#include <napier/gemm/packed_rows.hpp>
#include <napier/gemm/running_sums.hpp>

namespace napier::detail {

struct chain_rule {
  kernel_constants constants;
  bool is_logarithm = false;
  int scale = 0;             // narrow: sums are held times 2^scale
  int highest_exponent = 0;  // narrow: of scaled products, below it
  int lost_bits = 0;         // adders
};

template <class Engine, class T, sum_family family>
class chained_sums {
  static constexpr bool is_narrow = family == sum_family::running_narrow;

 public:
  chained_sums(const chain_rule& rule, const packed_rows<T>& a) : rule_(rule), a_(a) {}

  // False, with nothing written that counts, where a number is infinite or NaN, or products or sums may leave the range.
  bool run(column_source<T>& b, sums_sink<T>& sink) {
    if (a_.range().has_special) return false;
    for (std::size_t strip = 0; strip < b.strips(); ++strip) {
      columns_ = b.columns(strip);
      stride_ = (columns_ + width) / width * width;
      sums_.reserve(a_.rows() * stride_ + width);
      bound_ = static_cast<double>(a_.blocks().depth) * power_of_two(rule_.lost_bits + 1);
      for (std::size_t block = 0; block < a_.blocks().count(); ++block) {
        const column_block<T> columns_of = b.build(strip, block);
        if (columns_of.range.has_special || !is_proven(columns_of.range, block)) return false;
        run_block(columns_of, block);
      }
      if (!write(strip, sink)) return false;
    }
    return true;
  }

 private:
  static constexpr std::size_t width = panel_width<Engine, T>;

  // A zero is packed as 1 where products are sums of logarithms.
  static int highest(const operand_range<T>& range) {
    return range.is_zero() ? 0 : range.has_zero ? std::max(0, range.max_exponent()) : range.max_exponent();
  }

  bool is_proven(const operand_range<T>& b, std::size_t block) {
    const operand_range<T>& a = a_.range();
    const int product = highest(a) + highest(b) + 2;  // below that power of two
    if constexpr (is_narrow) {
      const bool is_small = rule_.is_logarithm && !a.is_zero() && !b.is_zero() &&
                            a.min_exponent() + b.min_exponent() < 1 - lane_bias<T>;
      return !is_small && highest(a) + rule_.scale <= lane_bias<T> &&
             product + rule_.scale <= rule_.highest_exponent;
    } else {
      bound_ += static_cast<double>(a_.blocks().size(block)) * power_of_two(product);
      return highest(a) <= 30 && highest(b) <= 30 && bound_ < 0x1p62;  // the multiplier takes 32 signed bits
    }
  }

  void run_block(const column_block<T>& b, std::size_t block) {
    for_each_panel_of_tiles<Engine>(
        a_, block, columns_,
        [&](std::size_t i, std::size_t q, std::size_t tile_width) { run_tile(b, block, i, q, tile_width); });
  }

  void run_tile(const column_block<T>& b, std::size_t block, std::size_t panel_index, std::size_t q,
                std::size_t tile_width) {
    const auto& panel = a_.panels()[panel_index];
    const auto& slice = *a_.slices_begin(block, panel_index);
    const std::size_t at = q / width * b.panel_stride;
    const kernel_arguments<T> with{a_.blocks().size(block),
                                   a_.values(slice),
                                   a_.ones(slice),
                                   b.values + at,
                                   b.ones + (b.ones == nullptr ? 0 : at),
                                   b.offsets,
                                   sums_.data() + panel.first * stride_ + q,
                                   stride_,
                                   0,
                                   block != 0,
                                   rule_.constants};
    if constexpr (!is_narrow) {
      call<typename Engine::adder_sum>(panel.rows, tile_width, with);
    } else if (rule_.is_logarithm) {
      call<typename Engine::narrow_log_sum>(panel.rows, tile_width, with);
    } else {
      call<typename Engine::narrow_sum>(panel.rows, tile_width, with);
    }
  }

  template <class Operation>
  static void call(int rows, std::size_t tile_width, kernel_arguments<T> with) {
    constexpr std::size_t step = static_cast<std::size_t>(Engine::template lanes<T>);
    for (std::size_t left = (tile_width + step - 1) / step; left > 0;) {
      const int now = static_cast<int>(std::min<std::size_t>(left, Operation::vectors));
      Engine::template kernel_of<Operation>(rows, now)(with);
      left -= static_cast<std::size_t>(now);
      with.b += static_cast<std::size_t>(now) * step;
      if (with.b_ones != nullptr) with.b_ones += static_cast<std::size_t>(now) * step;
      with.sums += static_cast<std::size_t>(now) * step;
    }
  }

  bool write(std::size_t strip, sums_sink<T>& sink) const {
    if constexpr (is_narrow) {
      bool has_nan = false;
      for (std::size_t row = 0; row < a_.rows(); ++row) {
        const T* sums = sums_.data() + row * stride_;
        for (std::size_t j = 0; j < columns_; ++j) has_nan |= sums[j] != sums[j];
      }
      if (has_nan) return false;
    }
    constexpr std::size_t tile = 64;
    for (std::size_t row = 0; row < a_.rows(); ++row) {
      for (std::size_t q = 0; q < columns_; q += tile) {
        sink.write(row, 1, strip, q, std::min(tile, columns_ - q), sums_.data() + row * stride_ + q, stride_);
      }
    }
    return true;
  }

  chain_rule rule_;
  const packed_rows<T>& a_;
  std::size_t columns_ = 0;
  std::size_t stride_ = 0;
  double bound_ = 0;
  aligned_buffer<T> sums_;
};

}  // namespace napier::detail
