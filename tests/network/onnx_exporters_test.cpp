// Models as exporters write them: chains that compute shapes, NHWC, batches that are free or fixed; each computes what the plain
// model computes.

#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <napier/mac/mac.hpp>
#include <napier/network/session.hpp>

#include "network/engines.hpp"
#include "onnx_models.hpp"

using napier::shape;
using onnx_models::builder;
using onnx_models::integers;
using onnx_models::set;
using doubles = std::vector<double>;

namespace {

doubles run(const builder& m, std::size_t images = 2) {
  static const napier::mac_engine<napier::mac<float, napier::exact, napier::native<float>>> reference;
  const napier::network net = m.read();
  std::vector<float> values(images * napier::element_count(net.input_shape()));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>((7 * i) % 11) - 3;
  return napier::session(net, reference).run(values);
}

std::string types(const napier::network& net) {
  std::string text;
  for (const auto& node : net.nodes()) text += node.operator_type + " ";
  return text;
}

void fix_batch(builder& m, std::int64_t batch) { m.input_shape().mutable_dim(0)->set_dim_value(batch); }

// x.view(x.size(0), -1): Shape, Gather, Unsqueeze, Concat, Reshape
void add_view(builder& m, const std::string& from, const std::string& to) {
  m.sizes("zero", {0}).clear_dims();
  m.sizes("rest", {-1});
  m.node("Shape", {from}, {"shape"}, "");
  set(m.node("Gather", {"shape", "zero"}, {"size"}, ""), "axis", 0);
  m.node("Unsqueeze", {"size", "axes"}, {"sizes"}, "");
  m.sizes("axes", {0});
  set(m.node("Concat", {"sizes", "rest"}, {"target"}, ""), "axis", 0);
  m.node("Reshape", {from, "target"}, {to}, "view");
}

}  // namespace

TEST_CASE("view(x.size(0), -1), whatever the batch") {
  builder plain(13, {2, 2, 2});
  plain.node("Relu", {"x"}, {"r"}, "");
  plain.node("Flatten", {"r"}, {"y"}, "");
  for (const std::int64_t batch : {0, 1, 4}) {
    builder m(13, {2, 2, 2});
    if (batch != 0) fix_batch(m, batch);
    m.node("Relu", {"x"}, {"r"}, "");
    add_view(m, "r", "y");
    CHECK(types(m.read()) == "Relu Reshape ");
    CHECK(m.read().output_shape() == shape{8});
    CHECK(run(m) == run(plain));
  }
}

TEST_CASE("sizes computed by arithmetic: halves of the channels, by Slice") {
  builder m(13, {4, 2, 2});
  m.node("Shape", {"x"}, {"shape"}, "");
  m.sizes("one", {1});
  m.sizes("two", {2});
  m.sizes("zero", {0});
  m.node("Gather", {"shape", "one"}, {"channels"}, "");
  m.node("Div", {"channels", "two"}, {"half"}, "");
  m.node("Mul", {"half", "two"}, {"all"}, "");
  m.node("Slice", {"x", "zero", "half", "one"}, {"first"}, "first");
  m.node("Slice", {"x", "half", "all", "one"}, {"second"}, "second");
  m.node("Add", {"first", "second"}, {"y"}, "sum");
  CHECK(types(m.read()) == "Slice Slice Add ");
  builder split(13, {4, 2, 2});
  set(split.node("Split", {"x"}, {"first", "second"}, ""), "axis", 1);
  split.node("Add", {"first", "second"}, {"y"}, "sum");
  CHECK(run(m) == run(split));
  // -3 4 0 7 | 3 -1 6 2 | -2 5 1 -3 | 4 0 7 3
  CHECK(run(m, 1) == doubles{-5, 9, 1, 4, 7, -1, 13, 5});
}

TEST_CASE("padding of channels by a chain that ends in Pad; by Concat with zeros") {
  builder chain(11, {2, 2, 2});
  chain.sizes("given", {0, 0, 0, 0, 1, 1});  // PyTorch: last axis first
  chain.sizes("missing", {2});
  chain.node("ConstantOfShape", {"missing"}, {"zeros"}, "");  // floats: cast below
  set(chain.node("Cast", {"zeros"}, {"more"}, ""), "to", static_cast<int>(onnx::TensorProto::INT64));
  set(chain.node("Concat", {"given", "more"}, {"all"}, ""), "axis", 0);
  chain.sizes("pairs", {-1, 2});
  chain.node("Reshape", {"all", "pairs"}, {"table"}, "");
  chain.sizes("from", {-1});
  chain.sizes("to", {INT64_MIN + 1});
  chain.sizes("axis", {0});
  chain.sizes("step", {-1});
  chain.node("Slice", {"table", "from", "to", "axis", "step"}, {"turned"}, "");
  set(chain.node("Transpose", {"turned"}, {"sides"}, ""), "perm", {1, 0});
  chain.node("Reshape", {"sides", "from"}, {"pads"}, "");
  chain.node("Pad", {"x", "pads"}, {"y"}, "pad");
  REQUIRE(chain.problem() == "no error, output 4 x 2 x 2");

  builder concat(13, {2, 2, 2});
  concat.weights("z", {1, 1, 2, 2}, {0, 0, 0, 0});
  set(concat.node("Concat", {"z", "x", "z"}, {"y"}, "join"), "axis", 1);
  CHECK(types(concat.read()) == "Concat ");
  CHECK(run(chain) == run(concat));
  CHECK(run(chain, 1) == doubles{0, 0, 0, 0, -3, 4, 0, 7, 3, -1, 6, 2, 0, 0, 0, 0});

  builder ones(13, {2, 1, 1});
  ones.weights("o", {1, 1, 1, 1}, {5});
  set(ones.node("Concat", {"o", "x", "o", "x"}, {"y"}, "join"), "axis", 1);
  CHECK(run(ones, 1) == doubles{5, -3, 4, 5, -3, 4});
}

TEST_CASE("NHWC, as tf2onnx writes it") {
  const std::vector<float> weights{1, -2, 3, 0.5F, 2, -1, 4, 1};  // 2 × 2 × 2 × 1
  builder nchw(13, {2, 3, 4});
  nchw.weights("w", {2, 2, 2, 1}, weights);
  nchw.weights("b", {2}, {1, 2});
  nchw.node("Conv", {"x", "w", "b"}, {"c"}, "conv");
  nchw.node("GlobalAveragePool", {"c"}, {"p"}, "pool");
  nchw.node("Flatten", {"p"}, {"y"}, "flatten");

  builder nhwc(13, {3, 4, 2});
  nhwc.weights("w", {2, 2, 2, 1}, weights);
  nhwc.weights("b", {1, 2, 1, 1}, {1, 2});
  set(nhwc.node("Transpose", {"x"}, {"t"}, "in"), "perm", {0, 3, 1, 2});
  nhwc.node("Conv", {"t", "w"}, {"c"}, "conv");
  nhwc.node("Add", {"c", "b"}, {"s"}, "bias");
  set(nhwc.node("Transpose", {"s"}, {"u"}, "out"), "perm", {0, 2, 3, 1});
  auto& mean = nhwc.node("ReduceMean", {"u"}, {"y"}, "mean");
  set(mean, "axes", {1, 2});
  set(mean, "keepdims", 0);
  const napier::network net = nhwc.read();
  CHECK(types(net) == "Transpose Conv Transpose ReduceMean ");
  CHECK(std::get<napier::conv2d_layer>(net.nodes()[1].operation).bias == doubles{1, 2});

  static const napier::mac_engine<napier::mac<float, napier::exact, napier::native<float>>> reference;
  std::vector<float> image(24);
  std::vector<float> turned(24);
  for (std::size_t c = 0; c < 2; ++c) {
    for (std::size_t i = 0; i < 12; ++i) {
      image[c * 12 + i] = static_cast<float>(3 * c + i % 5) - 2;
      turned[i * 2 + c] = image[c * 12 + i];
    }
  }
  const napier::network plain = nchw.read();
  CHECK(napier::session(net, reference).run(turned) == napier::session(plain, reference).run(image));
}

TEST_CASE("one dimension: Conv, pools and batch norm of channels x length") {
  builder line(13, {2, 6});
  builder picture(13, {2, 6, 1});
  for (builder* m : {&line, &picture}) {
    const bool is_line = m == &line;
    m->weights("w", is_line ? integers{3, 2, 3} : integers{3, 2, 3, 1});
    auto& conv = m->node("Conv", {"x", "w"}, {"c"}, "conv");
    set(conv, "pads", is_line ? integers{1, 1} : integers{1, 0, 1, 0});
    m->weights("one", {3});
    m->node("BatchNormalization", {"c", "one", "one", "one", "one"}, {"n"}, "norm");
    auto& pool = m->node("MaxPool", {"n"}, {"p"}, "pool");
    set(pool, "kernel_shape", is_line ? integers{2} : integers{2, 1});
    set(pool, "strides", is_line ? integers{2} : integers{2, 1});
    m->weights("v", is_line ? integers{3, 1, 2} : integers{3, 1, 2, 1});
    set(m->node("ConvTranspose", {"p", "v"}, {"t"}, "up"), "strides", is_line ? integers{2} : integers{2, 1});
    m->node("GlobalAveragePool", {"t"}, {"g"}, "global");
    m->node("Flatten", {"g"}, {"y"}, "flatten");
  }
  CHECK(line.read().shape_of(1) == shape{3, 6});
  CHECK(run(line) == run(picture));
}

TEST_CASE("channel shuffle, squeeze-and-excite, swish: Reshape and Mul in the middle of a network") {
  builder m(13, {4, 2, 2});
  m.sizes("five", {0, 2, 2, 2, 2});
  m.sizes("four", {0, 4, 2, 2});
  m.node("Reshape", {"x", "five"}, {"groups"}, "");
  set(m.node("Transpose", {"groups"}, {"turned"}, ""), "perm", {0, 2, 1, 3, 4});
  m.node("Reshape", {"turned", "four"}, {"shuffled"}, "");
  m.node("GlobalAveragePool", {"shuffled"}, {"mean"}, "");
  m.node("HardSigmoid", {"mean"}, {"gate"}, "");
  m.node("Mul", {"shuffled", "gate"}, {"y"}, "scale");
  const doubles found = run(m, 1);
  // Channels 0, 2, 1, 3 of the image, each times clamp(0.2 mean + 0.5).
  const double image[16] = {-3, 4, 0, 7, 3, -1, 6, 2, -2, 5, 1, -3, 4, 0, 7, 3};
  const std::size_t order[] = {0, 2, 1, 3};
  for (std::size_t c = 0; c < 4; ++c) {
    const double* plane = image + 4 * order[c];
    const double gate = std::min(1.0, 0.2 * (plane[0] + plane[1] + plane[2] + plane[3]) / 4 + 0.5);
    for (std::size_t i = 0; i < 4; ++i) CHECK(found[4 * c + i] == Approx(plane[i] * gate).margin(1e-6));
  }
}

TEST_CASE("tokens: MatMul over the last axis, with its bias; rows merged with the batch") {
  builder tokens(13, {3, 2});
  tokens.weights("w", {2, 4});
  tokens.weights("b", {4});
  tokens.node("MatMul", {"x", "w"}, {"p"}, "dense");
  tokens.node("Add", {"p", "b"}, {"y"}, "bias");
  CHECK(types(tokens.read()) == "MatMul ");
  CHECK(tokens.read().output_shape() == shape{3, 4});

  builder rows(13, {3, 2});
  rows.weights("w", {2, 4});
  rows.weights("b", {4});
  rows.sizes("two", {-1, 2});
  rows.sizes("back", {-1, 3, 4});
  rows.node("Reshape", {"x", "two"}, {"flat"}, "");
  rows.node("Gemm", {"flat", "w", "b"}, {"p"}, "dense");
  rows.node("Reshape", {"p", "back"}, {"y"}, "");
  CHECK(rows.read().output_shape() == shape{3, 4});
  CHECK(run(tokens) == run(rows));
}

TEST_CASE("constants are folded as ONNX computes them") {
  builder m(13, {2});
  m.weights("third", {2}, {1, 2});
  m.weights("three", {}, {3});
  m.node("Div", {"third", "three"}, {"c"}, "");  // rounded to float32
  m.node("Mul", {"x", "c"}, {"y"}, "scale");
  const napier::network net = m.read();
  REQUIRE(net.nodes().size() == 1);
  CHECK(std::get<napier::broadcast_layer>(net.nodes()[0].operation).right.constant ==
        doubles{static_cast<double>(1.0F / 3), static_cast<double>(2.0F / 3)});

  builder transposed(13, {3});
  transposed.weights("w", {2, 3});
  set(transposed.node("Transpose", {"w"}, {"t"}, ""), "perm", {1, 0});
  transposed.node("MatMul", {"x", "t"}, {"y"}, "dense");
  CHECK(std::get<napier::fully_connected_layer>(transposed.read().nodes()[0].operation).weights ==
        doubles{1, 2, 3, 4, 5, 6});

  builder zero(13, {2});
  zero.sizes("n", {4});
  zero.sizes("0", {0});
  zero.node("Div", {"n", "0"}, {"c"}, "bad");
  zero.node("Relu");
  CHECK(zero.problem() == "model.onnx: node bad (Div): a constant is divided by 0");
}

TEST_CASE("opset 18: axes and the number of parts are inputs and attributes") {
  builder m(18, {4, 3});
  m.sizes("axes", {2});
  auto& split = m.node("Split", {"x"}, {"a", "b"}, "split");
  set(split, "axis", 1);
  set(split, "num_outputs", 2);
  set(m.node("ReduceMean", {"a", "axes"}, {"m"}, "mean"), "keepdims", 0);
  set(m.node("ReduceMean", {"b", "axes"}, {"n"}, "mean2"), "keepdims", 0);
  m.node("Sub", {"m", "n"}, {"s"}, "");
  m.sizes("pads", {1, 0});
  m.sizes("last", {-1});
  m.node("Pad", {"s", "pads", "", "last"}, {"y"}, "pad");
  CHECK(m.read().output_shape() == shape{3});
  const doubles found = run(m, 1);  // -3 4 0 | 7 3 -1 | 6 2 -2 | 5 1 -3
  CHECK(found[0] == 0);
  CHECK(found[1] == Approx(1.0 / 3 - 2));
  CHECK(found[2] == Approx(3.0 - 1));
}

TEST_CASE("a batch norm is folded into the transposed convolution before it") {
  builder m(13, {2, 3, 3});
  m.weights("w", {2, 1, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8});  // two groups
  m.weights("gamma", {2}, {2, 4});
  m.weights("beta", {2}, {1, -1});
  m.weights("mean", {2}, {3, 5});
  m.weights("variance", {2}, {3, 15});
  auto& up = m.node("ConvTranspose", {"x", "w"}, {"c"}, "up");
  set(up, "strides", {2, 2});
  set(up, "group", 2);
  set(m.node("BatchNormalization", {"c", "gamma", "beta", "mean", "variance"}, {"y"}, "norm"), "epsilon",
      1.0F);
  static const napier::mac_engine<napier::mac<float, napier::exact, napier::native<float>>> reference;
  const napier::network net = m.read();
  const napier::session folded(net, reference);
  REQUIRE(folded.running_network().nodes().size() == 1);
  const auto& conv = std::get<napier::conv_transpose2d_layer>(folded.running_network().nodes()[0].operation);
  CHECK(conv.weights == doubles{1, 2, 3, 4, 5, 6, 7, 8});  // 2 / sqrt(3 + 1), 4 / sqrt(15 + 1)
  CHECK(conv.bias == doubles{-2, -6});
  const std::vector<float> image(18, 1.5F);
  CHECK(folded.run(image) == napier::session(net, reference, napier::batch_norm_mode::exact).run(image));
}
