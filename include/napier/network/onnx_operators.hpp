#pragma once
// napier/network/onnx_operators.hpp — the ONNX operators that are understood, and the function that reads each.
//
// What      read_operator reads a node: it adds layers to the network (napier/network/layer.hpp) or folds constants.
//           Constant nodes are read by network/onnx.hpp
// Source    https://github.com/onnx/onnx/blob/main/docs/Operators.md, opset 9 to 18
// Checked   tests/network/onnx_operators_test.cpp, tests/network/onnx_cases_test.cpp

#include <array>
#include <string>
#include <string_view>

#include <napier/core/error.hpp>
#include <napier/network/network.hpp>
#include <napier/network/onnx_constants.hpp>
#include <napier/network/onnx_elements.hpp>
#include <napier/network/onnx_logic.hpp>
#include <napier/network/onnx_matrices.hpp>
#include <napier/network/onnx_moves.hpp>
#include <napier/network/onnx_node.hpp>
#include <napier/network/onnx_normalizations.hpp>
#include <napier/network/onnx_reductions.hpp>
#include <napier/network/onnx_shapes.hpp>
#include <napier/network/onnx_windows.hpp>

namespace napier::detail {

using onnx_read = void (*)(onnx_node&);

struct onnx_operator {
  std::string_view type;
  onnx_read read;
  bool folds = false;  // gives a constant when all its inputs are constants
};

inline constexpr std::array onnx_operators{
    onnx_operator{"Abs", read_function<element_function::absolute>, true},
    onnx_operator{"Add", read_elements<element_operation::add>, true},
    onnx_operator{"And", read_comparison<onnx_comparison::logical_and>, true},
    onnx_operator{"AveragePool", read_pool<average_pool_layer>},
    onnx_operator{"BatchNormalization", read_batch_norm},
    onnx_operator{"Cast", read_cast, true},
    onnx_operator{"Ceil", read_whole<true>, true},
    onnx_operator{"Clip", read_clip, true},
    onnx_operator{"Concat", read_concat, true},
    onnx_operator{"ConstantOfShape", read_constant_of_shape, true},
    onnx_operator{"Conv", read_conv},
    onnx_operator{"ConvTranspose", read_conv_transpose},
    onnx_operator{"Div", read_elements<element_operation::divide>, true},
    onnx_operator{"Dropout", read_dropout, true},
    onnx_operator{"Elu", read_elu, true},
    onnx_operator{"Equal", read_comparison<onnx_comparison::equal>, true},
    onnx_operator{"Erf", read_function<element_function::erf>, true},
    onnx_operator{"Exp", read_function<element_function::exponential>, true},
    onnx_operator{"Expand", read_expand, true},
    onnx_operator{"Flatten", read_flatten, true},
    onnx_operator{"Floor", read_whole<false>, true},
    onnx_operator{"Gather", read_gather, true},
    onnx_operator{"Gemm", read_gemm},
    onnx_operator{"GlobalAveragePool", read_global_pool<global_average_pool_layer>},
    onnx_operator{"GlobalMaxPool", read_global_pool<global_max_pool_layer>},
    onnx_operator{"Greater", read_comparison<onnx_comparison::greater>, true},
    onnx_operator{"GreaterOrEqual", read_comparison<onnx_comparison::greater_or_equal>, true},
    onnx_operator{"HardSigmoid", read_hard_sigmoid, true},
    onnx_operator{"HardSwish", read_function<element_function::hard_swish>, true},
    onnx_operator{"Identity", read_identity, true},
    onnx_operator{"InstanceNormalization", read_instance_norm},
    onnx_operator{"LRN", read_lrn},
    onnx_operator{"LayerNormalization", read_layer_norm},
    onnx_operator{"LeakyRelu", read_leaky_relu, true},
    onnx_operator{"Less", read_comparison<onnx_comparison::less>, true},
    onnx_operator{"LessOrEqual", read_comparison<onnx_comparison::less_or_equal>, true},
    onnx_operator{"Log", read_function<element_function::logarithm>, true},
    onnx_operator{"LogSoftmax", read_softmax<true>, true},
    onnx_operator{"MatMul", read_matmul, true},
    onnx_operator{"Max", read_variadic<element_operation::maximum>, true},
    onnx_operator{"MaxPool", read_pool<max_pool_layer>},
    onnx_operator{"Mean", read_variadic<element_operation::add, true>},
    onnx_operator{"Min", read_variadic<element_operation::minimum>, true},
    onnx_operator{"Mish", read_function<element_function::mish>, true},
    onnx_operator{"Mod", read_mod, true},
    onnx_operator{"Mul", read_elements<element_operation::multiply>, true},
    onnx_operator{"Neg", read_function<element_function::negative>, true},
    onnx_operator{"Not", read_not, true},
    onnx_operator{"Or", read_comparison<onnx_comparison::logical_or>, true},
    onnx_operator{"PRelu", read_elements<element_operation::prelu>, true},
    onnx_operator{"Pad", read_pad, true},
    onnx_operator{"Pow", read_pow, true},
    onnx_operator{"Range", read_range, true},
    onnx_operator{"Reciprocal", read_function<element_function::reciprocal>, true},
    onnx_operator{"ReduceL2", read_reduce_l2, true},
    onnx_operator{"ReduceMax", read_reduce<reduction::max, 18>, true},
    onnx_operator{"ReduceMean", read_reduce<reduction::mean, 18>, true},
    onnx_operator{"ReduceProd", read_reduce_prod, true},
    onnx_operator{"ReduceSum", read_reduce<reduction::sum, 13>, true},
    onnx_operator{"Relu", read_relu, true},
    onnx_operator{"Reshape", read_reshape, true},
    onnx_operator{"Selu", read_selu, true},
    onnx_operator{"Shape", read_shape, true},
    onnx_operator{"Sigmoid", read_sigmoid, true},
    onnx_operator{"Size", read_size, true},
    onnx_operator{"Slice", read_slice, true},
    onnx_operator{"Softmax", read_softmax<false>, true},
    onnx_operator{"Softplus", read_function<element_function::softplus>, true},
    onnx_operator{"Softsign", read_function<element_function::softsign>, true},
    onnx_operator{"Split", read_split, true},
    onnx_operator{"Sqrt", read_function<element_function::square_root>, true},
    onnx_operator{"Squeeze", read_squeeze, true},
    onnx_operator{"Sub", read_elements<element_operation::subtract>, true},
    onnx_operator{"Sum", read_variadic<element_operation::add>, true},
    onnx_operator{"Tanh", read_tanh, true},
    onnx_operator{"Tile", read_tile, true},
    onnx_operator{"Transpose", read_transpose, true},
    onnx_operator{"Unsqueeze", read_unsqueeze, true},
    onnx_operator{"Where", read_where, true},
};

// Null: not supported.
inline const onnx_operator* find_operator(const onnx::NodeProto& node) {
  if (!is_default_domain(node.domain())) return nullptr;
  for (const onnx_operator& known : onnx_operators) {
    if (known.type == node.op_type()) return &known;
  }
  return nullptr;
}

inline void read_operator(onnx_node& node) {
  if (const onnx_operator* known = find_operator(node.proto())) {
    try {
      known->read(node);
    } catch (const shape_error& problem) {
      node.place().fail(problem.what());
    }
    return node.finish();
  }
  std::string supported = "Constant, If";
  for (const onnx_operator& known : onnx_operators) supported += ", " + std::string(known.type);
  const std::string domain =
      is_default_domain(node.proto().domain()) ? "" : " of " + printable(node.proto().domain());
  node.place().fail("this operator" + domain + " is not supported; supported are " + supported);
}

}  // namespace napier::detail
