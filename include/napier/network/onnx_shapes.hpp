#pragma once
// napier/network/onnx_shapes.hpp — ONNX's operators that give the elements other dimensions and leave their order.
//
// What      Flatten, Reshape, Squeeze, Unsqueeze: of constants they give constants, of computed values a reshape
// Checked   tests/network/onnx_operators_test.cpp, tests/network/onnx_cases_test.cpp

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <napier/network/network.hpp>
#include <napier/network/onnx_elements.hpp>
#include <napier/network/onnx_node.hpp>

namespace napier::detail {

inline void read_flatten(onnx_node& node) {
  node.expect_inputs(1, 1);
  const shape input = node.dimensions(0);
  const std::int64_t stated = node.integer("axis", 1);
  const auto rank = static_cast<std::int64_t>(input.size());
  const std::size_t axis = stated == rank ? input.size() : node.axis(stated, input.size());
  node.expect_within_image(0, axis);
  const auto middle = input.begin() + static_cast<std::ptrdiff_t>(axis);
  node.give_reshaped(0, {element_count({input.begin(), middle}), element_count({middle, input.end()})});
}

// 0 copies a dimension of the input, one -1 takes what is left. The batch stays first; it may be merged with what follows.
inline shape resolve_reshape(const onnx_node& node, std::vector<std::int64_t> target, const shape& input,
                             bool takes_zero_literally) {
  const std::string text = list_text(target);
  const onnx_scope& scope = const_cast<onnx_node&>(node).scope();
  if (!node.is_constant(0) && scope.batch_is_open()) {
    const std::int64_t batch = scope.batch == 0 ? 1 : scope.batch;
    if (target.empty() || (target[0] != 0 && target[0] != -1 && target[0] != batch)) {
      node.place().expected("a shape with the batch first (0, -1 or " + std::to_string(batch) + ")", text);
    }
    if (target[0] == batch) target[0] = 1;
  }
  shape result;
  std::size_t known = 1;
  std::size_t open = target.size();  // which one is −1
  for (std::size_t i = 0; i < target.size(); ++i) {
    std::size_t extent = 1;
    if (target[i] == -1) {
      if (open != target.size()) node.place().expected("one -1 in the shape", text);
      open = i;
    } else if (target[i] < 0 || (target[i] == 0 && !takes_zero_literally && i >= input.size())) {
      node.place().expected("a shape of sizes, 0 or -1", text);
    } else {
      extent = target[i] == 0 && !takes_zero_literally ? input[i] : static_cast<std::size_t>(target[i]);
    }
    if (extent != 0 && extent > onnx_max_elements / std::max<std::size_t>(known, 1))
      node.place().fail("the shape " + text + " is too large");
    known *= extent;
    result.push_back(extent);
  }
  if (open != target.size()) result[open] = known == 0 ? 0 : element_count(input) / known;
  if (element_count(result) != element_count(input))
    node.place().fail("cannot reshape " + to_text(network_shape(input)) + " to " + text);
  return result;
}

inline void read_reshape(onnx_node& node) {
  node.expect_inputs(2, 2);
  const std::vector<std::int64_t> target = node.integers(1, 64);
  const bool takes_zero_literally = node.opset() >= 14 && node.flag("allowzero");
  if (target.size() > 16) node.place().expected("at most 16 dimensions", list_text(target));
  node.give_reshaped(0, resolve_reshape(node, target, node.dimensions(0), takes_zero_literally));
}

inline void read_squeeze(onnx_node& node) {
  node.expect_inputs(1, node.opset() < 13 ? 1 : 2);
  const shape input = node.dimensions(0);
  const std::vector<std::int64_t> stated = read_axes(node, 13);
  const std::vector<bool> is_dropped = node.axes(stated, input.size());
  const bool keeps_batch = node.scope().batch_is_open() && !node.is_constant(0);
  shape result;
  for (std::size_t i = 0; i < input.size(); ++i) {
    if (is_dropped[i]) node.expect_within_image(0, i);
    if (is_dropped[i] && input[i] != 1) {
      node.place().expected("a size of 1 for axis " + std::to_string(i), std::to_string(input[i]));
    }
    const bool is_one_by_chance = stated.empty() && input[i] == 1 && !(keeps_batch && i == 0);
    if (!is_dropped[i] && !is_one_by_chance) result.push_back(input[i]);
  }
  node.give_reshaped(0, std::move(result));
}

inline void read_unsqueeze(onnx_node& node) {
  node.expect_inputs(node.opset() < 13 ? 1 : 2, node.opset() < 13 ? 1 : 2);
  const shape input = node.dimensions(0);
  const std::vector<std::int64_t> stated = read_axes(node, 13);
  if (stated.size() > 16) node.place().expected("at most 16 axes", std::to_string(stated.size()));
  const std::vector<bool> is_new = node.axes(stated, input.size() + stated.size());
  shape result;
  auto next = input.begin();
  for (std::size_t i = 0; i < is_new.size(); ++i) {
    if (is_new[i]) node.expect_within_image(0, i);
    result.push_back(is_new[i] ? 1 : *next++);
  }
  node.give_reshaped(0, std::move(result));
}

}  // namespace napier::detail
