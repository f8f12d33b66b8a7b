#pragma once
// napier/gemm/running_sums.hpp — the loops of a product of matrices whose sums are held in float or double.
//
//   for each strip of columns                    of a size that the second-level cache holds
//     for each block of the depth, ascending     the strip is built: decoded, cut, laid out
//       for each group of panels                 of the left matrix, half of the second-level cache
//         for each tile of columns               a few registers wide, in the first-level cache for a group
//           for each panel                       the kernel: sums in registers
//
// What      sums as the reference makes them: one chain an output, k ascending
// Proof     the kernel without checks is taken where no product of the two blocks can leave FP32's exponent range: where the smallest
//           exponents add to −126 or more, and the largest to 126 or less

#include <algorithm>
#include <cstddef>
#include <vector>

#include <napier/core/aligned_buffer.hpp>
#include <napier/gemm/columns.hpp>
#include <napier/gemm/kernel_arguments.hpp>
#include <napier/gemm/packed_rows.hpp>

namespace napier::detail {

template <class Engine, class T>
inline constexpr std::size_t panel_width = (Engine::template lanes<float> == 16 ? 3 : 2) *
                                           static_cast<std::size_t>(Engine::template lanes<T>);

inline constexpr std::size_t row_group_bytes = std::size_t{256} * 1024;

// visit(first, last): groups of panels of a block, of about row_group_bytes.
template <class T, class Visit>
void for_each_group(const packed_rows<T>& a, std::size_t block, Visit visit) {
  const std::size_t panels = a.panels().size();
  const std::size_t row_bytes = a.blocks().size(block) * sizeof(T);
  std::size_t first = 0;
  while (first < panels) {
    std::size_t last = first;
    std::size_t bytes = 0;
    while (last < panels && (bytes < row_group_bytes || last == first)) {
      bytes += row_bytes * static_cast<std::size_t>(a.panels()[last++].rows);
    }
    visit(first, last);
    first = last;
  }
}

// visit(first column, columns): tiles of at most `vectors` registers that do not cross a panel.
template <class Engine, class T, class Visit>
void for_each_tile(std::size_t columns, int vectors, Visit visit) {
  constexpr std::size_t width = panel_width<Engine, T>;
  const std::size_t step = static_cast<std::size_t>(vectors * Engine::template lanes<T>);
  for (std::size_t panel = 0; panel < columns; panel += width) {
    const std::size_t end = std::min(columns, panel + width);
    for (std::size_t q = panel; q < end; q += step) visit(q, std::min(step, end - q));
  }
}

// visit(panel, first column, columns): a tile after the other, each with the panels of a group of rows.
template <class Engine, class T, class Visit>
void for_each_panel_of_tiles(const packed_rows<T>& a, std::size_t block, std::size_t columns, Visit visit) {
  constexpr int vectors = static_cast<int>(panel_width<Engine, T>) / Engine::template lanes<T>;
  for_each_group(a, block, [&](std::size_t first, std::size_t end) {
    for_each_tile<Engine, T>(columns, vectors, [&](std::size_t q, std::size_t width) {
      for (std::size_t i = first; i < end; ++i) visit(i, q, width);
    });
  });
}

// A kernel of fewer registers than a tile of `width` columns is called more than once.
template <class Engine, class Operation, class T>
void call_kernels(int rows, std::size_t width, kernel_arguments<T> with) {
  constexpr std::size_t step = static_cast<std::size_t>(Engine::template lanes<T>);
  while (width > 0) {
    const bool is_half = Engine::template has_half<Operation> && width <= step / 2;
    const std::size_t vectors =
        is_half ? 0 : std::min<std::size_t>((width + step - 1) / step, Operation::vectors);
    Engine::template kernel_of<Operation>(rows, static_cast<int>(vectors))(with);
    const std::size_t columns = vectors * step;
    if (is_half || columns >= width) return;
    width -= columns;
    with.b += columns;
    if (with.b_ones != nullptr) with.b_ones += columns;
    with.sums += columns;
  }
}

// The loops that a MAC takes, gemm/paths.hpp.
enum class sum_family : unsigned char {
  reference,
  running_float,
  running_corrected,  // in float, of corrected logarithms
  running_residual,   // in float, of residual products
  running_double,
  running_narrow,  // in a float of fewer bits, gemm/chained_sums.hpp
  running_adder,   // in an approximate adder, ditto
  exact,
  exact_corrected,  // of corrected logarithms
  exact_residual,   // of residual products
  rounded
};

constexpr bool is_exact_family(sum_family family) {
  return family == sum_family::exact || family == sum_family::exact_corrected ||
         family == sum_family::exact_residual;
}

constexpr bool is_chained_family(sum_family family) {
  return family == sum_family::running_narrow || family == sum_family::running_adder;
}

// How FP32-like sums are made of a and b.
enum class running_product : unsigned char {
  logarithm,  // patterns
  lossless,   // values whose product T holds but for its exponent range: fused where that suffices
  rounded     // values; products rounded to T
};

template <class Engine, class T, sum_family family>
class running_sums {
 public:
  running_sums(running_product product, const packed_rows<T>& a, int significand_bits)
      : product_(product), a_(a), significand_bits_(significand_bits) {}

  // False, with nothing written that counts, where products are not the instructions' own and an operand is infinite or NaN, or a
  // residue may be subnormal.
  bool run(column_source<T>& b, sums_sink<T>& sink) {
    if (!is_proven(a_.range())) return false;
    for (std::size_t strip = 0; strip < b.strips(); ++strip) {
      const std::size_t columns = b.columns(strip);
      const std::size_t blocks = a_.blocks().count();
      stride_ = (columns + panel_width<Engine, T>) / panel_width<Engine, T> * panel_width<Engine, T>;
      if (blocks > 1) all_sums_.reserve(a_.rows() * stride_ + panel_width<Engine, T>);
      for (std::size_t block = 0; block < blocks; ++block) {
        column_block<T> columns_of = b.build(strip, block);
        if (!is_proven(columns_of.range)) return false;
        if (columns_of.ones == nullptr && wants_ones(columns_of.range)) columns_of.ones = b.ones();
        run_block(columns_of, block, strip, columns, sink);
      }
    }
    return true;
  }

 private:
  bool is_proven(const operand_range<T>& range) const {
    if constexpr (family == sum_family::running_residual) {
      const bool has_residues =
          range.is_zero() || (range.min_exponent() >= -126 + 24 && range.max_exponent() < 127);
      return has_residues && !range.has_special;
    }
    const bool is_logarithm =
        family == sum_family::running_corrected || product_ == running_product::logarithm;
    return !is_logarithm || !range.has_special;
  }

  // Of columns without zeros.
  bool wants_ones(const operand_range<T>& b) const {
    if (product_ != running_product::logarithm) return false;
    return a_.range().has_zero || !logarithms_fit(a_.range(), b);
  }

  // No product of two numbers leaves FP32's range. A zero enters as 1: its products have the other's exponents.
  static bool logarithms_fit(const operand_range<T>& a, const operand_range<T>& b) {
    return a.is_zero() || b.is_zero() ||
           (a.min_exponent() + b.min_exponent() >= -126 && a.max_exponent() + b.max_exponent() <= 126);
  }

  void run_block(const column_block<T>& b, std::size_t block, std::size_t strip, std::size_t columns,
                 sums_sink<T>& sink) {
    const bool only = a_.blocks().count() == 1;
    const bool last = block + 1 == a_.blocks().count();
    constexpr std::size_t tile_width = panel_width<Engine, T>;
    T tile[(Engine::panel_rows + 1) * tile_width];
    for_each_panel_of_tiles<Engine>(a_, block, columns, [&](std::size_t i, std::size_t q, std::size_t width) {
      const auto& panel = a_.panels()[i];
      const auto& slice = *a_.slices_begin(block, i);
      T* sums = only ? tile : all_sums_.data() + panel.first * stride_ + q;
      const std::size_t stride = only ? tile_width : stride_;
      const std::size_t at = q / tile_width * b.panel_stride;
      const bool is_apart = b.last_values != nullptr && q >= b.last_column;
      const kernel_arguments<T> with{a_.blocks().size(block),
                                     a_.values(slice),
                                     a_.ones(slice),
                                     is_apart ? b.last_values : b.values + at,
                                     b.ones + (b.ones == nullptr ? 0 : at),
                                     is_apart ? b.last_offsets : b.offsets,
                                     sums,
                                     stride,
                                     0,
                                     block > 0,
                                     {}};
      multiply(slice.range, b.range, panel.rows, width, with);
      if (last) sink.write(panel.first, static_cast<std::size_t>(panel.rows), strip, q, width, sums, stride);
    });
  }

  void multiply(const operand_range<T>& a, const operand_range<T>& b, int rows, std::size_t width,
                const kernel_arguments<T>& with) const {
    if constexpr (family == sum_family::running_corrected) {
      return is_in_range(a, b) ? call<typename Engine::template corrected_log_sum<T>>(rows, width, with)
                               : call<typename Engine::checked_corrected_log_sum>(rows, width, with);
    } else if constexpr (family == sum_family::running_residual) {
      return call<typename Engine::residual_sum>(rows, width, with);
    } else {
      multiply_plainly(a, b, rows, width, with);
    }
  }

  // Of corrected logarithms: no product of two numbers, and none of a number and the 1 that stands for a zero, leaves FP32's range.
  static bool is_in_range(const operand_range<T>& a, const operand_range<T>& b) {
    if (a.max_exponent() > 125 || b.max_exponent() > 125) return false;
    if (a.is_zero() || b.is_zero()) return true;
    return a.min_exponent() + b.min_exponent() >= -126 && a.max_exponent() + b.max_exponent() <= 125;
  }

  void multiply_plainly(const operand_range<T>& a, const operand_range<T>& b, int rows, std::size_t width,
                        const kernel_arguments<T>& with) const {
    switch (product_) {
      case running_product::logarithm:
        if constexpr (sizeof(T) == 4) return multiply_logarithms(a, b, rows, width, with);
        break;
      case running_product::lossless:
        return is_lossless(a, b) ? call<typename Engine::template fused_sum<T>>(rows, width, with)
                                 : call<typename Engine::template rounded_sum<T>>(rows, width, with);
      case running_product::rounded:
        return call<typename Engine::template rounded_sum<T>>(rows, width, with);
    }
  }

  void multiply_logarithms(const operand_range<T>& a, const operand_range<T>& b, int rows, std::size_t width,
                           const kernel_arguments<T>& with) const {
    if (!logarithms_fit(a, b)) return call<typename Engine::checked_log_sum>(rows, width, with);
    if (a.has_zero) return call<typename Engine::template log_sum_zeros_in_both<T>>(rows, width, with);
    if (b.has_zero) return call<typename Engine::template log_sum_zeros_in_b<T>>(rows, width, with);
    return call<typename Engine::template log_sum<T>>(rows, width, with);
  }

  // Neither overflow, nor a last bit below T's smallest number.
  bool is_lossless(const operand_range<T>& a, const operand_range<T>& b) const {
    if (a.has_special || b.has_special) return false;
    if (a.is_zero() || b.is_zero()) return true;
    constexpr int lowest = 2 - lane_bias<T> - 1 - lane_fraction_bits<T>;
    return a.min_exponent() + b.min_exponent() - 2 * (significand_bits_ - 1) >= lowest &&
           a.max_exponent() + b.max_exponent() + 1 <= lane_bias<T>;
  }

  template <class Operation>
  void call(int rows, std::size_t width, const kernel_arguments<T>& with) const {
    call_kernels<Engine, Operation>(rows, width, with);
  }

  running_product product_;
  const packed_rows<T>& a_;
  int significand_bits_;
  std::size_t stride_ = 0;
  aligned_buffer<T> all_sums_;
};

}  // namespace napier::detail
