// network: the shape of every layer's result, every refusal with its words, values and the output.
#include <napier/network/network.hpp>

#include <catch2/catch.hpp>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

using namespace napier;
using doubles = std::vector<double>;

namespace {

shape result(const layer& operation, const std::vector<shape>& inputs) {
  return infer_shape(operation, inputs);
}

std::string refusal(const layer& operation, const std::vector<shape>& inputs) {
  try {
    return "accepted: " + to_text(infer_shape(operation, inputs));
  } catch (const shape_error& problem) {
    return problem.what();
  }
}

conv2d_layer conv(std::size_t in, std::size_t out, const conv2d_parameters& p = {}) {
  return {
      p, in, out, doubles(out * (p.groups == 0 ? 0 : in / p.groups) * p.kernel_height * p.kernel_width), {}};
}

batch_norm_layer norm(std::size_t channels) {
  return {doubles(channels), doubles(channels), doubles(channels), doubles(channels, 1.0), 1e-5};
}

pool2d_parameters window(std::size_t height, std::size_t width, std::size_t stride) {
  pool2d_parameters p;
  p.kernel_height = height;
  p.kernel_width = width;
  p.stride_height = p.stride_width = stride;
  return p;
}

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST_CASE("shapes as text and number") {
  CHECK(element_count({}) == 1);
  CHECK(element_count({3, 4, 5}) == 60);
  CHECK(element_count({3, 0, 5}) == 0);
  CHECK(to_text(shape{3, 4, 5}) == "3 x 4 x 5");
  CHECK(to_text(shape{7}) == "7");
  CHECK(to_text(shape{}) == "scalar");
}

TEST_CASE("convolution") {
  conv2d_parameters p;
  p.kernel_height = 3;
  p.kernel_width = 2;
  p.stride_height = 2;
  p.stride_width = 3;
  p.dilation_height = 1;
  p.dilation_width = 4;
  p.pad_left = 1;
  p.pad_bottom = 2;
  p.pad_right = 3;
  p.groups = 2;
  // height (9 + 2 − 3) / 2 + 1 = 5; width (1 + 11 + 3 − 5) / 3 + 1 = 4
  CHECK(result(conv(4, 6, p), {{4, 9, 11}}) == shape{6, 5, 4});
  conv2d_layer biased = conv(4, 6, p);
  biased.bias.resize(6);
  CHECK(result(biased, {{4, 9, 11}}) == shape{6, 5, 4});

  biased.bias.resize(5);
  CHECK(refusal(biased, {{4, 9, 11}}) == "expected 6 biases, got 5");
  conv2d_layer light = conv(4, 6, p);
  light.weights.pop_back();
  CHECK(refusal(light, {{4, 9, 11}}) == "expected 72 weights, got 71");
  CHECK(refusal(conv(4, 6, p), {{3, 9, 11}}) == "expected 4 input channels, got 3");
  CHECK(refusal(conv(4, 6, p), {{4, 9}}) == "expected channels x height x width, got 4 x 9");
  CHECK(refusal(conv(4, 6, p), {}) == "expected one input, got 0");
  CHECK(refusal(conv(4, 6, p), {{4, 9, 11}, {4, 9, 11}}) == "expected one input, got 2");
  CHECK_THAT(refusal(conv(4, 6, p), {{4, 0, 11}}), Catch::Contains("spans 3, more than the padded input, 2"));
  CHECK_THAT(refusal(conv(4, 6, p), {{4, 9, 0}}), Catch::Contains("conv2d width"));
  const auto with_groups = [&](std::size_t in, std::size_t out, std::size_t groups) {
    conv2d_parameters q;
    q.groups = groups;
    return refusal(conv(in, out, q), {{in, 2, 2}});
  };
  CHECK(with_groups(4, 6, 3) == "4 input and 6 output channels do not divide into 3 groups");
  CHECK(with_groups(6, 4, 3) == "6 input and 4 output channels do not divide into 3 groups");
  CHECK(with_groups(4, 4, 0) == "4 input and 4 output channels do not divide into 0 groups");
  CHECK(with_groups(4, 0, 1) == "4 input and 0 output channels do not divide into 1 groups");
  CHECK(with_groups(4, 4, 4) == "accepted: 4 x 2 x 2");
  for (const auto member : {&conv2d_parameters::kernel_height, &conv2d_parameters::kernel_width,
                            &conv2d_parameters::stride_height, &conv2d_parameters::stride_width,
                            &conv2d_parameters::dilation_height, &conv2d_parameters::dilation_width}) {
    conv2d_parameters q = p;
    q.*member = 0;
    CHECK_THAT(refusal(conv(4, 6, q), {{4, 9, 11}}), Catch::Contains("none may be 0"));
  }
  p.pad_top = std::numeric_limits<std::size_t>::max();
  CHECK_THAT(refusal(conv(4, 6, p), {{4, 9, 11}}), Catch::Contains("a size above 2^31 - 1"));
}

TEST_CASE("fully connected") {
  CHECK(result(fully_connected_layer{3, 2, doubles(6), {}}, {{3}}) == shape{2});
  CHECK(result(fully_connected_layer{3, 2, doubles(6), doubles(2)}, {{3}}) == shape{2});
  CHECK(result(fully_connected_layer{3, 2, doubles(6), {}}, {{5, 3}}) == shape{5, 2});  // five rows
  CHECK(refusal(fully_connected_layer{3, 2, doubles(6), {}}, {{3, 1, 1}}) == "expected 3 inputs, got 1");
  CHECK(refusal(fully_connected_layer{3, 2, doubles(6), {}}, {{}}) ==
        "expected a row of inputs, got a scalar");
  CHECK(refusal(fully_connected_layer{3, 2, doubles(6), {}}, {{4}}) == "expected 3 inputs, got 4");
  CHECK(refusal(fully_connected_layer{3, 2, doubles(5), {}}, {{3}}) == "expected 6 weights, got 5");
  CHECK(refusal(fully_connected_layer{3, 2, doubles(6), doubles(3)}, {{3}}) == "expected 2 biases, got 3");
  CHECK(refusal(fully_connected_layer{3, 0, {}, {}}, {{3}}) == "the result has no elements");
  CHECK(refusal(fully_connected_layer{3, 2, doubles(6), {}}, {}) == "expected one input, got 0");
}

TEST_CASE("batch norm") {
  CHECK(result(norm(3), {{3, 4, 5}}) == shape{3, 4, 5});
  CHECK(result(norm(3), {{3}}) == shape{3});
  CHECK(refusal(norm(3), {{4, 4, 5}}) == "expected 4 scales (gamma), got 3");
  const auto without_last = [](doubles batch_norm_layer::*which) {
    batch_norm_layer short_one = norm(3);
    (short_one.*which).pop_back();
    return refusal(short_one, {{3, 4, 5}});
  };
  CHECK(without_last(&batch_norm_layer::gamma) == "expected 3 scales (gamma), got 2");
  CHECK(without_last(&batch_norm_layer::beta) == "expected 3 biases (beta), got 2");
  CHECK(without_last(&batch_norm_layer::mean) == "expected 3 means, got 2");
  CHECK(without_last(&batch_norm_layer::variance) == "expected 3 variances, got 2");
  for (const double bad : {-1.0, -1e-5, not_a_number}) {
    batch_norm_layer negative = norm(3);
    negative.variance[1] = bad;
    CHECK(refusal(negative, {{3, 4, 5}}) == "expected a positive variance + epsilon in each channel");
  }
  batch_norm_layer constant = norm(3);
  constant.variance[2] = 0;
  CHECK(result(constant, {{3, 4, 5}}) == shape{3, 4, 5});
}

TEST_CASE("pools") {
  const pool2d_parameters p = window(3, 2, 2);
  CHECK(result(max_pool_layer{p}, {{5, 8, 7}}) == shape{5, 3, 3});
  CHECK(result(average_pool_layer{p}, {{5, 8, 7}}) == shape{5, 3, 3});
  pool2d_parameters up = p;
  up.ceil_mode = true;
  CHECK(result(max_pool_layer{up}, {{5, 8, 7}}) == shape{5, 4, 4});
  CHECK(result(average_pool_layer{up}, {{5, 8, 7}}) == shape{5, 4, 4});
  CHECK(result(global_average_pool_layer{}, {{5, 8, 7}}) == shape{5, 1, 1});

  CHECK_THAT(refusal(max_pool_layer{p}, {{5, 2, 7}}), Catch::Contains("pool2d height"));
  CHECK_THAT(refusal(average_pool_layer{p}, {{5, 8, 1}}), Catch::Contains("pool2d width"));
  pool2d_parameters outside = p;
  outside.pad_top = 3;
  CHECK_THAT(refusal(max_pool_layer{outside}, {{5, 8, 7}}), Catch::Contains("has no element of the input"));
  CHECK(refusal(max_pool_layer{p}, {{5}}) == "expected channels x height x width, got 5");
  CHECK(refusal(average_pool_layer{p}, {{5}}) == "expected channels x height x width, got 5");
  CHECK(refusal(global_average_pool_layer{}, {{5}}) == "expected channels x height x width, got 5");
}

TEST_CASE("layers that keep the shape") {
  const std::vector<layer> layers{relu_layer{}, clip_layer{-1, 1}, sigmoid_layer{}, tanh_layer{}};
  for (const layer& same : layers) {
    CHECK(result(same, {{2, 3, 4}}) == shape{2, 3, 4});
    CHECK(result(same, {{9}}) == shape{9});
    CHECK(refusal(same, {}) == "expected one input, got 0");
    CHECK(refusal(same, {{1}, {1}}) == "expected one input, got 2");
  }
  CHECK(result(clip_layer{1, 1}, {{2}}) == shape{2});
  CHECK(refusal(clip_layer{2, 1}, {{2}}) == "the lower bound is not below the upper one");
  CHECK(refusal(clip_layer{not_a_number, 1}, {{2}}) == "the lower bound is not below the upper one");
  CHECK(refusal(clip_layer{0, not_a_number}, {{2}}) == "the lower bound is not below the upper one");
  CHECK(result(softmax_layer{}, {{9}}) == shape{9});
  CHECK(result(softmax_layer{1, 2}, {{9, 1, 1}}) == shape{9, 1, 1});
  CHECK(refusal(softmax_layer{4, 5}, {{9, 1, 1}}) == "softmax from dimension 4 on, of 9 x 1 x 1");
}

TEST_CASE("add, concat, reshape") {
  CHECK(result(add_layer{}, {{2, 3, 4}, {2, 3, 4}}) == shape{2, 3, 4});
  CHECK(refusal(add_layer{}, {{2, 3, 4}, {2, 4, 3}}) ==
        "the summands have different shapes, 2 x 3 x 4 and 2 x 4 x 3");
  CHECK(refusal(add_layer{}, {{2}}) == "expected 2 inputs, got 1");
  CHECK(refusal(add_layer{}, {{2}, {2}, {2}}) == "expected 2 inputs, got 3");

  CHECK(result(concat_layer{}, {{2, 3, 4}}) == shape{2, 3, 4});
  CHECK(result(concat_layer{}, {{2, 3, 4}, {5, 3, 4}, {1, 3, 4}}) == shape{8, 3, 4});
  CHECK(result(concat_layer{}, {{2}, {5}}) == shape{7});
  CHECK(refusal(concat_layer{}, {{2, 3, 4}, {5, 4, 3}}) == "cannot concatenate 2 x 3 x 4 and 5 x 4 x 3");
  CHECK(refusal(concat_layer{}, {{2, 3, 4}, {5}}) == "cannot concatenate 2 x 3 x 4 and 5");
  CHECK(refusal(concat_layer{}, {}) == "nothing to concatenate");

  CHECK(result(reshape_layer{{24}}, {{2, 3, 4}}) == shape{24});
  CHECK(result(reshape_layer{{2, 2, 3, 2}}, {{2, 3, 4}}) == shape{2, 2, 3, 2});
  CHECK(result(reshape_layer{{}}, {{1, 1, 1}}).empty());
  CHECK(refusal(reshape_layer{{25}}, {{2, 3, 4}}) == "cannot reshape 2 x 3 x 4 to 25");
}

TEST_CASE("values are numbered from the input on; the last is the output until another is chosen") {
  network net("made/up.onnx", {2, 3, 4});
  CHECK(net.source() == "made/up.onnx");
  CHECK(net.output() == 0);
  CHECK(net.output_shape() == shape{2, 3, 4});
  CHECK(net.nodes().empty());

  CHECK(net.add({"r", "Relu", relu_layer{}, {0}}) == 1);
  CHECK(net.add({"j", "Concat", concat_layer{}, {0, 1}}) == 2);
  CHECK(net.add({"f", "Flatten", reshape_layer{{48}}, {2}}) == 3);
  CHECK(net.nodes().size() == 3);
  CHECK(net.nodes()[1].name == "j");
  CHECK(net.shape_of(0) == shape{2, 3, 4});
  CHECK(net.shape_of(1) == shape{2, 3, 4});
  CHECK(net.shape_of(2) == shape{4, 3, 4});
  CHECK(net.input_shape() == shape{2, 3, 4});
  CHECK(net.output() == 3);
  CHECK(net.output_shape() == shape{48});
  CHECK_THROWS_AS(net.shape_of(4), std::out_of_range);

  net.set_output(1);
  CHECK(net.output() == 1);
  CHECK(net.output_shape() == shape{2, 3, 4});
  net.set_output(0);
  CHECK(net.output_shape() == shape{2, 3, 4});
  CHECK(net.add({"t", "Tanh", tanh_layer{}, {3}}) == 4);
  CHECK(net.output() == 4);
}

TEST_CASE("an error names the source and the node, and leaves the network as it was") {
  using Catch::Message;
  network net("made/up.onnx", {2, 3, 4});
  net.add({"r", "Relu", relu_layer{}, {0}});
  CHECK(net.describe(net.nodes()[0]) == "made/up.onnx: node r (Relu)");
  CHECK_THROWS_MATCHES(net.add({"conv9", "Conv", conv(3, 1), {1}}), model_error,
                       Message("made/up.onnx: node conv9 (Conv): expected 3 input channels, got 2"));
  CHECK_THROWS_MATCHES(net.add({"a", "Add", add_layer{}, {0, 2}}), model_error,
                       Message("made/up.onnx: node a (Add): its input is not computed before it"));
  CHECK_THROWS_MATCHES(net.set_output(2), model_error, Message("made/up.onnx: the output is not computed"));
  CHECK_THROWS_MATCHES(network("empty.onnx", {3, 0, 4}), model_error,
                       Message("empty.onnx: the input's shape 3 x 0 x 4 has no elements"));
  batch_norm_layer negative = norm(2);
  negative.variance[0] = -1;
  CHECK_THROWS_MATCHES(net.add({"bn", "BatchNormalization", negative, {0}}), model_error,
                       Message("made/up.onnx: node bn (BatchNormalization): expected a positive variance + "
                               "epsilon in each channel"));
  CHECK(net.nodes().size() == 1);
  CHECK(net.output() == 1);
  CHECK(net.add({"s", "Sigmoid", sigmoid_layer{}, {1}}) == 2);
}
