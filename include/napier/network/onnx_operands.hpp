#pragma once
// napier/network/onnx_operands.hpp — sums, products and matrix products of two inputs of an ONNX node, constant or computed.
//
// What      emit_elements and emit_matmul add the layer that combines two operands as ONNX broadcasts them
// Checked   tests/network/onnx_operators_test.cpp, tests/network/onnx_cases_test.cpp

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <napier/network/onnx_node.hpp>

namespace napier::detail {

struct onnx_operand {
  shape dimensions;
  std::optional<std::size_t> value;  // in the network; none: a constant
  std::vector<double> constant;

  bool is_constant() const { return !value; }
  broadcast_operand to_rank(std::size_t rank) const { return {aligned(dimensions, rank), constant}; }
};

inline onnx_operand operand_of(const onnx_value& value) { return {value.dimensions, value.index, {}}; }

inline onnx_operand operand_of(onnx_constant constant) {
  return {std::move(constant.dimensions), std::nullopt, std::move(constant.values)};
}

inline onnx_operand read_operand(onnx_node& node, int i) {
  return node.is_constant(i) ? operand_of(node.weights(i)) : operand_of(node.value(i));
}

// Beside a computed operand of `rank` dimensions.
inline onnx_operand read_operand(onnx_node& node, int i, std::size_t rank) {
  return node.is_constant(i) ? operand_of(node.weights_of_image(i, rank)) : operand_of(node.value(i));
}

// Axis 0 of the result is the batch: so it has to be of each computed operand, and a constant is the same for all images.
inline void expect_batch_kept(const onnx_node& node, bool is_open, const onnx_operand& a,
                              const onnx_operand& b, std::size_t rank) {
  if (!is_open) return;
  for (const onnx_operand* operand : {&a, &b}) {
    const bool keeps = operand->is_constant() ? operand->dimensions.size() < rank || rank == 0 ||
                                                    operand->dimensions.front() == 1
                                              : operand->dimensions.size() == rank;
    if (keeps) continue;
    node.place().fail("operands of " + to_text(a.dimensions) + " and " + to_text(b.dimensions) +
                      " (with a batch of 1) mix the images of a batch");
  }
}

inline std::vector<std::size_t> inputs_of(const onnx_operand& a, const onnx_operand& b) {
  std::vector<std::size_t> inputs;
  if (a.value) inputs.push_back(*a.value);
  if (b.value) inputs.push_back(*b.value);
  return inputs;
}

inline onnx_value emit_elements(onnx_node& node, element_operation operation, const onnx_operand& a,
                                const onnx_operand& b, const char* suffix = "") {
  const shape result = broadcast_dimensions(a.dimensions, b.dimensions);
  expect_batch_kept(node, node.scope().batch_is_open(), a, b, result.size());
  if (operation == element_operation::add && a.value && b.value && a.dimensions == b.dimensions)
    return node.emit(add_layer{}, {*a.value, *b.value}, result, suffix);
  return node.emit(
      broadcast_layer{operation, a.to_rank(result.size()), b.to_rank(result.size()), network_shape(result)},
      inputs_of(a, b), result, suffix);
}

// As numpy's matmul: a vector is a row on the left, a column on the right.
inline onnx_value emit_matmul(onnx_node& node, onnx_operand a, onnx_operand b, const char* suffix = "") {
  const bool drops_row = a.dimensions.size() == 1;
  const bool drops_column = b.dimensions.size() == 1;
  if (a.dimensions.empty() || b.dimensions.empty()) node.place().fail("it multiplies a scalar");
  const bool is_open = node.scope().batch_is_open();
  // The batch of these is the dimension that is summed over.
  const bool sums_images = (a.value && drops_row) || (b.value && b.dimensions.size() <= 2);
  if (is_open && sums_images)
    node.place().fail("it sums over axis 0, the batch; images are computed one by one");
  if (drops_row) a.dimensions.insert(a.dimensions.begin(), 1);
  if (drops_column) b.dimensions.push_back(1);
  const std::size_t rank = std::max(a.dimensions.size(), b.dimensions.size());
  const std::size_t k = a.dimensions.back();
  if (k != b.dimensions[b.dimensions.size() - 2]) {
    node.place().fail("cannot multiply matrices of " + to_text(a.dimensions) + " and " +
                      to_text(b.dimensions));
  }
  const shape a_batch(a.dimensions.begin(), a.dimensions.end() - 2);
  const shape b_batch(b.dimensions.begin(), b.dimensions.end() - 2);
  shape product = broadcast_dimensions(a_batch, b_batch);
  product.push_back(a.dimensions[a.dimensions.size() - 2]);
  product.push_back(b.dimensions.back());
  if (rank > 2 || !b.is_constant()) expect_batch_kept(node, is_open, a, b, rank);
  shape result = product;
  if (drops_row) result.erase(result.end() - 2);
  if (drops_column) result.pop_back();
  const broadcast_operand left = a.to_rank(rank);
  const broadcast_operand right = b.to_rank(rank);
  return node.emit(matmul_layer{left, right, network_shape(product)}, inputs_of(a, b), result, suffix);
}

}  // namespace napier::detail
