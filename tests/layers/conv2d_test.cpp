#include <catch2/catch.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <string>

#include <layers/support.hpp>
#include <napier/accumulators/compensated.hpp>
#include <napier/accumulators/fixed64.hpp>
#include <napier/accumulators/native.hpp>
#include <napier/accumulators/quire.hpp>
#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>
#include <napier/layers/conv2d.hpp>
#include <napier/mac/mac.hpp>
#include <napier/multipliers/decorators.hpp>
#include <napier/multipliers/exact.hpp>
#include <napier/multipliers/mitch.hpp>
#include <napier/multipliers/mitchell.hpp>
#include <napier/multipliers/plam.hpp>

using namespace napier;
using Catch::Contains;

namespace {

using float32_mac = mac<float, exact, native<float>>;

struct convolution {
  conv2d_parameters parameters;
  tensor_shape input;
  tensor_shape weights;
  bool has_bias = false;

  tensor_shape output() const {
    return {input.batch, weights.batch, parameters.output_height(input.height),
            parameters.output_width(input.width)};
  }
  bool is_depthwise() const { return parameters.groups > 1 && weights.channels == 1; }
};

std::string describe(const convolution& c) {
  const conv2d_parameters& p = c.parameters;
  return shape_text(c.input) + " by " + shape_text(c.weights) + ", groups " + std::to_string(p.groups) +
         ", stride " + std::to_string(p.stride_height) + " " + std::to_string(p.stride_width) +
         ", dilation " + std::to_string(p.dilation_height) + " " + std::to_string(p.dilation_width) +
         ", pads " + std::to_string(p.pad_top) + " " + std::to_string(p.pad_left) + " " +
         std::to_string(p.pad_bottom) + " " + std::to_string(p.pad_right) + (c.has_bias ? ", bias" : "");
}

// Small enough for thousands; one in three depthwise, and only ones whose kernel fits.
convolution random_convolution(random_bits& random) {
  for (;;) {
    convolution c;
    conv2d_parameters& p = c.parameters;
    p = {between(random, 1, 4), between(random, 1, 4), between(random, 1, 3), between(random, 1, 3),
         between(random, 1, 3), between(random, 1, 3), between(random, 0, 3), between(random, 0, 3),
         between(random, 0, 3), between(random, 0, 3), between(random, 1, 3)};
    const std::size_t channels = random.below(3) == 0 ? 1 : between(random, 1, 3);
    c.input = {between(random, 0, 2), channels * p.groups, between(random, 1, 8), between(random, 1, 8)};
    c.weights = {between(random, 1, 3) * p.groups, channels, p.kernel_height, p.kernel_width};
    c.has_bias = random.below(2) == 0;
    const bool fits = (p.kernel_height - 1) * p.dilation_height < p.pad_top + c.input.height + p.pad_bottom &&
                      (p.kernel_width - 1) * p.dilation_width < p.pad_left + c.input.width + p.pad_right;
    if (fits) return c;
  }
}

// In float64, over a copy of the input that has its padding.
std::vector<double> float64_model(const convolution& c, const std::vector<double>& input,
                                  const std::vector<double>& weights, const std::vector<double>& bias) {
  const conv2d_parameters& p = c.parameters;
  const std::size_t height = p.pad_top + c.input.height + p.pad_bottom;
  const std::size_t width = p.pad_left + c.input.width + p.pad_right;
  std::vector<double> padded(c.input.batch * c.input.channels * height * width, 0.0);
  for (std::size_t plane = 0; plane < c.input.batch * c.input.channels; ++plane) {
    for (std::size_t h = 0; h < c.input.height; ++h) {
      for (std::size_t w = 0; w < c.input.width; ++w) {
        padded[(plane * height + p.pad_top + h) * width + p.pad_left + w] =
            input[(plane * c.input.height + h) * c.input.width + w];
      }
    }
  }
  std::vector<double> output;
  for (std::size_t n = 0; n < c.input.batch; ++n) {
    for (std::size_t o = 0; o < c.weights.batch; ++o) {
      const std::size_t group = o / (c.weights.batch / p.groups);
      for (std::size_t top = 0; top + (p.kernel_height - 1) * p.dilation_height < height;
           top += p.stride_height) {
        for (std::size_t left = 0; left + (p.kernel_width - 1) * p.dilation_width < width;
             left += p.stride_width) {
          double sum = bias.empty() ? 0 : bias[o];
          for (std::size_t k = 0; k < c.weights.channels; ++k) {
            const std::size_t plane = n * c.input.channels + group * c.weights.channels + k;
            for (std::size_t i = 0; i < p.kernel_height; ++i) {
              for (std::size_t j = 0; j < p.kernel_width; ++j) {
                const std::size_t weight =
                    ((o * c.weights.channels + k) * p.kernel_height + i) * p.kernel_width + j;
                sum += weights[weight] * padded[(plane * height + top + i * p.dilation_height) * width +
                                                left + j * p.dilation_width];
              }
            }
          }
          output.push_back(sum);
        }
      }
    }
  }
  return output;
}

// With the MAC's own operations, in the order and with the operands that the header states.
template <class M, class F = typename M::format>
std::vector<F> mac_model(const convolution& c, const tensor<F>& input, const tensor<F>& weights,
                         const std::vector<typename M::bias_type>& bias) {
  const conv2d_parameters& p = c.parameters;
  const auto zero = from_double<F>(0);
  std::vector<F> output;
  for (std::size_t n = 0; n < c.input.batch; ++n) {
    for (std::size_t o = 0; o < c.weights.batch; ++o) {
      for (std::size_t y = 0; y < p.output_height(c.input.height); ++y) {
        for (std::size_t x = 0; x < p.output_width(c.input.width); ++x) {
          typename M::accumulator sum{};
          for (std::size_t k = 0; k < c.weights.channels; ++k) {
            const std::size_t channel = o / (c.weights.batch / p.groups) * c.weights.channels + k;
            for (std::size_t i = 0; i < p.kernel_height; ++i) {
              for (std::size_t j = 0; j < p.kernel_width; ++j) {
                const int row = static_cast<int>(y * p.stride_height + i * p.dilation_height) -
                                static_cast<int>(p.pad_top);
                const int col = static_cast<int>(x * p.stride_width + j * p.dilation_width) -
                                static_cast<int>(p.pad_left);
                const bool inside = row >= 0 && row < static_cast<int>(c.input.height) && col >= 0 &&
                                    col < static_cast<int>(c.input.width);
                const F activation =
                    inside ? input(n, channel, static_cast<std::size_t>(row), static_cast<std::size_t>(col))
                           : zero;
                M::accumulate(sum, weights(o, k, i, j), activation);
              }
            }
          }
          output.push_back(round_to<F>(bias.empty() ? M::finish(sum) : M::finish(sum, bias[o])));
        }
      }
    }
  }
  return output;
}

// Small integers, exact in every one of these formats and sums, against float64.
template <class M, class F = typename M::format>
void check_against_float64(int cases, int magnitude) {
  random_bits random(2023);
  sweep s;
  int depthwise = 0;
  for (int i = 0; i < cases; ++i) {
    const convolution c = random_convolution(random);
    const std::vector<double> inputs = small_integers(random, c.input.size(), magnitude);
    const std::vector<double> weights = small_integers(random, c.weights.size(), magnitude);
    const std::vector<double> bias = small_integers(random, c.has_bias ? c.weights.batch : 0, magnitude);
    tensor<F> output(c.output(), from_double<F>(99));
    const auto x = from_doubles<F>(inputs);
    const auto w = from_doubles<F>(weights);
    conv2d<M>(c.parameters, {x.data(), c.input}, {w.data(), c.weights},
              from_doubles<typename M::bias_type>(bias), output.view());
    const auto expected = from_doubles<F>(float64_model(c, inputs, weights, bias));
    s.check(same_bits(output.values, expected), [&] { return describe(c); });
    depthwise += c.is_depthwise() ? 1 : 0;
  }
  REQUIRE(s.report() == passed(static_cast<std::uint64_t>(cases)));
  REQUIRE(depthwise > cases / 8);
}

template <class M, class F = typename M::format>
void check_against_mac(int cases, bool with_nan = false) {
  random_bits random(11);
  sweep s;
  for (int i = 0; i < cases; ++i) {
    const convolution c = random_convolution(random);
    tensor<F> input(c.input);
    tensor<F> weights(c.weights);
    input.values = random_reals<F>(random, c.input.size());
    weights.values = random_reals<F>(random, c.weights.size());
    const auto bias = random_reals<typename M::bias_type>(random, c.has_bias ? c.weights.batch : 0);
    if (with_nan && !input.values.empty()) {
      input.values[random() % input.values.size()] = from_double<F>(std::numeric_limits<double>::quiet_NaN());
    }
    tensor<F> output(c.output(), from_double<F>(99));
    conv2d<M>(c.parameters, input.view(), weights.view(), bias, output.view());
    s.check(same_bits(output.values, mac_model<M>(c, input, weights, bias)), [&] { return describe(c); });
  }
  INFO(M::name().c_str());
  REQUIRE(s.report() == passed(static_cast<std::uint64_t>(cases)));
}

// One convolution of ones: every output is the number of taps in the input, plus the bias.
template <class M = float32_mac>
std::vector<float> counts(const conv2d_parameters& p, const tensor_shape& input, const tensor_shape& weights,
                          const std::vector<float>& bias = {}) {
  const tensor<float> x(input, 1);
  const tensor<float> w(weights, 1);
  tensor<float> y({input.batch, weights.batch, p.output_height(input.height), p.output_width(input.width)},
                  -1);
  conv2d<M>(p, x.view(), w.view(), bias, y.view());
  return y.values;
}

}  // namespace

TEST_CASE("conv2d of integers equals a float64 model") {
  check_against_float64<float32_mac>(600, 9);
  check_against_float64<mac<double, exact, native<double>>>(200, 1000);
  check_against_float64<mac<bfloat16, exact, native<float>>>(200, 9);
  check_against_float64<mac<posit<16, 1>, exact, quire<posit<16, 1>>>>(200, 9);
  check_against_float64<mac<posit<32, 2>, exact, native<posit<32, 2>>>>(100, 9);
  check_against_float64<mac<fixed32_16, exact, fixed64>>(200, 9);
}

TEST_CASE("conv2d equals the MAC's operations in the stated order, bit for bit") {
  using p16 = posit<16, 1>;
  using p8 = posit<8, 0>;
  check_against_mac<float32_mac>(150, true);
  check_against_mac<mac<float, mitch<6>, native<float>>>(100, true);
  check_against_mac<mac<float, mitch<6, unbiased>, native<float>>>(60);
  check_against_mac<mac<float, mitch<6>, compensated<native<float>>>>(60);
  check_against_mac<mac<bfloat16, mitchell, native<float>>>(100, true);
  check_against_mac<mac<float8_e4m3fn, exact, native<float>>>(60, true);
  check_against_mac<mac<p16, plam, quire<p16>>>(60, true);
  check_against_mac<mac<p16, plam, compensated<quire<p16>>>>(40);
  check_against_mac<mac<p8, rounded<plam, p8>, native<p8>>>(60, true);
  check_against_mac<mac<fixed32_16, mitch<6>, fixed64>>(60);
  check_against_mac<mac<fixed32_16, mitch<6, ones_complement>, compensated<fixed64>>>(40);
}

TEST_CASE("conv2d takes a user's format and multiplier, weights on the left") {
  check_against_mac<mac<float, foreign::lopsided, native<float>>>(60);
  check_against_mac<mac<foreign::offset_byte, foreign::lopsided, native<float>>>(60);
  check_against_mac<mac<foreign::offset_byte, exact, native<foreign::offset_byte>>>(60);
}

TEST_CASE("conv2d of an image larger than a block of im2col") {
  random_bits random(5);
  const std::size_t columns = conv2d_block_bytes / sizeof(float) / (4 * 5 * 5);
  convolution c;
  c.parameters = {5, 5, 1, 1, 1, 1, 2, 1, 2, 3, 2};
  c.input = {2, 8, 40, 37};
  c.weights = {2, 4, 5, 5};
  c.has_bias = true;
  REQUIRE(c.output().height * c.output().width > 2 * columns);
  REQUIRE(c.output().height * c.output().width % columns != 0);
  const auto inputs = small_integers(random, c.input.size(), 9);
  const auto weights = small_integers(random, c.weights.size(), 9);
  const auto bias = small_integers(random, 2, 9);
  const auto x = from_doubles<float>(inputs);
  const auto w = from_doubles<float>(weights);
  tensor<float> output(c.output(), -1);
  conv2d<float32_mac>(c.parameters, {x.data(), c.input}, {w.data(), c.weights}, from_doubles<float>(bias),
                      output.view());
  REQUIRE(same_bits(output.values, from_doubles<float>(float64_model(c, inputs, weights, bias))));
}

TEST_CASE("conv2d with one column larger than a block") {
  REQUIRE(70000 * sizeof(float) > conv2d_block_bytes);
  REQUIRE(counts({}, {1, 70000, 1, 3}, {2, 70000, 1, 1}) == std::vector<float>(6, 70000));
}

TEST_CASE("conv2d at the edges of its shapes") {
  const conv2d_parameters padded{3, 3, 1, 1, 1, 1, 1, 1, 1, 1};
  const conv2d_parameters five{5, 5, 1, 1, 1, 1, 1, 0, 1, 2};
  // a 1 × 1 input, padded or not
  REQUIRE(counts({}, {1, 1, 1, 1}, {1, 1, 1, 1}, {2}) == std::vector<float>{3});
  REQUIRE(counts(padded, {1, 1, 1, 1}, {1, 1, 3, 3}) == std::vector<float>{1});
  // the kernel is the padded input
  REQUIRE(counts(five, {1, 2, 3, 3}, {1, 2, 5, 5}) == std::vector<float>{18});
  // a corner, an edge and the middle of an image
  REQUIRE(counts(padded, {1, 1, 3, 3}, {1, 1, 3, 3}) == std::vector<float>{4, 6, 4, 6, 9, 6, 4, 6, 4});
  // nothing but padding under the kernel, by dilation
  REQUIRE(counts({2, 1, 1, 1, 2, 1, 1, 0, 1, 0}, {1, 1, 1, 1}, {1, 1, 2, 1}, {5}) == std::vector<float>{5});
  // no images, no input channels, no output channels
  REQUIRE(counts(padded, {0, 2, 3, 3}, {4, 2, 3, 3}).empty());
  REQUIRE(counts(padded, {1, 0, 1, 2}, {1, 0, 3, 3}) == std::vector<float>{0, 0});
  REQUIRE(counts(padded, {1, 0, 1, 2}, {1, 0, 3, 3}, {7}) == std::vector<float>{7, 7});
  REQUIRE(counts(padded, {1, 2, 3, 3}, {0, 2, 3, 3}).empty());
}

TEST_CASE("depthwise with more than one output channel a group") {
  const conv2d_parameters p{1, 2, 1, 1, 1, 1, 0, 0, 0, 0, 2};
  const std::vector<float> x{1, 2, 3, 10, 20, 30};
  const std::vector<float> w{1, 0, 0, 1, 1, 1, 1, -1};
  tensor<float> y({1, 4, 1, 2});
  conv2d<float32_mac>(p, {x.data(), 1, 2, 1, 3}, {w.data(), 4, 1, 1, 2}, {}, y.view());
  REQUIRE(y.values == std::vector<float>{1, 2, 2, 3, 30, 50, -10, -10});
}

TEST_CASE("padding goes through the multiplier: an infinite weight on it is NaN") {
  const conv2d_parameters p{1, 2, 1, 1, 1, 1, 0, 1, 0, 0};
  const std::vector<float> x{1};
  const std::vector<float> w{std::numeric_limits<float>::infinity(), 1};
  tensor<float> y({1, 1, 1, 1});
  conv2d<float32_mac>(p, {x.data(), 1, 1, 1, 1}, {w.data(), 1, 1, 1, 2}, {}, y.view());
  REQUIRE(bits_of(y.values[0]) == 0x7fc00000);
}

TEST_CASE("the FP32 reference rounds each product before it adds it") {
  // a² = 1 + 2^-11 + 2^-24 rounds to 1 + 2^-11
  const float a = 1 + 0x1p-12F;
  const std::vector<float> x{1 + 0x1p-11F, a};
  const std::vector<float> w{-1, a};
  tensor<float> y({1, 1, 1, 1}, 99);
  conv2d<float32_mac>({1, 2}, {x.data(), 1, 1, 1, 2}, {w.data(), 1, 1, 1, 2}, {}, y.view());
  REQUIRE(y.values[0] == 0);
}

TEST_CASE("conv2d's errors say what was expected") {
  const auto sizes = [](conv2d_parameters p, std::size_t input) { return p.output_height(input); };
  REQUIRE(sizes({3, 1, 2, 1, 2, 1, 1, 0, 1}, 9) == 4);
  REQUIRE_THROWS_WITH(sizes({5}, 4), Contains("conv2d height: a kernel of 5 with dilation 1 spans 5") &&
                                         Contains("padded input, 4 (0 + 4 + 0)"));
  REQUIRE_THROWS_WITH(sizes({3, 1, 1, 1, 2}, 4), Contains("spans 5"));
  REQUIRE_THROWS_AS(sizes({0}, 4), shape_error);
  REQUIRE_THROWS_WITH(sizes({1, 1, 0}, 4), Contains("stride 0"));
  REQUIRE_THROWS_WITH(sizes({1, 1, 1, 1, 0}, 4), Contains("dilation 0"));
  REQUIRE_THROWS_WITH(conv2d_parameters({1, 7}).output_width(6), Contains("conv2d width"));
  // sizes whose products would wrap around
  const std::size_t huge = std::numeric_limits<std::size_t>::max();
  REQUIRE_THROWS_WITH(sizes({huge, 1, 1, 1, 2}, 4), Contains("2^31"));
  REQUIRE_THROWS_WITH(sizes({3, 1, 1, 1, huge / 2 + 1}, 4), Contains("2^31"));
  REQUIRE_THROWS_WITH(sizes({3, 1, 1, 1, 1, 1, huge - 1}, 4), Contains("2^31"));
  REQUIRE_THROWS_AS(sizes({0x7fffffff, 1, 1, 1, 0x7fffffff}, 4), shape_error);

  const auto run = [](conv2d_parameters p, tensor_shape input, tensor_shape weights, std::size_t biases,
                      tensor_shape output) {
    const tensor<float> x(input);
    const tensor<float> w(weights);
    const std::vector<float> b(biases);
    tensor<float> y(output);
    conv2d<float32_mac>(p, x.view(), w.view(), b, y.view());
  };
  const conv2d_parameters p{3, 3};
  REQUIRE_NOTHROW(run(p, {1, 2, 5, 5}, {4, 2, 3, 3}, 4, {1, 4, 3, 3}));
  REQUIRE_THROWS_WITH(run(p, {1, 2, 5, 5}, {4, 3, 3, 3}, 0, {1, 4, 3, 3}),
                      "conv2d: weights are 4 x 3 x 3 x 3, expected 4 x 2 x 3 x 3");
  REQUIRE_THROWS_WITH(run(p, {1, 2, 5, 5}, {4, 2, 3, 1}, 0, {1, 4, 3, 3}),
                      Contains("expected 4 x 2 x 3 x 3"));
  REQUIRE_THROWS_WITH(run(p, {1, 2, 5, 5}, {4, 2, 3, 3}, 3, {1, 4, 3, 3}),
                      "conv2d: 3 biases, expected none or 4");
  REQUIRE_THROWS_WITH(run(p, {1, 2, 5, 5}, {4, 2, 3, 3}, 0, {1, 4, 3, 4}),
                      "conv2d: output is 1 x 4 x 3 x 4, expected 1 x 4 x 3 x 3");
  REQUIRE_THROWS_AS(run(p, {2, 2, 5, 5}, {4, 2, 3, 3}, 0, {1, 4, 3, 3}), shape_error);
  REQUIRE_THROWS_AS(run(p, {1, 2, 2, 5}, {4, 2, 3, 3}, 0, {1, 4, 0, 3}), shape_error);
  conv2d_parameters grouped = p;
  grouped.groups = 2;
  REQUIRE_THROWS_WITH(run(grouped, {1, 3, 5, 5}, {4, 1, 3, 3}, 0, {1, 4, 3, 3}),
                      Contains("2 groups do not divide 3 input and 4 output channels"));
  REQUIRE_THROWS_AS(run(grouped, {1, 4, 5, 5}, {3, 2, 3, 3}, 0, {1, 3, 3, 3}), shape_error);
  grouped.groups = 0;
  REQUIRE_THROWS_AS(run(grouped, {1, 4, 5, 5}, {3, 2, 3, 3}, 0, {1, 3, 3, 3}), shape_error);
}

namespace {

// An array that ends where a page without access begins.
template <class T>
class guarded_array {
 public:
  explicit guarded_array(std::size_t size) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t bytes = (size * sizeof(T) + page - 1) / page * page;
    all_ = bytes + page;
    memory_ =
        static_cast<char*>(mmap(nullptr, all_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    REQUIRE(static_cast<void*>(memory_) != MAP_FAILED);
    REQUIRE(mprotect(memory_ + bytes, page, PROT_NONE) == 0);
    data_ = reinterpret_cast<T*>(memory_ + bytes) - size;
  }
  guarded_array(const guarded_array&) = delete;
  guarded_array& operator=(const guarded_array&) = delete;
  ~guarded_array() { munmap(memory_, all_); }
  T* data() const { return data_; }

 private:
  char* memory_ = nullptr;
  std::size_t all_ = 0;
  T* data_ = nullptr;
};

template <class M>
void check_guarded(std::size_t width, std::size_t kernel, std::size_t stride) {
  conv2d_parameters p;
  p.kernel_height = p.kernel_width = kernel;
  p.stride_height = p.stride_width = stride;
  p.pad_left = p.pad_top = kernel / 2;
  p.pad_right = kernel / 2;
  const tensor_shape shape{1, 2, kernel + 1, width};
  if (width + 2 * (kernel / 2) < kernel) return;
  const tensor_shape outputs{1, 3, p.output_height(shape.height), p.output_width(width)};
  tensor<float> weights({3, 2, kernel, kernel});
  for (std::size_t i = 0; i < weights.values.size(); ++i) weights.values[i] = 1 + static_cast<float>(i) / 16;
  const guarded_array<float> input(shape.size());
  for (std::size_t i = 0; i < shape.size(); ++i) input.data()[i] = static_cast<float>(i % 7) - 2;
  std::vector<float> expected(outputs.size());
  for (const isa set : {isa::scalar, isa::avx2, isa::avx512}) {
    if (set > detected_isa()) continue;
    const isa_scope scope(set);
    const guarded_array<float> output(outputs.size());
    conv2d<M>(p, {input.data(), shape}, weights.view(), {}, tensor_view<float>{output.data(), outputs});
    if (set == isa::scalar) std::copy_n(output.data(), outputs.size(), expected.begin());
    CHECK(std::equal(expected.begin(), expected.end(), output.data()));
  }
}

}  // namespace

TEST_CASE("conv2d reads an image and writes an output to their ends and no further") {
  for (std::size_t width = 1; width <= 36; ++width) {
    for (const std::size_t kernel : {1, 3}) {
      for (std::size_t stride = 1; stride <= 3; ++stride) {
        check_guarded<float32_mac>(width, kernel, stride);
        check_guarded<mac<float, mitch<6>, native<float>>>(width, kernel, stride);
      }
    }
  }
}
