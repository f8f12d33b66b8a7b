// The real data set, where Debian's package is installed; a folder of our own anywhere.

#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <napier/data/fashion_mnist.hpp>
#include <string>
#include <vector>

namespace {

bool is_installed() {
  if (std::filesystem::exists(napier::fashion_mnist_folder)) return true;
  std::puts("SKIPPED: Fashion-MNIST is not installed (apt-get install dataset-fashion-mnist)");
  return false;
}

// Images a class, in a set of ten classes.
std::vector<int> class_sizes(const napier::image_set& set) {
  std::vector<int> result(10);
  for (const std::uint16_t label : set.labels) ++result.at(label);
  return result;
}

}  // namespace

TEST_CASE("Fashion-MNIST as Debian has it") {
  if (!is_installed()) return;
  const napier::image_set test = napier::read_fashion_mnist(napier::data_split::test);
  CHECK(test.name == "fashion-mnist");
  CHECK(test.count == 10000);
  CHECK(test.channels == 1);
  CHECK(test.height == 28);
  CHECK(test.width == 28);
  CHECK(test.classes == 10);
  CHECK(test.pixels.size() == 10000 * 784);
  CHECK(class_sizes(test) == std::vector<int>(10, 1000));
  CHECK(std::vector<std::uint16_t>(test.labels.begin(), test.labels.begin() + 5) ==
        std::vector<std::uint16_t>{9, 2, 1, 1, 6});
  CHECK(test.image(9999).size() == 784);

  const napier::image_set train = napier::read_fashion_mnist(napier::data_split::train);
  CHECK(train.count == 60000);
  CHECK(train.height == 28);
  CHECK(train.width == 28);
  CHECK(class_sizes(train) == std::vector<int>(10, 6000));
  double sum = 0;
  for (const std::uint8_t pixel : train.pixels) sum += pixel;
  const double mean = sum / static_cast<double>(train.pixels.size()) / 255;
  CHECK(mean == Approx(0.2860).margin(0.0001));  // as published
}

TEST_CASE("a folder with plain files, and what can be missing") {
  const auto folder =
      std::filesystem::temp_directory_path() / ("napier_fashion_mnist_test_" + std::to_string(getpid()));
  const auto message = [&]() -> std::string {
    try {
      (void)napier::read_fashion_mnist(napier::data_split::test, folder);
      return "no error";
    } catch (const napier::data_error& error) {
      return error.what();
    }
  };
  const auto write = [&](const char* name, const std::string& bytes) {
    std::ofstream(folder / name, std::ios::binary) << bytes;
  };
  CHECK(message() ==
        folder.string() + ": Fashion-MNIST is not there; apt-get install dataset-fashion-mnist brings it");
  std::filesystem::create_directory(folder);
  CHECK(message() == (folder / "t10k-images-idx3-ubyte").string() + ": cannot be opened");
  write("t10k-images-idx3-ubyte", std::string("\0\0\10\3\0\0\0\1\0\0\0\1\0\0\0\2ab", 18));
  CHECK(message() == (folder / "t10k-labels-idx1-ubyte").string() + ": cannot be opened");
  write("t10k-labels-idx1-ubyte", std::string("\0\0\10\1\0\0\0\1\7", 9));
  const napier::image_set set = napier::read_fashion_mnist(napier::data_split::test, folder);
  CHECK(set.count == 1);
  CHECK(set.width == 2);
  CHECK(set.labels.front() == 7);
  write("t10k-labels-idx1-ubyte", std::string("\0\0\10\1\0\0\0\1\12", 9));
  CHECK(message() ==
        (folder / "t10k-labels-idx1-ubyte").string() + ": expected labels below 10, found 10 for image 0");
  std::filesystem::remove_all(folder);
}
