// read_onnx: what each operator becomes, and what is refused with which words.

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include "onnx_models.hpp"

using napier::shape;
using onnx_models::attribute;
using onnx_models::builder;
using onnx_models::set;
using doubles = std::vector<double>;
using sizes = std::vector<std::size_t>;

namespace {

// The layer of the only node that became one.
template <class Layer>
Layer only_layer(const builder& m) {
  const napier::network net = m.read();
  REQUIRE(net.nodes().size() == 1);
  REQUIRE(std::holds_alternative<Layer>(net.nodes()[0].operation));
  return std::get<Layer>(net.nodes()[0].operation);
}

template <class Layer>
bool becomes(const builder& m) {
  const napier::network net = m.read();
  return net.nodes().size() == 1 && std::holds_alternative<Layer>(net.nodes()[0].operation);
}

template <class Parameters>
sizes pads(const Parameters& p) {
  return {p.pad_top, p.pad_left, p.pad_bottom, p.pad_right};
}

constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("every operator, old opset and new") {
  for (const int opset : {9, 10, 11, 12, 13, 14, 15, 16, 17}) {
    INFO("opset " << opset);
    const napier::network net = onnx_models::every_operator(opset).read();
    CHECK(net.source() == "model.onnx");
    CHECK(net.input_shape() == shape{3, 8, 8});
    CHECK(net.output_shape() == shape{2});
    std::string types;
    for (const auto& node : net.nodes()) types += node.operator_type + " ";
    CHECK(types ==
          "Conv BatchNormalization Relu Sigmoid Tanh Add Clip MaxPool AveragePool Concat GlobalAveragePool "
          "Flatten "
          "Gemm Reshape MatMul Softmax ");
    CHECK(net.nodes()[0].inputs == sizes{0});
    CHECK(net.nodes()[5].inputs == sizes{4, 5});
    CHECK(net.describe(net.nodes()[0]) == "model.onnx: node conv (Conv)");
  }
}

TEST_CASE("Conv") {
  SECTION("all attributes") {
    builder m(13, {4, 9, 11});
    m.weights("w", {6, 2, 3, 2});
    m.weights("b", {6});
    auto& node = m.node("Conv", {"x", "w", "b"});
    set(node, "kernel_shape", {3, 2});
    set(node, "strides", {2, 3});
    set(node, "dilations", {1, 4});
    set(node, "pads", {0, 1, 2, 3});
    set(node, "group", 2);
    set(node, "auto_pad", "NOTSET");
    const auto conv = only_layer<napier::conv2d_layer>(m);
    const auto& p = conv.parameters;
    CHECK(sizes{p.kernel_height, p.kernel_width, p.stride_height, p.stride_width} == sizes{3, 2, 2, 3});
    CHECK(sizes{p.dilation_height, p.dilation_width, p.groups} == sizes{1, 4, 2});
    CHECK(pads(p) == sizes{0, 1, 2, 3});
    CHECK(conv.in_channels == 4);
    CHECK(conv.out_channels == 6);
    REQUIRE(conv.weights.size() == 72);
    CHECK(conv.weights[71] == 72);
    CHECK(conv.bias == doubles{1, 2, 3, 4, 5, 6});
    CHECK(m.read().output_shape() == shape{6, 5, 4});
  }
  SECTION("nothing but weights, as raw data") {
    builder m(9, {1, 2, 2});
    m.raw_weights("w", {1, 1, 2, 1}, {-0.1F, 3e38F});
    m.node("Conv", {"x", "w"});
    const auto conv = only_layer<napier::conv2d_layer>(m);
    CHECK(conv.weights == doubles{-0.1F, 3e38F});
    CHECK(conv.bias.empty());
    CHECK(pads(conv.parameters) == sizes{0, 0, 0, 0});
    CHECK(m.read().output_shape() == shape{1, 1, 2});
  }
  SECTION("an empty name is no bias") {
    builder m;
    m.weights("w", {2, 3, 1, 1});
    m.node("Conv", {"x", "w", ""});
    CHECK(only_layer<napier::conv2d_layer>(m).bias.empty());
  }
}

TEST_CASE("auto_pad") {
  struct row {
    int input, kernel, stride, dilation;
    const char* mode;
    std::size_t begin, end, output;
  };
  for (const row& r : std::initializer_list<row>{{8, 3, 1, 1, "SAME_UPPER", 1, 1, 8},
                                                 {8, 3, 2, 1, "SAME_UPPER", 0, 1, 4},
                                                 {8, 3, 2, 1, "SAME_LOWER", 1, 0, 4},
                                                 {7, 3, 2, 1, "SAME_UPPER", 1, 1, 4},
                                                 {8, 2, 1, 1, "SAME_UPPER", 0, 1, 8},
                                                 {8, 2, 1, 1, "SAME_LOWER", 1, 0, 8},
                                                 {8, 3, 1, 2, "SAME_UPPER", 2, 2, 8},
                                                 {8, 4, 3, 3, "SAME_LOWER", 4, 4, 3},
                                                 {5, 1, 3, 1, "SAME_UPPER", 0, 0, 2},
                                                 {8, 3, 2, 1, "VALID", 0, 0, 3}}) {
    INFO(r.mode << " " << r.input << " " << r.kernel << " " << r.stride << " " << r.dilation);
    builder m(13, {1, r.input, r.input});
    m.weights("w", {1, 1, r.kernel, r.kernel});
    auto& node = m.node("Conv", {"x", "w"});
    set(node, "auto_pad", r.mode);
    set(node, "strides", {r.stride, r.stride});
    set(node, "dilations", {r.dilation, r.dilation});
    CHECK(pads(only_layer<napier::conv2d_layer>(m).parameters) == sizes{r.begin, r.begin, r.end, r.end});
    CHECK(m.read().output_shape() == shape{1, r.output, r.output});
  }
}

TEST_CASE("MaxPool and AveragePool") {
  builder m(13, {2, 7, 8});
  SECTION("max, all attributes") {
    auto& node = m.node("MaxPool");
    set(node, "kernel_shape", {3, 2});
    set(node, "strides", {2, 3});
    set(node, "dilations", {1, 2});
    set(node, "pads", {1, 0, 1, 1});
    set(node, "ceil_mode", 1);
    set(node, "storage_order", 0);
    const auto p = only_layer<napier::max_pool_layer>(m).parameters;
    CHECK(sizes{p.kernel_height, p.kernel_width, p.stride_height, p.stride_width} == sizes{3, 2, 2, 3});
    CHECK(sizes{p.dilation_height, p.dilation_width} == sizes{1, 2});
    CHECK(pads(p) == sizes{1, 0, 1, 1});
    CHECK(p.ceil_mode);
    CHECK(m.read().output_shape() == shape{2, 4, 3});
  }
  SECTION("average") {
    auto& node = m.node("AveragePool");
    set(node, "kernel_shape", {3, 3});
    set(node, "pads", {1, 1, 1, 1});
    set(node, "count_include_pad", 1);
    const auto p = only_layer<napier::average_pool_layer>(m).parameters;
    CHECK(sizes{p.stride_height, p.stride_width} == sizes{1, 1});
    CHECK(p.count_include_pad);
    CHECK_FALSE(p.ceil_mode);
  }
  SECTION("SAME decides the size, whatever ceil_mode says") {
    auto& node = m.node("MaxPool");
    set(node, "kernel_shape", {1, 1});
    set(node, "strides", {3, 3});
    set(node, "auto_pad", "SAME_UPPER");
    set(node, "ceil_mode", 1);
    CHECK(m.read().output_shape() == shape{2, 3, 3});
  }
  SECTION("Indices that nobody reads") {
    set(m.node("MaxPool", {"x"}, {"y", "indices"}), "kernel_shape", {2, 2});
    CHECK(becomes<napier::max_pool_layer>(m));
  }
}

TEST_CASE("Gemm") {
  for (const int opset : {9, 11, 17}) {
    builder m(opset, {2});
    m.weights("w", {2, 3});
    m.weights("wt", {3, 2});
    m.weights("c", {3});
    SECTION("opset " + std::to_string(opset) + ": as it stands") {
      m.node("Gemm", {"x", "w", "c"});
      const auto fc = only_layer<napier::fully_connected_layer>(m);
      CHECK(fc.inputs == 2);
      CHECK(fc.outputs == 3);
      CHECK(fc.weights == doubles{1, 4, 2, 5, 3, 6});
      CHECK(fc.bias == doubles{1, 2, 3});
    }
    SECTION("opset " + std::to_string(opset) + ": transB, alpha, beta") {
      auto& node = m.node("Gemm", {"x", "wt", "c"});
      set(node, "transA", 0);
      set(node, "transB", 1);
      set(node, "alpha", 0.1F);
      set(node, "beta", 0.3F);
      const auto fc = only_layer<napier::fully_connected_layer>(m);
      const double alpha = 0.1F;
      const double beta = 0.3F;
      CHECK(fc.weights == doubles{alpha, 2 * alpha, 3 * alpha, 4 * alpha, 5 * alpha, 6 * alpha});
      CHECK(fc.bias == doubles{beta, 2 * beta, 3 * beta});
    }
    SECTION("opset " + std::to_string(opset) + ": bias broadcast") {
      m.weights("row", {1, 3});
      m.weights("one", {}, {7});
      builder other = m;
      m.node("Gemm", {"x", "w", "row"});
      other.node("Gemm", {"x", "w", "one"});
      CHECK(only_layer<napier::fully_connected_layer>(m).bias == doubles{1, 2, 3});
      CHECK(only_layer<napier::fully_connected_layer>(other).bias == doubles{7, 7, 7});
    }
  }
  SECTION("no bias") {
    builder m(11, {2});
    m.weights("w", {2, 3});
    m.node("Gemm", {"x", "w"});
    CHECK(only_layer<napier::fully_connected_layer>(m).bias.empty());
  }
}

TEST_CASE("MatMul, and the Add after it") {
  builder m(13, {2});
  m.weights("w", {2, 3});
  SECTION("alone") {
    m.node("MatMul", {"x", "w"});
    const auto fc = only_layer<napier::fully_connected_layer>(m);
    CHECK(fc.weights == doubles{1, 4, 2, 5, 3, 6});
    CHECK(fc.bias.empty());
  }
  SECTION("Add of constants, on either side") {
    m.weights("b", {3});
    builder other = m;
    m.node("MatMul", {"x", "w"}, {"product"}, "fc");
    m.node("Add", {"product", "b"});
    other.node("MatMul", {"x", "w"}, {"product"}, "fc");
    other.node("Add", {"b", "product"});
    CHECK(only_layer<napier::fully_connected_layer>(m).bias == doubles{1, 2, 3});
    CHECK(only_layer<napier::fully_connected_layer>(other).bias == doubles{1, 2, 3});
    CHECK(m.read().nodes()[0].name == "fc");
  }
  SECTION("a layer between them") {
    m.weights("b", {3});
    m.node("MatMul", {"x", "w"}, {"product"}, "fc");
    m.node("Add", {"product", "b"}, {"sum"}, "bias");
    m.node("Relu", {"sum"}, {"y"}, "relu");
    const napier::network net = m.read();
    REQUIRE(net.nodes().size() == 2);
    CHECK(net.nodes()[1].inputs == sizes{1});
  }
  SECTION("the product is read twice") {
    m.weights("b", {3});
    m.node("MatMul", {"x", "w"}, {"product"}, "fc");
    m.node("Add", {"product", "b"}, {"sum"}, "bias");
    m.node("Add", {"product", "sum"}, {"y"}, "both");
    CHECK(m.problem() ==
          "model.onnx: node bias (Add): its input b is a constant; that is supported only as the bias of a "
          "MatMul "
          "before it");
  }
  SECTION("what is added is no row") {
    m.weights("b", {3, 1});
    m.node("MatMul", {"x", "w"}, {"product"}, "fc");
    m.node("Add", {"product", "b"});
    CHECK(m.problem() ==
          "model.onnx: node n1 (Add): its input b is a constant; that is supported only as the bias of a "
          "MatMul "
          "before it");
  }
  SECTION("constant on the left") {
    m.node("MatMul", {"w", "x"});
    CHECK(m.problem() == "model.onnx: node n1 (MatMul): its input x must be a constant");
  }
}

TEST_CASE("BatchNormalization") {
  for (const int opset : {9, 14, 17}) {
    builder m(opset, {2, 3, 3});
    m.weights("gamma", {2}, {1, 2});
    m.weights("beta", {2}, {3, 4});
    m.weights("mean", {2}, {5, 6});
    m.weights("var", {2}, {0, 8});
    auto& node = m.node("BatchNormalization", {"x", "gamma", "beta", "mean", "var"});
    set(node, "momentum", 0.9F);
    if (opset >= 14) set(node, "training_mode", 0);
    const auto norm = only_layer<napier::batch_norm_layer>(m);
    CHECK(norm.gamma == doubles{1, 2});
    CHECK(norm.beta == doubles{3, 4});
    CHECK(norm.mean == doubles{5, 6});
    CHECK(norm.variance == doubles{0, 8});
    CHECK(norm.epsilon == 1e-5F);
  }
}

TEST_CASE("Clip") {
  SECTION("attributes") {
    builder m(10);
    auto& node = m.node("Clip");
    set(node, "min", -1.5F);
    set(node, "max", 6.0F);
    const auto clip = only_layer<napier::clip_layer>(m);
    CHECK(clip.min == -1.5);
    CHECK(clip.max == 6);
  }
  SECTION("inputs, one of them missing") {
    builder m(11);
    m.weights("high", {1}, {6});
    m.node("Clip", {"x", "", "high"});
    const auto clip = only_layer<napier::clip_layer>(m);
    CHECK(clip.min == -infinity);
    CHECK(clip.max == 6);
  }
  SECTION("the largest float is no bound; from zero up it is a ReLU") {
    builder m(10);
    auto& node = m.node("Clip");
    set(node, "min", 0.0F);
    set(node, "max", std::numeric_limits<float>::max());
    CHECK(becomes<napier::relu_layer>(m));
  }
  SECTION("no bounds: the input passes through") {
    builder m(11);
    m.node("Clip");
    CHECK(m.read().nodes().empty());
    CHECK(m.read().output() == 0);
  }
}

TEST_CASE("Softmax: the axis of the classes") {
  for (const auto& [opset, axis] :
       std::initializer_list<std::pair<int, int>>{{9, 1}, {11, -1}, {13, 1}, {17, -1}}) {
    builder m(opset, {5});
    builder defaulted = m;
    set(m.node("Softmax"), "axis", axis);
    defaulted.node("Softmax");
    CHECK(becomes<napier::softmax_layer>(m));
    CHECK(becomes<napier::softmax_layer>(defaulted));
  }
}

TEST_CASE("Concat and Flatten") {
  builder m(13, {3, 2, 2});
  set(m.node("Concat", {"x", "x", "x"}, {"c"}, "c"), "axis", -3);
  set(m.node("Flatten", {"c"}, {"y"}, "f"), "axis", -3);
  const napier::network net = m.read();
  CHECK(net.shape_of(1) == shape{9, 2, 2});
  CHECK(net.output_shape() == shape{36});
  CHECK(net.nodes()[0].inputs == sizes{0, 0, 0});
}

TEST_CASE("Reshape") {
  using onnx_models::integers;
  struct row {
    integers target;
    shape expected;
  };
  for (const row& r : std::initializer_list<row>{{{-1, 12}, {12}},
                                                 {{0, -1}, {12}},
                                                 {{1, -1}, {12}},
                                                 {{0, 0, -1}, {3, 4}},
                                                 {{-1, 0, 1, 4}, {3, 1, 4}},
                                                 {{0, 2, -1, 2}, {2, 3, 2}}}) {
    builder m(13, {3, 2, 2});
    m.sizes("target", r.target);
    m.node("Reshape", {"x", "target"});
    CHECK(m.problem() == "no error, output " + napier::to_text(r.expected));
  }
  for (const integers& target : std::initializer_list<integers>{{12},
                                                                {},
                                                                {2, -1},
                                                                {0, -1, -1},
                                                                {-1, -1},
                                                                {0, 13},
                                                                {0, -2},
                                                                {0, 7, -1},
                                                                {0, 1, 1, 1, 12},
                                                                {0, std::int64_t{1} << 62, 4},
                                                                {0, 1 << 28, -1}}) {
    builder m(13, {3, 2, 2});
    m.sizes("target", target);
    m.node("Reshape", {"x", "target"});
    CHECK_THAT(m.problem(), Catch::StartsWith("model.onnx: node n1 (Reshape): "));
  }
  SECTION("a batch that the model fixes") {
    builder m(13, {3, 2, 2});
    m.input_shape().mutable_dim(0)->set_dim_value(4);
    m.sizes("target", {4, -1});
    m.node("Reshape", {"x", "target"});
    CHECK(m.read().output_shape() == shape{12});
    builder other(13, {3, 2, 2});
    other.input_shape().mutable_dim(0)->set_dim_value(4);
    other.sizes("target", {1, -1});
    other.node("Reshape", {"x", "target"});
    CHECK(other.problem() ==
          "model.onnx: node n1 (Reshape): expected a shape with the batch first (0, -1 or 4), found [1, -1]");
  }
}

TEST_CASE("constants come from initializers, Constant and Identity") {
  builder m(13, {2});
  SECTION("a tensor") {
    auto& constant = m.node("Constant", {}, {"w"}, "");
    builder other;
    *attribute(constant, "value", onnx::AttributeProto::TENSOR).mutable_t() = other.weights("", {2, 1});
    m.node("Identity", {"w"}, {"w2"}, "");
    m.node("Identity", {"w2"}, {"w3"}, "");
    m.node("Gemm", {"x", "w3"}, {"y"}, "");
    const napier::network net = m.read();
    REQUIRE(net.nodes().size() == 1);
    CHECK(net.nodes()[0].name == "Gemm_3");
  }
  SECTION("numbers") {
    attribute(m.node("Constant", {}, {"low"}, ""), "value_float", onnx::AttributeProto::FLOAT).set_f(-2);
    attribute(m.node("Constant", {}, {"high"}, ""), "value_floats", onnx::AttributeProto::FLOATS)
        .add_floats(3);
    set(m.node("Constant", {}, {"target"}, ""), "value_ints", {-1, 2, 1});
    m.node("Clip", {"x", "low", "high"}, {"clipped"}, "");
    m.node("Reshape", {"clipped", "target"}, {"y"}, "");
    const napier::network net = m.read();
    REQUIRE(net.nodes().size() == 2);
    const auto clip = std::get<napier::clip_layer>(net.nodes()[0].operation);
    CHECK(clip.min == -2);
    CHECK(clip.max == 3);
    CHECK(net.output_shape() == shape{2, 1});
  }
  SECTION("what is not understood") {
    set(m.node("Constant", {}, {"w"}, "c"), "value_string", "text");
    CHECK(m.problem() == "model.onnx: node c (Constant): its attribute value_string is not supported");
  }
}

TEST_CASE("Identity and Dropout pass their input through") {
  for (const int opset : {9, 12, 17}) {
    builder m(opset);
    m.node("Identity", {"x"}, {"i"}, "i");
    auto& dropout = m.node("Dropout", {"i"}, {"d", "mask"}, "d");
    if (opset < 12) {
      set(dropout, "ratio", 0.5F);
    } else {
      set(dropout, "seed", 1);
      m.weights("ratio", {}, {0.5F});
      auto& training = m.sizes("training", {0});
      training.set_data_type(onnx::TensorProto::BOOL);
      training.clear_int64_data();
      training.clear_dims();
      training.set_raw_data(std::string(1, '\0'));
      dropout.add_input("ratio");
      dropout.add_input("training");
    }
    m.node("Relu", {"d"}, {"y"}, "r");
    const napier::network net = m.read();
    REQUIRE(net.nodes().size() == 1);
    CHECK(net.nodes()[0].inputs == sizes{0});
    if (opset < 12) continue;
    m.graph().mutable_initializer(1)->set_raw_data(std::string(1, '\1'));
    CHECK(m.problem() == "model.onnx: node d (Dropout): expected training_mode = false");
  }
}

TEST_CASE("names of nodes") {
  builder m;
  m.node("Relu", {"x"}, {"a"}, "");
  m.node("Relu", {"a"}, {"b"}, "Relu_0");
  m.node("Relu", {"b"}, {"c"}, "");
  m.node("Relu", {"c"}, {"y"}, "two\nlines");
  const napier::network net = m.read();
  CHECK(net.nodes()[0].name == "Relu_0_");
  CHECK(net.nodes()[1].name == "Relu_0");
  CHECK(net.nodes()[2].name == "Relu_2");
  CHECK(net.nodes()[3].name == "two?lines");
}

TEST_CASE("input and output") {
  SECTION("initializers may be listed as inputs; the output may stand before the last node") {
    builder m(13, {2});
    m.weights("w", {2, 3});
    m.graph().add_input()->set_name("w");
    m.node("MatMul", {"x", "w"}, {"y"}, "fc");
    m.node("Relu", {"y"}, {"other"}, "r");
    CHECK(m.read().output_shape() == shape{3});
    CHECK(m.read().nodes().size() == 2);
  }
  builder m;
  m.node("Relu");
  SECTION("two inputs") {
    m.graph().add_input()->set_name("x2");
    CHECK(m.problem() == "model.onnx: expected one input, found 2");
  }
  SECTION("two outputs") {
    m.graph().add_output()->set_name("y2");
    CHECK(m.problem() == "model.onnx: expected one output, found 2");
  }
  SECTION("no output") {
    m.graph().clear_output();
    CHECK(m.problem() == "model.onnx: expected one output, found 0");
  }
  SECTION("an output that nobody computes") {
    m.graph().mutable_output(0)->set_name("z");
    CHECK(m.problem() == "model.onnx: the output z is not computed by any node");
  }
  SECTION("height not given") {
    m.input_shape().mutable_dim(2)->set_dim_param("H");
    CHECK(m.problem() == "model.onnx: expected a size above 0 for dimension 2 of the input x, found none");
  }
  SECTION("width zero") {
    m.input_shape().mutable_dim(3)->set_dim_value(0);
    CHECK(m.problem() == "model.onnx: expected a size above 0 for dimension 3 of the input x, found 0");
  }
  SECTION("rank") {
    m.input_shape().mutable_dim()->RemoveLast();
    CHECK(m.problem() ==
          "model.onnx: expected the input x to have 4 dimensions (batch, channels, height, width) or 2, "
          "found 3");
  }
  SECTION("no shape") {
    m.graph().mutable_input(0)->mutable_type()->mutable_tensor_type()->clear_shape();
    CHECK(m.problem() ==
          "model.onnx: expected the input x to have 4 dimensions (batch, channels, height, width) or 2, "
          "found 0");
  }
  SECTION("type") {
    m.graph().mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(
        onnx::TensorProto::UINT8);
    CHECK(m.problem() == "model.onnx: the input x is no tensor of FLOAT");
  }
  SECTION("too large") {
    m.input_shape().mutable_dim(3)->set_dim_value(std::int64_t{1} << 62);
    CHECK(m.problem() ==
          "model.onnx: expected the input x to have at most 268435456 elements, found 3 x 8 x "
          "4611686018427387904");
  }
}

TEST_CASE("opset") {
  for (const int opset : {8, 18, 0, -1}) {
    builder m(opset);
    m.node("Relu");
    CHECK(m.problem() == "model.onnx: expected opset 9 to 17, found " + std::to_string(opset));
  }
  builder m;
  m.node("Relu");
  SECTION("none") {
    m.model.clear_opset_import();
    CHECK(m.problem() == "model.onnx: expected opset 9 to 17, found none");
  }
  SECTION("two") {
    m.model.add_opset_import()->set_version(9);
    CHECK(m.problem() == "model.onnx: expected opset 9 to 17, found 13 and 9");
  }
  SECTION("of another domain") {
    auto* other = m.model.add_opset_import();
    other->set_domain("ai.onnx.ml");
    other->set_version(2);
    CHECK(m.problem() == "no error, output 3 x 8 x 8");
  }
}

TEST_CASE("nodes that do not fit together") {
  builder m;
  SECTION("an input that nobody computes") {
    m.node("Relu", {"z"});
    CHECK(m.problem() == "model.onnx: node n1 (Relu): its input z is not computed by any node before it");
  }
  SECTION("an input that is computed later") {
    m.node("Relu", {"z"}, {"y"}, "first");
    m.node("Relu", {"x"}, {"z"}, "second");
    CHECK(m.problem() == "model.onnx: node first (Relu): its input z is not computed by any node before it");
  }
  SECTION("an input that is a constant") {
    m.weights("w", {2});
    m.node("Relu", {"w"});
    CHECK(m.problem() == "model.onnx: node n1 (Relu): its input w is a constant; expected a computed value");
  }
  SECTION("an empty input") {
    m.node("Relu", {""});
    CHECK(m.problem() == "model.onnx: node n1 (Relu): its input 0 is missing");
  }
  SECTION("inputs too few, too many") {
    m.node("Relu", {"x", "x"});
    CHECK(m.problem() == "model.onnx: node n1 (Relu): expected 1 input, found 2");
    builder other;
    other.node("Conv", {"x"});
    CHECK(other.problem() == "model.onnx: node n1 (Conv): expected 2 to 3 inputs, found 1");
  }
  SECTION("the same output twice, of the input, of a constant") {
    m.node("Relu", {"x"}, {"y"}, "one");
    m.node("Relu", {"x"}, {"y"}, "two");
    CHECK(m.problem() == "model.onnx: node two (Relu): its output y exists already");
    builder of_input;
    of_input.node("Relu", {"x"}, {"x"});
    CHECK(of_input.problem() == "model.onnx: node n1 (Relu): its output x exists already");
    builder of_constant;
    of_constant.weights("y", {1});
    of_constant.node("Relu");
    CHECK(of_constant.problem() == "model.onnx: node n1 (Relu): its output y exists already");
  }
  SECTION("no output") {
    m.node("Relu", {"x"}, {});
    CHECK(m.problem() == "model.onnx: node n1 (Relu): it has no output");
  }
  SECTION("a second output that is used") {
    set(m.node("MaxPool", {"x"}, {"y0", "indices"}), "kernel_shape", {2, 2});
    m.node("Relu", {"indices"}, {"y"}, "n2");
    CHECK(m.problem() ==
          "model.onnx: node n1 (MaxPool): its output indices is used; only the first output is supported");
  }
  SECTION("shapes") {
    set(m.node("MaxPool", {"x"}, {"small"}, "pool"), "kernel_shape", {2, 2});
    m.node("Add", {"x", "small"}, {"y"}, "add");
    CHECK(m.problem() ==
          "model.onnx: node add (Add): the summands have different shapes, 3 x 8 x 8 and 3 x 7 x 7");
  }
  SECTION("a constant addend") {
    m.weights("b", {1}, {1});
    m.node("Add", {"x", "b"});
    CHECK_THAT(m.problem(), Catch::StartsWith("model.onnx: node n1 (Add): its input b is a constant"));
  }
  SECTION("channels") {
    m.weights("w", {2, 4, 1, 1});
    m.node("Conv", {"x", "w"});
    CHECK(m.problem() == "model.onnx: node n1 (Conv): expected 4 input channels, got 3");
  }
}

TEST_CASE("what is not supported") {
  builder m;
  SECTION("an operator") {
    m.node("Slice");
    CHECK(m.problem() ==
          "model.onnx: node n1 (Slice): this operator is not supported; supported are Constant, Add, "
          "AveragePool, "
          "BatchNormalization, Clip, Concat, Conv, Dropout, Flatten, Gemm, GlobalAveragePool, Identity, "
          "MatMul, "
          "MaxPool, Relu, Reshape, Sigmoid, Softmax, Tanh");
  }
  SECTION("an operator of another domain") {
    m.node("Relu").set_domain("com.example");
    CHECK_THAT(m.problem(), Catch::StartsWith(
                                "model.onnx: node n1 (Relu): this operator of com.example is not supported"));
  }
  SECTION("an attribute") {
    set(m.node("Relu"), "speed", 3);
    CHECK(m.problem() == "model.onnx: node n1 (Relu): its attribute speed is not supported in opset 13");
  }
  SECTION("attributes of another opset") {
    set(m.node("Clip"), "max", 6.0F);
    CHECK(m.problem() == "model.onnx: node n1 (Clip): its attribute max is not supported in opset 13");
    builder old(9);
    auto& pool = old.node("MaxPool");
    set(pool, "kernel_shape", {2, 2});
    set(pool, "ceil_mode", 1);
    CHECK(old.problem() ==
          "model.onnx: node n1 (MaxPool): its attribute ceil_mode is not supported in opset 9");
    builder inputs(10);
    inputs.node("Clip", {"x", "x"});
    CHECK(inputs.problem() == "model.onnx: node n1 (Clip): expected 1 input, found 2");
  }
  SECTION("1-D and 3-D convolution") {
    m.weights("w3", {1, 3, 2});
    m.node("Conv", {"x", "w3"});
    CHECK(m.problem() ==
          "model.onnx: node n1 (Conv): expected a 2-D convolution, with weights of 4 dimensions, found 1 x 3 "
          "x 2");
    builder other;
    other.weights("w5", {1, 3, 2, 2, 2});
    other.node("Conv", {"x", "w5"});
    CHECK_THAT(other.problem(), Catch::Contains("found 1 x 3 x 2 x 2 x 2"));
  }
  SECTION("Conv and pools of a flat value") {
    builder flat(13, {3});
    set(flat.node("MaxPool"), "kernel_shape", {1, 1});
    CHECK(flat.problem() ==
          "model.onnx: node n1 (MaxPool): expected an input of channels x height x width, found 3");
  }
  SECTION("weights that are computed") {
    m.node("Relu", {"x"}, {"w"}, "r");
    m.node("Conv", {"x", "w"});
    CHECK(m.problem() == "model.onnx: node n1 (Conv): its input w must be a constant");
  }
  SECTION("transA") {
    builder flat(13, {2});
    flat.weights("w", {2, 2});
    set(flat.node("Gemm", {"x", "w"}), "transA", 1);
    CHECK(flat.problem() == "model.onnx: node n1 (Gemm): expected transA = 0, found 1");
  }
  SECTION("batch norm in training") {
    builder train(14, {1, 2, 2});
    train.weights("w", {1});
    set(train.node("BatchNormalization", {"x", "w", "w", "w", "w"}), "training_mode", 1);
    CHECK(train.problem() == "model.onnx: node n1 (BatchNormalization): expected training_mode = 0, found 1");
  }
  SECTION("storage_order, axes, dilated averages") {
    auto& pool = m.node("MaxPool");
    set(pool, "kernel_shape", {2, 2});
    set(pool, "storage_order", 1);
    CHECK(m.problem() == "model.onnx: node n1 (MaxPool): expected storage_order = 0, found 1");
    builder concat;
    set(concat.node("Concat", {"x", "x"}), "axis", 2);
    CHECK(concat.problem() == "model.onnx: node n1 (Concat): expected axis = 1, found 2");
    builder no_axis;
    no_axis.node("Concat", {"x", "x"});
    CHECK(no_axis.problem() == "model.onnx: node n1 (Concat): its attribute axis is missing");
    builder flatten;
    set(flatten.node("Flatten"), "axis", 2);
    CHECK(flatten.problem() == "model.onnx: node n1 (Flatten): expected axis = 1, found 2");
    builder softmax(13);
    softmax.node("Softmax");
    CHECK(softmax.problem() == "model.onnx: node n1 (Softmax): expected axis = 1, found 3");
    builder average(17);
    auto& node = average.node("AveragePool");
    set(node, "kernel_shape", {2, 2});
    set(node, "dilations", {2, 2});
    CHECK(average.problem() ==
          "model.onnx: node n1 (AveragePool): its attribute dilations is not supported in opset 17");
  }
  SECTION("sparse initializers") {
    m.node("Relu");
    m.graph().add_sparse_initializer();
    CHECK(m.problem() == "model.onnx: sparse initializers are not supported");
  }
}

TEST_CASE("attributes that are malformed") {
  builder m;
  m.weights("w", {1, 3, 2, 2});
  auto& node = m.node("Conv", {"x", "w"});
  const std::string start = "model.onnx: node n1 (Conv): ";
  SECTION("length") {
    set(node, "strides", onnx_models::integers{1});
    CHECK(m.problem() == start + "expected 2 values in strides, found 1");
  }
  SECTION("pads of one side") {
    set(node, "pads", {1, 1});
    CHECK(m.problem() == start + "expected 4 values in pads, found 2");
  }
  SECTION("three dimensions") {
    set(node, "kernel_shape", {2, 2, 2});
    CHECK(m.problem() == start + "expected 2 values in kernel_shape, found 3");
  }
  SECTION("kernel_shape and weights") {
    set(node, "kernel_shape", {3, 2});
    CHECK(m.problem() == start + "expected kernel_shape 2 x 2 as the weights have, found 3 x 2");
  }
  SECTION("stride 0") {
    set(node, "strides", {1, 0});
    CHECK(m.problem() == start + "expected values from 1 to 1048576 in strides, found 0");
  }
  SECTION("pads below 0") {
    set(node, "pads", {0, 0, -1, 0});
    CHECK(m.problem() == start + "expected values from 0 to 1048576 in pads, found -1");
  }
  SECTION("auto_pad") {
    set(node, "auto_pad", "SOME");
    CHECK(m.problem() == start + "expected auto_pad = NOTSET, VALID, SAME_UPPER or SAME_LOWER, found SOME");
  }
  SECTION("auto_pad and pads") {
    set(node, "auto_pad", "SAME_UPPER");
    set(node, "pads", {0, 0, 0, 1});
    CHECK(m.problem() == start + "its attributes pads and auto_pad = SAME_UPPER contradict each other");
  }
  SECTION("group 0") {
    set(node, "group", 0);
    CHECK(m.problem() == start + "expected group of at least 1, found 0");
  }
  SECTION("groups and channels") {
    set(node, "group", 2);
    CHECK(m.problem() == start + "expected 6 input channels, got 3");
  }
  SECTION("type") {
    set(node, "group", 1.0F);
    CHECK(m.problem() == start + "expected group of type INT, found FLOAT");
  }
  SECTION("twice") {
    set(node, "group", 1);
    set(node, "group", 1);
    CHECK(m.problem() == start + "its attribute group is there twice");
  }
  SECTION("a pool without kernel_shape") {
    builder other;
    other.node("MaxPool");
    CHECK(other.problem() == "model.onnx: node n1 (MaxPool): its attribute kernel_shape is missing");
  }
  SECTION("a pool with too large a kernel") {
    builder other;
    set(other.node("MaxPool"), "kernel_shape", {9, 9});
    CHECK_THAT(other.problem(), Catch::StartsWith("model.onnx: node n1 (MaxPool): "));
  }
  SECTION("flags, factors, bounds, epsilon") {
    builder gemm(13, {2});
    gemm.weights("w2", {2, 2});
    builder flag = gemm;
    set(flag.node("Gemm", {"x", "w2"}), "transB", 2);
    CHECK(flag.problem() == "model.onnx: node n1 (Gemm): expected transB = 0 or 1, found 2");
    set(gemm.node("Gemm", {"x", "w2"}), "alpha", std::numeric_limits<float>::infinity());
    CHECK(gemm.problem() == "model.onnx: node n1 (Gemm): expected a finite alpha, found infinity");
    builder clip(10);
    set(clip.node("Clip"), "max", std::numeric_limits<float>::quiet_NaN());
    CHECK(clip.problem() == "model.onnx: node n1 (Clip): expected a number as max, found NaN");
    builder crossed(10);
    auto& bounds = crossed.node("Clip");
    set(bounds, "min", 2.0F);
    set(bounds, "max", 1.0F);
    CHECK(crossed.problem() == "model.onnx: node n1 (Clip): the lower bound is not below the upper one");
    builder norm(13, {1, 2, 2});
    norm.weights("one", {1});
    set(norm.node("BatchNormalization", {"x", "one", "one", "one", "one"}), "epsilon", -1.0F);
    CHECK_THAT(norm.problem(), Catch::Contains("expected epsilon of at least 0, found -1"));
  }
}

TEST_CASE("constants that are malformed") {
  builder m(13, {3, 4, 4});
  auto& w = m.raw_weights("w", {1, 3, 1, 1}, {1, 2, 3});
  m.node("Conv", {"x", "w"}, {"y"}, "conv1");
  const std::string start = "model.onnx: node conv1 (Conv): constant w: ";
  SECTION("control") { CHECK(m.problem() == "no error, output 1 x 4 x 4"); }
  SECTION("too few bytes") {
    w.mutable_raw_data()->pop_back();
    CHECK(m.problem() == start + "expected 12 bytes for 1 x 3 x 1 x 1, found 11");
  }
  SECTION("too many values") {
    w.clear_raw_data();
    for (int i = 0; i < 4; ++i) w.add_float_data(1);
    CHECK(m.problem() == start + "expected 3 values for 1 x 3 x 1 x 1, found 4");
  }
  SECTION("no data") {
    w.clear_raw_data();
    CHECK(m.problem() == start + "expected 3 values for 1 x 3 x 1 x 1, found 0");
  }
  SECTION("data twice") {
    w.add_float_data(1);
    CHECK(m.problem() == start + "it holds its data twice, as raw_data and as a typed field");
  }
  SECTION("negative") {
    w.set_dims(0, -1);
    CHECK(m.problem() == start + "expected dimensions of at least 0, found -1");
  }
  SECTION("zero") {
    w.set_dims(1, 0);
    w.set_raw_data("");
    CHECK(m.problem() == start + "expected at least one element, found 1 x 0 x 1 x 1");
  }
  SECTION("overflow") {
    w.set_dims(0, std::int64_t{1} << 32);
    w.set_dims(1, std::int64_t{1} << 32);
    CHECK(m.problem() ==
          start + "expected at most 268435456 elements, found 4294967296 x 4294967296 x 1 x 1");
  }
  SECTION("type") {
    w.set_data_type(onnx::TensorProto::DOUBLE);
    CHECK(m.problem() == start + "expected elements of type FLOAT, found DOUBLE");
    w.set_data_type(99);
    CHECK(m.problem() == start + "expected elements of type FLOAT, found 99");
  }
  SECTION("NaN and infinity") {
    w.clear_raw_data();
    w.add_float_data(0);
    w.add_float_data(std::numeric_limits<float>::quiet_NaN());
    w.add_float_data(std::numeric_limits<float>::infinity());
    CHECK(m.problem() == start + "expected finite values, found NaN at index 1");
    w.set_float_data(1, 0);
    CHECK(m.problem() == start + "expected finite values, found infinity at index 2");
  }
  SECTION("external data") {
    w.clear_raw_data();
    w.set_data_location(onnx::TensorProto::EXTERNAL);
    auto* entry = w.add_external_data();
    entry->set_key("location");
    entry->set_value("weights.bin");
    CHECK(m.problem() == start + "its data is in the file weights.bin; external data is not supported");
  }
  SECTION("segments") {
    w.mutable_segment()->set_begin(0);
    CHECK(m.problem() == start + "segmented data is not supported");
  }
  SECTION("a name twice") {
    m.weights("w", {1});
    CHECK(m.problem() == "model.onnx: the initializer w is there twice");
  }
  SECTION("length of a bias") {
    m.weights("b", {2});
    m.graph().mutable_node(0)->add_input("b");
    CHECK(m.problem() == "model.onnx: node conv1 (Conv): expected 1 values in b, found 2");
  }
  SECTION("length of a batch norm's parameters, variances") {
    builder norm(13, {2, 2, 2});
    norm.weights("two", {2});
    norm.weights("three", {3});
    norm.weights("negative", {2}, {1, -1});
    builder other = norm;
    norm.node("BatchNormalization", {"x", "two", "three", "two", "two"});
    CHECK(norm.problem() == "model.onnx: node n1 (BatchNormalization): expected 2 values in three, found 3");
    other.node("BatchNormalization", {"x", "two", "two", "two", "negative"});
    CHECK_THAT(
        other.problem(),
        Catch::StartsWith("model.onnx: node n1 (BatchNormalization): constant negative: expected variances "
                          "above 0, found -1") &&
            Catch::EndsWith("at index 1"));
  }
  SECTION("a Reshape to floats") {
    builder reshape;
    reshape.weights("target", {2});
    reshape.node("Reshape", {"x", "target"});
    CHECK(reshape.problem() ==
          "model.onnx: node n1 (Reshape): constant target: expected elements of type INT64, INT32 or BOOL, "
          "found "
          "FLOAT");
  }
  SECTION("unused constants are not looked at") {
    m.weights("unused", {5}, {1});
    CHECK(m.problem() == "no error, output 1 x 4 x 4");
  }
}

TEST_CASE("files") {
  const auto folder =
      std::filesystem::temp_directory_path() / ("napier_onnx_test_" + std::to_string(getpid()));
  std::filesystem::create_directory(folder);
  const auto message = [&](const std::string& name) -> std::string {
    try {
      (void)napier::read_onnx(folder / name);
      return "no error";
    } catch (const napier::model_error& error) {
      std::string text = error.what();
      REQUIRE(text.rfind((folder / name).string() + ": ", 0) == 0);
      return text.substr((folder / name).string().size() + 2);
    }
  };
  const auto write = [&](const std::string& name, const std::string& bytes) {
    std::ofstream(folder / name, std::ios::binary) << bytes;
    return name;
  };
  const std::string model = onnx_models::every_operator(13).bytes();

  // Protobuf writes to stderr when it cannot parse; nobody but us shall speak.
  const std::string log = (folder / "stderr").string();
  const int terminal = dup(2);
  const int captured = open(log.c_str(), O_CREAT | O_WRONLY, 0600);
  dup2(captured, 2);
  const std::array<std::string, 7> messages{
      message(write("good.onnx", model)),
      message(write("truncated.onnx", model.substr(0, 1000))),
      message(write("text.onnx", "This is not a network.\n")),
      message(write("empty.onnx", "")),
      message("missing.onnx"),
      message(""),
      message(write("no_graph.onnx", std::string("\x08\x07", 2))),
  };
  dup2(terminal, 2);
  close(captured);
  close(terminal);
  const auto spoken = std::filesystem::file_size(log);
  std::filesystem::remove_all(folder);

  CHECK(messages[0] == "no error");
  CHECK(messages[1] == "not an ONNX model, or a truncated one (1000 bytes)");
  CHECK(messages[2] == "not an ONNX model, or a truncated one (23 bytes)");
  CHECK(messages[3] == "the file is empty; expected an ONNX model");
  CHECK(messages[4] == "cannot be opened; expected an ONNX model");
  CHECK(messages[5] == "is a folder; expected an ONNX model");
  CHECK(messages[6] == "not an ONNX model: it has no graph");
  CHECK(spoken == 0);
}

TEST_CASE("the example networks") {
  const std::filesystem::path models = std::filesystem::path(NAPIER_SOURCE_DIR) / "examples" / "models";
  for (const char* name : {"lenet5.onnx", "resnet8.onnx"}) {
    const napier::network net = napier::read_onnx(models / name);
    CHECK(net.input_shape() == shape{1, 28, 28});
    CHECK(net.output_shape() == shape{10});
    CHECK(net.nodes().front().operator_type == "Conv");
    CHECK(net.nodes().back().operator_type == "Gemm");
  }
}
