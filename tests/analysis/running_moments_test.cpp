// Moments of streams against sums in long double, and of opposite streams.

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <napier/analysis/operand_source.hpp>
#include <napier/analysis/running_moments.hpp>

using namespace napier;

namespace {

bool is_near(double x, double expected, double relative) {
  return std::fabs(x - expected) <= relative * std::fabs(expected);
}

}  // namespace

TEST_CASE("moments of a stream, in any blocks") {
  std::vector<double> numbers;
  random_bits random(3);
  for (int i = 0; i < 3000; ++i) numbers.push_back(1e3 + random.unit() * random.unit());
  running_moments whole;
  for (std::size_t at = 0, step = 1; at < numbers.size(); at += step, step = step % 97 + 3) {
    whole.add(std::span(numbers).subspan(at, std::min(step, numbers.size() - at)));
  }
  // steps overlap at no place: each number once
  long double mean = 0;
  long double moment[5] = {};
  for (const double x : numbers) mean += x;
  mean /= static_cast<long double>(numbers.size());
  for (const double x : numbers) {
    for (int i = 2; i <= 4; ++i)
      moment[i] += std::pow(x - mean, i) / static_cast<long double>(numbers.size());
  }
  CHECK(whole.count() == numbers.size());
  CHECK(is_near(whole.mean(), static_cast<double>(mean), 1e-14));
  CHECK(is_near(whole.variance(), static_cast<double>(moment[2]), 1e-9));
  CHECK(is_near(whole.fourth_central_moment(), static_cast<double>(moment[4]), 1e-9));
  CHECK(is_near(whole.mean_error(), std::sqrt(static_cast<double>(moment[2]) / 3000), 1e-9));
}

TEST_CASE("moments of the opposite numbers") {
  std::vector<double> numbers;
  std::vector<double> opposite;
  random_bits random(5);
  for (int i = 0; i < 1000; ++i) {
    numbers.push_back(random.normal());
    opposite.push_back(-numbers.back());
  }
  running_moments one;
  running_moments other;
  for (std::size_t at = 0; at < 1000; at += 125) {
    one.add(std::span(numbers).subspan(at, 125));
    other.add(std::span(opposite).subspan(at, 125));
  }
  CHECK((-one).mean() == other.mean());
  CHECK((-one).variance() == other.variance());
  CHECK((-one).fourth_central_moment() == other.fourth_central_moment());
  one.merge(-one);
  CHECK(one.mean() == 0);
  CHECK(one.count() == 2000);
}
