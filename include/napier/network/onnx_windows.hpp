#pragma once
// napier/network/onnx_windows.hpp — ONNX's convolutions and pools: kernel, strides, dilations and padding.
//
// What      auto_pad is resolved with the input's shape: SAME gives ⌈input / stride⌉ outputs. What an opset does not have
//           (dilated average pools; ceil_mode and dilated pools before opset 10) is an unsupported attribute
// Checked   tests/network/onnx_operators_test.cpp, tests/network/onnx_cases_test.cpp

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <napier/layers/conv2d.hpp>
#include <napier/layers/pool.hpp>
#include <napier/network/network.hpp>
#include <napier/network/onnx_matrices.hpp>
#include <napier/network/onnx_node.hpp>

namespace napier::detail {

struct onnx_window {
  std::array<std::size_t, 2> kernel, strides{1, 1}, dilations{1, 1};  // height, width
  std::array<std::size_t, 4> pads{0, 0, 0, 0};                        // top, left, bottom, right
  bool is_same_padded = false;

  template <class Parameters>
  Parameters parameters() const {
    Parameters p;
    p.kernel_height = kernel[0];
    p.kernel_width = kernel[1];
    p.stride_height = strides[0];
    p.stride_width = strides[1];
    p.dilation_height = dilations[0];
    p.dilation_width = dilations[1];
    p.pad_top = pads[0];
    p.pad_left = pads[1];
    p.pad_bottom = pads[2];
    p.pad_right = pads[3];
    return p;
  }
};

// Pads so that the output is ⌈input / stride⌉; the odd one at the end (SAME_UPPER) or at the start (SAME_LOWER).
inline void pad_to_same(onnx_window& window, const shape& input, bool odd_at_end) {
  for (std::size_t i = 0; i < 2; ++i) {
    const std::size_t extent = (window.kernel[i] - 1) * window.dilations[i] + 1;
    const std::size_t last = (input[i + 1] - 1) / window.strides[i] * window.strides[i];
    const std::size_t pad = std::max(last + extent, input[i + 1]) - input[i + 1];
    window.pads[i] = odd_at_end ? pad / 2 : pad - pad / 2;
    window.pads[i + 2] = pad - window.pads[i];
  }
  window.is_same_padded = true;
}

template <std::size_t length>
void take(std::array<std::size_t, length>& target, const std::vector<std::size_t>& attribute) {
  if (!attribute.empty()) std::copy(attribute.begin(), attribute.end(), target.begin());
}

// kernel: of one or two dimensions; one is a height.
inline onnx_window window_of(const std::vector<std::size_t>& kernel) {
  return {{kernel[0], kernel.size() > 1 ? kernel[1] : 1}};
}

// begin 0 …, end 0 … of one or two dimensions.
inline std::vector<std::size_t> both_sides(std::vector<std::size_t> pads) {
  if (pads.size() == 2) pads = {pads[0], 0, pads[1], 0};
  return pads;
}

inline onnx_window read_window(onnx_node& node, const std::vector<std::size_t>& kernel, bool may_be_dilated) {
  const std::size_t rank = kernel.size();
  const shape input = network_shape(node.feature_map(0, rank + 2).dimensions);
  onnx_window window = window_of(kernel);
  take(window.strides, node.sizes("strides", rank, 1));
  if (may_be_dilated) take(window.dilations, node.sizes("dilations", rank, 1));
  take(window.pads, both_sides(node.sizes("pads", 2 * rank, 0)));
  const std::string automatic = node.text("auto_pad", "NOTSET");
  if (automatic == "NOTSET") return window;
  if (window.pads != std::array<std::size_t, 4>{}) {
    node.place().fail("its attributes pads and auto_pad = " + automatic + " contradict each other");
  }
  if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
    pad_to_same(window, {input[0], input[1], rank > 1 ? input[2] : 1}, automatic == "SAME_UPPER");
  } else if (automatic != "VALID") {
    node.place().expected("auto_pad = NOTSET, VALID, SAME_UPPER or SAME_LOWER", automatic);
  }
  return window;
}

// The spatial dimensions of weights, which kernel_shape may repeat.
inline std::vector<std::size_t> kernel_of(onnx_node& node, const shape& weights) {
  if (weights.size() != 3 && weights.size() != 4) {
    node.place().expected("a 1-D or 2-D convolution, with weights of 3 or 4 dimensions", to_text(weights));
  }
  const std::vector<std::size_t> kernel(weights.begin() + 2, weights.end());
  const std::vector<std::size_t> stated = node.sizes("kernel_shape", kernel.size(), 1);
  if (!stated.empty() && stated != kernel) {
    node.place().expected("kernel_shape " + to_text(kernel) + " as the weights have", to_text(stated));
  }
  return kernel;
}

inline std::size_t read_groups(onnx_node& node) {
  const std::int64_t groups = node.integer("group", 1);
  if (groups < 1 || groups > static_cast<std::int64_t>(onnx_max_elements)) {
    node.place().expected("group of at least 1", std::to_string(groups));
  }
  return static_cast<std::size_t>(groups);
}

inline void read_conv(onnx_node& node) {
  node.expect_inputs(2, 3);
  onnx_constant weights = node.weights(1);
  const shape& w = weights.dimensions;  // outputs × inputs a group × kernel
  const std::vector<std::size_t> kernel = kernel_of(node, w);
  conv2d_layer conv;
  conv.parameters = read_window(node, kernel, true).parameters<conv2d_parameters>();
  conv.parameters.groups = read_groups(node);
  conv.in_channels = w[1] * conv.parameters.groups;
  conv.out_channels = w[0];
  if (node.has_input(2)) conv.bias = node.vector(2, conv.out_channels);
  merge_bias(node, conv, conv.out_channels, kernel.size(), kernel.size() + 2);
  conv.weights = std::move(weights.values);
  node.give(node.emit_feature_map(std::move(conv), node.value(0)));
}

// ---- transposed convolution ------------------------------------------------------------------------------

// Weights of in × out a group × taps as out × in a group × taps, group by group.
inline std::vector<double> transposed_groups(const std::vector<double>& weights, std::size_t groups,
                                             std::size_t in_a_group, std::size_t out_a_group,
                                             std::size_t taps) {
  std::vector<double> result(weights.size());
  for (std::size_t g = 0; g < groups; ++g) {
    const std::size_t first = g * in_a_group * out_a_group * taps;
    for (std::size_t i = 0; i < in_a_group; ++i) {
      for (std::size_t o = 0; o < out_a_group; ++o) {
        std::copy_n(weights.begin() + static_cast<std::ptrdiff_t>(first + (i * out_a_group + o) * taps), taps,
                    result.begin() + static_cast<std::ptrdiff_t>(first + (o * in_a_group + i) * taps));
      }
    }
  }
  return result;
}

// Padding and extra rows so that the outputs are as many as output_shape or auto_pad = SAME say.
inline void read_output_shape(onnx_node& node, onnx_window& window, std::array<std::size_t, 2>& extra,
                              const shape& input, std::size_t rank) {
  const std::vector<std::size_t> stated = node.sizes("output_shape", rank, 1);
  const std::string automatic = node.text("auto_pad", "NOTSET");
  const bool is_same = automatic == "SAME_UPPER" || automatic == "SAME_LOWER";
  if (!is_same && automatic != "NOTSET" && automatic != "VALID") {
    node.place().expected("auto_pad = NOTSET, VALID, SAME_UPPER or SAME_LOWER", automatic);
  }
  if (stated.empty() && !is_same) return;
  for (std::size_t i = 0; i < rank; ++i) {
    const std::size_t wanted = stated.empty() ? input[i + 1] * window.strides[i] : stated[i];
    const std::size_t full =
        window.strides[i] * (input[i + 1] - 1) + extra[i] + (window.kernel[i] - 1) * window.dilations[i] + 1;
    const std::size_t cut = full > wanted ? full - wanted : 0;
    if (full < wanted) extra[i] += wanted - full;
    window.pads[i] = automatic == "SAME_UPPER" ? cut / 2 : cut - cut / 2;
    window.pads[i + 2] = cut - window.pads[i];
  }
}

inline void read_conv_transpose(onnx_node& node) {
  node.expect_inputs(2, 3);
  const onnx_constant weights = node.weights(1);
  const shape& w = weights.dimensions;  // inputs × outputs a group × kernel
  const std::vector<std::size_t> kernel = kernel_of(node, w);
  const shape input = network_shape(node.feature_map(0, w.size()).dimensions);
  onnx_window window = window_of(kernel);
  take(window.strides, node.sizes("strides", kernel.size(), 1));
  take(window.dilations, node.sizes("dilations", kernel.size(), 1));
  take(window.pads, both_sides(node.sizes("pads", 2 * kernel.size(), 0)));
  std::array<std::size_t, 2> extra{0, 0};
  take(extra, node.sizes("output_padding", kernel.size(), 0));
  read_output_shape(node, window, extra, input, kernel.size());

  conv_transpose2d_layer conv;
  static_cast<conv2d_parameters&>(conv.parameters) = window.parameters<conv2d_parameters>();
  conv.parameters.extra_height = extra[0];
  conv.parameters.extra_width = extra[1];
  const std::size_t groups = conv.parameters.groups = read_groups(node);
  conv.in_channels = w[0];
  conv.out_channels = w[1] * groups;
  if (w[0] % groups != 0) {
    node.place().expected(std::to_string(groups) + " groups to divide the inputs", std::to_string(w[0]));
  }
  if (node.has_input(2)) conv.bias = node.vector(2, conv.out_channels);
  merge_bias(node, conv, conv.out_channels, kernel.size(), kernel.size() + 2);
  conv.weights = transposed_groups(weights.values, groups, w[0] / groups, w[1],
                                   conv.parameters.kernel_height * conv.parameters.kernel_width);
  node.give(node.emit_feature_map(std::move(conv), node.value(0)));
}

// ---- pools -----------------------------------------------------------------------------------------------

// Of one or two dimensions, as the input has them.
inline std::vector<std::size_t> read_pool_kernel(onnx_node& node) {
  const std::size_t rank = node.value(0).dimensions.size();
  if (rank != 3 && rank != 4) {
    node.place().expected("an input of channels x height x width",
                          to_text(network_shape(node.value(0).dimensions)));
  }
  std::vector<std::size_t> kernel = node.sizes("kernel_shape", rank - 2, 1);
  if (kernel.empty()) node.place().fail("its attribute kernel_shape is missing");
  return kernel;
}

// Channels × depth × height × width, of which the depth alone or the height and width alone are pooled, as in PyTorch's
// LocalResponseNorm: a 2-D pool of a value that is reshaped.
template <class PoolLayer>
void read_pool_of_volume(onnx_node& node) {
  const onnx_value& input = node.value(0);
  const shape& d = input.dimensions;  // 1 × channels × depth × height × width
  const auto or_ones = [&](const char* name) {
    std::vector<std::size_t> stated = node.sizes(name, 3, 1);
    return stated.empty() ? std::vector<std::size_t>(3, 1) : stated;
  };
  const std::vector<std::size_t> kernel = or_ones("kernel_shape");
  const std::vector<std::size_t> strides = or_ones("strides");
  std::vector<std::size_t> pads = node.sizes("pads", 6, 0);
  pads.resize(6);
  const auto is_idle = [&](std::size_t i) {
    return kernel[i] == 1 && strides[i] == 1 && pads[i] == 0 && pads[i + 3] == 0;
  };
  const bool is_flat = is_idle(1) && is_idle(2);
  if ((!is_flat && !is_idle(0)) || d[0] != 1 || node.text("auto_pad", "NOTSET") != "NOTSET")
    node.place().expected("an input of channels x height x width", to_text(network_shape(d)));
  PoolLayer pool;
  pool2d_parameters& p = pool.parameters;
  const std::size_t rows = is_flat ? 0 : 1;  // the axis that is the height of the 2-D pool
  p.kernel_height = kernel[rows];
  p.stride_height = strides[rows];
  p.pad_top = pads[rows];
  p.pad_bottom = pads[rows + 3];
  if (!is_flat) {
    p.kernel_width = kernel[2];
    p.stride_width = strides[2];
    p.pad_left = pads[2];
    p.pad_right = pads[5];
  }
  if (node.opset() >= 10) p.ceil_mode = node.flag("ceil_mode");
  if constexpr (std::is_same_v<PoolLayer, average_pool_layer>)
    p.count_include_pad = node.flag("count_include_pad");
  const shape folded = is_flat ? shape{1, d[1], d[2], d[3] * d[4]} : shape{1, d[1] * d[2], d[3], d[4]};
  const onnx_value pooled = node.emit_feature_map(pool, node.emit_reshape(input, folded, ".fold"));
  const shape& o = pooled.dimensions;
  node.give(node.emit_reshape(
      pooled, is_flat ? shape{1, d[1], o[2], d[3], d[4]} : shape{1, d[1], d[2], o[2], o[3]}, ".unfold"));
}

template <class PoolLayer>
void read_pool(onnx_node& node) {
  if (node.has_input(0) && node.value(0).dimensions.size() == 5) return read_pool_of_volume<PoolLayer>(node);
  constexpr bool is_average = std::is_same_v<PoolLayer, average_pool_layer>;
  node.expect_inputs(1, 1);
  const onnx_window window = read_window(node, read_pool_kernel(node), !is_average && node.opset() >= 10);
  PoolLayer pool;
  pool.parameters = window.parameters<pool2d_parameters>();
  if (node.opset() >= 10) pool.parameters.ceil_mode = node.flag("ceil_mode") && !window.is_same_padded;
  if (pool.parameters.ceil_mode && node.text("auto_pad", "NOTSET") == "VALID") {
    node.place().fail("ceil_mode = 1 with auto_pad = VALID is not supported");
  }
  if constexpr (is_average) {
    pool.parameters.count_include_pad = node.flag("count_include_pad");
  } else {
    node.expect_integer("storage_order", 0);
  }
  node.give(node.emit_feature_map(pool, node.value(0)));
}

template <class PoolLayer>
void read_global_pool(onnx_node& node) {
  node.expect_inputs(1, 1);
  const shape& input = node.value(0).dimensions;
  if (input.size() < 3 || input.front() != 1) {
    node.place().expected("an input of channels x height x width", to_text(network_shape(input)));
  }
  node.give(node.emit_feature_map(PoolLayer{}, node.value(0)));
}

}  // namespace napier::detail
