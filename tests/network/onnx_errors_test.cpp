// read_onnx: what is refused, and with which words.

#include <catch2/catch.hpp>
#include <limits>
#include <string>

#include "onnx_models.hpp"

using onnx_models::attribute;
using onnx_models::builder;
using onnx_models::set;

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
    m.node("GlobalAveragePool", {"w"});
    CHECK(m.problem() ==
          "model.onnx: node n1 (GlobalAveragePool): its input w is a constant; expected a computed value");
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
    CHECK(m.problem() == "model.onnx: node add (Add): cannot broadcast 1 x 3 x 8 x 8 and 1 x 3 x 7 x 7");
  }
  SECTION("a constant that differs from image to image") {
    m.weights("b", {2, 3, 8, 8});
    m.node("Add", {"x", "b"});
    CHECK(
        m.problem() ==
        "model.onnx: node n1 (Add): operands of 1 x 3 x 8 x 8 and 2 x 3 x 8 x 8 (with a batch of 1) mix the "
        "images of a batch");
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
    m.node("NonMaxSuppression");
    CHECK_THAT(m.problem(),
               Catch::StartsWith(
                   "model.onnx: node n1 (NonMaxSuppression): this operator is not supported; supported "
                   "are Constant, If, Abs, Add, And, AveragePool, BatchNormalization, Cast, Ceil, ") &&
                   Catch::EndsWith(", Tanh, Tile, Transpose, Unsqueeze, Where"));
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
  SECTION("3-D convolution; 1-D of a picture") {
    m.weights("w3", {1, 3, 2});
    m.node("Conv", {"x", "w3"});
    CHECK(m.problem() ==
          "model.onnx: node n1 (Conv): expected an input of channels x length, found 3 x 8 x 8");
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
    CHECK(flat.problem() ==
          "model.onnx: node n1 (Gemm): it works along axis 0, the batch; images are computed one by one");
  }
  SECTION("batch norm in training") {
    builder train(14, {1, 2, 2});
    train.weights("w", {1});
    set(train.node("BatchNormalization", {"x", "w", "w", "w", "w"}), "training_mode", 1);
    CHECK(train.problem() == "model.onnx: node n1 (BatchNormalization): expected training_mode = 0, found 1");
    // Before opset 14 it is asked for by outputs for the batch's statistics.
    builder old(9, {1, 2, 2});
    old.weights("w", {1});
    auto& node = old.node("BatchNormalization", {"x", "w", "w", "w", "w"}, {"y", "mean", "var", "m", "v"});
    CHECK(old.problem() ==
          "model.onnx: node n1 (BatchNormalization): expected one output, as for inference, found 5, as for "
          "training");
    for (int i = 1; i < 5; ++i) node.set_output(i, "");
    CHECK(old.problem() == "no error, output 1 x 2 x 2");
  }
  SECTION("storage_order, axes, dilated averages") {
    auto& pool = m.node("MaxPool");
    set(pool, "kernel_shape", {2, 2});
    set(pool, "storage_order", 1);
    CHECK(m.problem() == "model.onnx: node n1 (MaxPool): expected storage_order = 0, found 1");
    builder no_axis;
    no_axis.node("Concat", {"x", "x"});
    CHECK(no_axis.problem() == "model.onnx: node n1 (Concat): its attribute axis is missing");
    builder average(17);
    auto& node = average.node("AveragePool");
    set(node, "kernel_shape", {2, 2});
    set(node, "dilations", {2, 2});
    CHECK(average.problem() ==
          "model.onnx: node n1 (AveragePool): its attribute dilations is not supported in opset 17");
  }
  SECTION("what mixes the images of a batch") {
    const auto problem_of = [](const char* type, const char* attribute_name,
                               const onnx_models::integers& list, int one) {
      builder mixing(12);
      auto& node = mixing.node(type);
      if (std::string(type) == "Concat") node.add_input("x");
      if (list.empty()) {
        set(node, attribute_name, one);
      } else {
        set(node, attribute_name, list);
      }
      return mixing.problem();
    };
    const std::string end = ": it works along axis 0, the batch; images are computed one by one";
    CHECK(problem_of("Concat", "axis", {}, 0) == "model.onnx: node n1 (Concat)" + end);
    CHECK(problem_of("Softmax", "axis", {}, 0) == "model.onnx: node n1 (Softmax)" + end);
    CHECK(problem_of("LogSoftmax", "axis", {}, -4) == "model.onnx: node n1 (LogSoftmax)" + end);
    CHECK(problem_of("Flatten", "axis", {}, 0) == "model.onnx: node n1 (Flatten)" + end);
    CHECK(problem_of("Split", "axis", {}, 0) == "model.onnx: node n1 (Split)" + end);
    CHECK(problem_of("Squeeze", "axes", {0}, 0) == "model.onnx: node n1 (Squeeze)" + end);
    const std::string moved =
        "model.onnx: expected the images of a batch along axis 0 of the output y, found axis 1";
    CHECK(problem_of("Transpose", "perm", {1, 0, 2, 3}, 0) == moved);
    CHECK(problem_of("Unsqueeze", "axes", {0}, 0) == moved);
    CHECK(problem_of("ReduceMean", "axes", {0, 2}, 0) == "model.onnx: node n1 (ReduceMean)" + end);
    CHECK(problem_of("ReduceMean", "keepdims", {}, 1) == "model.onnx: node n1 (ReduceMean)" + end);
    builder old(9);
    auto& slice = old.node("Slice");
    set(slice, "starts", onnx_models::integers{0});
    set(slice, "ends", onnx_models::integers{1});
    CHECK(old.problem() == "model.onnx: node n1 (Slice)" + end);
    builder gather;
    gather.sizes("first", {0});
    gather.node("Gather", {"x", "first"});
    CHECK(gather.problem() == "model.onnx: node n1 (Gather)" + end);
    builder pad(10);
    set(pad.node("Pad"), "pads", onnx_models::integers{0, 0, 0, 0, 1, 0, 0, 0});
    CHECK(pad.problem() == "model.onnx: node n1 (Pad)" + end);
    // With a batch of one, there is nothing to mix.
    pad.input_shape().mutable_dim(0)->set_dim_value(1);
    CHECK(pad.problem() == "no error, output 2 x 3 x 8 x 8");
  }
  SECTION("sparse initializers") {
    m.node("Relu");
    m.graph().add_sparse_initializer();
    CHECK(m.problem() == "model.onnx: sparse initializers are not supported");
  }
}

TEST_CASE("images that were moved to another axis") {
  builder m(13, {4, 2, 2});
  set(m.node("Transpose", {"x"}, {"t"}, "turn"), "perm", {1, 0, 2, 3});
  SECTION("an operator that computes") {
    m.node("Relu", {"t"}, {"y"}, "relu");
    CHECK(m.problem() ==
          "model.onnx: node relu (Relu): expected the images of a batch along axis 0 of its input t, found "
          "axis 1");
  }
  SECTION("what works along the images") {
    m.sizes("first", {0});
    set(m.node("Gather", {"t", "first"}, {"y"}, "pick"), "axis", 1);
    CHECK(m.problem() ==
          "model.onnx: node pick (Gather): it works along axis 1, the batch; images are computed one by one");
  }
  SECTION("a Reshape that tears them apart") {
    m.sizes("target", {2, 8});
    m.node("Reshape", {"t", "target"}, {"y"}, "tear");
    CHECK(
        m.problem() ==
        "model.onnx: node tear (Reshape): expected a shape that keeps the images of a batch apart, found [2, "
        "8]");
  }
  SECTION("and back") {
    set(m.node("Transpose", {"t"}, {"y"}, "back"), "perm", {1, 0, 2, 3});
    CHECK(m.problem() == "no error, output 4 x 2 x 2");
  }
}

TEST_CASE("If: what it needs") {
  builder m;
  auto& node = m.node("If", {"c"}, {"y"}, "decide");
  const auto add_branch = [&](const char* name, const char* type, const char* from) {
    auto& graph = *attribute(node, name, onnx::AttributeProto::GRAPH).mutable_g();
    auto* inner = graph.add_node();
    inner->set_op_type(type);
    inner->add_input(from);
    inner->add_output(std::string(name) + ".out");
    graph.add_output()->set_name(std::string(name) + ".out");
    return &graph;
  };
  add_branch("then_branch", "Relu", "x");
  onnx::GraphProto* other = add_branch("else_branch", "Tanh", "x");
  const std::string start = "model.onnx: node decide (If): ";
  SECTION("a condition that is known") {
    m.sizes("c", {0});
    REQUIRE(m.problem() == "no error, output 3 x 8 x 8");
    CHECK(m.read().nodes()[0].name == "decide.Tanh_0");
    other->mutable_output(0)->set_name("else");
    CHECK(m.problem() == start + "the output else of its branch is not computed by any node");
    other->clear_output();
    CHECK(m.problem() == start + "expected 1 outputs of its branch, found 0");
  }
  SECTION("a condition of the images") {
    node.set_input(0, "x");
    CHECK(m.problem() == start + "its condition depends on the images; expected a constant");
  }
  SECTION("one branch") {
    m.sizes("c", {1});
    node.mutable_attribute()->RemoveLast();
    CHECK(m.problem() == start + "expected one condition, then_branch and else_branch");
  }
}

TEST_CASE("decisions and rounding are read of constants only; powers of constant exponents") {
  for (const char* type : {"Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual", "And", "Or", "Mod"}) {
    builder m;
    m.node(type, {"x", "x"});
    CHECK(m.problem() == "model.onnx: node n1 (" + std::string(type) + "): its input x must be a constant");
  }
  for (const char* type : {"Not", "Floor", "Ceil", "ReduceProd"}) {
    builder m;
    set(m.node(type), "keepdims", 1);
    CHECK_THAT(m.problem(), Catch::StartsWith("model.onnx: node n1 (" + std::string(type) + "): it"));
  }
  builder where;
  where.node("Where", {"x", "x", "x"});
  CHECK(where.problem() == "model.onnx: node n1 (Where): its input x must be a constant");
  builder power;
  power.weights("five", {}, {5});
  power.node("Pow", {"x", "five"});
  CHECK(power.problem() ==
        "model.onnx: node n1 (Pow): expected an exponent from -4 to 4, or one that is no integer, found "
        "5.000000");
  power.node("Pow", {"x", "x"}, {"z"}, "n2");
  power.graph().mutable_node()->SwapElements(0, 1);
  CHECK(power.problem() == "model.onnx: node n2 (Pow): its input x must be a constant");
}

TEST_CASE("constants of a fixed batch that differ from image to image") {
  builder m(13, {2});
  m.input_shape().mutable_dim(0)->set_dim_value(2);
  m.weights("c", {2, 2}, {1, 2, 1, 2});
  m.node("Add", {"x", "c"});
  CHECK(m.problem() == "no error, output 2");
  m.graph().mutable_initializer(0)->set_float_data(3, 5);
  CHECK(m.problem() ==
        "model.onnx: node n1 (Add): constant c: expected the same values for each of the 2 images of the "
        "batch, "
        "found others");
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
    CHECK(m.problem() == start + "expected 24 bytes for 1 x 3 x 1 x 1, found 12");
    w.set_data_type(99);
    CHECK(m.problem() == start + "expected elements of type FLOAT, DOUBLE, FLOAT16 or BFLOAT16, found 99");
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
    CHECK(m.problem() ==
          start + "its data is in the file weights.bin, which is looked for beside the model's file only");
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
