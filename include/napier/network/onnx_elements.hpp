#pragma once
// napier/network/onnx_elements.hpp — ONNX's operators that work element by element, or along one axis.
//
// What      activations, clip, batch norm, softmax, LRN, and sums, powers, products and the like of two or more values.
//           Combinations of constants are computed as ONNX says: float32 rounded, integers wrapped
// Checked   tests/network/onnx_operators_test.cpp, tests/network/onnx_cases_test.cpp

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <napier/network/network.hpp>
#include <napier/network/onnx_node.hpp>
#include <napier/network/onnx_operands.hpp>

namespace napier::detail {

// ---- of one value ----------------------------------------------------------------------------------------

inline void give_same_shape(onnx_node& node, layer operation) {
  const onnx_value& input = node.value(0);
  node.give(node.emit(std::move(operation), {input.index}, input.dimensions));
}

// apply(x): what a constant becomes.
template <class Apply>
void give_constant_of(onnx_node& node, Apply apply) {
  onnx_literal literal = node.literal(0);
  if (!literal.is_real()) node.place().expected("elements of type FLOAT", onnx_type_text(literal.type));
  for (double& x : literal.reals) x = onnx_rounded(literal.type, apply(x));
  node.give_constant(literal);
}

inline void read_relu(onnx_node& node) {
  node.expect_inputs(1, 1);
  if (!node.is_constant(0)) return give_same_shape(node, relu_layer{});
  give_constant_of(node, [](double x) { return x < 0 ? 0 : x; });
}
inline void read_sigmoid(onnx_node& node) {
  node.expect_inputs(1, 1);
  if (!node.is_constant(0)) return give_same_shape(node, sigmoid_layer{});
  give_constant_of(node, [](double x) { return 1 / (1 + std::exp(-x)); });
}
inline void read_tanh(onnx_node& node) {
  node.expect_inputs(1, 1);
  if (!node.is_constant(0)) return give_same_shape(node, tanh_layer{});
  give_constant_of(node, [](double x) { return std::tanh(x); });
}

inline void give_function(onnx_node& node, const function_layer& what) {
  node.expect_inputs(1, 1);
  if (!node.is_constant(0)) return give_same_shape(node, what);
  onnx_literal literal = node.literal(0);
  for (std::int64_t& x : literal.integers) {
    const bool turns =
        what.function == element_function::negative || (what.function == element_function::absolute && x < 0);
    if (turns) x = onnx_narrowed(literal.type, static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(x)));
  }
  const bool keeps_integers =
      what.function == element_function::negative || what.function == element_function::absolute;
  if (!literal.is_real() && !keeps_integers)
    node.place().expected("elements of type FLOAT", onnx_type_text(literal.type));
  for (double& x : literal.reals)
    x = onnx_rounded(literal.type, apply_function(what.function, what.alpha, what.beta, x));
  node.give_constant(literal);
}

template <element_function function>
void read_function(onnx_node& node) {
  give_function(node, {function});
}
inline void read_leaky_relu(onnx_node& node) {
  give_function(node, {element_function::leaky_relu, node.finite_real("alpha", static_cast<double>(0.01F))});
}
inline void read_elu(onnx_node& node) {
  give_function(node, {element_function::elu, node.finite_real("alpha", 1)});
}
inline void read_selu(onnx_node& node) {
  const double alpha = node.finite_real("alpha", static_cast<double>(1.67326319217681884765625F));
  give_function(node, {element_function::selu, alpha,
                       node.finite_real("gamma", static_cast<double>(1.05070102214813232421875F))});
}
inline void read_hard_sigmoid(onnx_node& node) {
  const double alpha = node.finite_real("alpha", static_cast<double>(0.2F));
  give_function(node, {element_function::hard_sigmoid, alpha, node.finite_real("beta", 0.5)});
}

inline void read_clip(onnx_node& node) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  double low = -infinity;
  double high = infinity;
  if (node.opset() < 11) {
    node.expect_inputs(1, 1);
    low = node.real("min", low);
    high = node.real("max", high);
  } else {
    node.expect_inputs(1, 3);
    if (node.has_input(1)) low = node.number(1);
    if (node.has_input(2)) high = node.number(2);
  }
  if (node.is_constant(0)) {
    return give_constant_of(node,
                            [=](double x) { return std::isnan(x) ? x : std::min(std::max(x, low), high); });
  }
  // The largest float32 is how older exporters write "no bound".
  if (low <= static_cast<double>(std::numeric_limits<float>::lowest())) low = -infinity;
  if (high >= static_cast<double>(std::numeric_limits<float>::max())) high = infinity;
  if (low == -infinity && high == infinity) return node.give(onnx_value(node.value(0)));
  if (low == 0 && high == infinity) return give_same_shape(node, relu_layer{});
  give_same_shape(node, clip_layer{low, high});
}

inline void read_batch_norm(onnx_node& node) {
  node.expect_inputs(5, 5);
  node.ignore("momentum");
  if (node.opset() >= 14) node.expect_integer("training_mode", 0);
  // Before opset 14 more outputs than one are how training is asked for.
  int outputs = 0;
  for (const std::string& output : node.proto().output()) outputs += output.empty() ? 0 : 1;
  if (node.opset() < 14 && outputs > 1)
    node.place().expected("one output, as for inference", std::to_string(outputs) + ", as for training");
  const shape& input = node.value(0).dimensions;
  if (input.size() < 2 || input.front() != 1) {
    node.place().expected("an input of channels x height x width", to_text(network_shape(input)));
  }
  const std::size_t channels = input[1];
  batch_norm_layer norm;
  norm.epsilon = node.real("epsilon", static_cast<double>(1e-5F));
  norm.gamma = node.vector(1, channels);
  norm.beta = node.vector(2, channels);
  norm.mean = node.vector(3, channels);
  norm.variance = node.vector(4, channels);
  if (!(norm.epsilon >= 0 && std::isfinite(norm.epsilon))) {
    node.place().expected("epsilon of at least 0", std::to_string(norm.epsilon));
  }
  for (std::size_t i = 0; i < norm.variance.size(); ++i) {
    if (norm.variance[i] >= 0 && norm.variance[i] + norm.epsilon > 0) continue;
    node.place()
        .in("constant " + printable(node.proto().input(4)))
        .expected("variances above 0", std::to_string(norm.variance[i]) + " at index " + std::to_string(i));
  }
  give_same_shape(node, std::move(norm));
}

inline void read_lrn(onnx_node& node) {
  node.expect_inputs(1, 1);
  const shape& input = node.value(0).dimensions;
  if (input.size() < 3 || input.front() != 1) {
    node.place().expected("an input of channels x height x width", to_text(network_shape(input)));
  }
  lrn_layer norm;
  norm.parameters.alpha = node.finite_real("alpha", static_cast<double>(1e-4F));
  norm.parameters.beta = node.finite_real("beta", 0.75);
  norm.parameters.bias = node.finite_real("bias", 1);
  const std::int64_t size = node.integer("size", 0);
  if (size < 1 || size > std::int64_t{1} << 20) {
    node.place().expected("size from 1 to 1048576", std::to_string(size));
  }
  norm.parameters.size = static_cast<std::size_t>(size);
  give_same_shape(node, norm);
}

// ---- along axes ------------------------------------------------------------------------------------------

// Of constants: `length` elements that lie `inner` apart at a time.
inline void soften(std::vector<double>& values, std::size_t length, std::size_t inner, bool is_logarithm) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i / inner % length != 0) continue;
    double largest = values[i];
    for (std::size_t k = 1; k < length; ++k) largest = std::max(largest, values[i + k * inner]);
    double sum = 0;
    for (std::size_t k = 0; k < length; ++k) sum += std::exp(values[i + k * inner] - largest);
    for (std::size_t k = 0; k < length; ++k) {
      const double x = values[i + k * inner] - largest;
      values[i + k * inner] = is_logarithm ? x - std::log(sum) : std::exp(x) / sum;
    }
  }
}

// Before opset 13 all axes from the given one on are taken together.
template <bool is_logarithm>
void read_softmax(onnx_node& node) {
  node.expect_inputs(1, 1);
  const shape input = node.is_constant(0) ? node.dimensions(0) : node.value(0).dimensions;
  const bool is_old = node.opset() < 13;
  const std::size_t axis = node.axis(node.integer("axis", is_old ? 1 : -1), input.size());
  if (node.is_constant(0)) {
    onnx_constant constant = node.weights(0);
    const auto behind = input.begin() + static_cast<std::ptrdiff_t>(axis);
    const std::size_t inner = is_old ? 1 : element_count({behind + 1, input.end()});
    soften(constant.values, element_count({behind, input.end()}) / inner, inner, is_logarithm);
    onnx_literal result{onnx::TensorProto::FLOAT, input, std::move(constant.values), {}};
    return node.give_constant(result);
  }
  node.expect_within_image(0, axis);
  const std::size_t left_out = input.size() - network_shape(input).size();
  softmax_layer softmax;
  softmax.first = axis - std::min(axis, left_out);
  softmax.last = is_old ? input.size() - left_out : axis + 1 - left_out;
  softmax.is_logarithm = is_logarithm;
  give_same_shape(node, softmax);
}

// ---- of two and more values ------------------------------------------------------------------------------

inline double apply_in_float64(element_operation operation, double a, double b) {
  return round_to<double>(apply_exactly(operation, decode(a), decode(b)));
}

// Wraps where it overflows.
inline std::int64_t apply_to_integers(const onnx_node& node, element_operation operation, std::int64_t a,
                                      std::int64_t b) {
  const auto x = static_cast<std::uint64_t>(a);
  const auto y = static_cast<std::uint64_t>(b);
  switch (operation) {
    case element_operation::add:
      return static_cast<std::int64_t>(x + y);
    case element_operation::subtract:
      return static_cast<std::int64_t>(x - y);
    case element_operation::multiply:
      return static_cast<std::int64_t>(x * y);
    case element_operation::divide:
      if (b == 0) node.place().fail("a constant is divided by 0");
      return b == -1 ? static_cast<std::int64_t>(0 - x) : a / b;
    case element_operation::maximum:
      return std::max(a, b);
    case element_operation::minimum:
      return std::min(a, b);
    default:
      node.place().fail("it is not defined for integers");
  }
}

inline onnx_literal combine_literals(onnx_node& node, element_operation operation, const onnx_literal& a,
                                     const onnx_literal& b) {
  if (a.type != b.type)
    node.place().expected("two constants of one type",
                          onnx_type_text(a.type) + " and " + onnx_type_text(b.type));
  onnx_literal result{a.type, broadcast_dimensions(a.dimensions, b.dimensions), {}, {}};
  const std::vector<std::uint32_t> from_a = repeated(a.dimensions, result.dimensions).source;
  const std::vector<std::uint32_t> from_b = repeated(b.dimensions, result.dimensions).source;
  node.spend(from_a.size());
  for (std::size_t i = 0; i < from_a.size(); ++i) {
    if (a.is_real()) {
      result.reals.push_back(
          onnx_rounded(a.type, apply_in_float64(operation, a.reals[from_a[i]], b.reals[from_b[i]])));
    } else {
      result.integers.push_back(onnx_narrowed(
          a.type, apply_to_integers(node, operation, a.integers[from_a[i]], b.integers[from_b[i]])));
    }
  }
  return result;
}

// Computed in FP64.
inline onnx_literal power_of_literals(onnx_node& node, const onnx_literal& a, const onnx_literal& b) {
  onnx_literal result{a.type, broadcast_dimensions(a.dimensions, b.dimensions), {}, {}};
  const std::vector<std::uint32_t> from_a = repeated(a.dimensions, result.dimensions).source;
  const std::vector<std::uint32_t> from_b = repeated(b.dimensions, result.dimensions).source;
  node.spend(from_a.size());
  for (std::size_t i = 0; i < from_a.size(); ++i) {
    const double power = std::pow(a.number(from_a[i]), b.number(from_b[i]));
    if (a.is_real()) {
      result.reals.push_back(onnx_rounded(a.type, power));
    } else if (std::fabs(power) < 0x1p53) {
      result.integers.push_back(onnx_narrowed(a.type, static_cast<std::int64_t>(power)));
    } else {
      node.place().expected("powers of integers below 2^53", std::to_string(power));
    }
  }
  return result;
}

template <element_operation operation>
void read_elements(onnx_node& node) {
  node.expect_inputs(2, 2);
  if (node.is_constant(0) && node.is_constant(1))
    return node.give_constant(combine_literals(node, operation, node.literal(0), node.literal(1)));
  if (operation == element_operation::add && node.scope().merged.contains(&node.proto()))
    return node.give(onnx_value(node.value(node.is_constant(0) ? 1 : 0)));
  const std::size_t rank = node.value(node.is_constant(0) ? 1 : 0).dimensions.size();
  const onnx_operand a = read_operand(node, 0, rank);
  const onnx_operand b = read_operand(node, 1, rank);
  onnx_value result = emit_elements(node, operation, a, b);
  if (operation == element_operation::prelu && result.dimensions != a.dimensions) {
    node.place().expected("slopes that broadcast to " + to_text(a.dimensions), to_text(b.dimensions));
  }
  node.give(std::move(result));
}

// Of one value and more, from the first on.
template <element_operation operation, bool is_mean = false>
void read_variadic(onnx_node& node) {
  node.expect_inputs(1, std::numeric_limits<int>::max());
  const int count = node.proto().input_size();
  bool all_constant = true;
  for (int i = 0; i < count; ++i) all_constant = all_constant && node.is_constant(i);
  if (all_constant && !is_mean) {
    onnx_literal result = node.literal(0);
    for (int i = 1; i < count; ++i) result = combine_literals(node, operation, result, node.literal(i));
    return node.give_constant(result);
  }
  if (all_constant) node.place().fail("all its inputs are constants");
  onnx_operand result = read_operand(node, 0);
  for (int i = 1; i < count; ++i) {
    const onnx_operand next = read_operand(node, i);
    if (result.is_constant() && next.is_constant())
      node.place().fail("two constants stand before its first computed input");
    result = operand_of(emit_elements(node, operation, result, next));
  }
  if (is_mean && count > 1) {
    result = operand_of(emit_elements(node, element_operation::divide, result,
                                      {{}, std::nullopt, {static_cast<double>(count)}}, ".divide"));
  }
  node.give({*result.value, result.dimensions});
}

// By a constant exponent: of the elementary functions that a format has. Powers of 2 to 4 are products, those of quarters are
// square roots; the others are e^(p·ln x), for p that is no integer.
inline void read_pow(onnx_node& node) {
  node.expect_inputs(2, 2);
  const onnx_literal exponent = node.literal(1);
  if (node.is_constant(0)) return node.give_constant(power_of_literals(node, node.literal(0), exponent));
  const onnx_value& x = node.value(0);
  if (exponent.count() != 1 || exponent.dimensions.size() > x.dimensions.size())
    node.place().expected("one exponent for all elements", to_text(exponent.dimensions));
  const double p = exponent.number(0);
  const auto times = [&](const onnx_value& a, const onnx_value& b, const char* suffix) {
    return emit_elements(node, element_operation::multiply, operand_of(a), operand_of(b), suffix);
  };
  const auto apply = [&](element_function function, const onnx_value& a, const char* suffix) {
    return node.emit(function_layer{function}, {a.index}, a.dimensions, suffix);
  };
  const double size = std::fabs(p);
  const char* last = p < 0 ? ".power" : "";
  onnx_value result = x;
  if (size == 2) {
    result = times(x, x, last);
  } else if (size == 3) {
    result = times(times(x, x, ".square"), x, last);
  } else if (size == 4) {
    const onnx_value square = times(x, x, ".square");
    result = times(square, square, last);
  } else if (size == 0.5) {
    result = apply(element_function::square_root, x, last);
  } else if (size == 0.25 || size == 0.75) {
    const onnx_value root = apply(element_function::square_root, x, ".root");
    result = apply(element_function::square_root, root, size == 0.25 ? last : ".fourth_root");
    if (size == 0.75) result = times(root, result, last);
  } else if (size != 1) {
    if (!std::isfinite(p) || p == std::floor(p))
      node.place().expected("an exponent from -4 to 4, or one that is no integer", std::to_string(p));
    const onnx_value scaled = emit_elements(node, element_operation::multiply,
                                            operand_of(apply(element_function::logarithm, x, ".log")),
                                            {{}, std::nullopt, {p}}, ".scale");
    return node.give(apply(element_function::exponential, scaled, ""));
  }
  node.give(p < 0 ? apply(element_function::reciprocal, result, "") : std::move(result));
}

}  // namespace napier::detail
