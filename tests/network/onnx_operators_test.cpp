// read_onnx: what each operator becomes.

#include <catch2/catch.hpp>
#include <cstddef>
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
  for (const int opset : {9, 10, 11, 12, 13, 14, 15, 16, 17, 18}) {
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
    const napier::network net = m.read();
    REQUIRE(net.nodes().size() == 3);
    CHECK(std::get<napier::fully_connected_layer>(net.nodes()[0].operation).bias.empty());
    CHECK(std::get<napier::broadcast_layer>(net.nodes()[1].operation).right.constant == doubles{1, 2, 3});
    CHECK(std::holds_alternative<napier::add_layer>(net.nodes()[2].operation));
  }
  SECTION("what is added is no row") {
    m.weights("b", {3, 1});
    m.node("MatMul", {"x", "w"}, {"product"}, "fc");
    m.node("Add", {"product", "b"});
    CHECK(m.problem() ==
          "model.onnx: node n1 (Add): operands of 1 x 3 and 3 x 1 (with a batch of 1) mix the images of a "
          "batch");
  }
  SECTION("constant on the left") {
    m.node("MatMul", {"w", "x"});
    CHECK(m.problem() ==
          "model.onnx: node n1 (MatMul): it sums over axis 0, the batch; images are computed one by one");
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
                                                 {{-1, 6}, {2, 6}},
                                                 {{2, -1}, {2, 6}},
                                                 {{12}, {12}},
                                                 {{0, 1, 1, 1, 12}, {1, 1, 1, 12}},
                                                 {{0, 2, -1, 2}, {2, 3, 2}}}) {
    builder m(13, {3, 2, 2});
    m.sizes("target", r.target);
    m.node("Reshape", {"x", "target"});
    CHECK(m.problem() == "no error, output " + napier::to_text(r.expected));
  }
  for (const integers& target : std::initializer_list<integers>{{},
                                                                {0, -1, -1},
                                                                {-1, -1},
                                                                {0, 13},
                                                                {0, -2},
                                                                {0, 7, -1},
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
          "model.onnx: expected the images of a batch along axis 0 of the output y, found axis 1");
    builder torn(13, {3, 2, 2});
    torn.input_shape().mutable_dim(0)->set_dim_value(4);
    torn.sizes("target", {6, 8});
    torn.node("Reshape", {"x", "target"});
    CHECK(torn.problem() ==
          "model.onnx: node n1 (Reshape): expected a shape that keeps the images of a batch apart, such as 4 "
          "as "
          "the first size, found [6, 8]");
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
