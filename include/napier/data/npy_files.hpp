#pragma once
// napier/data/npy_files.hpp — images and labels from a pair of .npy files.
//
// What      images: uint8, count × height × width × channels, or float32 or float64 (rounded to float32), count × channels ×
//           height × width; labels: count, or count × 1, integers of any width. Any byte order. Images are read when they are
//           asked for; channels may be left out where they are one
// Errors    data_error naming the file: another type or number of dimensions, fewer or more bytes than the header promises,
//           counts that differ, a label below 0 or above 65535 (with its image), NaN or infinity in an image
// Checked   tests/data/npy_test.cpp

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <napier/core/error.hpp>
#include <napier/data/data_set.hpp>
#include <napier/data/npy.hpp>
#include <napier/data/picture.hpp>

namespace napier {

namespace detail {

inline std::string shape_text(const std::vector<std::size_t>& dimensions) {
  std::string text;
  for (const std::size_t extent : dimensions) text += (text.empty() ? "" : " x ") + std::to_string(extent);
  return text.empty() ? "one number" : text;
}

// An .npy file whose size is as its header says.
struct npy_file {
  std::filesystem::path path;
  npy_header header;
  std::size_t element_bytes = 0;

  explicit npy_file(const std::filesystem::path& at) : path(at) {
    const std::string name = path.string();
    std::error_code problem;
    if (std::filesystem::is_directory(path, problem))
      throw data_error(name + ": is a folder; expected a file");
    const std::uint64_t size = std::filesystem::file_size(path, problem);
    std::ifstream file(path, std::ios::binary);
    if (!file || problem) throw data_error(name + ": cannot be opened");
    std::vector<std::uint8_t> start(std::min<std::uint64_t>(size, max_npy_header + 12));
    file.read(reinterpret_cast<char*>(start.data()), static_cast<std::streamsize>(start.size()));
    if (!file) throw data_error(name + ": cannot be read");
    header = read_npy_header(start, name);
    const char width = header.type.size() == 3 ? header.type.back() : '0';
    element_bytes = static_cast<std::size_t>(width >= '1' && width <= '8' ? width - '0' : 0);
    std::uint64_t expected = element_bytes;
    bool fits = element_bytes != 0;
    for (const std::size_t extent : header.shape)
      fits = fits && !__builtin_mul_overflow(expected, std::uint64_t{extent}, &expected);
    if (!fits || size - header.data_offset != expected) {
      throw data_error(name + ": expected the elements of " + shape_text(header.shape) + " of type " +
                       header.type + ", found " + std::to_string(size - header.data_offset) + " bytes");
    }
  }

  // Bytes of the elements first … first + count − 1.
  std::vector<std::uint8_t> read(std::size_t first, std::size_t count) const {
    std::vector<std::uint8_t> bytes(count * element_bytes);
    std::ifstream file(path, std::ios::binary);
    file.seekg(static_cast<std::streamoff>(header.data_offset + first * element_bytes));
    if (!file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size())))
      throw data_error(path.string() + ": cannot be read");
    return bytes;
  }

  std::size_t count() const { return header.shape.empty() ? 0 : header.shape[0]; }
};

inline std::uint64_t npy_integer(const std::uint8_t* bytes, std::size_t width, bool is_big_endian) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < width; ++i) number = number << 8 | bytes[is_big_endian ? i : width - 1 - i];
  return number;
}

inline std::vector<std::uint32_t> read_npy_labels(const npy_file& file) {
  const std::string& type = file.header.type;
  const bool is_integer =
      type.size() == 3 && (type[1] == 'u' || type[1] == 'i') && std::has_single_bit(file.element_bytes);
  const std::vector<std::size_t>& extents = file.header.shape;
  if (!is_integer || (extents.size() != 1 && (extents.size() != 2 || extents[1] != 1))) {
    throw data_error(file.path.string() + ": expected labels as one row of integers, found " +
                     shape_text(extents) + " of type " + type);
  }
  const std::vector<std::uint8_t> bytes = file.read(0, file.count());
  std::vector<std::uint32_t> labels(file.count());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    std::uint64_t label =
        npy_integer(bytes.data() + i * file.element_bytes, file.element_bytes, type[0] == '>');
    const bool is_negative = type[1] == 'i' && label >> (8 * file.element_bytes - 1) != 0;
    if (is_negative || label > 65535) {
      throw data_error(file.path.string() + ": expected labels from 0 to 65535, found " +
                       (is_negative ? "one below 0" : std::to_string(label)) + " for image " +
                       std::to_string(i));
    }
    labels[i] = static_cast<std::uint32_t>(label);
  }
  return labels;
}

}  // namespace detail

class npy_set final : public data_set {
 public:
  npy_set(const std::filesystem::path& images, const std::filesystem::path& labels, std::string name)
      : npy_set{detail::npy_file(images), detail::read_npy_labels(detail::npy_file(labels)), labels,
                std::move(name)} {}  // in this order

 private:
  npy_set(detail::npy_file images, std::vector<std::uint32_t> labels, const std::filesystem::path& label_file,
          std::string name)
      : data_set(std::move(name), labels, classes_of(labels)), file_(std::move(images)) {
    const std::string& type = file_.header.type;
    std::vector<std::size_t>& extents = file_.header.shape;
    if (extents.size() == 3) extents.insert(type == "|u1" ? extents.end() : extents.begin() + 1, 1);
    const bool is_known = type == "|u1" || is_real();
    bool has_pixels = true;
    for (const std::size_t extent : extents) has_pixels = has_pixels && extent != 0;
    if (!is_known || extents.size() != 4 || !has_pixels) {
      throw data_error(file_.path.string() +
                       ": expected images of uint8 (|u1), count x height x width x channels, or float32 (f4) "
                       "or float64 (f8), "
                       "count x channels x height x width, found " +
                       detail::shape_text(extents) + " of type " + type);
    }
    if (file_.count() != labels.size()) {
      throw data_error(label_file.string() + ": expected " + std::to_string(file_.count()) +
                       " labels, as many as " + file_.path.string() + " has images, found " +
                       std::to_string(labels.size()));
    }
  }

  napier::picture read(std::size_t i) const override {
    const std::vector<std::size_t>& d = file_.header.shape;
    const std::size_t size = d[1] * d[2] * d[3];
    const std::vector<std::uint8_t> bytes = file_.read(i * size, size);
    if (is_real()) {
      napier::picture result{d[1], d[2], d[3], {}, std::vector<float>(size)};
      const std::size_t width = file_.element_bytes;
      for (std::size_t k = 0; k < size; ++k) {
        const std::uint64_t code =
            detail::npy_integer(bytes.data() + width * k, width, file_.header.type[0] == '>');
        result.reals[k] = width == 4 ? std::bit_cast<float>(static_cast<std::uint32_t>(code))
                                     : static_cast<float>(std::bit_cast<double>(code));
        if (!std::isfinite(result.reals[k])) {
          throw data_error(file_.path.string() + ": image " + std::to_string(i) + " has " +
                           (std::isnan(result.reals[k]) ? "a NaN" : "an infinity"));
        }
      }
      return result;
    }
    napier::picture result{d[3], d[1], d[2], std::vector<std::uint8_t>(size), {}};
    const std::size_t plane = d[1] * d[2];
    for (std::size_t k = 0; k < size; ++k) result.bytes[k % d[3] * plane + k / d[3]] = bytes[k];
    return result;
  }

  bool is_real() const {
    const std::string& type = file_.header.type;
    return type == "<f4" || type == ">f4" || type == "<f8" || type == ">f8";
  }

  detail::npy_file file_;
};

}  // namespace napier
