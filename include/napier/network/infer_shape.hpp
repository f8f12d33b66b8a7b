#pragma once
// napier/network/infer_shape.hpp — the shape of a layer's result, and whether the layer fits its inputs.
//
// Errors    shape_error
// Checked   tests/network/network_test.cpp, tests/network/infer_shape_test.cpp

#include <algorithm>
#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include <napier/core/error.hpp>
#include <napier/network/layer.hpp>
#include <napier/network/shape.hpp>

namespace napier {

namespace detail {

inline const shape& one_input(const std::vector<shape>& inputs) {
  if (inputs.size() != 1) throw shape_error("expected one input, got " + std::to_string(inputs.size()));
  return inputs.front();
}

// Channels × height × width; channels × length where the layer's window has a width of 1.
struct feature_map {
  std::size_t channels;
  std::size_t height;
  std::size_t width;
  bool is_line;

  shape with(std::size_t new_channels, std::size_t new_height, std::size_t new_width) const {
    return is_line ? shape{new_channels, new_height} : shape{new_channels, new_height, new_width};
  }
};

inline feature_map feature_map_input(const std::vector<shape>& inputs, const window_axis& horizontal) {
  const shape& input = one_input(inputs);
  const bool is_line = input.size() == 2 && horizontal.kernel == 1 && horizontal.stride == 1 &&
                       horizontal.pad_begin == 0 && horizontal.pad_end == 0;
  if (input.size() != 3 && !is_line) {
    throw shape_error("expected channels x height x width, got " + to_text(input));
  }
  return {input[0], input[1], is_line ? 1 : input[2], is_line};
}

inline void expect_count(const char* what, std::size_t got, std::size_t expected) {
  if (got != expected) {
    throw shape_error("expected " + std::to_string(expected) + " " + what + ", got " + std::to_string(got));
  }
}

inline void expect_bias(std::size_t got, std::size_t outputs) {
  if (got != 0) expect_count("biases", got, outputs);
}

template <class Convolution>
shape infer_convolution(const Convolution& conv, const std::vector<shape>& inputs) {
  const auto& p = conv.parameters;
  const feature_map input = feature_map_input(inputs, p.horizontal(1));
  expect_count("input channels", input.channels, conv.in_channels);
  const shape output =
      input.with(conv.out_channels, p.output_height(input.height), p.output_width(input.width));
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

// A template so that no more of it is compiled than a program uses.
template <class Shape>
struct shape_rules {
  static shape infer(const conv2d_layer& conv, const std::vector<shape>& inputs) {
    return infer_convolution(conv, inputs);
  }
  static shape infer(const conv_transpose2d_layer& conv, const std::vector<shape>& inputs) {
    return infer_convolution(conv, inputs);
  }

  static shape infer(const fully_connected_layer& dense, const std::vector<shape>& inputs) {
    shape output = one_input(inputs);
    if (output.empty()) throw shape_error("expected a row of inputs, got a scalar");
    expect_count("inputs", output.back(), dense.inputs);
    expect_count("weights", dense.weights.size(), element_count({dense.inputs, dense.outputs}));
    expect_bias(dense.bias.size(), dense.outputs);
    output.back() = dense.outputs;
    return output;
  }

  static shape infer(const batch_norm_layer& norm, const std::vector<shape>& inputs) {
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

  static shape infer_pool(const pool2d_parameters& pool, const std::vector<shape>& inputs) {
    const feature_map input = feature_map_input(inputs, pool.horizontal(1));
    return input.with(input.channels, pool.output_height(input.height), pool.output_width(input.width));
  }
  static shape infer(const max_pool_layer& pool, const std::vector<shape>& inputs) {
    return infer_pool(pool.parameters, inputs);
  }
  static shape infer(const average_pool_layer& pool, const std::vector<shape>& inputs) {
    return infer_pool(pool.parameters, inputs);
  }
  static shape infer_global_pool(const std::vector<shape>& inputs) {
    shape output = one_input(inputs);
    if (output.size() < 2) throw shape_error("expected channels x height x width, got " + to_text(output));
    std::fill(output.begin() + 1, output.end(), 1);
    return output;
  }
  static shape infer(const global_average_pool_layer&, const std::vector<shape>& inputs) {
    return infer_global_pool(inputs);
  }
  static shape infer(const global_max_pool_layer&, const std::vector<shape>& inputs) {
    return infer_global_pool(inputs);
  }

  static shape infer(const reduce_layer& reduce, const std::vector<shape>& inputs) {
    const std::size_t count = element_count(one_input(inputs));
    if (!reduce.source.empty()) expect_count("sources", reduce.source.size(), count);
    check_rearrangement(reduce.source, count);
    if (std::find(reduce.source.begin(), reduce.source.end(), rearrange_fill) != reduce.source.end()) {
      throw shape_error("a reduction reads elements of the input only");
    }
    if (reduce.length == 0 || element_count({element_count(reduce.target), reduce.length}) != count) {
      throw shape_error("cannot reduce " + to_text(inputs[0]) + " to " + to_text(reduce.target) +
                        " in rows of " + std::to_string(reduce.length));
    }
    return reduce.target;
  }

  static shape infer(const clip_layer& clip, const std::vector<shape>& inputs) {
    if (!(clip.min <= clip.max)) throw shape_error("the lower bound is not below the upper one");
    return one_input(inputs);
  }
  static shape infer(const relu_layer&, const std::vector<shape>& inputs) { return one_input(inputs); }
  static shape infer(const sigmoid_layer&, const std::vector<shape>& inputs) { return one_input(inputs); }
  static shape infer(const tanh_layer&, const std::vector<shape>& inputs) { return one_input(inputs); }

  static shape infer(const function_layer&, const std::vector<shape>& inputs) { return one_input(inputs); }

  static shape infer(const lrn_layer& norm, const std::vector<shape>& inputs) {
    if (norm.parameters.size == 0) throw shape_error("expected a window of at least one channel");
    if (one_input(inputs).empty()) throw shape_error("expected channels, got a scalar");
    return inputs[0];
  }

  static shape infer(const softmax_layer& softmax, const std::vector<shape>& inputs) {
    const std::size_t rank = one_input(inputs).size();
    if (softmax.first > std::min(softmax.last, rank)) {
      throw shape_error("softmax from dimension " + std::to_string(softmax.first) + " on, of " +
                        to_text(inputs[0]));
    }
    return inputs[0];
  }

  static shape infer(const add_layer&, const std::vector<shape>& inputs) {
    expect_count("inputs", inputs.size(), 2);
    if (inputs[0] != inputs[1]) {
      throw shape_error("the summands have different shapes, " + to_text(inputs[0]) + " and " +
                        to_text(inputs[1]));
    }
    return inputs[0];
  }

  // The dimensions that two operands broadcast to, of the first `count`.
  static shape broadcast(const shape& left, const shape& right, std::size_t count) {
    if (left.size() != right.size() || left.size() < count) {
      throw shape_error("operands of " + to_text(left) + " and " + to_text(right) + " do not fit together");
    }
    shape output(count);
    for (std::size_t i = 0; i < count; ++i) {
      if (left[i] != right[i] && left[i] != 1 && right[i] != 1)
        throw shape_error("cannot broadcast " + to_text(left) + " and " + to_text(right));
      output[i] = left[i] == 1 ? right[i] : left[i];
    }
    return output;
  }

  // Constants have as many elements as they say, inputs too.
  static void expect_operands(const broadcast_operand& left, const broadcast_operand& right,
                              const std::vector<shape>& inputs) {
    std::size_t next = 0;
    for (const broadcast_operand* operand : {&left, &right}) {
      const std::size_t count = element_count(operand->dimensions);
      if (!operand->is_input()) {
        expect_count("constants", operand->constant.size(), count);
      } else if (next < inputs.size()) {
        expect_count("elements", element_count(inputs[next++]), count);
      } else {
        throw shape_error("an operand is missing");
      }
    }
    expect_count("inputs", inputs.size(), next);
    if (next == 0) throw shape_error("both operands are constants");
  }

  static shape infer(const broadcast_layer& layer, const std::vector<shape>& inputs) {
    expect_operands(layer.left, layer.right, inputs);
    const shape& left = layer.left.dimensions;
    const shape output = broadcast(left, layer.right.dimensions, left.size());
    if (element_count(output) != element_count(layer.target)) {
      throw shape_error("operands broadcast to " + to_text(output) + ", not " + to_text(layer.target));
    }
    return layer.target;
  }

  static shape infer(const matmul_layer& product, const std::vector<shape>& inputs) {
    expect_operands(product.left, product.right, inputs);
    const shape& left = product.left.dimensions;
    const shape& right = product.right.dimensions;
    const std::size_t rank = left.size();
    if (rank < 2 || right.size() != rank || left[rank - 1] != right[rank - 2]) {
      throw shape_error("cannot multiply matrices of " + to_text(left) + " and " + to_text(right));
    }
    shape output = broadcast(left, right, rank - 2);
    output.push_back(left[rank - 2]);
    output.push_back(right[rank - 1]);
    if (element_count(output) != element_count(product.target)) {
      throw shape_error("the product is " + to_text(output) + ", not " + to_text(product.target));
    }
    return product.target;
  }

  static shape infer(const concat_layer& concat, const std::vector<shape>& inputs) {
    if (inputs.empty() || inputs[0].empty()) throw shape_error("nothing to concatenate");
    shape output = inputs[0];
    const std::size_t axis = concat.axis;
    if (axis >= output.size()) {
      throw shape_error("cannot concatenate " + to_text(output) + " along dimension " + std::to_string(axis));
    }
    for (std::size_t i = 1; i < inputs.size(); ++i) {
      shape expected = inputs[0];
      if (inputs[i].size() == expected.size()) expected[axis] = inputs[i][axis];
      if (inputs[i] != expected) {
        throw shape_error("cannot concatenate " + to_text(inputs[0]) + " and " + to_text(inputs[i]));
      }
      output[axis] += inputs[i][axis];
    }
    return output;
  }

  static shape infer(const reshape_layer& reshape, const std::vector<shape>& inputs) {
    const shape& input = one_input(inputs);
    if (element_count(reshape.target) != element_count(input)) {
      throw shape_error("cannot reshape " + to_text(input) + " to " + to_text(reshape.target));
    }
    return reshape.target;
  }

  static shape infer(const rearrange_layer& rearrange, const std::vector<shape>& inputs) {
    expect_count("sources", rearrange.source.size(), element_count(rearrange.target));
    check_rearrangement(rearrange.source, element_count(one_input(inputs)));
    return rearrange.target;
  }
};

}  // namespace detail

// The shape of the result.
template <class... Layers>
shape infer_shape(const std::variant<Layers...>& operation, const std::vector<shape>& inputs) {
  const shape output = std::visit(
      [&](const auto& what) { return detail::shape_rules<shape>::infer(what, inputs); }, operation);
  if (element_count(output) == 0) throw shape_error("the result has no elements");
  return output;
}

}  // namespace napier
