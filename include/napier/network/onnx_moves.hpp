#pragma once
// napier/network/onnx_moves.hpp — ONNX's operators that move elements.
//
// What      Transpose, Slice, Gather, Pad, Expand, Split, Concat: of constants they give constants, of computed values a
//           concatenation or a rearrangement
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
#include <napier/network/onnx_constants.hpp>
#include <napier/network/onnx_node.hpp>
#include <napier/network/onnx_operands.hpp>
#include <napier/network/rearrangement.hpp>

namespace napier::detail {

// ---- elements in other places ----------------------------------------------------------------------------

inline void read_transpose(onnx_node& node) {
  node.expect_inputs(1, 1);
  const shape input = node.dimensions(0);
  std::vector<std::int64_t> stated = node.list("perm");
  if (stated.empty()) {
    for (std::size_t i = input.size(); i-- > 0;) stated.push_back(static_cast<std::int64_t>(i));
  }
  std::vector<std::size_t> permutation;
  std::vector<bool> is_taken(input.size(), false);
  for (const std::int64_t axis : stated) {
    const auto i = static_cast<std::size_t>(axis);
    if (axis < 0 || i >= input.size() || is_taken[i] || stated.size() != input.size()) {
      node.place().expected("perm to be an order of " + std::to_string(input.size()) + " axes",
                            list_text(stated));
    }
    is_taken[i] = true;
    permutation.push_back(i);
  }
  std::optional<std::size_t> batch_axis;
  for (std::size_t i = 0; i < permutation.size(); ++i) {
    if (node.batch_axis(0) == permutation[i]) batch_axis = i;
  }
  node.give_rearranged(0, transposed(input, permutation), 0, 0, batch_axis);
}

struct onnx_slice {
  std::vector<std::int64_t> starts, ends, axes, steps;
};

inline onnx_slice read_slice_arguments(onnx_node& node) {
  if (node.opset() < 10) {
    node.expect_inputs(1, 1);
    return {node.list("starts"), node.list("ends"), node.list("axes"), {}};
  }
  node.expect_inputs(3, 5);
  onnx_slice slice{node.integers(1, 64), node.integers(2, 64), {}, {}};
  if (node.has_input(3)) slice.axes = node.integers(3, 64);
  if (node.has_input(4)) slice.steps = node.integers(4, 64);
  return slice;
}

// The indices start, start + step, … before end; counted from the back where negative, and cut to the axis.
inline std::vector<std::uint32_t> slice_places(std::int64_t start, std::int64_t end, std::int64_t step,
                                               std::int64_t extent) {
  const auto cut = [extent](std::int64_t i, std::int64_t low, std::int64_t high) {
    return std::clamp(i < 0 ? i + extent : i, low, high);
  };
  std::vector<std::uint32_t> places;
  if (step > 0) {
    const std::int64_t last = cut(end, 0, extent);
    const std::int64_t stride = std::min(step, extent + 1);
    for (std::int64_t i = cut(start, 0, extent); i < last; i += stride)
      places.push_back(static_cast<std::uint32_t>(i));
  } else {
    const std::int64_t last = cut(end, -1, extent - 1);
    const std::int64_t stride = std::max(step, -extent - 1);
    for (std::int64_t i = cut(start, -1, extent - 1); i > last; i += stride)
      places.push_back(static_cast<std::uint32_t>(i));
  }
  return places;
}

inline void read_slice(onnx_node& node) {
  onnx_slice slice = read_slice_arguments(node);
  const shape input = node.dimensions(0);
  if (slice.axes.empty()) {
    for (std::size_t i = 0; i < slice.starts.size(); ++i) slice.axes.push_back(static_cast<std::int64_t>(i));
  }
  if (slice.steps.empty()) slice.steps.assign(slice.starts.size(), 1);
  if (slice.ends.size() != slice.starts.size() || slice.axes.size() != slice.starts.size() ||
      slice.steps.size() != slice.starts.size()) {
    node.place().fail("its starts, ends, axes and steps are not equally many");
  }
  (void)node.axes(slice.axes, input.size());  // none twice
  auto places = all_places(input);
  for (std::size_t k = 0; k < slice.starts.size(); ++k) {
    const std::size_t axis = node.axis(slice.axes[k], input.size(), "axes");
    if (slice.steps[k] == 0) node.place().expected("steps other than 0", list_text(slice.steps));
    const std::int64_t all = node.scope().images() > 1
                                 ? static_cast<std::int64_t>(node.scope().images() * input[axis])
                                 : std::numeric_limits<std::int32_t>::max();
    const bool is_all = slice.starts[k] == 0 && slice.steps[k] == 1 && slice.ends[k] >= all;
    if (!is_all) node.expect_within_image(0, axis);
    places[axis] =
        slice_places(slice.starts[k], slice.ends[k], slice.steps[k], static_cast<std::int64_t>(input[axis]));
  }
  node.give_rearranged(0, pick(input, places));
}

inline void read_gather(onnx_node& node) {
  node.expect_inputs(2, 2);
  const shape input = node.dimensions(0);
  const std::size_t axis = node.axis(node.integer("axis", 0), input.size());
  node.expect_within_image(0, axis);
  const shape index_shape = node.dimensions(1);
  node.spend(element_count(index_shape));
  auto places = all_places(input);
  places[axis].clear();
  const auto extent = static_cast<std::int64_t>(input[axis]);
  for (const std::int64_t index : node.integers(1, onnx_max_elements)) {
    if (index < -extent || index >= extent) {
      node.place().expected("indices from " + std::to_string(-extent) + " to " + std::to_string(extent - 1),
                            std::to_string(index));
    }
    places[axis].push_back(static_cast<std::uint32_t>(index < 0 ? index + extent : index));
  }
  rearrangement result = pick(input, places);
  // The indices' dimensions stand where the axis stood; none for a single number.
  const auto middle = input.begin() + static_cast<std::ptrdiff_t>(axis);
  result.dimensions.assign(input.begin(), middle);
  result.dimensions.insert(result.dimensions.end(), index_shape.begin(), index_shape.end());
  result.dimensions.insert(result.dimensions.end(), middle + 1, input.end());
  std::optional<std::size_t> batch_axis = node.batch_axis(0);
  if (batch_axis && *batch_axis > axis) *batch_axis += index_shape.size() - 1;
  node.give_rearranged(0, std::move(result), 0, 0, batch_axis);
}

struct onnx_pads {
  std::vector<std::int64_t> pads;  // begin of each axis, then end
  double fill = 0;
};

inline onnx_pads read_pad_arguments(onnx_node& node, std::size_t rank) {
  if (node.opset() < 11) {
    node.expect_inputs(1, 1);
    return {node.list("pads"), node.finite_real("value", 0)};
  }
  node.expect_inputs(2, node.opset() < 18 ? 3 : 4);
  onnx_pads result{node.integers(1, 64), 0};
  if (node.has_input(2)) {
    const onnx_literal value = node.literal(2);
    if (value.reals.size() + value.integers.size() != 1)
      node.place().expected("one value to pad with", to_text(value.dimensions));
    result.fill = value.is_real() ? value.reals[0] : static_cast<double>(value.integers[0]);
    if (!std::isfinite(result.fill)) node.place().expected("a finite value to pad with", "infinity or NaN");
  }
  if (!node.has_input(3)) return result;
  const std::vector<std::int64_t> axes = node.integers(3, 64);
  (void)node.axes(axes, rank);  // none twice
  if (result.pads.size() != 2 * axes.size())
    node.place().expected("two pads an axis", list_text(result.pads));
  std::vector<std::int64_t> all(2 * rank, 0);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::size_t axis = node.axis(axes[i], rank, "axes");
    all[axis] = result.pads[i];
    all[rank + axis] = result.pads[axes.size() + i];
  }
  result.pads = std::move(all);
  return result;
}

// Index `i` of an axis that is padded: of the element there, or the fill.
inline std::uint32_t padded_place(std::int64_t i, std::int64_t extent, const std::string& mode) {
  if (i >= 0 && i < extent) return static_cast<std::uint32_t>(i);
  if (mode == "constant" || extent == 0) return rearrange_fill;
  if (mode == "edge") return static_cast<std::uint32_t>(i < 0 ? 0 : extent - 1);
  const std::int64_t period = std::max<std::int64_t>(1, 2 * (extent - 1));
  const std::int64_t folded = (i % period + period) % period;
  return static_cast<std::uint32_t>(folded < extent ? folded : period - folded);
}

inline void read_pad(onnx_node& node) {
  const shape input = node.dimensions(0);
  const std::size_t rank = input.size();
  const onnx_pads arguments = read_pad_arguments(node, rank);
  const std::string mode = node.text("mode", "constant");
  if (mode != "constant" && mode != "edge" && mode != "reflect")
    node.place().expected("mode = constant, edge or reflect", mode);
  if (arguments.pads.size() != 2 * rank)
    node.place().expected(std::to_string(2 * rank) + " pads", list_text(arguments.pads));
  constexpr std::int64_t most = 1 << 20;
  auto places = all_places(input);
  shape padded;
  for (std::size_t axis = 0; axis < rank; ++axis) {
    const std::int64_t before = arguments.pads[axis];
    const std::int64_t after = arguments.pads[rank + axis];
    const auto extent = static_cast<std::int64_t>(input[axis]);
    if (std::min(before, after) < -extent || std::max(before, after) > most)
      node.place().expected("pads of at most " + std::to_string(most), list_text(arguments.pads));
    if (before != 0 || after != 0) node.expect_within_image(0, axis);
    padded.push_back(static_cast<std::size_t>(std::max<std::int64_t>(0, before + extent + after)));
    places[axis].clear();
    for (std::int64_t i = -before; i < extent + after; ++i)
      places[axis].push_back(padded_place(i, extent, mode));
  }
  node.give_rearranged(0, pick(input, places), arguments.fill);
}

inline void read_expand(onnx_node& node) {
  node.expect_inputs(2, 2);
  const shape input = node.dimensions(0);
  shape target = sizes_of(node, node.integers(1, 64));
  if (const auto axis = node.batch_axis(0)) {
    if (target.size() > input.size()) node.place().expected("no dimension before the batch", to_text(target));
    // The model's batch in place of its 1, or a 1 for all images.
    const std::size_t given = input.size() - target.size();
    std::size_t* const extent = *axis < given ? nullptr : &target[*axis - given];
    if (extent != nullptr && *extent == input[*axis] * node.scope().images()) *extent = input[*axis];
    if (extent != nullptr && *extent != 1 && *extent != input[*axis]) node.expect_within_image(0, *axis);
  }
  const shape result = broadcast_dimensions(input, target);
  node.give_rearranged(0, repeated(input, result));
}

inline void read_tile(onnx_node& node) {
  node.expect_inputs(2, 2);
  const shape input = node.dimensions(0);
  const std::vector<std::int64_t> repeats = node.integers(1, 64);
  if (repeats.size() != input.size())
    node.place().expected(std::to_string(input.size()) + " repeats", list_text(repeats));
  shape result = sizes_of(node, repeats);
  auto places = all_places(input);
  for (std::size_t axis = 0; axis < input.size(); ++axis) {
    if (result[axis] != 1) node.expect_within_image(0, axis);
    result[axis] *= input[axis];
    if (!has_at_most(onnx_max_elements, result)) node.place().expected("fewer repeats", list_text(repeats));
    std::vector<std::uint32_t>& along = places[axis];
    for (std::size_t i = input[axis]; i < result[axis]; ++i) along.push_back(along[i - input[axis]]);
    along.resize(result[axis]);
  }
  node.give_rearranged(0, pick(input, places));
}

// ---- parts -----------------------------------------------------------------------------------------------

inline std::vector<std::int64_t> read_split_sizes(onnx_node& node, std::size_t extent) {
  std::vector<std::int64_t> sizes;
  if (node.opset() < 13) {
    node.expect_inputs(1, 1);
    sizes = node.list("split");
  } else {
    node.expect_inputs(1, 2);
    if (node.has_input(1)) sizes = node.integers(1, 4096);
  }
  if (!sizes.empty()) return sizes;
  const auto parts = static_cast<std::size_t>(node.proto().output_size());
  if (node.opset() >= 18 && node.has_attribute("num_outputs")) {
    node.expect_integer("num_outputs", static_cast<std::int64_t>(parts));
  } else if (parts == 0 || extent % parts != 0) {
    node.place().expected(std::to_string(parts) + " equal parts", std::to_string(extent));
  }
  const std::size_t each = parts == 0 ? 0 : (extent + parts - 1) / parts;
  for (std::size_t first = 0, i = 0; i < parts; ++i, first += each) {
    sizes.push_back(static_cast<std::int64_t>(std::min(each, extent - std::min(extent, first))));
  }
  return sizes;
}

inline void read_split(onnx_node& node) {
  const shape input = node.dimensions(0);
  const std::size_t axis = node.axis(node.integer("axis", 0), input.size());
  node.expect_within_image(0, axis);
  const std::vector<std::int64_t> sizes = read_split_sizes(node, input[axis]);
  std::size_t sum = 0;
  for (const std::int64_t size : sizes) {
    if (size < 0 || static_cast<std::size_t>(size) > input[axis]) sum = input[axis] + 1;
    sum += size < 0 ? 0 : static_cast<std::size_t>(size);
  }
  if (sum != input[axis] || sizes.size() != static_cast<std::size_t>(node.proto().output_size())) {
    node.place().expected("parts of " + std::to_string(input[axis]) + ", one an output", list_text(sizes));
  }
  std::size_t first = 0;
  for (std::size_t k = 0; k < sizes.size(); ++k) {
    const auto size = static_cast<std::size_t>(sizes[k]);
    if (node.is_read(static_cast<int>(k))) {
      auto places = all_places(input);
      places[axis].assign(places[axis].begin() + static_cast<std::ptrdiff_t>(first),
                          places[axis].begin() + static_cast<std::ptrdiff_t>(first + size));
      node.give_rearranged(0, pick(input, places), 0, static_cast<int>(k));
    }
    first += size;
  }
}

// Constants among the parts are added to a rearranged concatenation of the computed ones.
inline void concat_with_constants(onnx_node& node, std::size_t axis, const shape& result,
                                  const std::vector<onnx_value>& computed) {
  shape joined = result;
  joined[axis] = 0;
  for (const onnx_value& part : computed) joined[axis] += part.dimensions[axis];
  onnx_value values = computed.front();
  if (computed.size() > 1) {
    std::vector<std::size_t> inputs;
    for (const onnx_value& part : computed) inputs.push_back(part.index);
    const std::size_t left_out = result.size() - network_shape(computed.front().dimensions).size();
    if (axis < left_out) node.place().fail("constants and several values along axis 0 are not supported");
    values = node.emit(concat_layer{axis - left_out}, inputs, joined, ".values");
  }
  // Where each index along the axis comes from: the joined values, or a constant.
  auto from_values = all_places(joined);
  from_values[axis].clear();
  std::vector<double> constants(element_count(result), 0);
  node.spend(constants.size());
  bool all_zero = true;
  const shape inner_shape(result.begin() + static_cast<std::ptrdiff_t>(axis) + 1, result.end());
  const std::size_t inner = element_count(inner_shape);
  std::uint32_t next = 0;
  for (int i = 0; i < node.proto().input_size(); ++i) {
    const std::size_t extent = node.dimensions(i)[axis];
    const std::size_t first = from_values[axis].size();
    for (std::size_t k = 0; k < extent; ++k)
      from_values[axis].push_back(node.is_constant(i) ? rearrange_fill : next++);
    if (!node.is_constant(i)) continue;
    const onnx_constant part = node.weights_of_image(i, result.size());
    for (std::size_t k = 0; k < part.values.size(); ++k) {
      const std::size_t outer = k / (extent * inner);
      constants[(outer * result[axis] + first) * inner + k % (extent * inner)] = part.values[k];
      all_zero = all_zero && part.values[k] == 0;
    }
  }
  values = node.emit_rearranged(values, pick(joined, from_values), 0, all_zero ? "" : ".places");
  if (!all_zero) {
    values = emit_elements(node, element_operation::add, operand_of(values),
                           {result, std::nullopt, std::move(constants)});
  }
  node.give(std::move(values));
}

inline void concat_literals(onnx_node& node, std::size_t axis, const shape& dimensions) {
  onnx_literal result{0, dimensions, {}, {}};
  std::vector<onnx_literal> parts;
  for (int i = 0; i < node.proto().input_size(); ++i) {
    parts.push_back(node.literal(i));
    if (parts.back().type != parts.front().type) node.place().fail("its constants are of several types");
  }
  result.type = parts.front().type;
  const std::size_t outer =
      element_count({dimensions.begin(), dimensions.begin() + static_cast<std::ptrdiff_t>(axis)});
  for (std::size_t o = 0; o < outer; ++o) {
    for (const onnx_literal& part : parts) {
      const auto append = [&](auto& to, const auto& from) {
        const auto block = static_cast<std::ptrdiff_t>(from.size() / outer);
        const auto first = from.begin() + static_cast<std::ptrdiff_t>(o) * block;
        to.insert(to.end(), first, first + block);
      };
      append(result.reals, part.reals);
      append(result.integers, part.integers);
    }
  }
  node.give_constant(result);
}

inline void read_concat(onnx_node& node) {
  node.expect_inputs(1, std::numeric_limits<int>::max());
  if (!node.has_attribute("axis")) node.place().fail("its attribute axis is missing");
  std::vector<onnx_value> computed;
  for (int i = 0; i < node.proto().input_size(); ++i) {
    if (!node.is_constant(i)) computed.push_back(node.value(i));
  }
  // Of one image, where computed values stand beside a constant.
  const auto part_dimensions = [&](int i) {
    shape part = node.dimensions(i);
    const bool repeats = !computed.empty() && node.is_constant(i) && node.scope().images() > 1;
    if (repeats && part.size() == computed[0].dimensions.size() && part[0] == node.scope().images())
      part[0] = 1;
    return part;
  };
  shape result = part_dimensions(0);
  const std::size_t axis = node.axis(node.integer("axis", 1), result.size());
  for (int i = 0; i < node.proto().input_size(); ++i) {
    const shape part = part_dimensions(i);
    node.expect_within_image(i, axis);
    shape expected = result;
    if (part.size() == result.size()) expected[axis] = part[axis];
    if (part != expected) {
      node.place().fail("cannot concatenate " + to_text(part_dimensions(0)) + " and " + to_text(part));
    }
    if (i > 0) result[axis] += part[axis];
  }
  if (!has_at_most(onnx_max_elements, result)) {
    node.place().expected("a result of at most " + std::to_string(onnx_max_elements) + " elements",
                          to_text(network_shape(result)));
  }
  if (computed.empty()) return concat_literals(node, axis, result);
  if (computed.size() != static_cast<std::size_t>(node.proto().input_size()))
    return concat_with_constants(node, axis, result, computed);
  std::vector<std::size_t> inputs;
  const bool leaves_out_axis = axis == 0 && result.size() > 1;
  for (const onnx_value& part : computed) {
    // Along axis 0 the network has to see a dimension of 1, too.
    inputs.push_back(leaves_out_axis && part.dimensions[0] == 1
                         ? node.scope().model.add({printable(node.proto().name()) + ".part",
                                                   "Concat",
                                                   reshape_layer{part.dimensions},
                                                   {part.index}})
                         : part.index);
  }
  const std::size_t left_out = leaves_out_axis ? 0 : result.size() - network_shape(result).size();
  node.give(node.emit(concat_layer{axis - left_out}, std::move(inputs), result));
}

}  // namespace napier::detail
