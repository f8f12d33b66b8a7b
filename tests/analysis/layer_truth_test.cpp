// layer_truth against plain loops over all values in long double; slopes by hand; saturation; patterns of single layers.
#include <napier/analysis/layer_rules.hpp>
#include <napier/analysis/layer_truth.hpp>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>
#include <limits>
#include <memory>
#include <stdexcept>

#include <string>
#include <vector>

#include <napier/accumulators/compensated.hpp>
#include <napier/accumulators/fixed64.hpp>
#include <napier/accumulators/quire.hpp>
#include <napier/formats/fixed.hpp>
#include <napier/formats/posit.hpp>
#include <napier/mac/mac.hpp>
#include <napier/multipliers/mitch.hpp>
#include <napier/multipliers/mitchell.hpp>
#include <napier/multipliers/plam.hpp>

#include "network/engines.hpp"
#include "oracle/sweep.hpp"

using namespace napier;
using Catch::Message;
using doubles = std::vector<double>;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

const mac_engine<mac<float, exact, native<float>>> float32;
const mac_engine<mac<float, mitchell, native<float>>> with_mitchell;
const mac_engine<mac<float, mitch<6>, compensated<native<float>>>> compensated_mitch6;
const mac_engine<mac<posit<8, 0>, plam, quire<posit<8, 0>>>> posit8_plam;
const mac_engine<mac<fixed<16, 8>, exact, fixed64>> fixed16;

doubles random_values(random_bits& random, std::size_t count) {
  doubles result(count);
  for (double& x : result) x = static_cast<double>(random() >> 11) / 0x1p52 - 1;
  return result;
}

// Every kind of multiply site, and nodes that are none.
network every_site() {
  random_bits random(1);
  const auto values = [&](std::size_t count) { return random_values(random, count); };
  network net("sites.onnx", {4, 6, 6});
  conv2d_parameters grouped;
  grouped.kernel_height = grouped.kernel_width = 3;
  grouped.stride_height = grouped.stride_width = 2;
  grouped.pad_top = grouped.pad_left = grouped.pad_bottom = grouped.pad_right = 1;
  grouped.groups = 2;
  net.add({"conv", "Conv", conv2d_layer{grouped, 4, 6, values(6 * 2 * 9), values(6)}, {0}});  // 6 × 3 × 3
  net.add({"bn",
           "BatchNormalization",
           batch_norm_layer{values(6), values(6), values(6), doubles(6, 0.5), 1e-5},
           {1}});
  net.add({"relu", "Relu", relu_layer{}, {2}});
  conv_transpose2d_parameters doubled;
  doubled.kernel_height = doubled.kernel_width = 2;
  doubled.stride_height = doubled.stride_width = 2;
  net.add({"up",
           "ConvTranspose",
           conv_transpose2d_layer{doubled, 6, 4, values(6 * 4 * 4), values(4)},
           {3}});  // 4 × 6 × 6
  net.add({"gate",
           "Mul",
           broadcast_layer{element_operation::multiply, {{4, 6, 6}, {}}, {{4, 6, 6}, {}}, {4, 6, 6}},
           {4, 0}});
  net.add({"half",
           "Mul",
           broadcast_layer{element_operation::multiply, {{4, 6, 6}, {}}, {{1, 1, 1}, {0.5}}, {4, 6, 6}},
           {5}});
  net.add({"rows", "MatMul", matmul_layer{{{4, 6, 6}, {}}, {{1, 6, 2}, values(12)}, {4, 6, 2}}, {6}});
  net.add({"scores", "MatMul", matmul_layer{{{4, 6, 6}, {}}, {{4, 6, 2}, {}}, {4, 6, 2}}, {6, 7}});
  net.add({"flat", "Flatten", reshape_layer{{48}}, {8}});
  net.add({"fc", "Gemm", fully_connected_layer{48, 3, values(48 * 3), values(3)}, {9}});
  return net;
}

std::vector<std::vector<float>> random_images(std::size_t count, std::size_t size) {
  random_bits random(2);
  std::vector<std::vector<float>> images;
  for (std::size_t i = 0; i < count; ++i) {
    const doubles values = random_values(random, size);
    images.emplace_back(values.begin(), values.end());
    for (std::size_t k = 0; k < size; k += 5) images.back()[k] = 0;
  }
  return images;
}

network_report truth_of(const session& reference, const session& run,
                        const std::vector<std::vector<float>>& images, std::size_t threads = 1) {
  return layer_truth(reference, run)
      .run(
          images.size(), [&](std::size_t i) { return images[i]; }, threads);
}

// All values of all nodes of one run, by the engine alone.
std::vector<activation_ptr> all_values(const network& net, const engine& mac, batch_norm_mode mode,
                                       const std::vector<float>& image) {
  auto input = std::make_shared<tensor<float>>(1, net.input_shape());
  input->values = image;
  std::vector<activation_ptr> values{input};
  for (std::size_t i = 0; i < net.nodes().size(); ++i) {
    std::vector<activation_ptr> inputs;
    for (const std::size_t value : net.nodes()[i].inputs) inputs.push_back(values[value]);
    values.push_back(mac.compile(net.nodes()[i].operation, net.shape_of(i + 1), mode)(inputs));
  }
  return values;
}

// The statistics' definitions, over all pairs at once.
struct plain_statistics {
  doubles reference, values, bias;  // bias: of each pair
  std::vector<std::size_t> channel;

  void check(const error_statistics& got, sweep& s) const {
    long double n = 0, sum = 0, rr = 0, ee = 0, ss = 0, se = 0, worst = 0;
    std::vector<long double> channel_ss(100), channel_se(100);
    for (std::size_t i = 0; i < reference.size(); ++i) {
      const long double r = reference[i];
      const long double e = values[i] - r;
      const long double product_sum = r - bias[i];
      n += 1;
      sum += e;
      rr += r * r;
      ee += e * e;
      ss += product_sum * product_sum;
      se += product_sum * e;
      channel_ss[channel[i]] += product_sum * product_sum;
      channel_se[channel[i]] += product_sum * e;
      worst = std::max(worst, std::abs(e));
    }
    const long double mean = sum / n;
    long double squares = 0, left = 0, spread = 0;
    for (std::size_t i = 0; i < reference.size(); ++i) {
      const long double e = static_cast<long double>(values[i]) - reference[i];
      const long double product_sum = static_cast<long double>(reference[i]) - bias[i];
      squares += (e - mean) * (e - mean);
      const long double unexplained = e - se / ss * product_sum;
      left += unexplained * unexplained;
      const std::size_t c = channel[i];
      const long double of_channel = channel_ss[c] == 0 ? 0 : channel_se[c] / channel_ss[c];
      spread += product_sum * product_sum * (of_channel - se / ss) * (of_channel - se / ss);
    }
    const auto same = [&](const char* what, double a, long double b) {
      s.check(std::abs(a - b) <= 1e-9L * std::abs(b) + 1e-14L, [&] { return text(what, a, b); });
    };
    const long double rms = std::sqrt(rr / n);
    same("count", static_cast<double>(got.count()), n);
    same("mean", got.mean(), mean);
    same("variance", got.variance(), squares / n);
    same("worst", got.worst(), worst);
    same("rms", got.reference_rms(), rms);
    same("bias", got.bias(), mean / rms);
    same("deviation", got.deviation(), std::sqrt(squares / n) / rms);
    same("snr", got.snr_decibels(), 10 * std::log10(rr / ee));
    same("scale", got.scale(), 1 + se / ss);
    same("residual", got.residual(), std::sqrt(left / ss));
    same("spread", got.channel_spread(), std::sqrt(spread / ss));
    same("amplification", got.amplification(), std::sqrt(ss / rr));
    same("noise", got.bias() * got.bias() + got.deviation() * got.deviation(),
         std::pow(10.0L, -got.snr_decibels() / 10));
  }
};

std::string text_of(const error_statistics& s) {
  return text(s.count(), s.not_finite(), s.mean(), s.variance(), s.worst(), s.snr_decibels(), s.scale(),
              s.residual(), s.channel_spread(), s.amplification());
}
std::string text_of(const value_range& r) {
  return text(r.count, r.not_finite, r.zeros, r.saturated, r.flushed, r.smallest, r.largest);
}
std::string text_of(const network_report& report) {
  std::string all = text(report.images);
  for (const layer_report& each : report.layers) {
    all += each.site.name + " " + each.mac + " " + text_of(each.local) + text_of(each.accumulated) +
           text_of(each.weights) + text_of(each.activations) + text_of(each.outputs);
  }
  return all;
}

// One product of one input.
network one_product(double weight, double bias) {
  network net("product.onnx", {1});
  net.add({"fc", "Gemm", fully_connected_layer{1, 1, {weight}, {bias}}, {0}});
  return net;
}

}  // namespace

TEST_CASE("multiply sites, and their multiplications by hand") {
  const auto names_of = [](const std::vector<layer_site>& sites) {
    std::string result;
    for (const layer_site& site : sites)
      result += site.name + " " + std::to_string(site.multiplications) + ", ";
    return result;
  };
  const network net = every_site();
  CHECK(names_of(multiply_sites(net, batch_norm_mode::approximate)) ==
        "conv 972, bn 54, up 864, gate 144, rows 288, scores 288, fc 144, ");
  const std::vector<layer_site> sites = multiply_sites(net, batch_norm_mode::exact);
  CHECK(names_of(sites) == "conv 972, up 864, gate 144, rows 288, scores 288, fc 144, ");
  CHECK(sites[1].node == 3);
  CHECK(sites[1].operator_type == "ConvTranspose");
  CHECK(sites[1].share == 0.32);
  CHECK(sites[1].channels == 4);
  CHECK(sites[1].channel_size == 36);
  // Folded, the batch norm's shift is the convolution's.
  const session folded(net, float32);
  const std::vector<layer_site> after = multiply_sites(folded.running_network(), folded.mode());
  CHECK(names_of(after) == names_of(sites));
  CHECK(after[0].bias != sites[0].bias);
}

TEST_CASE("local and accumulated errors of every kind of site are those of plain loops") {
  const network net = every_site();
  const std::vector<std::vector<float>> images = random_images(5, 144);
  sweep s;
  for (const auto mode : {batch_norm_mode::exact, batch_norm_mode::approximate}) {
    const network_report got =
        truth_of(session(net, float32, mode), session(net, with_mitchell, mode), images);
    CHECK(got.images == 5);
    std::vector<plain_statistics> local(got.layers.size());
    std::vector<plain_statistics> accumulated(got.layers.size());
    for (const std::vector<float>& image : images) {
      const std::vector<activation_ptr> expected = all_values(net, float32, mode, image);
      const std::vector<activation_ptr> own = all_values(net, with_mitchell, mode, image);
      for (std::size_t i = 0; i < got.layers.size(); ++i) {
        const layer_site& site = got.layers[i].site;
        std::vector<activation_ptr> inputs;
        for (const std::size_t value : net.nodes()[site.node].inputs) inputs.push_back(expected[value]);
        const activation_ptr alone = with_mitchell.compile(net.nodes()[site.node].operation,
                                                           net.shape_of(site.node + 1), mode)(inputs);
        const auto put = [&](plain_statistics& to, const activation& values) {
          for (std::size_t k = 0; k < values.size(); ++k) {
            const std::size_t plane = values.size() / site.channels;
            const std::size_t c = k / plane;
            to.reference.push_back(round_to<double>(expected[site.node + 1]->value(k)));
            to.values.push_back(round_to<double>(values.value(k)));
            to.bias.push_back(site.bias.empty() ? 0 : site.bias[c]);
            to.channel.push_back(c);
          }
        };
        put(local[i], *alone);
        put(accumulated[i], *own[site.node + 1]);
      }
    }
    for (std::size_t i = 0; i < got.layers.size(); ++i) {
      local[i].check(got.layers[i].local, s);
      accumulated[i].check(got.layers[i].accumulated, s);
    }
    // The first site gets the same inputs either way.
    CHECK(text_of(got.layers[0].local) == text_of(got.layers[0].accumulated));
    CHECK(text_of(got.layers[1].local) != text_of(got.layers[1].accumulated));
  }
  REQUIRE(s.report() == passed((6 + 7) * 2 * 13));
}

TEST_CASE("the multiplier's bias is the scale of the sums, whatever the layer's bias") {
  const network net = one_product(1.5, 10);
  // 1.5 × 1.5 is 2.25, Mitchell's 2: the worst case, 8/9
  const std::vector<std::vector<float>> images{{1.5F}, {-3.0F}, {0.0F}, {12.0F}};
  const network_report got = truth_of(session(net, float32), session(net, with_mitchell), images);
  const error_statistics& local = got.layers[0].local;
  CHECK(local.scale() == Approx(8.0 / 9).epsilon(1e-12));
  CHECK(local.residual() == Approx(0).margin(1e-9));
  CHECK(local.worst() == 2);                                 // of 18
  CHECK(local.mean() == Approx((-0.25 + 0.5 + 0 - 2) / 4));  // the reference is 12.25, 5.5, 10, 28
  CHECK(local.reference_rms() == Approx(std::sqrt((12.25 * 12.25 + 5.5 * 5.5 + 100 + 28 * 28) / 4)));
  CHECK(got.layers[0].activations.zeros == 1);
  CHECK(got.layers[0].activations.smallest == 1.5);
  CHECK(got.layers[0].activations.largest == 12);
  CHECK(got.layers[0].weights.count == 1);

  // One after the other: the second factor meets 2, whose fraction is zero, in the run, and 2.25 in the reference.
  network two("two.onnx", {1});
  two.add({"first", "Gemm", fully_connected_layer{1, 1, {1.5}, {}}, {0}});
  two.add({"second", "Gemm", fully_connected_layer{1, 1, {1.5}, {}}, {1}});
  const network_report both = truth_of(session(two, float32), session(two, with_mitchell), {{1.5F}, {3.0F}});
  CHECK(both.layers[1].local.scale() == Approx(3.25 / 3.375).epsilon(1e-12));
  CHECK(both.layers[1].accumulated.scale() == Approx(8.0 / 9).epsilon(1e-12));
  // Exact where a rule says so: then the error is what came in.
  const std::vector<mac_rule> rules{{"second", &float32}};
  const session ruled(two, with_mitchell, batch_norm_mode::fold, rules);
  const network_report mixed = truth_of(session(two, float32), ruled, {{1.5F}, {3.0F}});
  CHECK(mixed.layers[1].mac == "float32/exact/float32");
  CHECK(mixed.layers[1].local.worst() == 0);
  CHECK(mixed.layers[1].accumulated.scale() == Approx(8.0 / 9).epsilon(1e-12));
}

TEST_CASE("scales that differ from channel to channel") {
  network net("channels.onnx", {2, 1, 1});
  conv2d_parameters depthwise;
  depthwise.groups = 2;
  net.add({"dw", "Conv", conv2d_layer{depthwise, 2, 2, {1.5, 1}, {}}, {0}});
  // Channel 0 shrinks to 8/9, channel 1 is exact; both of the same size.
  const network_report got =
      truth_of(session(net, float32), session(net, with_mitchell), {{1.5F, 2.25F}, {3.0F, -4.5F}});
  CHECK(got.layers[0].local.scale() == Approx(17.0 / 18));
  CHECK(got.layers[0].local.channel_spread() == Approx(1.0 / 18));
  CHECK(got.layers[0].local.residual() == Approx(1.0 / 18));  // nothing else is left
}

TEST_CASE("no error: infinite signal-to-noise ratio, scale 1") {
  const network net = every_site();
  const session reference(net, float32, batch_norm_mode::approximate);
  const network_report got = truth_of(reference, reference, random_images(2, 144));
  REQUIRE(got.layers.size() == 7);
  for (const layer_report& each : got.layers) {
    for (const error_statistics* s : {&each.local, &each.accumulated}) {
      CHECK(s->mean() == 0);
      CHECK(s->variance() == 0);
      CHECK(s->worst() == 0);
      CHECK(s->snr_decibels() == infinity);
      CHECK(s->scale() == 1);
      CHECK(s->residual() == 0);
      CHECK(s->channel_spread() == 0);
    }
    CHECK(each.outputs.saturated + each.outputs.flushed + each.weights.saturated == 0);
  }
  CHECK(got.layers[0].activations.zeros == 2 * 29);  // every fifth of 144
  const error_statistics nothing;
  CHECK(nothing.variance() == 0);
  CHECK(nothing.reference_rms() == 0);
  CHECK(nothing.scale() == 1);
}

TEST_CASE("values that a format clamps, flushes or does not know") {
  network net("ranges.onnx", {4});
  net.add({"fc",
           "Gemm",
           fully_connected_layer{4, 2, {200, 0.001, 0, 1, -128.001, -128, 127.998, -300}, {}},
           {0}});
  const std::vector<std::vector<float>> images{{1, 1, 0, 0}, {100, 1e-20F, -1e-20F, 1000}};
  const session reference(net, float32);

  const network_report fixed_point = truth_of(reference, session(net, fixed16), images);
  const layer_report& f = fixed_point.layers[0];
  CHECK(f.weights.count == 8);
  CHECK(f.weights.zeros == 1);
  CHECK(f.weights.flushed == 1);    // 0.001, below half of 1/256
  CHECK(f.weights.saturated == 4);  // 200, -128.001, 127.998 above 127.99609375, -300
  CHECK(f.weights.smallest == 0.001);
  CHECK(f.weights.largest == 300);
  CHECK(f.activations.saturated == 1);
  CHECK(f.activations.flushed == 2);
  CHECK(f.activations.zeros == 2);
  CHECK(f.outputs.count == 4);
  CHECK(f.outputs.saturated == 4);
  // The reference is 200, -256.001, 21000, -312800.1: 127.99609375 and -128 are what fits.
  CHECK(f.local.worst() > 312600);
  CHECK(f.local.scale() < 0.01);

  const network_report posits = truth_of(reference, session(net, posit8_plam), images);
  const layer_report& p = posits.layers[0];
  CHECK(p.weights.saturated == 5);  // above 64
  CHECK(p.weights.flushed == 1);    // 0.001 to minpos, 1/64
  CHECK(p.activations.saturated == 2);
  CHECK(p.activations.flushed == 2);

  const format_clamps of_fixed = clamps_of(fixed16);
  CHECK(of_fixed.largest == 127.99609375);
  CHECK(of_fixed.lowest == -128);
  CHECK(of_fixed.smallest == 0);
  const format_clamps of_posit = clamps_of(posit8_plam);
  CHECK(of_posit.largest == 64);
  CHECK(of_posit.lowest == -64);
  CHECK(of_posit.smallest == 0x1p-6);
  CHECK(clamps_of(float32).largest == infinity);

  value_range overflowing;  // as of a format that overflows to NaN
  overflowing.add(doubles{500, -500, 1, infinity}, doubles{std::nan(""), -infinity, 1, infinity}, {});
  CHECK(overflowing.saturated == 2);
  CHECK(overflowing.not_finite == 1);
  CHECK(overflowing.largest == 500);
}

TEST_CASE("NaN and infinities are counted and left out") {
  const network net = one_product(1.5, 0);
  const network_report got = truth_of(session(net, float32), session(net, with_mitchell),
                                      {{std::nanf("")}, {1.5F}, {std::numeric_limits<float>::infinity()}});
  CHECK(got.images == 3);
  CHECK(got.layers[0].local.not_finite() == 2);
  CHECK(got.layers[0].local.count() == 1);
  CHECK(got.layers[0].local.mean() == -0.25);
  CHECK(got.layers[0].activations.not_finite == 2);
}

TEST_CASE("the error of single products of a MAC that is known by name only") {
  CHECK(mac_error_of(float32).mean == Approx(0).margin(1e-8));
  CHECK(mac_error_of(float32).deviation == Approx(0).margin(1e-7));
  CHECK(mac_error_of(with_mitchell).mean == Approx(-0.0385).margin(1e-4));
  CHECK(mac_error_of(with_mitchell).deviation == Approx(0.0286).margin(1e-3));
  CHECK(mac_error_of(compensated_mitch6).mean == Approx(0).margin(1e-3));
  CHECK(mac_error_of(posit8_plam).mean == Approx(-0.0385).margin(5e-3));
}

TEST_CASE("statistics do not depend on the number of threads; a stop leaves the first images") {
  const network net = every_site();
  const std::vector<std::vector<float>> images = random_images(23, 144);
  const session reference(net, float32, batch_norm_mode::approximate);
  const session run(net, with_mitchell, batch_norm_mode::approximate);
  const std::string one = text_of(truth_of(reference, run, images));
  for (const std::size_t threads : {2, 3, 8})
    CHECK(text_of(truth_of(reference, run, images, threads)) == one);

  const layer_truth truth(reference, run);
  const auto image_of = [&](std::size_t i) { return images[i]; };
  std::atomic<bool> stop = false;
  std::size_t last = 0;
  const network_report stopped = truth.run(
      23, image_of, 1,
      [&](std::size_t done) {
        last = done;
        if (done == 4) stop = true;
      },
      &stop);
  CHECK(last == 4);
  CHECK(stopped.images == 4);
  CHECK(text_of(stopped) == text_of(truth_of(reference, run, {images.begin(), images.begin() + 4})));

  const auto failing = [&](std::size_t i) -> std::vector<float> {
    if (i == 7) throw std::runtime_error("no image 7");
    return images[i];
  };
  CHECK_THROWS_WITH(truth.run(23, failing, 3), "no image 7");
  CHECK_THROWS_AS(truth.run(1, [](std::size_t) { return std::vector<float>(5); }), shape_error);
}

TEST_CASE("sessions of different networks or batch norms") {
  const network net = every_site();
  const session reference(net, float32);
  CHECK_THROWS_AS(layer_truth(reference, session(one_product(1, 1), float32)), shape_error);
  CHECK_THROWS_MATCHES(
      layer_truth(reference, session(net, with_mitchell, batch_norm_mode::exact)), shape_error,
      Message("layer_truth: sites.onnx and its reference are not the same network with the same batch norm"));
}

TEST_CASE("patterns of single layers, and layers that one pattern cannot tell apart") {
  CHECK(pattern_of("/layer1/0/conv[1] 'x'") == "/layer1/0/conv[1] 'x'");
  CHECK(pattern_of("a*b=c\n?") == "a?b?c??");
  CHECK(pattern_of("-x-") == "?x-");
  CHECK(pattern_of("") == "");

  const auto groups = [](const std::vector<std::vector<std::string>>& names) {
    std::vector<layer_site> sites;
    for (const auto& each : names) {
      layer_site site;
      site.name = each[0];
      site.operator_type = each[1];
      site.share = 1;
      sites.push_back(site);
    }
    std::string result;
    for (const site_group& group : groups_of(sites)) {
      result += "(";
      for (const std::size_t site : group.sites) result += std::to_string(site);
      for (const std::string& pattern : group.patterns) result += " " + pattern;
      result += ")";
      CHECK(group.share == static_cast<double>(group.sites.size()));
    }
    return result;
  };
  CHECK(groups({{"c1", "Conv"}, {"c2", "Conv"}, {"fc", "Gemm"}}) == "(0 c1)(1 c2)(2 fc)");
  CHECK(groups({{"c1", "Conv"}, {"C1", "Conv"}, {"fc", "Gemm"}}) == "(01 c1 C1)(2 fc)");
  CHECK(groups({{"c1", "Conv"}, {"fc", "Gemm"}, {"conv", "MatMul"}}) == "(02 c1 conv)(1 fc)");
  CHECK(groups({{"a1", "Conv"}, {"a*", "Conv"}, {"b", "Conv"}}) == "(01 a1 a?)(2 b)");
  CHECK(groups({{"same", "Conv"}, {"same", "Conv"}}) == "(01 same)");
  CHECK(groups({}) == "");
}
