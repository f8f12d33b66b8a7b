// float32 on all 10,000 Fashion-MNIST test images answers as PyTorch does, image for image.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

#include <napier/analysis/evaluate.hpp>
#include <napier/data/fashion_mnist.hpp>
#include <napier/mac/mac.hpp>
#include <napier/network/onnx.hpp>
#include <napier/network/session.hpp>

#include "network/engines.hpp"

using namespace napier;

namespace {

const std::filesystem::path source = NAPIER_SOURCE_DIR;
const std::filesystem::path stored = source / "tests/network/data";

struct counts {
  std::size_t top1 = 0;
  std::size_t top5 = 0;
  std::size_t images = 0;
};

// Lines of accuracy.txt: network, top-1, top-5, images.
counts stored_counts(const std::string& name) {
  std::ifstream file(stored / "accuracy.txt");
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::string network;
    counts result;
    if (fields >> network >> result.top1 >> result.top5 >> result.images && network == name) return result;
  }
  return {};
}

// One digit an image.
std::string stored_answers(const std::string& name) {
  std::ifstream file(stored / (name + "_answers.txt"));
  std::string answers;
  file >> answers;
  return answers;
}

void check(const std::string& name) {
  const counts expected = stored_counts(name);
  REQUIRE(expected.images == 10000);
  const std::string answers = stored_answers(name);
  REQUIRE(answers.size() == 10000);

  const mac_engine<mac<float, exact, native<float>>> float32;
  const image_set set = read_fashion_mnist(data_split::test);
  REQUIRE(set.count == 10000);
  const session net(read_onnx(source / "examples/models" / (name + ".onnx")), float32, batch_norm_mode::fold);
  const evaluation run = evaluate(net, set, {}, set.count, std::max(1U, std::thread::hardware_concurrency()));
  REQUIRE(run.outputs.size() == 10000 * 10);

  std::string got;
  std::size_t right = 0;
  for (std::size_t image = 0; image < run.images; ++image) {
    const std::size_t answer = answer_of(run.outputs_of(image));
    got += static_cast<char>('0' + answer);
    right += answer == set.labels[image] ? 1 : 0;
  }
  const auto [first, expected_first] = std::mismatch(got.begin(), got.end(), answers.begin());
  INFO(name << ": the first image with another answer, if any: " << first - got.begin());
  CHECK(got == answers);
  CHECK(right == expected.top1);

  const accuracy result = compare(run, run, set);
  CHECK(result.top1 == static_cast<double>(expected.top1) / 10000);
  CHECK(result.top5 == static_cast<double>(expected.top5) / 10000);
  CHECK(result.agreement == 1);
  CHECK(result.logit_error == 0);
}

}  // namespace

TEST_CASE("LeNet-5 on 10,000 images") { check("lenet5"); }
TEST_CASE("ResNet-8 on 10,000 images, batch norm folded") { check("resnet8"); }
TEST_CASE("VGG-8 on 10,000 images") { check("vgg8"); }
TEST_CASE("ResNeXt-11 on 10,000 images, batch norm folded") { check("resnext11"); }
TEST_CASE("MobileNet-18 on 10,000 images, batch norm folded") { check("mobilenet18"); }
