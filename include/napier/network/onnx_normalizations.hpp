#pragma once
// napier/network/onnx_normalizations.hpp — ONNX's operators that centre and scale what they are given by its own statistics.
//
// What      InstanceNormalization, over the places of each channel (PyTorch's GroupNorm is one, between two Reshapes), and
//           LayerNormalization, over the last axes: (x − mean) / √(variance + ε) · scale + bias, as layers of their own
// Checked   tests/network/onnx_operators_test.cpp, tests/network/onnx_cases_test.cpp

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <napier/network/network.hpp>
#include <napier/network/onnx_node.hpp>
#include <napier/network/onnx_operands.hpp>
#include <napier/network/onnx_reductions.hpp>

namespace napier::detail {

// scale, bias: of dimensions that broadcast.
inline void give_normalized(onnx_node& node, const std::vector<bool>& is_reduced, onnx_constant scale,
                            std::optional<onnx_constant> bias) {
  const onnx_value& x = node.value(0);
  const double epsilon = node.finite_real("epsilon", static_cast<double>(1e-5F));
  if (!(epsilon >= 0)) node.place().expected("epsilon of at least 0", std::to_string(epsilon));
  for (std::size_t i = 0; i < is_reduced.size(); ++i) {
    if (is_reduced[i]) node.expect_within_image(0, i);
  }
  const onnx_reduction over = reduction_of(x.dimensions, is_reduced, true);
  const auto combine = [&](element_operation operation, const onnx_value& a, onnx_operand b,
                           const char* suffix) {
    return emit_elements(node, operation, operand_of(a), b, suffix);
  };
  const onnx_value mean = emit_reduced(node, reduction::mean, x, over, ".mean");
  const onnx_value centred = combine(element_operation::subtract, x, operand_of(mean), ".centred");
  const onnx_value square = combine(element_operation::multiply, centred, operand_of(centred), ".square");
  const onnx_value variance = emit_reduced(node, reduction::mean, square, over, ".variance");
  const onnx_value sum = combine(element_operation::add, variance, {{}, std::nullopt, {epsilon}}, ".epsilon");
  const onnx_value deviation =
      node.emit(function_layer{element_function::square_root}, {sum.index}, sum.dimensions, ".deviation");
  const onnx_value normal = combine(element_operation::divide, centred, operand_of(deviation), ".normal");
  onnx_value result =
      combine(element_operation::multiply, normal, operand_of(std::move(scale)), bias ? ".scale" : "");
  if (bias) result = combine(element_operation::add, result, operand_of(std::move(*bias)), "");
  node.give(std::move(result));
  if (node.is_read(1)) node.give(mean, 1);
  if (node.is_read(2)) {
    const function_layer reciprocal{element_function::reciprocal};
    node.give(node.emit(reciprocal, {deviation.index}, deviation.dimensions, ".inverse"), 2);
  }
}

inline void read_instance_norm(onnx_node& node) {
  node.expect_inputs(3, 3);
  const shape& input = node.value(0).dimensions;
  if (input.size() < 3 || input.front() != 1)
    node.place().expected("an input of channels x height x width", to_text(network_shape(input)));
  std::vector<bool> is_reduced(input.size(), true);
  is_reduced[0] = is_reduced[1] = false;
  shape channels(input.size() - 1, 1);
  channels[0] = input[1];
  give_normalized(node, is_reduced, {channels, node.vector(1, input[1])},
                  onnx_constant{channels, node.vector(2, input[1])});
}

inline void read_layer_norm(onnx_node& node) {
  node.expect_inputs(2, 3);
  node.ignore("stash_type");
  const shape& input = node.value(0).dimensions;
  const std::size_t axis = node.axis(node.integer("axis", -1), input.size());
  std::vector<bool> is_reduced(input.size(), false);
  for (std::size_t i = axis; i < input.size(); ++i) is_reduced[i] = true;
  std::optional<onnx_constant> bias;
  if (node.has_input(2)) bias = node.weights(2);
  give_normalized(node, is_reduced, node.weights(1), std::move(bias));
}

}  // namespace napier::detail
