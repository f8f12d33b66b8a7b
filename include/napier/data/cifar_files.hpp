#pragma once
// napier/data/cifar_files.hpp — CIFAR-10's and CIFAR-100's test images from a folder, plain or gzip.
//
// What      CIFAR-10: all test_batch*.bin and test_batch*.bin.gz, sorted by name; CIFAR-100: test.bin or test.bin.gz. The folder
//           that holds them, or the one that holds cifar-10-batches-bin or cifar-100-binary
// Errors    data_error (data/cifar.hpp, data/gzip.hpp), or the folder or the files are not there
// Needs     napier::data
// Checked   tests/data/cifar_test.cpp

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <napier/core/error.hpp>
#include <napier/data/cifar.hpp>
#include <napier/data/gzip.hpp>
#include <napier/data/image_set.hpp>

namespace napier {

namespace detail {

inline bool is_cifar_file(cifar_kind kind, const std::string& name) {
  std::string plain = name;
  if (plain.ends_with(".gz")) plain.resize(plain.size() - 3);
  return kind == cifar_kind::cifar10 ? plain.starts_with("test_batch") && plain.ends_with(".bin")
                                     : plain == "test.bin";
}

// Sorted; the packed one is left out where the plain one is there.
inline std::vector<std::filesystem::path> find_cifar_files(cifar_kind kind,
                                                           const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> found;
  std::error_code problem;
  for (std::filesystem::directory_iterator entry(folder, problem), end; !problem && entry != end;
       entry.increment(problem)) {
    if (is_cifar_file(kind, entry->path().filename().string())) found.push_back(entry->path());
  }
  std::sort(found.begin(), found.end());
  std::vector<std::filesystem::path> result;
  for (const auto& path : found) {
    const bool is_packed_twin =
        !result.empty() && path == std::filesystem::path(result.back().string() + ".gz");
    if (!is_packed_twin) result.push_back(path);
  }
  return result;
}

}  // namespace detail

inline image_set read_cifar_files(cifar_kind kind, const std::filesystem::path& folder, std::string name) {
  const bool is_cifar10 = kind == cifar_kind::cifar10;
  std::error_code problem;
  if (!std::filesystem::is_directory(folder, problem)) {
    throw data_error(folder.string() + ": is no folder; expected the one of " +
                     (is_cifar10 ? "CIFAR-10" : "CIFAR-100"));
  }
  std::vector<std::filesystem::path> paths = detail::find_cifar_files(kind, folder);
  if (paths.empty())
    paths =
        detail::find_cifar_files(kind, folder / (is_cifar10 ? "cifar-10-batches-bin" : "cifar-100-binary"));
  if (paths.empty()) {
    throw data_error(folder.string() + ": expected " + (is_cifar10 ? "test_batch*.bin" : "test.bin") +
                     ", plain or .gz, found none");
  }
  std::vector<std::vector<std::uint8_t>> contents;
  std::vector<named_bytes> files;
  for (const auto& path : paths) contents.push_back(read_plain_or_gzip(path));
  for (std::size_t i = 0; i < paths.size(); ++i) files.push_back({paths[i].string(), contents[i]});
  return read_cifar(kind, files, std::move(name));
}

}  // namespace napier
