// From pictures to inputs: crop, padding, channels, layout, and their order. Scale, mean and deviation: analysis/accuracy_test.cpp.
#include <napier/data/preprocessing.hpp>

#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <vector>

using namespace napier;
using floats = std::vector<float>;
using sizes = std::vector<std::size_t>;

namespace {

// 0, 1, 2, …
picture counting(std::size_t channels, std::size_t height, std::size_t width) {
  picture result{channels, height, width, {}, {}};
  for (std::size_t i = 0; i < result.size(); ++i) result.bytes.push_back(static_cast<std::uint8_t>(i));
  return result;
}

preprocessing raw() {
  preprocessing how;
  how.scale = 1;
  return how;
}

network_input run(const picture& image, const preprocessing& how) { return preprocess(image, how, "set"); }

}  // namespace

TEST_CASE("by default a pixel is a 255th") {
  const network_input input = run(counting(1, 2, 2), {});
  CHECK(input.dimensions == sizes{1, 2, 2});
  CHECK(input.values == floats{0, static_cast<float>(1.0 / 255), static_cast<float>(2.0 / 255),
                               static_cast<float>(3.0 / 255)});
}

TEST_CASE("the centre of a crop, half to even") {
  preprocessing how = raw();
  how.crop = 2;
  CHECK(run(counting(1, 4, 4), how).values == floats{5, 6, 9, 10});
  CHECK(run(counting(1, 2, 3), how).values == floats{0, 1, 3, 4});   // (3 − 2) / 2 = 0.5: 0
  CHECK(run(counting(1, 2, 5), how).values == floats{2, 3, 7, 8});   // 1.5: 2
  CHECK(run(counting(1, 2, 7), how).values == floats{2, 3, 9, 10});  // 2.5: 2
  CHECK_THROWS_WITH(run(counting(1, 1, 7), how), "set: a crop of 2 of a picture of 1 x 7");
}

TEST_CASE("padding is black, before scaling") {
  preprocessing how = raw();
  how.pad = 1;
  how.mean = {5};
  const network_input input = run(counting(1, 1, 2), how);
  CHECK(input.dimensions == sizes{1, 3, 4});
  CHECK(input.values == floats{-5, -5, -5, -5, -5, -5, -4, -5, -5, -5, -5, -5});
}

TEST_CASE("channels: reversed, grey; layouts") {
  preprocessing how = raw();
  const picture image = counting(3, 1, 2);
  CHECK(run(image, how).values == floats{0, 1, 2, 3, 4, 5});
  how.channels = channel_order::bgr;
  CHECK(run(image, how).values == floats{4, 5, 2, 3, 0, 1});
  how.layout = image_layout::nhwc;
  CHECK(run(image, how).values == floats{4, 2, 0, 5, 3, 1});
  CHECK(run(image, how).dimensions == sizes{1, 2, 3});

  how = raw();
  how.channels = channel_order::grey;
  const picture colours{3, 1, 4, {10, 255, 1, 254, 200, 255, 2, 0, 77, 255, 3, 128}, {}};
  CHECK(run(colours, how).values == floats{129, 255, 2, 91});  // Pillow's convert("L")
  CHECK(run(counting(1, 1, 2), how).values == floats{0, 1});
  CHECK_THROWS_WITH(run(counting(2, 1, 2), how), "set: bgr and grey are for 3 channels, found 2");
}

TEST_CASE(
    "the order: means are of the channels as the network sees them; crop after resize, padding after crop") {
  preprocessing how = raw();
  how.channels = channel_order::bgr;
  how.mean = {4, 2, 0};
  how.deviation = {1, 2, 4};
  CHECK(run(counting(3, 1, 2), how).values == floats{0, 1, 0, 0.5F, 0, 0.25F});
  preprocessing all = raw();
  all.resize = 4;
  all.crop = 2;
  all.pad = 1;
  picture flat = counting(1, 2, 2);
  flat.bytes = {80, 80, 80, 80};
  const network_input input = run(flat, all);
  CHECK(input.dimensions == sizes{1, 4, 4});
  CHECK(input.values == floats{0, 0, 0, 0, 0, 80, 80, 0, 0, 80, 80, 0, 0, 0, 0, 0});
}

TEST_CASE("reals take the same way") {
  picture image{3, 2, 2, {}, {}};
  for (std::size_t i = 0; i < 12; ++i) image.reals.push_back(static_cast<float>(i) + 0.5F);
  preprocessing how = raw();
  how.channels = channel_order::bgr;
  how.crop = 1;
  how.pad = 1;
  const network_input input = run(image, how);
  CHECK(input.dimensions == sizes{3, 3, 3});
  CHECK(input.values[4] == 8.5F);
  CHECK(input.values[13] == 4.5F);
  CHECK(input.values[22] == 0.5F);
  how = raw();
  how.channels = channel_order::grey;
  CHECK(run(image, how).values[0] == Approx((19595 * 0.5 + 38470 * 4.5 + 7471 * 8.5) / 65536));
}
