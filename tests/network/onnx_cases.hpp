#pragma once
// ONNX's official test cases of single operators (Debian: libonnx-testdata), made into models that napier can run.

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <onnx/onnx_pb.h>

#include <napier/network/onnx.hpp>

namespace onnx_cases {

inline const std::filesystem::path folder = "/usr/share/libonnx-testdata/data/node";

struct official_case {
  std::string name;
  onnx::ModelProto model;
  std::vector<std::optional<onnx::TensorProto>> inputs;   // none: no tensor
  std::vector<std::optional<onnx::TensorProto>> outputs;  // expected

  // The operator of its only node; "several" of more.
  std::string operator_type() const {
    return model.graph().node_size() == 1 ? model.graph().node(0).op_type() : "several";
  }
};

inline std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(path.string() + " cannot be opened");
  return {std::istreambuf_iterator<char>(file), {}};
}

inline std::vector<std::optional<onnx::TensorProto>> tensors_of(
    const std::filesystem::path& test, const std::string& kind,
    const google::protobuf::RepeatedPtrField<onnx::ValueInfoProto>& values) {
  std::vector<std::optional<onnx::TensorProto>> result;
  for (int i = 0; i < values.size(); ++i) {
    const auto path = test / "test_data_set_0" / (kind + "_" + std::to_string(i) + ".pb");
    onnx::TensorProto tensor;
    const bool is_tensor = values.Get(i).type().has_tensor_type() && std::filesystem::exists(path) &&
                           tensor.ParseFromString(bytes_of(path));
    result.push_back(is_tensor ? std::optional(tensor) : std::nullopt);
    if (!is_tensor) continue;
    result.back()->set_name(values.Get(i).name());
    // bfloat16 is stored as uint16
    result.back()->set_data_type(values.Get(i).type().tensor_type().elem_type());
  }
  return result;
}

inline official_case read_case(const std::filesystem::path& test) {
  official_case result{test.filename().string(), {}, {}, {}};
  if (!result.model.ParseFromString(bytes_of(test / "model.onnx"))) throw std::runtime_error(test.string());
  for (auto& import : *result.model.mutable_opset_import()) {
    // Operators are the same in opset 9 as in an older one that a case states (it has no other cases).
    const bool is_old = import.domain().empty() && import.version() < napier::oldest_onnx_opset;
    if (is_old) import.set_version(napier::oldest_onnx_opset);
  }
  result.inputs = tensors_of(test, "input", result.model.graph().input());
  result.outputs = tensors_of(test, "output", result.model.graph().output());
  return result;
}

// A model of a case, and the one input that it takes.
struct runnable {
  std::string what;
  onnx::ModelProto model;
  std::vector<float> input;
  bool is_batch = false;       // axis 0 of the case's first input is the batch
  bool has_same_shape = true;  // the output has the shape that is expected
};

inline onnx::TensorProto integers_of(const std::string& name, const std::vector<std::int64_t>& values) {
  onnx::TensorProto tensor;
  tensor.set_name(name);
  tensor.set_data_type(onnx::TensorProto::INT64);
  tensor.add_dims(static_cast<std::int64_t>(values.size()));
  for (const std::int64_t value : values) tensor.add_int64_data(value);
  return tensor;
}

inline std::vector<double> values_of(const onnx::TensorProto& tensor) {
  const napier::detail::onnx_literal literal =
      napier::detail::onnx_tensor_reader(tensor, napier::detail::onnx_place("test data")).literal();
  std::vector<double> values = literal.reals;
  for (const std::int64_t value : literal.integers) values.push_back(static_cast<double>(value));
  return values;
}

class case_models {
 public:
  explicit case_models(const official_case& official, std::size_t output) : case_(official), output_(output) {
    for (const auto& import : official.model.opset_import()) {
      if (import.domain().empty() || import.domain() == "ai.onnx") opset_ = import.version();
    }
    for (std::size_t i = 0; i < case_.inputs.size(); ++i) {
      if (is_float(i)) floats_.push_back(i);
    }
  }

  // The first input as the network's, its axis 0 the batch; each float input alone as the network's and the others constant;
  // all float inputs; and none: what is folded is added to the input.
  std::vector<runnable> all() const {
    std::vector<runnable> result;
    if (is_float(0) && case_.inputs[0]->dims_size() >= 2 && case_.inputs[0]->dims(0) > 0)
      result.push_back(batch());
    for (const std::size_t i : floats_) result.push_back(values({i}, "input " + std::to_string(i)));
    if (floats_.size() > 1) result.push_back(values(floats_, "all inputs"));
    result.push_back(values({}, "constants"));
    return result;
  }

 private:
  bool is_float(std::size_t i) const {
    return i < case_.inputs.size() && case_.inputs[i] &&
           case_.inputs[i]->data_type() == onnx::TensorProto::FLOAT;
  }

  onnx::ModelProto only_output() const {
    onnx::ModelProto model = case_.model;
    auto& outputs = *model.mutable_graph()->mutable_output();
    const onnx::ValueInfoProto kept = outputs.Get(static_cast<int>(output_));
    outputs.Clear();
    *outputs.Add() = kept;
    return model;
  }

  void take_input(runnable& result, std::size_t i) const {
    for (const double value : values_of(*case_.inputs[i])) result.input.push_back(static_cast<float>(value));
  }

  runnable batch() const {
    runnable result{"batch", only_output(), {}, true, true};
    auto& graph = *result.model.mutable_graph();
    for (std::size_t i = 1; i < case_.inputs.size(); ++i) {
      if (case_.inputs[i]) *graph.add_initializer() = *case_.inputs[i];
    }
    take_input(result, 0);
    return result;
  }

  // One input, 1 × all values and a zero, of which the case's inputs are cut out.
  runnable values(const std::vector<std::size_t>& computed, const std::string& what) const {
    runnable result{what, only_output(), {}, false, true};
    auto& graph = *result.model.mutable_graph();
    std::vector<onnx::NodeProto> nodes(graph.node().begin(), graph.node().end());
    graph.clear_node();
    graph.clear_input();
    for (std::size_t i = 0; i < case_.inputs.size(); ++i) {
      if (!case_.inputs[i]) continue;
      if (std::find(computed.begin(), computed.end(), i) == computed.end()) {
        *graph.add_initializer() = *case_.inputs[i];
        continue;
      }
      const std::size_t first = result.input.size();
      take_input(result, i);
      cut(graph, first, result.input.size(), "cut" + std::to_string(i));
      auto& reshape = *graph.add_node();
      reshape.set_op_type("Reshape");
      reshape.add_input("cut" + std::to_string(i));
      reshape.add_input("shape" + std::to_string(i));
      reshape.add_output(case_.inputs[i]->name());
      *graph.add_initializer() = integers_of(
          "shape" + std::to_string(i), {case_.inputs[i]->dims().begin(), case_.inputs[i]->dims().end()});
    }
    for (const auto& node : nodes) *graph.add_node() = node;
    result.input.push_back(0);
    if (computed.empty()) add_zero(result, graph);
    auto& input = *graph.add_input();
    input.set_name("all values");
    auto& type = *input.mutable_type()->mutable_tensor_type();
    type.set_elem_type(onnx::TensorProto::FLOAT);
    type.mutable_shape()->add_dim()->set_dim_value(1);
    type.mutable_shape()->add_dim()->set_dim_value(static_cast<std::int64_t>(result.input.size()));
    return result;
  }

  void cut(onnx::GraphProto& graph, std::size_t first, std::size_t last, const std::string& name) const {
    auto& slice = *graph.add_node();
    slice.set_op_type("Slice");
    slice.add_input("all values");
    slice.add_output(name);
    const std::pair<const char*, std::int64_t> arguments[] = {
        {"starts", static_cast<std::int64_t>(first)}, {"ends", static_cast<std::int64_t>(last)}, {"axes", 1}};
    for (const auto& [argument, value] : arguments) {
      if (opset_ < 10) {
        auto& attribute = *slice.add_attribute();
        attribute.set_name(argument);
        attribute.set_type(onnx::AttributeProto::INTS);
        attribute.add_ints(value);
      } else {
        slice.add_input(name + argument);
        *graph.add_initializer() = integers_of(name + argument, {value});
      }
    }
  }

  void add_zero(runnable& result, onnx::GraphProto& graph) const {
    result.has_same_shape = false;
    cut(graph, 0, 1, "zero");
    auto& cast = *graph.add_node();
    cast.set_op_type("Cast");
    cast.add_input(graph.output(0).name());
    cast.add_output("as float");
    auto& to = *cast.add_attribute();
    to.set_name("to");
    to.set_type(onnx::AttributeProto::INT);
    to.set_i(onnx::TensorProto::FLOAT);
    auto& add = *graph.add_node();
    add.set_op_type("Add");
    add.add_input("as float");
    add.add_input("zero");
    add.add_output("case sum");
    graph.mutable_output(0)->set_name("case sum");
  }

  const official_case& case_;
  std::size_t output_;
  std::int64_t opset_ = 0;
  std::vector<std::size_t> floats_;
};

}  // namespace onnx_cases
