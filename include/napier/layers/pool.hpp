#pragma once
// napier/layers/pool.hpp — max, average and global average pooling.
//
// What      max_pool: the largest element of the window; padding never wins. Exact
//           average_pool: the window's elements summed in the accumulator, row after row, divided by their number
//           exactly, rounded once. No multiplier takes part, and so no compensation either
// Sizes     ⌊(padded input − extent) / stride⌋ + 1, with ceil_mode ⌈…⌉ + 1 but for a last window that would start
//           behind the input: ONNX's and PyTorch's
// Count     count_include_pad: elements of the window in the padding count, what overhangs it in ceil_mode does not
// Special   NaN (NaR) in a window gives NaN
// Errors    shape_error: sizes that do not fit; a window that touches no element of the input
// Checked   tests/layers/pool_test.cpp

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

#include <napier/core/arithmetic.hpp>
#include <napier/core/concepts.hpp>
#include <napier/core/error.hpp>
#include <napier/layers/code_order.hpp>
#include <napier/layers/order.hpp>
#include <napier/layers/tensor_view.hpp>
#include <napier/layers/window.hpp>

namespace napier {

struct pool2d_parameters {
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
  bool ceil_mode = false;
  bool count_include_pad = false;  // averages only

  std::size_t output_height(std::size_t input_height) const {
    return outputs(vertical(input_height), "pool2d height");
  }
  std::size_t output_width(std::size_t input_width) const {
    return outputs(horizontal(input_width), "pool2d width");
  }

  detail::window_axis vertical(std::size_t input_height) const {
    return {input_height, kernel_height, stride_height, dilation_height, pad_top, pad_bottom};
  }
  detail::window_axis horizontal(std::size_t input_width) const {
    return {input_width, kernel_width, stride_width, dilation_width, pad_left, pad_right};
  }

 private:
  std::size_t outputs(const detail::window_axis& axis, const char* layer) const {
    const std::size_t windows = axis.outputs(layer, ceil_mode);
    axis.check_each_touches_input(layer, windows);
    return windows;
  }
};

namespace detail {

// output(n, c, y, x) = pool(input's channel, rows, cols of the window at (y, x)).
template <class F, class Pool>
void pool2d(const pool2d_parameters& parameters, tensor_view<const F> input, tensor_view<F> output,
            Pool pool) {
  const tensor_shape expected{input.batch, input.channels, parameters.output_height(input.height),
                              parameters.output_width(input.width)};
  if (output.shape() != expected) {
    throw shape_error("pool2d: output is " + shape_text(output) + ", expected " + shape_text(expected));
  }
  for (std::size_t n = 0; n < output.batch; ++n) {
    for (std::size_t c = 0; c < output.channels; ++c) {
      for (std::size_t y = 0; y < output.height; ++y) {
        for (std::size_t x = 0; x < output.width; ++x) output(n, c, y, x) = pool(input.channel(n, c), y, x);
      }
    }
  }
}

// Elements of a channel: `rows` × `cols` of them, at these distances.
template <class F>
struct element_window {
  const F* first = nullptr;
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::size_t row_stride = 0;
  std::size_t col_stride = 0;
};

// Those of the input in the window at (y, x).
template <class F>
constexpr element_window<F> window_at(const F* plane, const window_axis& vertical, std::size_t y,
                                      const window_axis& horizontal, std::size_t x) {
  const window_axis::tap_range rows = vertical.taps_in_input(y);
  const window_axis::tap_range cols = horizontal.taps_in_input(x);
  if (rows.first >= rows.last || cols.first >= cols.last) return {};
  return {
      plane + vertical.input_index(y, rows.first) * horizontal.input + horizontal.input_index(x, cols.first),
      rows.last - rows.first, cols.last - cols.first, vertical.dilation * horizontal.input,
      horizontal.dilation};
}

// visit(element), row after row.
template <class F, class Visit>
constexpr void for_each_in_window(const element_window<F>& window, Visit visit) {
  for (std::size_t i = 0; i < window.rows; ++i) {
    const F* row = window.first + i * window.row_stride;
    for (std::size_t j = 0; j < window.cols; ++j) visit(row[j * window.col_stride]);
  }
}

// The sum of a window, row after row, divided exactly and rounded once. One function an accumulator: all that sums elements is
// compiled once a format and calls it.
template <class F>
using mean_of_window = F (*)(const element_window<F>& window, std::uint64_t divisor);

template <Format F, Accumulator A>
[[gnu::noinline]] F mean_by(const element_window<F>& window, std::uint64_t divisor) {
  A sum{};
  for_each_in_window(window, [&](F x) {
    // without a detour where the accumulator takes the format itself
    if constexpr (std::same_as<F, typename A::value_type> && requires { sum.add(x); }) {
      sum.add(x);
    } else {
      sum.add(decode(x));
    }
  });
  return round_to<F>(divide(sum.value(), unpacked::from_integer(false, divisor)));
}

template <Format F>
void average_pool(const pool2d_parameters& parameters, tensor_view<const F> input, tensor_view<F> output,
                  mean_of_window<F> mean) {
  const window_axis vertical = parameters.vertical(input.height);
  const window_axis horizontal = parameters.horizontal(input.width);
  pool2d<F>(parameters, input, output, [&](const F* plane, std::size_t y, std::size_t x) {
    const element_window<F> window = window_at(plane, vertical, y, horizontal, x);
    const std::uint64_t count = parameters.count_include_pad
                                    ? std::uint64_t{vertical.taps_in_padded(y)} * horizontal.taps_in_padded(x)
                                    : std::uint64_t{window.rows} * window.cols;
    return mean(window, count);
  });
}

template <Format F>
void global_average_pool(tensor_view<const F> input, tensor_view<F> output, mean_of_window<F> mean) {
  const std::size_t plane = input.height * input.width;
  const tensor_shape expected{input.batch, input.channels, 1, 1};
  if (plane == 0 || output.shape() != expected) {
    throw shape_error("global_average_pool: input is " + shape_text(input) + ", output " +
                      shape_text(output) + "; expected a non-empty input and " + shape_text(expected));
  }
  for (std::size_t n = 0; n < input.batch; ++n) {
    for (std::size_t c = 0; c < input.channels; ++c) {
      output(n, c, 0, 0) = mean({input.channel(n, c), 1, plane, 0, 1}, plane);
    }
  }
}

}  // namespace detail

template <Format F>
void max_pool(const pool2d_parameters& parameters, tensor_view<const std::type_identity_t<F>> input,
              tensor_view<F> output) {
  const detail::window_axis vertical = parameters.vertical(input.height);
  const detail::window_axis horizontal = parameters.horizontal(input.width);
  using order = detail::code_order<F>;
  detail::pool2d<F>(parameters, input, output, [&](const F* plane, std::size_t y, std::size_t x) {
    const detail::element_window<F> window = detail::window_at(plane, vertical, y, horizontal, x);
    F largest{};
    bool is_first = true;
    if constexpr (order::is_known) {
      typename order::code largest_key{};
      bool is_nan = false;
      detail::for_each_in_window(window, [&](F element) {
        const typename order::code code = order::of(element);
        const typename order::code key = order::key(code);
        const bool new_nan = order::is_nan(code);
        const bool takes = is_first | new_nan | (!is_nan & (largest_key < key));
        largest = takes ? element : largest;
        largest_key = takes ? key : largest_key;
        is_nan |= new_nan;
        is_first = false;
      });
    } else {
      unpacked largest_value = unpacked::infinity(true);
      detail::for_each_in_window(window, [&](F element) {
        const unpacked value = decode(element);
        if (is_first || value.is_nan() ||
            detail::is_less(largest_value, value)) {  // nothing is less than NaN
          largest = element;
          largest_value = value;
          is_first = false;
        }
      });
    }
    return largest;
  });
}

template <Mac M>
void average_pool(const pool2d_parameters& parameters, tensor_view<const typename M::format> input,
                  tensor_view<typename M::format> output) {
  using F = typename M::format;
  detail::average_pool<F>(parameters, input, output, detail::mean_by<F, typename M::accumulator>);
}

// output: batch × channels × 1 × 1.
template <Mac M>
void global_average_pool(tensor_view<const typename M::format> input,
                         tensor_view<typename M::format> output) {
  using F = typename M::format;
  detail::global_average_pool<F>(input, output, detail::mean_by<F, typename M::accumulator>);
}

}  // namespace napier
