#pragma once
// napier/network/onnx_logic.hpp — ONNX's operators that decide: of constants alone, as exporters compute sizes with them.
//
// What      Equal, Greater, Less, GreaterOrEqual, LessOrEqual, And, Or, Not, Where; Floor, Ceil, Mod, which round sizes.
//           PyTorch's expand(b, c, h, w) is Where(Equal(sizes, -1), …)
// Errors    an input that is computed from the images
// Checked   tests/network/onnx_exporters_test.cpp, tests/network/onnx_constants_test.cpp, tests/network/onnx_cases_test.cpp

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <napier/network/network.hpp>
#include <napier/network/onnx_node.hpp>
#include <napier/network/rearrangement.hpp>

namespace napier::detail {

// Element by element, of constants that broadcast: each gives the index of an element of each of them.
template <class Visit>
void for_each_broadcast(onnx_node& node, const shape& result, const std::vector<onnx_literal>& constants,
                        Visit visit) {
  std::vector<std::vector<std::uint32_t>> from;
  for (const onnx_literal& constant : constants) from.push_back(repeated(constant.dimensions, result).source);
  node.spend(from[0].size());
  std::vector<std::size_t> places(constants.size());
  for (std::size_t i = 0; i < from[0].size(); ++i) {
    for (std::size_t k = 0; k < places.size(); ++k) places[k] = from[k][i];
    visit(places);
  }
}

enum class onnx_comparison : unsigned char {
  equal,
  greater,
  less,
  greater_or_equal,
  less_or_equal,
  logical_and,
  logical_or
};

template <class T>
bool compare(onnx_comparison how, T a, T b) {
  switch (how) {
    case onnx_comparison::equal:
      return a == b;
    case onnx_comparison::greater:
      return a > b;
    case onnx_comparison::less:
      return a < b;
    case onnx_comparison::greater_or_equal:
      return a >= b;
    case onnx_comparison::less_or_equal:
      return a <= b;
    case onnx_comparison::logical_and:
      return a != 0 && b != 0;
    default:
      return a != 0 || b != 0;
  }
}

inline void expect_one_type(const onnx_node& node, const onnx_literal& a, const onnx_literal& b) {
  if (a.type == b.type) return;
  node.place().expected("two constants of one type",
                        onnx_type_text(a.type) + " and " + onnx_type_text(b.type));
}

template <onnx_comparison how>
void read_comparison(onnx_node& node) {
  node.expect_inputs(2, 2);
  const std::vector<onnx_literal> operands{node.literal(0), node.literal(1)};
  const onnx_literal& a = operands[0];
  const onnx_literal& b = operands[1];
  expect_one_type(node, a, b);
  onnx_literal result{onnx::TensorProto::BOOL, broadcast_dimensions(a.dimensions, b.dimensions), {}, {}};
  for_each_broadcast(node, result.dimensions, operands, [&](const std::vector<std::size_t>& at) {
    const bool holds = a.is_real() ? compare(how, a.reals[at[0]], b.reals[at[1]])
                                   : compare(how, a.integers[at[0]], b.integers[at[1]]);
    result.integers.push_back(holds ? 1 : 0);
  });
  node.give_constant(result);
}

inline void read_not(onnx_node& node) {
  node.expect_inputs(1, 1);
  onnx_literal result = node.literal(0);
  for (std::int64_t& x : result.integers) x = x == 0 ? 1 : 0;
  node.give_constant(result);
}

inline void read_where(onnx_node& node) {
  node.expect_inputs(3, 3);
  const std::vector<onnx_literal> operands{node.literal(0), node.literal(1), node.literal(2)};
  const onnx_literal& a = operands[1];
  const onnx_literal& b = operands[2];
  expect_one_type(node, a, b);
  if (operands[0].is_real()) node.place().expected("a condition of BOOL", onnx_type_text(operands[0].type));
  const shape both = broadcast_dimensions(a.dimensions, b.dimensions);
  onnx_literal result{a.type, broadcast_dimensions(operands[0].dimensions, both), {}, {}};
  for_each_broadcast(node, result.dimensions, operands, [&](const std::vector<std::size_t>& at) {
    const onnx_literal& from = operands[0].integers[at[0]] != 0 ? a : b;
    const std::size_t place = operands[0].integers[at[0]] != 0 ? at[1] : at[2];
    if (from.is_real()) result.reals.push_back(from.reals[place]);
    if (!from.is_real()) result.integers.push_back(from.integers[place]);
  });
  node.give_constant(result);
}

template <bool is_up>
void read_whole(onnx_node& node) {
  node.expect_inputs(1, 1);
  onnx_literal result = node.literal(0);
  for (double& x : result.reals) x = is_up ? std::ceil(x) : std::floor(x);
  node.give_constant(result);
}

// The sign is the divisor's; with fmod = 1 the dividend's.
inline void read_mod(onnx_node& node) {
  node.expect_inputs(2, 2);
  const bool is_fmod = node.flag("fmod");
  const std::vector<onnx_literal> operands{node.literal(0), node.literal(1)};
  const onnx_literal& a = operands[0];
  const onnx_literal& b = operands[1];
  expect_one_type(node, a, b);
  if (a.is_real() && !is_fmod) node.place().expected("fmod = 1 for " + onnx_type_text(a.type), "0");
  onnx_literal result{a.type, broadcast_dimensions(a.dimensions, b.dimensions), {}, {}};
  for_each_broadcast(node, result.dimensions, operands, [&](const std::vector<std::size_t>& at) {
    if (a.is_real()) return result.reals.push_back(std::fmod(a.reals[at[0]], b.reals[at[1]]));
    const std::int64_t x = a.integers[at[0]];
    const std::int64_t y = b.integers[at[1]];
    if (y == 0) node.place().fail("a constant is divided by 0");
    const std::int64_t rest = y == -1 ? 0 : x % y;
    result.integers.push_back(!is_fmod && rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest);
  });
  node.give_constant(result);
}

}  // namespace napier::detail
