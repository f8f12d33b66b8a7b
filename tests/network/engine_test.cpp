// mac_engine: every layer, compiled, gives bit for bit what the layer's own function gives on weights rounded by hand.
#include <napier/network/engine.hpp>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <napier/accumulators/compensated.hpp>
#include <napier/accumulators/fixed64.hpp>
#include <napier/accumulators/quire.hpp>
#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>
#include <napier/mac/mac.hpp>
#include <napier/multipliers/mitch.hpp>
#include <napier/multipliers/mitchell.hpp>
#include <napier/multipliers/plam.hpp>

#include "layers/support.hpp"  // same_bits, random_reals, and the namespace foreign

using napier::activation_ptr;
using napier::batch_norm_mode;
using napier::shape;
using napier::tensor_view;
using doubles = std::vector<double>;

namespace {

using float32 = napier::mac<float, napier::exact, napier::native<float>>;
using bfloat16_mitchell =
    napier::mac<napier::bfloat16, napier::mitchell, napier::compensated<napier::native<float>>>;
using posit_plam = napier::mac<napier::posit<16, 1>, napier::plam, napier::quire<napier::posit<16, 1>>>;
using fixed_mitch6 = napier::mac<napier::fixed32_16, napier::mitch<6>, napier::fixed64>;
using all_foreign = napier::mac<foreign::offset_byte, foreign::lopsided, napier::native<double>>;

// 53 significant bits: no format of the tests holds them.
doubles random_weights(random_bits& random, std::size_t count) { return random_reals<double>(random, count); }

template <class F>
std::shared_ptr<const napier::tensor<F>> random_tensor(random_bits& random, std::size_t batch,
                                                       const shape& dimensions) {
  auto result = std::make_shared<napier::tensor<F>>(batch, dimensions);
  result->values = random_reals<F>(random, result->size());
  return result;
}

// One layer compiled and run on a batch of two.
template <class M>
class layer_check {
  using F = typename M::format;
  using T = typename M::bias_type;

 public:
  explicit layer_check(std::uint64_t seed) : random(seed) {}

  // direct(x, y) computes y, batch × output, from x, batch × input.
  template <class Direct>
  void unary(const char* what, const napier::layer& operation, const shape& input, Direct direct,
             batch_norm_mode mode = batch_norm_mode::exact) {
    const shape output = napier::infer_shape(operation, {input});
    const auto x = random_tensor<F>(random, 2, input);
    napier::tensor<F> expected(2, output);
    direct(x->view(), expected.view());
    expect(what, compiled(operation, output, mode, {x}), expected);
  }

  // direct(span, span) on all elements, whatever their shape.
  template <class Direct>
  void elementwise(const char* what, const napier::layer& operation, const shape& input, Direct direct) {
    const shape output = napier::infer_shape(operation, {input});
    const auto x = random_tensor<F>(random, 2, input);
    napier::tensor<F> expected(2, output);
    direct(std::span<const F>(x->values), std::span<F>(expected.values));
    expect(what, compiled(operation, output, batch_norm_mode::exact, {x}), expected);
  }

  void convolutions() {
    for (const std::size_t groups : {1, 2, 4}) {
      for (const bool has_bias : {false, true}) {
        napier::conv2d_layer conv{{3, 2, 2, 1, 1, 2, 1, 0, 2, 1, groups}, 4, 8, {}, {}};
        conv.weights = random_weights(random, 8 * 4 / groups * 6);
        if (has_bias) conv.bias = random_weights(random, 8);
        const auto w = from_doubles<F>(conv.weights);
        const auto b = from_doubles<T>(conv.bias);
        unary("conv", conv, {4, 6, 5}, [&](tensor_view<const F> x, tensor_view<F> y) {
          napier::conv2d<M>(conv.parameters, x, {w.data(), 8, 4 / groups, 3, 2}, b, y);
        });
      }
    }
  }

  void fully_connected() {
    for (const bool has_bias : {false, true}) {
      napier::fully_connected_layer dense{7, 5, random_weights(random, 35), {}};
      if (has_bias) dense.bias = random_weights(random, 5);
      const auto w = from_doubles<F>(dense.weights);
      const auto b = from_doubles<T>(dense.bias);
      unary("dense", dense, {7}, [&](tensor_view<const F> x, tensor_view<F> y) {
        napier::fully_connected<M>({x.data, 2, 7}, {w.data(), 5, 7}, b, {y.data, 2, 5});
      });
    }
  }

  void batch_norms() {
    napier::batch_norm_layer norm{
        random_weights(random, 3), random_weights(random, 3), random_weights(random, 3), {0.3, 1.7, 0}, 1e-3};
    const auto affine = napier::affine_of({norm.gamma, norm.beta, norm.mean, norm.variance, norm.epsilon});
    const auto scale = from_doubles<F>(affine.scale);
    const auto shift = from_doubles<F>(affine.shift);
    for (const shape& input : {shape{3, 4, 5}, shape{3}}) {
      unary("exact", norm, input, [&](auto x, auto y) { napier::batch_norm_exact<F>(affine, x, y); });
      for (const auto mode : {batch_norm_mode::approximate, batch_norm_mode::fold}) {
        unary(
            "approximate", norm, input,
            [&](auto x, auto y) { napier::batch_norm_approximate<M>(scale, shift, x, y); }, mode);
      }
    }
  }

  void pools() {
    const napier::pool2d_parameters p{3, 2, 2, 1, 1, 2, 1, 0, 0, 1, true, true};
    const shape input{3, 6, 5};
    unary("max", napier::max_pool_layer{p}, input, [&](auto x, auto y) { napier::max_pool<F>(p, x, y); });
    unary("average", napier::average_pool_layer{p}, input,
          [&](auto x, auto y) { napier::average_pool<M>(p, x, y); });
    unary("global", napier::global_average_pool_layer{}, input,
          [](auto x, auto y) { napier::global_average_pool<M>(x, y); });
  }

  void activations() {
    for (const shape& input : {shape{2, 3, 4}, shape{10}, shape{}, shape{2, 1, 3, 2}}) {
      elementwise("relu", napier::relu_layer{}, input, [](auto x, auto y) { napier::relu<F>(x, y); });
      elementwise("clip", napier::clip_layer{-0.7, 0.9}, input,
                  [](auto x, auto y) { napier::clip<F>(x, -0.7, 0.9, y); });
      elementwise("sigmoid", napier::sigmoid_layer{}, input,
                  [](auto x, auto y) { napier::sigmoid<F>(x, y); });
      elementwise("tanh", napier::tanh_layer{}, input, [](auto x, auto y) { napier::tanh<F>(x, y); });
    }
    elementwise("softmax", napier::softmax_layer{}, {10},
                [](auto x, auto y) { napier::softmax<F>(x, 10, y); });
    for (const shape& target : {shape{24}, shape{4, 3, 2}, shape{2, 2, 2, 3}}) {
      elementwise("reshape", napier::reshape_layer{target}, {2, 3, 4},
                  [](auto x, auto y) { std::copy(x.begin(), x.end(), y.begin()); });
    }
  }

  void joins() {
    const auto a = random_tensor<F>(random, 2, {3, 2, 2});
    const auto b = random_tensor<F>(random, 2, {3, 2, 2});
    const auto c = random_tensor<F>(random, 2, {1, 2, 2});
    napier::tensor<F> sum(2, {3, 2, 2});
    napier::add<F>(a->values, b->values, sum.values);
    expect("add", compiled(napier::add_layer{}, {3, 2, 2}, batch_norm_mode::fold, {a, b}), sum);

    napier::tensor<F> joined(2, {7, 2, 2});
    const std::vector<tensor_view<const F>> views{a->view(), c->view(), b->view()};
    napier::concat<F>(views, joined.view());
    expect("concat", compiled(napier::concat_layer{}, {7, 2, 2}, batch_norm_mode::fold, {a, c, b}), joined);
  }

  sweep all() {
    convolutions();
    fully_connected();
    batch_norms();
    pools();
    activations();
    joins();
    return cases_;
  }

  random_bits random;

 private:
  // The layer is gone when the function runs: the rounded weights are its own.
  static activation_ptr compiled(napier::layer operation, const shape& output, batch_norm_mode mode,
                                 const std::vector<activation_ptr>& inputs) {
    napier::compiled_layer run;
    {
      const auto mac = std::make_unique<napier::mac_engine<M>>();
      const auto gone = std::make_unique<napier::layer>(std::move(operation));
      run = mac->compile(*gone, output, mode);
    }
    run(inputs);  // a second run gives the same
    return run(inputs);
  }

  void expect(const char* what, const activation_ptr& got, const napier::tensor<F>& expected) {
    const auto same_format = std::dynamic_pointer_cast<const napier::tensor<F>>(got);
    cases_.check(same_format != nullptr && got->batch() == 2 && got->dimensions() == expected.dimensions() &&
                     same_bits(same_format->values, expected.values),
                 [&] { return std::string(what) + " of " + napier::to_text(expected.dimensions()); });
  }

  sweep cases_;
};

template <class F>
std::vector<double> values_of(const activation_ptr& what) {
  std::vector<double> result;
  for (const F x : napier::in_format<F>(what)->values) result.push_back(to_double(x));
  return result;
}

// Rounded once it is 1 + 2^-7 in bfloat16; by way of float32 it would be the tie 1 + 2^-8, and then 1.
constexpr double rounds_once = 1 + 0x1p-8 + 0x1p-40;

std::shared_ptr<const napier::tensor<double>> doubles_tensor(const shape& dimensions, const doubles& values) {
  auto result = std::make_shared<napier::tensor<double>>(1, dimensions);
  result->values = values;
  return result;
}

}  // namespace

constexpr std::uint64_t layers_checked = 6 + 2 + 6 + 3 + 16 + 1 + 3 + 2;

TEST_CASE("float32/exact/float32") {
  REQUIRE(layer_check<float32>(1).all().report() == passed(layers_checked));
}
TEST_CASE("bfloat16/mitchell/compensated-float32") {
  REQUIRE(layer_check<bfloat16_mitchell>(2).all().report() == passed(layers_checked));
}
TEST_CASE("posit16_1/plam/quire") {
  REQUIRE(layer_check<posit_plam>(3).all().report() == passed(layers_checked));
}
TEST_CASE("fixed32_16/mitch6/fixed64") {
  REQUIRE(layer_check<fixed_mitch6>(4).all().report() == passed(layers_checked));
}
TEST_CASE("a user's own format and multiplier") {
  REQUIRE(layer_check<all_foreign>(5).all().report() == passed(layers_checked));
}

TEST_CASE("names") {
  const napier::mac_engine<posit_plam> posit;
  CHECK(posit.name() == "posit16_1/plam/quire");
  CHECK(posit.format_name() == "posit16_1");
  CHECK(posit.kind() == napier::format_kind::posit);
  CHECK(napier::mac_engine<bfloat16_mitchell>().name() == "bfloat16/mitchell/compensated-float32");
  CHECK(napier::mac_engine<fixed_mitch6>().kind() == napier::format_kind::fixed);
  CHECK(napier::mac_engine<all_foreign>().name() == "offset_byte/lopsided/float64");
  const napier::mac_engine<all_foreign> mine("my circuit");
  CHECK(mine.name() == "my circuit");
  CHECK(mine.format_name() == "offset_byte");
  CHECK(mine.kind() == napier::format_kind::floating);
}

TEST_CASE("activations of another format are rounded to the layer's, once") {
  using F = napier::bfloat16;
  const napier::mac_engine<napier::mac<F, napier::exact, napier::native<float>>> mac;
  const auto run = [&](const napier::layer& operation, const shape& output,
                       const std::vector<activation_ptr>& inputs) {
    return values_of<F>(mac.compile(operation, output, batch_norm_mode::exact)(inputs));
  };
  const double once = 1 + 0x1p-7;
  const activation_ptr x = doubles_tensor({2}, {rounds_once, -rounds_once});
  const activation_ptr image = doubles_tensor({1, 1, 2}, {rounds_once, -rounds_once});

  CHECK(run(napier::relu_layer{}, {2}, {x}) == doubles{once, 0});
  CHECK(run(napier::reshape_layer{{2}}, {2}, {image}) == doubles{once, -once});
  CHECK(run(napier::clip_layer{-9, 9}, {2}, {x}) == doubles{once, -once});
  CHECK(run(napier::concat_layer{}, {4}, {x, x}) == doubles{once, -once, once, -once});
  CHECK(run(napier::add_layer{}, {2}, {x, x}) == doubles{2 * once, -2 * once});
  CHECK(run(napier::fully_connected_layer{2, 2, {1, 0, 0, 1}, {}}, {2}, {x}) == doubles{once, -once});
  CHECK(run(napier::conv2d_layer{{}, 1, 1, {1}, {}}, {1, 1, 2}, {image}) == doubles{once, -once});
  CHECK(run(napier::max_pool_layer{{1, 2}}, {1, 1, 1}, {image}) == doubles{once});
  CHECK(run(napier::batch_norm_layer{{1}, {0}, {0}, {1}, 0}, {1, 1, 2}, {image}) == doubles{once, -once});
  // the mean of 1 + 2^-7 and 1 is a tie that goes to 1; unrounded inputs would not be one
  CHECK(run(napier::global_average_pool_layer{}, {1, 1, 1}, {doubles_tensor({1, 1, 2}, {rounds_once, 1})}) ==
        doubles{1});

  // weights likewise; a bias is held in the accumulator's float32, where it does not become 1 + 2^-7
  CHECK(run(napier::fully_connected_layer{1, 1, {rounds_once}, {0}}, {1}, {doubles_tensor({1}, {1})}) ==
        doubles{once});
  CHECK(run(napier::fully_connected_layer{1, 1, {0}, {1 + 0x1p-8}}, {1}, {doubles_tensor({1}, {1})}) ==
        doubles{1});
  CHECK(run(napier::fully_connected_layer{1, 1, {1}, {1 + 0x1p-8}}, {1}, {doubles_tensor({1}, {0x1p-20})}) ==
        doubles{once});
}

TEST_CASE("activations of the layer's format are taken as they are") {
  const activation_ptr x = doubles_tensor({2}, {1, 2});
  CHECK(napier::in_format<double>(x).get() == x.get());
  const auto converted = napier::in_format<float>(x);
  CHECK(converted->dimensions() == shape{2});
  CHECK(converted->values == std::vector<float>{1, 2});
}

TEST_CASE("a batch of no images") {
  const napier::mac_engine<float32> mac;
  const activation_ptr none = std::make_shared<napier::tensor<float>>(0, shape{1, 2, 2});
  const std::vector<std::pair<napier::layer, shape>> layers{
      {napier::conv2d_layer{{2, 2}, 1, 1, {1, 1, 1, 1}, {}}, {1, 1, 1}},
      {napier::relu_layer{}, {1, 2, 2}},
      {napier::max_pool_layer{{2, 2}}, {1, 1, 1}},
      {napier::global_average_pool_layer{}, {1, 1, 1}}};
  for (const auto& [operation, output] : layers) {
    const activation_ptr result = mac.compile(operation, output, batch_norm_mode::fold)({&none, 1});
    CHECK(result->size() == 0);
    CHECK(result->dimensions() == output);
  }
}
