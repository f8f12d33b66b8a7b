#include <catch2/catch.hpp>

#include <type_traits>
#include <vector>

#include <napier/layers/tensor_view.hpp>

using namespace napier;

TEST_CASE("tensor_view is batch × channels × height × width, in that order") {
  std::vector<int> elements(2 * 3 * 4 * 5);
  for (std::size_t i = 0; i < elements.size(); ++i) elements[i] = static_cast<int>(i);
  const tensor_view view(elements.data(), 2, 3, 4, 5);
  static_assert(std::is_same_v<decltype(view), const tensor_view<int>>);
  REQUIRE(view.size() == elements.size());
  REQUIRE(view.shape() == tensor_shape{2, 3, 4, 5});
  REQUIRE(view(1, 2, 3, 4) == 119);
  REQUIRE(view(1, 0, 2, 1) == 60 + 11);
  REQUIRE(view.channel(1, 1) == elements.data() + 80);
  view(0, 0, 0, 1) = -1;
  REQUIRE(elements[1] == -1);

  const tensor_view<const int> constant = view;
  static_assert(std::is_same_v<decltype(constant(0, 0, 0, 0)), const int&>);
  static_assert(!std::is_convertible_v<tensor_view<const int>, tensor_view<int>>);
  REQUIRE(constant(1, 2, 3, 4) == 119);
  const tensor_view flat(elements.data(), tensor_shape{2, 60, 1, 1});
  REQUIRE(shape_text(flat) == "2 x 60 x 1 x 1");
  REQUIRE(tensor_view<int>().size() == 0);
}
