// calibrate: fits worked out by hand, a multiplier whose error a scale undoes, dead channels, memory, threads, instruction sets.
#include <napier/analysis/calibration.hpp>
#include <napier/analysis/channel_fit.hpp>
#include <napier/analysis/layer_correction.hpp>
#include <napier/analysis/spilled_activation.hpp>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <napier/accumulators/quire.hpp>
#include <napier/core/arithmetic.hpp>
#include <napier/core/isa.hpp>
#include <napier/core/rounded_product.hpp>
#include <napier/formats/posit.hpp>
#include <napier/mac/mac.hpp>
#include <napier/multipliers/mitch.hpp>
#include <napier/multipliers/plam.hpp>

#include "oracle/sweep.hpp"

using namespace napier;
using Catch::Message;
using doubles = std::vector<double>;

namespace {

// Every product is `quarters` / 4 of the exact one.
template <int quarters>
struct shrunk {
  static constexpr bool is_exact = false;
  static constexpr napier::name name() { return "shrunk"; }
  unpacked multiply(float a, float b) const {
    return napier::multiply(exact{}.multiply(a, b), decode(quarters * 0.25F));
  }
};

using posit16_1 = posit<16, 1>;
const mac_engine<mac<float, exact, native<float>>> float32;
const mac_engine<mac<float, shrunk<2>, native<float>>> halved;
const mac_engine<mac<float, shrunk<3>, native<float>>> three_quarters;
const mac_engine<mac<float, mitch<6>, native<float>>> mitch6;
const mac_engine<mac<posit16_1, plam, quire<posit16_1>>> posits;

doubles random_values(random_bits& random, std::size_t count) {
  doubles result(count);
  for (double& x : result) x = static_cast<double>(random() >> 11) / 0x1p52 - 1;
  return result;
}

conv2d_layer conv(random_bits& random, std::size_t in, std::size_t out, std::size_t groups, bool with_bias) {
  conv2d_parameters p;
  p.kernel_height = p.kernel_width = 3;
  p.pad_top = p.pad_left = 1;
  p.groups = groups;
  return {p, in, out, random_values(random, out * in / groups * 9),
          with_bias ? random_values(random, out) : doubles{}};
}

// 2 × 5 × 6 → convolution of 4 → depthwise → batch norm → ReLU → 3 outputs
network small_network(bool with_bias, bool with_norm = false) {
  random_bits random(5);
  network net("small.onnx", {2, 5, 6});
  std::size_t x = net.add({"conv", "Conv", conv(random, 2, 4, 1, with_bias), {0}});
  x = net.add({"depthwise", "Conv", conv(random, 4, 4, 4, with_bias), {x}});
  if (with_norm) {
    x = net.add({"before", "Relu", relu_layer{}, {x}});
    x = net.add({"norm",
                 "BatchNormalization",
                 batch_norm_layer{{1, 0.5, 2, 1}, {0.1, 0.2, 0.3, 0.4}, {0, 0.1, 0.2, 0.3}, {1, 2, 3, 4}, 0},
                 {x}});
  }
  x = net.add({"relu", "Relu", relu_layer{}, {x}});
  const std::size_t flat = element_count(net.shape_of(x));
  x = net.add({"flat", "Flatten", reshape_layer{{flat}}, {x}});
  net.add({"dense",
           "Gemm",
           fully_connected_layer{flat, 3, random_values(random, 3 * flat),
                                 with_bias ? random_values(random, 3) : doubles{}},
           {x}});
  return net;
}

std::vector<float> image(std::size_t i) {
  random_bits random(100 + i);
  const doubles values = random_values(random, 2 * 5 * 6);
  return {values.begin(), values.end()};
}

std::vector<float> images(std::size_t count) {
  std::vector<float> all;
  for (std::size_t i = 0; i < count; ++i) {
    const std::vector<float> one = image(i);
    all.insert(all.end(), one.begin(), one.end());
  }
  return all;
}

calibration_plan plan_of(calibration_scope scope) {
  calibration_plan plan;
  plan.scope = scope;
  plan.estimator = usual_estimator(scope);
  plan.least_samples = 16;  // fewer than the images of most tests
  return plan;
}

session corrected(session net, const std::vector<layer_correction>& corrections) {
  apply_corrections(net, corrections, "corrections");
  return net;
}

pair_statistics pairs(const doubles& references, const doubles& values, bool with_ratios = false) {
  pair_statistics result(with_ratios);
  result.add(references, values);
  return result;
}

void check_scales(const std::vector<layer_correction>& corrections, double scale, double tolerance) {
  REQUIRE(corrections.size() == 3);
  for (const layer_correction& site : corrections) {
    for (const affine_fit& fit : site.fits) {
      INFO(site.node << ' ' << fit.scale << ' ' << fit.shift);
      REQUIRE(std::abs(fit.scale - scale) <= tolerance);
      REQUIRE(std::abs(fit.shift) <= tolerance);
    }
    REQUIRE(site.guarded == 0);
  }
}

}  // namespace

TEST_CASE("estimators, by hand") {
  using enum fit_estimator;
  const doubles v = {1, 2, 3, 4};
  const pair_statistics line = pairs({3, 5, 7, 9}, v);  // 2 v + 1
  for (const fit_estimator estimator : {least_squares, moments}) {
    const auto fit = line.fit(estimator, true, 4);
    REQUIRE(fit.has_value());
    REQUIRE(fit->scale == Approx(2).epsilon(1e-12));
    REQUIRE(fit->shift == Approx(1).epsilon(1e-12));
  }
  REQUIRE(line.fit(least_squares, false, 4)->scale == Approx(70.0 / 30).epsilon(1e-12));
  REQUIRE(line.fit(moments, false, 4)->scale == Approx(std::sqrt(164.0 / 30)).epsilon(1e-12));
  // noise that has nothing to do with v shrinks what least squares gives, not the moments
  const pair_statistics noisy = pairs({1, -1, 1, -1}, {2, 0, 0, -2});
  REQUIRE(noisy.fit(least_squares, true, 4)->scale == Approx(0.5).epsilon(1e-12));
  REQUIRE(noisy.fit(moments, true, 4)->scale == Approx(std::sqrt(0.5)).epsilon(1e-12));
  // one wild pair of ten
  const pair_statistics wild = pairs({2, 2, 2, 2, 2, 2, 2, 2, 2, 30}, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, true);
  REQUIRE(wild.fit(least_squares, false, 4)->scale == Approx(4.8).epsilon(1e-12));
  REQUIRE(wild.fit(median, false, 4)->scale == 2);
  REQUIRE(wild.fit(trimmed, false, 4)->scale == 2);
  REQUIRE(pairs({-1, 2}, {2, 2}, true).fit(median, false, 2) == std::nullopt);  // a ratio below 1/4
  // within a bin of the ratios
  random_bits random(17);
  const doubles values = random_values(random, 400);
  doubles references = random_values(random, 400);
  for (std::size_t i = 0; i < references.size(); ++i) references[i] = values[i] * (2 + references[i]);
  const double found = pairs(references, values, true).fit(median, false, 4)->scale;
  double below = 0;  // Σ |v| of the ratios that are smaller for certain; larger
  double above = 0;
  double all = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double ratio = references[i] / values[i];
    all += std::abs(values[i]);
    below += ratio < found * (1 - 0.0055) ? std::abs(values[i]) : 0;
    above += ratio > found * (1 + 0.0055) ? std::abs(values[i]) : 0;
  }
  REQUIRE(below <= all / 2);
  REQUIRE(above <= all / 2);
  for (const char* name : fit_estimator_names) REQUIRE(to_text(fit_estimator_of(name)) == name);
  REQUIRE_THROWS_MATCHES(
      fit_estimator_of("mode"), name_error,
      Message("unknown estimator 'mode'; expected least-squares, moments, median or trimmed"));
}

TEST_CASE("estimators: what the guard forbids; statistics are merged") {
  using enum fit_estimator;
  constexpr double NaN = std::numeric_limits<double>::quiet_NaN();
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const doubles v = {1, 2, 3, 4};
  REQUIRE_FALSE(pairs({2, 4, 6, 8}, v).fit(least_squares, false, 5));       // too few
  REQUIRE_FALSE(pairs({2, 4, 6, 8}, {0, 0, 0, 0}).fit(moments, false, 1));  // zeros alone
  REQUIRE_FALSE(pairs({0, 0, 0, 0}, v).fit(least_squares, false, 1));
  REQUIRE_FALSE(pairs(v, {7, 7, 7, 7}).fit(moments, true, 1));  // no variance
  REQUIRE_FALSE(pairs({0.1, 0.1, 0.1}, {1, 2, 3}).fit(moments, true, 1));
  REQUIRE(pairs(v, {7, 7, 7, 7}).fit(least_squares, false, 1));
  REQUIRE_FALSE(pairs({9, 18, 27, 36}, v).fit(least_squares, false, 1));  // outside [1/8, 8]
  REQUIRE_FALSE(pairs({-1, -2, -3, -4}, v).fit(least_squares, false, 1));
  REQUIRE_FALSE(pair_statistics().fit(least_squares, false, 0));
  const pair_statistics some = pairs({2, NaN, 4, 1, infinity}, {1, 1, 2, NaN, 3});
  REQUIRE(some.count() == 2);
  REQUIRE(some.fit(least_squares, false, 2)->scale == 2);
  pair_statistics merged = pairs({3, 5}, {1, 2});
  merged.merge(pairs({7, 9}, {3, 4}));
  merged.merge(pair_statistics());
  REQUIRE(merged.fit(moments, true, 4)->scale == Approx(2).epsilon(1e-12));
  REQUIRE(merged.fit(moments, true, 4)->shift == Approx(1).epsilon(1e-12));
}

TEST_CASE("a multiplier that halves every product is undone to the bit") {
  const network net = small_network(false);
  const session reference(net, float32);
  const session target(net, halved);
  const std::vector<float> others = images(40);
  REQUIRE(target.run(others) != reference.run(others));
  for (const auto scope : {calibration_scope::layer_scale, calibration_scope::channel_scale,
                           calibration_scope::channel_affine}) {
    for (const auto estimator : {fit_estimator::least_squares, fit_estimator::moments, fit_estimator::median,
                                 fit_estimator::trimmed}) {
      if (scope == calibration_scope::channel_affine && uses_ratios(estimator)) continue;
      calibration_plan plan = plan_of(scope);
      plan.estimator = estimator;
      const auto corrections = calibrate(reference, target, 20, image, plan);
      INFO(to_text(scope) << ' ' << to_text(estimator));
      check_scales(corrections, 2, estimator == fit_estimator::trimmed ? 1e-12 : 0);
      REQUIRE(corrections[0].fits.size() == (scope == calibration_scope::layer_scale ? 1 : 4));
      if (estimator != fit_estimator::trimmed)
        REQUIRE(corrected(target, corrections).run(others) == reference.run(others));
    }
  }
}

TEST_CASE("with biases, and with batch norms in every mode") {
  for (const auto mode : {batch_norm_mode::fold, batch_norm_mode::exact, batch_norm_mode::approximate}) {
    for (const bool with_norm : {false, true}) {
      const network net = small_network(true, with_norm);
      const session reference(net, float32, mode);
      const session target(net, three_quarters, mode);
      const auto corrections =
          calibrate(reference, target, 30, image, plan_of(calibration_scope::channel_affine));
      // folded, it finds no convolution before it
      const bool is_site = with_norm && mode != batch_norm_mode::exact;
      REQUIRE(corrections.size() == (is_site ? 4 : 3));
      for (const layer_correction& site : corrections) {
        for (const affine_fit& fit : site.fits) {
          INFO(site.node << ' ' << fit.scale << ' ' << fit.shift);
          REQUIRE(std::abs(fit.scale - 4.0 / 3) <= 1e-5);
          REQUIRE(std::abs(fit.shift) <= 1e-5);
        }
      }
      const std::vector<float> others = images(50);
      const doubles expected = reference.run(others);
      const doubles outputs = corrected(target, corrections).run(others);
      double worst = 0;
      for (std::size_t i = 0; i < outputs.size(); ++i)
        worst = std::max(worst, std::abs(outputs[i] - expected[i]));
      REQUIRE(worst <= 1e-4);
      REQUIRE(corrections.back().node == "dense");
      REQUIRE(corrections.back().mac == three_quarters.name());
    }
  }
}

TEST_CASE("the reference calibrated against itself is left alone; a rule's layer is calibrated too") {
  const network net = small_network(true);
  const session reference(net, float32);
  for (const auto scope : {calibration_scope::layer_scale, calibration_scope::channel_scale,
                           calibration_scope::channel_affine}) {
    const auto corrections = calibrate(reference, reference, 20, image, plan_of(scope));
    for (const layer_correction& site : corrections) REQUIRE(site.is_identity());
  }
  const mac_rule rules[] = {{"depthwise", &three_quarters}};
  const session mixed(net, float32, batch_norm_mode::fold, rules);
  const auto corrections = calibrate(reference, mixed, 20, image, plan_of(calibration_scope::channel_scale));
  REQUIRE(corrections[0].is_identity());
  REQUIRE(corrections[0].mac == float32.name());
  REQUIRE(corrections[1].mac == three_quarters.name());
  for (const affine_fit& fit : corrections[1].fits) REQUIRE(fit.scale == Approx(4.0 / 3).epsilon(1e-5));
}

TEST_CASE("a dead channel gets its layer's scale, a dead layer none") {
  random_bits random(9);
  network net("dead.onnx", {2, 5, 6});
  conv2d_layer first = conv(random, 2, 4, 1, false);
  std::fill_n(first.weights.begin() + 18, 18, 0.0);  // channel 1
  conv2d_layer second = conv(random, 4, 4, 4, false);
  std::fill(second.weights.begin(), second.weights.end(), 0.0);
  const std::size_t x = net.add({"first", "Conv", first, {0}});
  net.add({"second", "Conv", second, {x}});
  const session reference(net, float32);
  const session target(net, halved);
  for (const auto scope : {calibration_scope::channel_scale, calibration_scope::channel_affine}) {
    const auto corrections = calibrate(reference, target, 20, image, plan_of(scope));
    REQUIRE(corrections[0].guarded == 1);
    for (const affine_fit& fit : corrections[0].fits) REQUIRE(fit == affine_fit{2, 0});
    REQUIRE(corrections[1].guarded == 4);
    REQUIRE(corrections[1].is_identity());
  }
  // 6 images give the outputs of a fully connected layer six samples each: the layer's scale instead
  const network dense = small_network(false);
  const auto corrections = calibrate(session(dense, float32), session(dense, halved), 6, image,
                                     plan_of(calibration_scope::channel_affine));
  REQUIRE(corrections[0].guarded == 0);
  REQUIRE(corrections[2].guarded == 3);
  for (const affine_fit& fit : corrections[2].fits) REQUIRE(fit == affine_fit{2, 0});
}

namespace {

// Bits, so that −0 differs from 0.
template <Format F>
std::vector<F> outputs_of(const session& net, std::size_t node, const std::vector<float>& all) {
  session::execution run = net.start(all);
  activation_ptr output;
  while (run.node() <= node) output = run.step();
  return in_format<F>(output)->values;
}

template <Format F>
void check_bits(const engine& mac) {
  const network net = small_network(true);
  const session plain(net, mac);
  const std::vector<float> all = images(7);
  const auto corrections =
      calibrate(session(net, float32), plain, 20, image, plan_of(calibration_scope::channel_affine));
  sweep s;
  for (const isa set : all_isas) {
    if (set > detected_isa()) continue;
    const isa_scope scope(set);
    const session packed(net, mac);  // for this instruction set
    const std::vector<F> before = outputs_of<F>(packed, 0, all);
    const session with = corrected(packed, corrections);
    const std::vector<F> after = outputs_of<F>(with, 0, all);
    const std::size_t plane = after.size() / 7 / 4;
    const auto& bias = std::get<conv2d_layer>(net.nodes()[0].operation).bias;
    for (std::size_t i = 0; i < after.size(); ++i) {
      const std::size_t c = i / plane % 4;
      const affine_fit fit = corrections[0].fits[c];
      const double added = rounded_product(bias[c], 1 - fit.scale) + fit.shift;
      const double y = round_to<double>(decode(before[i]));
      const F expected = round_to<F>(decode(rounded_product(fit.scale, y) + added));
      s.check(std::memcmp(&expected, &after[i], sizeof(F)) == 0, [&] { return text(i, y); });
    }
    const isa_scope scalar(isa::scalar);
    REQUIRE(with.run(all) == corrected(session(net, mac), corrections).run(all));
  }
  REQUIRE(s.cases() >= 7 * 4 * 4 * 5);
  REQUIRE(s.report() == passed(s.cases()));
}

}  // namespace

TEST_CASE("a correction is what the header says, to the bit, under every instruction set") {
  check_bits<float>(mitch6);
  check_bits<posit16_1>(posits);
}

TEST_CASE("memory and threads change no bit") {
  const network net = small_network(true, true);
  const session reference(net, float32);
  for (const engine* mac : {static_cast<const engine*>(&mitch6), static_cast<const engine*>(&posits)}) {
    const session target(net, *mac);
    calibration_plan plan = plan_of(calibration_scope::channel_affine);
    const auto expected = calibrate(reference, target, 21, image, plan);
    for (const std::size_t memory : {std::size_t{0}, std::size_t{30000}}) {
      plan.memory = memory;
      plan.threads = 3;
      std::size_t steps = 0;
      const auto spilled =
          calibrate(reference, target, 21, image, plan, [&](std::size_t done, std::size_t total) {
            REQUIRE(done == ++steps);
            REQUIRE(total == net.nodes().size());
          });
      REQUIRE(steps == net.nodes().size());
      REQUIRE(spilled.size() == expected.size());
      for (std::size_t i = 0; i < expected.size(); ++i) REQUIRE(spilled[i].fits == expected[i].fits);
    }
  }
}

TEST_CASE("spilled values are the same, as floats or doubles") {
  const auto file = std::make_shared<spill_file>();
  auto values = std::make_shared<tensor<double>>(2, shape{3});
  values->values = {1.5, -0.0, std::numeric_limits<double>::infinity(), 3, 0x1p-140, -7};
  const activation_ptr floats = spill(values, file);
  values->values[3] = 0.1;
  const activation_ptr doubles_ = spill(values, file);
  REQUIRE(floats->dimensions() == shape{3});
  REQUIRE(floats->batch() == 2);
  for (std::size_t i = 0; i < 6; ++i) {
    REQUIRE(doubles_->value(i) == decode(values->values[i]));
    REQUIRE(floats->value(i) == decode(i == 3 ? 3 : values->values[i]));
  }
  REQUIRE(std::signbit(in_format<double>(floats)->values[1]));
  doubles some(2);
  doubles_->read(3, some);
  REQUIRE(some == doubles{0.1, 0x1p-140});
}

TEST_CASE("corrections by hand: identities change no bit, channels that are not first") {
  const network net = small_network(true);
  const session plain(net, mitch6);
  const std::vector<float> all = images(3);
  std::vector<layer_correction> corrections = {{"conv", "Conv", "", 4, {{1, 0}, {2, 0.5}, {1, 0}, {1, 0}}, 0},
                                               {"depthwise", "Conv", "", 4, {{1, 0}}, 0},
                                               {"dense", "Gemm", "", 3, {{1, 0}}, 0}};
  const auto before = outputs_of<float>(plain, 0, all);
  const auto after = outputs_of<float>(corrected(plain, corrections), 0, all);
  const std::size_t plane = before.size() / 12;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (i / plane % 4 != 1) REQUIRE(std::memcmp(&before[i], &after[i], sizeof(float)) == 0);
  }
  REQUIRE(before != after);

  // 2 rows of 3 features
  random_bits random(3);
  network rows("rows.onnx", {2, 5});
  rows.add({"dense", "MatMul", fully_connected_layer{5, 3, random_values(random, 15), {}}, {0}});
  session scaled(rows, float32);
  apply_corrections(scaled, std::vector<layer_correction>{{"dense", "", "", 3, {{2, 0}, {4, 0}, {1, 1}}, 0}},
                    "f");
  const std::vector<float> inputs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  const doubles y = session(rows, float32).run(inputs);
  REQUIRE(scaled.run(inputs) == doubles{2 * y[0], 4 * y[1], static_cast<float>(y[2] + 1), 2 * y[3], 4 * y[4],
                                        static_cast<float>(y[5] + 1)});
}

TEST_CASE("what does not fit is refused") {
  const network net = small_network(true);
  const session reference(net, float32);
  session target(net, mitch6);
  const calibration_plan plan = plan_of(calibration_scope::channel_scale);
  REQUIRE_THROWS_MATCHES(calibrate(reference, target, 0, image, plan), shape_error,
                         Message("calibrate: no images"));
  REQUIRE_THROWS_MATCHES(
      calibrate(reference, session(net, mitch6, batch_norm_mode::exact), 1, image, plan), shape_error,
      Message("calibrate: reference and target are not the same network under the same batch norm mode"));
  calibration_plan median = plan_of(calibration_scope::channel_affine);
  median.estimator = fit_estimator::median;
  REQUIRE_THROWS_MATCHES(
      calibrate(reference, target, 5, image, median), name_error,
      Message("the estimator median gives no shift; affine takes moments or least-squares"));
  REQUIRE_THROWS_MATCHES(
      calibrate(
          reference, target, 2, [](std::size_t) { return std::vector<float>(7); }, plan),
      shape_error, Message("small.onnx takes images of 2 x 5 x 6; image 0 to calibrate with has 7 values"));
  REQUIRE_THROWS_MATCHES(calibration_scope_of("pixel"), name_error,
                         Message("unknown calibration 'pixel'; expected layer, channel or affine"));

  auto corrections = calibrate(reference, target, 20, image, plan);
  const std::string other = "; is it of another model, or of another batch norm mode?";
  corrections[1].channels = 5;
  REQUIRE_THROWS_MATCHES(
      apply_corrections(target, corrections, "c.json"), model_error,
      Message("c.json: layer 1 is depthwise with 5 channels; that of small.onnx is depthwise "
              "with 4" +
              other));
  corrections.pop_back();
  REQUIRE_THROWS_MATCHES(apply_corrections(target, corrections, "c.json"), model_error,
                         Message("c.json: corrections of 2 layers; small.onnx has 3 that multiply" + other));
}
