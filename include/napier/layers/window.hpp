#pragma once
// napier/layers/window.hpp — where the windows of a convolution or a pool lie, on one axis.
//
//   padded input   p p x x x x x x p      pad_begin = 2, input = 6, pad_end = 1
//   window 0       t . t . t              kernel = 3 taps, dilation = 2: an extent of 5
//   window 1           t . t . t          stride = 2
//
// Errors    shape_error; every size is at most 2^31 − 1, so that no sum or product of two overflows
// Checked   tests/layers/pool_test.cpp, tests/layers/conv2d_test.cpp

#include <algorithm>
#include <cstddef>
#include <string>

#include <napier/core/error.hpp>

namespace napier::detail {

struct window_axis {
  std::size_t input;
  std::size_t kernel;
  std::size_t stride;
  std::size_t dilation;
  std::size_t pad_begin;
  std::size_t pad_end;

  // Taps first … last − 1 of a window.
  struct tap_range {
    std::size_t first;
    std::size_t last;
  };

  constexpr std::size_t extent() const { return (kernel - 1) * dilation + 1; }
  constexpr std::size_t padded() const { return pad_begin + input + pad_end; }

  // How many taps of a window lie before a position of the padded input.
  constexpr std::size_t taps_before(std::size_t window, std::size_t position) const {
    const std::size_t start = window * stride;
    const std::size_t distance = position > start ? position - start : 0;
    return std::min(kernel, (distance + dilation - 1) / dilation);
  }
  constexpr std::size_t taps_in_padded(std::size_t window) const { return taps_before(window, padded()); }
  constexpr tap_range taps_in_input(std::size_t window) const {
    return {taps_before(window, pad_begin), taps_before(window, pad_begin + input)};
  }
  // The element of the input under a tap that lies in it.
  constexpr std::size_t input_index(std::size_t window, std::size_t tap) const {
    return window * stride + tap * dilation - pad_begin;
  }

  // The number of windows. With ceil_mode the last one may overhang the padded input's end, but starts inside the
  // input or the padding before it.
  std::size_t outputs(const char* layer, bool ceil_mode = false) const {
    check(layer);
    const std::size_t slack = ceil_mode ? stride - 1 : 0;
    if (padded() + slack < extent()) {
      throw shape_error(std::string(layer) + ": a kernel of " + std::to_string(kernel) + " with dilation " +
                        std::to_string(dilation) + " spans " + std::to_string(extent()) +
                        ", more than the padded input, " + padded_text());
    }
    const std::size_t last = (padded() + slack - extent()) / stride;
    const std::size_t end = pad_begin + input;
    return ceil_mode && end > 0 ? std::min(last, (end - 1) / stride) + 1 : last + 1;
  }

  // Pools only: a window without any element of the input has no maximum and no average.
  void check_each_touches_input(const char* layer, std::size_t windows) const {
    const auto check_window = [&](std::size_t window) {
      const tap_range taps = taps_in_input(window);
      if (taps.first < taps.last) return;
      throw shape_error(std::string(layer) + ": window " + std::to_string(window) + " of kernel " +
                        std::to_string(kernel) + ", stride " + std::to_string(stride) + ", dilation " +
                        std::to_string(dilation) + " has no element of the input, " + padded_text());
    };
    for (std::size_t window = 0; window < windows && window * stride < pad_begin; ++window)
      check_window(window);
    if (windows > 0)
      check_window(windows - 1);  // of those that start behind the padding the last one starts last
  }

 private:
  static constexpr std::size_t max_size = 0x7fffffff;

  std::string padded_text() const {
    return std::to_string(padded()) + " (" + std::to_string(pad_begin) + " + " + std::to_string(input) +
           " + " + std::to_string(pad_end) + ")";
  }

  void check(const char* layer) const {
    if (kernel == 0 || stride == 0 || dilation == 0) {
      throw shape_error(std::string(layer) + ": kernel " + std::to_string(kernel) + ", stride " +
                        std::to_string(stride) + ", dilation " + std::to_string(dilation) +
                        "; none may be 0");
    }
    if (std::max({input, kernel, stride, dilation, pad_begin, pad_end}) > max_size) {
      throw shape_error(std::string(layer) + ": a size above 2^31 - 1 among input " + std::to_string(input) +
                        ", kernel " + std::to_string(kernel) + ", stride " + std::to_string(stride) +
                        ", dilation " + std::to_string(dilation) + ", padding " + std::to_string(pad_begin) +
                        " and " + std::to_string(pad_end));
    }
  }
};

}  // namespace napier::detail
