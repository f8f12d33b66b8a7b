#pragma once
// napier/layers/pool.hpp — max, average and global average pooling.
//
// What      max_pool: the largest element of the window; padding never wins. Exact
//           average_pool: the window's elements summed in the accumulator, row after row, divided by their number
//           exactly, rounded once. No multiplier takes part, and so no compensation either
// Sizes     ⌊(padded input − extent) / stride⌋ + 1, with ceil_mode ⌈…⌉ + 1 but for a last window that would start
//           behind the input: ONNX's and PyTorch's
// Count     count_include_pad: elements of the window in the padding count, what overhangs it in ceil_mode does not
// Special   NaN (NaR) in a window gives NaN: its last one, and of equal zeros the first
// Speed     vectors over the windows of a row (layers/pool_lines.hpp): largest elements of all formats whose codes have a known order;
//           averages of what float or double holds, summed there or, exactly, in a quire or fixed64: in doubles as long as no
//           addition rounds. Others, and windows that reach over a side, one by one
// Errors    shape_error: sizes that do not fit; a window that touches no element of the input
// Checked   tests/layers/pool_test.cpp

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <napier/accumulators/fixed64.hpp>
#include <napier/accumulators/native.hpp>
#include <napier/accumulators/quire.hpp>
#include <napier/core/arithmetic.hpp>
#include <napier/core/concepts.hpp>
#include <napier/core/error.hpp>
#include <napier/formats/array.hpp>
#include <napier/layers/code_order.hpp>
#include <napier/layers/order.hpp>
#include <napier/layers/pool_lines.hpp>
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

template <class F>
void check_pool2d(const pool2d_parameters& parameters, const tensor_view<const F>& input,
                  const tensor_view<F>& output) {
  const tensor_shape expected{input.batch, input.channels, parameters.output_height(input.height),
                              parameters.output_width(input.width)};
  if (output.shape() != expected) {
    throw shape_error("pool2d: output is " + shape_text(output) + ", expected " + shape_text(expected));
  }
}

// output(n, c, y, x) = pool(input's channel, rows, cols of the window at (y, x)).
template <class F, class Pool>
void pool2d(tensor_view<const F> input, tensor_view<F> output, Pool pool) {
  for (std::size_t n = 0; n < output.batch; ++n) {
    for (std::size_t c = 0; c < output.channels; ++c) {
      for (std::size_t y = 0; y < output.height; ++y) {
        for (std::size_t x = 0; x < output.width; ++x) output(n, c, y, x) = pool(input.channel(n, c), y, x);
      }
    }
  }
}

// The same, elements read as T; the windows from the first on whose taps all lie in the input's columns by inner(channel, y, first, taps,
// count, out). False where it does not pay.
template <class T, class Kernels, class F, class Inner, class Pool>
bool pool2d_in_lines(Kernels, const window_axis& vertical, const window_axis& horizontal,
                     tensor_view<const F> input, tensor_view<F> output, Inner inner, Pool pool) {
  constexpr std::size_t fewest = 3;
  const window_axis::tap_range windows = inner_windows(horizontal, output.width);
  const std::size_t count = windows.last - windows.first;
  if (count < fewest || !pool_lines<Kernels, T>::fits(vertical, horizontal)) return false;
  pool_lines<Kernels, T> lines(vertical, horizontal, windows.first);
  for (std::size_t n = 0; n < output.batch; ++n) {
    for (std::size_t c = 0; c < output.channels; ++c) {
      const F* channel = input.channel(n, c);
      lines.start_channel();
      for (std::size_t y = 0; y < output.height; ++y) {
        F* row = output.channel(n, c) + y * output.width;
        const auto& taps = lines.taps(y, [&](std::size_t i, T* out) {
          const F* from = channel + i * input.width;
          if constexpr (std::same_as<T, F>) {
            std::copy_n(from, input.width, out);
          } else {
            convert(std::span<const F>(from, input.width), std::span<T>(out, input.width));
          }
        });
        for (std::size_t x = 0; x < windows.first; ++x) row[x] = pool(channel, y, x);
        inner(channel, y, windows.first, taps, std::span<F>(row + windows.first, count));
        for (std::size_t x = windows.last; x < output.width; ++x) row[x] = pool(channel, y, x);
      }
    }
  }
  return true;
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

// How sums of elements are made many at once, with the accumulator's bits: in floats, in doubles, each addition rounded; or in doubles
// of which none rounds.
enum class element_sums : unsigned char { one_by_one, in_floats, in_doubles, exact };

template <Format F, Accumulator A>
constexpr element_sums element_sums_of() {
  if constexpr (std::same_as<A, native<float>> && decodes_in<float, F>) {
    return element_sums::in_floats;
  } else if constexpr (std::same_as<A, native<double>> && decodes_in<double, F> && !std::same_as<F, double>) {
    return element_sums::in_doubles;
  } else if constexpr (PositFormat<F> && decodes_in<double, F>) {
    if constexpr (std::same_as<A, quire<F>>) return element_sums::exact;
  } else if constexpr (FixedFormat<F> && decodes_in<double, F>) {
    if constexpr (std::same_as<A, fixed64_sum<2 * format_traits<F>::fraction_bits>>)
      return element_sums::exact;
  }
  return element_sums::one_by_one;
}

// Exact sums below it are the accumulator's: fixed64 clamps to 64 bits.
template <Format F>
constexpr double exact_sum_limit() {
  double limit = std::numeric_limits<double>::infinity();
  if constexpr (FixedFormat<F>) {
    limit = 1;
    for (int bit = 2 * format_traits<F>::fraction_bits; bit < 63; ++bit) limit *= 2;
    for (int bit = 2 * format_traits<F>::fraction_bits; bit > 63; --bit) limit /= 2;
  }
  return limit;
}

// output = sums / divisor, each rounded once. sums: room for a register behind `output`'s size.
template <class Kernels, Format F>
void divide_sums(Kernels, double* sums, std::uint64_t divisor, std::span<F> output) {
  Kernels::divide(output.size(), sums, static_cast<double>(divisor));
  convert(std::span<const double>(sums, output.size()), output);
}

// An average pool's rows, elements in T.
template <class T, bool is_exact, class Kernels>
class row_of_averages {
 public:
  explicit row_of_averages(std::size_t windows)
      : sums_(windows + room), doubles_(windows + room), lost_(is_exact ? windows + room : 0) {}

  // one_by_one(i) makes the average of window i, where its sum is no double.
  template <Format F, class OneByOne>
  void make(const std::vector<const T*>& taps, std::uint64_t divisor, std::span<F> out, OneByOne one_by_one) {
    if constexpr (is_exact) {
      Kernels::exact_sums(taps.data(), taps.size(), out.size(), exact_sum_limit<F>(), doubles_.data(),
                          lost_.data());
    } else if constexpr (std::same_as<T, double>) {
      Kernels::sums(taps.data(), taps.size(), out.size(), doubles_.data());
    } else {
      Kernels::sums(taps.data(), taps.size(), out.size(), sums_.data());
      convert(std::span<const T>(sums_.data(), out.size()), std::span<double>(doubles_.data(), out.size()));
    }
    divide_sums(Kernels{}, doubles_.data(), divisor, out);
    for (std::size_t i = 0; is_exact && i < out.size(); ++i) {
      if (lost_[i] != 0) out[i] = one_by_one(i);
    }
  }

 private:
  static constexpr std::size_t room = 64;
  aligned_buffer<T> sums_;
  aligned_buffer<double> doubles_;
  aligned_buffer<std::int64_t> lost_;
};

template <element_sums how, Format F>
[[gnu::noinline]] void average_pool(const pool2d_parameters& parameters, tensor_view<const F> input,
                                    tensor_view<F> output, mean_of_window<F> mean) {
  check_pool2d(parameters, input, output);
  const window_axis vertical = parameters.vertical(input.height);
  const window_axis horizontal = parameters.horizontal(input.width);
  const auto count = [&](std::size_t y, std::size_t x) {
    if (parameters.count_include_pad)
      return std::uint64_t{vertical.taps_in_padded(y)} * horizontal.taps_in_padded(x);
    const window_axis::tap_range rows = vertical.taps_in_input(y);
    const window_axis::tap_range cols = horizontal.taps_in_input(x);
    return std::uint64_t{rows.last - rows.first} * (cols.last - cols.first);
  };
  const auto one = [&](const F* plane, std::size_t y, std::size_t x) {
    return mean(window_at(plane, vertical, y, horizontal, x), count(y, x));
  };
  if constexpr (how != element_sums::one_by_one) {
    using T = std::conditional_t<how == element_sums::in_floats, float, double>;
    if (with_pool_kernels([&](auto kernels) {
          row_of_averages<T, how == element_sums::exact, decltype(kernels)> averages(output.width);
          return pool2d_in_lines<T>(
              kernels, vertical, horizontal, input, output,
              [&](const F* plane, std::size_t y, std::size_t first, const auto& taps, std::span<F> out) {
                averages.make(taps, count(y, first), out,
                              [&](std::size_t i) { return one(plane, y, first + i); });
              },
              one);
        })) {
      return;
    }
  }
  pool2d<F>(input, output, one);
}

// Sums of some channels side by side, each one chain: as many additions are under way.
inline constexpr std::size_t channels_at_once = 8;

template <class T>
[[gnu::noinline]] void add_side_by_side(const T* const* channels, std::size_t count, T* sums) {
  T chains[channels_at_once];
#pragma GCC unroll 8
  for (std::size_t c = 0; c < channels_at_once; ++c) chains[c] = sums[c];
  for (std::size_t k = 0; k < count; ++k) {
#pragma GCC unroll 8
    for (std::size_t c = 0; c < channels_at_once; ++c) chains[c] += channels[c][k];
  }
#pragma GCC unroll 8
  for (std::size_t c = 0; c < channels_at_once; ++c) sums[c] = chains[c];
}

// Sums of up to channels_at_once planes, in T.
template <class T, Format F>
void sum_planes(const F* planes, std::size_t plane, std::size_t channels, double* sums) {
  constexpr std::size_t piece = 256;
  T lines[channels_at_once][piece];
  T chains[channels_at_once]{};
  const T* from[channels_at_once];
  for (std::size_t first = 0; first < plane; first += piece) {
    const std::size_t count = std::min(piece, plane - first);
    for (std::size_t c = 0; c < channels_at_once; ++c) {
      if (c >= channels) {
        from[c] = from[0];
      } else if constexpr (std::same_as<T, F>) {
        from[c] = planes + c * plane + first;
      } else {
        convert(std::span<const F>(planes + c * plane + first, count), std::span<T>(lines[c], count));
        from[c] = lines[c];
      }
    }
    add_side_by_side(from, count, chains);
  }
  for (std::size_t c = 0; c < channels; ++c) sums[c] = static_cast<double>(chains[c]);
}

// The sum of a plane; false where a double does not hold it, or a part of it.
template <class Kernels, Format F>
bool sum_plane_exactly(Kernels, const F* plane, std::size_t size, double& sum) {
  constexpr std::size_t piece = 256;
  double line[piece];
  double sums[Kernels::double_lanes]{};
  std::int64_t lost[Kernels::double_lanes]{};
  for (std::size_t first = 0; first < size; first += piece) {
    const std::size_t count = std::min(piece, size - first);
    const std::size_t whole =
        (count + Kernels::double_lanes - 1) / Kernels::double_lanes * Kernels::double_lanes;
    convert(std::span<const F>(plane + first, count), std::span<double>(line, count));
    std::fill(line + count, line + whole, 0.0);
    Kernels::add_exactly(line, whole, sums, lost);
  }
  bool is_exact = true;
  sum = 0;
  for (std::size_t i = 0; i < Kernels::double_lanes; ++i) {
    const double next = sum + sums[i];
    const double part = next - sum;
    is_exact &= lost[i] == 0 && (sum - (next - part)) + (sums[i] - part) == 0;
    sum = next;
  }
  constexpr double limit = exact_sum_limit<F>();
  return is_exact && sum < limit && -sum < limit;
}

template <element_sums how, Format F>
[[gnu::noinline]] void global_average_pool(tensor_view<const F> input, tensor_view<F> output,
                                           mean_of_window<F> mean) {
  const std::size_t plane = input.height * input.width;
  const tensor_shape expected{input.batch, input.channels, 1, 1};
  if (plane == 0 || output.shape() != expected) {
    throw shape_error("global_average_pool: input is " + shape_text(input) + ", output " +
                      shape_text(output) + "; expected a non-empty input and " + shape_text(expected));
  }
  const std::size_t planes = input.batch * input.channels;
  const auto one = [&](std::size_t i) { return mean({input.data + i * plane, 1, plane, 0, 1}, plane); };
  if constexpr (how != element_sums::one_by_one) {
    using T = std::conditional_t<how == element_sums::in_floats, float, double>;
    if (with_pool_kernels([&](auto kernels) {
          double sums[channels_at_once + 8]{};
          for (std::size_t first = 0; first < planes; first += channels_at_once) {
            const std::size_t count = std::min(channels_at_once, planes - first);
            const F* from = input.data + first * plane;
            const std::span<F> out(output.data + first, count);
            bool is_exact[channels_at_once]{};
            if constexpr (how == element_sums::exact) {
              for (std::size_t i = 0; i < count; ++i)
                is_exact[i] = sum_plane_exactly(kernels, from + i * plane, plane, sums[i]);
            } else {
              sum_planes<T>(from, plane, count, sums);
            }
            divide_sums(kernels, sums, plane, out);
            for (std::size_t i = 0; how == element_sums::exact && i < count; ++i) {
              if (!is_exact[i]) out[i] = one(first + i);
            }
          }
          return true;
        })) {
      return;
    }
  }
  for (std::size_t i = 0; i < planes; ++i) output.data[i] = one(i);
}

}  // namespace detail

template <Format F>
[[gnu::noinline]] void max_pool(const pool2d_parameters& parameters,
                                tensor_view<const std::type_identity_t<F>> input, tensor_view<F> output) {
  detail::check_pool2d(parameters, input, output);
  const detail::window_axis vertical = parameters.vertical(input.height);
  const detail::window_axis horizontal = parameters.horizontal(input.width);
  using order = detail::code_order<F>;
  const auto one = [&](const F* plane, std::size_t y, std::size_t x) {
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
  };
  if constexpr (order::is_known) {
    if (detail::with_pool_kernels([&](auto kernels) {
          detail::aligned_buffer<F> line(output.width + 64);
          return detail::pool2d_in_lines<F>(
              kernels, vertical, horizontal, input, output,
              [&](const F*, std::size_t, std::size_t, const auto& taps, std::span<F> out) {
                kernels.largest(taps.data(), taps.size(), out.size(), line.data());
                std::copy_n(line.data(), out.size(), out.data());
              },
              one);
        })) {
      return;
    }
  }
  detail::pool2d<F>(input, output, one);
}

template <Mac M>
void average_pool(const pool2d_parameters& parameters, tensor_view<const typename M::format> input,
                  tensor_view<typename M::format> output) {
  using F = typename M::format;
  using A = typename M::accumulator;
  detail::average_pool<detail::element_sums_of<F, A>(), F>(parameters, input, output, detail::mean_by<F, A>);
}

// output: batch × channels × 1 × 1.
template <Mac M>
void global_average_pool(tensor_view<const typename M::format> input,
                         tensor_view<typename M::format> output) {
  using F = typename M::format;
  using A = typename M::accumulator;
  detail::global_average_pool<detail::element_sums_of<F, A>(), F>(input, output, detail::mean_by<F, A>);
}

}  // namespace napier
