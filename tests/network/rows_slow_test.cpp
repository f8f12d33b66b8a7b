// Each row of the demo's table computes what its name says (docs/arithmetic.md): the forward pass of both networks, and of one
// with the layers that they lack, written a second time from the specification (independent_*.hpp).
// napier reads the model; its arithmetic, layers, engines and session are what is tested. Every logit, bit for bit.

#include <catch2/catch.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <napier/analysis/evaluate.hpp>
#include <napier/data/fashion_mnist.hpp>
#include <napier/network/onnx.hpp>
#include <napier/network/session.hpp>

#include "macs/macs.hpp"
#include "network/independent_arithmetic.hpp"
#include "network/independent_layers.hpp"

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
  const auto add_float = [&](const char* name, const float_format& format, floats::multiplier m,
                             double scale = 1) { all[name] = std::make_unique<floats>(format, m, scale); };
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
                             posits::products feed = posits::products::wide,
                             posits::sum sum = posits::sum::quire) {
    all[name] = std::make_unique<posits>(n, es, m, feed, sum);
  };
  using m = posits::multiplier;
  using posits::products::rounded;
  add_posit("posit16_1", 16, 1, m::exact);
  add_posit("posit16_1/plam", 16, 1, m::plam);
  add_posit("posit16_1/rounded-plam", 16, 1, m::plam, posits::products::rounded);
  add_posit("posit16_1/rounded-exact/posit16_1", 16, 1, m::exact, posits::products::rounded,
            posits::sum::native);
  add_posit("posit8_0", 8, 0, m::exact);
  add_posit("posit8_0/plam", 8, 0, m::plam);
  add_posit("posit8_2", 8, 2, m::exact);
  add_posit("posit8_2/plam", 8, 2, m::plam);
  return all;
}

// ---- The comparison -------------------------------------------------------------------------------------

struct comparison {
  std::size_t compared = 0;
  std::size_t different = 0;
  std::size_t numbers = 0;  // neither zero nor infinite nor NaN
  std::string first;
};

// NaN has no sign that means anything; a zero has.
bool same_bits(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

void compare(comparison& result, const napier::network& net, const std::string& mac,
             const independent::arithmetic& specification, batch_norm_mode mode,
             const std::vector<float>& image) {
  const reals got = napier::session(net, napier_tools::all_macs().find(mac), mode).run(image);
  const reals expected = independent::forward_pass(net, specification, mode).run(image);
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    ++result.compared;
    if (got[i] != 0 && std::isfinite(got[i])) ++result.numbers;
    if (same_bits(got[i], expected[i])) continue;
    if (result.different++ == 0) {
      std::ostringstream text;
      if (net.output() > 0) text << net.nodes()[net.output() - 1].name << ": ";
      text << std::hexfloat << "output " << i << " is " << got[i] << ", by the specification " << expected[i];
      result.first = text.str();
    }
  }
}

enum class outputs { last, of_every_layer };

// Under every row of the table.
void compare_all(napier::network net, std::initializer_list<batch_norm_mode> modes,
                 const std::vector<std::vector<float>>& images, outputs which = outputs::last) {
  const std::size_t first = which == outputs::last ? net.output() : 1;
  std::size_t values = 0;
  for (std::size_t output = first; output <= net.nodes().size(); ++output) {
    values += napier::element_count(net.shape_of(output));
  }
  for (const auto& [mac, specification] : all_rows()) {
    for (const batch_norm_mode mode : modes) {
      comparison result;
      for (std::size_t output = first; output <= net.nodes().size(); ++output) {
        net.set_output(output);
        for (const std::vector<float>& image : images) compare(result, net, mac, *specification, mode, image);
      }
      INFO(net.source() << ", " << mac << ", batch norm mode " << static_cast<int>(mode) << ": "
                        << result.first);
      CHECK(result.different == 0);
      CHECK(result.compared == images.size() * values);
      CHECK(result.numbers > result.compared / 12);
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
  // FP32 codes: one in 4 any, the others of exponents −20 to 19; one in 4 with few fraction bits, for ties.
  reals whole_range(std::size_t count) {
    reals result;
    for (std::size_t i = 0; i < count; ++i) {
      const double field = next() < 0.25 ? 256 * next() : 107 + 40 * next();
      auto code = static_cast<std::uint32_t>(field) << 23 | static_cast<std::uint32_t>(next() * 0x1p23);
      if (next() < 0.25) code &= 0xfff80000;
      result.push_back(std::bit_cast<float>(next() < 0.5 ? code : code | 0x80000000));
    }
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
    for (std::size_t i = 0; i < 2; ++i) images.emplace_back(set.image(i).begin(), set.image(i).end());
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
  const std::size_t each =
      add("depthwise", conv(8, 8, false, depthwise), {add("relu", napier::relu_layer{}, {shared})});
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
  const std::size_t mean =
      add("average", napier::average_pool_layer{pool}, {add("norm of concat", norm(14), {both})});
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

// Single products, small sums and what the other layers make of them.
napier::network range_network() {
  generator random(1550);
  napier::network net("range", {1, 24, 24});
  const auto add = [&](const char* name, napier::layer layer, std::vector<std::size_t> inputs) {
    return net.add({name, name, std::move(layer), std::move(inputs)});
  };
  const std::size_t products =
      add("products", napier::conv2d_layer{{}, 1, 16, random.whole_range(16), {}}, {0});
  napier::conv2d_parameters window;
  window.kernel_height = window.kernel_width = 2;
  window.pad_top = window.pad_left = 1;
  const std::size_t sums =
      add("sums", napier::conv2d_layer{window, 1, 16, random.whole_range(64), random.weights(16, 3.0)}, {0});
  const std::size_t relu = add("relu", napier::relu_layer{}, {sums});
  const std::size_t added = add("add", napier::add_layer{}, {products, relu});
  add("clip", napier::clip_layer{-2.7, 50}, {added});
  napier::pool2d_parameters pool;
  pool.kernel_height = 3;
  pool.kernel_width = 1;
  add("max", napier::max_pool_layer{pool}, {added});
  add("average", napier::average_pool_layer{pool}, {products});
  const napier::batch_norm_layer norm{random.weights(16, 1.5), random.weights(16, 0.8),
                                      random.weights(16, 0.5), random.positive(16, 0.1, 2.0), 1e-5};
  add("norm", norm, {products});
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

TEST_CASE("a network of the other layers computes what the MAC's name says, layer after layer") {
  generator random(28);
  std::vector<float> image;
  for (std::size_t i = 0; i < 3 * 11 * 9; ++i) {
    image.push_back(random.next() < 0.2 ? 0 : static_cast<float>(2 * random.next() - 1));
  }
  compare_all(odd_network(), {batch_norm_mode::fold, batch_norm_mode::approximate, batch_norm_mode::exact},
              {image}, outputs::of_every_layer);
}

TEST_CASE("all of FP32's range, infinities and NaN included, through the MAC's name") {
  generator random(1617);
  std::vector<float> image;
  for (const double x : random.whole_range(24 * 24)) image.push_back(static_cast<float>(x));
  compare_all(range_network(), {batch_norm_mode::exact}, {image}, outputs::of_every_layer);
}

// Where the product has bits below 2^-32 there is something to drop. Truncated operands leave none, for a k-bit code has
// k - 1 fraction bits; the unbiased circuit's constant does. A sum next to a tie of the output shows the last place.
TEST_CASE("fixed-point products lose what is below their last place, toward zero") {
  constexpr std::size_t outputs = 20000;
  generator random(1620);
  const auto small_codes = [&](std::size_t count) {
    reals codes;
    for (std::size_t i = 0; i < count; ++i) codes.push_back(std::floor(31 * random.next() - 15) / 65536);
    return codes;
  };
  napier::fully_connected_layer dense{4, outputs, small_codes(4 * outputs), {}};
  for (std::size_t o = 0; o < outputs; ++o) {
    const double near_tie = (32768 - std::floor(400 * random.next() - 200) / 2) * 0x1p-32;
    dense.bias.push_back(o % 2 == 0 ? near_tie : -near_tie);
  }
  napier::network net("ties", {4});
  net.add({"dense", "Gemm", std::move(dense), {0}});
  std::vector<float> input;
  for (const int code : {9, -1, 3, -14}) input.push_back(static_cast<float>(code) / 65536);

  const independent::fixed_arithmetic truncated(independent::leading(6));
  const independent::fixed_arithmetic unbiased(independent::unbiased(6));
  comparison result;
  compare(result, net, "fixed32_16/mitch6", truncated, batch_norm_mode::fold, input);
  compare(result, net, "fixed32_16/mitch6u", unbiased, batch_norm_mode::fold, input);
  INFO(result.first);
  CHECK(result.compared == 2 * outputs);
  CHECK(result.different == 0);
  CHECK(result.numbers > outputs / 4);
}
