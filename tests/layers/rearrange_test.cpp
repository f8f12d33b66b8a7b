// rearrange: elements in other places, image by image.
#include <napier/formats/posit.hpp>
#include <napier/layers/rearrange.hpp>

#include <catch2/catch.hpp>
#include <cstdint>
#include <vector>

using napier::rearrange;
using floats = std::vector<float>;
using places = std::vector<std::uint32_t>;

TEST_CASE("elements of each image, and the fill") {
  const floats input{1, 2, 3, 4, 5, 6};  // two images of three
  const places source{2, napier::rearrange_fill, 0, 2};
  floats output(8);
  rearrange<float>(input, 3, source, 9.0F, output);
  CHECK(output == floats{3, 9, 1, 3, 6, 9, 4, 6});

  using posit = napier::posit<8, 0>;
  const std::vector<posit> one{posit{1.5}};
  std::vector<posit> copies(3);
  rearrange<posit>(one, 1, places{0, napier::rearrange_fill, 0}, posit{0.25}, copies);
  CHECK(copies == std::vector<posit>{posit{1.5}, posit{0.25}, posit{1.5}});
}

TEST_CASE("sizes that do not fit") {
  const floats input{1, 2, 3, 4};
  floats output(4);
  const places source{0, 1};
  CHECK_THROWS_AS(rearrange<float>(input, 3, source, 0.0F, output), napier::shape_error);
  CHECK_THROWS_AS(rearrange<float>(input, 4, source, 0.0F, output), napier::shape_error);
  CHECK_THROWS_AS(rearrange<float>(input, 0, source, 0.0F, output), napier::shape_error);
  CHECK_THROWS_WITH(napier::check_rearrangement(places{0, 4}, 4), "rearrange: element 4 of an image of 4");
  CHECK_NOTHROW(napier::check_rearrangement(places{3, napier::rearrange_fill}, 4));
}
