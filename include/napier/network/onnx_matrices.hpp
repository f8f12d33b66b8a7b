#pragma once
// napier/network/onnx_matrices.hpp — ONNX's Gemm, MatMul and the additions that are a bias.
//
// What      a product by a constant matrix is a fully connected layer; any other matrix product is a matmul_layer. A constant
//           that is added right behind a product or a convolution, one value an output, is its bias
// Checked   tests/network/onnx_operators_test.cpp, tests/network/onnx_cases_test.cpp

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <napier/network/onnx_node.hpp>
#include <napier/network/onnx_operands.hpp>

namespace napier::detail {

// One value an output, as an addition to a value of `result_rank` dimensions broadcasts them: a single one, or one for each of
// the `outputs` along the last axis but `behind`. None: it is something else.
inline std::optional<std::vector<double>> as_bias(const onnx_constant& bias, std::size_t outputs,
                                                  std::size_t behind, std::size_t result_rank) {
  if (bias.dimensions.size() > result_rank) return std::nullopt;
  if (bias.values.size() == 1) return std::vector<double>(outputs, bias.values.front());
  const std::size_t rank = bias.dimensions.size();
  if (rank <= behind || bias.values.size() != outputs || bias.dimensions[rank - 1 - behind] != outputs)
    return std::nullopt;
  return bias.values;
}

// An Add of constants that alone reads the result of `layer` is its bias.
template <class Layer>
void merge_bias(onnx_node& node, Layer& layer, std::size_t outputs, std::size_t behind,
                std::size_t result_rank) {
  if (!layer.bias.empty() || node.proto().output_size() == 0) return;
  const std::string& output = node.proto().output(0);
  onnx_scope& scope = node.scope();
  const auto reader = scope.last_reader.find(output);
  if (reader == scope.last_reader.end() || scope.readers.at(output) != 1) return;
  const onnx::NodeProto& add = *reader->second;
  if (add.op_type() != "Add" || !is_default_domain(add.domain()) || add.input_size() != 2) return;
  const onnx::TensorProto* addend = scope.find_constant(add.input(add.input(0) == output ? 1 : 0));
  if (addend == nullptr) return;
  if (auto bias = as_bias(node.weights(*addend), outputs, behind, result_rank)) {
    layer.bias = std::move(*bias);
    scope.merged.insert(&add);
  }
}

// As a layer has it, outputs × inputs, from inputs × outputs.
inline std::vector<double> transposed_matrix(const std::vector<double>& values, std::size_t rows,
                                             std::size_t columns) {
  std::vector<double> result(values.size());
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) result[j * rows + i] = values[i * columns + j];
  }
  return result;
}

inline fully_connected_layer read_matrix(onnx_node& node, bool has_outputs_first) {
  onnx_constant matrix = node.weights(1);
  const shape& size = matrix.dimensions;
  if (size.size() != 2) node.place().expected("weights of 2 dimensions", to_text(size));
  fully_connected_layer result;
  result.inputs = size[has_outputs_first ? 1 : 0];
  result.outputs = size[has_outputs_first ? 0 : 1];
  result.weights =
      has_outputs_first ? std::move(matrix.values) : transposed_matrix(matrix.values, size[0], size[1]);
  return result;
}

inline onnx_value emit_fully_connected(onnx_node& node, fully_connected_layer dense,
                                       const onnx_value& input) {
  shape result = input.dimensions;
  if (result.empty()) node.place().expected("a row of inputs", "a scalar");
  if (result.size() == 1 && node.scope().batch_is_open())
    node.place().fail("it sums over axis 0, the batch; images are computed one by one");
  if (result.back() != dense.inputs) {
    node.place().expected(std::to_string(dense.inputs) + " inputs", to_text(network_shape(result)));
  }
  result.back() = dense.outputs;
  return node.emit(std::move(dense), {input.index}, std::move(result));
}

inline void multiply_all(std::vector<double>& values, double factor) {
  for (double& value : values) value *= factor;
}

// The operand of a Gemm: a matrix, transposed where an attribute says so.
inline onnx_operand read_gemm_operand(onnx_node& node, int i, const char* flag, const char* suffix) {
  onnx_operand operand = read_operand(node, i);
  if (operand.dimensions.size() != 2) node.place().expected("a matrix", to_text(operand.dimensions));
  if (!node.flag(flag)) return operand;
  if (operand.is_constant()) {
    operand.constant = transposed_matrix(operand.constant, operand.dimensions[0], operand.dimensions[1]);
    std::swap(operand.dimensions[0], operand.dimensions[1]);
    return operand;
  }
  node.expect_within_image(i, 0);
  return operand_of(node.emit_rearranged(node.value(i), transposed(operand.dimensions, {1, 0}), 0, suffix));
}

// alpha · A · B + beta · C
inline void read_gemm(onnx_node& node) {
  node.expect_inputs(node.opset() < 11 ? 3 : 2, 3);
  const double alpha = node.finite_real("alpha", 1);
  const double beta = node.finite_real("beta", 1);
  onnx_value product;
  std::optional<onnx_constant> c;
  if (node.has_input(2) && node.is_constant(2)) c = node.weights(2);
  if (node.is_constant(1)) {
    fully_connected_layer dense = read_matrix(node, node.flag("transB"));
    const onnx_operand a = read_gemm_operand(node, 0, "transA", ".transpose");
    if (a.is_constant()) node.place().fail("all its inputs are constants");
    multiply_all(dense.weights, alpha);
    if (c) {
      if (auto bias = as_bias(*c, dense.outputs, 0, 2)) {
        dense.bias = std::move(*bias);
        multiply_all(dense.bias, beta);
        c.reset();
      }
    }
    product = emit_fully_connected(node, std::move(dense), {*a.value, a.dimensions});
  } else {
    onnx_operand a = read_gemm_operand(node, 0, "transA", ".transposeA");
    const onnx_operand b = read_gemm_operand(node, 1, "transB", ".transposeB");
    if (a.is_constant()) multiply_all(a.constant, alpha);
    product = emit_matmul(node, a, b);
    if (!a.is_constant() && alpha != 1) {
      product = emit_elements(node, element_operation::multiply, operand_of(product),
                              {{}, std::nullopt, {alpha}}, ".alpha");
    }
  }
  if (c) {
    multiply_all(c->values, beta);
    product =
        emit_elements(node, element_operation::add, operand_of(product), operand_of(std::move(*c)), ".bias");
  } else if (node.has_input(2) && !node.is_constant(2)) {
    onnx_value addend = node.value(2);
    if (beta != 1) {
      addend = emit_elements(node, element_operation::multiply, operand_of(addend),
                             {{}, std::nullopt, {beta}}, ".beta");
    }
    product = emit_elements(node, element_operation::add, operand_of(product), operand_of(addend), ".bias");
  }
  node.give(std::move(product));
}

// Of two constants: a matrix or a row by a matrix or a column.
inline onnx_literal product_of_literals(onnx_node& node, const onnx_literal& a, const onnx_literal& b) {
  const auto& x = a.dimensions;
  const auto& y = b.dimensions;
  const bool are_matrices = !x.empty() && !y.empty() && x.size() <= 2 && y.size() <= 2;
  if (!are_matrices || x.back() != y.front() || !a.is_real() || a.type != b.type)
    node.place().fail("cannot multiply constant matrices of " + to_text(x) + " and " + to_text(y));
  const std::size_t columns = y.size() == 2 ? y[1] : 1;
  const std::size_t k = x.back();
  onnx_literal result{a.type, {x.begin(), x.end() - 1}, {}, {}};
  if (y.size() == 2) result.dimensions.push_back(columns);
  node.spend(element_count(result.dimensions));
  for (std::size_t i = 0; i < element_count({x.begin(), x.end() - 1}); ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      double sum = 0;
      for (std::size_t l = 0; l < k; ++l) sum += a.reals[i * k + l] * b.reals[l * columns + j];
      result.reals.push_back(onnx_rounded(a.type, sum));
    }
  }
  return result;
}

inline void read_matmul(onnx_node& node) {
  node.expect_inputs(2, 2);
  if (node.is_constant(0) && node.is_constant(1))
    return node.give_constant(product_of_literals(node, node.literal(0), node.literal(1)));
  if (node.is_constant(1) && !node.is_constant(0) && node.dimensions(1).size() == 2) {
    fully_connected_layer product = read_matrix(node, false);
    merge_bias(node, product, product.outputs, 0, node.value(0).dimensions.size());
    return node.give(emit_fully_connected(node, std::move(product), node.value(0)));
  }
  const onnx_operand a = read_operand(node, 0);
  const onnx_operand b = read_operand(node, 1);
  node.give(emit_matmul(node, a, b));
}

}  // namespace napier::detail
