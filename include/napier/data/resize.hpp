#pragma once
// napier/data/resize.hpp — a picture with its shorter side resized to N pixels: bilinear with antialiasing, as PIL and torchvision do it.
//
// What      shorter side N, longer ⌊N · longer / shorter⌋ (torchvision's Resize(N)). Each pixel is the mean of the input pixels
//           under a triangle as wide as two output pixels, or two input pixels where the picture grows; along rows first.
//           Bytes: PIL's fixed-point weights of 22 bits and its rounding after each direction, bit for bit. Reals: in FP64,
//           rounded to float after each direction
// Errors    data_error for a size of 0 or above 2^15
// Source    Pillow 9.4, src/libImaging/Resample.c
// Checked   tests/data/resize_test.cpp

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <napier/core/error.hpp>
#include <napier/core/rounded_product.hpp>
#include <napier/data/picture.hpp>

namespace napier {

inline constexpr std::size_t max_picture_side = std::size_t{1} << 15;

namespace detail {

// The inputs of one output pixel, and their weights, which add up to 1.
struct resize_taps {
  std::size_t first = 0;
  std::vector<double> weights;
};

inline std::vector<resize_taps> taps_of_resize(std::size_t from, std::size_t to) {
  const double scale = static_cast<double>(from) / static_cast<double>(to);
  const double support = std::max(scale, 1.0);
  std::vector<resize_taps> all(to);
  for (std::size_t i = 0; i < to; ++i) {
    const double center = rounded_product(static_cast<double>(i) + 0.5, scale);
    const double low = std::max(0.0, std::trunc(center - support + 0.5));
    const double high = std::min(static_cast<double>(from), std::trunc(center + support + 0.5));
    all[i].first = static_cast<std::size_t>(low);
    double sum = 0;
    for (double x = low; x < high; ++x) {
      const double distance = std::fabs(rounded_product(x - center + 0.5, 1 / support));
      all[i].weights.push_back(distance < 1 ? 1 - distance : 0);
      sum += all[i].weights.back();
    }
    for (double& weight : all[i].weights) weight *= sum == 0 ? 1 : 1 / sum;
  }
  return all;
}

inline std::uint8_t resized_pixel(const resize_taps& taps, const std::uint8_t* from, std::size_t stride) {
  constexpr int precision = 22;
  std::int64_t sum = std::int64_t{1} << (precision - 1);
  for (std::size_t k = 0; k < taps.weights.size(); ++k) {
    const auto weight = static_cast<std::int64_t>(0.5 + taps.weights[k] * (1 << precision));
    sum += weight * from[(taps.first + k) * stride];
  }
  return static_cast<std::uint8_t>(std::clamp<std::int64_t>(sum >> precision, 0, 255));
}

inline float resized_pixel(const resize_taps& taps, const float* from, std::size_t stride) {
  double sum = 0;
  for (std::size_t k = 0; k < taps.weights.size(); ++k)
    sum += rounded_product(taps.weights[k], static_cast<double>(from[(taps.first + k) * stride]));
  return static_cast<float>(sum);
}

// `lines` lines of length `from` become lines of length `to`; elements of a line are `stride` apart.
template <class T>
std::vector<T> resize_lines(const std::vector<T>& input, std::size_t outer, std::size_t from, std::size_t to,
                            std::size_t stride) {
  if (from == to) return input;
  const std::vector<resize_taps> taps = taps_of_resize(from, to);
  std::vector<T> output(outer * to * stride);
  for (std::size_t o = 0; o < outer; ++o) {
    for (std::size_t i = 0; i < to; ++i) {
      for (std::size_t s = 0; s < stride; ++s) {
        output[(o * to + i) * stride + s] =
            resized_pixel(taps[i], input.data() + o * from * stride + s, stride);
      }
    }
  }
  return output;
}

}  // namespace detail

inline picture resize_to(const picture& from, std::size_t height, std::size_t width) {
  if (height == 0 || width == 0 || std::max(height, width) > max_picture_side) {
    throw data_error("cannot resize a picture to " + std::to_string(height) + " x " + std::to_string(width) +
                     "; expected sides of 1 to " + std::to_string(max_picture_side));
  }
  picture result{from.channels, height, width, {}, {}};
  const auto resize = [&](const auto& elements) {
    const auto rows = detail::resize_lines(elements, from.channels * from.height, from.width, width, 1);
    return detail::resize_lines(rows, from.channels, from.height, height, width);
  };
  if (from.is_real()) {
    result.reals = resize(from.reals);
  } else {
    result.bytes = resize(from.bytes);
  }
  return result;
}

inline picture resize_shorter_side(const picture& from, std::size_t side) {
  const std::size_t shorter = std::min(from.height, from.width);
  const std::size_t longer = std::max(from.height, from.width);
  if (shorter == side || shorter == 0) return from;
  const std::size_t other = side * longer / shorter;
  return from.height < from.width ? resize_to(from, side, other) : resize_to(from, other, side);
}

}  // namespace napier
