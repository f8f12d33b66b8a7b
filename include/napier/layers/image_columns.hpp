#pragma once
// napier/layers/image_columns.hpp — the right matrix of a convolution, read from an image without copying it once a tap.
//
//   output (y, x) of a strip, from its first row and column, is column q = y · row_width + x; the operand under tap (c, i, j) lies at q + offset(c, i, j):
//
//     channel c, decoded, padded:   p p p p p p p     offset = plane of c + i · row_width + j
//                                   p x x x x x p     columns with x >= the strip's width are computed, not stored:
//                                   p x x x x x p     they read across the end of a row
//
// What      with strides each channel is cut into stride_height × stride_width planes (phases), so that neighbouring outputs still
//           read neighbouring operands. Dilation only changes the offsets
// Memory    the channels of one block of the depth × the rows of one strip: about detail::strip_bytes. A strip is rows of the
//           output, or a part of one where not even one fits
// Checked   tests/layers/conv2d_test.cpp, tests/layers/conv2d_paths_test.cpp

#include <algorithm>
#include <cstddef>
#include <vector>

#include <napier/core/aligned_buffer.hpp>
#include <napier/gemm/columns.hpp>
#include <napier/gemm/lanes.hpp>
#include <napier/gemm/matrix_columns.hpp>
#include <napier/gemm/paths.hpp>
#include <napier/layers/window.hpp>

namespace napier::detail {

// Whole channels of the depth.
template <class T>
constexpr depth_blocks image_blocks(std::size_t channels, std::size_t taps) {
  const std::size_t fitting = std::max<std::size_t>(1, usual_blocks<T>(channels * taps).block_depth / taps);
  return {channels * taps, std::max<std::size_t>(1, std::min(channels, fitting)) * taps};
}

struct image_geometry {
  std::size_t channels;
  window_axis vertical;
  window_axis horizontal;
  std::size_t output_height;
  std::size_t output_width;

  std::size_t taps() const { return vertical.kernel * horizontal.kernel; }
};

template <class Engine, class T>
class image_columns final : public column_source<T> {
 public:
  // `rows`: of the left matrix; their sums share the cache with the strip. in_place: the output is the image (batch norms), so what
  // the kernels refuse after some strips could not be done again: rows stay whole.
  image_columns(const operand_rule<T>& rule, const image_geometry& geometry, std::size_t rows,
                lane_reader<T> reader, bool in_place = false)
      : rule_(rule),
        geometry_(geometry),
        blocks_(image_blocks<T>(geometry.channels, geometry.taps())),
        reader_(reader) {
    const window_axis& v = geometry.vertical;
    const window_axis& h = geometry.horizontal;
    for (std::size_t i = 0; i < v.kernel; ++i) {
      for (std::size_t j = 0; j < h.kernel; ++j) {
        const phase of_tap{i * v.dilation % v.stride, j * h.dilation % h.stride};
        if (std::find(phases_.begin(), phases_.end(), of_tap) == phases_.end()) phases_.push_back(of_tap);
      }
    }
    const std::size_t rows_below = (v.kernel - 1) * v.dilation / v.stride;
    const std::size_t columns_beside = (h.kernel - 1) * h.dilation / h.stride;
    block_channels_ = blocks_.block_depth / geometry.taps();
    const std::size_t fitting =
        fitting_columns<T>(block_channels_ * phases_.size(), blocks_.count() > 1 ? rows : 0);
    const std::size_t fitting_rows = fitting / (geometry.output_width + columns_beside);
    strip_rows_ = std::clamp<std::size_t>(fitting_rows > rows_below ? fitting_rows - rows_below : 1, 1,
                                          geometry.output_height);
    strip_cols_ = geometry.output_width;
    if (fitting_rows <= rows_below && !in_place) {
      const std::size_t fitting_width = fitting / (rows_below + 1);
      // but for the columns beside it a strip is a few registers wide at least
      strip_cols_ = std::min(strip_cols_, std::max(4 * panel_width<Engine, T>,
                                                   fitting_width - std::min(fitting_width, columns_beside)));
    }
    row_width_ = strip_cols_ + columns_beside;
    plane_rows_ = strip_rows_ + rows_below;
    size_ = block_channels_ * phases_.size() * plane_rows_ * row_width_;
    values_.reserve(size_ + 2 * panel_width<Engine, T>);
    std::fill_n(values_.data() + size_, 2 * panel_width<Engine, T>, T{});
    if (rule.has_ones) {
      ones_.reserve(size_ + 2 * panel_width<Engine, T>);
      std::fill_n(ones_.data() + size_, 2 * panel_width<Engine, T>, T{});
    }
    line_.reserve(line_size() + panel_width<Engine, T>);
    set_offsets();
  }

  // The first element of the first channel.
  void set_image(const void* first) { first_ = first; }

  std::size_t strips() const override {
    return (geometry_.output_height + strip_rows_ - 1) / strip_rows_ * strips_a_row();
  }
  std::size_t columns(std::size_t strip) const override {
    return (rows_of(strip) - 1) * row_width_ + cols_of(strip);
  }
  // Of the output.
  std::size_t first_row(std::size_t strip) const { return strip / strips_a_row() * strip_rows_; }
  std::size_t first_col(std::size_t strip) const { return strip % strips_a_row() * strip_cols_; }
  std::size_t rows_of(std::size_t strip) const {
    return std::min(strip_rows_, geometry_.output_height - first_row(strip));
  }
  std::size_t cols_of(std::size_t strip) const {
    return std::min(strip_cols_, geometry_.output_width - first_col(strip));
  }
  std::size_t row_width() const { return row_width_; }

  column_block<T> build(std::size_t strip, std::size_t block) override {
    const std::size_t first_channel = block * block_channels_;
    const std::size_t channels = std::min(block_channels_, geometry_.channels - first_channel);
    T* at = values_.data();
    for (std::size_t c = 0; c < channels; ++c) {
      for (const phase& part : phases_) {
        for (std::size_t r = 0; r < plane_rows_; ++r) {
          read_row(first_channel + c, part, first_row(strip) + r, first_col(strip), at);
          at += row_width_;
        }
      }
    }
    const std::size_t count = static_cast<std::size_t>(at - values_.data());
    operand_range<T> range;
    Engine::template make_operands<T>(rule_, 0, count, values_.data(), values_.data(),
                                      rule_.has_ones ? ones_.data() : nullptr, range);
    column_block<T> result;
    result.values = values_.data();
    result.ones = rule_.has_ones ? ones_.data() : nullptr;
    result.offsets = offsets_.data();
    result.panel_stride = panel_width<Engine, T>;
    result.size = count;
    result.range = range;
    return result;
  }

  operand_range<T> range() override {
    operand_range<T> range;
    const std::size_t width = geometry_.horizontal.input;
    const std::size_t step = line_size();
    aligned_buffer<T> scratch(2 * (step + panel_width<Engine, T>));
    T* ones = rule_.has_ones ? scratch.data() + step + panel_width<Engine, T> : nullptr;
    for (std::size_t row = 0; row < geometry_.channels * geometry_.vertical.input; ++row) {
      for (std::size_t first = 0; first < width; first += step) {
        const std::size_t count = std::min(step, width - first);
        reader_(first_, row * width + first, count, line_.data());
        Engine::template make_operands<T>(rule_, 0, count, line_.data(), scratch.data(), ones, range);
      }
    }
    return range;
  }

 private:
  struct phase {
    std::size_t row;
    std::size_t col;
    friend bool operator==(const phase&, const phase&) = default;
  };

  void set_offsets() {
    const window_axis& v = geometry_.vertical;
    const window_axis& h = geometry_.horizontal;
    for (std::size_t c = 0; c < block_channels_; ++c) {
      for (std::size_t i = 0; i < v.kernel; ++i) {
        for (std::size_t j = 0; j < h.kernel; ++j) {
          const phase of_tap{i * v.dilation % v.stride, j * h.dilation % h.stride};
          const auto index =
              static_cast<std::size_t>(std::find(phases_.begin(), phases_.end(), of_tap) - phases_.begin());
          const std::size_t plane = (c * phases_.size() + index) * plane_rows_;
          offsets_.push_back(static_cast<std::ptrdiff_t>((plane + i * v.dilation / v.stride) * row_width_ +
                                                         j * h.dilation / h.stride));
        }
      }
    }
  }

  std::size_t strips_a_row() const { return (geometry_.output_width + strip_cols_ - 1) / strip_cols_; }
  // What one row of a strip needs of a row of the image.
  std::size_t line_size() const {
    return std::min(geometry_.horizontal.input, row_width_ * geometry_.horizontal.stride);
  }

  // Row r of a phase of a channel, from output column `left` on: padded row r · stride + phase.row, columns
  // (left + x) · stride + phase.col.
  void read_row(std::size_t channel, const phase& part, std::size_t r, std::size_t left, T* out) {
    const window_axis& v = geometry_.vertical;
    const window_axis& h = geometry_.horizontal;
    const std::size_t padded = r * v.stride + part.row;
    const std::size_t row = padded - v.pad_begin;
    if (padded < v.pad_begin || row >= v.input) {
      std::fill_n(out, row_width_, T{});
      return;
    }
    const std::size_t at = (channel * v.input + row) * h.input;
    // Columns x with pad_begin <= start + x · stride < pad_begin + input.
    const std::size_t start = left * h.stride + part.col;
    const std::size_t before = h.pad_begin > start ? (h.pad_begin - start + h.stride - 1) / h.stride : 0;
    const std::size_t end = h.pad_begin + h.input;
    const std::size_t past = end > start ? (end - start + h.stride - 1) / h.stride : 0;
    const std::size_t first = std::min(before, row_width_);
    const std::size_t last = std::max(first, std::min(past, row_width_));
    std::fill_n(out, first, T{});
    if (last > first) {
      const std::size_t begin = at + start + first * h.stride - h.pad_begin;
      if (h.stride == 1) {
        reader_(first_, begin, last - first, out + first);
        std::fill(out + last, out + row_width_, T{});
        return;
      }
      reader_(first_, begin, (last - first - 1) * h.stride + 1, line_.data());
      const T* from = line_.data();
      for (std::size_t x = first; x < last; ++x, from += h.stride) out[x] = *from;
    }
    std::fill(out + last, out + row_width_, T{});
  }

  operand_rule<T> rule_;
  image_geometry geometry_;
  depth_blocks blocks_;
  lane_reader<T> reader_;
  const void* first_ = nullptr;
  std::vector<phase> phases_;
  std::size_t row_width_ = 0;
  std::size_t block_channels_ = 0;
  std::size_t strip_rows_ = 0;
  std::size_t strip_cols_ = 0;
  std::size_t plane_rows_ = 0;
  std::size_t size_ = 0;
  aligned_buffer<T> values_;
  aligned_buffer<T> ones_;
  aligned_buffer<T> line_;
  std::vector<std::ptrdiff_t> offsets_;
};

}  // namespace napier::detail
