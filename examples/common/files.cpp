#include "files.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include <napier/core/error.hpp>

namespace napier_tools {

namespace {

bool is_standard_output(const std::string& path) { return path == "-"; }

// Where a path leads: a link stays a link, what it names is written. But /dev/stdout stands for a descriptor, whatever
// file is behind it.
std::string end_of(const std::string& path) {
  std::error_code ignored;
  const std::string absolute = std::filesystem::absolute(path, ignored).lexically_normal().string();
  if (absolute.starts_with("/dev/") || absolute.starts_with("/proc/")) return path;
  const std::filesystem::path end = std::filesystem::canonical(path, ignored);
  return end.empty() ? path : end.string();
}

// There or not; but no device or pipe, such as /dev/stdout, which a rename would take away.
bool is_plain_file(const std::string& path) {
  if (is_standard_output(path)) return false;
  std::error_code ignored;
  const std::filesystem::file_status status = std::filesystem::symlink_status(end_of(path), ignored);
  return !std::filesystem::exists(status) || std::filesystem::is_regular_file(status);
}

}  // namespace

void check_writable(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    if (path.empty() || is_standard_output(path)) continue;
    std::error_code ignored;
    bool writable = !std::filesystem::is_directory(path, ignored);
    if (is_plain_file(path)) {
      const std::string unfinished = end_of(path) + ".partial";
      writable = std::ofstream(unfinished, std::ios::binary).is_open();
      std::filesystem::remove(unfinished, ignored);
    }
    if (!writable) throw napier::error(path + ": cannot be written");
  }
}

void check_apart(const std::vector<std::string>& written, const std::vector<std::string>& read) {
  const auto place = [](const std::string& path) {
    std::error_code ignored;
    return std::filesystem::weakly_canonical(std::filesystem::absolute(path, ignored), ignored);
  };
  const auto counts = [](const std::string& path) { return !path.empty() && is_plain_file(path); };
  for (std::size_t i = 0; i < written.size(); ++i) {
    if (!counts(written[i]) && !is_standard_output(written[i])) continue;
    for (const std::string& input : read) {
      if (is_plain_file(written[i]) && !input.empty() && place(input) == place(written[i]))
        throw napier::error(written[i] + ": is read; expected another file to write");
    }
    for (std::size_t j = 0; j < i; ++j) {
      const bool both_standard = is_standard_output(written[j]) && is_standard_output(written[i]);
      if (both_standard ||
          (counts(written[j]) && counts(written[i]) && place(written[j]) == place(written[i])))
        throw napier::error(written[i] +
                            ": is named twice; expected a file of its own for each thing to write");
    }
  }
}

std::FILE* words_beside(const std::vector<std::string>& written) {
  return std::any_of(written.begin(), written.end(), is_standard_output) ? stderr : stdout;
}

void write_file(const std::string& path, const std::string& text) {
  if (is_standard_output(path)) {
    const bool is_written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
    if (!is_written || std::fflush(stdout) != 0) throw napier::error("standard output cannot be written");
    return;
  }
  const bool by_renaming = is_plain_file(path);
  const std::string place = by_renaming ? end_of(path) : path;
  const std::string unfinished = by_renaming ? place + ".partial" : path;
  // A device may be where standard output goes, too: in order, and nothing overwritten.
  std::fflush(stdout);
  std::ofstream file(unfinished, by_renaming ? std::ios::binary : std::ios::binary | std::ios::app);
  file << text;
  file.close();
  std::error_code failure;
  if (file && by_renaming) std::filesystem::rename(unfinished, place, failure);
  if (!file || failure) {
    std::error_code ignored;
    if (by_renaming) std::filesystem::remove(unfinished, ignored);
    throw napier::error(path + ": cannot be written");
  }
}

std::string read_file(const std::string& path) {
  std::error_code ignored;
  std::ifstream file;
  if (!std::filesystem::is_directory(path, ignored)) file.open(path, std::ios::binary);
  const std::string text =
      file.is_open() ? std::string{std::istreambuf_iterator<char>(file), {}} : std::string();
  if (!file.is_open() || file.bad()) throw napier::data_error(path + ": cannot be read");
  return text;
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace napier_tools
