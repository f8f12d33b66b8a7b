// read_idx: a good pair of files, and every way in which one can be wrong.

#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <napier/data/idx.hpp>
#include <random>
#include <string>
#include <vector>

namespace {

using bytes = std::vector<std::uint8_t>;

bytes idx(std::uint32_t magic, std::initializer_list<std::uint32_t> dimensions, const bytes& elements) {
  bytes result;
  const auto number = [&result](std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) result.push_back(static_cast<std::uint8_t>(value >> shift));
  };
  number(magic);
  for (const std::uint32_t extent : dimensions) number(extent);
  result.insert(result.end(), elements.begin(), elements.end());
  return result;
}

const bytes two_images = idx(0x803, {2, 1, 3}, {1, 2, 3, 4, 5, 255});
const bytes two_labels = idx(0x801, {2}, {0, 9});

napier::image_set read(const bytes& images, const bytes& labels) {
  return napier::read_idx({"images.idx", images}, {"labels.idx", labels}, "set", 10);
}

std::string problem(const bytes& images, const bytes& labels) {
  try {
    (void)read(images, labels);
    return "no error";
  } catch (const napier::data_error& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("images and labels") {
  const napier::image_set set = read(two_images, two_labels);
  CHECK(set.name == "set");
  CHECK(set.count == 2);
  CHECK(set.channels == 1);
  CHECK(set.height == 1);
  CHECK(set.width == 3);
  CHECK(set.classes == 10);
  CHECK(set.labels == std::vector<std::uint16_t>{0, 9});
  CHECK(set.image_size() == 3);
  const auto second = set.image(1);
  CHECK(bytes(second.begin(), second.end()) == bytes{4, 5, 255});
  CHECK_THROWS_WITH(set.image(2), "set: image 2 of 2 is not there");
}

TEST_CASE("what is wrong with the images") {
  CHECK(problem({}, two_labels) == "images.idx: expected a header of 16 bytes (IDX images), found 0 bytes");
  CHECK(problem(bytes(two_images.begin(), two_images.begin() + 15), two_labels) ==
        "images.idx: expected a header of 16 bytes (IDX images), found 15 bytes");
  CHECK(problem(idx(0x801, {2, 1, 3}, {1, 2, 3, 4, 5, 6}), two_labels) ==
        "images.idx: expected the magic number 0x00000803 (IDX images), found 0x00000801");
  CHECK(problem(idx(0xd03, {2, 1, 3}, {1, 2, 3, 4, 5, 6}), two_labels) ==
        "images.idx: expected the magic number 0x00000803 (IDX images), found 0x00000d03");
  CHECK(problem(idx(0x03080000, {2, 1, 3}, {1, 2, 3, 4, 5, 6}), two_labels) ==
        "images.idx: expected the magic number 0x00000803 (IDX images), found 0x03080000");
  CHECK(problem(idx(0x803, {2, 1, 3}, {1, 2, 3, 4, 5}), two_labels) ==
        "images.idx: expected 2 x 1 x 3 bytes of images, found 5 bytes");
  CHECK(problem(idx(0x803, {2, 1, 3}, {1, 2, 3, 4, 5, 6, 7}), two_labels) ==
        "images.idx: expected 2 x 1 x 3 bytes of images, found 7 bytes");
  CHECK(problem(idx(0x803, {2, 1, 3}, {}), two_labels) ==
        "images.idx: expected 2 x 1 x 3 bytes of images, found 0 bytes");
}

TEST_CASE("sizes of zero") {
  CHECK(problem(idx(0x803, {2, 0, 3}, {}), two_labels) ==
        "images.idx: expected no dimension of 0 for the images, found 2 x 0 x 3");
  CHECK(problem(idx(0x803, {0, 1, 3}, {}), two_labels) ==
        "images.idx: expected no dimension of 0 for the images, found 0 x 1 x 3");
  CHECK(problem(two_images, idx(0x801, {0}, {})) ==
        "labels.idx: expected no dimension of 0 for the labels, found 0");
}

TEST_CASE("sizes whose product overflows") {
  CHECK(problem(idx(0x803, {0xffffffff, 0xffffffff, 0xffffffff}, {1}), two_labels) ==
        "images.idx: expected 4294967295 x 4294967295 x 4294967295 bytes of images, found 1 bytes");
  // 2^64 and 2^64 + 4: in 64 bits they are the 0 and 4 bytes that there are.
  CHECK(problem(idx(0x803, {0x80000000, 0x80000000, 4}, {}), two_labels) ==
        "images.idx: expected 2147483648 x 2147483648 x 4 bytes of images, found 0 bytes");
  CHECK(problem(idx(0x803, {769546, 494770, 48448661}, {1, 2, 3, 4}), two_labels) ==
        "images.idx: expected 769546 x 494770 x 48448661 bytes of images, found 4 bytes");
}

TEST_CASE("what is wrong with the labels") {
  CHECK(problem(two_images, two_images) ==
        "labels.idx: expected the magic number 0x00000801 (IDX labels), found 0x00000803");
  CHECK(problem(two_images, bytes{0, 0, 8, 1, 0, 0, 0}) ==
        "labels.idx: expected a header of 8 bytes (IDX labels), found 7 bytes");
  CHECK(problem(two_images, idx(0x801, {2}, {1})) == "labels.idx: expected 2 bytes of labels, found 1 bytes");
  CHECK(problem(two_images, idx(0x801, {2}, {1, 2, 3})) ==
        "labels.idx: expected 2 bytes of labels, found 3 bytes");
  CHECK(problem(two_images, idx(0x801, {3}, {1, 2, 3})) ==
        "labels.idx: expected 2 labels, as many as images.idx has images, found 3");
  CHECK(problem(two_images, idx(0x801, {2}, {0, 10})) ==
        "labels.idx: expected labels below 10, found 10 for image 1");
}

TEST_CASE("cut or changed anywhere: a set or a data_error") {
  int cut = 0;
  for (std::size_t size = 0; size < two_images.size(); ++size) {
    const bytes start(two_images.begin(), two_images.begin() + static_cast<std::ptrdiff_t>(size));
    cut += problem(start, two_labels) != "no error" ? 1 : 0;
  }
  CHECK(cut == static_cast<int>(two_images.size()));

  std::mt19937 random(1614);
  int named = 0;
  for (int i = 0; i < 20000; ++i) {
    bytes images = two_images;
    bytes labels = two_labels;
    for (unsigned edits = 1 + random() % 4; edits > 0; --edits) {
      bytes& file = random() % 2 == 0 ? images : labels;
      file[random() % file.size()] = static_cast<std::uint8_t>(random());
    }
    const std::string text = problem(images, labels);
    const bool is_named = text.rfind("images.idx: ", 0) == 0 || text.rfind("labels.idx: ", 0) == 0;
    named += text == "no error" || is_named ? 1 : 0;
  }
  CHECK(named == 20000);
}
