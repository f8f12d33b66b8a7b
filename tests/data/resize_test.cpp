// Resizing against Pillow, byte for byte; reals against bytes; the size of the longer side.
#include <napier/data/resize.hpp>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "data/scratch.hpp"

using namespace napier;

namespace {

// As the script that made data/resize_pillow.txt: a linear congruential sequence.
picture made_up(std::size_t height, std::size_t width, std::uint32_t seed) {
  picture result{1, height, width, {}, {}};
  for (std::size_t i = 0; i < height * width; ++i) {
    seed = (seed * 1103515245U + 12345U) & 0x7fffffffU;
    result.bytes.push_back(static_cast<std::uint8_t>(seed >> 16));
  }
  return result;
}

picture as_reals(const picture& from) {
  picture result = from;
  result.reals.assign(from.bytes.begin(), from.bytes.end());
  result.bytes.clear();
  return result;
}

}  // namespace

TEST_CASE("as Pillow, byte for byte; reals to within its rounding") {
  std::ifstream file(std::string(NAPIER_SOURCE_DIR) + "/tests/data/data/resize_pillow.txt");
  std::string line;
  int cases = 0;
  while (std::getline(file, line)) {
    if (line[0] == '#') continue;
    std::istringstream fields(line);
    std::size_t h = 0, w = 0, to_h = 0, to_w = 0;
    std::uint32_t seed = 0;
    std::string pixels;
    fields >> h >> w >> seed >> to_h >> to_w >> pixels;
    const picture from = made_up(h, w, seed);
    const picture to = resize_to(from, to_h, to_w);
    INFO(line.substr(0, 30));
    CHECK((to.height == to_h && to.width == to_w));
    CHECK(to.bytes == scratch::from_hexadecimal(pixels));
    const picture reals = resize_to(as_reals(from), to_h, to_w);
    double worst = 0;
    for (std::size_t i = 0; i < to.bytes.size(); ++i)
      worst = std::max(worst, std::fabs(static_cast<double>(reals.reals[i]) - to.bytes[i]));
    CHECK(worst <= 1.01);  // half after each direction
    ++cases;
  }
  CHECK(cases == 13);
}

TEST_CASE("each channel by itself") {
  const picture one = made_up(5, 7, 1);
  const picture other = made_up(5, 7, 2);
  picture both{2, 5, 7, one.bytes, {}};
  both.bytes.insert(both.bytes.end(), other.bytes.begin(), other.bytes.end());
  scratch::bytes expected = resize_to(one, 3, 9).bytes;
  const scratch::bytes second = resize_to(other, 3, 9).bytes;
  expected.insert(expected.end(), second.begin(), second.end());
  CHECK(resize_to(both, 3, 9).bytes == expected);
}

TEST_CASE("the shorter side") {
  const auto size = [](std::size_t height, std::size_t width, std::size_t side) {
    const picture to = resize_shorter_side(made_up(height, width, 5), side);
    return std::to_string(to.height) + " x " + std::to_string(to.width);
  };
  CHECK(size(375, 500, 256) == "256 x 341");  // ⌊256 · 500 / 375⌋
  CHECK(size(500, 375, 256) == "341 x 256");
  CHECK(size(20, 20, 7) == "7 x 7");
  CHECK(size(7, 9, 7) == "7 x 9");
  CHECK_THROWS_AS(resize_to(made_up(2, 2, 1), 0, 3), data_error);
  CHECK_THROWS_WITH(resize_shorter_side(made_up(1, 40, 1), 1000),
                    "cannot resize a picture to 1000 x 40000; expected sides of 1 to 32768");
}
