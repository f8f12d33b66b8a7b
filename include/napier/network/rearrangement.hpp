#pragma once
// napier/network/rearrangement.hpp — where the elements of a transposed, sliced, padded, gathered or repeated value come from.
//
// What      a rearrangement is the new dimensions and, for each new element, the number of the old one, or rearrange_fill.
//           Dimensions are row-major and include the batch where there is one
// Errors    shape_error; sizes are checked before memory is taken
// Checked   tests/network/rearrangement_test.cpp

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <napier/core/error.hpp>
#include <napier/layers/rearrange.hpp>
#include <napier/network/shape.hpp>

namespace napier {

struct rearrangement {
  shape dimensions;
  std::vector<std::uint32_t> source;

  bool keeps_order() const {
    for (std::size_t i = 0; i < source.size(); ++i) {
      if (source[i] != i) return false;
    }
    return true;
  }
};

inline constexpr std::size_t max_rearranged = std::size_t{1} << 28;

namespace detail {

inline void check_rearranged(const shape& dimensions) {
  if (element_count(dimensions) > max_rearranged) {
    throw shape_error("expected a result of at most " + std::to_string(max_rearranged) + " elements, found " +
                      to_text(dimensions));
  }
}

}  // namespace detail

// New element (i0, i1, …) is the old one whose index along each axis is places[axis][i], or the fill where one of them
// is rearrange_fill.
inline rearrangement pick(const shape& dimensions, const std::vector<std::vector<std::uint32_t>>& places) {
  rearrangement result;
  for (const auto& axis : places) result.dimensions.push_back(axis.size());
  detail::check_rearranged(result.dimensions);
  result.source.assign(1, 0);
  for (std::size_t axis = 0; axis < places.size(); ++axis) {  // source covers the axes before
    std::vector<std::uint32_t> longer;
    longer.reserve(result.source.size() * places[axis].size());
    const auto extent = static_cast<std::uint32_t>(dimensions[axis]);
    for (const std::uint32_t before : result.source) {
      for (const std::uint32_t place : places[axis]) {
        const bool is_fill = before == rearrange_fill || place == rearrange_fill;
        longer.push_back(is_fill ? rearrange_fill : before * extent + place);
      }
    }
    result.source = std::move(longer);
  }
  return result;
}

// All indices of each axis.
inline std::vector<std::vector<std::uint32_t>> all_places(const shape& dimensions) {
  detail::check_rearranged(dimensions);
  std::vector<std::vector<std::uint32_t>> places;
  for (const std::size_t extent : dimensions) {
    places.emplace_back(extent);
    std::iota(places.back().begin(), places.back().end(), 0U);
  }
  return places;
}

// Axis i of the result is axis permutation[i] of the value.
inline rearrangement transposed(const shape& dimensions, const std::vector<std::size_t>& permutation) {
  detail::check_rearranged(dimensions);
  std::vector<std::size_t> strides(dimensions.size(), 1);
  for (std::size_t axis = dimensions.size(); axis-- > 1;)
    strides[axis - 1] = strides[axis] * dimensions[axis];
  rearrangement result;
  result.source.assign(1, 0);
  for (const std::size_t axis : permutation) {
    result.dimensions.push_back(dimensions[axis]);
    std::vector<std::uint32_t> longer;
    longer.reserve(result.source.size() * dimensions[axis]);
    for (const std::uint32_t before : result.source) {
      for (std::size_t i = 0; i < dimensions[axis]; ++i)
        longer.push_back(before + static_cast<std::uint32_t>(i * strides[axis]));
    }
    result.source = std::move(longer);
  }
  return result;
}

// The dimensions that two values broadcast to, aligned at their ends.
inline shape broadcast_dimensions(const shape& a, const shape& b) {
  shape result(std::max(a.size(), b.size()));
  for (std::size_t i = 0; i < result.size(); ++i) {
    const auto extent = [&](const shape& x) {
      return i + x.size() < result.size() ? 1 : x[i + x.size() - result.size()];
    };
    if (extent(a) != extent(b) && extent(a) != 1 && extent(b) != 1)
      throw shape_error("cannot broadcast " + to_text(a) + " and " + to_text(b));
    result[i] = extent(a) == 1 ? extent(b) : extent(a);
  }
  return result;
}

// With dimensions of 1 in front, until there are `rank`.
inline shape aligned(const shape& dimensions, std::size_t rank) {
  shape result(rank - std::min(rank, dimensions.size()), 1);
  result.insert(result.end(), dimensions.begin(), dimensions.end());
  return result;
}

// Repeated to the dimensions `target`, which broadcast_dimensions gave.
inline rearrangement repeated(const shape& dimensions, const shape& target) {
  detail::check_rearranged(target);
  const shape from = aligned(dimensions, target.size());
  auto places = all_places(target);
  for (std::size_t axis = 0; axis < target.size(); ++axis) {
    if (from[axis] == 1) std::fill(places[axis].begin(), places[axis].end(), 0U);
  }
  return pick(from, places);
}

}  // namespace napier
