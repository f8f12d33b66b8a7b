#pragma once
// napier/network/onnx_reductions.hpp — ONNX's operators that make one element of many.
//
// What      ReduceMean, ReduceSum, ReduceMax, ReduceL2 over any axes but the batch; ReduceProd of constants alone
// Checked   tests/network/onnx_operators_test.cpp, tests/network/onnx_cases_test.cpp

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <type_traits>
#include <utility>
#include <vector>

#include <napier/network/network.hpp>
#include <napier/network/onnx_node.hpp>
#include <napier/network/onnx_operands.hpp>

namespace napier::detail {

// The axes are an attribute, or from `as_input` on an input.
inline std::vector<std::int64_t> read_axes(onnx_node& node, std::int64_t as_input) {
  if (node.opset() < as_input) return node.list("axes");
  return node.has_input(1) ? node.integers(1, 64) : std::vector<std::int64_t>{};
}

// Means over all places of each channel are a global average pool.
inline bool is_global_pool(const shape& input, const std::vector<bool>& is_reduced) {
  if (input.size() < 3 || input.front() != 1 || is_reduced[0] || is_reduced[1]) return false;
  return std::all_of(is_reduced.begin() + 2, is_reduced.end(), [](bool reduced) { return reduced; });
}

struct onnx_reduction {
  std::vector<bool> is_reduced;    // of each axis
  std::vector<std::size_t> order;  // of the axes: those that stay, then those that go
  std::size_t length = 1;          // elements that become one
  shape result;
  bool keeps = true;
  bool does_nothing = false;
};

inline onnx_reduction reduction_of(const shape& dimensions, std::vector<bool> is_reduced, bool keeps) {
  onnx_reduction what{std::move(is_reduced), {}, 1, {}, keeps, false};
  std::vector<std::size_t> last;
  for (std::size_t i = 0; i < dimensions.size(); ++i) {
    const bool goes = what.is_reduced[i];
    (goes ? last : what.order).push_back(i);
    if (goes) what.length *= dimensions[i];
    if (!goes || keeps) what.result.push_back(goes ? 1 : dimensions[i]);
  }
  what.order.insert(what.order.end(), last.begin(), last.end());
  return what;
}

inline onnx_reduction read_reduction(onnx_node& node, std::int64_t axes_as_input) {
  node.expect_inputs(1, node.opset() < axes_as_input ? 1 : 2);
  const shape dimensions = node.dimensions(0);
  const std::vector<std::int64_t> stated = read_axes(node, axes_as_input);
  const bool may_do_nothing = node.opset() >= axes_as_input && node.flag("noop_with_empty_axes");
  std::vector<bool> is_reduced = node.axes(stated, dimensions.size());
  if (stated.empty() && !may_do_nothing) is_reduced.assign(dimensions.size(), true);
  for (std::size_t i = 0; i < dimensions.size(); ++i) {
    if (is_reduced[i]) node.expect_within_image(0, i);
  }
  onnx_reduction what = reduction_of(dimensions, std::move(is_reduced), node.flag("keepdims", true));
  what.does_nothing = stated.empty() && may_do_nothing;
  return what;
}

// reduce: of a vector of reals or integers.
template <class Reduce>
onnx_literal reduce_literal(onnx_node& node, const onnx_reduction& what, Reduce reduce) {
  const onnx_literal from = node.literal(0);
  const std::vector<std::uint32_t> source = transposed(from.dimensions, what.order).source;
  if (source.empty()) node.place().expected("at least one element", to_text(from.dimensions));
  onnx_literal result{from.type, what.result, {}, {}};
  for (std::size_t first = 0; first < source.size(); first += what.length) {
    const auto row_of = [&](const auto& values) {
      std::decay_t<decltype(values)> row;
      for (std::size_t i = 0; i < what.length; ++i) row.push_back(values[source[first + i]]);
      return row;
    };
    if (from.is_real()) {
      result.reals.push_back(onnx_rounded(from.type, reduce(row_of(from.reals))));
    } else {
      result.integers.push_back(onnx_narrowed(from.type, reduce(row_of(from.integers))));
    }
  }
  return result;
}

inline onnx_value emit_reduced(onnx_node& node, reduction how, const onnx_value& input,
                               const onnx_reduction& what, const char* suffix = "") {
  const shape& dimensions = input.dimensions;
  if (how == reduction::mean && what.keeps && is_global_pool(dimensions, what.is_reduced))
    return node.emit(global_average_pool_layer{}, {input.index}, what.result, suffix);
  rearrangement rows = transposed(dimensions, what.order);
  if (rows.keeps_order()) rows.source.clear();
  node.spend(rows.source.size());
  return node.emit(reduce_layer{how, what.length, std::move(rows.source), network_shape(what.result)},
                   {input.index}, what.result, suffix);
}

template <reduction how, std::int64_t axes_as_input>
void read_reduce(onnx_node& node) {
  const onnx_reduction what = read_reduction(node, axes_as_input);
  if (what.does_nothing) return node.pass_through();
  if (!node.is_constant(0)) return node.give(emit_reduced(node, how, node.value(0), what));
  node.give_constant(reduce_literal(node, what, [](const auto& row) {
    auto result = row[0];
    for (std::size_t i = 1; i < row.size(); ++i)
      result = how == reduction::max ? std::max(result, row[i]) : result + row[i];
    using number = decltype(result);
    return how == reduction::mean ? result / static_cast<number>(row.size()) : result;
  }));
}

// The square root of the sum of squares.
inline void read_reduce_l2(onnx_node& node) {
  const onnx_reduction what = read_reduction(node, 18);
  if (node.is_constant(0)) {
    return node.give_constant(reduce_literal(node, what, [](const auto& row) {
      double sum = 0;
      for (const auto x : row) sum += static_cast<double>(x) * static_cast<double>(x);
      return static_cast<typename std::decay_t<decltype(row)>::value_type>(std::sqrt(sum));
    }));
  }
  if (what.does_nothing) node.place().expected("axes", "none, and noop_with_empty_axes = 1");
  const onnx_operand x = operand_of(node.value(0));
  const onnx_value square = emit_elements(node, element_operation::multiply, x, x, ".square");
  const onnx_value sum = emit_reduced(node, reduction::sum, square, what, ".sum");
  node.give(node.emit(function_layer{element_function::square_root}, {sum.index}, sum.dimensions));
}

// Of constants alone: sizes are computed with it.
inline void read_reduce_prod(onnx_node& node) {
  const onnx_reduction what = read_reduction(node, 18);
  if (what.does_nothing) return node.pass_through();
  node.give_constant(reduce_literal(node, what, [](const auto& row) {
    return std::accumulate(row.begin() + 1, row.end(), row[0], std::multiplies<>());
  }));
}

}  // namespace napier::detail
