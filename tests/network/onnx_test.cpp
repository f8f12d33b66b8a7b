// read_onnx: names, input and output, opset, files, and the example networks.

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "onnx_models.hpp"

using napier::shape;
using onnx_models::builder;

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
  SECTION("an output that is constant") {
    m.weights("c", {1});
    m.graph().mutable_output(0)->set_name("c");
    CHECK(m.problem() == "model.onnx: the output c is a constant: it does not depend on the input");
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
    CHECK(m.read().input_shape() == shape{3, 8});
    m.input_shape().mutable_dim()->DeleteSubrange(1, 2);
    CHECK(
        m.problem() ==
        "model.onnx: expected the input x to have 2 to 8 dimensions, such as batch, channels, height, width, "
        "found 1");
  }
  SECTION("no shape") {
    m.graph().mutable_input(0)->mutable_type()->mutable_tensor_type()->clear_shape();
    CHECK(
        m.problem() ==
        "model.onnx: expected the input x to have 2 to 8 dimensions, such as batch, channels, height, width, "
        "found 0");
  }
  SECTION("type") {
    m.graph().mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(
        onnx::TensorProto::UINT8);
    CHECK(
        m.problem() ==
        "model.onnx: the input x is no tensor of FLOAT, and node n1 (Relu) reads it without a Cast to FLOAT");
    m.graph().mutable_node(0)->set_op_type("Identity");
    CHECK(m.problem() == "model.onnx: the input x is no tensor of FLOAT, and the output is a copy of it");
    m.graph().mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(
        onnx::TensorProto::STRING);
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
  for (const int opset : {8, 19, 0, -1}) {
    builder m(opset);
    m.node("Relu");
    CHECK(m.problem() == "model.onnx: expected opset 9 to 18, found " + std::to_string(opset));
  }
  builder m;
  m.node("Relu");
  SECTION("none") {
    m.model.clear_opset_import();
    CHECK(m.problem() == "model.onnx: expected opset 9 to 18, found none");
  }
  SECTION("two") {
    m.model.add_opset_import()->set_version(9);
    CHECK(m.problem() == "model.onnx: expected opset 9 to 18, found 13 and 9");
  }
  SECTION("of another domain") {
    auto* other = m.model.add_opset_import();
    other->set_domain("ai.onnx.ml");
    other->set_version(2);
    CHECK(m.problem() == "no error, output 3 x 8 x 8");
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
