// Models as exporters write them: chains that compute shapes, NHWC, batches that are free or fixed; each computes what the plain
// model computes.

#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "onnx_runs.hpp"

using napier::shape;
using onnx_models::attribute;
using onnx_models::builder;
using onnx_models::doubles;
using onnx_models::integers;
using onnx_models::run;
using onnx_models::set;
using onnx_models::types;

namespace {

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

TEST_CASE("ShuffleNet's view(b * c / 2, 2, h * w): the images are merged, moved, and taken apart") {
  builder chunks(13, {4, 2, 2});
  set(chunks.node("Transpose", {"x"}, {"same"}, ""), "perm", {0, 1, 2, 3});
  chunks.sizes("even", {0, 2});
  chunks.sizes("odd", {1, 3});
  set(chunks.node("Gather", {"x", "even"}, {"first"}, ""), "axis", 1);
  set(chunks.node("Gather", {"x", "odd"}, {"second"}, ""), "axis", 1);
  set(chunks.node("Concat", {"second", "first"}, {"y"}, ""), "axis", 1);
  for (const std::int64_t batch : {0, 1, 3}) {
    builder m(13, {4, 2, 2});
    if (batch != 0) fix_batch(m, batch);
    m.node("Shape", {"x"}, {"shape"}, "");
    m.sizes("zero", {0});
    m.sizes("one", {1});
    m.sizes("two", {2});
    m.sizes("four", {4});
    set(m.node("Gather", {"shape", "zero"}, {"images"}, ""), "axis", 0);
    m.node("Mul", {"images", "two"}, {"pairs"}, "");  // b * c / 2
    set(m.node("Concat", {"pairs", "two", "four"}, {"table"}, ""), "axis", 0);
    m.node("Reshape", {"x", "table"}, {"paired"}, "pair");
    set(m.node("Transpose", {"paired"}, {"turned"}, "turn"), "perm", {1, 0, 2});
    m.sizes("apart", {2, -1, 2, 2, 2});
    m.node("Reshape", {"turned", "apart"}, {"halves"}, "apart");
    m.sizes("number 0", {0}).clear_dims();
    m.sizes("number 1", {1}).clear_dims();
    set(m.node("Gather", {"halves", "number 0"}, {"first"}, "half0"), "axis", 0);
    set(m.node("Gather", {"halves", "number 1"}, {"second"}, "half1"), "axis", 0);
    set(m.node("Concat", {"second", "first"}, {"y"}, "join"), "axis", 1);
    INFO("batch " << batch);
    REQUIRE(m.problem() == "no error, output 4 x 2 x 2");
    CHECK(run(m) == run(chunks));
  }
}

TEST_CASE("groups normalised as images of their own: view(b * groups, -1, h, w) and back") {
  for (const std::int64_t batch : {0, 2}) {
    builder m(13, {4, 1, 2});
    if (batch != 0) fix_batch(m, batch);
    m.node("Shape", {"x"}, {"shape"}, "");
    m.sizes("groups", {batch == 0 ? 2 : 2 * batch, -1, 1, 2});
    m.node("Reshape", {"x", "groups"}, {"g"}, "");
    auto& mean = m.node("ReduceMean", {"g"}, {"mean"}, "");
    set(mean, "axes", {1, 2, 3});
    m.node("Sub", {"g", "mean"}, {"centred"}, "");
    m.node("Reshape", {"centred", "shape"}, {"y"}, "");
    CHECK(run(m, 1) == doubles{-5, 2, -2, 5, 0.5, -3.5, 3.5, -0.5});  // -3 4 | 0 7, 3 -1 | 6 2
  }
}

TEST_CASE("expand(b, c, h, w): Where and Equal on sizes; expand_as, of any batch") {
  builder plain(13, {2, 2, 2});
  plain.node("GlobalAveragePool", {"x"}, {"mean"}, "");
  plain.node("Mul", {"x", "mean"}, {"y"}, "");
  for (const std::int64_t batch : {0, 1, 4}) {
    for (const bool is_as : {false, true}) {
      builder m(13, {2, 2, 2});
      if (batch != 0) fix_batch(m, batch);
      m.node("GlobalAveragePool", {"x"}, {"mean"}, "");
      m.node("Shape", {"x"}, {"shape"}, "");
      m.node("Shape", {"shape"}, {"rank"}, "");
      auto& ones = m.node("ConstantOfShape", {"rank"}, {"ones"}, "");
      *attribute(ones, "value", onnx::AttributeProto::TENSOR).mutable_t() = builder().sizes("", {1});
      m.sizes("minus", {-1});
      m.node("Mul", {"ones", "minus"}, {"minuses"}, "");
      m.node("Equal", {"shape", "minuses"}, {"is open"}, "");
      m.node("Where", {"is open", "ones", "shape"}, {"sizes"}, "");
      m.node("Expand", {"mean", is_as ? "shape" : "sizes"}, {"all"}, "");
      m.node("Mul", {"x", "all"}, {"y"}, "");
      CHECK(run(m) == run(plain));
    }
  }
}

TEST_CASE("zeros for the channels of a shortcut, as many as the fixed batch") {
  builder plain(13, {2, 2, 2});
  plain.weights("z", {1, 1, 2, 2}, {0, 0, 0, 0});
  set(plain.node("Concat", {"x", "z"}, {"y"}, ""), "axis", 1);
  builder fixed(13, {2, 2, 2});
  fix_batch(fixed, 2);
  fixed.weights("z", {2, 1, 2, 2}, std::vector<float>(8, 0));
  set(fixed.node("Concat", {"x", "z"}, {"y"}, ""), "axis", 1);
  CHECK(run(fixed) == run(plain));
}

TEST_CASE(
    "moves that keep the order of the elements: 1 x 1 pictures between NHWC and NCHW, Gather of a corner") {
  builder plain(13, {3, 2, 2});
  plain.node("GlobalAveragePool", {"x"}, {"mean"}, "");
  plain.node("Flatten", {"mean"}, {"y"}, "");
  builder m(13, {3, 2, 2});
  m.node("GlobalAveragePool", {"x"}, {"mean"}, "");
  set(m.node("Transpose", {"mean"}, {"nhwc"}, ""), "perm", {0, 2, 3, 1});
  m.sizes("zero", {0}).clear_dims();
  set(m.node("Gather", {"nhwc", "zero"}, {"row"}, ""), "axis", 1);
  set(m.node("Gather", {"row", "zero"}, {"y"}, ""), "axis", 1);
  CHECK(run(m) == run(plain));
  CHECK(m.read().output_shape() == shape{3});
}

TEST_CASE("squeeze(1) under a condition on its size: an If that is decided when the model is read") {
  for (const std::int64_t size : {1, 2}) {
    builder m(13, {size, 3});
    m.weights("b", {3}, {1, 2, 3});
    m.node("Shape", {"x"}, {"shape"}, "");
    m.sizes("one", {1});
    m.node("Gather", {"shape", "one"}, {"size"}, "");
    m.node("Equal", {"size", "one"}, {"is one"}, "");
    auto& decide = m.node("If", {"is one"}, {"squeezed"}, "decide");
    auto& yes = *attribute(decide, "then_branch", onnx::AttributeProto::GRAPH).mutable_g();
    yes = [] {
      builder branch;
      auto& axis = branch.node("Constant", {}, {"axis"}, "");
      *attribute(axis, "value", onnx::AttributeProto::TENSOR).mutable_t() = builder().sizes("", {1});
      branch.node("Squeeze", {"x", "axis"}, {"then"}, "");
      branch.graph().mutable_output(0)->set_name("then");
      return branch.graph();
    }();
    auto& no = *attribute(decide, "else_branch", onnx::AttributeProto::GRAPH).mutable_g();
    no = [] {
      builder branch;
      branch.node("Identity", {"x"}, {"else"}, "");
      branch.graph().mutable_output(0)->set_name("else");
      return branch.graph();
    }();
    m.node("Add", {"squeezed", "b"}, {"y"}, "sum");
    CHECK(m.read().output_shape() == (size == 1 ? shape{3} : shape{2, 3}));
    CHECK(run(m, 1) == (size == 1 ? doubles{-2, 6, 3} : doubles{-2, 6, 3, 8, 5, 2}));
  }
}

TEST_CASE("a bias is merged only where its addition is sure to run") {
  for (const std::int64_t condition : {0, 1}) {
    builder m(13, {1, 1, 2});
    m.weights("w", {1, 1, 1, 1}, {2});
    m.weights("b", {1, 1, 1}, {10});
    m.sizes("c", {condition});
    m.node("Conv", {"x", "w"}, {"conv"}, "conv");
    auto& decide = m.node("If", {"c"}, {"y"}, "decide");
    for (const std::string name : {"then", "else"}) {
      builder branch;
      if (name == "then") branch.node("Add", {"conv", "b"}, {name}, "");
      if (name == "else") branch.node("Relu", {"x"}, {name}, "");
      branch.graph().mutable_output(0)->set_name(name);
      *attribute(decide, name + "_branch", onnx::AttributeProto::GRAPH).mutable_g() = branch.graph();
    }
    CHECK(run(m, 1) == (condition == 1 ? doubles{4, 18} : doubles{0, 4}));  // of -3 4
  }
}

TEST_CASE("a bias of more dimensions than the product stays an addition") {
  builder m(13, {4});
  fix_batch(m, 1);
  m.sizes("row", {4});
  m.weights("w", {4, 2});
  m.weights("b", {1, 2});
  m.node("Reshape", {"x", "row"}, {"r"}, "");
  m.node("MatMul", {"r", "w"}, {"p"}, "");
  m.node("Add", {"p", "b"}, {"s"}, "");
  set(m.node("Softmax", {"s"}, {"y"}, ""), "axis", 1);
  CHECK(types(m.read()) == "Reshape MatMul Add Softmax ");
}

TEST_CASE("branches within branches are counted once each") {
  builder m(13, {1});
  m.sizes("c", {1});
  onnx::GraphProto inner;
  for (int depth = 0; depth < 25; ++depth) {
    builder branch;
    const std::string name = "level " + std::to_string(depth);
    if (depth == 0) branch.node("Relu", {"x"}, {name}, "");
    if (depth > 0) {
      auto& decide = branch.node("If", {"c"}, {name}, "");
      for (const char* way : {"then_branch", "else_branch"})
        *attribute(decide, way, onnx::AttributeProto::GRAPH).mutable_g() =
            depth < 12 ? inner : onnx::GraphProto();
      if (depth >= 12) *decide.mutable_attribute(0)->mutable_g() = inner;
    }
    branch.graph().mutable_output(0)->set_name(name);
    inner = branch.graph();
    inner.clear_input();
  }
  for (const auto& node : inner.node()) *m.graph().add_node() = node;
  m.graph().mutable_output(0)->set_name("level 24");
  CHECK(m.problem() == "no error, output 1");
}

TEST_CASE("PyTorch's LocalResponseNorm: a 3-D average pool over channels, and a power") {
  builder chain(13, {4, 1, 3});
  chain.node("Mul", {"x", "x"}, {"square"}, "");
  chain.sizes("one", {1});
  chain.node("Unsqueeze", {"square", "one"}, {"volume"}, "");
  chain.sizes("pads", {0, 0, 1, 0, 0, 0, 0, 1, 0, 0});
  chain.node("Pad", {"volume", "pads"}, {"padded"}, "");
  auto& pool = chain.node("AveragePool", {"padded"}, {"mean"}, "pool");
  set(pool, "kernel_shape", {3, 1, 1});
  set(pool, "strides", {1, 1, 1});
  chain.node("Squeeze", {"mean", "one"}, {"line"}, "");
  chain.weights("alpha", {}, {0.5F});
  chain.weights("k", {}, {2});
  chain.weights("beta", {}, {0.75F});
  chain.node("Mul", {"line", "alpha"}, {"scaled"}, "");
  chain.node("Add", {"scaled", "k"}, {"sum"}, "");
  chain.node("Pow", {"sum", "beta"}, {"divisor"}, "power");
  chain.node("Div", {"x", "divisor"}, {"y"}, "");
  builder plain(13, {4, 1, 3});
  auto& lrn = plain.node("LRN");
  set(lrn, "size", 3);
  set(lrn, "alpha", 0.5F);
  set(lrn, "beta", 0.75F);
  set(lrn, "bias", 2.0F);
  const doubles found = run(chain);
  const doubles expected = run(plain);
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i] == Approx(expected[i]).epsilon(1e-6));

  // Height and width alone, of two volumes: as pictures.
  builder volumes(13, {1, 2, 2, 2});
  set(volumes.node("MaxPool"), "kernel_shape", {1, 2, 2});
  CHECK(volumes.read().output_shape() == shape{1, 2, 1, 1});
  CHECK(run(volumes, 1) == doubles{7, 6});  // -3 4 0 7 | 3 -1 6 2
  builder all(13, {1, 2, 2, 2});
  set(all.node("MaxPool"), "kernel_shape", {2, 2, 2});
  CHECK_THAT(all.problem(),
             Catch::EndsWith("expected an input of channels x height x width, found 1 x 2 x 2 x 2"));
}

TEST_CASE("powers") {
  const std::vector<std::pair<float, const char*>> exponents{
      {1.0F, ""},          {2.0F, "Pow "},      {3.0F, "Pow Pow "},      {4.0F, "Pow Pow "},
      {0.5F, "Pow "},      {0.25F, "Pow Pow "}, {0.75F, "Pow Pow Pow "}, {-1.0F, "Pow "},
      {-2.0F, "Pow Pow "}, {-0.5F, "Pow Pow "}, {1.5F, "Pow Pow Pow "},  {-0.3F, "Pow Pow Pow "}};
  for (const auto& [exponent, layers] : exponents) {
    builder m(13, {6});
    m.weights("shift", {}, {3.5F});
    m.weights("p", {}, {exponent});
    m.node("Add", {"x", "shift"}, {"positive"}, "");
    m.node("Pow", {"positive", "p"}, {"y"}, "");
    INFO(exponent);
    CHECK(types(m.read()) == "Add " + std::string(layers));
    const doubles found = run(m, 1);
    for (std::size_t i = 0; i < found.size(); ++i) {
      const double x = static_cast<double>((7 * i) % 11) + 0.5;
      CHECK(found[i] == Approx(std::pow(x, static_cast<double>(exponent))).epsilon(1e-6));
    }
  }
}

TEST_CASE(
    "pixels that are integers, cast before anything is computed; weights in half and double precision") {
  builder plain(13, {2, 2, 3});
  builder cast(13, {2, 2, 3});
  cast.graph().mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(
      onnx::TensorProto::UINT8);
  set(plain.node("Transpose", {"x"}, {"pixels"}, ""), "perm", {0, 3, 1, 2});
  set(cast.node("Transpose", {"x"}, {"bytes"}, ""), "perm", {0, 3, 1, 2});
  set(cast.node("Cast", {"bytes"}, {"pixels"}, ""), "to", static_cast<int>(onnx::TensorProto::FLOAT));
  const std::vector<float> values{1, -2, 0.5F, 3, 0.25F, -1};
  plain.weights("w", {2, 3, 1, 1}, values);
  auto& w = cast.weights("w", {2, 3, 1, 1}, {});
  SECTION("DOUBLE") {
    w.set_data_type(onnx::TensorProto::DOUBLE);
    for (const float value : values) w.add_double_data(static_cast<double>(value));
  }
  SECTION("FLOAT16") {
    w.set_data_type(onnx::TensorProto::FLOAT16);
    for (const int code : {0x3c00, 0xc000, 0x3800, 0x4200, 0x3400, 0xbc00}) w.add_int32_data(code);
  }
  for (builder* m : {&plain, &cast}) m->node("Conv", {"pixels", "w"}, {"y"}, "conv");
  CHECK(run(cast) == run(plain));
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

TEST_CASE("instance, group and layer norm") {
  const auto expect = [](const builder& m, const doubles& expected) {
    const doubles found = run(m, 1);
    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i] == Approx(expected[i]).margin(1e-5));
  };
  builder channels(13, {2, 1, 2});  // -3 4 | 0 7: mean ± 3.5
  channels.weights("scale", {2}, {1, 2});
  channels.weights("bias", {2}, {0, 3});
  set(channels.node("InstanceNormalization", {"x", "scale", "bias"}), "epsilon", 0.0F);
  expect(channels, {-1, 1, 1, 5});

  builder groups(13, {4, 1, 1});  // PyTorch's GroupNorm of two groups
  groups.weights("one", {2}, {1, 1});
  groups.weights("zero", {2}, {0, 0});
  groups.sizes("grouped", {0, 2, -1});
  groups.node("Shape", {"x"}, {"shape"}, "");
  groups.node("Reshape", {"x", "grouped"}, {"g"}, "");
  set(groups.node("InstanceNormalization", {"g", "one", "zero"}, {"n"}), "epsilon", 0.0F);
  groups.node("Reshape", {"n", "shape"}, {"y"}, "");
  expect(groups, {-1, 1, -1, 1});

  builder layer(17, {2, 2});
  layer.weights("scale", {2}, {1, 2});
  layer.weights("bias", {2}, {10, 20});
  auto& node = layer.node("LayerNormalization", {"x", "scale", "bias"});
  set(node, "epsilon", 12.25F);  // the variance itself: divided by 3.5 √2
  set(node, "axis", -1);
  const double unit = std::sqrt(0.5);
  expect(layer, {10 - unit, 20 + 2 * unit, 10 - unit, 20 + 2 * unit});
  builder statistics = layer;
  statistics.graph().mutable_node(0)->add_output("mean");
  statistics.graph().mutable_node(0)->add_output("inverse");
  statistics.node("Div", {"mean", "inverse"}, {"ratio"}, "");
  statistics.graph().mutable_output(0)->set_name("ratio");
  expect(statistics, {0.5 * std::sqrt(24.5), 3.5 * std::sqrt(24.5)});
  set(layer.node("LayerNormalization", {"y", "scale"}, {"z"}, "n2"), "axis", 0);
  CHECK(layer.problem() ==
        "model.onnx: node n2 (LayerNormalization): it works along axis 0, the batch; images are computed one "
        "by "
        "one");
}

TEST_CASE("Tile and the L2 norm of computed values") {
  builder m(13, {1, 2});
  m.sizes("repeats", {1, 2, 1});
  m.node("Tile", {"x", "repeats"}, {"t"}, "");
  auto& norm = m.node("ReduceL2", {"t"}, {"y"}, "norm");
  set(norm, "axes", integers{2});
  CHECK(run(m, 1) == doubles{5, 5});  // of -3 4, twice
  builder images(13, {2});
  images.sizes("repeats", {2, 1});
  images.node("Tile", {"x", "repeats"});
  CHECK(images.problem() ==
        "model.onnx: node n1 (Tile): it works along axis 0, the batch; images are computed one by one");
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
