// The search for layers that have to be exact, on made-up networks whose layers each spoil certain images; paired
// intervals; distortion.
#include <napier/analysis/sensitivity.hpp>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "oracle/sweep.hpp"

using namespace napier;
using Catch::Message;
using doubles = std::vector<double>;

namespace {

using image_list = std::set<std::size_t>;

// Two classes; the label of every image is 0. An image is answered wrongly where an approximate layer spoils it.
struct made_up_network {
  std::vector<image_list> spoils;  // a layer each
  std::vector<double> shares;
  std::size_t images = 100;
  image_list always_wrong = {};  // in every run, the reference among them
  std::size_t most_runs = 1000;
  std::size_t runs = 0;
  std::vector<std::vector<bool>> asked = {};

  evaluation outputs(const std::vector<bool>& exact) const {
    evaluation result{images, 2, {}, 0};
    for (std::size_t image = 0; image < images; ++image) {
      bool wrong = always_wrong.contains(image);
      for (std::size_t layer = 0; layer < exact.size(); ++layer) {
        if (exact[layer]) continue;
        wrong = wrong || spoils[layer].contains(image);
      }
      result.outputs.push_back(wrong ? 0 : 1);
      result.outputs.push_back(wrong ? 1 : 0);
    }
    return result;
  }

  search_result search(double budget) {
    runs = 0;
    asked.clear();
    search_task task;
    task.shares = shares;
    task.labels.assign(images, 0);
    task.budget = budget;
    task.reference = outputs(std::vector<bool>(shares.size(), true));
    task.run = [this](const std::vector<bool>& exact) -> std::optional<evaluation> {
      if (runs == most_runs) return std::nullopt;
      ++runs;
      asked.push_back(exact);
      return outputs(exact);
    };
    return find_exact_layers(task);
  }
};

image_list numbers(std::size_t first, std::size_t last) {
  image_list result;
  for (std::size_t i = first; i <= last; ++i) result.insert(i);
  return result;
}

using flags = std::vector<bool>;

}  // namespace

TEST_CASE("paired intervals") {
  struct row {
    std::size_t lost, won, images;
    double loss, low, high;
  };
  // by Python, from Agresti and Min's formula
  const std::vector<row> rows{{10, 2, 100, 0.08, 0.010842140682498697, 0.14602060441554052},
                              {0, 0, 50, 0.0, -0.037691615087308734, 0.037691615087308734},
                              {3, 0, 3, 1.0, 0.01858072252368259, 1},
                              {0, 5, 20, -0.25, -0.42374712159277333, -0.030798332952681196}};
  for (const row& r : rows) {
    const paired_difference d = difference_of(r.lost, r.won, r.images);
    INFO(r.lost << " lost, " << r.won << " won of " << r.images);
    CHECK(d.loss == Approx(r.loss).margin(1e-15));
    CHECK(d.low == Approx(r.low).margin(1e-14));
    CHECK(d.high == Approx(r.high).margin(1e-14));
  }
  CHECK(difference_of(0, 0, 0).low == -1);
  CHECK(difference_of(0, 0, 0).high == 1);
}

TEST_CASE("distortion: a scale or a shift of all outputs is none") {
  const auto run = [](const doubles& outputs) { return evaluation{outputs.size() / 3, 3, outputs, 0}; };
  const evaluation r = run({1, 2, 6});
  CHECK(distortion_of(r, r) == Approx(0).margin(1e-15));
  CHECK(distortion_of(run({2, 4, 12}), r) == Approx(0).margin(1e-15));
  CHECK(distortion_of(run({-9, -8, -4}), r) == Approx(0).margin(1e-15));
  CHECK(distortion_of(run({-1, -2, -6}), r) == 1);  // upside down
  // {-2, -1, 3} and {3, -2, -1}: cosine of the centred outputs is negative; {1, -2, 1}: 3 / sqrt(14 · 6)
  CHECK(distortion_of(run({1, -2, 1}), r) == Approx(1 - 9.0 / 84));
  CHECK(distortion_of(run({5, 5, 5}), r) == 1);
  CHECK(distortion_of(run({5, 5, 5}), run({7, 7, 7})) == 0);
  CHECK(distortion_of(run({1, std::numeric_limits<double>::quiet_NaN(), 1}), r) == 1);
  CHECK(distortion_of(run({1, 2, std::numeric_limits<double>::infinity()}), r) == 1);
  CHECK(distortion_of(run({1, 2, 6, 1, -2, 1}), run({1, 2, 6, 1, 2, 6})) == Approx(0.5 - 4.5 / 84));
  CHECK(changed_answers(run({1, 2, 6, 1, 7, 1}), run({1, 2, 6, 1, 2, 6})) == 0.5);
}

TEST_CASE("layers become approximate as long as the loss is within the budget") {
  made_up_network net{{numbers(0, 9), numbers(5, 14), {}}, {0.5, 0.1, 0.4}};
  const search_result none = net.search(0.15);
  CHECK(none.is_complete);
  CHECK(none.is_within_budget);
  CHECK(none.exact == flags{false, false, false});
  CHECK(none.approximate_share == Approx(1));
  CHECK(none.found.loss == 0.15);
  CHECK(none.runs == 5);

  const search_result one = net.search(0.1);
  CHECK(one.exact == flags{false, true, false});
  CHECK(one.approximate_share == Approx(0.9));
  CHECK(one.found.loss == 0.1);
  CHECK(one.all_approximate->loss == 0.15);
  CHECK(one.all_exact->loss == 0);

  const search_result two = net.search(0.005);
  CHECK(two.exact == flags{true, true, false});
  CHECK(two.approximate_share == Approx(0.4));
  CHECK(two.found.loss == 0);
  CHECK(two.is_within_budget);

  // The most harmful first; of equal harm in the order of the layers.
  REQUIRE(two.harms.size() == 3);
  CHECK(two.harms[0].layer == 0);
  CHECK(two.harms[1].layer == 1);
  CHECK(two.harms[2].layer == 2);
  CHECK(two.harms[0].changed == 0.1);
  CHECK(two.harms[0].loss.loss == 0.1);
  CHECK(two.harms[0].share == 0.5);
  CHECK(two.harms[2].changed == 0);
}

TEST_CASE("images that the reference answers wrongly: harm is counted, loss is not") {
  made_up_network net{{numbers(0, 9), numbers(10, 12)}, {0.5, 0.5}, 100, numbers(0, 9)};
  const search_result found = net.search(0);
  CHECK(found.exact == flags{false, true});
  CHECK(found.found.loss == 0);
  CHECK(found.harms[0].layer == 1);
  CHECK(found.harms[0].loss.loss == 0.03);
}

TEST_CASE(
    "the best of several orders; a layer that would break the budget stays exact; no run is made twice") {
  made_up_network net{{numbers(0, 9), numbers(0, 19), numbers(20, 21)}, {0.15, 0.8, 0.05}};
  const search_result found = net.search(0.1);
  // By share over harm 1, 2, 0: 20, 2 and 12 images would be lost. By share 1, 0, 2: 20, 10 and 12.
  CHECK(found.exact == flags{false, true, true});
  CHECK(found.found.loss == 0.1);
  CHECK(found.approximate_share == Approx(0.15));
  CHECK(found.runs == 6);
  CHECK(net.asked == std::vector<flags>{{true, true, true},
                                        {false, true, true},
                                        {true, false, true},
                                        {true, true, false},
                                        {false, false, false},
                                        {false, true, false}});
}

TEST_CASE("a budget that is out of reach") {
  // Even with all layers exact the run is not the reference.
  made_up_network net{{numbers(0, 4), {}}, {0.5, 0.5}};
  search_task task;
  task.shares = net.shares;
  task.labels.assign(100, 0);
  task.budget = 0.01;
  task.reference = net.outputs({true, true});
  net.always_wrong = numbers(50, 53);
  task.run = [&](const flags& exact) { return net.outputs(exact); };
  const search_result found = find_exact_layers(task);
  CHECK(found.is_complete);
  CHECK_FALSE(found.is_within_budget);
  CHECK(found.exact == flags{true, true});
  CHECK(found.all_exact->loss == 0.04);
  CHECK(found.found.loss == 0.04);
  CHECK(found.harms[0].changed == 0.05);  // against all exact, not against the reference
  CHECK(found.harms[0].loss.loss == 0.09);
}

TEST_CASE("random networks: within the budget, no layer exact for nothing, linearly many runs") {
  random_bits random(5);
  sweep s;
  for (int round = 0; round < 300; ++round) {
    made_up_network net;
    const auto layers = static_cast<std::size_t>(1 + random.below(7));
    for (std::size_t i = 0; i < layers; ++i) {
      image_list spoiled;
      for (auto left = random.below(12); left > 0; --left)
        spoiled.insert(static_cast<std::size_t>(random.below(100)));
      net.spoils.push_back(spoiled);
      net.shares.push_back(1.0 / static_cast<double>(layers));
    }
    const double budget = static_cast<double>(random.below(20)) / 100;
    const search_result found = net.search(budget);
    const auto loss = [&](const flags& exact) {
      image_list wrong;
      for (std::size_t i = 0; i < layers; ++i) {
        if (!exact[i]) wrong.insert(net.spoils[i].begin(), net.spoils[i].end());
      }
      return static_cast<double>(wrong.size()) / 100;
    };
    bool right = found.is_complete && found.is_within_budget && found.found.loss == loss(found.exact) &&
                 loss(found.exact) <= budget && found.runs <= 4 * layers - 1 && found.runs == net.runs &&
                 found.harms.size() == layers;
    for (std::size_t i = 0; right && i < layers; ++i) {
      if (!found.exact[i]) continue;
      flags fewer = found.exact;
      fewer[i] = false;
      right = loss(fewer) > budget;
    }
    for (std::size_t i = 1; right && i < layers; ++i)
      right = found.harms[i - 1].changed >= found.harms[i].changed;
    s.check(right, [&] { return text(round, budget); });
  }
  REQUIRE(s.report() == passed(300));
}

TEST_CASE("a search that is stopped at any run says what it knows") {
  made_up_network net{{numbers(0, 9), numbers(5, 14), {}}, {0.5, 0.1, 0.4}};
  const std::size_t all = net.search(0.005).runs;
  for (net.most_runs = 0; net.most_runs < all; ++net.most_runs) {
    const search_result stopped = net.search(0.005);
    CHECK_FALSE(stopped.is_complete);
    CHECK_FALSE(stopped.is_within_budget);
    CHECK(stopped.runs == net.most_runs);
    CHECK(stopped.harms.size() == std::min<std::size_t>(3, net.most_runs == 0 ? 0 : net.most_runs - 1));
  }
}

TEST_CASE("labels that do not fit the images") {
  search_task task;
  task.reference = {2, 1, {0, 0}, 0};
  task.labels = {0};
  CHECK_THROWS_MATCHES(find_exact_layers(task), shape_error,
                       Message("sensitivity: 1 labels for 2 images; expected one each, and one at least"));
  task.reference = {};
  task.labels = {};
  CHECK_THROWS_AS(find_exact_layers(task), shape_error);
}
