#pragma once
// napier/data/cifar.hpp — CIFAR-10 and CIFAR-100 in their binary layout.
//
//   CIFAR-10    label                     3072 bytes: 32 × 32 red, green, blue          3073 bytes an image
//   CIFAR-100   coarse label, fine label  3072 bytes                                    3074 bytes an image
//
// What      read_cifar turns the bytes of such files, one after the other, into an image_set; CIFAR-100's classes are the fine
//           ones
// Errors    data_error naming the file: no image, no whole number of images, a label that is no class (with the image)
// Source    A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009
// Checked   tests/data/cifar_test.cpp

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include <napier/core/error.hpp>
#include <napier/data/idx.hpp>
#include <napier/data/image_set.hpp>

namespace napier {

enum class cifar_kind : unsigned char { cifar10, cifar100 };

inline image_set read_cifar(cifar_kind kind, std::span<const named_bytes> files, std::string name) {
  constexpr std::size_t image_bytes = 3072;
  const std::size_t labels = kind == cifar_kind::cifar10 ? 1 : 2;
  const std::size_t record = labels + image_bytes;
  image_set result;
  result.name = std::move(name);
  result.channels = 3;
  result.height = 32;
  result.width = 32;
  result.classes = kind == cifar_kind::cifar10 ? 10 : 100;
  for (const named_bytes& file : files) {
    if (file.bytes.empty() || file.bytes.size() % record != 0) {
      throw data_error(file.name + ": expected images of " + std::to_string(record) + " bytes, found " +
                       std::to_string(file.bytes.size()) + " bytes");
    }
    for (std::size_t first = 0; first < file.bytes.size(); first += record) {
      const std::uint8_t label = file.bytes[first + labels - 1];
      if (label >= result.classes) {
        throw data_error(file.name + ": expected labels below " + std::to_string(result.classes) +
                         ", found " + std::to_string(label) + " for image " + std::to_string(first / record));
      }
      result.labels.push_back(label);
      const auto pixels = file.bytes.subspan(first + labels, image_bytes);
      result.pixels.insert(result.pixels.end(), pixels.begin(), pixels.end());
    }
  }
  result.count = result.labels.size();
  return result;
}

}  // namespace napier
