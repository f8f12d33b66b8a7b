#pragma once
// napier/network/onnx_node.hpp — one node of an ONNX graph: its inputs and attributes, each checked when asked for, and its
// outputs.
//
// What      onnx_scope is what stands before the node: the network so far, the constants, who reads what.
//           onnx_node gives inputs by position and attributes by name, adds layers and says what each output is; finish()
//           fails on an attribute nobody asked for and on an output that is read and was not given, so that nothing in a model
//           is silently ignored
// Shapes    a value has the dimensions that ONNX gives it for a batch of one; in the network a leading 1 is left out
//           (network_shape). Where the model's batch is open or larger, the images lie along axis 0, or where a Transpose or a
//           Reshape has moved them (batch_axis): what mixes images is refused
// Errors    model_error, "FILE: node NAME (TYPE): expected …, found …"
// Checked   tests/network/onnx_errors_test.cpp

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <onnx/onnx_pb.h>

#include <napier/network/network.hpp>
#include <napier/network/onnx_tensor.hpp>
#include <napier/network/rearrangement.hpp>

namespace napier::detail {

// A value that the network computes.
struct onnx_value {
  std::size_t index = 0;  // in the network
  shape dimensions;       // as ONNX has them, for a batch of one
  // The images of a larger batch lie along this axis, one after the other: ONNX's dimension is that many times as large.
  std::size_t batch_axis = 0;
};

inline shape network_shape(const shape& dimensions) {
  const bool has_batch = dimensions.size() > 1 && dimensions.front() == 1;
  return {dimensions.begin() + (has_batch ? 1 : 0), dimensions.end()};
}

struct onnx_scope {
  explicit onnx_scope(network begun) : model(std::move(begun)) {}

  network model;
  std::int64_t opset = 0;
  std::int64_t batch = 0;  // as the model's input fixes it; 0: any
  std::unordered_map<std::string, onnx_value> values;
  std::unordered_map<std::string, const onnx::TensorProto*> constants;
  std::deque<onnx::TensorProto> folded;                  // constants that no tensor of the file holds
  std::unordered_map<std::string, std::size_t> readers;  // how often a name is read
  std::unordered_map<std::string, const onnx::NodeProto*> last_reader;  // by the last node that does
  std::unordered_set<const onnx::NodeProto*> merged;                    // additions that became a bias
  std::size_t weights_left = 0;  // how many more may be taken from constants

  // Axis 0 of every computed value is the batch, of more than one image.
  bool batch_is_open() const { return batch != 1; }
  // How many ONNX's dimensions count: one where the batch is open.
  std::size_t images() const { return batch > 1 ? static_cast<std::size_t>(batch) : 1; }

  const onnx::TensorProto* find_constant(const std::string& name) const {
    const auto found = constants.find(name);
    return found == constants.end() ? nullptr : found->second;
  }
};

inline bool is_default_domain(const std::string& domain) { return domain.empty() || domain == "ai.onnx"; }

inline std::string list_text(const std::vector<std::int64_t>& values) {
  std::string text;
  for (const std::int64_t value : values) text += (text.empty() ? "" : ", ") + std::to_string(value);
  return "[" + text + "]";
}

class onnx_node {
 public:
  onnx_node(onnx_scope& scope, const onnx::NodeProto& proto, const std::string& name)
      : scope_(scope),
        proto_(proto),
        name_(name),
        place_(scope.model.source() + ": node " + name + " (" + printable(proto.op_type()) + ")"),
        asked_(static_cast<std::size_t>(proto.attribute_size()), false),
        given_(static_cast<std::size_t>(proto.output_size()), false) {}

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

  // Input i, which the network computes; images along axis 0.
  const onnx_value& value(int i) const {
    const onnx_value& found = any_value(i);
    if (!scope_.batch_is_open() || found.batch_axis == 0) return found;
    place_.expected("the images of a batch along axis 0 of its input " + printable(proto_.input(i)),
                    "axis " + std::to_string(found.batch_axis));
  }
  // Images along any axis.
  const onnx_value& any_value(int i) const {
    if (!has_input(i)) place_.fail("its input " + std::to_string(i) + " is missing");
    const std::string& name = proto_.input(i);
    if (const auto found = scope_.values.find(name); found != scope_.values.end()) return found->second;
    if (is_constant(i))
      place_.fail("its input " + printable(name) + " is a constant; expected a computed value");
    place_.fail("its input " + printable(name) + " is not computed by any node before it");
  }
  // Of a constant, too.
  shape dimensions(int i) const {
    return is_constant(i) ? onnx_tensor_reader(constant(i), place_).dimensions() : any_value(i).dimensions;
  }
  // The axis of the images; none: a constant, or a batch of one, which is an axis like any other.
  std::optional<std::size_t> batch_axis(int i) const {
    if (is_constant(i) || !scope_.batch_is_open()) return std::nullopt;
    return any_value(i).batch_axis;
  }
  // Batch × channels × as many dimensions as a window has.
  const onnx_value& feature_map(int i, std::size_t rank) const {
    const onnx_value& found = value(i);
    if (found.dimensions.size() != rank || found.dimensions.front() != 1) {
      place_.expected(
          "an input of " + std::string(rank == 3 ? "channels x length" : "channels x height x width"),
          to_text(network_shape(found.dimensions)));
    }
    return found;
  }

  const onnx::TensorProto& constant(int i) const {
    if (!has_input(i)) place_.fail("its input " + std::to_string(i) + " is missing");
    const onnx::TensorProto* tensor = scope_.find_constant(proto_.input(i));
    if (tensor == nullptr) place_.fail("its input " + printable(proto_.input(i)) + " must be a constant");
    return *tensor;
  }
  onnx_constant weights(int i) { return weights(constant(i)); }
  onnx_constant weights(const onnx::TensorProto& tensor) {
    const onnx_tensor_reader reader(tensor, place_);
    spend(reader.count());
    return reader.reals();
  }
  // A constant that stands beside computed values of `rank` dimensions: of a model whose batch is fixed it may have the same
  // values for each image, which are taken once.
  onnx_constant weights_of_image(int i, std::size_t rank) {
    onnx_constant result = weights(i);
    const std::size_t images = scope_.images();
    if (images == 1 || result.dimensions.size() != rank || rank == 0 || result.dimensions[0] != images)
      return result;
    const std::size_t size = result.values.size() / images;
    const auto second = result.values.begin() + static_cast<std::ptrdiff_t>(size);
    if (!std::equal(second, result.values.end(), result.values.begin())) {
      place_.in("constant " + printable(proto_.input(i)))
          .expected("the same values for each of the " + std::to_string(images) + " images of the batch",
                    "others");
    }
    result.values.resize(size);
    result.dimensions[0] = 1;
    return result;
  }
  onnx_literal literal(int i) {
    const onnx_tensor_reader reader(constant(i), place_);
    spend(reader.count());
    return reader.literal();
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
  double finite_real(const char* name, double fallback) {
    const double found = real(name, fallback);
    if (!std::isfinite(found)) place_.expected("a finite " + std::string(name), "infinity");
    return found;
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
  std::vector<std::int64_t> list(const char* name) {
    const onnx::AttributeProto* found = find(name, onnx::AttributeProto::INTS);
    if (found == nullptr) return {};
    return {found->ints().begin(), found->ints().end()};
  }
  const onnx::TensorProto* tensor(const char* name) {
    const onnx::AttributeProto* found = find(name, onnx::AttributeProto::TENSOR);
    return found == nullptr ? nullptr : &found->t();
  }
  const onnx::GraphProto* branch(const char* name) {
    const onnx::AttributeProto* found = find(name, onnx::AttributeProto::GRAPH);
    return found == nullptr ? nullptr : &found->g();
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

  // ---- axes ---------------------------------------------------------------------------------------------
  // Counted from the front.
  std::size_t axis(std::int64_t found, std::size_t rank, const char* name = "axis") const {
    const auto count = static_cast<std::int64_t>(rank);
    if (found < -count || found >= count) {
      place_.expected(
          std::string(name) + " from " + std::to_string(-count) + " to " + std::to_string(count - 1),
          std::to_string(found));
    }
    return static_cast<std::size_t>(found < 0 ? found + count : found);
  }
  std::vector<bool> axes(const std::vector<std::int64_t>& found, std::size_t rank) const {
    std::vector<bool> result(rank, false);
    for (const std::int64_t one : found) {
      const std::size_t i = axis(one, rank, "axes");
      if (result[i]) place_.fail("its axes " + list_text(found) + " name one twice");
      result[i] = true;
    }
    return result;
  }
  // Input i is worked on along an axis: not across images.
  void expect_within_image(int i, std::size_t along) const {
    if (batch_axis(i) != along) return;
    place_.fail("it works along axis " + std::to_string(along) +
                ", the batch; images are computed one by one");
  }

  // ---- layers and outputs -------------------------------------------------------------------------------
  // Adds a layer whose result has these ONNX dimensions. The node's name is the layer's, with a suffix where a node becomes
  // several layers.
  onnx_value emit(layer operation, std::vector<std::size_t> inputs, shape dimensions,
                  const char* suffix = "") {
    if (!has_at_most(onnx_max_elements, dimensions)) {
      place_.expected("a result of at most " + std::to_string(onnx_max_elements) + " elements",
                      to_text(network_shape(dimensions)));
    }
    const std::string type = printable(proto_.op_type());
    std::size_t index = scope_.model.add({name_ + suffix, type, std::move(operation), std::move(inputs)});
    const shape wanted = network_shape(dimensions);
    if (scope_.model.shape_of(index) != wanted)
      index = scope_.model.add({name_ + ".shape", type, reshape_layer{wanted}, {index}});
    return {index, std::move(dimensions)};
  }
  // A layer between feature maps: the dimensions are the network's, with a batch of one.
  onnx_value emit_feature_map(layer operation, const onnx_value& input) {
    const std::size_t index =
        scope_.model.add({name_, printable(proto_.op_type()), std::move(operation), {input.index}});
    const shape& result = scope_.model.shape_of(index);
    if (!has_at_most(onnx_max_elements, result)) {
      place_.expected("a result of at most " + std::to_string(onnx_max_elements) + " elements",
                      to_text(result));
    }
    shape dimensions{1};
    dimensions.insert(dimensions.end(), result.begin(), result.end());
    return {index, std::move(dimensions)};
  }
  // The same elements with other dimensions.
  onnx_value emit_reshape(const onnx_value& input, shape dimensions, const char* suffix = "") {
    if (network_shape(input.dimensions) == network_shape(dimensions))
      return {input.index, std::move(dimensions)};
    // A copy: what is moved away may be evaluated before network_shape.
    return emit(reshape_layer{network_shape(dimensions)}, {input.index}, dimensions, suffix);
  }
  onnx_value emit_rearranged(const onnx_value& input, rearrangement how, double fill = 0,
                             const char* suffix = "") {
    if (how.source.size() == element_count(input.dimensions) && how.keeps_order())
      return emit_reshape(input, std::move(how.dimensions), suffix);
    spend(how.source.size());
    shape dimensions = std::move(how.dimensions);
    return emit(rearrange_layer{network_shape(dimensions), std::move(how.source), fill}, {input.index},
                dimensions, suffix);
  }

  void give(onnx_value value, int output = 0) {
    claim(output);
    scope_.values.emplace(proto_.output(output), std::move(value));
  }
  void give_constant(const onnx::TensorProto& tensor, int output = 0) {
    claim(output);
    scope_.constants.emplace(proto_.output(output), &tensor);
  }
  void give_constant(const onnx_literal& literal, int output = 0) {
    spend(literal.reals.size() + literal.integers.size());
    scope_.folded.push_back(
        to_tensor(literal, output < proto_.output_size() ? proto_.output(output) : std::string()));
    give_constant(scope_.folded.back(), output);
  }
  // Input 0 as it stands.
  void pass_through() {
    if (is_constant(0)) return give_constant(constant(0));
    give(onnx_value(any_value(0)));
  }
  // Input `i`, constant or not, rearranged; its images lie along batch_axis then, by default where they were.
  void give_rearranged(int i, rearrangement how, double fill = 0, int output = 0,
                       std::optional<std::size_t> batch_axis = std::nullopt) {
    if (!is_constant(i)) {
      onnx_value result = emit_rearranged(any_value(i), std::move(how), fill);
      result.batch_axis = batch_axis.value_or(any_value(i).batch_axis);
      return give(std::move(result), output);
    }
    const onnx_literal from = literal(i);
    onnx_literal result{from.type, std::move(how.dimensions), {}, {}};
    for (const std::uint32_t source : how.source) {
      const bool is_fill = source == rearrange_fill;
      if (from.is_real()) {
        result.reals.push_back(is_fill ? onnx_rounded(from.type, fill) : from.reals[source]);
      } else {
        result.integers.push_back(is_fill ? static_cast<std::int64_t>(fill) : from.integers[source]);
      }
    }
    give_constant(result, output);
  }
  void give_reshaped(int i, shape dimensions, std::size_t batch_axis = 0) {
    if (!is_constant(i)) {
      onnx_value result = emit(reshape_layer{network_shape(dimensions)}, {any_value(i).index}, dimensions);
      result.batch_axis = batch_axis;
      return give(std::move(result));
    }
    onnx_literal result = literal(i);
    result.dimensions = std::move(dimensions);
    give_constant(result);
  }
  bool is_read(int output) const {
    return output < proto_.output_size() && !proto_.output(output).empty() &&
           scope_.readers.contains(proto_.output(output));
  }

  // A small file can name the same tensor a million times, or make a large one of a small one.
  void spend(std::size_t elements) {
    if (elements > scope_.weights_left) place_.fail("the network has more weights than max_weights allows");
    scope_.weights_left -= elements;
  }

  // Everything has been read and given: complains about the rest.
  void finish() const {
    for (int i = 0; i < proto_.attribute_size(); ++i) {
      if (asked_[static_cast<std::size_t>(i)]) continue;
      place_.fail("its attribute " + printable(proto_.attribute(i).name()) + " is not supported in opset " +
                  std::to_string(opset()));
    }
    for (int i = 0; i < proto_.output_size(); ++i) {
      if (given_[static_cast<std::size_t>(i)] || !is_read(i)) continue;
      place_.fail("its output " + printable(proto_.output(i)) +
                  " is used; only the first output is supported");
    }
  }

 private:
  void claim(int output) {
    if (output >= proto_.output_size() || proto_.output(output).empty()) place_.fail("it has no output");
    const std::string& name = proto_.output(output);
    if (scope_.values.contains(name) || scope_.constants.contains(name))
      place_.fail("its output " + printable(name) + " exists already");
    given_[static_cast<std::size_t>(output)] = true;
  }

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
  const std::string name_;
  onnx_place place_;
  std::vector<bool> asked_;
  std::vector<bool> given_;
};

}  // namespace napier::detail
