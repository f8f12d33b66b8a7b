// Damaged models: whatever the bytes are, read_onnx_bytes gives a network or throws model_error.

#include <catch2/catch.hpp>
#include <cstddef>
#include <exception>
#include <initializer_list>
#include <random>
#include <string>
#include <typeinfo>

#include "onnx_models.hpp"

namespace {

struct outcome {
  int networks = 0;
  int errors = 0;
  std::string first_wrong;

  void try_bytes(const std::string& bytes, const std::string& what) {
    try {
      (void)napier::read_onnx_bytes(bytes, "model.onnx");
      ++networks;
    } catch (const napier::model_error& error) {
      ++errors;
      const std::string text = error.what();
      const bool is_fine = text.rfind("model.onnx: ", 0) == 0 && text.find('\n') == std::string::npos;
      if (!is_fine && first_wrong.empty()) first_wrong = what + ": " + text;
    } catch (const std::exception& error) {
      if (first_wrong.empty()) first_wrong = what + ": " + typeid(error).name() + ": " + error.what();
    }
  }
};

}  // namespace

TEST_CASE("a model cut anywhere is an error") {
  for (const int opset : {9, 17}) {
    const std::string bytes =
        onnx_models::every_operator(opset).bytes();  // graph, then opset, as PyTorch writes it
    outcome result;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      result.try_bytes(bytes.substr(0, size), "cut at " + std::to_string(size));
    }
    REQUIRE(result.first_wrong.empty());
    REQUIRE(result.networks == 0);
    REQUIRE(result.errors == static_cast<int>(bytes.size()));
  }
}

TEST_CASE("one byte changed: a network or a model_error") {
  std::mt19937 random(1614);
  for (const int opset : {9, 17}) {
    const std::string bytes = onnx_models::every_operator(opset).bytes();
    outcome result;
    int cases = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      for (const unsigned flip : {1U << (random() % 8), 0x80U, 0xffU}) {
        std::string damaged = bytes;
        damaged[i] = static_cast<char>(static_cast<unsigned char>(damaged[i]) ^ flip);
        result.try_bytes(damaged, "byte " + std::to_string(i) + " ^ " + std::to_string(flip));
        ++cases;
      }
    }
    REQUIRE(result.first_wrong.empty());
    REQUIRE(result.networks + result.errors == cases);
    REQUIRE(result.errors > 0);
    REQUIRE(result.networks > 0);  // a changed weight is a network still
  }
}

TEST_CASE("many bytes changed, removed or repeated") {
  std::mt19937 random(1617);
  const std::string bytes = onnx_models::every_operator(13).bytes();
  outcome result;
  constexpr int cases = 3000;
  for (int i = 0; i < cases; ++i) {
    std::string damaged = bytes;
    for (unsigned edits = 1 + random() % 8; edits > 0; --edits) {
      const std::size_t at = random() % damaged.size();
      const std::size_t length = 1 + random() % 16;
      switch (random() % 3) {
        case 0:
          damaged[at] = static_cast<char>(random() % 256);
          break;
        case 1:
          damaged.erase(at, length);
          break;
        default:
          damaged.insert(at, damaged.substr(random() % damaged.size(), length));
      }
    }
    result.try_bytes(damaged, "case " + std::to_string(i));
  }
  REQUIRE(result.first_wrong.empty());
  REQUIRE(result.networks + result.errors == cases);
}

TEST_CASE("fields of the parsed model changed: sizes, types and names that protobuf accepts") {
  // Bytes changed at random seldom get past protobuf; values changed in the parsed model always do.
  std::mt19937_64 random(1620);
  const std::int64_t extremes[] = {-1,
                                   0,
                                   1,
                                   2,
                                   7,
                                   1 << 20,
                                   (std::int64_t{1} << 31) - 1,
                                   std::int64_t{1} << 32,
                                   std::int64_t{1} << 62,
                                   INT64_MAX,
                                   INT64_MIN};
  const auto extreme = [&] { return extremes[random() % std::size(extremes)]; };
  outcome result;
  constexpr int cases = 4000;
  for (int i = 0; i < cases; ++i) {
    auto m = onnx_models::every_operator(random() % 2 == 0 ? 9 : 17);
    auto& graph = m.graph();
    const auto pick = [&](int count) {
      return static_cast<int>(random() % static_cast<std::uint64_t>(count));
    };
    auto& node = *graph.mutable_node(pick(graph.node_size()));
    auto& tensor = *graph.mutable_initializer(pick(graph.initializer_size()));
    switch (random() % 8) {
      case 0:
        if (tensor.dims_size() != 0) tensor.set_dims(pick(tensor.dims_size()), extreme());
        break;
      case 1:
        tensor.add_dims(extreme());
        break;
      case 2:
        tensor.set_data_type(pick(20));
        break;
      case 3:
        m.input_shape().mutable_dim(pick(4))->set_dim_value(extreme());
        break;
      case 4:
        if (node.attribute_size() != 0) {
          auto& attribute = *node.mutable_attribute(pick(node.attribute_size()));
          attribute.set_i(extreme());
          for (int k = 0; k < attribute.ints_size(); ++k) {
            if (random() % 2 == 0) attribute.set_ints(k, extreme());
          }
          if (random() % 4 == 0) attribute.add_ints(extreme());
          if (random() % 8 == 0) attribute.set_type(onnx::AttributeProto::GRAPH);
        }
        break;
      case 5:
        if (node.input_size() != 0) {
          *node.mutable_input(pick(node.input_size())) = graph.node(pick(graph.node_size())).output(0);
        }
        break;
      case 6:
        node.set_op_type(graph.node(pick(graph.node_size())).op_type());
        break;
      default:
        if (node.input_size() != 0 && random() % 2 == 0) {
          node.mutable_input()->RemoveLast();
        } else {
          node.clear_output();
        }
    }
    result.try_bytes(m.bytes(), "case " + std::to_string(i));
  }
  REQUIRE(result.first_wrong.empty());
  REQUIRE(result.networks + result.errors == cases);
  REQUIRE(result.errors > cases / 4);
}

TEST_CASE("a small file that asks for a lot of memory or time") {
  SECTION("dimensions without data") {
    onnx_models::builder m;
    m.weights("w", {1 << 20, 1 << 20, 1 << 20, 1 << 20}, {});
    m.node("Conv", {"x", "w"});
    CHECK(m.problem() ==
          "model.onnx: node n1 (Conv): constant w: expected at most 268435456 elements, found "
          "1048576 x 1048576 x 1048576 x 1048576");
  }
  SECTION("one tensor read by many nodes") {
    onnx_models::builder m(13, {8});
    m.weights("w", {8, 8});
    for (int i = 0; i < 300; ++i) {
      const std::string from = i == 0 ? "x" : "v" + std::to_string(i);
      m.node("MatMul", {from, "w"}, {i == 299 ? "y" : "v" + std::to_string(i + 1)}, "");
    }
    CHECK(m.problem() == "no error, output 8");
    CHECK_NOTHROW(napier::read_onnx_bytes(m.bytes(), "model.onnx", 300 * 64));
    CHECK_THROWS_WITH(
        napier::read_onnx_bytes(m.bytes(), "model.onnx", 300 * 64 - 1),
        "model.onnx: node MatMul_299 (MatMul): the network has more weights than max_weights allows");
  }
  SECTION("a value that doubles with each node") {
    onnx_models::builder m;
    for (int i = 0; i < 70; ++i) {
      const std::string from = i == 0 ? "x" : "v" + std::to_string(i);
      onnx_models::set(m.node("Concat", {from, from}, {"v" + std::to_string(i + 1)}, ""), "axis", 1);
    }
    CHECK(m.problem() ==
          "model.onnx: node Concat_20 (Concat): expected a result of at most 268435456 elements, found "
          "6291456 x 8 x 8");
  }
  SECTION("padding") {
    onnx_models::builder m;
    m.weights("w", {1, 3, 1, 1});
    onnx_models::set(m.node("Conv", {"x", "w"}), "pads", {1 << 20, 1 << 20, 1 << 20, 1 << 20});
    CHECK(m.problem() ==
          "model.onnx: node n1 (Conv): expected a result of at most 268435456 elements, found "
          "1 x 2097160 x 2097160");
  }
}
