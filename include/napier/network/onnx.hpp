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

#include <algorithm>
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
    expect_cast_of_integers();
    count_readers(graph_, 1);
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
    if (scope_.batch_is_open() && found->second.batch_axis != 0) {
      place_.expected("the images of a batch along axis 0 of the output " + printable(output),
                      "axis " + std::to_string(found->second.batch_axis));
    }
    scope_.model.set_output(found->second.index);
    return std::move(scope_.model);
  }

  bool takes_integers() const { return onnx_literal::is_integer(input_.type().tensor_type().elem_type()); }

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
    if (!input_.type().has_tensor_type() ||
        (!onnx_literal::is_real(type.elem_type()) && !onnx_literal::is_integer(type.elem_type()))) {
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

  // Pixels may be integers that are cast to FLOAT before anything is computed.
  void expect_cast_of_integers() const {
    if (!takes_integers()) return;
    static const std::unordered_set<std::string> movers{"Identity", "Transpose", "Reshape", "Flatten",
                                                        "Slice",    "Gather",    "Squeeze", "Unsqueeze"};
    std::unordered_set<std::string> integers{input_.name()};
    const std::string problem = "the input " + printable(input_.name()) + " is no tensor of FLOAT, and ";
    for (int i = 0; i < graph_.node_size(); ++i) {
      const onnx::NodeProto& node = graph_.node(i);
      const bool reads = std::any_of(node.input().begin(), node.input().end(),
                                     [&](const std::string& name) { return integers.contains(name); });
      const bool may_read_inside = node.op_type() == "If";
      if ((!reads && !may_read_inside) || node.op_type() == "Cast" || node.op_type() == "Shape") continue;
      if (!movers.contains(node.op_type())) {
        place_.fail(problem + "node " + names_[static_cast<std::size_t>(i)] + " (" +
                    printable(node.op_type()) + ") reads it without a Cast to FLOAT");
      }
      integers.insert(node.output().begin(), node.output().end());
    }
    if (integers.contains(output_name())) place_.fail(problem + "the output is a copy of it");
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

  // In a branch each counts as two: whether it is the only one depends on the branch that is taken.
  void count_readers(const onnx::GraphProto& graph, std::size_t each) {
    for (const auto& node : graph.node()) {
      for (const std::string& name : node.input()) {
        scope_.readers[name] += each;
        scope_.last_reader[name] = &node;
      }
      for (const auto& attribute : node.attribute()) {
        if (attribute.has_g()) count_readers(attribute.g(), 2);
      }
    }
    for (const auto& output : graph.output()) scope_.readers[output.name()] += each;
  }

  void read_node(const onnx::NodeProto& proto, const std::string& name) {
    if (is_constant_.contains(&proto)) return;
    onnx_node node(scope_, proto, name);
    expect_output(node);
    if (is_of_type(proto, "If")) return read_if(node, name);
    if (!is_of_type(proto, "Constant")) return read_operator(node);
    node.expect_inputs(0, 0);
    node.give_constant(*read_constant(node));
  }

  // PyTorch writes squeeze(1) as: if the dimension is 1, Squeeze, else Identity. What is known now is decided now.
  void read_if(onnx_node& node, const std::string& name) {
    node.expect_inputs(1, 1);
    if (!node.is_constant(0)) node.place().fail("its condition depends on the images; expected a constant");
    const std::vector<std::int64_t> condition = node.integers(0, 1);
    const onnx::GraphProto* branches[] = {node.branch("else_branch"), node.branch("then_branch")};
    if (condition.size() != 1 || branches[0] == nullptr || branches[1] == nullptr)
      node.place().fail("expected one condition, then_branch and else_branch");
    const onnx::GraphProto& taken = *branches[condition[0] != 0 ? 1 : 0];
    for (const auto& tensor : taken.initializer()) {
      if (!scope_.constants.emplace(tensor.name(), &tensor).second)
        node.place().fail("the initializer " + printable(tensor.name()) + " is there twice");
    }
    for (int i = 0; i < taken.node_size(); ++i) {
      std::string inner = printable(taken.node(i).name());
      if (inner.empty()) inner = name + "." + printable(taken.node(i).op_type()) + "_" + std::to_string(i);
      read_node(taken.node(i), inner);
    }
    if (taken.output_size() != node.proto().output_size())
      node.place().expected(std::to_string(node.proto().output_size()) + " outputs of its branch",
                            std::to_string(taken.output_size()));
    for (int i = 0; i < taken.output_size(); ++i) {
      const std::string& from = taken.output(i).name();
      if (const onnx::TensorProto* constant = scope_.find_constant(from)) {
        node.give_constant(*constant, i);
      } else if (const auto found = scope_.values.find(from); found != scope_.values.end()) {
        node.give(onnx_value(found->second), i);
      } else {
        node.place().fail("the output " + printable(from) + " of its branch is not computed by any node");
      }
    }
    node.finish();
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

// takes_integers: where to say whether the input is of an integer type, pixels as they are.
inline network read_onnx(const std::filesystem::path& path, std::size_t max_weights = max_onnx_weights,
                         bool* takes_integers = nullptr) {
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
  detail::onnx_graph_reader reader(model, path.string(), max_weights);
  if (takes_integers != nullptr) *takes_integers = reader.takes_integers();
  return std::move(reader).read();
}

}  // namespace napier
