#pragma once
// napier/data/gzip.hpp — the bytes of a file, plain or gzip.
//
// What      read_plain_or_gzip decides by the first two bytes, 1f 8b; several gzip members in a row are one text
// Limit     2 GiB of content unless told otherwise: a small file can unpack to a thousand times its size
// Errors    data_error naming the file: it cannot be read, is truncated, corrupt, followed by something else, too large
// Needs     napier::data (Debian: zlib1g-dev)
// Source    RFC 1952
// Checked   tests/data/gzip_test.cpp

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <napier/core/error.hpp>

namespace napier {

inline constexpr std::size_t max_file_content = std::size_t{1} << 31;

inline bool is_gzip(std::span<const std::uint8_t> bytes) {
  return bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

namespace detail {

class inflater {
 public:
  inflater(std::span<const std::uint8_t> packed, std::string name, std::size_t limit)
      : packed_(packed), name_(std::move(name)), limit_(limit) {
    constexpr int gzip_only = 16 + MAX_WBITS;
    if (inflateInit2(&stream_, gzip_only) != Z_OK) fail("zlib cannot be started");
  }
  ~inflater() { inflateEnd(&stream_); }
  inflater(const inflater&) = delete;
  inflater& operator=(const inflater&) = delete;

  std::vector<std::uint8_t> unpack() {
    do {
      unpack_member();
    } while (next_member());
    return std::move(result_);
  }

 private:
  void unpack_member() {
    std::array<std::uint8_t, std::size_t{1} << 16> block;
    for (;;) {
      if (stream_.avail_in == 0) feed();
      stream_.next_out = block.data();
      stream_.avail_out = static_cast<uInt>(block.size());
      const int status = inflate(&stream_, Z_NO_FLUSH);
      const std::size_t produced = block.size() - stream_.avail_out;
      if (produced > limit_ - result_.size()) {
        fail("unpacks to more than " + std::to_string(limit_) + " bytes");
      }
      result_.insert(result_.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(produced));
      if (status == Z_STREAM_END) return;
      if (status == Z_BUF_ERROR) {
        fail("the gzip data is truncated after " + std::to_string(packed_.size()) + " bytes");
      }
      if (status != Z_OK)
        fail(std::string("the gzip data is corrupt: ") + (stream_.msg ? stream_.msg : "zlib error"));
    }
  }

  bool next_member() {
    const std::size_t start = fed_ - stream_.avail_in;
    if (start == packed_.size()) return false;
    if (!is_gzip(packed_.subspan(start))) {
      fail("expected the end of the gzip data, found " + std::to_string(packed_.size() - start) +
           " more bytes");
    }
    inflateReset(&stream_);
    return true;
  }

  // zlib counts in 32 bits.
  void feed() {
    const std::size_t size = std::min(packed_.size() - fed_, std::size_t{1} << 30);
    stream_.next_in = const_cast<Bytef*>(packed_.data() + fed_);  // zlib does not write to it
    stream_.avail_in = static_cast<uInt>(size);
    fed_ += size;
  }

  [[noreturn]] void fail(const std::string& problem) const { throw data_error(name_ + ": " + problem); }

  std::span<const std::uint8_t> packed_;
  std::string name_;
  std::size_t limit_;
  std::size_t fed_ = 0;
  std::vector<std::uint8_t> result_;
  z_stream stream_{};
};

}  // namespace detail

// name: what messages call the data.
inline std::vector<std::uint8_t> gunzip(std::span<const std::uint8_t> packed, const std::string& name,
                                        std::size_t limit = max_file_content) {
  return detail::inflater(packed, name, limit).unpack();
}

inline std::vector<std::uint8_t> read_plain_or_gzip(const std::filesystem::path& path,
                                                    std::size_t limit = max_file_content) {
  const std::string name = path.string();
  std::error_code problem;
  if (std::filesystem::is_directory(path, problem)) throw data_error(name + ": is a folder; expected a file");
  std::ifstream file(path, std::ios::binary);
  if (!file) throw data_error(name + ": cannot be opened");
  std::vector<std::uint8_t> bytes;
  std::array<char, std::size_t{1} << 16> block;
  while (file.read(block.data(), block.size()) || file.gcount() > 0) {
    bytes.insert(bytes.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(file.gcount()));
    if (bytes.size() > limit) throw data_error(name + ": has more than " + std::to_string(limit) + " bytes");
  }
  if (file.bad()) throw data_error(name + ": cannot be read");
  if (is_gzip(bytes)) return gunzip(bytes, name, limit);
  return bytes;
}

}  // namespace napier
