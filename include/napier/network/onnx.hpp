#pragma once
// napier/network/onnx.hpp — read_onnx: a network from an ONNX model.
//
// What      opset 9 to 18 of the default domain, float32 weights in the file itself or in data files beside it, one input (batch
//           first; its other sizes are known) and one output. Operators: network/onnx_operators.hpp. What is computed from
//           constants and shapes alone is folded. Names, operator types and order are the file's; an unnamed node is called by
//           its type and its position, e.g. Conv_3. Constants added behind a product or a convolution become its bias
// Errors    model_error, one line: file, node, what was expected and what was found. Anything not understood is an error
// Needs     napier::onnx (Debian: libonnx-dev, libprotobuf-dev)
// Checked   tests/network/onnx_test.cpp, tests/network/onnx_hostile_test.cpp, tests/network/onnx_cases_test.cpp

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_set>
#include <utility>
#include <vector>

#include <google/protobuf/stubs/logging.h>
#include <onnx/onnx_pb.h>

#include <napier/core/error.hpp>
#include <napier/network/network.hpp>
#include <napier/network/onnx_external.hpp>
#include <napier/network/onnx_node.hpp>
#include <napier/network/onnx_operators.hpp>
#include <napier/network/onnx_tensor.hpp>

namespace napier {

inline constexpr std::int64_t oldest_onnx_opset = 9;
inline constexpr std::int64_t newest_onnx_opset = 18;

// 2 GiB of doubles; VGG-16 has 138 million.
inline constexpr std::size_t max_onnx_weights = std::size_t{1} << 28;

namespace detail {

class onnx_graph_reader {
 public:
  onnx_graph_reader(const onnx::ModelProto& model, const std::string& source, std::size_t max_weights)
      : graph_(model.graph()), place_(source), input_(find_input()), scope_(network(source, input_shape())) {
    scope_.opset = find_opset(model);
    scope_.batch = fixed_batch();
    scope_.weights_left = max_weights;
    if (graph_.sparse_initializer_size() != 0) place_.fail("sparse initializers are not supported");
    name_nodes();
    count_readers();
    shape dimensions{1};
    dimensions.insert(dimensions.end(), scope_.model.input_shape().begin(), scope_.model.input_shape().end());
    scope_.values.emplace(input_.name(), onnx_value{0, std::move(dimensions)});
    collect_constants();
  }

  network read() && {
    const std::string& output = output_name();
    for (int i = 0; i < graph_.node_size(); ++i)
      read_node(graph_.node(i), names_[static_cast<std::size_t>(i)]);
    const auto found = scope_.values.find(output);
    if (found == scope_.values.end()) {
      if (scope_.find_constant(output) != nullptr)
        place_.fail("the output " + printable(output) + " is a constant: it does not depend on the input");
      place_.fail("the output " + printable(output) + " is not computed by any node");
    }
    scope_.model.set_output(found->second.index);
    return std::move(scope_.model);
  }

 private:
  std::int64_t find_opset(const onnx::ModelProto& model) const {
    const std::string range = std::to_string(oldest_onnx_opset) + " to " + std::to_string(newest_onnx_opset);
    std::string found;
    std::int64_t opset = 0;
    for (const auto& import : model.opset_import()) {
      if (!is_default_domain(import.domain())) continue;
      opset = import.version();
      found += (found.empty() ? "" : " and ") + std::to_string(opset);
    }
    if (found != std::to_string(opset) || opset < oldest_onnx_opset || opset > newest_onnx_opset) {
      place_.expected("opset " + range, found.empty() ? "none" : found);
    }
    return opset;
  }

  // ---- input and output ---------------------------------------------------------------------------------
  const onnx::ValueInfoProto& find_input() const {
    std::unordered_set<std::string> initializers;
    for (const auto& tensor : graph_.initializer()) initializers.insert(tensor.name());
    const onnx::ValueInfoProto* found = nullptr;
    int count = 0;
    for (const auto& input : graph_.input()) {
      if (initializers.contains(input.name())) continue;
      found = &input;
      ++count;
    }
    if (count != 1) place_.expected("one input", std::to_string(count));
    return *found;
  }

  const onnx::TensorShapeProto& declared_shape() const {
    const std::string name = "the input " + printable(input_.name());
    const auto& type = input_.type().tensor_type();
    if (!input_.type().has_tensor_type() || type.elem_type() != onnx::TensorProto::FLOAT) {
      place_.fail(name + " is no tensor of FLOAT");
    }
    if (type.shape().dim_size() < 2 || type.shape().dim_size() > 8) {
      place_.expected(name + " to have 2 to 8 dimensions, such as batch, channels, height, width",
                      std::to_string(type.shape().dim_size()));
    }
    return type.shape();
  }

  shape input_shape() const {
    const onnx::TensorShapeProto& declared = declared_shape();
    const std::string name = "the input " + printable(input_.name());
    shape result;
    for (int i = 1; i < declared.dim_size(); ++i) {
      const auto& dimension = declared.dim(i);
      if (!dimension.has_dim_value() || dimension.dim_value() <= 0) {
        const std::string found = dimension.has_dim_value() ? std::to_string(dimension.dim_value()) : "none";
        place_.expected("a size above 0 for dimension " + std::to_string(i) + " of " + name, found);
      }
      result.push_back(static_cast<std::size_t>(dimension.dim_value()));
    }
    if (!has_at_most(onnx_max_elements, result)) {
      place_.expected(name + " to have at most " + std::to_string(onnx_max_elements) + " elements",
                      to_text(result));
    }
    return result;
  }

  std::int64_t fixed_batch() const {
    const auto& batch = declared_shape().dim(0);
    return batch.has_dim_value() && batch.dim_value() > 0 ? batch.dim_value() : 0;
  }

  const std::string& output_name() const {
    if (graph_.output_size() != 1) place_.expected("one output", std::to_string(graph_.output_size()));
    return graph_.output(0).name();
  }

  // ---- nodes --------------------------------------------------------------------------------------------
  void name_nodes() {
    std::unordered_set<std::string> taken;
    for (const auto& node : graph_.node()) taken.insert(printable(node.name()));
    for (int i = 0; i < graph_.node_size(); ++i) {
      std::string name = printable(graph_.node(i).name());
      if (name.empty()) {
        name = printable(graph_.node(i).op_type()) + "_" + std::to_string(i);
        while (taken.contains(name)) name += "_";
      }
      names_.push_back(std::move(name));
    }
  }

  onnx_node node_at(int i) { return onnx_node(scope_, graph_.node(i), names_[static_cast<std::size_t>(i)]); }

  static bool is_of_type(const onnx::NodeProto& node, const char* type) {
    return node.op_type() == type && is_default_domain(node.domain());
  }

  // Initializers, the outputs of Constant, and what is computed from constants alone.
  void collect_constants() {
    for (const auto& tensor : graph_.initializer()) {
      if (!scope_.constants.emplace(tensor.name(), &tensor).second) {
        place_.fail("the initializer " + printable(tensor.name()) + " is there twice");
      }
    }
    for (int i = 0; i < graph_.node_size(); ++i) {
      const onnx::NodeProto& proto = graph_.node(i);
      onnx_node node = node_at(i);
      if (is_of_type(proto, "Constant")) {
        node.expect_inputs(0, 0);
        expect_output(node);
        node.give_constant(*read_constant(node));
        is_constant_.insert(&proto);
      } else if (folds(node)) {
        expect_output(node);
        read_operator(node);
        is_constant_.insert(&proto);
      }
    }
  }

  static bool folds(const onnx_node& node) {
    const onnx_operator* known = find_operator(node.proto());
    if (known == nullptr || !known->folds || node.proto().input_size() == 0) return false;
    for (int i = 0; i < node.proto().input_size(); ++i) {
      if (node.has_input(i) && !node.is_constant(i)) return false;
    }
    return true;
  }

  const onnx::TensorProto* read_constant(const onnx_node& node) {
    if (node.proto().attribute_size() != 1) {
      node.place().expected("one attribute", std::to_string(node.proto().attribute_size()));
    }
    const onnx::AttributeProto& attribute = node.proto().attribute(0);
    if (attribute.name() == "value" && attribute.has_t()) return &attribute.t();
    onnx::TensorProto tensor;
    tensor.set_name(node.proto().output_size() == 0 ? "" : node.proto().output(0));
    if (attribute.name() == "value_float" || attribute.name() == "value_floats") {
      tensor.set_data_type(onnx::TensorProto::FLOAT);
      *tensor.mutable_float_data() = attribute.floats();
      if (attribute.name() == "value_float") tensor.add_float_data(attribute.f());
      if (attribute.name() == "value_floats") tensor.add_dims(attribute.floats_size());
    } else if (attribute.name() == "value_int" || attribute.name() == "value_ints") {
      tensor.set_data_type(onnx::TensorProto::INT64);
      *tensor.mutable_int64_data() = attribute.ints();
      if (attribute.name() == "value_int") tensor.add_int64_data(attribute.i());
      if (attribute.name() == "value_ints") tensor.add_dims(attribute.ints_size());
    } else {
      node.place().fail("its attribute " + printable(attribute.name()) + " is not supported");
    }
    scope_.folded.push_back(std::move(tensor));
    return &scope_.folded.back();
  }

  void count_readers() {
    for (const auto& node : graph_.node()) {
      for (const std::string& name : node.input()) {
        ++scope_.readers[name];
        scope_.last_reader[name] = &node;
      }
    }
    for (const auto& output : graph_.output()) ++scope_.readers[output.name()];
  }

  void read_node(const onnx::NodeProto& proto, const std::string& name) {
    if (is_constant_.contains(&proto)) return;
    onnx_node node(scope_, proto, name);
    expect_output(node);
    read_operator(node);
  }

  static void expect_output(const onnx_node& node) {
    if (node.proto().output_size() == 0 || node.proto().output(0).empty())
      node.place().fail("it has no output");
  }

  const onnx::GraphProto& graph_;
  onnx_place place_;
  const onnx::ValueInfoProto& input_;
  onnx_scope scope_;
  std::vector<std::string> names_;
  std::unordered_set<const onnx::NodeProto*> is_constant_;
};

}  // namespace detail

namespace detail {

inline onnx::ModelProto parse_onnx(std::string_view bytes, const onnx_place& place) {
  if (bytes.empty()) place.fail("the file is empty; expected an ONNX model");
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    place.fail("expected at most 2 GiB, found " + std::to_string(bytes.size()) + " bytes");
  }
  const google::protobuf::LogSilencer silence;  // the message below is ours
  onnx::ModelProto model;
  if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    place.fail("not an ONNX model, or a truncated one (" + std::to_string(bytes.size()) + " bytes)");
  }
  if (!model.has_graph() || model.graph().node_size() == 0) place.fail("not an ONNX model: it has no graph");
  return model;
}

}  // namespace detail

// source: what messages call the model.
inline network read_onnx_bytes(std::string_view bytes, const std::string& source,
                               std::size_t max_weights = max_onnx_weights) {
  const onnx::ModelProto model = detail::parse_onnx(bytes, detail::onnx_place(source));
  return detail::onnx_graph_reader(model, source, max_weights).read();
}

inline network read_onnx(const std::filesystem::path& path, std::size_t max_weights = max_onnx_weights) {
  const detail::onnx_place place(path.string());
  std::error_code problem;
  if (std::filesystem::is_directory(path, problem)) place.fail("is a folder; expected an ONNX model");
  std::ifstream file(path, std::ios::binary);
  if (!file) place.fail("cannot be opened; expected an ONNX model");
  std::string bytes;
  std::array<char, std::size_t{1} << 16> block;
  constexpr auto limit = static_cast<std::size_t>(std::numeric_limits<int>::max());
  while (bytes.size() <= limit && (file.read(block.data(), block.size()) || file.gcount() > 0)) {
    bytes.append(block.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad()) place.fail("cannot be read");
  onnx::ModelProto model = detail::parse_onnx(bytes, place);
  bytes = {};
  detail::load_external_data(model, path.parent_path(), place);
  return detail::onnx_graph_reader(model, path.string(), max_weights).read();
}

}  // namespace napier
