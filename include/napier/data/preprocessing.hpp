#pragma once
// napier/data/preprocessing.hpp — from a picture to a network's input.
//
// What      in this order: resize the shorter side (data/resize.hpp); cut the centre crop × crop out; pad with black on each
//           side; channels as they are, in reverse, or grey; (pixel · scale − mean[channel]) / deviation[channel], in FP64,
//           rounded to FP32 once; layout channels × height × width, or height × width × channels
// Centre    rows from round((height − crop) / 2) on, half to even, as torchvision's CenterCrop
// Grey      of three channels (19595 R + 38470 G + 7471 B + 2^15) / 2^16, as PIL's "L"
// Errors    shape_error naming the picture: as many means or deviations as channels; a crop that is larger than the picture
// Checked   tests/data/preprocessing_test.cpp, tests/analysis/accuracy_test.cpp

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <napier/core/error.hpp>
#include <napier/core/rounded_product.hpp>
#include <napier/data/picture.hpp>
#include <napier/data/resize.hpp>

namespace napier {

enum class channel_order : unsigned char { rgb, bgr, grey };
enum class image_layout : unsigned char { nchw, nhwc };

struct preprocessing {
  double scale = 1.0 / 255;
  std::vector<double> mean;       // of each channel; empty: zeros
  std::vector<double> deviation;  // of each channel; empty: ones
  std::size_t resize = 0;         // pixels of the shorter side; 0: as it is
  std::size_t crop = 0;           // pixels of a side; 0: none
  std::size_t pad = 0;            // pixels on each side
  channel_order channels = channel_order::rgb;
  image_layout layout = image_layout::nchw;

  friend bool operator==(const preprocessing&, const preprocessing&) = default;
};

// The input of a network, its dimensions without the batch.
struct network_input {
  std::vector<std::size_t> dimensions;
  std::vector<float> values;
};

namespace detail {

// A window of height × width whose first element is at (top, left), which may be negative: black outside.
inline picture cut_out(const picture& from, std::ptrdiff_t top, std::ptrdiff_t left, std::size_t height,
                       std::size_t width) {
  picture result{from.channels, height, width, {}, {}};
  const auto cut = [&](const auto& source, auto& target) {
    target.assign(result.size(), 0);
    for (std::size_t row = 0; row < from.channels * height; ++row) {
      const std::ptrdiff_t y = static_cast<std::ptrdiff_t>(row % height) + top;
      if (y < 0 || y >= static_cast<std::ptrdiff_t>(from.height)) continue;
      const std::size_t line = (row / height * from.height + static_cast<std::size_t>(y)) * from.width;
      for (std::size_t x = 0; x < width; ++x) {
        const std::ptrdiff_t column = static_cast<std::ptrdiff_t>(x) + left;
        if (column < 0 || column >= static_cast<std::ptrdiff_t>(from.width)) continue;
        target[row * width + x] = source[line + static_cast<std::size_t>(column)];
      }
    }
  };
  if (from.is_real()) {
    cut(from.reals, result.reals);
  } else {
    cut(from.bytes, result.bytes);
  }
  return result;
}

// (size − crop) / 2, half to even.
inline std::ptrdiff_t centre(std::size_t size, std::size_t crop) {
  const std::size_t rest = size - crop;
  const std::size_t half = rest / 2;
  return static_cast<std::ptrdiff_t>(rest % 2 == 1 && half % 2 == 1 ? half + 1 : half);
}

inline picture ordered_channels(picture from, channel_order order, const std::string& name) {
  if (order == channel_order::rgb || (order == channel_order::grey && from.channels == 1)) return from;
  if (from.channels != 3) {
    throw shape_error(name + ": bgr and grey are for 3 channels, found " + std::to_string(from.channels));
  }
  const std::size_t plane = from.height * from.width;
  if (order == channel_order::bgr) {
    const auto swap_planes = [plane](auto& values) {
      std::swap_ranges(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(plane),
                       values.end() - static_cast<std::ptrdiff_t>(plane));
    };
    if (from.is_real()) swap_planes(from.reals);
    if (!from.is_real()) swap_planes(from.bytes);
    return from;
  }
  picture grey{1, from.height, from.width, {}, {}};
  for (std::size_t i = 0; i < plane; ++i) {
    if (from.is_real()) {
      grey.reals.push_back(static_cast<float>((19595.0 * static_cast<double>(from.reals[i]) +
                                               38470.0 * static_cast<double>(from.reals[plane + i]) +
                                               7471.0 * static_cast<double>(from.reals[2 * plane + i])) /
                                              65536));
      continue;
    }
    const std::uint32_t sum =
        19595U * from.bytes[i] + 38470U * from.bytes[plane + i] + 7471U * from.bytes[2 * plane + i];
    grey.bytes.push_back(static_cast<std::uint8_t>((sum + 0x8000) >> 16));
  }
  return grey;
}

}  // namespace detail

// name: what messages call the picture.
inline network_input preprocess(picture image, const preprocessing& how, const std::string& name) {
  if (how.resize != 0) image = resize_shorter_side(image, how.resize);
  if (how.crop != 0) {
    if (how.crop > std::min(image.height, image.width)) {
      throw shape_error(name + ": a crop of " + std::to_string(how.crop) + " of a picture of " +
                        std::to_string(image.height) + " x " + std::to_string(image.width));
    }
    image = detail::cut_out(image, detail::centre(image.height, how.crop),
                            detail::centre(image.width, how.crop), how.crop, how.crop);
  }
  if (how.pad != 0) {
    const auto pad = static_cast<std::ptrdiff_t>(how.pad);
    image = detail::cut_out(image, -pad, -pad, image.height + 2 * how.pad, image.width + 2 * how.pad);
  }
  image = detail::ordered_channels(std::move(image), how.channels, name);
  for (const std::vector<double>* values : {&how.mean, &how.deviation}) {
    if (!values->empty() && values->size() != image.channels) {
      throw shape_error(name + ": " + std::to_string(values->size()) + " means or deviations for " +
                        std::to_string(image.channels) + " channels");
    }
  }
  const std::size_t plane = image.height * image.width;
  const bool is_nchw = how.layout == image_layout::nchw;
  network_input result;
  result.dimensions = is_nchw ? std::vector{image.channels, image.height, image.width}
                              : std::vector{image.height, image.width, image.channels};
  result.values.resize(image.size());
  for (std::size_t i = 0; i < image.size(); ++i) {
    const std::size_t channel = i / plane;
    const double pixel =
        image.is_real() ? static_cast<double>(image.reals[i]) : static_cast<double>(image.bytes[i]);
    const double scaled = rounded_product(pixel, how.scale);
    const double centred = how.mean.empty() ? scaled : scaled - how.mean[channel];
    const std::size_t place = is_nchw ? i : i % plane * image.channels + channel;
    result.values[place] =
        static_cast<float>(how.deviation.empty() ? centred : centred / how.deviation[channel]);
  }
  return result;
}

}  // namespace napier
