#pragma once
// napier/data/fashion_mnist.hpp — Fashion-MNIST: 60,000 images to train on and 10,000 to test, 28 × 28, ten classes.
//
// What      reads Debian's package dataset-fashion-mnist, or a folder with the same files, plain or gzip
// Errors    data_error; where the folder is missing it says how to install the package
// Needs     napier::data
// Source    H. Xiao, K. Rasul, R. Vollgraf, arXiv:1708.07747, 2017
// Checked   tests/data/fashion_mnist_test.cpp

#include <filesystem>
#include <string>
#include <system_error>

#include <napier/core/error.hpp>
#include <napier/data/idx_files.hpp>
#include <napier/data/image_set.hpp>

namespace napier {

enum class data_split : unsigned char { train, test };

inline constexpr const char* fashion_mnist_folder = "/usr/share/datasets/fashion-mnist";

inline image_set read_fashion_mnist(data_split split,
                                    const std::filesystem::path& folder = fashion_mnist_folder) {
  std::error_code problem;
  if (!std::filesystem::is_directory(folder, problem)) {
    throw data_error(folder.string() +
                     ": Fashion-MNIST is not there; apt-get install dataset-fashion-mnist brings it");
  }
  const auto find = [&](const std::string& file) {
    const std::filesystem::path packed = folder / (file + ".gz");
    return std::filesystem::exists(packed, problem) ? packed : folder / file;
  };
  const std::string prefix = split == data_split::train ? "train" : "t10k";
  return read_idx_files(find(prefix + "-images-idx3-ubyte"), find(prefix + "-labels-idx1-ubyte"),
                        split == data_split::train ? "fashion-mnist (train)" : "fashion-mnist", 10);
}

}  // namespace napier
