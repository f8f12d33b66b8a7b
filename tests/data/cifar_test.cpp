// CIFAR-10 and CIFAR-100: records, folders, and what is wrong with them.
#include <napier/data/cifar_files.hpp>

#include <zlib.h>

#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "data/scratch.hpp"

using namespace napier;
using scratch::bytes;

namespace {

// An image whose channels hold label, label + 1, label + 2 and whose first pixel is 250.
void append_image(bytes& to, std::uint8_t label, std::initializer_list<std::uint8_t> labels) {
  to.insert(to.end(), labels);
  for (std::size_t i = 0; i < 3072; ++i)
    to.push_back(i == 0 ? 250 : static_cast<std::uint8_t>(label + i / 1024));
}

bytes cifar10(std::initializer_list<std::uint8_t> labels) {
  bytes result;
  for (const std::uint8_t label : labels) append_image(result, label, {label});
  return result;
}

void write_gzip(const std::filesystem::path& path, const bytes& content) {
  const gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, content.data(), static_cast<unsigned>(content.size()));
  gzclose(file);
}

}  // namespace

TEST_CASE("CIFAR-10: all files of a folder in order, plain and packed") {
  const scratch::folder here("cifar10");
  here.write("test_batch_2.bin", cifar10({7}));
  write_gzip(here.path("test_batch_1.bin.gz"), cifar10({3, 9}));
  write_gzip(here.path("test_batch_2.bin.gz"), cifar10({0}));  // the plain one goes first
  here.write("data_batch_1.bin", cifar10({1}));
  here.write("readme.html", "not an image");
  const image_set set = read_cifar_files(cifar_kind::cifar10, here.path(), "cifar10");
  CHECK(set.name == "cifar10");
  CHECK(set.count == 3);
  CHECK(set.labels == std::vector<std::uint16_t>{3, 9, 7});
  CHECK(set.classes == 10);
  CHECK((set.channels == 3 && set.height == 32 && set.width == 32));
  const auto second = set.image(1);
  CHECK(second[0] == 250);
  CHECK(second[1] == 9);
  CHECK(second[1024] == 10);
  CHECK(second[3071] == 11);
}

TEST_CASE("CIFAR-100: fine labels; the folder of the archive") {
  const scratch::folder here("cifar100");
  bytes content;
  append_image(content, 50, {4, 99});
  append_image(content, 60, {200, 0});
  here.write("cifar-100-binary/test.bin", content);
  const image_set set = read_cifar_files(cifar_kind::cifar100, here.path(), "cifar100");
  CHECK(set.labels == std::vector<std::uint16_t>{99, 0});
  CHECK(set.classes == 100);
  CHECK(set.image(0)[1] == 50);
  here.write("cifar-10-batches-bin/test_batch.bin", cifar10({2}));
  CHECK(read_cifar_files(cifar_kind::cifar10, here.path(), "").count == 1);
}

TEST_CASE("what is wrong") {
  const scratch::folder here("cifar_wrong");
  const auto problem_of = [&](cifar_kind kind, const std::filesystem::path& folder) {
    return scratch::problem([&] { (void)read_cifar_files(kind, folder, "set"); });
  };
  CHECK(problem_of(cifar_kind::cifar10, here.path("missing")) ==
        here.text("missing") + ": is no folder; expected the one of CIFAR-10");
  CHECK(problem_of(cifar_kind::cifar10, here.path()) ==
        here.text() + ": expected test_batch*.bin, plain or .gz, found none");
  CHECK(problem_of(cifar_kind::cifar100, here.path()) ==
        here.text() + ": expected test.bin, plain or .gz, found none");
  const std::string file = here.text("test_batch.bin");
  bytes content = cifar10({1, 2});
  content.pop_back();
  here.write("test_batch.bin", content);
  CHECK(problem_of(cifar_kind::cifar10, here.path()) ==
        file + ": expected images of 3073 bytes, found 6145 bytes");
  here.write("test_batch.bin", bytes{});
  CHECK(problem_of(cifar_kind::cifar10, here.path()) ==
        file + ": expected images of 3073 bytes, found 0 bytes");
  here.write("test_batch.bin", cifar10({9, 10}));
  CHECK(problem_of(cifar_kind::cifar10, here.path()) ==
        file + ": expected labels below 10, found 10 for image 1");
  bytes fine;
  append_image(fine, 1, {0, 100});
  here.write("test.bin", fine);
  CHECK(problem_of(cifar_kind::cifar100, here.path()) ==
        here.text("test.bin") + ": expected labels below 100, found 100 for image 0");
}
