// session: patterns and rules, a MAC a layer against computation by hand, batches, and values that live long enough.
#include <napier/network/session.hpp>

#include <catch2/catch.hpp>
#include <cstddef>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <napier/accumulators/quire.hpp>
#include <napier/formats/minifloat.hpp>
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

using float32 = mac<float, exact, native<float>>;
using float32_mitch6 = mac<float, mitch<6>, native<float>>;
using bfloat16_mitchell = mac<bfloat16, mitchell, native<float>>;
using posit_plam = mac<posit<16, 1>, plam, quire<posit<16, 1>>>;

const mac_engine<float32> reference;
const mac_engine<float32_mitch6> mitch6;
const mac_engine<bfloat16_mitchell> bfloat;
const mac_engine<posit_plam> posits;

doubles random_values(random_bits& random, std::size_t count) {
  doubles result(count);
  for (double& x : result) x = static_cast<double>(random() >> 11) / 0x1p52 - 1;
  return result;
}

std::vector<float> random_images(random_bits& random, std::size_t count) {
  const doubles values = random_values(random, count);
  return {values.begin(), values.end()};
}

conv2d_layer conv(random_bits& random, std::size_t in, std::size_t out) {
  conv2d_parameters p;
  p.kernel_height = p.kernel_width = 3;
  p.pad_top = p.pad_left = p.pad_bottom = p.pad_right = 1;
  return {p, in, out, random_values(random, out * in * 9), random_values(random, out)};
}

batch_norm_layer norm(random_bits& random, std::size_t channels) {
  return {random_values(random, channels), random_values(random, channels), random_values(random, channels),
          doubles(channels, 0.7), 1e-5};
}

// conv1 relu1 conv2 add(relu1) bn pool flatten dense: of every kind that the tests choose between.
network small_network(random_bits& random) {
  network net("small.onnx", {2, 5, 5});
  net.add({"conv1", "Conv", conv(random, 2, 3), {0}});
  net.add({"relu1", "Relu", relu_layer{}, {1}});
  net.add({"conv2", "Conv", conv(random, 3, 3), {2}});
  net.add({"add", "Add", add_layer{}, {3, 2}});
  net.add({"bn", "BatchNormalization", norm(random, 3), {4}});
  net.add({"pool", "GlobalAveragePool", global_average_pool_layer{}, {5}});
  net.add({"flat", "Flatten", reshape_layer{{3}}, {6}});
  net.add({"dense",
           "Gemm",
           fully_connected_layer{3, 4, random_values(random, 12), random_values(random, 4)},
           {7}});
  return net;
}

std::string macs_of(const session& net) {
  std::string result;
  for (std::size_t i = 0; i < net.running_network().nodes().size(); ++i) {
    const std::string& name = net.mac_of(i);
    result += name == reference.name() ? "r"
              : name == mitch6.name()  ? "m"
              : name == bfloat.name()  ? "b"
                                       : "p";
  }
  return result;
}

template <class To, class From>
std::vector<To> converted(const std::vector<From>& values) {
  std::vector<To> result;
  for (const From& x : values) result.push_back(round_to<To>(decode(x)));
  return result;
}

// One image through one convolution by its own function.
template <class M>
std::vector<typename M::format> convolved(const conv2d_layer& layer,
                                          const std::vector<typename M::format>& image, std::size_t size) {
  using F = typename M::format;
  const auto w = converted<F>(layer.weights);
  const auto b = converted<typename M::bias_type>(layer.bias);
  std::vector<F> result(layer.out_channels * size * size);
  conv2d<M>(layer.parameters, {image.data(), 1, layer.in_channels, size, size},
            {w.data(), layer.out_channels, layer.in_channels, 3, 3}, b,
            {result.data(), 1, layer.out_channels, size, size});
  return result;
}

}  // namespace

TEST_CASE("patterns") {
  struct row {
    const char* pattern;
    const char* text;
    bool expected;
  };
  const std::vector<row> rows{
      {"conv1", "conv1", true},
      {"conv1", "conv", false},
      {"conv", "conv1", false},
      {"CONV1", "conv1", true},
      {"conv1", "CoNv1", true},
      {"conv*", "conv1", true},
      {"conv*", "conv", true},
      {"conv*", "xconv1", false},
      {"*conv", "xconv", true},
      {"*conv", "xconvx", false},
      {"*conv*", "xconvx", true},
      {"*", "", true},
      {"*", "anything", true},
      {"**", "", true},
      {"", "", true},
      {"", "a", false},
      {"a", "", false},
      {"?", "", false},
      {"?", "a", true},
      {"?", "ab", false},
      {"c?nv", "conv", true},
      {"c?nv", "cnv", false},
      {"a*b*c", "abc", true},
      {"a*b*c", "aXbYbZc", true},
      {"a*b*c", "aXbYbZ", false},
      {"a*b*c", "ac", false},
      {"*a*a*", "a", false},
      {"*a*a*", "aa", true},
      {"*aab", "aaaab", true},
      {"*?", "", false},
      {"?*", "x", true},
      {"*?*?*", "x", false},
      {"*?*?*", "xy", true},
      {"a.c", "abc", false},
      {"[ab]", "a", false},
      {"/layer1/*/conv", "/layer1/0/conv", true},
      {"a*", "b", false},
      {"***a***", "bab", true},
      {"a?c*e", "abcde", true},
      {"a?c*e", "abcd", false},
      {"\xc3\x84", "\xc3\x84", true},
      {"*", "*", true},
      {"?conv", "*conv", true},
  };
  for (const row& r : rows) {
    INFO(r.pattern << " against " << r.text);
    CHECK(matches_pattern(r.pattern, r.text) == r.expected);
  }
  // Backtracking is quadratic at worst: this ends at once.
  const std::string many(20000, 'a');
  CHECK_FALSE(matches_pattern("*a*a*a*a*a*a*a*a*a*a*a*a*b", many));
  CHECK(matches_pattern("*a*a*a*a*a*a*a*a*a*a*a*a*", many));
}

TEST_CASE(
    "patterns, all of up to four letters against all texts of up to four, and a definition by recursion") {
  // Definition: the first letter decides.
  struct by_definition {
    static bool matches(std::string_view p, std::string_view t) {
      if (p.empty()) return t.empty();
      if (p[0] == '*') return matches(p.substr(1), t) || (!t.empty() && matches(p, t.substr(1)));
      return !t.empty() && (p[0] == '?' || p[0] == t[0]) && matches(p.substr(1), t.substr(1));
    }
  };
  const auto all_words = [](std::string_view letters) {
    std::vector<std::string> words{""};
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (words[i].size() == 4) continue;
      for (const char c : letters) words.push_back(words[i] + c);
    }
    return words;
  };
  sweep s;
  for (const std::string& pattern : all_words("ab*?")) {
    for (const std::string& word : all_words("ab")) {
      s.check(matches_pattern(pattern, word) == by_definition::matches(pattern, word),
              [&] { return pattern + " against " + word; });
    }
  }
  REQUIRE(s.report() == passed((1 + 4 + 16 + 64 + 256) * (1 + 2 + 4 + 8 + 16)));
}

TEST_CASE("rules: by node name or operator type, the last match wins") {
  random_bits random(1);
  const network net = small_network(random);
  const auto chosen = [&](const std::vector<mac_rule>& rules) {
    return macs_of(session(net, reference, batch_norm_mode::exact, rules));
  };
  CHECK(chosen({}) == "rrrrrrrr");
  CHECK(chosen({{"conv1", &mitch6}}) == "mrrrrrrr");
  CHECK(chosen({{"conv*", &mitch6}}) == "mrmrrrrr");
  CHECK(chosen({{"CONV", &mitch6}}) == "mrmrrrrr");  // the operator type
  CHECK(chosen({{"Gemm", &bfloat}, {"Conv", &posits}}) == "prprrrrb");
  CHECK(chosen({{"conv2", &bfloat}, {"Conv", &posits}}) == "prprrrrr");
  CHECK(chosen({{"Conv", &posits}, {"conv2", &bfloat}}) == "prbrrrrr");
  CHECK(chosen({{"*", &mitch6}, {"bn", &reference}, {"?dd", &posits}}) == "mmmprmmm");

  // Folded, the batch norm is no node that runs.
  network folding("folding.onnx", {2, 5, 5});
  folding.add({"conv1", "Conv", conv(random, 2, 3), {0}});
  folding.add({"bn1", "BatchNormalization", norm(random, 3), {1}});
  folding.add({"relu1", "Relu", relu_layer{}, {2}});
  const std::vector<mac_rule> rules{{"relu1", &posits}, {"conv1", &bfloat}};
  CHECK(macs_of(session(folding, reference, batch_norm_mode::approximate, rules)) == "brp");
  CHECK(macs_of(session(folding, reference, batch_norm_mode::exact, rules)) == "brp");
  CHECK(macs_of(session(folding, reference, batch_norm_mode::fold, rules)) == "bp");
  CHECK(session(folding, reference).running_network().nodes().size() == 2);
  const std::vector<mac_rule> folded_away{{"bn*", &posits}};
  CHECK(macs_of(session(folding, reference, batch_norm_mode::approximate, folded_away)) == "rpr");
  CHECK_THROWS_MATCHES(
      session(folding, reference, batch_norm_mode::fold, folded_away), name_error,
      Message("folding.onnx: 'bn*' matches batch norms alone that are folded into convolutions; "
              "batch norm approximate keeps them"));
  const std::vector<mac_rule> without_mac{{"*", nullptr}};
  CHECK_THROWS_AS(session(folding, reference, batch_norm_mode::fold, without_mac), name_error);
}

TEST_CASE("sessions share a network that is folded once") {
  random_bits random(11);
  network net("folded.onnx", {2, 5, 5});
  net.add({"conv1", "Conv", conv(random, 2, 3), {0}});
  net.add({"bn1", "BatchNormalization", norm(random, 3), {1}});
  const auto folded = std::make_shared<const network>(fold_batch_norms(net));
  const std::vector<float> images = random_images(random, 50);
  const std::vector<mac_rule> rules{{"conv*", &bfloat}};
  const session shared(folded, mitch6, batch_norm_mode::fold, rules);
  const session other(folded, mitch6, batch_norm_mode::fold);
  CHECK(&shared.running_network() == folded.get());
  CHECK(&other.running_network() == folded.get());
  CHECK(shared.run(images) == session(net, mitch6, batch_norm_mode::fold, rules).run(images));
  CHECK(other.run(images) == session(net, mitch6).run(images));
  CHECK(shared.run(images) != other.run(images));

  const std::vector<mac_rule> of_norms{{"bn*", &bfloat}};
  CHECK_THROWS_AS(session::check_rules(of_norms, *folded, net), name_error);
  CHECK_NOTHROW(session::check_rules(of_norms, net, net));
}

TEST_CASE("a rule that matches nothing lists the nodes") {
  random_bits random(2);
  const network net = small_network(random);
  const std::vector<mac_rule> rules{{"conv*", &mitch6}, {"convolution*", &mitch6}};
  CHECK_THROWS_MATCHES(
      session(net, reference, batch_norm_mode::fold, rules), name_error,
      Message("small.onnx: no node's name or operator type matches 'convolution*'; the nodes are "
              "conv1, relu1, conv2, add, bn, pool, flat, dense"));
}

TEST_CASE("one MAC a layer, by hand") {
  random_bits random(3);
  const network net = small_network(random);
  const std::vector<mac_rule> rules{{"conv1", &bfloat}, {"conv2", &posits}, {"dense", &mitch6}};
  const session run(net, reference, batch_norm_mode::approximate, rules);
  REQUIRE(macs_of(run) == "brprrrrm");
  const std::vector<float> image = random_images(random, 50);

  const auto layer_of = [&](std::size_t node) -> const layer& { return net.nodes()[node].operation; };
  const auto conv1 =
      convolved<bfloat16_mitchell>(std::get<conv2d_layer>(layer_of(0)), converted<bfloat16>(image), 5);
  std::vector<float> relu1 = converted<float>(conv1);
  for (float& x : relu1) x = x > 0 ? x : 0;
  const auto conv2 =
      convolved<posit_plam>(std::get<conv2d_layer>(layer_of(2)), converted<posit<16, 1>>(relu1), 5);
  std::vector<float> sum = converted<float>(conv2);
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += relu1[i];
  const auto& bn = std::get<batch_norm_layer>(layer_of(4));
  const batch_norm_affine affine = affine_of({bn.gamma, bn.beta, bn.mean, bn.variance, bn.epsilon});
  std::vector<float> pooled(3);
  for (std::size_t c = 0; c < 3; ++c) {
    const auto scale = static_cast<float>(affine.scale[c]);
    const auto shift = static_cast<float>(affine.shift[c]);
    float total = 0;
    for (std::size_t i = 0; i < 25; ++i) {
      const volatile float product = scale * sum[c * 25 + i];  // volatile: never fused
      const volatile float normed = product + shift;
      total += normed;
    }
    pooled[c] = total / 25;
  }
  const auto& dense = std::get<fully_connected_layer>(layer_of(7));
  const auto w = converted<float>(dense.weights);
  const auto b = converted<float>(dense.bias);
  std::vector<float> outputs(4);
  fully_connected<float32_mitch6>({pooled.data(), 1, 3}, {w.data(), 4, 3}, b, {outputs.data(), 1, 4});

  CHECK(run.run(image) == doubles(outputs.begin(), outputs.end()));
  CHECK(run.run(image) != session(net, reference, batch_norm_mode::approximate).run(image));
}

TEST_CASE("a batch is its images one by one, under any MAC, batch norm and number of threads") {
  random_bits random(4);
  const network net = small_network(random);
  const std::vector<float> images = random_images(random, 5 * 50);
  sweep s;
  for (const engine* mac : {static_cast<const engine*>(&reference), static_cast<const engine*>(&bfloat),
                            static_cast<const engine*>(&posits)}) {
    for (const auto mode : {batch_norm_mode::fold, batch_norm_mode::exact, batch_norm_mode::approximate}) {
      const session run(net, *mac, mode);
      const doubles batch = run.run(images);
      doubles one_by_one;
      for (std::size_t i = 0; i < 5; ++i) {
        const doubles one = run.run(std::span(images).subspan(i * 50, 50));
        one_by_one.insert(one_by_one.end(), one.begin(), one.end());
      }
      s.check(batch.size() == 20 && batch == one_by_one, [&] { return mac->name(); });

      std::vector<doubles> results(4);
      {
        std::vector<std::jthread> threads;
        for (doubles& result : results) threads.emplace_back([&] { result = run.run(images); });
      }
      for (const doubles& result : results)
        s.check(result == batch, [&] { return mac->name() + ", threads"; });
    }
  }
  REQUIRE(s.report() == passed(9 * 5));
  CHECK(session(net, reference).run({}).empty());
}

TEST_CASE("outputs are exactly the values of the format") {
  network net("n", {2});
  net.add({"r", "Reshape", reshape_layer{{2}}, {0}});
  const std::vector<float> image{0.1F, std::numeric_limits<float>::quiet_NaN()};
  const doubles result = session(net, bfloat).run(image);
  CHECK(result[0] == 0.10009765625);
  CHECK(result[1] != result[1]);
  CHECK(session(net, posits).run(image)[0] == static_cast<double>(posit<16, 1>{0.1F}));
}

TEST_CASE("a value lives until its last reader") {
  // x is read by the first and by the last node, one in the middle twice by the same node, another by nobody.
  network net("n", {2});
  net.add({"relu", "Relu", relu_layer{}, {0}});               // 1
  net.add({"double", "Add", add_layer{}, {1, 1}});            // 2
  net.add({"nobody", "Tanh", tanh_layer{}, {2}});             // 3
  net.add({"join", "Concat", concat_layer{}, {2, 1, 0, 2}});  // 4
  net.add({"again", "Concat", concat_layer{}, {0, 4}});       // 5
  const session run(net, reference);
  CHECK(run.run(std::vector<float>{3, -5}) == doubles{3, -5, 6, 0, 3, 0, 3, -5, 6, 0});
  CHECK(run.run(std::vector<float>{1, 2, -3, 4}) ==
        doubles{1, 2, 2, 4, 1, 2, 1, 2, 2, 4, -3, 4, 0, 8, 0, 4, -3, 4, 0, 8});

  // The output may be any value, the input among them, and be read by later nodes as well.
  const auto output_is = [&](std::size_t value) {
    network other = net;
    other.set_output(value);
    return session(other, reference).run(std::vector<float>{3, -5});
  };
  CHECK(output_is(0) == doubles{3, -5});
  CHECK(output_is(1) == doubles{3, 0});
  CHECK(output_is(2) == doubles{6, 0});
  CHECK(output_is(4) == doubles{6, 0, 3, 0, 3, -5, 6, 0});
  CHECK(session(network("empty", {2}), posits).run(std::vector<float>{3, -5}) == doubles{3, -5});
}

TEST_CASE("images of another size") {
  random_bits random(5);
  const session run(small_network(random), reference);
  CHECK_THROWS_MATCHES(run.run(std::vector<float>(49)), shape_error,
                       Message("small.onnx: 49 values are no whole number of 2 x 5 x 5 images"));
  CHECK_THROWS_AS(run.run(std::vector<float>(101)), shape_error);
  CHECK(run.run(std::vector<float>(100)).size() == 8);
}

TEST_CASE("step by step: what each node reads and writes, and outputs that are replaced") {
  random_bits random(6);
  const network net = small_network(random);
  const std::vector<mac_rule> rules{{"conv2", &posits}};
  const session run(net, mitch6, batch_norm_mode::approximate, rules);
  CHECK(run.mode() == batch_norm_mode::approximate);
  CHECK(&run.engine_of(0) == &mitch6);
  CHECK(&run.engine_of(2) == &posits);
  const std::vector<float> images = random_images(random, 2 * 50);

  session::execution steps = run.start(images);
  session::execution replaced = run.start(images);
  activation_ptr relu1;
  std::size_t same = 0;
  for (std::size_t node = 0; node < net.nodes().size(); ++node) {
    REQUIRE_FALSE(steps.is_finished());
    CHECK(steps.node() == node);
    const std::vector<activation_ptr> inputs(steps.inputs().begin(), steps.inputs().end());
    CHECK(inputs.size() == net.nodes()[node].inputs.size());
    const activation_ptr alone = run.run_node(node, inputs);
    const activation_ptr output = steps.step();
    if (node == 1) relu1 = output;
    if (node == 3) CHECK(inputs[1] == relu1);  // the very same values
    CHECK(output->dimensions() == net.shape_of(node + 1));
    bool equal = output->batch() == 2 && output->size() == alone->size();
    for (std::size_t i = 0; equal && i < output->size(); ++i) equal = output->value(i) == alone->value(i);
    same += equal ? 1 : 0;
    if (node == 4) {
      replaced.step(relu1);  // of the batch norm's shape
    } else {
      replaced.step();
    }
  }
  CHECK(same == net.nodes().size());
  CHECK(steps.is_finished());
  CHECK(steps.outputs() == run.run(images));
  CHECK(replaced.is_finished());
  CHECK(replaced.outputs() != run.run(images));
  CHECK(replaced.outputs().size() == 8);
}

TEST_CASE("element by element, memory that nobody else reads is written over, and no other") {
  random_bits random(7);
  network net("chain.onnx", {2, 5, 5});
  net.add({"conv", "Conv", conv(random, 2, 2), {0}});
  net.add({"relu1", "Relu", relu_layer{}, {1}});
  net.add({"relu2", "Relu", relu_layer{}, {2}});
  net.add({"add1", "Add", add_layer{}, {2, 3}});
  net.add({"add2", "Add", add_layer{}, {4, 4}});
  const session run(net, reference);
  const std::vector<float> images = random_images(random, 2 * 50);

  // All values kept: what each node read is as it was.
  std::vector<activation_ptr> kept;
  std::vector<doubles> as_they_were;
  const auto values_of = [](const activation_ptr& all) {
    doubles values(all->size());
    all->read(0, values);
    return values;
  };
  session::execution steps = run.start(images);
  while (!steps.is_finished()) {
    kept.push_back(steps.step());
    as_they_were.push_back(values_of(kept.back()));
  }
  for (std::size_t i = 0; i < kept.size(); ++i) CHECK(values_of(kept[i]) == as_they_were[i]);
  const doubles expected = steps.outputs();
  CHECK(run.run(images) == expected);

  // Nothing kept: relu1 has conv's memory; relu2 has not relu1's, which add1 reads too.
  session::execution alone = run.start(images);
  const activation* conv_output = alone.step().get();
  const activation* relu1 = alone.step().get();
  CHECK(relu1 == conv_output);
  const activation* relu2 = alone.step().get();
  CHECK(relu2 != relu1);
  const activation* add1 = alone.step().get();
  CHECK((add1 == relu1 || add1 == relu2));
  CHECK(alone.step().get() != add1);
  CHECK(alone.outputs() == expected);
}
