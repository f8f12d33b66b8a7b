// Each row of the demo's table computes what its name says (DESIGN.md §3): the forward pass of both networks, and of one
// with the layers that they lack, written a second time from the specification (independent_arithmetic.hpp and below).
// napier reads the model; its arithmetic, layers, engines and session are what is tested. Every logit, bit for bit.

#include <catch2/catch.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

#include <napier/analysis/accuracy.hpp>
#include <napier/data/fashion_mnist.hpp>
#include <napier/network/onnx.hpp>
#include <napier/network/session.hpp>
#include <napier/network/standard_macs.hpp>

#include "network/independent_arithmetic.hpp"

namespace {

using napier::batch_norm_mode;
using reals = std::vector<double>;

// ---- The rows -------------------------------------------------------------------------------------------

using rows = std::map<std::string, std::unique_ptr<independent::arithmetic>>;

rows all_rows() {
  using namespace independent;
  using top = float_format::top_codes;
  using floats = float_arithmetic;
  using posits = posit_arithmetic;
  const float_format float32;
  const float_format bfloat16(8, 7, top::ieee);
  const float_format float16(5, 10, top::ieee);
  const float_format float8_e4m3fn(4, 3, top::one_nan);

  rows all;
  const auto add_float = [&](const char* name, const float_format& format, floats::multiplier m, double scale = 1) {
    all[name] = std::make_unique<floats>(format, m, scale);
  };
  add_float("float32", float32, floats::exact);
  add_float("bfloat16", bfloat16, floats::exact);
  add_float("float16", float16, floats::exact);
  add_float("float8_e4m3fn", float8_e4m3fn, floats::exact);
  add_float("bfloat16/mitchell", bfloat16, floats::logarithmic(whole));
  add_float("float32/mitchell", float32, floats::logarithmic(whole));
  add_float("float32/mitch8", float32, floats::logarithmic(leading(8)));
  add_float("float32/mitch6", float32, floats::logarithmic(leading(6)));
  add_float("float32/mitch6u", float32, floats::logarithmic(unbiased(6)));
  add_float("float32/mitch6/compensated-float32", float32, floats::logarithmic(leading(6)),
            1 / (1 + mitch_mean_relative_error(6)));

  all["fixed32_16/mitch6"] = std::make_unique<fixed_arithmetic>(leading(6));

  const auto add_posit = [&](const char* name, int n, int es, posits::multiplier m,
                             posits::products feed = posits::products::wide, posits::sum sum = posits::sum::quire) {
    all[name] = std::make_unique<posits>(n, es, m, feed, sum);
  };
  using m = posits::multiplier;
  using posits::products::rounded;
  add_posit("posit16_1", 16, 1, m::exact);
  add_posit("posit16_1/plam", 16, 1, m::plam);
  add_posit("posit16_1/rounded-plam", 16, 1, m::plam, posits::products::rounded);
  add_posit("posit16_1/rounded-exact/posit16_1", 16, 1, m::exact, posits::products::rounded, posits::sum::native);
  add_posit("posit8_0", 8, 0, m::exact);
  add_posit("posit8_0/plam", 8, 0, m::plam);
  add_posit("posit8_2", 8, 2, m::exact);
  add_posit("posit8_2/plam", 8, 2, m::plam);
  return all;
}

// The same MACs as standard_macs.hpp registers them, without the hundred others.
const napier::mac_registry& registry() {
  static const auto all = [] {
    using namespace napier;
    using sum = native<float>;
    using p16 = posit<16, 1>;
    mac_registry macs;
    detail::add_macs<float, sum, exact, mitchell, mitch<8>, mitch<6>, mitch<6, unbiased>>(macs);
    detail::add_macs<float, compensated<sum>, mitch<6>>(macs);
    detail::add_macs<bfloat16, sum, exact, mitchell>(macs);
    detail::add_macs<float16, sum, exact>(macs);
    detail::add_macs<float8_e4m3fn, sum, exact>(macs);
    detail::add_macs<fixed32_16, fixed64, mitch<6>>(macs);
    detail::add_macs<p16, quire<p16>, exact, plam, rounded<plam, p16>>(macs);
    detail::add_macs<p16, native<p16>, rounded<exact, p16>>(macs);
    detail::add_macs<posit<8, 0>, quire<posit<8, 0>>, exact, plam>(macs);
    detail::add_macs<posit<8, 2>, quire<posit<8, 2>>, exact, plam>(macs);
    return macs;
  }();
  return all;
}

// ---- The layers -----------------------------------------------------------------------------------------

// a · b + c in FP64, rounded twice.
double multiply_then_add(double a, double b, double c) {
  volatile double product = a * b;
  return product + c;
}

class forward_pass {
 public:
  forward_pass(const napier::network& net, const independent::arithmetic& mac, batch_norm_mode mode)
      : net_(net), mac_(mac), mode_(mode) {}

  reals run(const std::vector<float>& image) {
    values_.assign(1, {});
    for (const float x : image) values_[0].push_back(mac_.round(x));
    for (std::size_t i = 0; i < net_.nodes().size(); ++i) {
      node_ = i;
      values_.push_back(std::visit([&](const auto& layer) { return compute(layer); }, net_.nodes()[i].operation));
    }
    return values_[net_.output()];
  }

 private:
  const std::vector<std::size_t>& inputs() const { return net_.nodes()[node_].inputs; }
  const reals& input(std::size_t i = 0) const { return values_[inputs()[i]]; }
  const napier::shape& input_shape() const { return net_.shape_of(inputs()[0]); }
  const napier::shape& output_shape() const { return net_.shape_of(node_ + 1); }

  template <class Function>
  reals each(Function function) const {
    reals result;
    for (const double x : input()) result.push_back(function(x));
    return result;
  }

  // Element (channel, row, col) of the input, row and col counted from the padding's corner; null in the padding.
  const double* element(std::size_t channel, std::size_t row, std::size_t top, std::size_t col, std::size_t left) const {
    const napier::shape& s = input_shape();
    if (row < top || col < left || row - top >= s[1] || col - left >= s[2]) return nullptr;
    return &input()[(channel * s[1] + row - top) * s[2] + col - left];
  }

  struct affine {
    reals scale;
    reals shift;
  };
  static affine affine_of(const napier::batch_norm_layer& norm) {
    affine result;
    for (std::size_t c = 0; c < norm.gamma.size(); ++c) {
      result.scale.push_back(norm.gamma[c] / std::sqrt(norm.variance[c] + norm.epsilon));
      result.shift.push_back(multiply_then_add(-norm.mean[c], result.scale[c], norm.beta[c]));
    }
    return result;
  }

  // The batch norm that is folded into the convolution of a node, if any: the one reader of its result.
  const napier::batch_norm_layer* folded_into(std::size_t convolution) const {
    if (mode_ != batch_norm_mode::fold || net_.output() == convolution + 1) return nullptr;
    const napier::batch_norm_layer* found = nullptr;
    int readers = 0;
    for (const napier::network_node& node : net_.nodes()) {
      for (const std::size_t value : node.inputs) {
        if (value != convolution + 1) continue;
        ++readers;
        found = std::get_if<napier::batch_norm_layer>(&node.operation);
      }
    }
    return readers == 1 ? found : nullptr;
  }

  reals rounded(reals values) const {
    for (double& x : values) x = mac_.round(x);
    return values;
  }

  reals compute(const napier::conv2d_layer& conv) const {
    const auto& p = conv.parameters;
    reals weights = conv.weights;
    reals bias = conv.bias;
    const std::size_t window_size = weights.size() / conv.out_channels;
    if (const napier::batch_norm_layer* norm = folded_into(node_)) {
      const affine line = affine_of(*norm);
      for (std::size_t i = 0; i < weights.size(); ++i) weights[i] *= line.scale[i / window_size];
      bias.resize(conv.out_channels, 0.0);
      for (std::size_t o = 0; o < bias.size(); ++o) bias[o] = multiply_then_add(bias[o], line.scale[o], line.shift[o]);
    }
    weights = rounded(weights);

    const napier::shape& out = output_shape();
    const std::size_t in_a_group = conv.in_channels / p.groups;
    const std::size_t out_a_group = conv.out_channels / p.groups;
    reals result;
    reals window;
    for (std::size_t o = 0; o < out[0]; ++o) {
      const independent::reals w(weights.data() + o * window_size, window_size);
      for (std::size_t y = 0; y < out[1]; ++y) {
        for (std::size_t x = 0; x < out[2]; ++x) {
          window.clear();
          for (std::size_t c = 0; c < in_a_group; ++c) {
            for (std::size_t i = 0; i < p.kernel_height; ++i) {
              for (std::size_t j = 0; j < p.kernel_width; ++j) {
                const double* tap = element(o / out_a_group * in_a_group + c, y * p.stride_height + i * p.dilation_height,
                                            p.pad_top, x * p.stride_width + j * p.dilation_width, p.pad_left);
                window.push_back(tap == nullptr ? 0 : *tap);
              }
            }
          }
          result.push_back(mac_.dot(w, window, bias.empty() ? nullptr : &bias[o]));
        }
      }
    }
    return result;
  }

  reals compute(const napier::fully_connected_layer& dense) const {
    const reals weights = rounded(dense.weights);
    reals result;
    for (std::size_t o = 0; o < dense.outputs; ++o) {
      const independent::reals row(weights.data() + o * dense.inputs, dense.inputs);
      result.push_back(mac_.dot(row, input(), dense.bias.empty() ? nullptr : &dense.bias[o]));
    }
    return result;
  }

  reals compute(const napier::batch_norm_layer& norm) const {
    const std::size_t before = inputs()[0];
    if (before != 0 && std::holds_alternative<napier::conv2d_layer>(net_.nodes()[before - 1].operation) &&
        folded_into(before - 1) == &norm) {
      return input();
    }
    const affine line = affine_of(norm);
    const std::size_t plane = input().size() / norm.gamma.size();
    reals result;
    for (std::size_t i = 0; i < input().size(); ++i) {
      const double x = input()[i];
      const double scale = line.scale[i / plane];
      const double shift = line.shift[i / plane];
      if (mode_ == batch_norm_mode::exact) {
        result.push_back(mac_.round(multiply_then_add(scale, x, shift)));
      } else {
        const double weight = mac_.round(scale);
        const double bias = mac_.round(shift);
        result.push_back(mac_.dot({&weight, 1}, {&x, 1}, &bias));
      }
    }
    return result;
  }

  // pool(elements of the window, how many there are with those in the padding)
  template <class Pool>
  reals pooled(const napier::pool2d_parameters& p, Pool pool) const {
    const napier::shape& in = input_shape();
    const napier::shape& out = output_shape();
    reals result;
    for (std::size_t c = 0; c < out[0]; ++c) {
      for (std::size_t y = 0; y < out[1]; ++y) {
        for (std::size_t x = 0; x < out[2]; ++x) {
          reals elements;
          int padded = 0;
          for (std::size_t i = 0; i < p.kernel_height; ++i) {
            for (std::size_t j = 0; j < p.kernel_width; ++j) {
              const std::size_t row = y * p.stride_height + i * p.dilation_height;
              const std::size_t col = x * p.stride_width + j * p.dilation_width;
              if (row < p.pad_top + in[1] + p.pad_bottom && col < p.pad_left + in[2] + p.pad_right) ++padded;
              if (const double* tap = element(c, row, p.pad_top, col, p.pad_left)) elements.push_back(*tap);
            }
          }
          result.push_back(pool(elements, padded));
        }
      }
    }
    return result;
  }

  reals compute(const napier::max_pool_layer& pool) const {
    return pooled(pool.parameters, [](const reals& elements, int) {
      double largest = elements[0];
      for (const double x : elements) largest = std::isnan(x) || x > largest ? x : largest;
      return largest;
    });
  }
  reals compute(const napier::average_pool_layer& pool) const {
    return pooled(pool.parameters, [&](const reals& elements, int padded) {
      const bool with_padding = pool.parameters.count_include_pad;
      return mac_.average(elements, with_padding ? padded : static_cast<int>(elements.size()));
    });
  }
  reals compute(const napier::global_average_pool_layer&) const {
    const std::size_t plane = input_shape()[1] * input_shape()[2];
    reals result;
    for (std::size_t c = 0; c < input_shape()[0]; ++c) {
      result.push_back(mac_.average({input().data() + c * plane, plane}, static_cast<int>(plane)));
    }
    return result;
  }

  reals compute(const napier::relu_layer&) const {
    return each([](double x) { return x > 0 || std::isnan(x) ? x : 0; });
  }
  reals compute(const napier::clip_layer& bounds) const {
    const double low = mac_.round(bounds.min);
    const double high = mac_.round(bounds.max);
    return each([=](double x) { return x < low ? low : x > high ? high : x; });
  }
  reals compute(const napier::add_layer&) const {
    reals result;
    for (std::size_t i = 0; i < input().size(); ++i) result.push_back(mac_.add(input(0)[i], input(1)[i]));
    return result;
  }
  reals compute(const napier::concat_layer&) const {
    reals result;
    for (const std::size_t value : inputs()) result.insert(result.end(), values_[value].begin(), values_[value].end());
    return result;
  }
  reals compute(const napier::reshape_layer&) const { return input(); }

  // DESIGN.md leaves open how these are computed, and the demo's networks have none.
  reals compute(const napier::sigmoid_layer&) const { throw std::logic_error("sigmoid"); }
  reals compute(const napier::tanh_layer&) const { throw std::logic_error("tanh"); }
  reals compute(const napier::softmax_layer&) const { throw std::logic_error("softmax"); }

  const napier::network& net_;
  const independent::arithmetic& mac_;
  batch_norm_mode mode_;
  std::size_t node_ = 0;
  std::vector<reals> values_;
};

// ---- The comparison -------------------------------------------------------------------------------------

struct comparison {
  std::size_t compared = 0;
  std::size_t different = 0;
  std::size_t numbers = 0;  // neither NaN nor zero
  std::string first;
};

// NaN has no sign that means anything; a zero has.
bool same_bits(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

void compare(comparison& result, const napier::network& net, const std::string& mac,
             const independent::arithmetic& specification, batch_norm_mode mode, const std::vector<float>& image) {
  const reals got = napier::session(net, registry().find(mac), mode).run(image);
  const reals expected = forward_pass(net, specification, mode).run(image);
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    ++result.compared;
    if (std::fabs(got[i]) > 0) ++result.numbers;
    if (same_bits(got[i], expected[i])) continue;
    if (result.different++ == 0) {
      std::ostringstream text;
      text << std::hexfloat << "logit " << i << " is " << got[i] << ", by the specification " << expected[i];
      result.first = text.str();
    }
  }
}

// Under every row of the table.
void compare_all(const napier::network& net, std::initializer_list<batch_norm_mode> modes,
                 const std::vector<std::vector<float>>& images) {
  for (const auto& [mac, specification] : all_rows()) {
    for (const batch_norm_mode mode : modes) {
      comparison result;
      for (const std::vector<float>& image : images) compare(result, net, mac, *specification, mode, image);
      INFO(net.source() << ", " << mac << ", batch norm mode " << static_cast<int>(mode) << ": " << result.first);
      CHECK(result.different == 0);
      CHECK(result.compared == images.size() * napier::element_count(net.output_shape()));
      CHECK(result.numbers > result.compared / 2);
    }
  }
}

// ---- Networks and images --------------------------------------------------------------------------------

const std::filesystem::path models = std::filesystem::path(NAPIER_SOURCE_DIR) / "examples" / "models";

std::vector<float> of_bytes(const std::vector<std::uint8_t>& pixels) {
  std::vector<float> image;
  for (const std::uint8_t pixel : pixels) image.push_back(static_cast<float>(pixel) / 255);
  return image;
}

// 0 ≤ next() < 1
class generator {
 public:
  explicit generator(std::uint64_t seed) : state_(seed) {}
  double next() {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<double>(state_ >> 40) * 0x1p-24;
  }
  // Of either sign, magnitudes over seven octaves, roughly uniform in the logarithm.
  reals weights(std::size_t count, double largest) {
    reals result;
    for (std::size_t i = 0; i < count; ++i) {
      const double magnitude = largest * std::exp2(-7 * next());
      result.push_back(next() < 0.5 ? -magnitude : magnitude);
    }
    return result;
  }
  reals positive(std::size_t count, double low, double high) {
    reals result;
    for (std::size_t i = 0; i < count; ++i) result.push_back(low + (high - low) * next());
    return result;
  }

 private:
  std::uint64_t state_;
};

// Two test images, or, where they are not installed, two of blobs.
std::vector<std::vector<std::uint8_t>> two_images() {
  std::vector<std::vector<std::uint8_t>> images;
  if (std::filesystem::exists(napier::fashion_mnist_folder)) {
    const napier::image_set set = napier::read_fashion_mnist(napier::data_split::test);
    for (const std::size_t i : {0, 1}) images.emplace_back(set.image(i).begin(), set.image(i).end());
    return images;
  }
  for (const int blob : {5, 8}) {
    std::vector<std::uint8_t> pixels;
    for (int y = 0; y < 28; ++y) {
      for (int x = 0; x < 28; ++x) {
        const int light = 255 - (x - 14) * (x - 14) * blob / 4 - (y - 13) * (y - 12) + (x * 37 + y * 71) % 23;
        pixels.push_back(static_cast<std::uint8_t>(std::clamp(light, 0, 255)));
      }
    }
    images.push_back(pixels);
  }
  return images;
}

// The middle of an image of 28 × 28.
std::vector<std::uint8_t> middle(const std::vector<std::uint8_t>& image, std::size_t size) {
  std::vector<std::uint8_t> pixels;
  const std::size_t first = (28 - size) / 2;
  for (std::size_t y = 0; y < size; ++y) {
    for (std::size_t x = 0; x < size; ++x) pixels.push_back(image[(first + y) * 28 + first + x]);
  }
  return pixels;
}

napier::network for_size(const napier::network& original, std::size_t size) {
  napier::network smaller(original.source(), {1, size, size});
  for (const napier::network_node& node : original.nodes()) smaller.add(node);
  smaller.set_output(original.output());
  return smaller;
}

// Groups, depthwise, dilation, strides, uneven padding; batch norms with nothing to fold into; both averages, clip, concat.
napier::network odd_network() {
  generator random(1614);
  napier::network net("odd", {3, 11, 9});
  const auto add = [&](const char* name, napier::layer layer, std::vector<std::size_t> inputs) {
    return net.add({name, name, std::move(layer), std::move(inputs)});
  };
  const auto conv = [&](std::size_t in, std::size_t out, bool bias, napier::conv2d_parameters p) {
    const std::size_t window = in / p.groups * p.kernel_height * p.kernel_width;
    return napier::conv2d_layer{p, in, out, random.weights(out * window, 0.7),
                                bias ? random.weights(out, 0.5) : reals{}};
  };
  const auto norm = [&](std::size_t channels) {
    return napier::batch_norm_layer{random.weights(channels, 1.5), random.weights(channels, 0.8),
                                    random.weights(channels, 0.5), random.positive(channels, 0.1, 2.0), 1e-5};
  };
  napier::conv2d_parameters p;
  p.kernel_height = 3;
  p.kernel_width = 2;
  p.stride_height = 2;
  p.dilation_width = 2;
  p.pad_top = 1;
  p.pad_left = 2;
  p.pad_right = 1;
  const std::size_t first = add("conv", conv(3, 8, true, p), {0});
  const std::size_t shared = add("norm of a convolution that others read", norm(8), {first});
  napier::conv2d_parameters depthwise;
  depthwise.groups = 8;
  depthwise.kernel_height = depthwise.kernel_width = 3;
  depthwise.pad_top = depthwise.pad_left = depthwise.pad_bottom = depthwise.pad_right = 1;
  const std::size_t each = add("depthwise", conv(8, 8, false, depthwise), {add("relu", napier::relu_layer{}, {shared})});
  const std::size_t sum = add("add", napier::add_layer{}, {add("norm", norm(8), {each}), first});
  const std::size_t clipped = add("clip", napier::clip_layer{-0.3, 1.7}, {sum});
  napier::conv2d_parameters grouped;
  grouped.groups = 2;
  const std::size_t halves = add("grouped", conv(8, 6, true, grouped), {clipped});
  const std::size_t both = add("concat", napier::concat_layer{}, {clipped, halves});
  napier::pool2d_parameters pool;
  pool.kernel_height = pool.kernel_width = 3;
  pool.stride_width = 2;
  pool.pad_top = pool.pad_left = 1;
  pool.ceil_mode = true;
  const std::size_t mean = add("average", napier::average_pool_layer{pool}, {add("norm of concat", norm(14), {both})});
  pool.count_include_pad = true;
  pool.stride_height = 2;
  const std::size_t padded = add("average with padding", napier::average_pool_layer{pool}, {mean});
  pool.kernel_width = 2;
  const std::size_t largest = add("max", napier::max_pool_layer{pool}, {padded});
  const std::size_t length = napier::element_count(net.shape_of(largest));
  const std::size_t flat = add("flatten", napier::reshape_layer{{length}}, {largest});
  add("dense", napier::fully_connected_layer{length, 40, random.weights(40 * length, 0.5), {}}, {flat});
  return net;
}

}  // namespace

TEST_CASE("every row of the demo is among those compared here") {
  std::ifstream file(std::filesystem::path(NAPIER_SOURCE_DIR) / "examples" / "napier_eval" / "demo.cpp");
  const std::string source{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const std::size_t list = source.find("demo_macs = {");
  REQUIRE(list != std::string::npos);
  std::istringstream names(source.substr(list, source.find("};", list) - list));
  std::set<std::string> demo;
  std::string piece;
  for (bool quoted = false; std::getline(names, piece, '"'); quoted = !quoted) {
    if (quoted) demo.insert(piece);
  }
  std::set<std::string> here;
  for (const auto& row : all_rows()) here.insert(row.first);
  CHECK(here.size() == 19);
  CHECK(demo == here);
}

TEST_CASE("a pixel becomes pixel / 255 in FP32") {
  napier::image_set set{"all bytes", 1, 1, 16, 16, 1, {}, {0}};
  for (int i = 0; i < 256; ++i) set.pixels.push_back(static_cast<std::uint8_t>(i));
  CHECK(napier::preprocess(set, 0, {}) == of_bytes(set.pixels));
}

TEST_CASE("lenet5 computes what the MAC's name says") {
  const auto images = two_images();
  compare_all(napier::read_onnx(models / "lenet5.onnx"), {batch_norm_mode::fold},
              {of_bytes(images[0]), of_bytes(images[1])});
}

TEST_CASE("resnet8 computes what the MAC's name says, batch norm folded, approximate and exact") {
  const std::size_t size = 20;  // of the 28 rows and columns: a global average of 5 × 5
  compare_all(for_size(napier::read_onnx(models / "resnet8.onnx"), size),
              {batch_norm_mode::fold, batch_norm_mode::approximate, batch_norm_mode::exact},
              {of_bytes(middle(two_images()[0], size))});
}

TEST_CASE("a network of the other layers computes what the MAC's name says") {
  generator random(28);
  std::vector<std::vector<float>> images(4);
  for (std::vector<float>& image : images) {
    for (std::size_t i = 0; i < 3 * 11 * 9; ++i) {
      image.push_back(random.next() < 0.2 ? 0 : static_cast<float>(2 * random.next() - 1));
    }
  }
  compare_all(odd_network(), {batch_norm_mode::fold, batch_norm_mode::approximate, batch_norm_mode::exact}, images);
}
