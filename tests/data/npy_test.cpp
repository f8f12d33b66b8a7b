// .npy files: headers of all versions, and pairs of images and labels.
#include <napier/data/npy_files.hpp>

#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "data/scratch.hpp"

using namespace napier;
using scratch::bytes;

namespace {

// NumPy's np.save of arange(12) as uint8, 1 × 2 × 2 × 3.
const std::string numpy_images =
    "934e554d5059010076007b276465736372273a20277c7531272c2027666f727472616e5f6f72646572273a2046616c73652c"
    "20277368617065273a2028312c20322c20322c2033292c207d20202020202020202020202020202020202020202020202020"
    "2020202020202020202020202020202020202020202020202020200a000102030405060708090a0b";

bytes npy(const std::string& dictionary, const bytes& elements, unsigned version = 1) {
  bytes result{0x93, 'N', 'U', 'M', 'P', 'Y', static_cast<std::uint8_t>(version), 0};
  const std::size_t width = version == 1 ? 2 : 4;
  for (std::size_t i = 0; i < width; ++i)
    result.push_back(static_cast<std::uint8_t>(dictionary.size() >> (8 * i)));
  result.insert(result.end(), dictionary.begin(), dictionary.end());
  result.insert(result.end(), elements.begin(), elements.end());
  return result;
}

std::string dictionary(const std::string& type, const std::string& shape) {
  return "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + shape + "), }\n";
}

bytes floats(const std::vector<float>& values) {
  bytes result(values.size() * 4);
  std::memcpy(result.data(), values.data(), result.size());
  return result;
}

const bytes two_labels = npy(dictionary("|u1", "2,"), {3, 1});

std::string header_problem(const bytes& content) {
  return scratch::problem([&] { (void)read_npy_header(content, "f.npy"); });
}

}  // namespace

TEST_CASE("headers") {
  const npy_header numpy = read_npy_header(scratch::from_hexadecimal(numpy_images), "f");
  CHECK(numpy.type == "|u1");
  CHECK(numpy.shape == std::vector<std::size_t>{1, 2, 2, 3});
  CHECK(numpy.data_offset == 128);
  for (const unsigned version : {1U, 2U, 3U}) {
    const npy_header header = read_npy_header(npy(dictionary("<f4", "12, 3"), {}, version), "f");
    CHECK(header.type == "<f4");
    CHECK(header.shape == std::vector<std::size_t>{12, 3});
  }
  const npy_header scalar =
      read_npy_header(npy("{\"shape\":(),\"descr\":\"<i8\",\"fortran_order\":False}", {}), "f");
  CHECK(scalar.shape.empty());
  CHECK(scalar.type == "<i8");
}

TEST_CASE("headers that are wrong") {
  const std::string not_understood = "f.npy: the .npy header is not understood at its character ";
  CHECK(header_problem({}) == "f.npy: expected a .npy file, which starts with \\x93NUMPY");
  CHECK(header_problem({0x93, 'N', 'U', 'M', 'P', 'X', 1, 0, 0, 0}) ==
        "f.npy: expected a .npy file, which starts with \\x93NUMPY");
  CHECK(header_problem(npy("", {}, 4)) == "f.npy: expected version 1, 2 or 3 of .npy, found 4");
  bytes cut = npy(dictionary("|u1", "2,"), {});
  cut.resize(40);
  CHECK(header_problem(cut) == "f.npy: expected a .npy header of 58 bytes, found 30");
  CHECK(header_problem(npy("{'descr': '|u1', 'fortran_order': True, 'shape': (2,), }", {})) ==
        "f.npy: expected C order, found fortran_order: True");
  CHECK(header_problem({0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0, 0, 0, 0, 0x10}) ==
        "f.npy: expected a .npy header of at most 65536 bytes, found 268435456");
  for (const char* text : {"", "{", "{}", "{'descr': '|u1'}", "{'descr': |u1}", "{'descr': [('a', '<f4')]}",
                           "{'descr': '|u1', 'fortran_order': False, 'shape': (2}",
                           "{'descr': '|u1', 'fortran_order': False, 'shape': (-2,)}",
                           "{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999999,)}",
                           "{'other': '|u1'}", "{'descr': '|u1"}) {
    CHECK_THAT(header_problem(npy(text, {})), Catch::StartsWith(not_understood));
  }
}

TEST_CASE("images of uint8 are NHWC, of float32 NCHW") {
  const scratch::folder here("npy");
  const auto labels = here.write("labels.npy", npy(dictionary("<i8", "1,"), {7, 0, 0, 0, 0, 0, 0, 0}));
  const auto images = here.write("images.npy", scratch::from_hexadecimal(numpy_images));
  const npy_set set(images, labels, "npy");
  CHECK(set.name() == "npy");
  CHECK(set.count() == 1);
  CHECK(set.classes() == 8);
  const picture first = set.picture(0);
  CHECK((first.channels == 3 && first.height == 2 && first.width == 2));
  CHECK(first.bytes == bytes{0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11});
  CHECK_THROWS_WITH(set.picture(1), "npy: image 1 of 1 is not there");

  const auto real =
      here.write("real.npy", npy(dictionary("<f4", "2, 1, 1, 2"), floats({0.5F, -1, 2, 3e30F})));
  const npy_set reals(real, here.write("two.npy", two_labels), "npy");
  CHECK(reals.labels()[0] == 3);
  CHECK(reals.picture(1).is_real());
  CHECK(reals.picture(1).reals == std::vector<float>{2, 3e30F});

  // 0.5, -2 and 0.1 as NumPy writes other types: big-endian float32, float64, without channels.
  const npy_set big(
      here.write("big.npy", npy(dictionary(">f4", "2, 1, 1, 1"), {0x3f, 0, 0, 0, 0xc0, 0, 0, 0})),
      here.path("two.npy"), "npy");
  CHECK((big.picture(0).reals == std::vector<float>{0.5F} && big.picture(1).reals == std::vector<float>{-2}));
  const npy_set doubles(here.write("double.npy", npy(dictionary("<f8", "2, 1, 1"),
                                                     {0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9, 0x3f,  //
                                                      0, 0, 0, 0, 0, 0, 0, 0xc0})),
                        here.write("column.npy", npy(dictionary("|u1", "2, 1"), {3, 1})), "npy");
  CHECK((doubles.picture(0).reals == std::vector<float>{0.1F} && doubles.picture(1).reals[0] == -2));
  CHECK((doubles.picture(0).channels == 1 && doubles.labels()[0] == 3));

  const npy_set grey(here.write("grey.npy", npy(dictionary("|u1", "2, 1, 2"), {1, 2, 3, 4})),
                     here.path("two.npy"), "npy");
  CHECK(grey.picture(1).channels == 1);
  CHECK(grey.picture(1).bytes == bytes{3, 4});
}

TEST_CASE("labels of every width") {
  const scratch::folder here("npy_labels");
  const auto images = here.write("i.npy", npy(dictionary("|u1", "2, 1, 1"), {1, 2}));
  for (const auto& [type, content] :
       std::vector<std::pair<std::string, bytes>>{{"|u1", {200, 1}},
                                                  {"|i1", {100, 1}},
                                                  {"<u2", {200, 0, 1, 0}},
                                                  {">i2", {0, 200, 0, 1}},
                                                  {"<i4", {200, 0, 0, 0, 1, 0, 0, 0}}}) {
    const npy_set set(images, here.write("l.npy", npy(dictionary(type, "2,"), content)), "npy");
    CHECK(set.labels()[0] == content[type == ">i2" ? 1 : 0]);
    CHECK(set.labels()[1] == 1);
  }
}

TEST_CASE("pairs that are wrong") {
  const scratch::folder here("npy_wrong");
  const bytes images = npy(dictionary("|u1", "2, 1, 1, 1"), {1, 2});
  const std::string i = here.text("i.npy");
  const std::string l = here.text("l.npy");
  const auto problem = [&](const bytes& image_content, const bytes& label_content) {
    here.write("i.npy", image_content);
    here.write("l.npy", label_content);
    return scratch::problem([&] { (void)npy_set(i, l, "npy").picture(0); });
  };
  CHECK(problem(images, two_labels) == "no error");
  CHECK(problem(npy(dictionary("|u1", "2, 1, 1, 1"), {1}), two_labels) ==
        i + ": expected the elements of 2 x 1 x 1 x 1 of type |u1, found 1 bytes");
  CHECK(problem(npy(dictionary("|u1", "2, 1, 1, 1"), {1, 2, 3}), two_labels) ==
        i + ": expected the elements of 2 x 1 x 1 x 1 of type |u1, found 3 bytes");
  CHECK_THAT(problem(npy(dictionary("|u1", "4294967296, 4294967296, 1, 1"), {}), two_labels),
             Catch::EndsWith("found 0 bytes"));
  CHECK_THAT(problem(npy(dictionary("<f2", "1, 1, 1, 1"), bytes(2)), two_labels),
             Catch::StartsWith(
                 i + ": expected images of uint8 (|u1), count x height x width x channels, or float32") &&
                 Catch::EndsWith("found 1 x 1 x 1 x 1 of type <f2"));
  CHECK_THAT(problem(npy(dictionary("|u1", "2"), {1, 2}), two_labels),
             Catch::StartsWith(i + ": the .npy header") || Catch::EndsWith("found 2 of type |u1"));
  CHECK_THAT(problem(npy(dictionary("<U3", "2,"), {1, 2}), two_labels), Catch::StartsWith(i + ": expected"));
  CHECK(problem(images, npy(dictionary("|u1", "1,"), {1})) ==
        l + ": expected 2 labels, as many as " + i + " has images, found 1");
  CHECK(problem(images, npy(dictionary("<f4", "2,"), bytes(8))) ==
        l + ": expected labels as one row of integers, found 2 of type <f4");
  CHECK(problem(images, npy(dictionary("|u1", "1, 2"), {1, 2})) ==
        l + ": expected labels as one row of integers, found 1 x 2 of type |u1");
  CHECK(problem(images, npy(dictionary("|i1", "2,"), {1, 255})) ==
        l + ": expected labels from 0 to 65535, found one below 0 for image 1");
  CHECK(problem(images, npy(dictionary("<u4", "2,"), {0, 0, 1, 0, 0, 0, 0, 0})) ==
        l + ": expected labels from 0 to 65535, found 65536 for image 0");
  CHECK(problem(npy(dictionary("<f4", "2, 1, 1, 1"), floats({std::nanf(""), 1})), two_labels) ==
        i + ": image 0 has a NaN");
  CHECK(problem(npy(dictionary("<f8", "2, 1, 1, 1"), {0, 0, 0, 0, 0, 0, 0xf0, 0x7f, 0, 0, 0, 0, 0, 0, 0, 0}),
                two_labels) == i + ": image 0 has an infinity");
  CHECK(scratch::problem([&] { (void)npy_set(here.path("none"), l, ""); }) ==
        here.text("none") + ": cannot be opened");
  CHECK(scratch::problem([&] { (void)npy_set(here.path(), l, ""); }) ==
        here.text() + ": is a folder; expected a file");
}

TEST_CASE("bytes changed at random: a header or a data_error") {
  std::mt19937 random(1614);
  const bytes good = scratch::from_hexadecimal(numpy_images);
  int understood = 0;
  for (int k = 0; k < 20000; ++k) {
    bytes damaged = good;
    for (int edits = 0; edits < 3; ++edits) damaged[random() % 80] = static_cast<std::uint8_t>(random());
    if (header_problem(damaged) == "no error") ++understood;
  }
  CHECK(understood < 20000);
}
