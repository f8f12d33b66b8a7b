#pragma once
// napier/network/onnx_windows.hpp — ONNX's convolution and pools: kernel, strides, dilations and padding.
//
// What      auto_pad is resolved with the input's shape: SAME gives ⌈input / stride⌉ outputs. What an opset does not have
//           (dilated average pools; ceil_mode and dilated pools before opset 10) is an unsupported attribute
// Checked   tests/network/onnx_operators_test.cpp

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

inline onnx_window read_window(onnx_node& node, std::array<std::size_t, 2> kernel, bool may_be_dilated) {
  const shape& input = node.shape_of(0);
  if (input.size() != 3) node.place().expected("an input of channels x height x width", to_text(input));
  onnx_window window{kernel};
  take(window.strides, node.sizes("strides", 2, 1));
  if (may_be_dilated) take(window.dilations, node.sizes("dilations", 2, 1));
  take(window.pads, node.sizes("pads", 4, 0));
  const std::string automatic = node.text("auto_pad", "NOTSET");
  if (automatic == "NOTSET") return window;
  if (window.pads != std::array<std::size_t, 4>{}) {
    node.place().fail("its attributes pads and auto_pad = " + automatic + " contradict each other");
  }
  if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
    pad_to_same(window, input, automatic == "SAME_UPPER");
  } else if (automatic != "VALID") {
    node.place().expected("auto_pad = NOTSET, VALID, SAME_UPPER or SAME_LOWER", automatic);
  }
  return window;
}

inline onnx_operation read_conv(onnx_node& node) {
  node.expect_inputs(2, 3);
  onnx_constant weights = node.weights(1);
  const shape& w = weights.dimensions;  // outputs × inputs a group × kernel height × kernel width
  if (w.size() != 4) node.place().expected("a 2-D convolution, with weights of 4 dimensions", to_text(w));
  const std::vector<std::size_t> stated = node.sizes("kernel_shape", 2, 1);
  if (!stated.empty() && (stated[0] != w[2] || stated[1] != w[3])) {
    node.place().expected("kernel_shape " + to_text({w[2], w[3]}) + " as the weights have", to_text(stated));
  }
  conv2d_layer conv;
  conv.parameters = read_window(node, {w[2], w[3]}, true).parameters<conv2d_parameters>();
  const std::int64_t groups = node.integer("group", 1);
  if (groups < 1 || groups > static_cast<std::int64_t>(onnx_max_elements)) {
    node.place().expected("group of at least 1", std::to_string(groups));
  }
  conv.parameters.groups = static_cast<std::size_t>(groups);
  conv.in_channels = w[1] * conv.parameters.groups;
  conv.out_channels = w[0];
  if (node.has_input(2)) conv.bias = node.vector(2, conv.out_channels);
  conv.weights = std::move(weights.values);
  return {std::move(conv), {node.value(0)}};
}

template <class PoolLayer>
onnx_operation read_pool(onnx_node& node) {
  constexpr bool is_average = std::is_same_v<PoolLayer, average_pool_layer>;
  node.expect_inputs(1, 1);
  const std::vector<std::size_t> kernel = node.sizes("kernel_shape", 2, 1);
  if (kernel.empty()) node.place().fail("its attribute kernel_shape is missing");
  const onnx_window window = read_window(node, {kernel[0], kernel[1]}, !is_average && node.opset() >= 10);
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
  return {pool, {node.value(0)}};
}

}  // namespace napier::detail
