#pragma once
// napier/network/shape.hpp — the dimensions of a value of one image.

#include <cstddef>
#include <string>
#include <vector>

#include <napier/core/error.hpp>

namespace napier {

using shape = std::vector<std::size_t>;

// Throws shape_error where the number does not fit.
constexpr std::size_t element_count(const shape& dimensions) {
  std::size_t count = 1;
  for (const std::size_t extent : dimensions) {
    if (__builtin_mul_overflow(count, extent, &count))
      throw shape_error("a shape of more than 2^64 elements");
  }
  return count;
}

inline std::string to_text(const shape& dimensions) {
  std::string text;
  for (const std::size_t extent : dimensions) text += (text.empty() ? "" : " x ") + std::to_string(extent);
  return text.empty() ? "scalar" : text;
}

}  // namespace napier
