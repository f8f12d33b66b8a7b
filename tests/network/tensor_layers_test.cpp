// The layers that move, combine and multiply, run by an engine on small integers: every result is exact.
#include <napier/accumulators/quire.hpp>
#include <napier/formats/posit.hpp>
#include <napier/mac/mac.hpp>
#include <napier/multipliers/mitchell.hpp>
#include <napier/network/session.hpp>

#include <catch2/catch.hpp>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

#include "network/engines.hpp"

using namespace napier;
using doubles = std::vector<double>;
using floats = std::vector<float>;

namespace {

const mac_engine<mac<float, exact, native<float>>> reference;
const mac_engine<mac<float, mitchell, native<float>>> cheap;
const mac_engine<mac<posit<16, 1>, exact, quire<posit<16, 1>>>> posits;

floats counting(std::size_t count) {
  floats result(count);
  std::iota(result.begin(), result.end(), 1.0F);
  return result;
}

// Two images of the input's shape: 1, 2, 3, …
doubles run(network net, const engine& mac = reference) {
  return session(net, mac).run(counting(2 * element_count(net.input_shape())));
}

network of_one_layer(const shape& input, layer operation) {
  network net("made up", input);
  net.add({"one", "One", std::move(operation), {0}});
  return net;
}

}  // namespace

TEST_CASE("concatenation along each dimension") {
  for (const engine* mac : std::initializer_list<const engine*>{&reference, &posits}) {
    network net("made up", {2, 2});
    net.add({"j", "Concat", concat_layer{1}, {0, 0}});
    CHECK(run(net, *mac) == doubles{1, 2, 1, 2, 3, 4, 3, 4, 5, 6, 5, 6, 7, 8, 7, 8});
    network first("made up", {2, 2});
    first.add({"j", "Concat", concat_layer{0}, {0, 0}});
    CHECK(run(first, *mac) == doubles{1, 2, 3, 4, 1, 2, 3, 4, 5, 6, 7, 8, 5, 6, 7, 8});
  }
}

TEST_CASE("rearrangement rounds its fill to the format") {
  const network net = of_one_layer({2}, rearrange_layer{{3}, {1, rearrange_fill, 0}, 1.0 / 3});
  CHECK(run(net) == doubles{2, static_cast<double>(1.0F / 3), 1, 4, static_cast<double>(1.0F / 3), 3});
  CHECK(run(net, posits)[1] == static_cast<double>(posit<16, 1>{1.0 / 3}));
}

TEST_CASE("constants on either side") {
  const auto with = [](element_operation operation, bool is_left) {
    const broadcast_operand constant{{2, 1}, {10, 20}};
    const broadcast_operand input{{2, 2}, {}};
    return of_one_layer(
        {2, 2}, broadcast_layer{operation, is_left ? constant : input, is_left ? input : constant, {2, 2}});
  };
  CHECK(run(with(element_operation::subtract, false)) == doubles{-9, -8, -17, -16, -5, -4, -13, -12});
  CHECK(run(with(element_operation::subtract, true)) == doubles{9, 8, 17, 16, 5, 4, 13, 12});
  CHECK(run(with(element_operation::multiply, true), posits) == doubles{10, 20, 60, 80, 50, 60, 140, 160});
  CHECK(run(with(element_operation::divide, true)) == doubles{10, 5, static_cast<double>(20.0F / 3), 5, 2,
                                                              static_cast<double>(10.0F / 6),
                                                              static_cast<double>(20.0F / 7), 2.5});
}

TEST_CASE("a product of two values is the multiplier's, one by a constant is exact") {
  network both("made up", {2, 1});
  both.add({"sum", "Add", add_layer{}, {0, 0}});
  both.add({"product",
            "Mul",
            broadcast_layer{element_operation::multiply, {{2, 1}, {}}, {{2, 1}, {}}, {2, 1}},
            {0, 1}});
  CHECK(run(both) == doubles{2, 8, 18, 32});
  CHECK(run(both, cheap) == doubles{2, 8, 16, 32});  // 3 · 6: 2^(1+2) · (1 + …) = 16
  const network constant =
      of_one_layer({2, 1}, broadcast_layer{element_operation::multiply, {{2, 1}, {}}, {{1, 1}, {3}}, {2, 1}});
  CHECK(run(constant, cheap) == doubles{3, 6, 9, 12});
}

TEST_CASE("matrix products of two values, with a constant on either side, and repeated matrices") {
  network both("made up", {2, 2});
  both.add({"twice", "Add", add_layer{}, {0, 0}});
  both.add({"m", "MatMul", matmul_layer{{{2, 2}, {}}, {{2, 2}, {}}, {2, 2}}, {0, 1}});
  CHECK(run(both) == doubles{14, 20, 30, 44, 134, 156, 182, 212});
  CHECK(run(both, posits) == doubles{14, 20, 30, 44, 134, 156, 182, 212});
  const network left = of_one_layer({2, 1}, matmul_layer{{{3, 2}, {1, 0, 0, 1, 1, 1}}, {{2, 1}, {}}, {3}});
  CHECK(run(left) == doubles{1, 2, 3, 3, 4, 7});
  const network right =
      of_one_layer({2, 1, 2}, matmul_layer{{{2, 1, 2}, {}}, {{1, 2, 2}, {1, 2, 3, 4}}, {2, 2}});
  CHECK(run(right) == doubles{7, 10, 15, 22, 23, 34, 31, 46});
}

TEST_CASE("a fully connected layer over the last of several dimensions") {
  const network net = of_one_layer({3, 2}, fully_connected_layer{2, 1, {1, 10}, {100}});
  CHECK(run(net) == doubles{121, 143, 165, 187, 209, 231});
  CHECK(run(net, posits) == doubles{121, 143, 165, 187, 209, 231});
}

TEST_CASE("reductions, global maximum, functions, softmax, LRN, transposed convolution") {
  CHECK(run(of_one_layer({2, 2}, reduce_layer{reduction::sum, 2, {0, 2, 1, 3}, {2}})) ==
        doubles{4, 6, 12, 14});
  CHECK(run(of_one_layer({2, 2}, reduce_layer{reduction::mean, 2, {}, {2}})) == doubles{1.5, 3.5, 5.5, 7.5});
  CHECK(run(of_one_layer({2, 2}, reduce_layer{reduction::max, 4, {}, {1}})) == doubles{4, 8});
  CHECK(run(of_one_layer({2, 2}, global_max_pool_layer{})) == doubles{2, 4, 6, 8});
  CHECK(run(of_one_layer({1}, function_layer{element_function::negative})) == doubles{-1, -2});
  CHECK(run(of_one_layer({1}, softmax_layer{0, 0})) == doubles{1, 1});  // over no dimension: each by itself
  CHECK(run(of_one_layer({1}, softmax_layer{0, 1, true})) == doubles{0, 0});
  CHECK(run(of_one_layer({1}, lrn_layer{{1, 3, 1, 0}}))[0] == static_cast<double>(1.0F / 3));
  conv_transpose2d_layer conv;
  conv.in_channels = conv.out_channels = 1;
  conv.parameters.kernel_height = 2;
  conv.weights = {1, 10};
  conv.bias = {5};
  CHECK(run(of_one_layer({1, 2}, conv)) == doubles{6, 17, 25, 8, 39, 45});
}
