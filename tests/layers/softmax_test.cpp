// Softmax and log-softmax along an axis.
#include <napier/layers/softmax.hpp>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

using namespace napier;
using floats = std::vector<float>;

namespace {

constexpr std::size_t outer = 2;
constexpr std::size_t length = 3;
constexpr std::size_t inner = 4;

floats values() {
  floats result;
  for (std::size_t i = 0; i < outer * length * inner; ++i)
    result.push_back(std::sin(static_cast<float>(7 * i)) * 5);
  return result;
}

}  // namespace

TEST_CASE("each row by itself, in long double") {
  const floats x = values();
  floats y(x.size());
  floats logarithms(x.size());
  softmax_along<float>({length, inner}, x, y);
  log_softmax_along<float>({length, inner}, x, logarithms);
  for (std::size_t o = 0; o < outer; ++o) {
    for (std::size_t i = 0; i < inner; ++i) {
      const auto at = [&](std::size_t k) { return (o * length + k) * inner + i; };
      long double sum = 0;
      for (std::size_t k = 0; k < length; ++k) sum += std::exp(static_cast<long double>(x[at(k)]));
      for (std::size_t k = 0; k < length; ++k) {
        const long double logarithm = x[at(k)] - std::log(sum);
        CHECK(std::fabs(y[at(k)] - std::exp(logarithm)) <=
              6.1e-8L * std::exp(logarithm));  // half a place of float
        CHECK(std::fabs(logarithms[at(k)] - logarithm) <= 6.1e-8L * std::fabs(logarithm) + 1e-15L);
      }
    }
  }
}

TEST_CASE("contiguous rows are softmax") {
  const floats x = values();
  floats expected(x.size());
  softmax<float>(x, length, expected);
  floats y(x.size());
  softmax_along<float>({length, 1}, x, y);
  CHECK(y == expected);
}

TEST_CASE("far apart, NaN and infinity") {
  const floats far{1000, 0, -1000};
  floats y(3);
  log_softmax_along<float>({3, 1}, far, y);
  CHECK(y == floats{0, -1000, -2000});
  for (const float special :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    const floats x{1, special, 0, 0};  // rows (1, 0) and (special, 0)
    floats result(4);
    log_softmax_along<float>({2, 2}, x, result);
    CHECK(!std::isnan(result[0]));
    CHECK(std::isnan(result[1]));
    CHECK(std::isnan(result[3]));
  }
  CHECK_THROWS_AS(log_softmax_along<float>({2, 1}, far, y), shape_error);
  CHECK_THROWS_AS(softmax_along<float>({2, 2}, far, y), shape_error);
}
