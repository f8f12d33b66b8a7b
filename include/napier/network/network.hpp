#pragma once
// napier/network/network.hpp — a network: layers in the order in which they run, with FP64 weights and known shapes.
//
// What      nodes[i] computes value i + 1 from earlier values; value 0 is the input. A network says nothing about
//           arithmetic: network/session.hpp runs it under a MAC
// Shapes    without the batch: channels × height × width, or one length after Flatten; inferred when a node is added
// Errors    model_error, naming the source and the node
// Checked   tests/network/network_test.cpp

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <napier/core/error.hpp>
#include <napier/network/infer_shape.hpp>
#include <napier/network/layer.hpp>
#include <napier/network/shape.hpp>

namespace napier {

// Templates because of a class template only those functions are compiled that a program calls.
template <class Layer>
struct basic_network_node {
  std::string name;
  std::string operator_type;  // as the model's file calls it, e.g. Conv
  Layer operation;
  std::vector<std::size_t> inputs;  // values
};

template <class Node>
class basic_network {
 public:
  basic_network(std::string source, shape input) : source_(std::move(source)), shapes_{std::move(input)} {
    if (element_count(shapes_[0]) == 0) {
      throw model_error(source_ + ": the input's shape " + to_text(shapes_[0]) + " has no elements");
    }
  }

  // Returns the new value, which is the network's output until the next is added.
  std::size_t add(Node node) {
    std::vector<shape> inputs;
    for (const std::size_t value : node.inputs) {
      if (value >= shapes_.size())
        throw model_error(describe(node) + ": its input is not computed before it");
      inputs.push_back(shapes_[value]);
    }
    try {
      shapes_.push_back(infer_shape(node.operation, inputs));
    } catch (const shape_error& problem) {
      throw model_error(describe(node) + ": " + problem.what());
    }
    nodes_.push_back(std::move(node));
    output_ = shapes_.size() - 1;
    return output_;
  }

  void set_output(std::size_t value) {
    if (value >= shapes_.size()) throw model_error(source_ + ": the output is not computed");
    output_ = value;
  }

  const std::string& source() const { return source_; }
  const std::vector<Node>& nodes() const { return nodes_; }
  const shape& shape_of(std::size_t value) const { return shapes_.at(value); }
  const shape& input_shape() const { return shapes_.front(); }
  const shape& output_shape() const { return shapes_.at(output_); }
  std::size_t output() const { return output_; }

  // "model.onnx: node conv1 (Conv)"
  std::string describe(const Node& node) const {
    return source_ + ": node " + node.name + " (" + node.operator_type + ")";
  }

 private:
  std::string source_;
  std::vector<Node> nodes_;
  std::vector<shape> shapes_;  // of each value
  std::size_t output_ = 0;
};

using network_node = basic_network_node<layer>;
using network = basic_network<network_node>;

}  // namespace napier
