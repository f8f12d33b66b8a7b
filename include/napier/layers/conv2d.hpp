#pragma once
// napier/layers/conv2d.hpp — two-dimensional convolution over a MAC: strides, dilation, asymmetric padding, groups.
//
// What      output(n, o, y, x) = round(sum over (c, i, j) ascending of weights(o, c, i, j) × input(n, g·C + c,
//           y · stride_height + i · dilation_height − pad_top, …) + bias_o), g the group of o, C channels a group;
//           weights are the left operand. The order is that of the weights in memory
// Padding   zeros of the format; they go through the multiplier and the accumulator as any other activation does
// Speed     conv2d_weights<M> keeps the weights packed, group by group; the image is read by the kernels without im2col
//           (layers/image_columns.hpp). Depthwise is the same with one row a group
// Memory    a strip of the image and of the sums, at most 4 MiB a thread; without kernels: im2col of at most conv2d_block_bytes
// Errors    shape_error when the shapes do not fit
// Checked   tests/layers/conv2d_test.cpp, tests/layers/conv2d_paths_test.cpp,
//           tests/layers/conv2d_memory_slow_test.cpp

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <napier/core/concepts.hpp>
#include <napier/core/error.hpp>
#include <napier/core/matrix_view.hpp>
#include <napier/gemm/gemm.hpp>
#include <napier/layers/image_columns.hpp>
#include <napier/layers/one_row.hpp>
#include <napier/layers/tensor_view.hpp>
#include <napier/layers/window.hpp>

namespace napier {

struct conv2d_parameters {
  std::size_t kernel_height = 1;
  std::size_t kernel_width = 1;
  std::size_t stride_height = 1;
  std::size_t stride_width = 1;
  std::size_t dilation_height = 1;
  std::size_t dilation_width = 1;
  std::size_t pad_top = 0;
  std::size_t pad_left = 0;
  std::size_t pad_bottom = 0;
  std::size_t pad_right = 0;
  std::size_t groups = 1;

  // ⌊(padded input − extent of the kernel) / stride⌋ + 1; shape_error where the kernel does not fit.
  std::size_t output_height(std::size_t input_height) const {
    return vertical(input_height).outputs("conv2d height");
  }
  std::size_t output_width(std::size_t input_width) const {
    return horizontal(input_width).outputs("conv2d width");
  }

  detail::window_axis vertical(std::size_t input_height) const {
    return {input_height, kernel_height, stride_height, dilation_height, pad_top, pad_bottom};
  }
  detail::window_axis horizontal(std::size_t input_width) const {
    return {input_width, kernel_width, stride_width, dilation_width, pad_left, pad_right};
  }
};

inline constexpr std::size_t conv2d_block_bytes = std::size_t{256} * 1024;

namespace detail {

inline void check_conv2d(const conv2d_parameters& parameters, const tensor_shape& input,
                         const tensor_shape& weights, std::size_t biases, const tensor_shape& output) {
  const std::size_t groups = parameters.groups;
  if (groups == 0 || input.channels % groups != 0 || weights.batch % groups != 0) {
    throw shape_error("conv2d: " + std::to_string(groups) + " groups do not divide " +
                      std::to_string(input.channels) + " input and " + std::to_string(weights.batch) +
                      " output channels");
  }
  const tensor_shape expected_weights{weights.batch, input.channels / groups, parameters.kernel_height,
                                      parameters.kernel_width};
  if (weights != expected_weights) {
    throw shape_error("conv2d: weights are " + shape_text(weights) + ", expected " +
                      shape_text(expected_weights));
  }
  if (biases != 0 && biases != weights.batch) {
    throw shape_error("conv2d: " + std::to_string(biases) + " biases, expected none or " +
                      std::to_string(weights.batch));
  }
  const tensor_shape expected_output{input.batch, weights.batch, parameters.output_height(input.height),
                                     parameters.output_width(input.width)};
  if (output != expected_output) {
    throw shape_error("conv2d: output is " + shape_text(output) + ", expected " +
                      shape_text(expected_output));
  }
}

// Columns first … first + columns.cols − 1 of the matrix (channel, tap) × (output position) of one image and group, row of outputs after
// row. `channels` is the first channel of the group.
template <Format F>
void im2col(const conv2d_parameters& parameters, const F* channels, const tensor_shape& input,
            std::size_t output_width, std::size_t first, matrix_view<F> columns) {
  const window_axis vertical = parameters.vertical(input.height);
  const window_axis horizontal = parameters.horizontal(input.width);
  const F zero = round_to<F>(unpacked::zero());
  const std::size_t taps = vertical.kernel * horizontal.kernel;
  for (std::size_t k = 0; k < columns.rows; ++k) {
    const F* plane = channels + (k / taps) * input.height * input.width;
    const std::size_t i = k % taps / horizontal.kernel;
    const std::size_t j = k % taps % horizontal.kernel;
    // windows whose tap j lies in the input
    const std::size_t before = j * horizontal.dilation;
    const auto reaching = [&](std::size_t column) {
      const std::size_t windows =
          column > before ? (column - before + horizontal.stride - 1) / horizontal.stride : 0;
      return std::min(windows, output_width);
    };
    const std::size_t left = reaching(horizontal.pad_begin);
    const std::size_t right = reaching(horizontal.pad_begin + horizontal.input);
    F* out = columns.data + k * columns.row_stride;
    std::size_t x = first % output_width;
    for (std::size_t y = first / output_width, rest = columns.cols; rest > 0; ++y, x = 0) {
      const std::size_t end = std::min(output_width, x + rest);
      rest -= end - x;
      const std::size_t row = vertical.input_index(y, i);  // wraps above the input
      const bool is_inside = row < vertical.input;
      const std::size_t inner = is_inside ? std::clamp(left, x, end) : end;
      const std::size_t last = std::clamp(right, inner, end);
      out = std::fill_n(out, inner - x, zero);
      if (last > inner) {
        const F* from = plane + row * horizontal.input + horizontal.input_index(inner, j);
        if (horizontal.stride == 1) {
          out = std::copy_n(from, last - inner, out);
        } else {
          for (std::size_t at = inner; at < last; ++at, from += horizontal.stride) *out++ = *from;
        }
      }
      out = std::fill_n(out, end - last, zero);
    }
  }
}

template <class F, class B>
[[gnu::noinline]] void conv2d_by_gemm(const conv2d_parameters& parameters, tensor_view<const F> input,
                                      tensor_view<const F> weights, std::span<const B> bias,
                                      tensor_view<F> output, plain_gemm<F, B, F> multiply) {
  const std::size_t k = weights.channels * weights.height * weights.width;
  const std::size_t outputs_a_group = weights.batch / parameters.groups;
  const std::size_t positions = output.height * output.width;
  const std::size_t column = std::max<std::size_t>(1, k);  // without input channels the sums are empty
  const std::size_t fitting = std::max<std::size_t>(1, conv2d_block_bytes / sizeof(F) / column);
  std::vector<F> block(column * std::min(fitting, positions));
  for (std::size_t n = 0; n < output.batch; ++n) {
    for (std::size_t first = 0; first < positions; first += fitting) {
      const std::size_t count = std::min(fitting, positions - first);
      for (std::size_t group = 0; group < parameters.groups; ++group) {
        const std::size_t o = group * outputs_a_group;
        const matrix_view<F> columns(block.data(), k, count);
        im2col(parameters, input.channel(n, group * weights.channels), input.shape(), output.width, first,
               columns);
        const matrix_view<const F> a(weights.data + o * k, outputs_a_group, k);
        const matrix_view<F> c(output.channel(n, o) + first, outputs_a_group, count, positions);
        multiply(a, columns, bias.empty() ? bias : bias.subspan(o, outputs_a_group), c);
      }
    }
  }
}

inline image_geometry geometry_of(const conv2d_parameters& parameters, std::size_t channels,
                                  std::size_t height, std::size_t width) {
  return {channels, parameters.vertical(height), parameters.horizontal(width),
          parameters.output_height(height), parameters.output_width(width)};
}

// Where a group's sums of one image go: runs of columns that are outputs become numbers that lie side by side.
template <class Engine, class T, class F, class B>
class output_planes final : public sums_sink<T> {
 public:
  output_planes(const finisher<T, B, F>& how, const image_columns<Engine, T>& columns,
                std::span<const B> bias, tensor_view<F> output, std::size_t image, std::size_t first_channel)
      : how_(how),
        columns_(columns),
        bias_(bias.empty() ? nullptr : &bias[first_channel]),
        planes_(output.channel(image, first_channel)),
        width_(output.width),
        plane_size_(output.height * output.width) {}

  void write(std::size_t first_row, std::size_t rows, std::size_t strip, std::size_t column,
             std::size_t columns, const T* sums, std::size_t stride) override {
    if constexpr (std::is_same_v<B, T>) {  // else the sums are chained ones, or there are none
      find_runs(strip, column, columns);
      const T* scale = how_.has_scale ? &how_.scale : nullptr;
      const B* bias = bias_ == nullptr ? nullptr : bias_ + first_row;
      F* out = planes_ + first_row * plane_size_ + first_;
      if constexpr (std::is_same_v<F, T>) {
        Engine::template add_bias_to_runs<T>(run_count_, runs_, rows, sums, stride, scale, bias, out,
                                             plane_size_, end_ - first_);
      } else {
        T line[tile_room];
        const std::size_t pitch = side_by_side(rows, sums, stride, scale, bias, line);
        write_lane_rows<F, T>(line, pitch, rows, count_, out, plane_size_);
      }
    } else if (how_.running != nullptr) {
      find_runs(strip, column, columns);
      F* out = planes_ + first_row * plane_size_ + first_;
      for (std::size_t i = 0; i < rows; ++i) {
        const bias_run<B> of_row{bias_ == nullptr ? nullptr : bias_ + first_row + i, 0};
        for (std::size_t r = 0; r < run_count_; ++r) {
          how_.running(sums + i * stride + runs_[r].from, runs_[r].count, of_row,
                       out + i * plane_size_ + runs_[r].to, Engine::template add_bias<T>);
        }
      }
    }
  }

  void write(std::size_t first_row, std::size_t rows, std::size_t strip, std::size_t column,
             std::size_t columns, const double* high, const double* low, std::size_t stride) override {
    find_runs(strip, column, columns);
    F* out = planes_ + first_row * plane_size_ + first_;
    const B* bias = bias_ == nullptr ? nullptr : bias_ + first_row;
    if (run_count_ == 1) {
      const std::size_t from = runs_[0].from;
      return finish_exact_rows<Engine>(how_, bias, rows, count_, high + from,
                                       low == zero_sums ? low : low + from, stride, out, plane_size_);
    }
    double high_line[tile_room];
    double low_line[tile_room];
    const std::size_t pitch = side_by_side<double>(rows, high, stride, nullptr, nullptr, high_line);
    if (low != zero_sums) side_by_side<double>(rows, low, stride, nullptr, nullptr, low_line);
    finish_exact_rows<Engine>(how_, bias, rows, count_, high_line, low == zero_sums ? low : low_line, pitch,
                              out, plane_size_);
  }
  bool adds_exactly() const override { return how_.adds_exactly; }

 private:
  static constexpr std::size_t most_columns = one_row_width;

  // The runs of each row, whole registers of them a row; returns how many lanes that is.
  template <class Lane>
  std::size_t side_by_side(std::size_t rows, const Lane* sums, std::size_t stride, const Lane* scale,
                           const Lane* bias, Lane* line) const {
    const std::size_t pitch = whole_registers<Engine, Lane>(count_);
    if (pitch != count_) std::fill_n(line, rows * pitch, Lane{});
    Engine::template add_bias_to_runs<Lane>(run_count_, runs_, rows, sums, stride, scale, bias, line, pitch,
                                            pitch);
    return pitch;
  }

  // The runs' places are counted from first_, the first output.
  void find_runs(std::size_t strip, std::size_t column, std::size_t columns) {
    if (strip == strip_ && column == column_) return;
    strip_ = strip;
    column_ = column;
    run_count_ = 0;
    count_ = 0;
    const std::size_t width = columns_.cols_of(strip);
    const std::size_t row_width = columns_.row_width();
    const std::size_t origin = columns_.first_row(strip) * width_ + columns_.first_col(strip);
    end_ = origin + (columns_.rows_of(strip) - 1) * width_ + width;
    if (row_width == width) {
      first_ = origin + column;
      count_ = columns;
      runs_[run_count_++] = {0, 0, columns};
      return;
    }
    std::size_t y = column / row_width;
    std::size_t x = column % row_width;
    first_ = origin + (x < width ? y * width_ + x : (y + 1) * width_);
    for (std::size_t q = 0; q < columns; x = 0) {
      const std::size_t run = std::min(columns - q, x < width ? width - x : 0);
      if (run != 0) runs_[run_count_++] = {q, count_, run};
      count_ += run;
      q += row_width - x;
    }
  }

  const finisher<T, B, F>& how_;
  const image_columns<Engine, T>& columns_;
  const B* bias_;
  F* planes_;
  std::size_t width_;
  std::size_t plane_size_;
  std::size_t strip_ = static_cast<std::size_t>(-1);  // of the runs
  std::size_t column_ = 0;
  std::size_t run_count_ = 0;
  column_run runs_[most_columns];
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  std::size_t end_ = 0;
};

// One group of one image; false where the reference has to do it.
template <class Engine, class T, sum_family family, class F, class B>
[[gnu::noinline]] bool conv2d_group(Engine engine, const sum_path<T, family>& path,
                                    const finisher<T, B, F>& how, const packed_rows<T>& weights,
                                    image_columns<Engine, T>& columns, std::span<const B> bias,
                                    tensor_view<F> output, std::size_t image, std::size_t first_channel) {
  output_planes<Engine, T, F, B> sink(how, columns, bias, output, image, first_channel);
  if (weights.rows() == 1) {
    one_row_columns<T> wide(columns);
    return multiply(on_one_row(engine), path, weights, wide, sink);
  }
  return multiply(engine, path, weights, columns, sink);
}

template <class Engine, class T, sum_family family, class F, class B>
[[gnu::noinline]] void conv2d_packed(Engine engine, const conv2d_parameters& parameters,
                                     const mac_path<F, B, F, T, family>& path, tensor_view<const F> input,
                                     tensor_view<const F> plain, const std::vector<packed_rows<T>>& packed,
                                     std::span<const B> bias, tensor_view<F> output) {
  const std::size_t rows = plain.batch / parameters.groups;
  image_columns<Engine, T> columns(path.sums.packing.operands,
                                   geometry_of(parameters, plain.channels, input.height, input.width), rows,
                                   lane_reader_of<T, F>());
  if constexpr (family == sum_family::running_float || family == sum_family::running_double) {
    if (path.sums.product == running_product::rounded) columns.ask_no_range();
  }
  for (std::size_t n = 0; n < input.batch; ++n) {
    for (std::size_t group = 0; group < parameters.groups; ++group) {
      const F* channels = input.channel(n, group * plain.channels);
      columns.set_image(channels);
      const std::size_t o = group * rows;
      if (conv2d_group(engine, path.sums, path.how, packed[group], columns, bias, output, n, o)) continue;
      conv2d_parameters of_group = parameters;
      of_group.groups = 1;
      // in place, as batch norms of flat channels are: what is done cannot be done again
      const std::size_t done = input.data == output.data ? columns.first_col(columns.last_strip()) : 0;
      conv2d_by_gemm<F, B>(of_group, {channels + done, 1, plain.channels, input.height, input.width - done},
                           {plain.channel(o, 0), rows, plain.channels, plain.height, plain.width},
                           bias.empty() ? bias : bias.subspan(o, rows),
                           {output.channel(n, o) + done, 1, rows, output.height, output.width - done},
                           path.plain);
    }
  }
}

// Weights, group by group, packed for the instruction set that is active; none without kernels, and where the groups do not fit.
template <class T>
[[gnu::noinline]] inline std::vector<packed_rows<T>> pack_groups(const packing_rule<T>& rule,
                                                                 const tensor_shape& shape,
                                                                 std::size_t groups,
                                                                 const lane_matrix<T>& weights) {
  std::vector<packed_rows<T>> packed;
  if (groups == 0 || shape.batch % groups != 0 || shape.size() == 0) return packed;
  const std::size_t rows = shape.batch / groups;
  const depth_blocks blocks = image_blocks<T>(shape.channels, shape.height * shape.width);
  with_engine(active_isa(), [&](auto engine) {
    for (std::size_t group = 0; group < groups; ++group) {
      packed.push_back(packed_rows<T>::pack(engine, rule, rows, blocks, weights.from_row(group * rows)));
    }
    return true;
  });
  return packed;
}

// The weights of a convolution and their panels, one packed matrix a group, which are made for one instruction set.
template <class F, class T>
class conv2d_panels {
 public:
  conv2d_panels() = default;
  explicit conv2d_panels(tensor_view<const F> weights)
      : numbers_(weights.data, weights.data + weights.size()), shape_(weights.shape()) {}
  void pack(const conv2d_parameters& parameters, const packing_rule<T>& rule) {
    const std::size_t depth = shape_.channels * shape_.height * shape_.width;
    const matrix_view<const F> rows(numbers_.data(), shape_.batch, depth);
    isa_ = active_isa();
    packed_ = pack_groups<T>(rule, shape_, parameters.groups, lanes_of<T, F>(rows));
  }

  tensor_view<const F> view() const { return {numbers_.data(), shape_}; }
  const std::vector<packed_rows<T>>& packed() const { return packed_; }
  isa packed_for() const { return isa_; }

 private:
  std::vector<F> numbers_;
  tensor_shape shape_;
  isa isa_ = isa::scalar;
  std::vector<packed_rows<T>> packed_;
};

template <class F, class B, class T, sum_family family>
[[gnu::noinline]] void conv2d_by_path(const mac_path<F, B, F, T, family>& path,
                                      const conv2d_parameters& parameters, tensor_view<const F> input,
                                      const conv2d_panels<F, T>& weights, std::span<const B> bias,
                                      tensor_view<F> output) {
  const tensor_view<const F> plain = weights.view();
  check_conv2d(parameters, input.shape(), plain.shape(), bias.size(), output.shape());
  if constexpr (family != sum_family::reference) {
    const bool is_packed =
        weights.packed_for() == active_isa() && weights.packed().size() == parameters.groups;
    if (is_packed && with_engine(weights.packed_for(), [&](auto engine) {
          conv2d_packed(engine, parameters, path, input, plain, weights.packed(), bias, output);
          return true;
        })) {
      return;
    }
  }
  conv2d_by_gemm<F, B>(parameters, input, plain, bias, output, path.plain);
}

}  // namespace detail

// The weights of a convolution: out_channels × in_channels / groups × kernel_height × kernel_width, packed for the instruction set
// that is active when they are made. Many threads may use one.
template <Mac M>
class conv2d_weights : public detail::conv2d_panels<typename M::format, detail::lane_of<M>> {
 public:
  using format = typename M::format;

  conv2d_weights() = default;
  conv2d_weights(const conv2d_parameters& parameters, tensor_view<const format> weights)
      : detail::conv2d_panels<format, detail::lane_of<M>>(weights) {
    if constexpr (detail::sum_family_of<M> != detail::sum_family::reference) {
      this->pack(parameters, detail::packing_rule_of<M>());
    }
  }
};

// bias: none, or one an output channel. output: batch × out_channels × output_height × output_width; it does not overlap the
// input.
template <Mac M>
void conv2d(const conv2d_parameters& parameters, tensor_view<const typename M::format> input,
            const conv2d_weights<M>& weights, std::span<const typename M::bias_type> bias,
            tensor_view<typename M::format> output) {
  using F = typename M::format;
  const detail::conv2d_panels<F, detail::lane_of<M>>& panels = weights;
  detail::conv2d_by_path(detail::mac_path_of<M, F>(), parameters, input, panels, bias, output);
}

// The same with weights that are packed for this call.
template <Mac M>
void conv2d(const conv2d_parameters& parameters, tensor_view<const typename M::format> input,
            tensor_view<const typename M::format> weights, std::span<const typename M::bias_type> bias,
            tensor_view<typename M::format> output) {
  detail::check_conv2d(parameters, input.shape(), weights.shape(), bias.size(), output.shape());
  conv2d<M>(parameters, input, conv2d_weights<M>(parameters, weights), bias, output);
}

}  // namespace napier
