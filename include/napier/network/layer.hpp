#pragma once
// napier/network/layer.hpp — what a node of a network does, with FP64 weights.
//
// What      one struct a kind of layer, and `layer`, any of them. What each computes under a MAC: docs/arithmetic.md
// Shapes    of one image. A feature map is channels × height × width; channels × length counts as a width of 1

#include <cstddef>
#include <cstdint>
#include <limits>
#include <variant>
#include <vector>

#include <napier/layers/conv2d.hpp>
#include <napier/layers/conv_transpose2d.hpp>
#include <napier/layers/element_operation.hpp>
#include <napier/layers/function.hpp>
#include <napier/layers/lrn.hpp>
#include <napier/layers/pool.hpp>
#include <napier/layers/rearrange.hpp>
#include <napier/layers/reduce.hpp>
#include <napier/network/shape.hpp>

namespace napier {

struct conv2d_layer {
  conv2d_parameters parameters;
  std::size_t in_channels = 0;
  std::size_t out_channels = 0;
  std::vector<double> weights;  // out_channels × in_channels / groups × kernel_height × kernel_width
  std::vector<double> bias;     // empty, or out_channels
};

struct conv_transpose2d_layer {
  conv_transpose2d_parameters parameters;
  std::size_t in_channels = 0;
  std::size_t out_channels = 0;
  std::vector<double> weights;  // out_channels × in_channels / groups × kernel_height × kernel_width
  std::vector<double> bias;     // empty, or out_channels
};

// Over the last dimension; those before it are rows.
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
struct global_max_pool_layer {};
// Rows of `length` elements each become one; source: none, or a whole image in the order of the rows.
struct reduce_layer {
  reduction how = reduction::mean;
  std::size_t length = 1;
  std::vector<std::uint32_t> source;
  shape target;
};
struct relu_layer {};
struct clip_layer {
  double min = 0;
  double max = 6;
};
struct sigmoid_layer {};
struct tanh_layer {};
struct function_layer {
  element_function function = element_function::leaky_relu;
  double alpha = 0;
  double beta = 0;
};
struct lrn_layer {
  lrn_parameters parameters;
};
struct softmax_layer {  // over dimensions first … last − 1 together; by default all of them
  std::size_t first = 0;
  std::size_t last = std::numeric_limits<std::size_t>::max();
  bool is_logarithm = false;
};
struct add_layer {};  // of two values of the same shape

// An input, or a constant in FP64 that is not rounded first. Both operands have as many dimensions; those of 1 are repeated.
struct broadcast_operand {
  shape dimensions;
  std::vector<double> constant;  // empty: the next input

  bool is_input() const { return constant.empty(); }
};
struct broadcast_layer {
  element_operation operation = element_operation::add;
  broadcast_operand left;
  broadcast_operand right;
  shape target;  // the result's shape, with as many elements as the operands broadcast to
};
// … × m × k by … × k × n: one product for each of the dimensions before the last two, which broadcast.
struct matmul_layer {
  broadcast_operand left;
  broadcast_operand right;
  shape target;
};

struct concat_layer {
  std::size_t axis = 0;
};
// Element i of the result is element source[i] of the input, or `fill` for rearrange_fill.
struct rearrange_layer {
  shape target;
  std::vector<std::uint32_t> source;
  double fill = 0;
};
struct reshape_layer {  // Flatten too; the elements keep their order
  shape target;
};

using layer =
    std::variant<conv2d_layer, conv_transpose2d_layer, fully_connected_layer, matmul_layer, batch_norm_layer,
                 max_pool_layer, average_pool_layer, global_average_pool_layer, global_max_pool_layer,
                 reduce_layer, relu_layer, clip_layer, sigmoid_layer, tanh_layer, function_layer, lrn_layer,
                 softmax_layer, add_layer, broadcast_layer, concat_layer, reshape_layer, rearrange_layer>;

}  // namespace napier
