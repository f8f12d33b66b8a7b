// Shapes of the layers that move, combine and reduce, and their refusals. Convolutions, pools and the like: network_test.cpp.
#include <napier/network/infer_shape.hpp>

#include <catch2/catch.hpp>
#include <cstddef>
#include <string>
#include <vector>

using namespace napier;
using doubles = std::vector<double>;

namespace {

std::string outcome(const layer& operation, const std::vector<shape>& inputs) {
  try {
    return to_text(infer_shape(operation, inputs));
  } catch (const shape_error& problem) {
    return problem.what();
  }
}

}  // namespace

TEST_CASE("one dimension: channels x length") {
  conv2d_layer conv;
  conv.parameters.kernel_height = 3;
  conv.in_channels = 2;
  conv.out_channels = 4;
  conv.weights = doubles(24);
  CHECK(outcome(conv, {{2, 9}}) == "4 x 7");
  CHECK(outcome(conv, {{2, 9, 1}}) == "4 x 7 x 1");
  max_pool_layer pool;
  pool.parameters.kernel_height = 3;
  CHECK(outcome(pool, {{2, 9}}) == "2 x 7");
  pool.parameters.pad_right = 1;
  CHECK(outcome(pool, {{2, 9}}) == "expected channels x height x width, got 2 x 9");
  CHECK(outcome(global_average_pool_layer{}, {{2, 9}}) == "2 x 1");
  CHECK(outcome(global_max_pool_layer{}, {{2, 9, 3}}) == "2 x 1 x 1");
  CHECK(outcome(global_max_pool_layer{}, {{9}}) == "expected channels x height x width, got 9");
}

TEST_CASE("transposed convolution") {
  conv_transpose2d_layer conv;
  conv.parameters.kernel_height = conv.parameters.kernel_width = 3;
  conv.parameters.stride_height = 2;
  conv.parameters.groups = 2;
  conv.in_channels = 4;
  conv.out_channels = 6;
  conv.weights = doubles(6 * 2 * 9);
  CHECK(outcome(conv, {{4, 5, 5}}) == "6 x 11 x 7");
  conv.weights.pop_back();
  CHECK(outcome(conv, {{4, 5, 5}}) == "expected 108 weights, got 107");
  CHECK(outcome(conv, {{3, 5, 5}}) == "expected 4 input channels, got 3");
}

TEST_CASE("reductions and rearrangements") {
  CHECK(outcome(reduce_layer{reduction::mean, 4, {}, {3}}, {{3, 2, 2}}) == "3");
  CHECK(outcome(reduce_layer{reduction::mean, 2, {0, 2, 1, 3}, {2, 1}}, {{2, 2}}) == "2 x 1");
  CHECK(outcome(reduce_layer{reduction::mean, 2, {0, 2, 1}, {2}}, {{2, 2}}) == "expected 4 sources, got 3");
  CHECK(outcome(reduce_layer{reduction::mean, 2, {0, 2, 1, 4}, {2}}, {{2, 2}}) ==
        "rearrange: element 4 of an image of 4");
  CHECK(outcome(reduce_layer{reduction::mean, 2, {0, 2, 1, rearrange_fill}, {2}}, {{2, 2}}) ==
        "a reduction reads elements of the input only");
  CHECK(outcome(reduce_layer{reduction::mean, 3, {}, {2}}, {{2, 2}}) ==
        "cannot reduce 2 x 2 to 2 in rows of 3");
  CHECK(outcome(rearrange_layer{{3}, {0, rearrange_fill, 1}, 0}, {{2}}) == "3");
  CHECK(outcome(rearrange_layer{{3}, {0, 1}, 0}, {{2}}) == "expected 3 sources, got 2");
  CHECK(outcome(rearrange_layer{{2}, {0, 2}, 0}, {{2}}) == "rearrange: element 2 of an image of 2");
}

TEST_CASE("two operands") {
  const auto with = [](broadcast_operand left, broadcast_operand right, const shape& target) {
    return broadcast_layer{element_operation::add, std::move(left), std::move(right), target};
  };
  CHECK(outcome(with({{2, 3}, {}}, {{2, 1}, {}}, {2, 3}), {{2, 3}, {2}}) == "2 x 3");
  CHECK(outcome(with({{2, 3}, {}}, {{1, 3}, doubles(3)}, {6}), {{2, 3}}) == "6");
  CHECK(outcome(with({{1, 3}, doubles(3)}, {{2, 3}, {}}, {6}), {{2, 3}}) == "6");
  CHECK(outcome(with({{2, 3}, {}}, {{3}, {}}, {2, 3}), {{2, 3}, {3}}) ==
        "operands of 2 x 3 and 3 do not fit together");
  CHECK(outcome(with({{2, 3}, {}}, {{3, 3}, {}}, {6}), {{2, 3}, {3, 3}}) ==
        "cannot broadcast 2 x 3 and 3 x 3");
  CHECK(outcome(with({{2, 3}, {}}, {{1, 3}, doubles(2)}, {6}), {{2, 3}}) == "expected 3 constants, got 2");
  CHECK(outcome(with({{2, 3}, {}}, {{1, 3}, {}}, {6}), {{2, 3}}) == "an operand is missing");
  CHECK(outcome(with({{2, 3}, {}}, {{1, 3}, doubles(3)}, {6}), {{2, 3}, {1}}) == "expected 1 inputs, got 2");
  CHECK(outcome(with({{1}, {1}}, {{1}, {1}}, {1}), {}) == "both operands are constants");
  CHECK(outcome(with({{2, 3}, {}}, {{2, 3}, {}}, {5}), {{2, 3}, {2, 3}}) ==
        "operands broadcast to 2 x 3, not 5");
}

TEST_CASE("matrix products") {
  CHECK(outcome(matmul_layer{{{2, 3}, {}}, {{3, 4}, {}}, {2, 4}}, {{2, 3}, {3, 4}}) == "2 x 4");
  CHECK(outcome(matmul_layer{{{5, 2, 3}, {}}, {{1, 3, 4}, doubles(12)}, {5, 2, 4}}, {{5, 2, 3}}) ==
        "5 x 2 x 4");
  CHECK(outcome(matmul_layer{{{2, 3}, {}}, {{2, 3}, {}}, {2, 3}}, {{2, 3}, {2, 3}}) ==
        "cannot multiply matrices of 2 x 3 and 2 x 3");
  CHECK(outcome(matmul_layer{{{2, 3}, {}}, {{3, 4}, {}}, {9}}, {{2, 3}, {3, 4}}) ==
        "the product is 2 x 4, not 9");
}

TEST_CASE("concatenation along any dimension, softmax over some, LRN") {
  CHECK(outcome(concat_layer{1}, {{2, 3, 4}, {2, 5, 4}}) == "2 x 8 x 4");
  CHECK(outcome(concat_layer{2}, {{2, 3, 4}, {2, 5, 4}}) == "cannot concatenate 2 x 3 x 4 and 2 x 5 x 4");
  CHECK(outcome(concat_layer{3}, {{2, 3, 4}}) == "cannot concatenate 2 x 3 x 4 along dimension 3");
  CHECK(outcome(softmax_layer{1, 2, true}, {{2, 3}}) == "2 x 3");
  CHECK(outcome(lrn_layer{}, {{2, 3}}) == "2 x 3");
  CHECK(outcome(lrn_layer{{0, 1, 1, 1}}, {{2, 3}}) == "expected a window of at least one channel");
}
