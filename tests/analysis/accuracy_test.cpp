// evaluate, evaluate_together and compare: shares and errors worked out by hand, any number of threads, what goes wrong in a worker.
#include <napier/analysis/accuracy.hpp>
#include <napier/analysis/evaluate.hpp>
#include <napier/analysis/evaluate_together.hpp>
#include <napier/analysis/scores.hpp>

#include <atomic>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <napier/mac/mac.hpp>

#include "network/engines.hpp"
#include "oracle/sweep.hpp"

using namespace napier;
using Catch::Message;
using doubles = std::vector<double>;

namespace {

constexpr double NaN = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

const mac_engine<mac<float, exact, native<float>>> float32;

// `count` images of 2 × 1 × 2 pixels, pixel i of the set has the value i modulo 256.
image_set made_up_images(std::size_t count) {
  image_set set{"made up", count, 2, 1, 2, 3, {}, {}};
  for (std::size_t i = 0; i < count * 4; ++i) set.pixels.push_back(static_cast<std::uint8_t>(i));
  for (std::size_t i = 0; i < count; ++i) set.labels.push_back(static_cast<std::uint16_t>(i % 3));
  return set;
}

// Returns its pixels.
network echo() {
  network net("echo.onnx", {2, 1, 2});
  net.add({"flat", "Flatten", reshape_layer{{4}}, {0}});
  return net;
}

evaluation made_up_run(std::size_t classes, const doubles& outputs) {
  return {outputs.size() / classes, classes, outputs, 0};
}

// Fails on the image whose first input is `poison`.
class failing_engine final : public engine {
 public:
  explicit failing_engine(float poison) : poison_(poison) {}
  std::string name() const override { return "failing"; }
  std::string format_name() const override { return "float32"; }
  format_kind kind() const override { return format_kind::floating; }
  compiled_layer compile(const layer& operation, const shape& output, batch_norm_mode mode) const override {
    return [inner = float32.compile(operation, output, mode),
            poison = poison_](std::span<const activation_ptr> x) {
      if (round_to<float>(x[0]->value(0)) == poison) throw std::runtime_error("poisoned image");
      return inner(x);
    };
  }

 private:
  float poison_;
};

}  // namespace

TEST_CASE("rank: larger outputs, and equal ones of a lower index, come before") {
  const doubles outputs{3, 7, 7, NaN, -1, 7, -infinity, infinity, NaN};
  const std::vector<std::size_t> ranks{4, 1, 2, 9, 5, 3, 6, 0, 9};
  for (std::size_t i = 0; i < outputs.size(); ++i) CHECK(rank_of(outputs, i) == ranks[i]);
  CHECK(answer_of(outputs) == 7);

  CHECK(rank_of(doubles{0.0, -0.0}, 1) == 1);  // equal
  CHECK(rank_of(doubles{-0.0, 0.0}, 1) == 1);
  CHECK(rank_of(doubles{5}, 0) == 0);
}

TEST_CASE("answer: the largest output, the lowest index of equal ones, none among NaN") {
  CHECK(answer_of(doubles{1, 3, 2}) == 1);
  CHECK(answer_of(doubles{3, 3, 3}) == 0);
  CHECK(answer_of(doubles{1, 3, 3}) == 1);
  CHECK(answer_of(doubles{NaN, 1, 2}) == 2);
  CHECK(answer_of(doubles{2, NaN, 1}) == 0);
  CHECK(answer_of(doubles{NaN, -infinity, NaN}) == 1);
  CHECK(answer_of(doubles{NaN, NaN}) == 2);
  CHECK(answer_of(doubles{-0.0, 0.0}) == 0);
}

TEST_CASE("answer is the index of rank 0: random outputs with ties and NaN") {
  random_bits random(1);
  sweep s;
  for (int round = 0; round < 2000; ++round) {
    doubles outputs(static_cast<std::size_t>(1 + random.below(8)));
    for (double& x : outputs) x = random.below(4) == 0 ? NaN : random.below(4);
    const std::size_t answer = answer_of(outputs);
    std::vector<int> ranks(outputs.size() + 1, 0);  // each rank but the last is taken once
    std::size_t numbers = 0;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      ++ranks.at(rank_of(outputs, i));
      numbers += std::isnan(outputs[i]) ? 0 : 1;
    }
    bool right = answer == outputs.size() ? numbers == 0 : rank_of(outputs, answer) == 0;
    for (std::size_t r = 0; r < outputs.size(); ++r) right = right && ranks[r] == (r < numbers ? 1 : 0);
    s.check(right, [&] { return text(round); });
  }
  REQUIRE(s.report() == passed(2000));
}

TEST_CASE("relative error of the root mean square") {
  CHECK(relative_rms_error(doubles{3, 4}, doubles{3, 4}) == 0);
  CHECK(relative_rms_error(doubles{0, 0}, doubles{0, 0}) == 0);
  CHECK(relative_rms_error(doubles{}, doubles{}) == 0);
  CHECK(relative_rms_error(doubles{0, 0}, doubles{3, 4}) == 1);
  CHECK(relative_rms_error(doubles{6, 8}, doubles{3, 4}) == 1);
  CHECK(relative_rms_error(doubles{3, 4.5}, doubles{3, 4}) == 0.1);
  CHECK(relative_rms_error(doubles{1, 0}, doubles{0, 0}) == infinity);
  CHECK(std::isnan(relative_rms_error(doubles{1, NaN}, doubles{1, 2})));
  CHECK(std::isnan(relative_rms_error(doubles{1, 2}, doubles{1, NaN})));
}

TEST_CASE("compare: four images of six classes by hand") {
  image_set set = made_up_images(4);
  set.labels = {0, 1, 2, 5};
  const evaluation reference = made_up_run(6, {9, 0, 0, 0, 0, 0,    // 0
                                               9, 8, 0, 0, 0, 0,    // 0
                                               0, 0, 9, 0, 0, 0,    // 2
                                               6, 5, 4, 3, 2, 1});  // 0
  const evaluation run = made_up_run(6, {9, 0, 0, 0, 0, 0,          // 0: right, agrees
                                         8, 9, 0, 0, 0, 0,          // 1: right, does not agree
                                         0, 9, 0, 0, 0, 0,    // 1: wrong, the label ranks third of equal ones
                                         6, 5, 4, 3, 2, 1});  // 0: wrong, agrees, the label is sixth
  const accuracy result = compare(run, reference, set);
  CHECK(result.top1 == 0.5);
  CHECK(result.top5 == 0.75);
  CHECK(result.agreement == 0.5);
  // differences −1, 1, 9, −9; squares of the reference 81 + 145 + 81 + 91
  CHECK(result.logit_error == std::sqrt(164.0 / 398));

  const accuracy itself = compare(reference, reference, set);
  CHECK(itself.top1 == 0.5);
  CHECK(itself.top5 == 0.75);
  CHECK(itself.agreement == 1);
  CHECK(itself.logit_error == 0);

  // Runs of the first images of a set.
  const accuracy first = compare(made_up_run(6, {0, 9, 0, 0, 0, 0}), made_up_run(6, {9, 0, 0, 0, 0, 0}), set);
  CHECK(first.top1 == 0);
  CHECK(first.top5 == 1);
  CHECK(first.agreement == 0);
}

TEST_CASE("compare: NaN outputs are no answers, however few the classes") {
  image_set set = made_up_images(2);
  set.labels = {0, 1};
  const evaluation reference = made_up_run(3, {1, 0, 0, 0, 1, 0});
  const accuracy all = compare(made_up_run(3, doubles(6, NaN)), reference, set);
  CHECK(all.top1 == 0);
  CHECK(all.top5 == 0);
  CHECK(all.agreement == 0);
  CHECK(std::isnan(all.logit_error));
  const accuracy some = compare(made_up_run(3, {NaN, NaN, NaN, NaN, -9, NaN}), reference, set);
  CHECK(some.top1 == 0.5);
  CHECK(some.top5 == 0.5);
  CHECK(some.agreement == 0.5);
  const accuracy low =
      compare(made_up_run(3, {0, 1, 1, 1, 0, 1}), reference, set);  // of three, all are among five
  CHECK(low.top1 == 0);
  CHECK(low.top5 == 1);
}

TEST_CASE("compare: runs that do not fit") {
  image_set set = made_up_images(2);
  set.labels = {0, 3};
  const evaluation two = made_up_run(3, doubles(6));
  CHECK_THROWS_AS(compare(two, made_up_run(3, doubles(3)), set), shape_error);
  CHECK_THROWS_AS(compare(two, made_up_run(2, doubles(4)), set), shape_error);
  CHECK_THROWS_AS(compare(made_up_run(3, doubles(9)), made_up_run(3, doubles(9)), set), shape_error);
  CHECK_THROWS_MATCHES(compare(made_up_run(3, {}), made_up_run(3, {}), set), shape_error,
                       Message("compare: no images"));
  CHECK_THROWS_MATCHES(compare(two, two, set), shape_error,
                       Message("made up: image 1 has label 3, the network has 3 outputs"));
}

TEST_CASE("preprocessing: a pixel by default is pixel / 255 of FP32") {
  const image_set set = made_up_images(64);
  sweep s;
  for (std::size_t image = 0; image < 64; ++image) {
    const std::vector<float> input = preprocess(set, image, {});
    REQUIRE(input.size() == 4);
    for (std::size_t i = 0; i < 4; ++i) {
      const auto pixel = static_cast<float>(image * 4 + i);
      s.check(input[i] == pixel / 255.0F, [&] { return text(pixel, input[i]); });
    }
  }
  REQUIRE(s.report() == passed(256));
}

TEST_CASE("preprocessing: mean and deviation of each channel, in FP64") {
  const image_set set = made_up_images(64);
  const preprocessing how{1.0 / 255, {0.485, 0.225}, {0.229, 0.224}};
  sweep s;
  for (std::size_t image = 0; image < 64; ++image) {
    const std::vector<float> input = preprocess(set, image, how);
    for (std::size_t i = 0; i < 4; ++i) {
      const double scaled = static_cast<double>(image * 4 + i) * (1.0 / 255);
      const double expected = i < 2 ? (scaled - 0.485) / 0.229 : (scaled - 0.225) / 0.224;
      s.check(input[i] == static_cast<float>(expected), [&] { return text(image, i, input[i]); });
    }
  }
  REQUIRE(s.report() == passed(256));
  CHECK(preprocess(set, 1, {1, {}, {}}) == std::vector<float>{4, 5, 6, 7});
  CHECK(preprocess(set, 1, {1, {4, 6}, {}}) == std::vector<float>{0, 1, 0, 1});
  CHECK(preprocess(set, 1, {1, {}, {2, 0.5}}) == std::vector<float>{2, 2.5, 12, 14});

  CHECK_THROWS_AS(preprocess(set, 64, {}), data_error);
  CHECK_THROWS_MATCHES(preprocess(set, 0, {1, {1}, {}}), shape_error,
                       Message("made up: 1 means or deviations for 2 channels"));
  CHECK_THROWS_AS(preprocess(set, 0, {1, {}, {1, 1, 1}}), shape_error);
}

TEST_CASE("evaluate: each image where it belongs, whatever the number of threads") {
  const image_set set = made_up_images(300);
  const session net(echo(), float32);
  for (const std::size_t threads : {1, 2, 5}) {
    for (const std::size_t limit : {0, 1, 3, 300, 301}) {
      std::size_t calls = 0;
      bool ascending = true;
      const evaluation run = evaluate(net, set, {1, {}, {}}, limit, threads,
                                      [&](std::size_t done) { ascending = ascending && done == ++calls; });
      const std::size_t images = std::min<std::size_t>(limit, 300);
      CHECK(run.images == images);
      CHECK(run.classes == 4);
      CHECK(run.outputs ==
            doubles(set.pixels.begin(), set.pixels.begin() + static_cast<std::ptrdiff_t>(4 * images)));
      CHECK(calls == images);
      CHECK(ascending);
      CHECK(run.seconds >= 0);
    }
  }
  const evaluation run = evaluate(net, set, {1, {}, {}}, 3, 2);
  CHECK(doubles(run.outputs_of(2).begin(), run.outputs_of(2).end()) == doubles{8, 9, 10, 11});
  CHECK(evaluation{10, 1, {}, 4}.images_per_second() == 2.5);
  CHECK(evaluation{10, 1, {}, 0}.images_per_second() == 0);
}

TEST_CASE("evaluate: what is thrown in a worker comes out, and the others stop") {
  const image_set set = made_up_images(64);
  for (const std::size_t threads : {1, 2, 5}) {
    for (const float poisoned : {0.0F, 100.0F, 252.0F}) {
      const failing_engine failing(poisoned);
      const session net(echo(), failing);
      CHECK_THROWS_MATCHES(evaluate(net, set, {1, {}, {}}, 64, threads), std::runtime_error,
                           Message("poisoned image"));
    }
    // another image than the poisoned one does not fail
    const failing_engine failing(1.5F);
    CHECK(evaluate(session(echo(), failing), set, {1, {}, {}}, 64, threads).outputs.size() == 256);

    const session net(echo(), float32);
    std::atomic<std::size_t> calls{0};
    const auto stop_at_ten = [&](std::size_t done) {
      ++calls;
      if (done == 10) throw std::runtime_error("enough");
    };
    CHECK_THROWS_MATCHES(evaluate(net, set, {}, 64, threads, stop_at_ten), std::runtime_error,
                         Message("enough"));
    CHECK(calls < 10 + threads);  // each thread finishes the image it has
  }
}

TEST_CASE("evaluate: images of another shape") {
  const session net(echo(), float32);
  image_set set = made_up_images(3);
  set.height = 2;
  set.width = 1;
  CHECK_THROWS_MATCHES(evaluate(net, set, {}, 3, 1), shape_error,
                       Message("echo.onnx takes images of 2 x 1 x 2; those of made up are 2 x 2 x 1"));
}

namespace {

const mac_engine<mac<bfloat16, exact, native<float>>> bfloat;

// The outputs of the images chosen.
evaluation chosen_from(const evaluation& all, const std::vector<std::size_t>& chosen) {
  evaluation result{chosen.size(), all.classes, {}, 0};
  for (const std::size_t image : chosen) {
    const auto outputs = all.outputs_of(image);
    result.outputs.insert(result.outputs.end(), outputs.begin(), outputs.end());
  }
  return result;
}

// Every other image from the last on, then the rest: no order that could come about by chance.
std::vector<std::size_t> odd_order(std::size_t count) {
  std::vector<std::size_t> order;
  for (std::size_t i = count; i >= 2; i -= 2) order.push_back(i - 1);
  for (std::size_t i = 0; i < count; i += 2) order.push_back(i);
  return order;
}

bool same(const scores& a, const scores& b) {
  return a.classes == b.classes && a.ranks == b.ranks && a.answers == b.answers &&
         a.squared_error == b.squared_error && a.squared_reference == b.squared_reference;
}

}  // namespace

TEST_CASE("scores: what compare says of the outputs themselves") {
  random_bits random(2);
  sweep s;
  for (int round = 0; round < 300; ++round) {
    const std::size_t images = 1 + random.below(9);
    const std::size_t classes = 1 + random.below(8);
    std::vector<std::uint16_t> labels(images);
    evaluation run{images, classes, doubles(images * classes), 0};
    evaluation reference = run;
    for (double& x : run.outputs) x = random.below(9) == 0 ? NaN : random.below(5);
    for (double& x : reference.outputs) x = random.below(5);
    scores of_run;
    scores of_reference;
    for (std::size_t i = 0; i < images; ++i) {
      labels[i] = static_cast<std::uint16_t>(random.below(static_cast<int>(classes)));
      of_run.add(run.outputs_of(i), reference.outputs_of(i), labels[i]);
      of_reference.add(reference.outputs_of(i), reference.outputs_of(i), labels[i]);
    }
    const accuracy expected = compare(run, reference, std::span<const std::uint16_t>(labels), "made up");
    const accuracy found = compare(of_run, of_reference);
    const bool same_error = found.logit_error == expected.logit_error ||
                            (std::isnan(found.logit_error) && std::isnan(expected.logit_error)) ||
                            std::abs(found.logit_error / expected.logit_error - 1) < 1e-14;
    s.check(found.top1 == expected.top1 && found.top5 == expected.top5 &&
                found.agreement == expected.agreement && same_error,
            [&] { return text(round); });
    const discordant images_lost = discordant_images(of_run, of_reference);
    const double change = static_cast<double>(images_lost.gained) - static_cast<double>(images_lost.lost);
    const double right =
        static_cast<double>(of_run.hits(1, images)) - static_cast<double>(of_reference.hits(1, images));
    s.check(change == right, [&] { return text(round); });
  }
  REQUIRE(s.report() == passed(600));
}

TEST_CASE("scores: by hand") {
  scores reference;
  scores run;
  for (const std::size_t label : {0, 1, 2, 0}) {
    reference.add(doubles{3, 2, 1}, doubles{3, 2, 1}, label);
  }
  run.add(doubles{3, 2, 1}, doubles{3, 2, 1}, 0);  // right in both
  run.add(doubles{2, 3, 1}, doubles{3, 2, 1}, 1);  // gained
  run.add(doubles{1, 2, 3}, doubles{3, 2, 1}, 2);  // gained
  CHECK(discordant_images(run, reference).gained == 2);
  CHECK(discordant_images(run, reference).lost == 0);
  CHECK(compare(run, reference).top1 == 1);
  CHECK(compare(run, reference).agreement == 1 / 3.0);
  CHECK(compare(run, reference).logit_error == std::sqrt((2 + 8) / 42.0));  // (1 + 1) + (4 + 4) of 3 · 14
  run.add(doubles{NaN, NaN, NaN}, doubles{3, 2, 1}, 0);                     // lost
  CHECK(discordant_images(run, reference).lost == 1);
  CHECK(run.answers.back() == 3);
  CHECK(run.ranks.back() == 3);
  CHECK(run.hits(3, 4) == 3);
  CHECK(run.hits(3, 2) == 2);
  CHECK(reference.hits(2, 4) == 3);
  run.add(doubles{1, 2, 3}, doubles{3, 2, 1}, 2);
  CHECK_THROWS_MATCHES(compare(run, reference), shape_error,
                       Message("compare: images that the reference has not seen"));
  CHECK_THROWS_MATCHES(compare(scores{}, reference), shape_error, Message("compare: no images"));
}

TEST_CASE("evaluate together: what each session gives alone, for any threads and batch") {
  const image_set set = made_up_images(700);
  const memory_set data(set);
  const std::vector<session> nets = {session(echo(), float32), session(echo(), bfloat),
                                     session(echo(), float32)};
  const preprocessing how{1.1, {}, {}};
  const std::vector<std::size_t> chosen = odd_order(700);
  std::vector<scores> expected(3);
  std::vector<evaluation> alone;
  for (const session& net : nets) alone.push_back(chosen_from(evaluate(net, set, how, 700, 1), chosen));
  for (std::size_t i = 0; i < 700; ++i) {
    for (std::size_t n = 0; n < 3; ++n) {
      expected[n].add(alone[n].outputs_of(i), alone[0].outputs_of(i), set.labels[chosen[i]]);
    }
  }
  REQUIRE(expected[1].squared_error > 0);
  for (const std::size_t threads : {1, 2, 5}) {
    for (const std::size_t batch : {1, 7, 800}) {
      std::vector<std::size_t> last(3, 0);
      bool ascending = true;
      std::vector<scores> found;
      evaluate_together(nets, data, how, chosen, found,
                        {threads, batch, nullptr, [&](std::size_t n, std::size_t done) {
                           ascending = ascending && done > last[n];
                           last[n] = done;
                         }});
      REQUIRE(found.size() == 3);
      for (std::size_t n = 0; n < 3; ++n) {
        CHECK(same(found[n], expected[n]));
        CHECK(found[n].seconds >= 0);
      }
      CHECK(last == std::vector<std::size_t>(3, 700));
      CHECK(ascending);
    }
  }
  std::vector<scores> none;
  evaluate_together(nets, data, how, {}, none, {});
  CHECK(none.size() == 3);
  CHECK(none[0].images() == 0);
}

TEST_CASE("evaluate together: stopped anywhere and gone on with, the same bits") {
  const memory_set data(made_up_images(700));
  const std::vector<session> nets = {session(echo(), float32), session(echo(), bfloat)};
  const preprocessing how{1.1, {}, {}};
  const std::vector<std::size_t> chosen = odd_order(700);
  std::vector<scores> whole;
  evaluate_together(nets, data, how, chosen, whole, {});
  for (const std::size_t threads : {1, 3}) {
    for (const std::size_t batch : {1, 4}) {
      std::vector<scores> found;
      std::size_t stops = 0;
      for (; found.empty() || found[1].images() < 700; ++stops) {
        REQUIRE(stops < 100);
        std::atomic<bool> stop{false};
        std::size_t calls = 0;
        evaluate_together(nets, data, how, chosen, found,
                          {threads, batch, &stop, [&](std::size_t, std::size_t) {
                             if (++calls == 300 / batch) stop = true;
                           }});
        CHECK(calls < 300 / batch + threads);  // the images in flight are finished, no others
        for (std::size_t n = 0; n < 2; ++n) {
          const auto images = static_cast<std::ptrdiff_t>(found[n].images());
          CHECK(found[n].images() <= found[0].images());
          CHECK(found[n].ranks == std::vector(whole[n].ranks.begin(), whole[n].ranks.begin() + images));
        }
      }
      CHECK(stops > 2);
      for (std::size_t n = 0; n < 2; ++n) CHECK(same(found[n], whole[n]));
    }
  }
  std::atomic<bool> stop{true};
  std::vector<scores> nothing;
  evaluate_together(nets, data, how, chosen, nothing, {1, 1, &stop, {}});
  CHECK(nothing[0].images() == 0);
}

TEST_CASE("evaluate together: a session more, against a reference whose scores are known") {
  const memory_set data(made_up_images(300));
  const std::vector<session> one = {session(echo(), float32)};
  const std::vector<session> two = {session(echo(), float32), session(echo(), bfloat)};
  const std::vector<std::size_t> chosen = odd_order(300);
  std::vector<scores> whole;
  evaluate_together(two, data, {1.1, {}, {}}, chosen, whole, {});
  std::vector<scores> found;
  evaluate_together(one, data, {1.1, {}, {}}, chosen, found, {});
  found[0].seconds = 42;
  evaluate_together(two, data, {1.1, {}, {}}, chosen, found, {});
  for (std::size_t n = 0; n < 2; ++n) CHECK(same(found[n], whole[n]));
  CHECK(found[0].seconds == 42);  // it ran again, which is not counted
}

TEST_CASE("evaluate together: what is thrown in a worker comes out; images of another shape") {
  const memory_set data(made_up_images(64));
  const failing_engine failing(100);
  const std::vector<session> nets = {session(echo(), float32), session(echo(), failing)};
  const std::vector<std::size_t> chosen = odd_order(64);
  std::vector<scores> found;
  for (const std::size_t threads : {1, 3}) {
    CHECK_THROWS_MATCHES(evaluate_together(nets, data, {1, {}, {}}, chosen, found, {threads}),
                         std::runtime_error, Message("poisoned image"));
  }
  image_set tall = made_up_images(3);
  tall.height = 2;
  tall.width = 1;
  CHECK_THROWS_MATCHES(evaluate_together(nets, memory_set(tall), {}, std::vector<std::size_t>{0}, found, {}),
                       shape_error,
                       Message("echo.onnx takes images of 2 x 1 x 2; those of made up are 2 x 2 x 1"));
}
