#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

#include <layers/support.hpp>
#include <napier/accumulators/compensated.hpp>
#include <napier/accumulators/fixed64.hpp>
#include <napier/accumulators/native.hpp>
#include <napier/accumulators/quire.hpp>
#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>
#include <napier/layers/batch_norm.hpp>
#include <napier/mac/mac.hpp>
#include <napier/multipliers/decorators.hpp>
#include <napier/multipliers/exact.hpp>
#include <napier/multipliers/mitch.hpp>
#include <napier/multipliers/mitchell.hpp>
#include <napier/multipliers/plam.hpp>

using namespace napier;
using Catch::Contains;

namespace {

using doubles = std::vector<double>;
using float32_mac = mac<float, exact, native<float>>;

// y = scale · x + shift, both operations rounded to float64 by the library's own exact arithmetic.
double rounded_twice(double scale, double x, double shift) {
  const auto product = round_to<double>(multiply(decode(scale), decode(x)));
  return round_to<double>(add(decode(product), decode(shift)));
}

template <class M, class F = typename M::format>
void check_approximate(int cases) {
  random_bits random(7);
  sweep s;
  for (int i = 0; i < cases; ++i) {
    const tensor_shape shape{between(random, 0, 2), between(random, 1, 4), between(random, 1, 4),
                             between(random, 1, 4)};
    tensor<F> input(shape);
    input.values = random_reals<F>(random, shape.size());
    const auto scale = random_reals<F>(random, shape.channels);
    const auto shift = random_reals<F>(random, shape.channels);
    tensor<F> expected(shape);
    for (std::size_t k = 0; k < shape.size(); ++k) {
      const std::size_t c = k / (shape.height * shape.width) % shape.channels;
      typename M::accumulator sum{};
      M::accumulate(sum, scale[c], input.values[k]);
      expected.values[k] = round_to<F>(M::finish(sum, round_to<typename M::bias_type>(decode(shift[c]))));
    }
    tensor<F> output(shape, from_double<F>(99));
    batch_norm_approximate<M>(scale, shift, input.view(), output.view());
    batch_norm_approximate<M>(scale, shift, input.view(), input.view());  // in place
    s.check(same_bits(output.values, expected.values) && same_bits(input.values, expected.values),
            [&] { return shape_text(shape); });
  }
  REQUIRE(s.report() == passed(static_cast<std::uint64_t>(cases)));
}

template <class F>
void check_exact(int cases) {
  random_bits random(9);
  sweep s;
  for (int i = 0; i < cases; ++i) {
    const tensor_shape shape{between(random, 0, 2), between(random, 1, 4), between(random, 1, 4),
                             between(random, 1, 4)};
    tensor<F> input(shape);
    input.values = random_reals<F>(random, shape.size());
    const batch_norm_affine affine{random_reals<double>(random, shape.channels),
                                   random_reals<double>(random, shape.channels)};
    tensor<F> expected(shape);
    for (std::size_t k = 0; k < shape.size(); ++k) {
      const std::size_t c = k / (shape.height * shape.width) % shape.channels;
      expected.values[k] =
          from_double<F>(rounded_twice(affine.scale[c], to_double(input.values[k]), affine.shift[c]));
    }
    tensor<F> output(shape, from_double<F>(99));
    batch_norm_exact<F>(affine, input.view(), output.view());
    batch_norm_exact<F>(affine, input.view(), input.view());  // in place
    s.check(same_bits(output.values, expected.values) && same_bits(input.values, expected.values),
            [&] { return shape_text(shape); });
  }
  REQUIRE(s.report() == passed(static_cast<std::uint64_t>(cases)));
}

template <class M, class F = typename M::format>
F approximate_of(double scale, double shift, double x) {
  const F s = from_double<F>(scale);
  const F t = from_double<F>(shift);
  F y = from_double<F>(x);
  batch_norm_approximate<M>({&s, 1}, {&t, 1}, {&y, 1, 1, 1, 1}, {&y, 1, 1, 1, 1});
  return y;
}

}  // namespace

TEST_CASE("affine_of") {
  const doubles gamma{3, -1, 0.5};
  const doubles beta{10, 0.25, 0};
  const doubles mean{2, -1, 7};
  const doubles variance{3.75, 0.75, 15.75};
  const batch_norm_affine affine = affine_of({gamma, beta, mean, variance, 0.25});
  REQUIRE(affine.scale == doubles{1.5, -1, 0.125});
  REQUIRE(affine.shift == doubles{7, -0.75, -0.875});

  // in float64, operation by operation
  random_bits random(1);
  sweep s;
  for (int i = 0; i < 1000; ++i) {
    const doubles one = random_reals<double>(random, 3);
    const doubles positive{std::fabs(random_reals<double>(random, 1)[0])};
    const batch_norm_affine got = affine_of({std::span(one).first(1), std::span(one).subspan(1, 1),
                                             std::span(one).subspan(2, 1), positive, 1e-5});
    const double scale = one[0] / std::sqrt(positive[0] + 1e-5);
    s.check(got.scale[0] == scale && got.shift[0] == rounded_twice(-one[2], scale, one[1]),
            [&] { return text(i); });
  }
  REQUIRE(s.report() == passed(1000));
}

TEST_CASE("no product is fused with its sum") {
  // (1 + 2^-30)(1 − 2^-30) − 1 = −2^-60; the product rounds to 1
  const double a = 1 + 0x1p-30;
  const double b = 1 - 0x1p-30;
  double y = a;
  batch_norm_exact<double>({{b}, {-1}}, {&y, 1, 1, 1, 1}, {&y, 1, 1, 1, 1});
  REQUIRE(y == 0);
  doubles weights{2};
  doubles bias{a};
  fold_batch_norm({{b}, {-1}}, weights, bias);
  REQUIRE(bias == doubles{0});
  const doubles one{1};
  REQUIRE(affine_of({doubles{b}, one, doubles{a}, one, 0}).shift == doubles{0});
}

TEST_CASE("fold_batch_norm") {
  const batch_norm_affine affine{{2, -0.5}, {1, 3}};
  doubles weights{1, 2, 3, 4, 5, 6};
  doubles bias;
  fold_batch_norm(affine, weights, bias);
  REQUIRE(weights == doubles{2, 4, 6, -2, -2.5, -3});
  REQUIRE(bias == doubles{1, 3});
  doubles other{1, 1};
  bias = {10, 20};
  fold_batch_norm(affine, other, bias);
  REQUIRE(bias == doubles{21, -7});
  doubles nothing;
  doubles no_bias;
  REQUIRE_NOTHROW(fold_batch_norm({}, nothing, no_bias));
  REQUIRE_NOTHROW(fold_batch_norm(affine, nothing, no_bias));  // no input channels
  REQUIRE(no_bias == doubles{1, 3});
}

TEST_CASE("batch norm folded, exact and approximate agree where nothing rounds") {
  // a dot product of small integers, then scale and shift, powers of two
  const batch_norm_affine affine{{0.5, -4}, {2, 1}};
  const doubles weights{1, -2, 3, 5, 0, 7};
  const doubles x{4, -1, 2};
  doubles folded = weights;
  doubles bias{3, -2};
  fold_batch_norm(affine, folded, bias);
  for (std::size_t o = 0; o < 2; ++o) {
    double before = o == 0 ? 3 : -2;
    double after = bias[o];
    for (std::size_t k = 0; k < 3; ++k) {
      before += weights[o * 3 + k] * x[k];
      after += folded[o * 3 + k] * x[k];
    }
    float exactly = 0;
    const auto input = static_cast<float>(before);
    batch_norm_exact<float>({{affine.scale[o]}, {affine.shift[o]}}, {&input, 1, 1, 1, 1},
                            {&exactly, 1, 1, 1, 1});
    REQUIRE(after == exactly);
    REQUIRE(approximate_of<float32_mac>(affine.scale[o], affine.shift[o], before) == exactly);
  }
}

TEST_CASE("batch_norm_exact is float64 arithmetic rounded once") {
  check_exact<float>(100);
  check_exact<double>(100);
  check_exact<bfloat16>(50);
  check_exact<posit<16, 1>>(50);
  check_exact<fixed32_16>(50);
  check_exact<foreign::offset_byte>(50);
}

TEST_CASE("batch_norm_approximate equals the MAC's operations, bit for bit") {
  using p16 = posit<16, 1>;
  using p8 = posit<8, 0>;
  check_approximate<float32_mac>(100);
  check_approximate<mac<float, mitch<6>, native<float>>>(100);
  check_approximate<mac<float, mitch<6>, compensated<native<float>>>>(50);
  check_approximate<mac<bfloat16, mitchell, native<float>>>(50);
  check_approximate<mac<p16, plam, quire<p16>>>(50);
  check_approximate<mac<p8, rounded<plam, p8>, native<p8>>>(50);
  check_approximate<mac<fixed32_16, mitch<6>, fixed64>>(50);
  check_approximate<mac<foreign::offset_byte, foreign::lopsided, native<float>>>(50);
}

TEST_CASE("a truncated product shrinks scale times x and not shift") {
  // Mitchell: 1.5 × 1.5 = 2
  REQUIRE(approximate_of<float32_mac>(1.5, -2.25, 1.5) == 0);
  REQUIRE(approximate_of<mac<float, mitchell, native<float>>>(1.5, -2.25, 1.5) == -0.25F);
  // scale is the left operand: cut to two significant bits 1.75 is 1.5
  REQUIRE(approximate_of<mac<float, foreign::lopsided, native<float>>>(1.75, 0, 1.25) == 1.875F);
  // compensation multiplies the product, not the shift
  const auto constant = static_cast<float>(1 / (1 + mitchell::mean_relative_error));
  using compensated_mac = mac<float, mitchell, compensated<native<float>>>;
  REQUIRE(approximate_of<compensated_mac>(1.5, -2.25, 1.5) == constant * 2 - 2.25F);
}

TEST_CASE("NaN and NaR go through batch norm") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  auto x = posit<16, 1>::nar();
  batch_norm_exact<posit<16, 1>>({{1}, {0}}, {&x, 1, 1, 1, 1}, {&x, 1, 1, 1, 1});
  REQUIRE(x.is_nar());
  using p16 = posit<16, 1>;
  REQUIRE(approximate_of<mac<p16, plam, quire<p16>>>(1, 0, nan).is_nar());
}

TEST_CASE("batch norm refuses what does not fit") {
  const doubles two{1, 1};
  const doubles three{1, 1, 1};
  REQUIRE_THROWS_WITH(affine_of({two, three, two, two, 0}), Contains("gamma has 2 elements, beta 3"));
  REQUIRE_THROWS_AS(affine_of({two, two, three, two, 0}), shape_error);
  REQUIRE_THROWS_AS(affine_of({two, two, two, three, 0}), shape_error);
  REQUIRE_THROWS_WITH(affine_of({two, two, two, doubles{1, -1}, 1e-5}),
                      Contains("variance + epsilon of channel 1"));
  REQUIRE_THROWS_AS(affine_of({two, two, two, doubles{1, 0}, 0}), model_error);
  REQUIRE_THROWS_AS(affine_of({two, two, two, doubles{1, std::nan("")}, 1}), model_error);

  doubles weights(6);
  doubles bias(3);
  REQUIRE_THROWS_AS(fold_batch_norm({two, two}, weights, bias), shape_error);
  bias.clear();
  REQUIRE_THROWS_AS(fold_batch_norm({two, three}, weights, bias), shape_error);
  weights.resize(5);
  REQUIRE_THROWS_AS(fold_batch_norm({two, two}, weights, bias), shape_error);
  REQUIRE_THROWS_AS(fold_batch_norm({}, weights, bias), shape_error);

  const std::vector<float> scale(3);
  const tensor<float> input({1, 2, 2, 2});
  tensor<float> output(input.shape);
  tensor<float> small({1, 2, 2, 1});
  REQUIRE_THROWS_WITH(
      batch_norm_approximate<float32_mac>(scale, scale, input.view(), output.view()),
      "batch_norm: 3 scales and 3 shifts for an input of 1 x 2 x 2 x 2; expected one a channel");
  REQUIRE_THROWS_WITH(batch_norm_exact<float>({two, two}, input.view(), small.view()),
                      "batch_norm: output is 1 x 2 x 2 x 1, expected 1 x 2 x 2 x 2");
}
