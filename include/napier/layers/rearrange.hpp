#pragma once
// napier/layers/rearrange.hpp — elements copied to other places: transposes, slices, padding, gathers, splits.
//
// What      output(n, i) = input(n, source[i]), or `fill` where source[i] is rearrange_fill; n counts images. Exact
// Errors    shape_error when the sizes do not fit or a source lies outside the image
// Checked   tests/layers/rearrange_test.cpp

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <type_traits>

#include <napier/core/concepts.hpp>
#include <napier/core/error.hpp>

namespace napier {

inline constexpr std::uint32_t rearrange_fill = std::numeric_limits<std::uint32_t>::max();

// Throws shape_error unless each source is an element of an image, or the fill.
inline void check_rearrangement(std::span<const std::uint32_t> source, std::size_t image_size) {
  for (const std::uint32_t from : source) {
    if (from < image_size || from == rearrange_fill) continue;
    throw shape_error("rearrange: element " + std::to_string(from) + " of an image of " +
                      std::to_string(image_size));
  }
}

// The sources were checked (check_rearrangement); the output does not overlap the input.
template <Format F>
void rearrange(std::span<const std::type_identity_t<F>> input, std::size_t image_size,
               std::span<const std::uint32_t> source, F fill, std::span<F> output) {
  const std::size_t images = image_size == 0 ? 0 : input.size() / image_size;
  if (images * image_size != input.size() || images * source.size() != output.size()) {
    throw shape_error("rearrange: input has " + std::to_string(input.size()) + " elements, output " +
                      std::to_string(output.size()) + "; expected images of " + std::to_string(image_size) +
                      " and as many of " + std::to_string(source.size()));
  }
  for (std::size_t n = 0; n < images; ++n) {
    const F* from = input.data() + n * image_size;
    F* to = output.data() + n * source.size();
    for (std::size_t i = 0; i < source.size(); ++i)
      to[i] = source[i] == rearrange_fill ? fill : from[source[i]];
  }
}

}  // namespace napier
