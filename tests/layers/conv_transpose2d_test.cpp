// Transposed convolution against the other way of computing it: each input is spread over the outputs.
#include <napier/layers/conv_transpose2d.hpp>
#include <napier/mac/mac.hpp>
#include <napier/multipliers/mitchell.hpp>

#include <catch2/catch.hpp>
#include <cstddef>
#include <random>
#include <vector>

using namespace napier;

namespace {

struct problem {
  conv_transpose2d_parameters p;
  std::size_t batch, in, out, height, width;
  std::vector<float> x, w, bias;
};

problem random_problem(std::mt19937& random) {
  const auto pick = [&](std::size_t low, std::size_t high) { return low + random() % (high - low + 1); };
  problem r{};
  r.p.groups = pick(1, 2);
  r.p.kernel_height = pick(1, 3);
  r.p.kernel_width = pick(1, 4);
  r.p.stride_height = pick(1, 3);
  r.p.stride_width = pick(1, 3);
  r.p.dilation_height = pick(1, 2);
  r.p.dilation_width = pick(1, 2);
  r.p.extra_height = pick(0, 2);
  r.p.extra_width = pick(0, 1);
  r.batch = pick(1, 2);
  r.in = r.p.groups * pick(1, 2);
  r.out = r.p.groups * pick(1, 3);
  r.height = pick(2, 4);
  r.width = pick(2, 4);
  r.p.pad_top = pick(0, 1);
  r.p.pad_left = pick(0, 1);
  r.p.pad_bottom = pick(0, 1);
  r.p.pad_right = 0;
  const auto fill = [&](std::vector<float>& values, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      values.push_back(static_cast<float>(static_cast<int>(random() % 17) - 8));
  };
  fill(r.x, r.batch * r.in * r.height * r.width);
  fill(r.w, r.out * (r.in / r.p.groups) * r.p.kernel_height * r.p.kernel_width);
  fill(r.bias, r.out);
  return r;
}

// Sums of integers: exact in any order.
std::vector<float> spread(const problem& r, std::size_t oh, std::size_t ow) {
  std::vector<float> y(r.batch * r.out * oh * ow);
  const std::size_t in_a_group = r.in / r.p.groups;
  const std::size_t out_a_group = r.out / r.p.groups;
  for (std::size_t n = 0; n < r.batch; ++n) {
    for (std::size_t o = 0; o < r.out; ++o) {
      float* plane = &y[(n * r.out + o) * oh * ow];
      for (std::size_t i = 0; i < oh * ow; ++i) plane[i] = r.bias[o];
      for (std::size_t c = 0; c < in_a_group; ++c) {
        const std::size_t channel = o / out_a_group * in_a_group + c;
        for (std::size_t u = 0; u < r.height; ++u) {
          for (std::size_t v = 0; v < r.width; ++v) {
            for (std::size_t i = 0; i < r.p.kernel_height; ++i) {
              for (std::size_t j = 0; j < r.p.kernel_width; ++j) {
                const std::size_t row = u * r.p.stride_height + i * r.p.dilation_height;
                const std::size_t column = v * r.p.stride_width + j * r.p.dilation_width;
                if (row < r.p.pad_top || column < r.p.pad_left) continue;
                if (row - r.p.pad_top >= oh || column - r.p.pad_left >= ow) continue;
                const float weight =
                    r.w[((o * in_a_group + c) * r.p.kernel_height + i) * r.p.kernel_width + j];
                plane[(row - r.p.pad_top) * ow + column - r.p.pad_left] +=
                    weight * r.x[((n * r.in + channel) * r.height + u) * r.width + v];
              }
            }
          }
        }
      }
    }
  }
  return y;
}

}  // namespace

TEST_CASE("random shapes") {
  std::mt19937 random(1614);
  int cases = 0;
  for (int i = 0; i < 200; ++i) {
    const problem r = random_problem(random);
    std::size_t oh = 0;
    std::size_t ow = 0;
    try {
      oh = r.p.output_height(r.height);
      ow = r.p.output_width(r.width);
    } catch (const shape_error&) {
      continue;  // cut off entirely
    }
    ++cases;
    std::vector<float> y(r.batch * r.out * oh * ow);
    const tensor_view<const float> w(r.w.data(), r.out, r.in / r.p.groups, r.p.kernel_height,
                                     r.p.kernel_width);
    conv_transpose2d<mac<float, exact, native<float>>>(r.p, {r.x.data(), r.batch, r.in, r.height, r.width}, w,
                                                       r.bias, {y.data(), r.batch, r.out, oh, ow});
    REQUIRE(y == spread(r, oh, ow));
  }
  CHECK(cases > 150);
}

TEST_CASE("the multiplier takes part") {
  const std::vector<float> x{1.5F};
  const std::vector<float> w{1.5F, 3};
  std::vector<float> y(2);
  conv_transpose2d_parameters p;
  p.kernel_width = 2;
  conv_transpose2d<mac<float, mitchell, native<float>>>(p, {x.data(), 1, 1, 1, 1}, {w.data(), 1, 1, 1, 2}, {},
                                                        {y.data(), 1, 1, 1, 2});
  CHECK(y == std::vector<float>{2, 4});  // not 2.25 and 4.5
}

TEST_CASE("what does not fit") {
  conv_transpose2d_parameters p;
  CHECK(p.output_height(4) == 4);
  p.stride_height = 2;
  p.extra_height = 1;
  CHECK(p.output_height(4) == 8);
  p.pad_top = 4;
  p.pad_bottom = 4;
  CHECK_THROWS_WITH(p.output_height(4), "conv_transpose2d height: padding cuts off all 8 outputs");
  p.stride_height = 0;
  CHECK_THROWS_AS(p.output_height(4), shape_error);
  std::vector<float> x(8);
  std::vector<float> y(8);
  const conv_transpose2d_parameters q;
  using m = mac<float, exact, native<float>>;
  CHECK_THROWS_AS(
      conv_transpose2d<m>(q, {x.data(), 1, 2, 2, 2}, {x.data(), 2, 1, 1, 1}, {}, {y.data(), 1, 2, 2, 2}),
      shape_error);
  CHECK_THROWS_AS(
      conv_transpose2d<m>(q, {x.data(), 1, 2, 2, 2}, {x.data(), 2, 2, 1, 1}, {}, {y.data(), 1, 2, 1, 4}),
      shape_error);
}
