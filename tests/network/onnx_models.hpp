#pragma once
// Small ONNX models built in memory, for the tests of read_onnx.

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include <onnx/onnx_pb.h>

#include <napier/network/onnx.hpp>

namespace onnx_models {

using names = std::vector<std::string>;
using integers = std::vector<std::int64_t>;

// Reads x, batch × dimensions, and gives y.
class builder {
 public:
  explicit builder(int opset = 13, const integers& dimensions = {3, 8, 8}) {
    model.set_ir_version(7);
    auto* import = model.add_opset_import();
    import->set_domain("");
    import->set_version(opset);
    auto* input = graph().add_input();
    input->set_name("x");
    auto* type = input->mutable_type()->mutable_tensor_type();
    type->set_elem_type(onnx::TensorProto::FLOAT);
    type->mutable_shape()->add_dim()->set_dim_param("N");
    for (const std::int64_t extent : dimensions) type->mutable_shape()->add_dim()->set_dim_value(extent);
    graph().add_output()->set_name("y");
  }

  onnx::GraphProto& graph() { return *model.mutable_graph(); }
  onnx::TensorShapeProto& input_shape() {
    return *graph().mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape();
  }

  onnx::NodeProto& node(const std::string& type, const names& inputs = {"x"}, const names& outputs = {"y"},
                        const std::string& name = "n1") {
    auto* node = graph().add_node();
    node->set_op_type(type);
    node->set_name(name);
    for (const std::string& input : inputs) node->add_input(input);
    for (const std::string& output : outputs) node->add_output(output);
    return *node;
  }

  onnx::TensorProto& weights(const std::string& name, const integers& dimensions,
                             const std::vector<float>& values) {
    auto* tensor = graph().add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(onnx::TensorProto::FLOAT);
    for (const std::int64_t extent : dimensions) tensor->add_dims(extent);
    for (const float value : values) tensor->add_float_data(value);
    return *tensor;
  }
  // 1, 2, 3, …
  onnx::TensorProto& weights(const std::string& name, const integers& dimensions) {
    std::size_t count = 1;
    for (const std::int64_t extent : dimensions) count *= static_cast<std::size_t>(extent);
    std::vector<float> values(count);
    for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<float>(i + 1);
    return weights(name, dimensions, values);
  }
  onnx::TensorProto& raw_weights(const std::string& name, const integers& dimensions,
                                 const std::vector<float>& values) {
    auto& tensor = weights(name, dimensions, {});
    std::string bytes(values.size() * sizeof(float), '\0');
    std::memcpy(bytes.data(), values.data(), bytes.size());
    tensor.set_raw_data(bytes);
    return tensor;
  }
  onnx::TensorProto& sizes(const std::string& name, const integers& values) {
    auto* tensor = graph().add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(onnx::TensorProto::INT64);
    tensor->add_dims(static_cast<std::int64_t>(values.size()));
    for (const std::int64_t value : values) tensor->add_int64_data(value);
    return *tensor;
  }

  std::string bytes() const { return model.SerializeAsString(); }
  napier::network read() const { return napier::read_onnx_bytes(bytes(), "model.onnx"); }
  // The message of the error, or what was read instead.
  std::string problem() const {
    try {
      return "no error, output " + napier::to_text(read().output_shape());
    } catch (const napier::model_error& error) {
      return error.what();
    }
  }

  onnx::ModelProto model;
};

inline onnx::AttributeProto& attribute(onnx::NodeProto& node, const std::string& name,
                                       onnx::AttributeProto::AttributeType type) {
  auto* result = node.add_attribute();
  result->set_name(name);
  result->set_type(type);
  return *result;
}
inline void set(onnx::NodeProto& node, const std::string& name, int value) {
  attribute(node, name, onnx::AttributeProto::INT).set_i(value);
}
inline void set(onnx::NodeProto& node, const std::string& name, float value) {
  attribute(node, name, onnx::AttributeProto::FLOAT).set_f(value);
}
inline void set(onnx::NodeProto& node, const std::string& name, const char* value) {
  attribute(node, name, onnx::AttributeProto::STRING).set_s(value);
}
inline void set(onnx::NodeProto& node, const std::string& name, const integers& values) {
  auto& result = attribute(node, name, onnx::AttributeProto::INTS);
  for (const std::int64_t value : values) result.add_ints(value);
}

// A model with every operator, as opset 9 or 17 writes it; 2 classes.
inline builder every_operator(int opset) {
  builder m(opset, {3, 8, 8});
  const bool is_old = opset < 11;
  m.raw_weights("conv.w", {4, 3, 3, 3}, std::vector<float>(108, 0.125F));
  m.weights("conv.b", {4});
  auto& conv = m.node("Conv", {"x", "conv.w", "conv.b"}, {"conv"}, "conv");
  set(conv, "pads", {1, 1, 1, 1});
  for (const char* name : {"gamma", "beta", "mean", "var"}) m.weights(name, {4});
  auto& norm = m.node("BatchNormalization", {"conv", "gamma", "beta", "mean", "var"}, {"norm"}, "norm");
  set(norm, "epsilon", 0.5F);
  m.node("Relu", {"norm"}, {"relu"}, "relu");
  m.node("Sigmoid", {"relu"}, {"sigmoid"}, "sigmoid");
  m.node("Tanh", {"relu"}, {"tanh"}, "tanh");
  m.node("Add", {"sigmoid", "tanh"}, {"add"}, "add");
  auto& clip = m.node("Clip", {"add"}, {"clip"}, "clip");
  if (is_old) {
    set(clip, "min", 0.0F);
    set(clip, "max", 6.0F);
  } else {
    m.weights("low", {}, {0});
    m.weights("high", {1}, {6});
    clip.add_input("low");
    clip.add_input("high");
  }
  auto& max_pool = m.node("MaxPool", {"clip"}, {"max"}, "max");
  set(max_pool, "kernel_shape", {2, 2});
  set(max_pool, "strides", {2, 2});
  auto& average_pool = m.node("AveragePool", {"clip"}, {"average"}, "average");
  set(average_pool, "kernel_shape", {2, 2});
  set(average_pool, "strides", {2, 2});
  auto& concat = m.node("Concat", {"max", "average"}, {"concat"}, "concat");
  set(concat, "axis", 1);
  m.node("Identity", {"concat"}, {"identity"}, "identity");
  m.node("GlobalAveragePool", {"identity"}, {"pooled"}, "pooled");
  m.node("Flatten", {"pooled"}, {"flat"}, "flatten");
  m.node("Dropout", {"flat"}, {"dropped"}, "dropout");
  m.weights("gemm.w", {6, 8});
  m.weights("gemm.b", {6});
  auto& gemm = m.node("Gemm", {"dropped", "gemm.w", "gemm.b"}, {"gemm"}, "gemm");
  set(gemm, "transB", 1);
  auto& target = m.node("Constant", {}, {"target"}, "target");
  *attribute(target, "value", onnx::AttributeProto::TENSOR).mutable_t() = [] {
    builder other;
    return other.sizes("", {-1, 6});
  }();
  m.node("Reshape", {"gemm", "target"}, {"reshaped"}, "reshape");
  m.weights("matmul.w", {6, 2});
  m.weights("matmul.b", {2});
  m.node("MatMul", {"reshaped", "matmul.w"}, {"matmul"}, "matmul");
  m.node("Add", {"matmul", "matmul.b"}, {"logits"}, "bias");
  auto& softmax = m.node("Softmax", {"logits"}, {"y"}, "softmax");
  set(softmax, "axis", opset < 13 ? 1 : -1);
  return m;
}

}  // namespace onnx_models
