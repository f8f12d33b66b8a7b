#pragma once
// napier/network/onnx_shapes.hpp — ONNX's operators that give the elements other dimensions and leave their order.
//
// What      Flatten, Reshape, Squeeze, Unsqueeze: of constants they give constants, of computed values a reshape
// Checked   tests/network/onnx_operators_test.cpp, tests/network/onnx_cases_test.cpp

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <napier/network/network.hpp>
#include <napier/network/onnx_node.hpp>
#include <napier/network/onnx_reductions.hpp>

namespace napier::detail {

inline void read_flatten(onnx_node& node) {
  node.expect_inputs(1, 1);
  const shape input = node.dimensions(0);
  const std::int64_t stated = node.integer("axis", 1);
  const auto rank = static_cast<std::int64_t>(input.size());
  const std::size_t axis = stated == rank ? input.size() : node.axis(stated, input.size());
  node.expect_within_image(0, axis);
  if (!node.is_constant(0)) (void)node.value(0);  // images along axis 0
  const auto middle = input.begin() + static_cast<std::ptrdiff_t>(axis);
  node.give_reshaped(0, {element_count({input.begin(), middle}), element_count({middle, input.end()})});
}

// 0 copies a dimension of the input, one -1 takes what is left. Of all images: with the model's batch.
inline shape resolve_reshape(const onnx_node& node, const std::vector<std::int64_t>& target,
                             const shape& input, bool takes_zero_literally) {
  const std::string text = list_text(target);
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
  shape input = node.dimensions(0);
  const std::optional<std::size_t> axis = node.batch_axis(0);
  if (!axis) return node.give_reshaped(0, resolve_reshape(node, target, input, takes_zero_literally));
  // The elements keep their order: the images stay apart where as many elements as before stand in front of an axis that the
  // batch divides.
  const std::size_t images = node.scope().images();
  const std::size_t before =
      element_count({input.begin(), input.begin() + static_cast<std::ptrdiff_t>(*axis)});
  input[*axis] *= images;
  shape result = resolve_reshape(node, target, input, takes_zero_literally);
  std::size_t passed = 1;
  for (std::size_t i = 0; i < result.size(); passed *= result[i++]) {
    if (passed != before || result[i] % images != 0) continue;
    result[i] /= images;
    return node.give_reshaped(0, std::move(result), i);
  }
  const std::string first = images == 1 ? "" : ", such as " + std::to_string(images) + " as the first size";
  node.place().expected("a shape that keeps the images of a batch apart" + first, list_text(target));
}

inline void read_squeeze(onnx_node& node) {
  node.expect_inputs(1, node.opset() < 13 ? 1 : 2);
  const shape input = node.dimensions(0);
  const std::vector<std::int64_t> stated = read_axes(node, 13);
  const std::vector<bool> is_dropped = node.axes(stated, input.size());
  const std::optional<std::size_t> batch = node.batch_axis(0);
  std::size_t batch_axis = 0;
  shape result;
  for (std::size_t i = 0; i < input.size(); ++i) {
    if (is_dropped[i]) node.expect_within_image(0, i);
    if (is_dropped[i] && input[i] != 1) {
      node.place().expected("a size of 1 for axis " + std::to_string(i), std::to_string(input[i]));
    }
    const bool is_one_by_chance = stated.empty() && input[i] == 1 && batch != i;
    if (batch == i) batch_axis = result.size();
    if (!is_dropped[i] && !is_one_by_chance) result.push_back(input[i]);
  }
  node.give_reshaped(0, std::move(result), batch_axis);
}

inline void read_unsqueeze(onnx_node& node) {
  node.expect_inputs(node.opset() < 13 ? 1 : 2, node.opset() < 13 ? 1 : 2);
  const shape input = node.dimensions(0);
  const std::vector<std::int64_t> stated = read_axes(node, 13);
  if (stated.size() > 16) node.place().expected("at most 16 axes", std::to_string(stated.size()));
  const std::vector<bool> is_new = node.axes(stated, input.size() + stated.size());
  shape result;
  const std::optional<std::size_t> batch = node.batch_axis(0);
  std::size_t batch_axis = 0;
  std::size_t next = 0;
  for (std::size_t i = 0; i < is_new.size(); ++i) {
    if (!is_new[i] && batch == next) batch_axis = i;
    result.push_back(is_new[i] ? 1 : input[next++]);
  }
  node.give_reshaped(0, std::move(result), batch_axis);
}

}  // namespace napier::detail
