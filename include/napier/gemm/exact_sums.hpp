#pragma once
// napier/gemm/exact_sums.hpp — the loops of a product of matrices with exact sums, by certified double and int64 windows.
//
//   piece    one slice of a panel × one slice of a strip, in one block of the depth: K products a lane, summed in doubles
//   proof    every partial sum is a multiple of u = 2^(lowest bit of a + lowest bit of b), and none is larger than
//            (largest sum of |a| over a row) · (largest |b|); where that is at most 2^53 u, no addition rounds
//   tile     where it is not much more, the few columns of a tile are looked at by themselves: their range is smaller than the
//            strip's, its lowest bits seldom meet a's at one k, and no partial sum is larger than the norm of the row · the norm of
//            the column (Cauchy, Schwarz) either
//   cut      where it is still more, the strip is cut into slices of fewer bits that sum to it (Ozaki's scheme), as the left matrix was
//            when it was packed; products of logarithms, which are not bilinear, are cut after the multiplication, into two windows
//   sum      one piece: it is the sum. More: each is added to int64 windows, 40 bits apart, which hold every bit of all
//
// Source    K. Ozaki, T. Ogita, S. Oishi, S. M. Rump, Numerical Algorithms 59, 2012
// Checked   tests/gemm/paths_*_test.cpp

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <span>
#include <vector>

#include <napier/core/aligned_buffer.hpp>
#include <napier/core/wide_integer.hpp>
#include <napier/gemm/columns.hpp>
#include <napier/gemm/kernel_arguments.hpp>
#include <napier/gemm/packed_rows.hpp>
#include <napier/gemm/running_sums.hpp>

namespace napier::detail {

// A sum of pieces: integers times 2^lowest_bit, 2^(lowest_bit + 40), …
class sum_windows {
 public:
  static constexpr int window_bits = 40;
  static constexpr int integer_bits = 61;
  static constexpr int max_count = 3;
  static constexpr int max_bits = 126;  // value() joins them in 128

  // Windows for sums of magnitude up to `bound`; false where max_count do not do.
  bool set(int lowest_bit, double bound) {
    lowest_bit_ = lowest_bit;
    if (lowest_bit < -900) return false;
    const int bits = std::ilogb(bound) + 1 - lowest_bit;
    // high and low hold 53 each, less the sign of low
    is_exact_ = bits <= 105;
    count_ = bits <= integer_bits ? 1 : (bits - integer_bits + window_bits - 1) / window_bits + 1;
    for (int w = 0; w < count_ && w < max_count; ++w) {
      constants_[w] = window_constant(lowest_bit + w * window_bits);
      inverse_units_[w] = power_of_two(-(lowest_bit + w * window_bits));
    }
    return bits <= max_bits;
  }
  // Else value() rounds `low` to odd.
  bool is_exact() const { return is_exact_; }
  double unit() const { return power_of_two(lowest_bit_); }
  int count() const { return count_; }
  const double* constants() const { return constants_; }
  const double* inverse_units() const { return inverse_units_; }

  // The sum of the windows as high + low.
  void value(const std::int64_t* windows, std::size_t stride, double& high, double& low) const {
    int128 sum = 0;
    for (int w = count_ - 1; w >= 0; --w) {
      sum = sum * (int128{1} << window_bits) + windows[static_cast<std::size_t>(w) * stride];
    }
    const bool negative = sum < 0;
    uint128 magnitude = negative ? uint128{0} - static_cast<uint128>(sum) : static_cast<uint128>(sum);
    const double sign = negative ? -unit() : unit();
    high = sign * leading_part(magnitude);
    low = sign * leading_part(magnitude);
    if (magnitude != 0) {
      low = std::bit_cast<double>(std::bit_cast<std::uint64_t>(low) | 1);
    }
  }

 private:
  // Takes the 53 leading bits.
  static double leading_part(uint128& magnitude) {
    const int excess = std::max(0, 128 - leading_zeros(magnitude) - 53);
    const uint128 part = magnitude >> excess;
    magnitude -= part << excess;
    return static_cast<double>(low_word(part)) * power_of_two(excess);
  }

  int lowest_bit_ = 0;
  int count_ = 1;
  bool is_exact_ = true;
  double constants_[max_count] = {};
  double inverse_units_[max_count] = {};
};

template <class Engine, sum_family family>
class exact_sums {
  static constexpr bool is_corrected = family == sum_family::exact_corrected;
  static constexpr bool is_residual = family == sum_family::exact_residual;

 public:
  exact_sums(const packing_rule<double>& rule, const packed_rows<double>& a) : rule_(rule), a_(a) {}

  // False, with nothing written that counts, where the windows do not hold the sums, or an operand is NaN.
  bool run(column_source<double>& b, sums_sink<double>& sink) {
    if (a_.range().has_special) return false;
    const std::size_t blocks = a_.blocks().count();
    if (blocks > 1) {
      const operand_range<double> all = b.range();
      if (all.has_special) return false;
      if (!set_windows(all, blocks)) return false;
    }
    for (std::size_t strip = 0; strip < b.strips(); ++strip) {
      columns_ = b.columns(strip);
      stride_ = (columns_ + width) / width * width;
      for (std::size_t block = 0; block < blocks; ++block) {
        const column_block<double> columns_of = b.build(strip, block);
        if (columns_of.range.has_special) return false;
        if (!run_block(b, columns_of, block, strip, sink)) return false;
      }
    }
    return true;
  }

 private:
  static constexpr std::size_t width = panel_width<Engine, double>;

  struct column_slice {
    const double* values;
    const double* residues;  // of residual products
    double largest;
    int lowest_bit;
    double norm = std::numeric_limits<double>::infinity();  // of a column, at most
    bool is_proven = false;                                 // tiles_fit has shown that one piece does
  };

  // An upper bound of all partial sums of a row and a column, in units of their products' lowest bit.
  static double bound_of(const typename packed_rows<double>::slice& a, const column_slice& part, int unit) {
    return std::min(a.row_sum * part.largest, a.row_norm * part.norm) * power_of_two(-unit);
  }

  static double magnitude(std::uint64_t bits) { return std::bit_cast<double>(bits); }

  int lowest_bit_of(const operand_range<double>& range) const {
    return rule_.lowest_bit(range.min_exponent(), range.max_exponent());
  }

  // The lowest bit of any product of a slice with these columns, before fractions of integers are dropped.
  int lowest_bit_before_floor(const operand_range<double>& a, int a_lowest, const operand_range<double>& b,
                              int b_lowest) const {
    if (!rule_.operands.is_logarithm) return a_lowest + b_lowest;
    const int unit = std::min(a_lowest + b.min_exponent(), b_lowest + a.min_exponent());
    return is_corrected ? std::min(unit, a.min_exponent() + b.min_exponent() - 6) : unit;
  }
  int lowest_product_bit(const operand_range<double>& a, int a_lowest, const operand_range<double>& b,
                         int b_lowest) const {
    const int unit = lowest_bit_before_floor(a, a_lowest, b, b_lowest);
    return rule_.has_floor ? std::max(0, unit) : unit;
  }

  // Have products fractions to drop?
  bool floors(const typename packed_rows<double>::slice& a, const operand_range<double>& b,
              int b_lowest) const {
    return rule_.has_floor && lowest_bit_before_floor(a.range, a.lowest_bit, b, b_lowest) < 0;
  }

  // May a corrected product have more bits than the circuit? It is less than 8 times the product of the powers of two.
  bool may_leave_circuit(const operand_range<double>& a, const operand_range<double>& b) const {
    return is_corrected && rule_.circuit_bits != 0 &&
           a.max_exponent() + b.max_exponent() + 2 >= rule_.circuit_bits;
  }

  // Windows for the sum of all pieces of all blocks with columns in `b`.
  bool set_windows(const operand_range<double>& b, std::size_t blocks) {
    if (b.is_zero() || a_.slices().empty()) return windows_.set(0, 1);
    const int b_lowest = lowest_bit_of(b);
    int lowest = 1 << 20;
    double bound = 0;
    for (const auto& slice : a_.slices()) {
      lowest = std::min(lowest, lowest_product_bit(slice.range, slice.lowest_bit, b, b_lowest));
      bound = std::max(bound, slice.row_sum);
    }
    // twice: the slices of one number, cut to nearest, may exceed it by their last bit
    return windows_.set(lowest, 2 * bound * largest_of(b) * static_cast<double>(blocks));
  }

  // Cutting a logarithm's operand may set bits below those kept: the largest pattern is not above twice the power of two.
  // A correction adds less than a sixteenth.
  double largest_of(const operand_range<double>& b) const {
    if (is_corrected) return 2.125 * power_of_two(b.max_exponent());
    if (rule_.operands.is_cut) return 2 * power_of_two(b.max_exponent());
    return rule_.operands.is_logarithm ? 2 * power_of_two(b.max_exponent()) : magnitude(b.largest);
  }

  bool run_block(column_source<double>& source, column_block<double> b, std::size_t block, std::size_t strip,
                 sums_sink<double>& sink) {
    const bool only_block = a_.blocks().count() == 1;
    if (b.range.is_zero()) {
      if (only_block) return write_zeros(strip, sink);
    } else {
      cut(b, block);
      // for kernels that ask for them though no column has a zero
      const bool wants_ones =
          rule_.operands.is_logarithm && (a_.range().has_zero || two_windows_ || has_floors_);
      if (b.ones == nullptr && wants_ones) b.ones = source.ones();
    }
    // one piece a panel needs no windows
    const bool has_pieces = slices_.size() > 1 || has_many_pieces(block) || two_windows_;
    if (only_block && !set_windows(b.range, 1) && has_pieces) return false;
    const bool in_windows = !only_block || has_pieces;
    if (in_windows && !windows_.is_exact() && sink.adds_exactly()) return false;
    if (in_windows && block == 0) {
      all_windows_.reserve(a_.rows() * stride_ * static_cast<std::size_t>(windows_.count()));
      std::fill_n(all_windows_.data(), a_.rows() * stride_ * static_cast<std::size_t>(windows_.count()), 0);
    }
    bool fits = true;
    for_each_panel_of_tiles<Engine>(
        a_, block, columns_, [&](std::size_t i, std::size_t q, std::size_t tile_width) {
          fits = fits && run_tile(b, block, i, q, tile_width, strip, in_windows, sink);
        });
    return fits;
  }

  bool has_many_pieces(std::size_t block) const {
    for (std::size_t i = 0; i < a_.panels().size(); ++i) {
      if (a_.slices_end(block, i) - a_.slices_begin(block, i) > 1) return true;
    }
    return false;
  }

  // Cuts the columns into as many slices as the widest rows ask for; products of logarithms into windows instead.
  void cut(const column_block<double>& b, std::size_t block) {
    slices_.clear();
    tiles_.clear();
    fits_.clear();
    two_windows_ = false;
    has_floors_ = false;
    const int lowest = lowest_bit_of(b.range);
    const double largest = largest_of(b.range);
    double worst = 0;  // of (row sum in units) · (largest in units)
    int row_bits = 0;
    for (std::size_t i = 0; i < a_.panels().size(); ++i) {
      for (const auto* slice = a_.slices_begin(block, i); slice != a_.slices_end(block, i); ++slice) {
        const int unit = lowest_product_bit(slice->range, slice->lowest_bit, b.range, lowest);
        has_floors_ = has_floors_ || floors(*slice, b.range, lowest);
        worst = std::max(worst, slice->row_sum * largest * power_of_two(-unit));
        row_bits = std::max(row_bits, std::ilogb(slice->row_sum * power_of_two(-slice->lowest_bit)) + 1);
      }
    }
    if (worst <= 0x1p53 || rule_.operands.is_logarithm) {
      two_windows_ =
          rule_.operands.is_logarithm && (!(worst <= 0x1p53) || may_leave_circuit(a_.range(), b.range));
      slices_.push_back({b.values, b.ones, largest, lowest});
      return;
    }
    const int in_all = std::ilogb(largest) + 1 - lowest;
    // above 2^53 by more than the smaller range of a tile saves: not even tried
    const bool hopeless = worst > 0x1p66 || in_all > 50;
    if (!hopeless && tiles_fit(b, block, lowest)) {
      slices_.push_back({b.values, b.ones, largest, lowest});
      return;
    }
    // bits of a slice; 1 for the rounding to nearest of the cut
    const int bits = std::max(1, 53 - row_bits - 1);
    const int parts = (in_all + bits - 1) / bits;
    const std::size_t slice_size = (b.size + 63) / 64 * 64;  // whole registers
    // residues, which are not larger and have no lower bit, are cut at the same places
    const std::size_t all_slices = static_cast<std::size_t>(parts) * slice_size;
    slice_values_.reserve((is_residual ? 2 : 1) * all_slices + 2 * width);
    double* rest = slice_values_.data();
    std::copy_n(b.values, b.size, rest);
    if (is_residual) std::copy_n(b.ones, b.size, rest + all_slices);
    for (int part = parts - 1; part > 0; --part) {
      double* high = slice_values_.data() + static_cast<std::size_t>(part) * slice_size;
      const double window = window_constant(lowest + part * bits);
      Engine::split_values(b.size, window, rest, high);
      if (is_residual) Engine::split_values(b.size, window, rest + all_slices, high + all_slices);
      const double most = part == parts - 1 ? largest : power_of_two(lowest + (part + 1) * bits - 1);
      slices_.push_back({high, is_residual ? high + all_slices : nullptr,
                         most + power_of_two(lowest + part * bits), lowest + part * bits});
    }
    slices_.push_back(
        {rest, is_residual ? rest + all_slices : nullptr, power_of_two(lowest + bits - 1), lowest});
  }

  // Looks at each tile of the columns, multiples of 2^lowest, by itself. Does one piece do for each and each panel of rows?
  bool tiles_fit(const column_block<double>& b, std::size_t block, int lowest) {
    const std::size_t depth = a_.blocks().size(block);
    const std::size_t padded = (depth + 63) / 64 * 64;
    std::vector<std::uint8_t> zeros(padded, packed_rows<double>::unknown_zeros);
    const auto* slices = a_.slices_begin(block, 0);
    const auto* end = a_.slices_end(block, a_.panels().size() - 1);
    bool all = true;
    for (std::size_t q = 0; q < columns_; q += width) {
      // no further than a register past the last column: a panel of one row's kernels is wider than what sources are padded by
      constexpr std::size_t step = static_cast<std::size_t>(Engine::template lanes<double>);
      const auto used = static_cast<int>((std::min(width, columns_ - q) + step - 1) / step);
      const tile_statistics found = Engine::statistics_of(depth, used, b.values + q / width * b.panel_stride,
                                                          b.offsets, power_of_two(-lowest), zeros.data());
      // a residue is at most half its number
      const double squares = is_residual ? 1.25 * found.squares : found.squares;
      const column_slice tile{
          b.values, b.ones, found.largest, lowest + found.zeros, std::sqrt(squares) * (1 + 0x1p-20), true};
      tiles_.push_back(tile);
      for (const auto* slice = slices; slice != end; ++slice) {
        int unit = slice->lowest_bit + tile.lowest_bit;
        bool fits = bound_of(*slice, tile, unit) <= 0x1p53;
        if (!fits && a_.zeros(*slice) != nullptr) {
          unit += Engine::least_sum(padded, a_.zeros(*slice), zeros.data());
          fits = bound_of(*slice, tile, unit) <= 0x1p53;
        }
        fits_.push_back(fits);
        all = all && fits;
      }
    }
    return all;
  }

  // What the columns of a tile are for a slice of a panel of rows: the tile, where one piece does, else the slices of the strip.
  std::span<const column_slice> parts_for(const typename packed_rows<double>::slice* a, std::size_t block,
                                          std::size_t q) const {
    if (tiles_.empty()) return slices_;
    const auto* first = a_.slices_begin(block, 0);
    const auto count = static_cast<std::size_t>(a_.slices_end(block, a_.panels().size() - 1) - first);
    const std::size_t tile = q / width;
    if (!fits_[tile * count + static_cast<std::size_t>(a - first)]) return slices_;
    return {&tiles_[tile], 1};
  }

  bool run_tile(const column_block<double>& b, std::size_t block, std::size_t panel_index, std::size_t q,
                std::size_t tile_width, std::size_t strip, bool in_windows, sums_sink<double>& sink) {
    constexpr std::size_t tile_size = Engine::panel_rows * width;
    const auto& panel = a_.panels()[panel_index];
    const auto rows = static_cast<std::size_t>(panel.rows);
    alignas(64) double tile[2 * tile_size + width];
    const auto* slice = a_.slices_begin(block, panel_index);
    const auto* slices_end = a_.slices_end(block, panel_index);
    const bool none = b.range.is_zero() || slice == slices_end;
    if (!in_windows && none) std::fill_n(tile, tile_size, 0.0);
    for (; !none && slice != slices_end; ++slice) {
      for (const column_slice& part : parts_for(slice, block, q)) {
        const int pieces = multiply(b, block, *slice, part, panel.rows, q, tile_width, tile);
        if (pieces == 0) return false;
        for (int i = 0; in_windows && i < pieces; ++i)
          add_to_windows(panel.first, rows, q, tile_width, tile + i * tile_size);
      }
    }
    if (!in_windows) {
      static_assert(tile_size + width <= std::size(zero_sums));
      sink.write(panel.first, rows, strip, q, tile_width, tile, zero_sums, width);
    } else if (block + 1 == a_.blocks().count()) {
      write_windows(panel.first, rows, strip, q, tile_width, tile, sink);
    }
    return true;
  }

  // The number of windows filled; 0 where the proof does not hold.
  int multiply(const column_block<double>& b, std::size_t block, const typename packed_rows<double>::slice& a,
               const column_slice& part, int rows, std::size_t q, std::size_t tile_width,
               double* tile) const {
    constexpr std::size_t tile_size = Engine::panel_rows * width;
    const std::size_t depth = a_.blocks().size(block);
    const std::size_t at = q / width * b.panel_stride;
    const double* ones = is_residual ? part.residues : b.ones;
    kernel_arguments<double> with{
        depth,     a_.values(a), a_.ones(a), part.values + at, ones == nullptr ? nullptr : ones + at,
        b.offsets, tile,         width,      tile_size,        false,
        {}};
    const int unit = lowest_product_bit(a.range, a.lowest_bit, b.range, part.lowest_bit);
    const double bound = bound_of(a, part, unit);
    if (!rule_.operands.is_logarithm) {
      if (!part.is_proven && !(bound <= 0x1p53)) return 0;
      if constexpr (is_residual) {
        call<typename Engine::exact_residual_sum>(rows, tile_width, with);
      } else {
        call<typename Engine::template fused_sum<double>>(rows, tile_width, with);
      }
      return 1;
    }
    if constexpr (!is_residual) return multiply_logarithms(a, b, part, unit, bound, rows, tile_width, with);
    return 0;
  }

  int multiply_logarithms(const typename packed_rows<double>::slice& a, const column_block<double>& b,
                          const column_slice& part, int unit, double bound, int rows, std::size_t tile_width,
                          kernel_arguments<double>& with) const {
    const bool has_floor = floors(a, b.range, part.lowest_bit);
    const bool may_leave = may_leave_circuit(a.range, b.range);
    if (!(bound <= 0x1p53) || may_leave) {
      const int cut_at = unit + 53 - static_cast<int>(std::bit_width(with.depth));
      const double with_cut = bound * power_of_two(unit - cut_at) + static_cast<double>(with.depth);
      if (!(with_cut <= 0x1p49)) return 0;
      with.constants.window = window_constant(cut_at);
      with.constants.floors = has_floor;
      if (may_leave) with.constants.limit = power_of_two(rule_.circuit_bits);
      if (is_corrected || has_floor) {
        call<typename Engine::template adjusted_log_sum_two_windows<is_corrected>>(rows, tile_width, with);
      } else if constexpr (!is_corrected) {
        call<typename Engine::log_sum_two_windows>(rows, tile_width, with);
      }
      return 2;
    }
    if (has_floor) {
      call<typename Engine::template floored_log_sum<is_corrected>>(rows, tile_width, with);
      return 1;
    }
    if constexpr (is_corrected) {
      call<typename Engine::template corrected_log_sum<double>>(rows, tile_width, with);
      return 1;
    }
    if (a.range.has_zero) {
      call<typename Engine::template log_sum_zeros_in_both<double>>(rows, tile_width, with);
    } else if (b.range.has_zero) {
      call<typename Engine::template log_sum_zeros_in_b<double>>(rows, tile_width, with);
    } else {
      call<typename Engine::template log_sum<double>>(rows, tile_width, with);
    }
    return 1;
  }

  template <class Operation>
  static void call(int rows, std::size_t tile_width, const kernel_arguments<double>& with) {
    call_kernels<Engine, Operation>(rows, tile_width, with);
  }

  std::size_t window_stride() const { return a_.rows() * stride_; }

  void add_to_windows(std::size_t first_row, std::size_t rows, std::size_t q, std::size_t tile_width,
                      const double* tile) {
    for (std::size_t i = 0; i < rows; ++i) {
      Engine::add_to_windows(tile_width, tile + i * width, windows_.count(), windows_.constants(),
                             windows_.inverse_units(), all_windows_.data() + (first_row + i) * stride_ + q,
                             window_stride());
    }
  }

  void write_windows(std::size_t first_row, std::size_t rows, std::size_t strip, std::size_t q,
                     std::size_t tile_width, double* tile, sums_sink<double>& sink) const {
    constexpr std::size_t tile_size = Engine::panel_rows * width;
    for (std::size_t i = 0; i < rows; ++i) {
      const std::int64_t* windows = all_windows_.data() + (first_row + i) * stride_ + q;
      double* high = tile + i * width;
      double* low = tile + tile_size + i * width;
      if (windows_.count() == 1) {
        Engine::split_integers(width, windows, windows_.unit(), high, low);
      } else if (windows_.count() == 2) {
        static_assert(sum_windows::window_bits == 40, "split_two_windows knows it");
        Engine::split_two_windows(width, windows, windows + window_stride(), windows_.unit(), high, low);
      } else {
        for (std::size_t j = 0; j < tile_width; ++j)
          windows_.value(windows + j, window_stride(), high[j], low[j]);
      }
    }
    sink.write(first_row, rows, strip, q, tile_width, tile, tile + tile_size, width);
  }

  bool write_zeros(std::size_t strip, sums_sink<double>& sink) const {
    for (const auto& panel : a_.panels()) {
      for (std::size_t q = 0; q < columns_; q += width) {
        sink.write(panel.first, static_cast<std::size_t>(panel.rows), strip, q, std::min(width, columns_ - q),
                   zero_sums, zero_sums, width);
      }
    }
    return true;
  }

  packing_rule<double> rule_;
  const packed_rows<double>& a_;
  std::size_t columns_ = 0;
  std::size_t stride_ = 0;
  std::vector<column_slice> slices_;
  std::vector<column_slice> tiles_;  // none where one piece does for the strip, or a tile would not be enough
  std::vector<char> fits_;           // one piece does: for each tile, and each slice of the block
  aligned_buffer<double> slice_values_;
  bool two_windows_ = false;
  bool has_floors_ = false;
  sum_windows windows_;
  aligned_buffer<std::int64_t> all_windows_;
};

}  // namespace napier::detail
