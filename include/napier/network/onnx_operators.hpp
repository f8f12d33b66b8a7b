#pragma once
// napier/network/onnx_operators.hpp — what each ONNX operator becomes: a layer of napier/network/network.hpp.
//
// What      find_onnx_operator(type) gives the function that reads a node of that type; the table at the end is the list
//           of what is supported. A node that changes nothing (Identity, Dropout) has no layer: its input passes through
// Source    https://github.com/onnx/onnx/blob/main/docs/Operators.md, opset 9 to 17
// Checked   tests/network/onnx_operators_test.cpp

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <napier/network/network.hpp>
#include <napier/network/onnx_node.hpp>
#include <napier/network/onnx_windows.hpp>

namespace napier::detail {

// ---- fully connected -------------------------------------------------------------------------------------

// A bias as Gemm and Add broadcast it to batch × outputs: one value, or a row of them. None: it is something else.
inline std::optional<std::vector<double>> as_row(const onnx_constant& bias, std::size_t outputs) {
  if (bias.dimensions.size() > 2) return std::nullopt;
  if (bias.values.size() == 1) return std::vector<double>(outputs, bias.values.front());
  if (bias.values.size() != outputs || bias.dimensions.back() != outputs) return std::nullopt;
  return bias.values;
}

// As a layer has it, outputs × inputs, from inputs × outputs.
inline std::vector<double> transposed(const std::vector<double>& values, std::size_t rows,
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
  result.weights = has_outputs_first ? std::move(matrix.values) : transposed(matrix.values, size[0], size[1]);
  return result;
}

inline double read_factor(onnx_node& node, const char* name) {
  const double factor = node.real(name, 1);
  if (!std::isfinite(factor)) node.place().expected("a finite " + std::string(name), "infinity");
  return factor;
}

inline onnx_operation read_gemm(onnx_node& node) {
  node.expect_inputs(node.opset() < 11 ? 3 : 2, 3);
  node.expect_integer("transA", 0);
  fully_connected_layer gemm = read_matrix(node, node.flag("transB"));
  const double alpha = read_factor(node, "alpha");
  const double beta = read_factor(node, "beta");
  for (double& weight : gemm.weights) weight *= alpha;
  if (node.has_input(2)) {
    const onnx_constant c = node.weights(2);
    const auto bias = as_row(c, gemm.outputs);
    if (!bias)
      node.place().expected("a bias of " + std::to_string(gemm.outputs) + " values", to_text(c.dimensions));
    gemm.bias = *bias;
    for (double& b : gemm.bias) b *= beta;
  }
  return {std::move(gemm), {node.value(0)}};
}

// An Add of constants that alone reads the product is its bias.
inline void merge_bias(onnx_node& node, fully_connected_layer& product) {
  const std::string& output = node.proto().output(0);
  onnx_scope& scope = node.scope();
  const auto reader = scope.last_reader.find(output);
  if (reader == scope.last_reader.end() || scope.readers.at(output) != 1) return;
  const onnx::NodeProto& add = *reader->second;
  if (add.op_type() != "Add" || !is_default_domain(add.domain()) || add.input_size() != 2) return;
  const onnx::TensorProto* addend = scope.find_constant(add.input(add.input(0) == output ? 1 : 0));
  if (addend == nullptr) return;
  if (auto bias = as_row(node.weights(*addend), product.outputs)) {
    product.bias = std::move(*bias);
    scope.merged.insert(&add);
  }
}

inline onnx_operation read_matmul(onnx_node& node) {
  node.expect_inputs(2, 2);
  fully_connected_layer product = read_matrix(node, false);
  merge_bias(node, product);
  return {std::move(product), {node.value(0)}};
}

inline onnx_operation read_add(onnx_node& node) {
  node.expect_inputs(2, 2);
  if (node.scope().merged.contains(&node.proto()))
    return {std::nullopt, {node.value(node.is_constant(0) ? 1 : 0)}};
  for (int i = 0; i < 2; ++i) {
    if (!node.is_constant(i)) continue;
    node.place().fail("its input " + printable(node.proto().input(i)) +
                      " is a constant; that is supported only as the bias of a MatMul before it");
  }
  return {add_layer{}, {node.value(0), node.value(1)}};
}

// ---- element by element ----------------------------------------------------------------------------------

template <class Layer>
onnx_operation read_unary(onnx_node& node) {
  node.expect_inputs(1, 1);
  return {Layer{}, {node.value(0)}};
}

inline onnx_operation read_clip(onnx_node& node) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  double low = -infinity;
  double high = infinity;
  if (node.opset() < 11) {
    node.expect_inputs(1, 1);
    low = node.real("min", low);
    high = node.real("max", high);
  } else {
    node.expect_inputs(1, 3);
    if (node.has_input(1)) low = node.number(1);
    if (node.has_input(2)) high = node.number(2);
  }
  // The largest float32 is how older exporters write "no bound".
  if (low <= std::numeric_limits<float>::lowest()) low = -infinity;
  if (high >= std::numeric_limits<float>::max()) high = infinity;
  if (low == -infinity && high == infinity) return {std::nullopt, {node.value(0)}};
  if (low == 0 && high == infinity) return {relu_layer{}, {node.value(0)}};
  return {clip_layer{low, high}, {node.value(0)}};
}

inline onnx_operation read_batch_norm(onnx_node& node) {
  node.expect_inputs(5, 5);
  node.ignore("momentum");
  if (node.opset() >= 14) node.expect_integer("training_mode", 0);
  const shape& input = node.shape_of(0);
  batch_norm_layer norm;
  norm.epsilon = node.real("epsilon", static_cast<double>(1e-5F));
  norm.gamma = node.vector(1, input.front());
  norm.beta = node.vector(2, input.front());
  norm.mean = node.vector(3, input.front());
  norm.variance = node.vector(4, input.front());
  if (!(norm.epsilon >= 0 && std::isfinite(norm.epsilon))) {
    node.place().expected("epsilon of at least 0", std::to_string(norm.epsilon));
  }
  for (std::size_t i = 0; i < norm.variance.size(); ++i) {
    if (norm.variance[i] >= 0 && norm.variance[i] + norm.epsilon > 0) continue;
    node.place()
        .in("constant " + printable(node.proto().input(4)))
        .expected("variances above 0", std::to_string(norm.variance[i]) + " at index " + std::to_string(i));
  }
  return {std::move(norm), {node.value(0)}};
}

inline onnx_operation read_softmax(onnx_node& node) {
  node.expect_inputs(1, 1);
  const std::int64_t axis = node.axis(node.opset() < 13 ? 1 : -1, node.shape_of(0));
  if (axis != 1) node.place().expected("axis = 1", std::to_string(axis));
  return {softmax_layer{}, {node.value(0)}};
}

inline onnx_operation read_identity(onnx_node& node) {
  node.expect_inputs(1, 1);
  return {std::nullopt, {node.value(0)}};
}

inline onnx_operation read_dropout(onnx_node& node) {
  node.expect_inputs(1, node.opset() < 12 ? 1 : 3);
  if (node.opset() < 12) {
    node.ignore("ratio");
  } else {
    node.ignore("seed");
  }
  if (node.has_input(2) && node.integers(2, 1) != std::vector<std::int64_t>{0}) {
    node.place().fail("expected training_mode = false");
  }
  return {std::nullopt, {node.value(0)}};
}

// ---- shapes ----------------------------------------------------------------------------------------------

inline onnx_operation read_concat(onnx_node& node) {
  node.expect_inputs(1, std::numeric_limits<int>::max());
  if (!node.has_attribute("axis")) node.place().fail("its attribute axis is missing");
  const std::int64_t axis = node.axis(1, node.shape_of(0));
  if (axis != 1) node.place().expected("axis = 1", std::to_string(axis));
  onnx_operation result{concat_layer{}, {}};
  for (int i = 0; i < node.proto().input_size(); ++i) result.inputs.push_back(node.value(i));
  return result;
}

inline onnx_operation read_flatten(onnx_node& node) {
  node.expect_inputs(1, 1);
  const shape& input = node.shape_of(0);
  const std::int64_t axis = node.axis(1, input);
  if (axis != 1) node.place().expected("axis = 1", std::to_string(axis));
  return {reshape_layer{{element_count(input)}}, {node.value(0)}};
}

inline std::string target_text(const std::vector<std::int64_t>& target) {
  std::string text;
  for (const std::int64_t extent : target) text += (text.empty() ? "" : ", ") + std::to_string(extent);
  return "[" + text + "]";
}

// The shape of one image: 0 copies a dimension of the input, one -1 takes what is left.
inline shape resolve_reshape(const onnx_node& node, const std::vector<std::int64_t>& target,
                             const shape& input) {
  shape result;
  std::size_t known = 1;
  std::size_t open = target.size();  // which one is −1
  for (std::size_t i = 1; i < target.size(); ++i) {
    std::size_t extent = 1;
    if (target[i] == -1) {
      if (open != target.size() || target[0] == -1)
        node.place().expected("one -1 in the shape", target_text(target));
      open = i;
    } else if (target[i] == 0 ? i > input.size() : target[i] < 0) {
      node.place().expected("a shape of sizes, 0 or -1", target_text(target));
    } else {
      extent = target[i] == 0 ? input[i - 1] : static_cast<std::size_t>(target[i]);
    }
    if (extent > onnx_max_elements / known)
      node.place().fail("the shape " + target_text(target) + " is too large");
    known *= extent;
    result.push_back(extent);
  }
  if (open != target.size()) result[open - 1] = element_count(input) / known;
  return result;
}

inline onnx_operation read_reshape(onnx_node& node) {
  node.expect_inputs(2, 2);
  const std::vector<std::int64_t> target = node.integers(1, 64);
  const bool takes_zero_literally = node.opset() >= 14 && node.flag("allowzero");
  if (takes_zero_literally && std::count(target.begin(), target.end(), 0) != 0) {
    node.place().fail("allowzero = 1 with a dimension of 0 is not supported");
  }
  if (target.size() < 2 || target.size() > 4) {
    node.place().expected("a shape of the batch and 1 to 3 dimensions", target_text(target));
  }
  const std::int64_t batch = node.scope().batch == 0 ? 1 : node.scope().batch;
  if (target[0] != 0 && target[0] != -1 && target[0] != batch) {
    node.place().expected("a shape with the batch first (0, -1 or " + std::to_string(batch) + ")",
                          target_text(target));
  }
  return {reshape_layer{resolve_reshape(node, target, node.shape_of(0))}, {node.value(0)}};
}

// ---- the table -------------------------------------------------------------------------------------------

using onnx_read = onnx_operation (*)(onnx_node&);

struct onnx_operator {
  std::string_view type;
  onnx_read read;
};

inline constexpr std::array onnx_operators{
    onnx_operator{"Add", read_add},
    onnx_operator{"AveragePool", read_pool<average_pool_layer>},
    onnx_operator{"BatchNormalization", read_batch_norm},
    onnx_operator{"Clip", read_clip},
    onnx_operator{"Concat", read_concat},
    onnx_operator{"Conv", read_conv},
    onnx_operator{"Dropout", read_dropout},
    onnx_operator{"Flatten", read_flatten},
    onnx_operator{"Gemm", read_gemm},
    onnx_operator{"GlobalAveragePool", read_unary<global_average_pool_layer>},
    onnx_operator{"Identity", read_identity},
    onnx_operator{"MatMul", read_matmul},
    onnx_operator{"MaxPool", read_pool<max_pool_layer>},
    onnx_operator{"Relu", read_unary<relu_layer>},
    onnx_operator{"Reshape", read_reshape},
    onnx_operator{"Sigmoid", read_unary<sigmoid_layer>},
    onnx_operator{"Softmax", read_softmax},
    onnx_operator{"Tanh", read_unary<tanh_layer>},
};

inline onnx_operation read_operator(onnx_node& node) {
  const std::string& type = node.proto().op_type();
  if (is_default_domain(node.proto().domain())) {
    for (const onnx_operator& known : onnx_operators) {
      if (known.type != type) continue;
      onnx_operation result = known.read(node);
      node.finish();
      return result;
    }
  }
  std::string supported = "Constant";
  for (const onnx_operator& known : onnx_operators) supported += ", " + std::string(known.type);
  const std::string domain =
      is_default_domain(node.proto().domain()) ? "" : " of " + printable(node.proto().domain());
  node.place().fail("this operator" + domain + " is not supported; supported are " + supported);
}

}  // namespace napier::detail
