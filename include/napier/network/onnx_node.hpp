#pragma once
// napier/network/onnx_node.hpp — one node of an ONNX graph: its inputs and attributes, each checked when asked for.
//
// What      onnx_scope is what stands before the node: the network so far, the constants, who reads what.
//           onnx_node gives inputs by position and attributes by name; finish() fails on an attribute nobody asked for,
//           so that nothing in a model is silently ignored
// Errors    model_error, "FILE: node NAME (TYPE): expected …, found …"
// Checked   tests/network/onnx_errors_test.cpp

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <onnx/onnx_pb.h>

#include <napier/network/network.hpp>
#include <napier/network/onnx_tensor.hpp>

namespace napier::detail {

struct onnx_scope {
  explicit onnx_scope(network begun) : model(std::move(begun)) {}

  network model;
  std::int64_t opset = 0;
  std::int64_t batch = 0;  // as the model's input fixes it; 0: any
  std::unordered_map<std::string, std::size_t> values;
  std::unordered_map<std::string, const onnx::TensorProto*> constants;
  std::unordered_map<std::string, std::size_t> readers;                 // how often a name is read
  std::unordered_map<std::string, const onnx::NodeProto*> last_reader;  // by the last node that does
  std::unordered_set<const onnx::NodeProto*> merged;                    // additions that became a bias
  std::size_t weights_left = 0;  // how many more may be taken from constants

  const onnx::TensorProto* find_constant(const std::string& name) const {
    const auto found = constants.find(name);
    return found == constants.end() ? nullptr : found->second;
  }
};

inline bool is_default_domain(const std::string& domain) { return domain.empty() || domain == "ai.onnx"; }

class onnx_node {
 public:
  onnx_node(onnx_scope& scope, const onnx::NodeProto& proto, const std::string& name)
      : scope_(scope),
        proto_(proto),
        place_(scope.model.source() + ": node " + name + " (" + printable(proto.op_type()) + ")"),
        asked_(static_cast<std::size_t>(proto.attribute_size()), false) {}

  onnx_scope& scope() { return scope_; }
  const onnx::NodeProto& proto() const { return proto_; }
  const onnx_place& place() const { return place_; }
  std::int64_t opset() const { return scope_.opset; }

  // ---- inputs -------------------------------------------------------------------------------------------
  void expect_inputs(int least, int most) const {
    if (proto_.input_size() >= least && proto_.input_size() <= most) return;
    const std::string range =
        least == most ? std::to_string(least) : std::to_string(least) + " to " + std::to_string(most);
    place_.expected(range + (most == 1 ? " input" : " inputs"), std::to_string(proto_.input_size()));
  }

  bool has_input(int i) const { return i < proto_.input_size() && !proto_.input(i).empty(); }
  bool is_constant(int i) const { return has_input(i) && scope_.find_constant(proto_.input(i)) != nullptr; }

  // The value of input i, which the network computes.
  std::size_t value(int i) const {
    if (!has_input(i)) place_.fail("its input " + std::to_string(i) + " is missing");
    const std::string& name = proto_.input(i);
    if (const auto found = scope_.values.find(name); found != scope_.values.end()) return found->second;
    if (is_constant(i))
      place_.fail("its input " + printable(name) + " is a constant; expected a computed value");
    place_.fail("its input " + printable(name) + " is not computed by any node before it");
  }
  const shape& shape_of(int i) const { return scope_.model.shape_of(value(i)); }

  const onnx::TensorProto& constant(int i) const {
    if (!has_input(i)) place_.fail("its input " + std::to_string(i) + " is missing");
    const onnx::TensorProto* tensor = scope_.find_constant(proto_.input(i));
    if (tensor == nullptr) place_.fail("its input " + printable(proto_.input(i)) + " must be a constant");
    return *tensor;
  }
  onnx_constant weights(int i) { return weights(constant(i)); }
  onnx_constant weights(const onnx::TensorProto& tensor) {
    onnx_constant result = onnx_tensor_reader(tensor, place_).reals();
    // A small file can name the same tensor a million times.
    if (result.values.size() > scope_.weights_left)
      place_.fail("the network has more weights than max_weights allows");
    scope_.weights_left -= result.values.size();
    return result;
  }
  // As many values as there are channels or outputs.
  std::vector<double> vector(int i, std::size_t length) {
    onnx_constant result = weights(i);
    if (result.dimensions.size() != 1 || result.values.size() != length) {
      place_.expected(std::to_string(length) + " values in " + printable(proto_.input(i)),
                      to_text(result.dimensions));
    }
    return std::move(result.values);
  }
  double number(int i) const {  // may be an infinity
    const onnx_tensor_reader tensor(constant(i), place_);
    tensor.expect_at_most(1);
    return tensor.reals(true).values.front();
  }
  std::vector<std::int64_t> integers(int i, std::size_t most) const {
    const onnx_tensor_reader tensor(constant(i), place_);
    tensor.expect_at_most(most);
    return tensor.integers();
  }

  // ---- attributes ---------------------------------------------------------------------------------------
  std::int64_t integer(const char* name, std::int64_t fallback) {
    const onnx::AttributeProto* found = find(name, onnx::AttributeProto::INT);
    return found == nullptr ? fallback : found->i();
  }
  // An integer of which only one value is understood.
  void expect_integer(const char* name, std::int64_t only) {
    const std::int64_t found = integer(name, only);
    if (found != only)
      place_.expected(std::string(name) + " = " + std::to_string(only), std::to_string(found));
  }
  bool flag(const char* name, bool fallback = false) {
    const std::int64_t found = integer(name, fallback ? 1 : 0);
    if (found != 0 && found != 1) place_.expected(std::string(name) + " = 0 or 1", std::to_string(found));
    return found == 1;
  }
  double real(const char* name, double fallback) {
    const onnx::AttributeProto* found = find(name, onnx::AttributeProto::FLOAT);
    if (found == nullptr) return fallback;
    if (std::isnan(found->f())) place_.expected("a number as " + std::string(name), "NaN");
    return found->f();
  }
  std::string text(const char* name, const char* fallback) {
    const onnx::AttributeProto* found = find(name, onnx::AttributeProto::STRING);
    return found == nullptr ? fallback : printable(found->s());
  }
  // Empty when it is not there.
  std::vector<std::size_t> sizes(const char* name, std::size_t length, std::int64_t least) {
    static constexpr std::int64_t most = std::int64_t{1} << 20;
    const onnx::AttributeProto* found = find(name, onnx::AttributeProto::INTS);
    std::vector<std::size_t> result;
    if (found == nullptr) return result;
    if (static_cast<std::size_t>(found->ints_size()) != length) {
      place_.expected(std::to_string(length) + " values in " + name, std::to_string(found->ints_size()));
    }
    for (const std::int64_t size : found->ints()) {
      if (size < least || size > most) {
        const std::string range = std::to_string(least) + " to " + std::to_string(most);
        place_.expected("values from " + range + " in " + name, std::to_string(size));
      }
      result.push_back(static_cast<std::size_t>(size));
    }
    return result;
  }
  bool has_attribute(const char* name) const {
    return std::any_of(proto_.attribute().begin(), proto_.attribute().end(),
                       [name](const onnx::AttributeProto& attribute) { return attribute.name() == name; });
  }
  // Attributes that say nothing about inference.
  void ignore(const char* name) {
    for (int i = 0; i < proto_.attribute_size(); ++i) {
      if (proto_.attribute(i).name() == name) asked_[static_cast<std::size_t>(i)] = true;
    }
  }
  // An axis of the whole batch, counted from the front.
  std::int64_t axis(std::int64_t fallback, const shape& input) {
    const std::int64_t found = integer("axis", fallback);
    return found < 0 ? found + static_cast<std::int64_t>(input.size()) + 1 : found;
  }

  // Everything has been read: complains about the rest.
  void finish() const {
    for (int i = 0; i < proto_.attribute_size(); ++i) {
      if (asked_[static_cast<std::size_t>(i)]) continue;
      place_.fail("its attribute " + printable(proto_.attribute(i).name()) + " is not supported in opset " +
                  std::to_string(opset()));
    }
    for (int i = 1; i < proto_.output_size(); ++i) {
      if (scope_.readers.contains(proto_.output(i)) && !proto_.output(i).empty()) {
        place_.fail("its output " + printable(proto_.output(i)) +
                    " is used; only the first output is supported");
      }
    }
  }

 private:
  const onnx::AttributeProto* find(const char* name, onnx::AttributeProto::AttributeType type) {
    const onnx::AttributeProto* found = nullptr;
    for (int i = 0; i < proto_.attribute_size(); ++i) {
      const onnx::AttributeProto& attribute = proto_.attribute(i);
      if (attribute.name() != name) continue;
      if (found != nullptr) place_.fail("its attribute " + std::string(name) + " is there twice");
      if (attribute.type() != type) {
        place_.expected(std::string(name) + " of type " + onnx::AttributeProto::AttributeType_Name(type),
                        onnx::AttributeProto::AttributeType_Name(attribute.type()));
      }
      if (!attribute.ref_attr_name().empty())
        place_.fail("its attribute " + std::string(name) + " is a reference");
      asked_[static_cast<std::size_t>(i)] = true;
      found = &attribute;
    }
    return found;
  }

  onnx_scope& scope_;
  const onnx::NodeProto& proto_;
  onnx_place place_;
  std::vector<bool> asked_;
};

// What a node becomes.
struct onnx_operation {
  std::optional<layer> what;  // none: the input passes through
  std::vector<std::size_t> inputs;
};

}  // namespace napier::detail
