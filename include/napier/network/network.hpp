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
#include <variant>
#include <vector>

#include <napier/core/error.hpp>
#include <napier/layers/conv2d.hpp>
#include <napier/layers/pool.hpp>

namespace napier {

using shape = std::vector<std::size_t>;

// Throws shape_error where the number does not fit.
constexpr std::size_t element_count(const shape& dimensions) {
  std::size_t count = 1;
  for (const std::size_t extent : dimensions) {
    if (__builtin_mul_overflow(count, extent, &count))
      throw shape_error("a shape of more than 2^64 elements");
  }
  return count;
}

inline std::string to_text(const shape& dimensions) {
  std::string text;
  for (const std::size_t extent : dimensions) text += (text.empty() ? "" : " x ") + std::to_string(extent);
  return text.empty() ? "scalar" : text;
}

struct conv2d_layer {
  conv2d_parameters parameters;
  std::size_t in_channels = 0;
  std::size_t out_channels = 0;
  std::vector<double> weights;  // out_channels × in_channels / groups × kernel_height × kernel_width
  std::vector<double> bias;     // empty, or out_channels
};

struct fully_connected_layer {
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  std::vector<double> weights;  // outputs × inputs
  std::vector<double> bias;     // empty, or outputs
};

// Over channels, the first dimension of the shape.
struct batch_norm_layer {
  std::vector<double> gamma;
  std::vector<double> beta;
  std::vector<double> mean;
  std::vector<double> variance;
  double epsilon = 1e-5;
};

struct max_pool_layer {
  pool2d_parameters parameters;
};
struct average_pool_layer {
  pool2d_parameters parameters;
};
struct global_average_pool_layer {};
struct relu_layer {};
struct clip_layer {
  double min = 0;
  double max = 6;
};
struct sigmoid_layer {};
struct tanh_layer {};
struct softmax_layer {};  // over all elements of an image; its input has one dimension
struct add_layer {};      // of two values of the same shape
struct concat_layer {};   // along the first dimension
struct reshape_layer {    // Flatten too; the elements keep their order
  shape target;
};

using layer = std::variant<conv2d_layer, fully_connected_layer, batch_norm_layer, max_pool_layer,
                           average_pool_layer, global_average_pool_layer, relu_layer, clip_layer,
                           sigmoid_layer, tanh_layer, softmax_layer, add_layer, concat_layer, reshape_layer>;

struct network_node {
  std::string name;
  std::string operator_type;  // as the model's file calls it, e.g. Conv
  layer operation;
  std::vector<std::size_t> inputs;  // values
};

// The shape of the result; throws shape_error.
shape infer_shape(const layer& operation, const std::vector<shape>& inputs);

class network {
 public:
  network(std::string source, shape input) : source_(std::move(source)), shapes_{std::move(input)} {
    if (element_count(shapes_[0]) == 0) {
      throw model_error(source_ + ": the input's shape " + to_text(shapes_[0]) + " has no elements");
    }
  }

  // Returns the new value, which is the network's output until the next is added.
  std::size_t add(network_node node) {
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
  const std::vector<network_node>& nodes() const { return nodes_; }
  const shape& shape_of(std::size_t value) const { return shapes_.at(value); }
  const shape& input_shape() const { return shapes_.front(); }
  const shape& output_shape() const { return shapes_.at(output_); }
  std::size_t output() const { return output_; }

  // "model.onnx: node conv1 (Conv)"
  std::string describe(const network_node& node) const {
    return source_ + ": node " + node.name + " (" + node.operator_type + ")";
  }

 private:
  std::string source_;
  std::vector<network_node> nodes_;
  std::vector<shape> shapes_;  // of each value
  std::size_t output_ = 0;
};

namespace detail {

inline const shape& one_input(const std::vector<shape>& inputs) {
  if (inputs.size() != 1) throw shape_error("expected one input, got " + std::to_string(inputs.size()));
  return inputs.front();
}

inline const shape& feature_map_input(const std::vector<shape>& inputs) {
  const shape& input = one_input(inputs);
  if (input.size() != 3) throw shape_error("expected channels x height x width, got " + to_text(input));
  return input;
}

inline void expect_count(const char* what, std::size_t got, std::size_t expected) {
  if (got != expected) {
    throw shape_error("expected " + std::to_string(expected) + " " + what + ", got " + std::to_string(got));
  }
}

inline void expect_bias(std::size_t got, std::size_t outputs) {
  if (got != 0) expect_count("biases", got, outputs);
}

inline shape infer(const conv2d_layer& conv, const std::vector<shape>& inputs) {
  const shape& input = feature_map_input(inputs);
  const conv2d_parameters& p = conv.parameters;
  expect_count("input channels", input[0], conv.in_channels);
  const shape output{conv.out_channels, p.output_height(input[1]), p.output_width(input[2])};
  if (conv.out_channels == 0 || p.groups == 0 || conv.in_channels % p.groups != 0 ||
      conv.out_channels % p.groups != 0) {
    throw shape_error(std::to_string(conv.in_channels) + " input and " + std::to_string(conv.out_channels) +
                      " output channels do not divide into " + std::to_string(p.groups) + " groups");
  }
  const std::size_t patch = element_count({conv.in_channels / p.groups, p.kernel_height, p.kernel_width});
  expect_count("weights", conv.weights.size(), element_count({conv.out_channels, patch}));
  expect_bias(conv.bias.size(), conv.out_channels);
  return output;
}

inline shape infer(const fully_connected_layer& dense, const std::vector<shape>& inputs) {
  const shape& input = one_input(inputs);
  if (input.size() != 1) throw shape_error("expected a flat input, got " + to_text(input));
  expect_count("inputs", input[0], dense.inputs);
  expect_count("weights", dense.weights.size(), element_count({dense.inputs, dense.outputs}));
  expect_bias(dense.bias.size(), dense.outputs);
  return {dense.outputs};
}

inline shape infer(const batch_norm_layer& norm, const std::vector<shape>& inputs) {
  const shape& input = one_input(inputs);
  const std::size_t channels = input.empty() ? 0 : input.front();
  expect_count("scales (gamma)", norm.gamma.size(), channels);
  expect_count("biases (beta)", norm.beta.size(), channels);
  expect_count("means", norm.mean.size(), channels);
  expect_count("variances", norm.variance.size(), channels);
  for (const double variance : norm.variance) {
    if (!(variance + norm.epsilon > 0))
      throw shape_error("expected a positive variance + epsilon in each channel");
  }
  return input;
}

inline shape infer_pool(const pool2d_parameters& pool, const std::vector<shape>& inputs) {
  const shape& input = feature_map_input(inputs);
  return {input[0], pool.output_height(input[1]), pool.output_width(input[2])};
}
inline shape infer(const max_pool_layer& pool, const std::vector<shape>& inputs) {
  return infer_pool(pool.parameters, inputs);
}
inline shape infer(const average_pool_layer& pool, const std::vector<shape>& inputs) {
  return infer_pool(pool.parameters, inputs);
}
inline shape infer(const global_average_pool_layer&, const std::vector<shape>& inputs) {
  return {feature_map_input(inputs)[0], 1, 1};
}

inline shape infer(const clip_layer& clip, const std::vector<shape>& inputs) {
  if (!(clip.min <= clip.max)) throw shape_error("the lower bound is not below the upper one");
  return one_input(inputs);
}
inline shape infer(const relu_layer&, const std::vector<shape>& inputs) { return one_input(inputs); }
inline shape infer(const sigmoid_layer&, const std::vector<shape>& inputs) { return one_input(inputs); }
inline shape infer(const tanh_layer&, const std::vector<shape>& inputs) { return one_input(inputs); }

inline shape infer(const softmax_layer&, const std::vector<shape>& inputs) {
  const shape& input = one_input(inputs);
  if (input.size() != 1) throw shape_error("softmax is supported over a flat input, got " + to_text(input));
  return input;
}

inline shape infer(const add_layer&, const std::vector<shape>& inputs) {
  expect_count("inputs", inputs.size(), 2);
  if (inputs[0] != inputs[1]) {
    throw shape_error("the summands have different shapes, " + to_text(inputs[0]) + " and " +
                      to_text(inputs[1]));
  }
  return inputs[0];
}

inline shape infer(const concat_layer&, const std::vector<shape>& inputs) {
  if (inputs.empty() || inputs[0].empty()) throw shape_error("nothing to concatenate");
  shape output = inputs[0];
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    shape expected = inputs[0];
    if (inputs[i].size() == expected.size()) expected[0] = inputs[i][0];
    if (inputs[i] != expected) {
      throw shape_error("cannot concatenate " + to_text(inputs[0]) + " and " + to_text(inputs[i]));
    }
    output[0] += inputs[i][0];
  }
  return output;
}

inline shape infer(const reshape_layer& reshape, const std::vector<shape>& inputs) {
  const shape& input = one_input(inputs);
  if (element_count(reshape.target) != element_count(input)) {
    throw shape_error("cannot reshape " + to_text(input) + " to " + to_text(reshape.target));
  }
  return reshape.target;
}

}  // namespace detail

inline shape infer_shape(const layer& operation, const std::vector<shape>& inputs) {
  const shape output = std::visit([&](const auto& what) { return detail::infer(what, inputs); }, operation);
  if (element_count(output) == 0) throw shape_error("the result has no elements");
  return output;
}

}  // namespace napier
