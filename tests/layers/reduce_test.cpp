// Means, sums and the largest of rows.
#include <napier/accumulators/quire.hpp>
#include <napier/formats/posit.hpp>
#include <napier/layers/reduce.hpp>
#include <napier/mac/mac.hpp>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

using namespace napier;
using floats = std::vector<float>;
using reference = mac<float, exact, native<float>>;

TEST_CASE("rows as they lie, and rows gathered from an image") {
  const floats x{1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60};  // two images of 2 × 3
  floats y(4);
  reduce_mean<reference>({3, {}}, x, y);
  CHECK(y == floats{2, 5, 20, 50});
  const std::vector<std::uint32_t> columns{0, 3, 1, 4, 2, 5};
  floats z(6);
  reduce_mean<reference>({2, columns}, x, z);
  CHECK(z == floats{2.5F, 3.5F, 4.5F, 25, 35, 45});
  reduce_sum<reference>({2, columns}, x, z);
  CHECK(z == floats{5, 7, 9, 50, 70, 90});
  reduce_max<float>({2, columns}, x, std::span(z));
  CHECK(z == floats{4, 5, 6, 40, 50, 60});
}

TEST_CASE("native sums round in ascending order, the quire once") {
  const floats x{16777216, 1, 1, -16777216};
  floats y(1);
  reduce_sum<reference>({4, {}}, x, y);
  CHECK(y[0] == 0);  // each 1 is lost
  const std::vector<std::uint32_t> order{1, 2, 0, 3};
  reduce_sum<reference>({4, order}, x, y);
  CHECK(y[0] == 2);

  using P = posit<8, 0>;
  const std::vector<P> p{P{64}, P{1.0 / 64}, P{64}, P{-64}, P{-64}, P{1.0 / 64}};
  std::vector<P> q(1);
  reduce_sum<mac<P, exact, quire<P>>>({6, {}}, p, q);
  CHECK(q[0] == P{1.0 / 32});
}

TEST_CASE("NaN, and sizes that do not fit") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const floats x{1, nan, 3, 4};
  floats y(2);
  reduce_max<float>({2, {}}, x, std::span(y));
  CHECK(std::isnan(y[0]));
  CHECK(y[1] == 4);
  reduce_mean<reference>({2, {}}, x, y);
  CHECK(std::isnan(y[0]));
  CHECK_THROWS_AS(reduce_mean<reference>({3, {}}, x, y), shape_error);
  CHECK_THROWS_AS(reduce_mean<reference>({0, {}}, x, y), shape_error);
  const std::vector<std::uint32_t> three{0, 1, 2};
  CHECK_THROWS_AS(reduce_mean<reference>({2, three}, x, y), shape_error);
}
