// fold_batch_norms: which batch norms go, what the convolutions become, and that the network computes the same.
#include <napier/network/fold.hpp>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include <napier/mac/mac.hpp>
#include <napier/network/session.hpp>

#include "network/engines.hpp"
#include "oracle/sweep.hpp"

using namespace napier;
using doubles = std::vector<double>;
using sizes = std::vector<std::size_t>;

namespace {

doubles random_values(random_bits& random, std::size_t count, double low, double high) {
  doubles result(count);
  for (double& x : result) x = low + (high - low) * static_cast<double>(random() >> 11) / 0x1p53;
  return result;
}

conv2d_layer conv(random_bits& random, std::size_t in, std::size_t out, std::size_t kernel, bool has_bias,
                  std::size_t groups = 1) {
  conv2d_parameters p;
  p.kernel_height = p.kernel_width = kernel;
  p.pad_top = p.pad_left = p.pad_bottom = p.pad_right = kernel / 2;
  p.groups = groups;
  return {p, in, out, random_values(random, out * (in / groups) * kernel * kernel, -1, 1),
          has_bias ? random_values(random, out, -1, 1) : doubles{}};
}

batch_norm_layer norm(random_bits& random, std::size_t channels) {
  return {random_values(random, channels, -2, 2), random_values(random, channels, -1, 1),
          random_values(random, channels, -1, 1), random_values(random, channels, 0.1, 3), 1e-3};
}

std::string names(const network& net) {
  std::string result;
  for (const network_node& node : net.nodes()) {
    result += node.name + "(";
    for (const std::size_t value : node.inputs) result += std::to_string(value);
    result += ") ";
  }
  return result;
}

// In FP64 throughout, batch norms exact: nothing but the fold's own rounding errors differ.
bool computes_the_same(const network& net, random_bits& random) {
  const mac_engine<mac<double, exact, native<double>>> float64;
  const doubles pixels = random_values(random, 3 * element_count(net.input_shape()), -1, 1);
  const std::vector<float> images(pixels.begin(), pixels.end());
  const doubles expected = session(net, float64, batch_norm_mode::exact).run(images);
  const doubles folded = session(net, float64, batch_norm_mode::fold).run(images);
  double largest = 0;
  double worst = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    largest = std::max(largest, std::abs(expected[i]));
    const double difference = std::abs(folded.at(i) - expected[i]);
    worst = difference <= worst ? worst : difference;  // NaN wins
  }
  return folded.size() == expected.size() && largest > 0.01 && worst <= 1e-13 * largest;
}

}  // namespace

TEST_CASE("a convolution takes the batch norm after it: w γ / √(σ² + ε), (b − μ) γ / √(σ² + ε) + β") {
  random_bits random(1);
  sweep s;
  for (const bool has_bias : {false, true}) {
    for (const std::size_t groups : {1, 2, 4}) {
      const conv2d_layer original = conv(random, 4, 8, 3, has_bias, groups);
      const batch_norm_layer bn = norm(random, 8);
      network net("n", {4, 5, 5});
      net.add({"c", "Conv", original, {0}});
      net.add({"b", "BatchNormalization", bn, {1}});
      const network folded = fold_batch_norms(net);
      REQUIRE(folded.nodes().size() == 1);
      CHECK(folded.nodes()[0].name == "c");
      CHECK(folded.nodes()[0].operator_type == "Conv");
      CHECK(folded.source() == "n");
      CHECK(folded.output() == 1);
      const auto& made = std::get<conv2d_layer>(folded.nodes()[0].operation);
      REQUIRE(made.bias.size() == 8);
      REQUIRE(made.weights.size() == original.weights.size());
      const std::size_t rest = made.weights.size() / 8;
      for (std::size_t o = 0; o < 8; ++o) {
        const long double scale = bn.gamma[o] / std::sqrt(static_cast<long double>(bn.variance[o]) + 1e-3L);
        const long double before = has_bias ? original.bias[o] : 0;
        const long double bias = (before - bn.mean[o]) * scale + bn.beta[o];
        s.check(std::abs(made.bias[o] - bias) <= 1e-14L, [&] { return text(groups, o); });
        for (std::size_t i = 0; i < rest; ++i) {
          const long double w = original.weights[o * rest + i] * scale;
          s.check(std::abs(made.weights[o * rest + i] - w) <= 1e-15L * std::abs(w),
                  [&] { return text(groups, o, i); });
        }
      }
      CHECK(computes_the_same(net, random));
      // the original is as it was
      CHECK(std::get<conv2d_layer>(net.nodes()[0].operation).weights == original.weights);
      CHECK(net.nodes().size() == 2);
    }
  }
  REQUIRE(s.report() == passed(2 * (3 * 8 + 8 * 9 * (4 + 2 + 1))));
}

TEST_CASE("batch norms that stay") {
  random_bits random(2);
  network net("n", {2, 4, 4});
  SECTION("on the input") {
    net.add({"b", "BatchNormalization", norm(random, 2), {0}});
    net.add({"c", "Conv", conv(random, 2, 2, 3, true), {1}});
    CHECK(names(fold_batch_norms(net)) == "b(0) c(1) ");
  }
  SECTION("after a convolution that another node reads, too") {
    net.add({"c", "Conv", conv(random, 2, 2, 3, true), {0}});
    net.add({"b", "BatchNormalization", norm(random, 2), {1}});
    net.add({"a", "Add", add_layer{}, {1, 2}});
    CHECK(names(fold_batch_norms(net)) == "c(0) b(1) a(12) ");
  }
  SECTION("two after one convolution") {
    net.add({"c", "Conv", conv(random, 2, 2, 3, true), {0}});
    net.add({"b1", "BatchNormalization", norm(random, 2), {1}});
    net.add({"b2", "BatchNormalization", norm(random, 2), {1}});
    net.add({"a", "Add", add_layer{}, {2, 3}});
    CHECK(names(fold_batch_norms(net)) == "c(0) b1(1) b2(1) a(23) ");
  }
  SECTION("after a convolution that is the network's output") {
    net.add({"c", "Conv", conv(random, 2, 2, 3, true), {0}});
    net.add({"b", "BatchNormalization", norm(random, 2), {1}});
    net.set_output(1);
    CHECK(names(fold_batch_norms(net)) == "c(0) b(1) ");
    CHECK(fold_batch_norms(net).output() == 1);
  }
  SECTION("after an addition, an activation, a batch norm that was folded") {
    net.add({"c", "Conv", conv(random, 2, 2, 3, true), {0}});
    net.add({"b1", "BatchNormalization", norm(random, 2), {1}});
    net.add({"b2", "BatchNormalization", norm(random, 2), {2}});
    net.add({"a", "Add", add_layer{}, {3, 0}});
    net.add({"b3", "BatchNormalization", norm(random, 2), {4}});
    net.add({"r", "Relu", relu_layer{}, {5}});
    net.add({"b4", "BatchNormalization", norm(random, 2), {6}});
    CHECK(names(fold_batch_norms(net)) == "c(0) b2(1) a(20) b3(3) r(4) b4(5) ");
  }
  SECTION("after a fully connected layer") {
    net.add({"f", "Flatten", reshape_layer{{32}}, {0}});
    net.add({"d", "Gemm", fully_connected_layer{32, 3, random_values(random, 96, -1, 1), {}}, {1}});
    net.add({"b", "BatchNormalization", norm(random, 3), {2}});
    CHECK(names(fold_batch_norms(net)) == "f(0) d(1) b(2) ");
  }
}

TEST_CASE("a network without batch norms stays as it is") {
  random_bits random(3);
  network net("n", {2, 4, 4});
  net.add({"c", "Conv", conv(random, 2, 2, 3, false), {0}});
  net.add({"r", "Relu", relu_layer{}, {1}});
  net.set_output(1);
  const network folded = fold_batch_norms(net);
  CHECK(names(folded) == "c(0) r(1) ");
  CHECK(folded.output() == 1);
  CHECK(std::get<conv2d_layer>(folded.nodes()[0].operation).bias.empty());
  CHECK(fold_batch_norms(network("empty", {3})).output() == 0);
}

TEST_CASE("a residual network") {
  random_bits random(4);
  network net("resnet", {2, 6, 6});
  net.add({"conv0", "Conv", conv(random, 2, 4, 3, false), {0}});      // 1
  net.add({"bn0", "BatchNormalization", norm(random, 4), {1}});       // 2
  net.add({"relu0", "Relu", relu_layer{}, {2}});                      // 3
  net.add({"conv1", "Conv", conv(random, 4, 8, 3, false), {3}});      // 4
  net.add({"short", "Conv", conv(random, 4, 8, 1, true), {3}});       // 5
  net.add({"bn1", "BatchNormalization", norm(random, 8), {4}});       // 6
  net.add({"bn_short", "BatchNormalization", norm(random, 8), {5}});  // 7
  net.add({"relu1", "Relu", relu_layer{}, {6}});                      // 8
  net.add({"conv2", "Conv", conv(random, 8, 8, 3, false, 8), {8}});   // 9
  net.add({"bn2", "BatchNormalization", norm(random, 8), {9}});       // 10
  net.add({"add", "Add", add_layer{}, {10, 7}});                      // 11
  net.add({"bn3", "BatchNormalization", norm(random, 8), {11}});      // 12: stays
  net.add({"pool", "GlobalAveragePool", global_average_pool_layer{}, {12}});
  const network folded = fold_batch_norms(net);
  CHECK(names(folded) == "conv0(0) relu0(1) conv1(2) short(2) relu1(3) conv2(5) add(64) bn3(7) pool(8) ");
  CHECK(folded.output() == 9);
  CHECK(folded.output_shape() == shape{8, 1, 1});
  CHECK(folded.input_shape() == net.input_shape());
  // With mode fold the batch norm that stays is approximate: under an exact multiplier in FP64 it is as good as exact.
  CHECK(computes_the_same(net, random));

  SECTION("the output may be any value, a folded batch norm among them") {
    const sizes expected{0, 1, 1, 2, 3, 4, 3,
                         4, 5, 6, 6, 7, 8, 9};  // of each original value, where it is not lost
    std::size_t checked = 0;
    for (std::size_t value = 0; value < expected.size(); ++value) {
      if (value == 1 || value == 4 || value == 5 || value == 9)
        continue;  // as outputs these keep their batch norm
      net.set_output(value);
      const network other = fold_batch_norms(net);
      CHECK(other.output() == expected[value]);
      CHECK(other.output_shape() == net.output_shape());
      if (value > 0) CHECK(computes_the_same(net, random));
      ++checked;
    }
    CHECK(checked == 10);
    for (const std::size_t value : sizes{1, 4, 5, 9}) {
      net.set_output(value);
      CHECK(fold_batch_norms(net).nodes().size() == 10);
      CHECK(computes_the_same(net, random));
    }
  }
}
