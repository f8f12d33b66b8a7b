// What is computed of constants alone is computed when a model is read, as ONNX computes it.

#include <catch2/catch.hpp>
#include <string>
#include <variant>

#include "onnx_runs.hpp"

using onnx_models::builder;
using onnx_models::doubles;
using onnx_models::integers;
using onnx_models::run;
using onnx_models::set;
using onnx_models::types;

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

TEST_CASE("constants that are reduced, raised and clipped; sizes that are compared, rounded and multiplied") {
  builder m(13, {4});
  m.weights("c", {2, 4}, {1, 2, 3, 4, 5, 6, 7, 8});
  m.sizes("first", {0});
  m.weights("two", {}, {2});
  m.weights("low", {}, {20});
  m.weights("high", {}, {30});
  auto& sum = m.node("ReduceSum", {"c", "first"}, {"sums"}, "");  // 6 8 10 12
  set(sum, "keepdims", 0);
  set(sum, "noop_with_empty_axes", 0);
  m.node("Pow", {"sums", "two"}, {"squares"}, "");                       // 36 64 100 144
  set(m.node("ReduceMean", {"c"}, {"means"}, ""), "axes", integers{0});  // 3 4 5 6
  m.node("Div", {"squares", "means"}, {"ratio"}, "");                    // 12 16 20 24
  m.node("Clip", {"ratio", "low", "high"}, {"clipped"}, "");             // 20 20 20 24
  m.node("Add", {"x", "clipped"}, {"y"}, "sum");
  CHECK(run(m, 1) == doubles{17, 24, 20, 31});  // -3 4 0 7

  builder sizes(13, {2, 6});
  sizes.node("Shape", {"x"}, {"shape"}, "");
  set(sizes.node("ReduceProd", {"shape"}, {"all"}, ""), "keepdims", 1);  // 12, of one image
  sizes.sizes("five", {5});
  sizes.sizes("minus four", {-4});
  sizes.node("Mod", {"all", "five"}, {"two"}, "");             // 2
  sizes.node("Mod", {"five", "minus four"}, {"minus 3"}, "");  // −3: the divisor's sign
  sizes.sizes("minus 3 too", {-3});
  sizes.node("Equal", {"minus 3", "minus 3 too"}, {"yes"}, "");
  sizes.node("Greater", {"two", "five"}, {"no"}, "");
  sizes.node("Not", {"no"}, {"yes too"}, "");
  sizes.node("And", {"yes", "yes too"}, {"both"}, "");
  sizes.weights("half", {1}, {1.5F});
  sizes.node("Ceil", {"half"}, {"up"}, "");
  sizes.node("Floor", {"half"}, {"down"}, "");
  for (const char* name : {"up", "down"})
    set(sizes.node("Cast", {name}, {std::string(name) + " int"}, ""), "to",
        static_cast<int>(onnx::TensorProto::INT64));
  sizes.node("Where", {"both", "up int", "down int"}, {"length"}, "");  // 2
  sizes.sizes("zero", {0});
  sizes.node("Slice", {"x", "zero", "length", "two"}, {"y"}, "");
  CHECK(sizes.problem() == "no error, output 2 x 2");
}

TEST_CASE("weights that are computed from weights: softmax, sigmoid, norms, matrix products, repeats") {
  builder m(13, {2});
  m.weights("w", {2, 2}, {3, 4, 1, 0});
  m.weights("zero", {1}, {0});
  m.sizes("two", {2});
  auto& norm = m.node("ReduceL2", {"w"}, {"norms"}, "");  // 5 1
  set(norm, "axes", integers{1});
  m.node("Div", {"w", "norms"}, {"unit"}, "");         // 0.6 0.8 | 1 0
  m.node("MatMul", {"unit", "w"}, {"product"}, "");    // 2.6 2.4 | 3 4
  m.node("Sigmoid", {"zero"}, {"half"}, "");           // 0.5
  m.node("Tanh", {"zero"}, {"nothing"}, "");           // 0
  m.node("Tile", {"half", "two"}, {"halves"}, "");     // 0.5 0.5
  m.node("Softmax", {"halves"}, {"shares"}, "");       // 0.5 0.5
  m.node("LogSoftmax", {"nothing"}, {"log one"}, "");  // 0
  m.node("Add", {"shares", "log one"}, {"sum"}, "");
  m.node("Mul", {"product", "sum"}, {"weights"}, "");  // 1.3 1.2 | 1.5 2
  m.node("Relu", {"weights"}, {"same"}, "");
  m.node("MatMul", {"x", "same"}, {"y"}, "dense");
  CHECK(types(m.read()) == "MatMul ");
  const doubles found = run(m, 1);  // of -3 4
  CHECK(found[0] == Approx(-3 * 1.3 + 4 * 1.5));
  CHECK(found[1] == Approx(-3 * 1.2 + 4 * 2.0));

  builder old(11, {6});  // all axes from the first on together
  old.weights("w", {1, 2, 3}, {0, 0, 0, 0, 0, 0});
  old.sizes("flat", {6});
  old.node("Softmax", {"w"}, {"sixths"}, "");
  old.node("Reshape", {"sixths", "flat"}, {"c"}, "");
  old.node("Mul", {"x", "c"}, {"y"}, "");
  CHECK(run(old, 1)[1] == Approx(4.0 / 6));
}
