#include <napier/core/matrix_view.hpp>

#include <catch2/catch.hpp>
#include <type_traits>

using napier::matrix_view;

static_assert(std::is_convertible_v<matrix_view<int>, matrix_view<const int>>);
static_assert(!std::is_convertible_v<matrix_view<const int>, matrix_view<int>>);
static_assert(std::is_trivially_copyable_v<matrix_view<int>>);
static_assert(matrix_view<int>{}.rows == 0 && matrix_view<int>{}.data == nullptr);

TEST_CASE("elements are row_stride apart from row to row") {
  int data[12] = {};
  for (int i = 0; i < 12; ++i) data[i] = i;
  const matrix_view whole{data, 3, 4};
  REQUIRE(whole.row_stride == 4);
  REQUIRE(whole(2, 3) == 11);
  const matrix_view part{data + 1, 3, 2, 4};
  REQUIRE(part.rows == 3);
  REQUIRE(part.cols == 2);
  REQUIRE(part(0, 0) == 1);
  REQUIRE(part(2, 1) == 10);
  part(1, 0) = 77;
  const matrix_view<const int> seen = part;
  REQUIRE(seen(1, 0) == 77);
  REQUIRE(seen.row_stride == 4);
  REQUIRE(data[5] == 77);
}
