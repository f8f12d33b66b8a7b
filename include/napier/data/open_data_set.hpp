#pragma once
// napier/data/open_data_set.hpp — a data set by what a command line calls it.
//
//   fashion-mnist             the test images of Debian's dataset-fashion-mnist
//   mnist:DIR                 t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, plain or .gz
//   idx:IMAGES,LABELS         any pair of IDX files, plain or gzip
//   cifar10:DIR cifar100:DIR  the test images, binary layout, plain or .gz
//   images:DIR images:LIST    a folder with one folder a class; lines "path label"
//   npy:IMAGES,LABELS         uint8 NHWC or float32 NCHW
//
// Errors    data_error
// Needs     napier::data, napier::images
// Checked   tests/data/open_data_set_test.cpp

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include <napier/core/error.hpp>
#include <napier/data/cifar_files.hpp>
#include <napier/data/data_set.hpp>
#include <napier/data/fashion_mnist.hpp>
#include <napier/data/idx_files.hpp>
#include <napier/data/image_files.hpp>
#include <napier/data/npy_files.hpp>

namespace napier {

namespace detail {

inline std::unique_ptr<data_set> in_memory(image_set images) {
  return std::make_unique<memory_set>(std::move(images));
}

// The file of MNIST's test set, by the names that it goes by.
inline std::filesystem::path find_mnist_file(const std::filesystem::path& folder, const std::string& what,
                                             const std::string& kind) {
  std::error_code problem;
  if (!std::filesystem::is_directory(folder, problem))
    throw data_error(folder.string() + ": is no folder; expected the one of MNIST");
  for (const char* separator : {"-", "."}) {
    for (const char* packed : {"", ".gz"}) {
      const auto path = folder / ("t10k-" + what + separator + kind + "-ubyte" + packed);
      if (std::filesystem::exists(path, problem)) return path;
    }
  }
  throw data_error(folder.string() + ": expected t10k-" + what + "-" + kind +
                   "-ubyte, plain or .gz, found none");
}

// "A,B": a file's name may have commas, too, where only one way of cutting gives two files.
inline std::pair<std::string, std::string> two_files(const std::string& text, const std::string& name) {
  const auto part_at = [&text](std::size_t comma) {
    return std::pair{text.substr(0, comma), text.substr(comma + 1)};
  };
  std::error_code problem;
  for (std::size_t comma = text.find(','); comma != std::string::npos; comma = text.find(',', comma + 1)) {
    const auto parts = part_at(comma);
    if (std::filesystem::exists(parts.first, problem) && std::filesystem::exists(parts.second, problem))
      return parts;
  }
  const std::size_t comma = text.find(',');
  if (comma == std::string::npos || comma == 0 || comma + 1 == text.size())
    throw data_error("'" + name + "': expected two files, IMAGES,LABELS");
  return part_at(comma);
}

}  // namespace detail

inline std::unique_ptr<data_set> open_data_set(const std::string& name) {
  if (name == "fashion-mnist") return detail::in_memory(read_fashion_mnist(data_split::test));
  const std::size_t colon = name.find(':');
  const std::string kind = name.substr(0, colon);
  const std::string where = colon == std::string::npos ? "" : name.substr(colon + 1);
  if (!where.empty()) {
    constexpr std::size_t any_classes = 65536;
    if (kind == "mnist") {
      const std::filesystem::path images = detail::find_mnist_file(where, "images", "idx3");
      const std::filesystem::path labels = detail::find_mnist_file(where, "labels", "idx1");
      return detail::in_memory(read_idx_files(images, labels, name, 10));
    }
    if (kind == "idx") {
      const auto [images, labels] = detail::two_files(where, name);
      return detail::in_memory(read_idx_files(images, labels, name, any_classes));
    }
    if (kind == "cifar10") return detail::in_memory(read_cifar_files(cifar_kind::cifar10, where, name));
    if (kind == "cifar100") return detail::in_memory(read_cifar_files(cifar_kind::cifar100, where, name));
    if (kind == "images") return std::make_unique<image_files>(where, name);
    if (kind == "npy") {
      const auto [images, labels] = detail::two_files(where, name);
      return std::make_unique<npy_set>(images, labels, name);
    }
  }
  throw data_error(
      "unknown data set '" + name +
      "'; expected fashion-mnist, mnist:DIR, idx:IMAGES,LABELS, cifar10:DIR, cifar100:DIR, images:DIR, "
      "images:LIST or npy:IMAGES.npy,LABELS.npy");
}

}  // namespace napier
