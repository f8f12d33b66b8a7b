// Local response normalisation against its formula in long double.
#include <napier/layers/lrn.hpp>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

using namespace napier;

TEST_CASE("windows of every size, odd and even") {
  constexpr std::size_t channels = 5;
  constexpr std::size_t plane = 4;
  std::vector<float> x(2 * channels * plane);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::cos(static_cast<float>(3 * i)) * 4;
  std::vector<float> y(x.size());
  for (std::size_t size = 1; size <= 8; ++size) {
    const lrn_parameters p{size, 0.5, 0.75, 2};
    lrn<float>(p, {x.data(), 2, channels, 2, 2}, tensor_view<float>{y.data(), 2, channels, 2, 2});
    for (std::size_t i = 0; i < x.size(); ++i) {
      const std::size_t c = i / plane % channels;
      long double sum = 0;
      for (std::size_t k = 0; k < channels; ++k) {
        const bool is_in = k + (size - 1) / 2 >= c && k <= c + size / 2;  // ⌈(size − 1) / 2⌉ = ⌊size / 2⌋
        const long double value = x[i - c * plane + k * plane];
        if (is_in) sum += value * value;
      }
      const long double expected = x[i] / std::pow(2 + 0.5L / static_cast<long double>(size) * sum, 0.75L);
      CHECK(std::fabs(y[i] - expected) <= 6.1e-8L * std::fabs(expected));
    }
  }
}

TEST_CASE("NaN stays in its window; errors") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> x{nan, 1, 1, 1};
  std::vector<float> y(4);
  lrn<float>({3, 1, 1, 1}, {x.data(), 1, 4, 1, 1}, tensor_view<float>{y.data(), 1, 4, 1, 1});
  CHECK(std::isnan(y[1]));
  CHECK(y[2] == 0.5F);  // 1 / (1 + 1/3 · 3)
  CHECK_THROWS_AS(lrn<float>({0, 1, 1, 1}, {x.data(), 1, 4, 1, 1}, tensor_view<float>{y.data(), 1, 4, 1, 1}),
                  shape_error);
  CHECK_THROWS_AS(lrn<float>({3, 1, 1, 1}, {x.data(), 1, 4, 1, 1}, tensor_view<float>{y.data(), 1, 2, 2, 1}),
                  shape_error);
}
