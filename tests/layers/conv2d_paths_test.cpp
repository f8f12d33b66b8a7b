// Convolutions by kernels against plain loops over the MAC, bit for bit, under each instruction set of the CPU.
#include <gemm/paths.hpp>

#include <limits>
#include <string>
#include <vector>

#include <layers/support.hpp>
#include <napier/accumulators/compensated.hpp>
#include <napier/accumulators/fixed64.hpp>
#include <napier/accumulators/loa.hpp>
#include <napier/accumulators/native.hpp>
#include <napier/accumulators/quire.hpp>
#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>
#include <napier/layers/batch_norm.hpp>
#include <napier/layers/conv2d.hpp>
#include <napier/layers/fully_connected.hpp>
#include <napier/mac/mac.hpp>
#include <napier/multipliers/decorators.hpp>
#include <napier/multipliers/exact.hpp>
#include <napier/multipliers/mbm.hpp>
#include <napier/multipliers/mitch.hpp>
#include <napier/multipliers/mitchell.hpp>
#include <napier/multipliers/plam.hpp>
#include <napier/multipliers/roba.hpp>

using namespace napier;
using paths_test::covered;
using paths_test::isas_of_cpu;

namespace {

using p16 = posit<16, 1>;

struct convolution {
  conv2d_parameters parameters;
  tensor_shape input;
  std::size_t outputs;

  tensor_shape weights() const {
    return {outputs, input.channels / parameters.groups, parameters.kernel_height, parameters.kernel_width};
  }
  tensor_shape output() const {
    return {input.batch, outputs, parameters.output_height(input.height),
            parameters.output_width(input.width)};
  }
  bool fits() const {
    const conv2d_parameters& p = parameters;
    return (p.kernel_height - 1) * p.dilation_height < p.pad_top + input.height + p.pad_bottom &&
           (p.kernel_width - 1) * p.dilation_width < p.pad_left + input.width + p.pad_right;
  }
};

std::string describe(const convolution& c) {
  const conv2d_parameters& p = c.parameters;
  return shape_text(c.input) + " by " + shape_text(c.weights()) + ", groups " + std::to_string(p.groups) +
         ", stride " + std::to_string(p.stride_height) + " " + std::to_string(p.stride_width) +
         ", dilation " + std::to_string(p.dilation_height) + " " + std::to_string(p.dilation_width) +
         ", pads " + std::to_string(p.pad_top) + " " + std::to_string(p.pad_left) + " " +
         std::to_string(p.pad_bottom) + " " + std::to_string(p.pad_right);
}

// Loops over the MAC, in the order that the header states.
template <class M, class F = typename M::format>
std::vector<F> loops(const convolution& c, const tensor<F>& input, const tensor<F>& weights,
                     const std::vector<typename M::bias_type>& bias) {
  const conv2d_parameters& p = c.parameters;
  const tensor_shape shape = c.output();
  const F zero = round_to<F>(unpacked::zero());
  const std::size_t taps = weights.shape.channels * weights.shape.height * weights.shape.width;
  std::vector<F> window(taps);
  std::vector<F> output(shape.size());
  const std::size_t outputs_a_group = c.outputs / p.groups;
  for (std::size_t n = 0; n < shape.batch; ++n) {
    for (std::size_t g = 0; g < p.groups; ++g) {
      for (std::size_t y = 0; y < shape.height; ++y) {
        for (std::size_t x = 0; x < shape.width; ++x) {
          std::size_t tap = 0;
          for (std::size_t k = 0; k < weights.shape.channels; ++k) {
            for (std::size_t i = 0; i < p.kernel_height; ++i) {
              for (std::size_t j = 0; j < p.kernel_width; ++j) {
                const std::size_t row = y * p.stride_height + i * p.dilation_height;
                const std::size_t col = x * p.stride_width + j * p.dilation_width;
                const bool inside = row >= p.pad_top && row - p.pad_top < c.input.height &&
                                    col >= p.pad_left && col - p.pad_left < c.input.width;
                window[tap++] =
                    inside ? input(n, g * weights.shape.channels + k, row - p.pad_top, col - p.pad_left)
                           : zero;
              }
            }
          }
          for (std::size_t o = g * outputs_a_group; o < (g + 1) * outputs_a_group; ++o) {
            typename M::accumulator sum{};
            detail::add_products<M>(sum, taps, &weights.values[o * taps], 1, window.data(), 1);
            output[((n * c.outputs + o) * shape.height + y) * shape.width + x] =
                detail::finished<M, F>(sum, bias.empty() ? nullptr : &bias[o]);
          }
        }
      }
    }
  }
  return output;
}

// By the kernels alone, group by group: what they refuse is left poisoned, and counted.
template <class M, class F = typename M::format>
void compare_kernels(sweep& s, isa set, const convolution& c, const conv2d_weights<M>& weights,
                     const tensor<F>& input, const std::vector<typename M::bias_type>& bias,
                     const std::vector<F>& right) {
  tensor<F> output(c.output(), paths_test::poison<F>());
  const std::size_t rows = c.outputs / c.parameters.groups;
  const std::size_t size = rows * output.shape.height * output.shape.width;
  detail::with_engine(set, [&](auto engine) {
    using T = detail::lane_of<M>;
    detail::image_columns<decltype(engine), T> columns(
        detail::path_of<M>().packing.operands,
        detail::geometry_of(c.parameters, c.weights().channels, c.input.height, c.input.width), rows,
        detail::lane_reader_of<T, F>());
    for (std::size_t n = 0; n < c.input.batch; ++n) {
      for (std::size_t g = 0; g < c.parameters.groups; ++g) {
        columns.set_image(input.view().channel(n, g * c.weights().channels));
        const bool done = detail::conv2d_group(
            engine, detail::path_of<M>(), detail::finisher_of<M, F>(), weights.packed()[g], columns,
            std::span<const typename M::bias_type>(bias), output.view(), n, g * rows);
        (done ? covered(set).by_kernels : covered(set).refused) += size * c.weights().size() / c.outputs;
        if (!done) continue;
        const auto first = static_cast<std::ptrdiff_t>((n * c.parameters.groups + g) * size);
        const auto end = first + static_cast<std::ptrdiff_t>(size);
        s.check(same_bits(std::vector<F>(output.values.begin() + first, output.values.begin() + end),
                          std::vector<F>(right.begin() + first, right.begin() + end)),
                [&] {
                  return std::string(M::name().c_str()) + ", " + describe(c) + ", kernels " + name_of(set);
                });
      }
    }
    return true;
  });
}

template <class M, class F = typename M::format>
void compare(sweep& s, const convolution& c, const tensor<F>& input, const tensor<F>& weights,
             const std::vector<typename M::bias_type>& bias) {
  const std::vector<F> right = loops<M>(c, input, weights, bias);
  for (const isa set : isas_of_cpu()) {
    const isa_scope scope(set);
    const conv2d_weights<M> packed(c.parameters, weights.view());
    if (set != isa::scalar) compare_kernels<M>(s, set, c, packed, input, bias, right);
    for (const isa used : {set, isa::scalar}) {
      if (used != set && right.size() > 2000) continue;
      const isa_scope other(used);
      tensor<F> output(c.output(), paths_test::poison<F>());
      conv2d<M>(c.parameters, input.view(), packed, bias, output.view());
      s.check(same_bits(output.values, right), [&] {
        return std::string(M::name().c_str()) + ", " + describe(c) + (bias.empty() ? "" : ", bias") +
               ", packed for " + name_of(set) + ", used under " + name_of(used);
      });
    }
  }
}

template <class M, class F = typename M::format>
void compare_random(sweep& s, random_bits& random, const convolution& c, bool with_nan = false) {
  tensor<F> input(c.input);
  tensor<F> weights(c.weights());
  input.values = random_reals<F>(random, c.input.size());
  weights.values = random_reals<F>(random, weights.values.size());
  const auto bias = random_reals<typename M::bias_type>(random, random.below(2) == 0 ? c.outputs : 0);
  if (with_nan) {
    input.values[random() % input.values.size()] = from_double<F>(std::numeric_limits<double>::quiet_NaN());
  }
  compare<M>(s, c, input, weights, bias);
}

convolution random_convolution(random_bits& random) {
  constexpr std::size_t kernels[] = {1, 3, 5, 7};
  for (;;) {
    convolution c;
    conv2d_parameters& p = c.parameters;
    p.kernel_height = kernels[random.below(4)];
    p.kernel_width = kernels[random.below(4)];
    p.stride_height = between(random, 1, 3);
    p.stride_width = between(random, 1, 3);
    p.dilation_height = between(random, 1, 3);
    p.dilation_width = between(random, 1, 3);
    p.pad_top = between(random, 0, 3);
    p.pad_left = between(random, 0, 9);
    p.pad_bottom = between(random, 0, 3);
    p.pad_right = between(random, 0, 9);
    p.groups = between(random, 1, 3);
    const std::size_t channels = between(random, 1, 3);
    c.input = {between(random, 1, 2), channels * p.groups, between(random, 1, 7), between(random, 1, 50)};
    c.outputs = p.groups * (random.below(2) == 0 ? between(random, 1, 4) : between(random, 6, 9));
    if (c.fits()) return c;
  }
}

template <class M>
void random_cases(int count, bool with_nan = false) {
  random_bits random(41);
  sweep s;
  for (int i = 0; i < count; ++i) {
    compare_random<M>(s, random, random_convolution(random), with_nan && i % 3 == 0);
  }
  INFO(M::name().c_str());
  REQUIRE(s.report() == passed(s.cases()));
}

convolution square(std::size_t kernel, std::size_t channels, std::size_t outputs, std::size_t height,
                   std::size_t width, std::size_t stride = 1) {
  convolution c;
  c.parameters.kernel_height = c.parameters.kernel_width = kernel;
  c.parameters.stride_height = c.parameters.stride_width = stride;
  c.parameters.pad_top = c.parameters.pad_left = c.parameters.pad_bottom = c.parameters.pad_right =
      kernel / 2;
  c.input = {1, channels, height, width};
  c.outputs = outputs;
  return c;
}

}  // namespace

TEST_CASE("convolutions of all kinds") {
  random_cases<mac<float, mitch<6>, native<float>>>(300, true);
  random_cases<mac<float, exact, native<float>>>(300, true);
  random_cases<mac<bfloat16, exact, native<float>>>(150, true);
  random_cases<mac<p16, exact, quire<p16>>>(150, true);
  random_cases<mac<p16, plam, quire<p16>>>(150, true);
  random_cases<mac<fixed32_16, mitch<6>, fixed64>>(100);
  random_cases<mac<float, mitch<6, unbiased>, compensated<native<float>>>>(100);
  random_cases<mac<float, roba, native<float>>>(100);
  random_cases<mac<fixed32_16, mbm, fixed64>>(60);
  random_cases<mac<fixed32_16, roba, fixed64>>(60);
  random_cases<mac<float, exact, native<bfloat16>>>(60);
  random_cases<mac<fixed32_16, exact, loa<16>>>(60);
}

TEST_CASE("each width from 1 to 50") {
  using M = mac<float, mitch<6>, native<float>>;
  sweep s;
  random_bits random(5);
  for (std::size_t width = 1; width <= 50; ++width) {
    for (const std::size_t kernel : {1, 3}) {
      for (const std::size_t stride : {1, 2}) {
        compare_random<M>(s, random, square(kernel, 2, 3, 3, width, stride));
        compare_random<mac<p16, exact, quire<p16>>>(s, random, square(kernel, 2, 1, 2, width, stride));
      }
    }
  }
  REQUIRE(s.report() == passed(s.cases()));
}

TEST_CASE("depthwise, one and two outputs a channel") {
  sweep s;
  random_bits random(6);
  for (const std::size_t kernel : {1, 3, 5}) {
    for (const std::size_t stride : {1, 2, 3}) {
      for (const std::size_t multiplier : {1, 2}) {
        convolution c = square(kernel, 5, 5 * multiplier, 9, 33, stride);
        c.parameters.groups = 5;
        c.input.batch = 2;
        compare_random<mac<float, mitchell, native<float>>>(s, random, c);
        compare_random<mac<float, exact, native<float>>>(s, random, c, true);
        compare_random<mac<p16, plam, quire<p16>>>(s, random, c, true);
      }
    }
  }
  REQUIRE(s.report() == passed(s.cases()));
}

namespace {

// Images of rows shorter and longer than a tile of columns, strides, a NaN, numbers of a wide range.
template <class M, class F = typename M::format>
void depthwise(sweep& s) {
  random_bits random(16);
  for (const std::size_t width : {5, 61, 130, 300, 530}) {
    for (const std::size_t stride : {1, 2}) {
      convolution c = square(3, 3, 3, 5, width, stride);
      c.parameters.groups = 3;
      compare_random<M>(s, random, c, width == 61);
      tensor<F> input(c.input);
      tensor<F> weights(c.weights());
      for (F& x : input.values) x = paths_test::between_exponents<F>(random, -14, 12);
      for (F& x : weights.values) x = paths_test::between_exponents<F>(random, -7, 7);
      weights.values[4] = F{};
      compare<M>(s, c, input, weights, {});
    }
  }
}

}  // namespace

TEST_CASE("depthwise convolutions of each family") {
  using p32 = posit<32, 2>;
  sweep s;
  depthwise<mac<float, mitch<6>, native<float>>>(s);
  depthwise<mac<float, exact, native<float>>>(s);
  depthwise<mac<bfloat16, exact, native<float>>>(s);
  depthwise<mac<float, exact, native<double>>>(s);
  depthwise<mac<float, mbm, native<float>>>(s);
  depthwise<mac<float, roba, native<float>>>(s);
  depthwise<mac<float, mitch<6, unbiased>, compensated<native<float>>>>(s);
  depthwise<mac<p16, exact, quire<p16>>>(s);
  depthwise<mac<p16, plam, quire<p16>>>(s);
  depthwise<mac<p16, rounded<plam, p16>, quire<p16>>>(s);
  depthwise<mac<p32, exact, quire<p32>>>(s);
  depthwise<mac<p32, plam, quire<p32>>>(s);
  depthwise<mac<fixed32_16, mitch<6>, fixed64>>(s);
  depthwise<mac<fixed32_16, mbm, fixed64>>(s);
  REQUIRE(s.report() == passed(s.cases()));
}

TEST_CASE("many channels and rows: blocks of the depth, strips of the image") {
  sweep s;
  random_bits random(7);
  using M = mac<float, mitch<6>, native<float>>;
  compare_random<M>(s, random, square(1, 900, 9, 2, 9));
  compare_random<M>(s, random, square(3, 100, 9, 3, 5));
  compare_random<M>(s, random, square(5, 40, 3, 4, 50, 2));
  compare_random<M>(s, random, square(3, 2, 3, 200, 210));
  compare_random<M>(s, random, square(1, 600, 1, 1, 1500));
  compare_random<mac<bfloat16, exact, native<float>>>(s, random, square(3, 45, 2, 60, 80));
  compare_random<mac<p16, exact, quire<p16>>>(s, random, square(3, 70, 2, 13, 50));
  compare_random<mac<p16, plam, quire<p16>>>(s, random, square(1, 700, 3, 3, 7));
  compare_random<mac<p16, exact, quire<p16>>>(s, random, square(3, 2, 1, 130, 200));
  REQUIRE(s.report() == passed(s.cases()));
}

TEST_CASE("rows of the image of which not one fits a strip") {
  sweep s;
  random_bits random(10);
  using M = mac<float, mitch<6>, native<float>>;
  compare_random<M>(s, random, square(3, 40, 2, 2, 2100));
  compare_random<M>(s, random, square(3, 40, 1, 3, 4000, 2), true);
  compare_random<M>(s, random, square(1, 380, 1, 2, 1300, 2));
  convolution c = square(3, 40, 1, 4, 2100);
  c.parameters.dilation_width = 3;
  c.parameters.stride_width = 2;
  c.parameters.pad_left = 700;
  c.parameters.pad_right = 5;
  compare_random<mac<float, exact, native<float>>>(s, random, c, true);
  compare_random<mac<p16, exact, quire<p16>>>(s, random, square(3, 30, 1, 2, 1500));
  compare_random<mac<p16, plam, quire<p16>>>(s, random, square(1, 600, 1, 1, 900), true);
  REQUIRE(s.report() == passed(s.cases()));
}

TEST_CASE("a kernel larger than a block of the depth") {
  sweep s;
  random_bits random(8);
  convolution c = square(21, 3, 2, 4, 6);
  compare_random<mac<float, mitch<6>, native<float>>>(s, random, c);
  compare_random<mac<p16, exact, quire<p16>>>(s, random, c);
  REQUIRE(s.report() == passed(s.cases()));
}

TEST_CASE("operands at the ends of their range, in one group of some") {
  sweep s;
  random_bits random(9);
  for (int i = 0; i < 12; ++i) {
    convolution c = square(3, 6, 6, 3, 20);
    c.parameters.groups = 3;
    tensor<float> input(c.input);
    tensor<float> weights(c.weights());
    input.values = random_reals<float>(random, c.input.size());
    weights.values = random_reals<float>(random, weights.values.size());
    for (std::size_t at = 2 * 60; at < 4 * 60; ++at)
      input.values[at] = paths_test::between_exponents<float>(random, -126, i % 2 == 0 ? 127 : -100);
    if (i % 3 == 0) input.values[5 * 60 + 7] = std::numeric_limits<float>::infinity();
    compare<mac<float, mitch<6>, native<float>>>(s, c, input, weights, {});
    compare<mac<float, exact, native<float>>>(s, c, input, weights, {});
    tensor<p16> posits(c.input);
    tensor<p16> weights_too(c.weights());
    posits.values = random_reals<p16>(random, c.input.size());
    weights_too.values = random_reals<p16>(random, weights_too.values.size());
    for (std::size_t at = 2 * 60; at < 4 * 60; ++at)
      posits.values[at] = i % 2 == 0
                              ? paths_test::any_finite<p16>(random)
                              : p16::from_bits(static_cast<std::int16_t>(random.below(2) == 0 ? 1 : 0x7fff));
    if (i % 3 == 0) posits.values[5 * 60 + 7] = p16::nar();
    compare<mac<p16, exact, quire<p16>>>(s, c, posits, weights_too, {});
    compare<mac<p16, plam, quire<p16>>>(s, c, posits, weights_too, {});
  }
  REQUIRE(s.report() == passed(s.cases()));
}

namespace {

// In place and out of place, a channel NaN, an infinity at its very end.
template <class M, class F = typename M::format>
void batch_norm_in_place(sweep& s, const tensor_shape& shape) {
  random_bits random(13);
  tensor<F> input(shape);
  input.values = random_reals<F>(random, shape.size());
  const std::size_t plane = shape.height * shape.width;
  const F nan = from_double<F>(std::numeric_limits<double>::quiet_NaN());
  for (std::size_t i = 0; i < plane; ++i) input.values[plane + i] = nan;
  input.values[3 * plane - 1] = nan;
  const auto scale = random_reals<F>(random, shape.channels);
  const auto shift = random_reals<F>(random, shape.channels);
  std::vector<F> right(shape.size());
  for (std::size_t at = 0; at < right.size(); ++at) {
    const std::size_t channel = at / plane % shape.channels;
    typename M::accumulator sum{};
    M::accumulate(sum, scale[channel], input.values[at]);
    right[at] = round_to<F>(M::finish(sum, round_to<typename M::bias_type>(decode(shift[channel]))));
  }
  for (const isa set : isas_of_cpu()) {
    const isa_scope scope(set);
    tensor<F> output(shape);
    batch_norm_approximate<M>(scale, shift, input.view(), output.view());
    s.check(same_bits(output.values, right), [&] { return text(M::name().c_str(), name_of(set)); });
    tensor<F> in_place = input;
    batch_norm_approximate<M>(scale, shift, in_place.view(), in_place.view());
    s.check(same_bits(in_place.values, right),
            [&] { return text(M::name().c_str(), name_of(set), "in place"); });
  }
}

}  // namespace

TEST_CASE("approximate batch norm in place, with NaN") {
  sweep s;
  for (const tensor_shape& shape : {tensor_shape{2, 4, 7, 9}, tensor_shape{1, 3, 1, 1},
                                    tensor_shape{1, 3, 300, 301}, tensor_shape{1, 3, 500, 501}}) {
    batch_norm_in_place<mac<float, mitch<6>, native<float>>>(s, shape);
    batch_norm_in_place<mac<float, exact, native<float>>>(s, shape);
    batch_norm_in_place<mac<p16, plam, quire<p16>>>(s, shape);
    batch_norm_in_place<mac<p16, exact, quire<p16>>>(s, shape);
  }
  REQUIRE(s.report() == passed(s.cases()));
}

namespace {

template <class M, class F = typename M::format>
void fully_connected_batches(sweep& s) {
  random_bits random(14);
  for (std::size_t batch = 1; batch <= 9; ++batch) {
    for (const auto& size :
         {std::pair<std::size_t, std::size_t>{1, 1}, {10, 84}, {51, 20}, {101, 7}, {3, 700}}) {
      const auto outputs = size.first;
      const auto inputs = size.second;
      const auto x = random_reals<F>(random, batch * (inputs + 2));
      const auto w = random_reals<F>(random, outputs * (inputs + 1));
      const auto bias = random_reals<typename M::bias_type>(random, batch % 2 == 0 ? outputs : 0);
      const matrix_view<const F> input(x.data(), batch, inputs, inputs + 2);
      const matrix_view<const F> weights(w.data(), outputs, inputs, inputs + 1);
      std::vector<F> right(batch * (outputs + 3), paths_test::poison<F>());
      detail::fully_connected_reference<F, typename M::bias_type>(
          input, weights, bias, matrix_view<F>(right.data(), batch, outputs, outputs + 3),
          detail::sum_products<M, F>);
      for (const isa set : isas_of_cpu()) {
        const isa_scope scope(set);
        const fully_connected_weights<M> packed(weights);
        for (const isa used : isas_of_cpu()) {
          const isa_scope other(used);
          std::vector<F> output(batch * (outputs + 3), paths_test::poison<F>());
          const matrix_view<F> view(output.data(), batch, outputs, outputs + 3);
          fully_connected<M>(input, packed, bias, view);
          s.check(same_bits(output, right), [&] {
            return text(M::name().c_str(), batch, outputs, inputs, name_of(set), name_of(used));
          });
        }
      }
    }
  }
}

}  // namespace

TEST_CASE("fully connected, batches of 1 to 9") {
  sweep s;
  fully_connected_batches<mac<float, mitch<6>, native<float>>>(s);
  fully_connected_batches<mac<float, exact, native<float>>>(s);
  fully_connected_batches<mac<p16, exact, quire<p16>>>(s);
  fully_connected_batches<mac<p16, plam, quire<p16>>>(s);
  fully_connected_batches<mac<fixed32_16, mitch<6>, fixed64>>(s);
  fully_connected_batches<mac<float, roba, native<float>>>(s);
  fully_connected_batches<mac<float, mitch<6>, native<bfloat16>>>(s);
  REQUIRE(s.report() == passed(s.cases()));
}

TEST_CASE("each instruction set was covered by convolutions") { paths_test::require_coverage(); }
