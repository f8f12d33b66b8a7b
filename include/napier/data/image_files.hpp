#pragma once
// napier/data/image_files.hpp — JPEG and PNG files with labels: a folder with one folder a class, or a list.
//
// What      folder   the classes are its folders, sorted by name; their .jpg, .jpeg and .png files (any case), sorted by name.
//                    Hidden ones, of a name that begins with a dot, are neither
//           list     lines "path label"; paths are relative to the list; a path may have spaces; empty lines are skipped
//           Files are decoded when they are asked for: three channels, 8 bits each; grey is repeated, transparency dropped, EXIF
//           orientation not looked at. A JPEG's pixels can differ by one or two from those of another decoder
// Limit     2^15 pixels a side, 2^26 in all
// Errors    data_error naming the file, and of a list the line: missing, not decoded, no image in a class, a picture of
//           another format in a class (it would be missing silently), a label that is no number from 0 to 65535
// Needs     napier::images (Debian: libstb-dev)
// Checked   tests/data/image_files_test.cpp

#include <stb/stb_image.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <napier/core/error.hpp>
#include <napier/data/data_set.hpp>
#include <napier/data/picture.hpp>
#include <napier/data/resize.hpp>

namespace napier {

// Three channels.
inline picture decode_image(const std::filesystem::path& path) {
  const std::string name = path.string();
  const auto fail = [&name](const std::string& why) {
    throw data_error(name + ": expected a JPEG or PNG image, " + why);
  };
  const auto fail_to_decode = [&fail] {
    const char* reason = stbi_failure_reason();  // none for some that are cut
    fail("not decoded: " + std::string(reason == nullptr || *reason == 0 ? "truncated or corrupt" : reason));
  };
  std::error_code problem;
  if (!std::filesystem::is_regular_file(path, problem))
    throw data_error(name + ": cannot be opened; expected an image");
  int width = 0;
  int height = 0;
  int channels = 0;
  if (stbi_info(name.c_str(), &width, &height, &channels) == 0) fail_to_decode();
  constexpr std::size_t most = std::size_t{1} << 26;
  const auto w = static_cast<std::size_t>(width);
  const auto h = static_cast<std::size_t>(height);
  if (w == 0 || h == 0 || std::max(w, h) > max_picture_side || w * h > most)
    fail("found one of " + std::to_string(width) + " x " + std::to_string(height) + " pixels");
  constexpr int wanted = 3;
  const std::unique_ptr<stbi_uc, void (*)(void*)> pixels(
      stbi_load(name.c_str(), &width, &height, &channels, wanted), stbi_image_free);
  if (!pixels || static_cast<std::size_t>(width) != w || static_cast<std::size_t>(height) != h)
    fail_to_decode();
  picture result{3, h, w, std::vector<std::uint8_t>(3 * h * w), {}};
  for (std::size_t i = 0; i < h * w; ++i) {
    for (std::size_t c = 0; c < 3; ++c) result.bytes[c * h * w + i] = pixels.get()[3 * i + c];
  }
  return result;
}

struct labelled_files {
  std::vector<std::filesystem::path> paths;
  std::vector<std::uint32_t> labels;
};

namespace detail {

inline std::string lower_extension(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return extension;
}

inline bool has_image_name(const std::filesystem::path& path) {
  const std::string extension = lower_extension(path);
  for (const char* other : {".bmp", ".gif", ".jp2", ".pgm", ".ppm", ".tif", ".tiff", ".webp"}) {
    if (extension == other)
      throw data_error(path.string() + ": expected .jpg, .jpeg or .png files, found " + extension);
  }
  return extension == ".jpg" || extension == ".jpeg" || extension == ".png";
}

// Without hidden ones, such as .DS_Store and .ipynb_checkpoints.
inline std::vector<std::filesystem::path> sorted_entries(const std::filesystem::path& folder) {
  std::error_code problem;
  std::vector<std::filesystem::path> result;
  for (std::filesystem::directory_iterator entry(folder, problem), end; !problem && entry != end;
       entry.increment(problem)) {
    if (!entry->path().filename().string().starts_with('.')) result.push_back(entry->path());
  }
  if (problem) throw data_error(folder.string() + ": cannot be read");
  std::sort(result.begin(), result.end());
  return result;
}

inline std::uint32_t list_label(const std::string& text, const std::string& place) {
  std::uint32_t label = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), label);
  if (problem != std::errc{} || end != text.data() + text.size() || label > 65535)
    throw data_error(place + ": expected a label from 0 to 65535, found '" + text + "'");
  return label;
}

}  // namespace detail

inline labelled_files list_image_folder(const std::filesystem::path& folder) {
  labelled_files result;
  std::uint32_t label = 0;
  std::error_code problem;
  for (const auto& of_class : detail::sorted_entries(folder)) {
    if (!std::filesystem::is_directory(of_class, problem)) continue;
    const std::size_t before = result.paths.size();
    for (const auto& file : detail::sorted_entries(of_class)) {
      if (!detail::has_image_name(file)) continue;
      result.paths.push_back(file);
      result.labels.push_back(label);
    }
    if (result.paths.size() == before)
      throw data_error(of_class.string() + ": expected .jpg, .jpeg or .png files, found none");
    ++label;
  }
  if (label == 0) throw data_error(folder.string() + ": expected a folder for each class, found none");
  return result;
}

inline labelled_files read_image_list(const std::filesystem::path& list) {
  std::ifstream file(list);
  if (!file)
    throw data_error(list.string() + ": cannot be opened; expected a folder of classes, or a list of images");
  labelled_files result;
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    if (number == 1 && line.starts_with("\xef\xbb\xbf")) line.erase(0, 3);  // a byte order mark of UTF-8
    while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back())) != 0) line.pop_back();
    if (line.empty()) continue;
    const std::string place = list.string() + ": line " + std::to_string(number);
    const std::size_t space = line.find_last_of(" \t");
    const std::size_t end = space == std::string::npos ? space : line.find_last_not_of(" \t", space);
    if (end == std::string::npos)
      throw data_error(place + ": expected 'path label', found '" + line.substr(0, 200) + "'");
    const std::filesystem::path path = list.parent_path() / line.substr(0, end + 1);
    result.labels.push_back(detail::list_label(line.substr(space + 1), place));
    std::error_code problem;
    if (!std::filesystem::is_regular_file(path, problem))
      throw data_error(place + ": the image " + path.string() + " is not there");
    result.paths.push_back(path);
  }
  if (file.bad()) throw data_error(list.string() + ": cannot be read");
  if (result.paths.empty()) throw data_error(list.string() + ": expected lines 'path label', found none");
  return result;
}

// A folder with one folder a class, or a list.
class image_files final : public data_set {
 public:
  image_files(labelled_files files, std::string name)
      : data_set(std::move(name), files.labels, classes_of(files.labels)), paths_(std::move(files.paths)) {}
  image_files(const std::filesystem::path& folder_or_list, std::string name)
      : image_files(list_files(folder_or_list), std::move(name)) {}

 private:
  static labelled_files list_files(const std::filesystem::path& folder_or_list) {
    std::error_code problem;
    const bool is_folder = std::filesystem::is_directory(folder_or_list, problem);
    return is_folder ? list_image_folder(folder_or_list) : read_image_list(folder_or_list);
  }
  napier::picture read(std::size_t i) const override { return decode_image(paths_[i]); }

  std::vector<std::filesystem::path> paths_;
};

}  // namespace napier
