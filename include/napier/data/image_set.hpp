#pragma once
// napier/data/image_set.hpp — labelled images in memory, one byte a sample.
//
// Layout    pixels: count × channels × height × width; labels: count numbers below classes
// Errors    data_error for an image that is not there

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <napier/core/error.hpp>

namespace napier {

struct image_set {
  std::string name;
  std::size_t count = 0;
  std::size_t channels = 0;
  std::size_t height = 0;
  std::size_t width = 0;
  std::size_t classes = 0;
  std::vector<std::uint8_t> pixels;
  std::vector<std::uint16_t> labels;

  std::size_t image_size() const { return channels * height * width; }

  std::span<const std::uint8_t> image(std::size_t i) const {
    if (i >= count) {
      throw data_error(name + ": image " + std::to_string(i) + " of " + std::to_string(count) +
                       " is not there");
    }
    return std::span<const std::uint8_t>(pixels).subspan(i * image_size(), image_size());
  }
};

}  // namespace napier
