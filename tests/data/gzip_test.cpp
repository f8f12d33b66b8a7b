// gunzip and read_plain_or_gzip: content, members, damage, the limit.

#include <unistd.h>
#include <zlib.h>

#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <napier/data/gzip.hpp>
#include <random>
#include <string>
#include <vector>

namespace {

using bytes = std::vector<std::uint8_t>;

bytes gzip(const bytes& content) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  bytes result(deflateBound(&stream, content.size()) + 32);
  stream.next_in = const_cast<Bytef*>(content.data());
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = result.data();
  stream.avail_out = static_cast<uInt>(result.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  result.resize(stream.total_out);
  deflateEnd(&stream);
  return result;
}

// Text that compresses somewhat, longer than the reader's block of 64 KiB.
bytes sample(std::size_t size) {
  std::mt19937 random(1614);
  bytes result(size);
  for (auto& byte : result) byte = static_cast<std::uint8_t>(random() % 17);
  return result;
}

std::string problem(const bytes& packed, std::size_t limit = napier::max_file_content) {
  try {
    (void)napier::gunzip(packed, "file.gz", limit);
    return "no error";
  } catch (const napier::data_error& error) {
    return error.what();
  }
}

bytes operator+(bytes a, const bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

TEST_CASE("what was packed comes back") {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{65536}, std::size_t{300000}}) {
    const bytes content = sample(size);
    CHECK(napier::gunzip(gzip(content), "file.gz") == content);
  }
}

TEST_CASE("several members are one text") {
  const bytes a = sample(70000);
  const bytes b{1, 2, 3};
  CHECK(napier::gunzip(gzip(a) + gzip({}) + gzip(b), "file.gz") == a + b);
}

TEST_CASE("damage") {
  const bytes packed = gzip(sample(1000));
  SECTION("cut anywhere") {
    int truncated = 0;
    for (std::size_t size = 0; size < packed.size(); ++size) {
      const bytes start(packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(size));
      const std::string expected =
          "file.gz: the gzip data is truncated after " + std::to_string(size) + " bytes";
      truncated += problem(start) == expected ? 1 : 0;
    }
    CHECK(truncated == static_cast<int>(packed.size()));
  }
  SECTION("the second member cut") {
    bytes two = packed + packed;
    two.pop_back();
    CHECK_THAT(problem(two), Catch::StartsWith("file.gz: the gzip data is truncated after "));
  }
  SECTION("something else behind it") {
    CHECK(problem(packed + bytes{0, 0, 0}) ==
          "file.gz: expected the end of the gzip data, found 3 more bytes");
    CHECK(problem(packed + bytes{0x1f}) == "file.gz: expected the end of the gzip data, found 1 more bytes");
  }
  SECTION("checksum, length, method, no gzip at all") {
    bytes checksum = packed;
    checksum[packed.size() - 8] ^= 1;
    CHECK(problem(checksum) == "file.gz: the gzip data is corrupt: incorrect data check");
    bytes length = packed;
    length[packed.size() - 1] ^= 1;
    CHECK(problem(length) == "file.gz: the gzip data is corrupt: incorrect length check");
    bytes method = packed;
    method[2] = 7;
    CHECK_THAT(problem(method), Catch::StartsWith("file.gz: the gzip data is corrupt: "));
    CHECK_THAT(problem(bytes{1, 2, 3, 4}), Catch::StartsWith("file.gz: the gzip data is corrupt: "));
  }
  SECTION("any bit changed: the content or a data_error") {
    int cases = 0;
    int errors = 0;
    for (std::size_t i = 0; i < packed.size(); ++i) {
      for (int bit = 0; bit < 8; ++bit) {
        bytes changed = packed;
        changed[i] = static_cast<std::uint8_t>(changed[i] ^ (1 << bit));
        const std::string text = problem(changed);
        errors += text.rfind("file.gz: ", 0) == 0 ? 1 : 0;
        cases += text == "no error" || text.rfind("file.gz: ", 0) == 0 ? 1 : 0;
      }
    }
    CHECK(cases == static_cast<int>(packed.size()) * 8);
    CHECK(errors > cases * 9 / 10);  // all but flags, time stamp and operating system in the header
  }
}

TEST_CASE("the limit") {
  const bytes packed = gzip(bytes(100000, 0));
  CHECK(packed.size() < 200);
  CHECK(problem(packed, 100000) == "no error");
  CHECK(problem(packed, 99999) == "file.gz: unpacks to more than 99999 bytes");
  CHECK(problem(packed + packed, 100001) == "file.gz: unpacks to more than 100001 bytes");
}

TEST_CASE("files, plain and packed") {
  const auto folder =
      std::filesystem::temp_directory_path() / ("napier_gzip_test_" + std::to_string(getpid()));
  std::filesystem::create_directory(folder);
  const auto write = [&](const char* name, const bytes& content) {
    std::ofstream(folder / name, std::ios::binary)
        .write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
    return folder / name;
  };
  const auto message = [&](const std::filesystem::path& path, std::size_t limit) -> std::string {
    try {
      (void)napier::read_plain_or_gzip(path, limit);
      return "no error";
    } catch (const napier::data_error& error) {
      return error.what();
    }
  };
  const bytes content = sample(200000);
  const auto plain = write("plain", content);
  const auto packed = write("packed", gzip(content));
  CHECK(napier::read_plain_or_gzip(plain) == content);
  CHECK(napier::read_plain_or_gzip(packed) == content);
  CHECK(napier::read_plain_or_gzip(write("empty", {})).empty());
  CHECK(napier::read_plain_or_gzip(write("one", {0x1f})) == bytes{0x1f});
  CHECK(message(plain, 200000) == "no error");
  CHECK(message(plain, 199999) == plain.string() + ": has more than 199999 bytes");
  CHECK(message(packed, 199999) == packed.string() + ": unpacks to more than 199999 bytes");
  CHECK(message(folder / "missing", 1) == (folder / "missing").string() + ": cannot be opened");
  CHECK(message(folder, 1) == folder.string() + ": is a folder; expected a file");
  std::filesystem::remove_all(folder);
}
