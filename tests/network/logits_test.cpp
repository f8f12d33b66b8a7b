// FP32 logits of the example networks on real images, against PyTorch's (examples/models/train.py).
#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <napier/analysis/evaluate.hpp>
#include <napier/data/fashion_mnist.hpp>
#include <napier/mac/mac.hpp>
#include <napier/network/onnx.hpp>
#include <napier/network/session.hpp>

#include "network/engines.hpp"

using namespace napier;

namespace {

const std::filesystem::path source = NAPIER_SOURCE_DIR;
constexpr std::size_t images = 16;
constexpr std::size_t classes = 10;

// A line an image, behind one of comment.
std::vector<double> stored_logits(const std::string& name) {
  std::ifstream file(source / "tests/network/data" / (name + "_logits.txt"));
  std::string line;
  std::getline(file, line);
  REQUIRE(line.starts_with("# " + name + ".onnx: logits"));
  std::vector<double> values;
  for (double x = 0; file >> x;) values.push_back(x);
  REQUIRE(file.eof());
  REQUIRE(values.size() == images * classes);
  return values;
}

// √(Σ (x − r)² / Σ r²) over one image.
double relative_error(const double* x, const double* r) {
  double error = 0;
  double norm = 0;
  for (std::size_t i = 0; i < classes; ++i) {
    error += (x[i] - r[i]) * (x[i] - r[i]);
    norm += r[i] * r[i];
  }
  return std::sqrt(error / norm);
}

void check(const std::string& name) {
  const mac_engine<mac<float, exact, native<float>>> float32;
  const image_set set = read_fashion_mnist(data_split::test);
  const network net = read_onnx(source / "examples/models" / (name + ".onnx"));
  const std::vector<double> expected = stored_logits(name);
  for (const auto mode : {batch_norm_mode::fold, batch_norm_mode::exact, batch_norm_mode::approximate}) {
    const evaluation run = evaluate(session(net, float32, mode), set, {}, images, 2);
    REQUIRE(run.outputs.size() == expected.size());
    for (std::size_t image = 0; image < images; ++image) {
      const double error = relative_error(&run.outputs[image * classes], &expected[image * classes]);
      INFO(name << ", batch norm mode " << static_cast<int>(mode) << ", image " << image << ": " << error);
      CHECK(error < 1e-5);
    }
  }
}

}  // namespace

TEST_CASE("LeNet-5's logits are PyTorch's") { check("lenet5"); }
TEST_CASE("ResNet-8's logits are PyTorch's") { check("resnet8"); }
TEST_CASE("VGG-8's logits are PyTorch's") { check("vgg8"); }
TEST_CASE("ResNeXt-11's logits are PyTorch's") { check("resnext11"); }
TEST_CASE("MobileNet-18's logits are PyTorch's") { check("mobilenet18"); }
