// Rearrangements against indices computed one element at a time.
#include <napier/network/rearrangement.hpp>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

using namespace napier;
using places = std::vector<std::vector<std::uint32_t>>;
using sources = std::vector<std::uint32_t>;

namespace {

// The indices of element i.
std::vector<std::size_t> indices_of(std::size_t i, const shape& dimensions) {
  std::vector<std::size_t> result(dimensions.size());
  for (std::size_t axis = dimensions.size(); axis-- > 0;) {
    result[axis] = i % dimensions[axis];
    i /= dimensions[axis];
  }
  return result;
}

std::size_t element_at(const std::vector<std::size_t>& indices, const shape& dimensions) {
  std::size_t result = 0;
  for (std::size_t axis = 0; axis < dimensions.size(); ++axis)
    result = result * dimensions[axis] + indices[axis];
  return result;
}

}  // namespace

TEST_CASE("transposed: all orders of four axes") {
  const shape from{2, 3, 4, 5};
  std::vector<std::size_t> order{0, 1, 2, 3};
  int cases = 0;
  do {
    const rearrangement result = transposed(from, order);
    bool right = result.source.size() == 120;
    for (std::size_t axis = 0; axis < 4; ++axis)
      right = right && result.dimensions[axis] == from[order[axis]];
    for (std::size_t i = 0; right && i < 120; ++i) {
      const auto to = indices_of(i, result.dimensions);
      std::vector<std::size_t> original(4);
      for (std::size_t axis = 0; axis < 4; ++axis) original[order[axis]] = to[axis];
      right = result.source[i] == element_at(original, from);
    }
    REQUIRE(right);
    CHECK(result.keeps_order() == std::is_sorted(order.begin(), order.end()));
    ++cases;
  } while (std::next_permutation(order.begin(), order.end()));
  CHECK(cases == 24);
  CHECK(transposed({}, {}).source == sources{0});
}

TEST_CASE("pick: places along each axis, and the fill") {
  const rearrangement result = pick({2, 3}, places{{1, 0, 1}, {2, rearrange_fill}});
  CHECK(result.dimensions == shape{3, 2});
  CHECK(result.source == sources{5, rearrange_fill, 2, rearrange_fill, 5, rearrange_fill});
  CHECK(pick({2, 3}, places{{}, {0}}).source.empty());
  CHECK(pick({2, 3}, all_places({2, 3})).keeps_order());
}

TEST_CASE("broadcasting") {
  CHECK(broadcast_dimensions({3, 1}, {2, 1, 4}) == shape{2, 3, 4});
  CHECK(broadcast_dimensions({}, {2}) == shape{2});
  CHECK(broadcast_dimensions({0}, {1}) == shape{0});
  CHECK_THROWS_WITH(broadcast_dimensions({3}, {2, 4}), "cannot broadcast 3 and 2 x 4");
  CHECK(aligned({2, 3}, 4) == shape{1, 1, 2, 3});
  CHECK(repeated({2, 1}, {2, 2, 3}).source == sources{0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1});
}

TEST_CASE("nothing is allocated that is too large") {
  const std::size_t huge = std::size_t{1} << 27;
  CHECK_THROWS_AS(all_places({huge, 4}), shape_error);
  CHECK_THROWS_AS(repeated({1}, {huge, 4}), shape_error);
  CHECK_THROWS_AS(transposed({huge, 4}, {1, 0}), shape_error);
  const std::vector<std::uint32_t> many(1 << 15);
  CHECK_THROWS_AS(pick({1, 1}, places{many, many}), shape_error);
}
