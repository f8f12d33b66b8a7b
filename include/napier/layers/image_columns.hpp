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
  // `rows`: of the left matrix; their sums share the cache with the strip.
  image_columns(const operand_rule<T>& rule, const image_geometry& geometry, std::size_t rows,
                lane_reader<T> reader)
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
    if (fitting_rows <= rows_below) {
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
    if (!reader_.reads_in_place()) {
      const std::size_t all_rows = std::min(v.input, plane_rows_ * v.stride) * line_size();
      has_whole_planes_ = all_rows <= strip_bytes / sizeof(T) / 2;
      line_.reserve((has_whole_planes_ ? all_rows : line_size()) + panel_width<Engine, T>);
    }
    parts_.resize(phases_.size());
    places_.resize(phases_.size());
    std::size_t rows_used = 0;
    for (std::size_t row = 0; row < v.stride; ++row) {
      rows_used +=
          std::any_of(phases_.begin(), phases_.end(), [row](const phase& p) { return p.row == row; }) ? 1 : 0;
    }
    has_all_rows_ = rows_used == v.stride;
    set_offsets();
  }

  // The loops do not ask for the range of the operands.
  void ask_no_range() { has_range_ = false; }

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
  // The last that was built: where a product is refused, those before it are done.
  std::size_t last_strip() const { return last_strip_; }

  column_block<T> build(std::size_t strip, std::size_t block) override {
    const std::size_t first_channel = block * block_channels_;
    const std::size_t channels = std::min(block_channels_, geometry_.channels - first_channel);
    column_block<T> result;
    last_strip_ = strip;
    find_parts(strip);
    if (reader_.reads_in_place()) {
      const std::size_t channel_size = geometry_.vertical.input * geometry_.horizontal.input;
      set_plane(static_cast<const T*>(first_) + first_channel * channel_size, 0, 0,
                geometry_.horizontal.input);
      make(channels, parts_.data(), parts_.size(), 0, result.range);
    } else {
      for (std::size_t c = 0; c < channels; ++c)
        build_channel(first_channel + c, c * phases_.size() * plane_rows_ * row_width_, result.range);
    }
    result.values = values_.data();
    result.ones = rule_.has_ones ? ones_.data() : nullptr;
    result.offsets = offsets_.data();
    result.panel_stride = panel_width<Engine, T>;
    result.size = channels * phases_.size() * plane_rows_ * row_width_;
    return result;
  }

  operand_range<T> range() override {
    operand_range<T> range;
    const std::size_t width = geometry_.horizontal.input;
    const std::size_t step = line_size();
    const std::size_t room = step + panel_width<Engine, T>;
    aligned_buffer<T> scratch(3 * room);
    T* line = scratch.data() + room;
    T* ones = rule_.has_ones ? line + room : nullptr;
    for (std::size_t row = 0; row < geometry_.channels * geometry_.vertical.input; ++row) {
      for (std::size_t first = 0; first < width; first += step) {
        const std::size_t count = std::min(step, width - first);
        reader_(first_, row * width + first, count, line);
        Engine::template make_operands<T>(rule_, 0, count, line, scratch.data(), ones, range);
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

  struct place {
    std::size_t row;
    std::size_t col;
  };

  void set_offsets() {
    const window_axis& v = geometry_.vertical;
    const window_axis& h = geometry_.horizontal;
    const std::size_t taps = geometry_.taps();
    offsets_.reserve(block_channels_ * taps);
    std::ptrdiff_t* offset = offsets_.data();
    for (std::size_t i = 0; i < v.kernel; ++i) {
      for (std::size_t j = 0; j < h.kernel; ++j) {
        const phase of_tap{i * v.dilation % v.stride, j * h.dilation % h.stride};
        const auto index =
            static_cast<std::size_t>(std::find(phases_.begin(), phases_.end(), of_tap) - phases_.begin());
        const std::size_t row = index * plane_rows_ + i * v.dilation / v.stride;
        *offset++ = static_cast<std::ptrdiff_t>(row * row_width_ + j * h.dilation / h.stride);
      }
    }
    const auto channel_size = static_cast<std::ptrdiff_t>(phases_.size() * plane_rows_ * row_width_);
    for (std::size_t k = taps; k < block_channels_ * taps; ++k, ++offset)
      *offset = offset[-static_cast<std::ptrdiff_t>(taps)] + channel_size;
  }

  std::size_t strips_a_row() const { return (geometry_.output_width + strip_cols_ - 1) / strip_cols_; }
  // What one row of a strip needs of a row of the image.
  std::size_t line_size() const {
    return std::min(geometry_.horizontal.input, row_width_ * geometry_.horizontal.stride);
  }

  // Of `count` positions of a phase, from output `first` on, those that lie in the input.
  struct positions {
    std::size_t begin;
    std::size_t end;
    std::size_t input;  // the place of the one at `begin`
  };
  static positions in_input(const window_axis& axis, std::size_t offset, std::size_t first,
                            std::size_t count) {
    const std::size_t start = first * axis.stride + offset;
    const auto until = [&](std::size_t place) {
      return std::min(count, place > start ? (place - start + axis.stride - 1) / axis.stride : 0);
    };
    const std::size_t begin = until(axis.pad_begin);
    return {begin, std::max(begin, until(axis.pad_begin + axis.input)),
            start + begin * axis.stride - axis.pad_begin};
  }

  // The phases of a strip, but for where their numbers are.
  void find_parts(std::size_t strip) {
    for (std::size_t p = 0; p < phases_.size(); ++p) {
      const positions rows = in_input(geometry_.vertical, phases_[p].row, first_row(strip), plane_rows_);
      const positions cols = in_input(geometry_.horizontal, phases_[p].col, first_col(strip), row_width_);
      padded_plane_rows<T>& part = parts_[p];
      part.step = geometry_.horizontal.stride;
      part.rows_above = rows.begin;
      part.rows = rows.end - rows.begin;
      part.rows_below = plane_rows_ - rows.end;
      part.before = cols.begin;
      part.count = cols.end - cols.begin;
      if (part.rows * part.count == 0) part = {nullptr, 1, 0, 0, plane_rows_, 0, 0, 0, 0};
      places_[p] = {rows.input, cols.input};
    }
  }

  // Points the parts to a plane of a channel whose first element is that of row `row` and column `col`.
  void set_plane(const T* plane, std::size_t row, std::size_t col, std::size_t width) {
    for (std::size_t p = 0; p < parts_.size(); ++p) {
      if (parts_[p].rows == 0) continue;
      parts_[p].from = plane + (places_[p].row - row) * width + (places_[p].col - col);
      parts_[p].row_stride = geometry_.vertical.stride * width;
      parts_[p].channel_stride = geometry_.vertical.input * width;
    }
  }

  void make(std::size_t channels, const padded_plane_rows<T>* parts, std::size_t part_count, std::size_t at,
            operand_range<T>& range) {
    Engine::template make_padded_planes<T>(rule_, has_range_, channels, parts, part_count, row_width_,
                                           values_.data() + at, rule_.has_ones ? ones_.data() + at : nullptr,
                                           range);
  }

  // Of a format that has to be decoded, at `at` of the strip.
  void build_channel(std::size_t channel, std::size_t at, operand_range<T>& range) {
    if (!has_whole_planes_) return build_rows(channel, at, range);
    const window_axis& v = geometry_.vertical;
    const window_axis& h = geometry_.horizontal;
    std::size_t top = v.input;
    std::size_t left = h.input;
    std::size_t bottom = 0;
    std::size_t right = 0;
    for (std::size_t p = 0; p < parts_.size(); ++p) {
      const padded_plane_rows<T>& part = parts_[p];
      if (part.rows == 0) continue;
      top = std::min(top, places_[p].row);
      left = std::min(left, places_[p].col);
      bottom = std::max(bottom, places_[p].row + (part.rows - 1) * v.stride + 1);
      right = std::max(right, places_[p].col + (part.count - 1) * h.stride + 1);
    }
    if (top < bottom) {
      const std::size_t width = right - left;
      const std::size_t first = channel * v.input * h.input + left;
      if (width == h.input && has_all_rows_) {
        reader_(first_, first + top * width, (bottom - top) * width, line_.data());
      } else {
        for (std::size_t row = top; row < bottom; ++row) {
          if (is_read(row)) reader_(first_, first + row * h.input, width, line_.data() + (row - top) * width);
        }
      }
      set_plane(line_.data(), top, left, width);
    }
    make(1, parts_.data(), parts_.size(), at, range);
  }
  bool is_read(std::size_t row) const {
    for (std::size_t p = 0; p < parts_.size(); ++p) {
      if (row >= places_[p].row && (row - places_[p].row) % geometry_.vertical.stride == 0) return true;
    }
    return false;
  }

  // The same row by row: where a plane is large.
  void build_rows(std::size_t channel, std::size_t at, operand_range<T>& range) {
    const window_axis& v = geometry_.vertical;
    const window_axis& h = geometry_.horizontal;
    for (std::size_t p = 0; p < parts_.size(); ++p) {
      const padded_plane_rows<T>& part = parts_[p];
      for (std::size_t r = 0; r < plane_rows_; ++r, at += row_width_) {
        padded_plane_rows<T> line{nullptr, 1, 0, 0, 1, 0, 0, 0, 0};
        if (r >= part.rows_above && r - part.rows_above < part.rows) {
          const std::size_t row = channel * v.input + places_[p].row + (r - part.rows_above) * v.stride;
          reader_(first_, row * h.input + places_[p].col, (part.count - 1) * h.stride + 1, line_.data());
          line = {line_.data(), h.stride, 0, 0, 0, 1, 0, part.before, part.count};
        }
        make(1, &line, 1, at, range);
      }
    }
  }

  operand_rule<T> rule_;
  image_geometry geometry_;
  depth_blocks blocks_;
  lane_reader<T> reader_;
  const void* first_ = nullptr;
  bool has_range_ = true;
  bool has_whole_planes_ = false;  // line_ holds a channel's part of a strip, else a row of it
  bool has_all_rows_ = false;      // no row of the input is left out between others
  std::vector<phase> phases_;
  std::vector<padded_plane_rows<T>> parts_;  // of the phases
  std::vector<place> places_;                // of their first numbers
  std::size_t row_width_ = 0;
  std::size_t block_channels_ = 0;
  std::size_t strip_rows_ = 0;
  std::size_t strip_cols_ = 0;
  std::size_t plane_rows_ = 0;
  std::size_t size_ = 0;
  std::size_t last_strip_ = 0;
  aligned_buffer<T> values_;
  aligned_buffer<T> ones_;
  aligned_buffer<T> line_;
  aligned_buffer<std::ptrdiff_t> offsets_;
};

}  // namespace napier::detail
