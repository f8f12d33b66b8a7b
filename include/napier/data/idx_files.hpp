#pragma once
// napier/data/idx_files.hpp — an image_set from a pair of IDX files, plain or gzip.
//
// Errors    data_error (data/idx.hpp, data/gzip.hpp)
// Needs     napier::data
// Checked   tests/data/fashion_mnist_test.cpp

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <napier/data/gzip.hpp>
#include <napier/data/idx.hpp>
#include <napier/data/image_set.hpp>

namespace napier {

inline image_set read_idx_files(const std::filesystem::path& images, const std::filesystem::path& labels,
                                std::string name, std::size_t classes) {
  const std::vector<std::uint8_t> image_bytes = read_plain_or_gzip(images);
  const std::vector<std::uint8_t> label_bytes = read_plain_or_gzip(labels);
  return read_idx({images.string(), image_bytes}, {labels.string(), label_bytes}, std::move(name), classes);
}

}  // namespace napier
