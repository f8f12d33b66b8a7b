#pragma once
// napier/network/onnx_constants.hpp — ONNX's operators that say something about shapes and types, and those that do nothing.
//
// What      Identity, Dropout; Cast, Shape, Size, ConstantOfShape, Range: constants, from which PyTorch's exporter computes the
//           arguments of other nodes
// Checked   tests/network/onnx_operators_test.cpp, tests/network/onnx_cases_test.cpp

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <napier/network/network.hpp>
#include <napier/network/onnx_node.hpp>

namespace napier::detail {

// ---- nothing that runs -----------------------------------------------------------------------------------

inline void read_identity(onnx_node& node) {
  node.expect_inputs(1, 1);
  node.pass_through();
}

inline void read_dropout(onnx_node& node) {
  node.expect_inputs(1, node.opset() < 12 ? 1 : 3);
  node.ignore(node.opset() < 12 ? "ratio" : "seed");
  const bool trains = node.has_input(2) && node.integers(2, 1) != std::vector<std::int64_t>{0};
  const bool drops = !node.has_input(1) || node.number(1) != 0;
  if (trains && drops) node.place().fail("expected training_mode = false");
  node.pass_through();
  if (!node.is_read(1)) return;
  onnx_literal mask{onnx::TensorProto::BOOL, node.dimensions(0), {}, {}};
  mask.integers.assign(element_count(mask.dimensions), 1);
  node.give_constant(mask, 1);
}

// ---- types and constants ---------------------------------------------------------------------------------

inline void read_cast(onnx_node& node) {
  node.expect_inputs(1, 1);
  const auto to = static_cast<std::int32_t>(node.integer("to", 0));
  if (!node.is_constant(0)) {
    if (to != onnx::TensorProto::FLOAT && to != onnx::TensorProto::DOUBLE)
      node.place().expected("a computed value to stay FLOAT", "to = " + onnx_type_text(to));
    return node.pass_through();
  }
  if (to == onnx::TensorProto::STRING || to == onnx::TensorProto::COMPLEX64 ||
      to == onnx::TensorProto::COMPLEX128 || to == 0 || !onnx::TensorProto_DataType_IsValid(to)) {
    node.place().expected("a number type", "to = " + onnx_type_text(to));
  }
  const onnx_literal from = node.literal(0);
  onnx_literal result{to, from.dimensions, {}, {}};
  const std::size_t count = from.reals.size() + from.integers.size();
  for (std::size_t i = 0; i < count; ++i) {
    if (onnx_literal::is_real(to)) {
      result.reals.push_back(
          onnx_rounded(to, from.is_real() ? from.reals[i] : static_cast<double>(from.integers[i])));
      continue;
    }
    if (!from.is_real()) {
      result.integers.push_back(onnx_narrowed(to, from.integers[i]));
    } else if (to == onnx::TensorProto::BOOL) {
      result.integers.push_back(from.reals[i] != 0 ? 1 : 0);
    } else if (std::fabs(from.reals[i]) < 0x1p63) {
      result.integers.push_back(onnx_narrowed(to, static_cast<std::int64_t>(from.reals[i])));
    } else {
      node.place().expected("a constant that fits " + onnx_type_text(to), std::to_string(from.reals[i]));
    }
  }
  node.give_constant(result);
}

inline void give_integers(onnx_node& node, std::vector<std::int64_t> values) {
  onnx_literal result{onnx::TensorProto::INT64, {values.size()}, {}, std::move(values)};
  node.give_constant(result);
}

// Of a computed value it is known too: its batch is the model's, or one.
inline void read_shape(onnx_node& node) {
  node.expect_inputs(1, 1);
  const shape dimensions = node.dimensions(0);
  std::vector<std::int64_t> extents(dimensions.begin(), dimensions.end());
  if (const auto axis = node.batch_axis(0); axis && !extents.empty())
    extents[*axis] *= static_cast<std::int64_t>(node.scope().images());
  const auto rank = static_cast<std::int64_t>(extents.size());
  const auto bound = [rank](std::int64_t i) {
    return std::clamp<std::int64_t>(i < 0 ? i + rank : i, 0, rank);
  };
  std::int64_t start = 0;
  std::int64_t end = rank;
  if (node.opset() >= 15) {
    start = bound(node.integer("start", 0));
    end = bound(node.integer("end", rank));
  }
  if (end < start) end = start;
  give_integers(node, {extents.begin() + start, extents.begin() + end});
}

inline void read_size(onnx_node& node) {
  node.expect_inputs(1, 1);
  onnx_literal result{onnx::TensorProto::INT64, {}, {}, {}};
  std::size_t count = element_count(node.dimensions(0));
  if (node.batch_axis(0)) count *= node.scope().images();
  result.integers.push_back(static_cast<std::int64_t>(count));
  node.give_constant(result);
}

// Sizes from a tensor of int64.
inline shape sizes_of(const onnx_node& node, const std::vector<std::int64_t>& values) {
  shape result;
  for (const std::int64_t extent : values) {
    if (extent < 0) node.place().expected("sizes of at least 0", list_text(values));
    result.push_back(static_cast<std::size_t>(extent));
  }
  if (!has_at_most(onnx_max_elements, result))
    node.place().fail("the shape " + list_text(values) + " is too large");
  return result;
}

inline void read_constant_of_shape(onnx_node& node) {
  node.expect_inputs(1, 1);
  onnx_literal value{onnx::TensorProto::FLOAT, {}, {0}, {}};
  if (const onnx::TensorProto* stated = node.tensor("value")) {
    const onnx_tensor_reader reader(*stated, node.place());
    if (reader.count() != 1) node.place().expected("one value", to_text(reader.dimensions()));
    value = reader.literal();
  }
  value.dimensions = sizes_of(node, node.integers(0, 64));
  const std::size_t count = element_count(value.dimensions);
  node.spend(count);
  if (value.is_real()) value.reals.assign(count, value.reals.front());
  if (!value.is_real()) value.integers.assign(count, value.integers.front());
  node.give_constant(value);
}

inline void read_range(onnx_node& node) {
  node.expect_inputs(3, 3);
  const onnx_literal start = node.literal(0);
  const onnx_literal limit = node.literal(1);
  const onnx_literal delta = node.literal(2);
  for (const onnx_literal* one : {&start, &limit, &delta}) {
    if (one->type != start.type || one->reals.size() + one->integers.size() != 1)
      node.place().fail("expected three numbers of one type");
  }
  const auto number = [](const onnx_literal& one) {
    return one.is_real() ? one.reals[0] : static_cast<double>(one.integers[0]);
  };
  const double steps = std::ceil((number(limit) - number(start)) / number(delta));
  if (!(steps <= static_cast<double>(onnx_max_elements))) node.place().fail("the range has too many numbers");
  const std::size_t count = steps > 0 ? static_cast<std::size_t>(steps) : 0;
  node.spend(count);
  onnx_literal result{start.type, {count}, {}, {}};
  for (std::size_t i = 0; i < count; ++i) {
    if (start.is_real()) {
      result.reals.push_back(
          onnx_rounded(start.type, start.reals[0] + static_cast<double>(i) * delta.reals[0]));
    } else {
      result.integers.push_back(start.integers[0] + static_cast<std::int64_t>(i) * delta.integers[0]);
    }
  }
  node.give_constant(result);
}

}  // namespace napier::detail
