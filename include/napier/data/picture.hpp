#pragma once
// napier/data/picture.hpp — one image as a data set gives it: bytes 0 … 255, or numbers as they are.
//
// Layout    channels × height × width

#include <cstddef>
#include <cstdint>
#include <vector>

namespace napier {

// Either bytes or reals holds its elements.
struct picture {
  std::size_t channels = 0;
  std::size_t height = 0;
  std::size_t width = 0;
  std::vector<std::uint8_t> bytes;
  std::vector<float> reals;

  bool is_real() const { return bytes.empty(); }
  std::size_t size() const { return channels * height * width; }
};

}  // namespace napier
