#pragma once
// A folder of files for one test, gone afterwards; and the message of a data_error.

#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <napier/core/error.hpp>

namespace scratch {

using bytes = std::vector<std::uint8_t>;

class folder {
 public:
  explicit folder(const std::string& name)
      : path_(std::filesystem::temp_directory_path() / ("napier_" + name + "_" + std::to_string(getpid()))) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~folder() { std::filesystem::remove_all(path_); }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;

  std::filesystem::path path(const std::string& name = "") const {
    return name.empty() ? path_ : path_ / name;
  }
  std::string text(const std::string& name = "") const { return path(name).string(); }

  std::filesystem::path write(const std::string& name, const bytes& content) const {
    std::filesystem::create_directories(path(name).parent_path());
    std::ofstream(path(name), std::ios::binary)
        .write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
    return path(name);
  }
  std::filesystem::path write(const std::string& name, const std::string& content) const {
    return write(name, bytes(content.begin(), content.end()));
  }

 private:
  std::filesystem::path path_;
};

template <class Action>
std::string problem(Action action) {
  try {
    action();
    return "no error";
  } catch (const napier::data_error& error) {
    return error.what();
  }
}

inline bytes from_hexadecimal(const std::string& text) {
  bytes result;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    result.push_back(static_cast<std::uint8_t>(std::stoul(text.substr(i, 2), nullptr, 16)));
  return result;
}

}  // namespace scratch
