// JPEG and PNG files: folders of classes, lists, and files that are none.
#include <napier/data/image_files.hpp>

#include <catch2/catch.hpp>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "data/scratch.hpp"

using namespace napier;
using scratch::bytes;

namespace {

// Written with Pillow: red, green | blue, (10, 20, 30) | (1, 2, 3), (250, 251, 252).
const bytes png = scratch::from_hexadecimal(
    "89504e470d0a1a0a0000000d4948445200000002000000030802000000368849d60000001d4944415478da63f8cfc0c0f09f8181"
    "81e13f97881c"
    "032313f3afdf7f0036ea063199f686260000000049454e44ae426082");
// 0, 128, 255
const bytes grey_png = scratch::from_hexadecimal(
    "89504e470d0a1a0a0000000d49484452000000030000000108000000003e8b4b680000000c4944415478da636068f80f00020301"
    "801a9c263b00"
    "00000049454e44ae426082");
// 16 × 16, all (200, 100, 50)
const bytes jpeg = scratch::from_hexadecimal(
    "ffd8ffe000104a46494600010100000100010000ffdb004300020101010101020101010202020202040302020202050404030406"
    "050606060506"
    "0606070908060709070606080b08090a0a0a0a0a06080b0c0b0a0c090a0a0affdb004301020202020202050303050a0706070a0a"
    "0a0a0a0a0a0a"
    "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0affc00011080010001003"
    "012200021101"
    "031101ffc4001f0000010501010101010100000000000000000102030405060708090a0bffc400b5100002010303020403050504"
    "040000017d01"
    "020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a343536"
    "3738393a4344"
    "45464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6"
    "a7a8a9aab2b3"
    "b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9faffc4001f010003"
    "010101010101"
    "0101010000000000000102030405060708090a0bffc400b511000201020404030407050404000102770001020311040521310612"
    "415107617113"
    "22328108144291a1b1c109233352f0156272d10a162434e125f11718191a262728292a35363738393a434445464748494a535455"
    "565758595a63"
    "6465666768696a737475767778797a82838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2"
    "c3c4c5c6c7c8"
    "c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9faffda000c03010002110311003f00cfa28a2bf95cfed83f"
    "ffd9");

}  // namespace

TEST_CASE("three channels of whatever is in the file") {
  const scratch::folder here("decode");
  const picture colours = decode_image(here.write("a.png", png));
  CHECK((colours.channels == 3 && colours.height == 3 && colours.width == 2));
  CHECK(colours.bytes == bytes{255, 0, 0, 10, 1, 250, 0, 255, 0, 20, 2, 251, 0, 0, 255, 30, 3, 252});
  const picture grey = decode_image(here.write("b.PNG", grey_png));
  CHECK(grey.bytes == bytes{0, 128, 255, 0, 128, 255, 0, 128, 255});
  const picture photo = decode_image(here.write("c.jpg", jpeg));
  CHECK((photo.channels == 3 && photo.height == 16 && photo.width == 16));
  int worst = 0;
  for (std::size_t i = 0; i < photo.bytes.size(); ++i)
    worst = std::max(worst, std::abs(photo.bytes[i] - (i < 256 ? 200 : i < 512 ? 100 : 50)));
  CHECK(worst <= 2);
}

TEST_CASE("a folder: its folders are the classes") {
  const scratch::folder here("image_folder");
  here.write("dog/2.png", grey_png);
  here.write("dog/1.JPG", jpeg);
  here.write("cat/x.png", png);
  here.write("cat/notes.txt", "not an image");
  here.write("cat/.DS_Store", "hidden");
  here.write("cat/._x.png", "hidden, and no image");
  here.write(".ipynb_checkpoints/x.png", png);  // would be class 0
  here.write("readme.txt", "no class");
  const image_files set(here.path(), "images:here");
  CHECK(set.name() == "images:here");
  CHECK(set.count() == 3);
  CHECK(set.classes() == 2);
  CHECK(std::vector<std::uint32_t>(set.labels().begin(), set.labels().end()) ==
        std::vector<std::uint32_t>{0, 1, 1});
  CHECK(set.picture(0).height == 3);
  CHECK(set.picture(1).height == 16);
  CHECK(set.picture(2).width == 3);
  here.write("empty/notes.txt", "");
  CHECK(scratch::problem([&] { (void)image_files(here.path(), ""); }) ==
        here.text("empty") + ": expected .jpg, .jpeg or .png files, found none");
  // It would be missing without a word.
  here.write("cat/y.WEBP", "");
  CHECK(scratch::problem([&] { (void)image_files(here.path(), ""); }) ==
        here.text("cat/y.WEBP") + ": expected .jpg, .jpeg or .png files, found .webp");
  CHECK(scratch::problem([&] { (void)image_files(here.path("dog"), ""); }) ==
        here.text("dog") + ": expected a folder for each class, found none");
}

TEST_CASE("a list: paths are relative to it") {
  const scratch::folder here("image_list");
  here.write("a.png", png);
  here.write("with space/b.png", grey_png);
  const auto problem = [&](const std::string& text) {
    here.write("list.txt", text);
    return scratch::problem([&] { (void)image_files(here.path("list.txt"), ""); });
  };
  const std::string list = here.text("list.txt");
  CHECK(problem("a.png 7\r\n\n  \nwith space/b.png\t 65535\n" + here.text("a.png") + " 0") == "no error");
  const image_files set(here.path("list.txt"), "");
  CHECK(std::vector<std::uint32_t>(set.labels().begin(), set.labels().end()) ==
        std::vector<std::uint32_t>{7, 65535, 0});
  CHECK(set.classes() == 65536);
  CHECK(set.picture(1).width == 3);
  CHECK(problem("\xef\xbb\xbf"
                "a.png 7\r\n") == "no error");
  CHECK(problem("") == list + ": expected lines 'path label', found none");
  CHECK(problem("a.png 1\na.png\n") == list + ": line 2: expected 'path label', found 'a.png'");
  CHECK(problem(" 3\n") == list + ": line 1: expected 'path label', found ' 3'");
  CHECK(problem("a.png cat\n") == list + ": line 1: expected a label from 0 to 65535, found 'cat'");
  CHECK(problem("a.png -1\n") == list + ": line 1: expected a label from 0 to 65535, found '-1'");
  CHECK(problem("a.png 65536\n") == list + ": line 1: expected a label from 0 to 65535, found '65536'");
  CHECK(problem("c.png 1\n") == list + ": line 1: the image " + here.text("c.png") + " is not there");
  CHECK(scratch::problem([&] { (void)image_files(here.path("none"), ""); }) ==
        here.text("none") + ": cannot be opened; expected a folder of classes, or a list of images");
}

TEST_CASE("files that are no images, cut, or changed") {
  const scratch::folder here("image_wrong");
  const auto problem = [&](const bytes& content) {
    const auto path = here.write("x.png", content);
    return scratch::problem([&] { (void)decode_image(path); });
  };
  const std::string start = here.text("x.png") + ": expected a JPEG or PNG image, ";
  CHECK_THAT(problem({}), Catch::StartsWith(start + "not decoded: "));
  CHECK_THAT(problem({'t', 'e', 'x', 't'}), Catch::StartsWith(start + "not decoded: "));
  bytes large = png;
  large[16] = 0x40;  // 2^30 pixels wide
  CHECK_THAT(problem(large), Catch::StartsWith(start));
  bytes cut = png;
  cut.resize(png.size() - 20);  // within the pixels' checksum
  CHECK_THAT(problem(cut), Catch::StartsWith(start + "not decoded: ") && !Catch::EndsWith(": "));
  large = png;
  large[18] = 0xff;
  CHECK(problem(large) == start + "found one of 65282 x 3 pixels");
  CHECK(scratch::problem([&] { (void)decode_image(here.path("none.png")); }) ==
        here.text("none.png") + ": cannot be opened; expected an image");
  CHECK(scratch::problem([&] { (void)decode_image(here.path()); }) ==
        here.text() + ": cannot be opened; expected an image");

  std::mt19937 random(1614);
  std::string first_wrong;
  int errors = 0;
  for (const bytes* original : {&png, &jpeg}) {
    for (std::size_t size = 0; size < original->size(); size += 3) {
      bytes damaged(original->begin(), original->begin() + static_cast<std::ptrdiff_t>(size));
      const std::string text = problem(damaged);
      if (text != "no error") ++errors;
      if (text != "no error" && text.rfind(start, 0) != 0) first_wrong = text;
      damaged = *original;
      damaged[random() % damaged.size()] = static_cast<std::uint8_t>(random());
      const std::string changed = problem(damaged);
      if (changed != "no error" && changed.rfind(start, 0) != 0) first_wrong = changed;
    }
  }
  CHECK(first_wrong == "");
  CHECK(errors > 100);
}
