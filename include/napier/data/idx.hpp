#pragma once
// napier/data/idx.hpp — images and labels in the IDX format of MNIST and its family.
//
//   images   00 00 08 03   count   height   width   pixels        numbers are 32 bits, big-endian
//   labels   00 00 08 01   count   labels                         pixels and labels one byte each
//
// What      read_idx turns the bytes of two such files into an image_set of one channel
// Errors    data_error naming the file: another magic number, fewer or more bytes than the header promises, no images or
//           none with a pixel, counts that differ, a label that is no class
// Source    Y. LeCun, C. Cortes, C. J. C. Burges, The MNIST database of handwritten digits, 1998
// Checked   tests/data/idx_test.cpp

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <napier/core/error.hpp>
#include <napier/data/image_set.hpp>

namespace napier {

// The bytes of a file and what messages call it.
struct named_bytes {
  std::string name;
  std::span<const std::uint8_t> bytes;
};

namespace detail {

inline std::uint32_t big_endian(std::span<const std::uint8_t> bytes, std::size_t offset) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = number << 8 | bytes[offset + i];
  return number;
}

inline std::string hexadecimal(std::uint32_t number) {
  std::string text = "0x00000000";
  for (std::size_t i = 10; i-- > 2; number >>= 4) text[i] = "0123456789abcdef"[number & 0xf];
  return text;
}

struct idx_content {
  std::vector<std::size_t> dimensions;
  std::span<const std::uint8_t> elements;
};

// An IDX file of unsigned bytes and `rank` dimensions; `what` they are.
inline idx_content read_idx_content(const named_bytes& file, std::uint32_t rank, const std::string& what) {
  const auto expected = [&file](const std::string& wanted, const std::string& found) {
    throw data_error(file.name + ": expected " + wanted + ", found " + found);
  };
  const std::size_t header = 4 + std::size_t{4} * rank;
  const std::uint32_t magic = 0x800 + rank;
  if (file.bytes.size() < header) {
    expected("a header of " + std::to_string(header) + " bytes (IDX " + what + ")",
             std::to_string(file.bytes.size()) + " bytes");
  }
  if (big_endian(file.bytes, 0) != magic) {
    expected("the magic number " + hexadecimal(magic) + " (IDX " + what + ")",
             hexadecimal(big_endian(file.bytes, 0)));
  }
  idx_content result{{}, file.bytes.subspan(header)};
  std::size_t left = result.elements.size();  // ⌊bytes / dimensions so far⌋: no product that could overflow
  bool fits = true;
  std::string text;
  for (std::size_t i = 0; i < rank; ++i) {
    const std::size_t extent = big_endian(file.bytes, 4 + 4 * i);
    result.dimensions.push_back(extent);
    text += (i == 0 ? "" : " x ") + std::to_string(extent);
    if (extent != 0) fits = fits && left % extent == 0;
    if (extent != 0) left /= extent;
  }
  for (const std::size_t extent : result.dimensions) {
    if (extent == 0) expected("no dimension of 0 for the " + what, text);
  }
  if (!fits || left != 1) {
    expected(text + " bytes of " + what, std::to_string(result.elements.size()) + " bytes");
  }
  return result;
}

}  // namespace detail

inline image_set read_idx(const named_bytes& images, const named_bytes& labels, std::string name,
                          std::size_t classes) {
  const detail::idx_content pixels = detail::read_idx_content(images, 3, "images");
  const detail::idx_content numbers = detail::read_idx_content(labels, 1, "labels");
  if (pixels.dimensions[0] != numbers.dimensions[0]) {
    throw data_error(labels.name + ": expected " + std::to_string(pixels.dimensions[0]) +
                     " labels, as many as " + images.name + " has images, found " +
                     std::to_string(numbers.dimensions[0]));
  }
  for (std::size_t i = 0; i < numbers.elements.size(); ++i) {
    if (numbers.elements[i] < classes) continue;
    throw data_error(labels.name + ": expected labels below " + std::to_string(classes) + ", found " +
                     std::to_string(numbers.elements[i]) + " for image " + std::to_string(i));
  }
  image_set result;
  result.name = std::move(name);
  result.count = pixels.dimensions[0];
  result.channels = 1;
  result.height = pixels.dimensions[1];
  result.width = pixels.dimensions[2];
  result.classes = classes;
  result.pixels.assign(pixels.elements.begin(), pixels.elements.end());
  result.labels.assign(numbers.elements.begin(), numbers.elements.end());
  return result;
}

}  // namespace napier
