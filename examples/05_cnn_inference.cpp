// A CNN under two arithmetics: load an ONNX model, run the first test images of Fashion-MNIST, count right answers.
// Usage: 05_cnn_inference [MODEL.onnx [IMAGES]]; without a model, in the folder of the repository

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include <napier/data/fashion_mnist.hpp>
#include <napier/network.hpp>
#include <napier/network/onnx.hpp>

using namespace napier;

namespace {

void run(const std::string& model_file, std::size_t limit) {
  using P = posit<16, 1>;
  mac_registry macs;
  macs.add<mac<float, exact, native<float>>>();
  macs.add<mac<P, plam, quire<P>>>();

  const network model = read_onnx(model_file);
  const image_set images = read_fashion_mnist(data_split::test);

  const session exact_run(model, macs.find("float32"));
  const session cheap_run(model, macs.find("posit16_1/plam"));
  const evaluation reference = evaluate(exact_run, images, {}, limit, 2);
  const evaluation cheap = evaluate(cheap_run, images, {}, limit, 2);

  const accuracy expected = compare(reference, reference, images);
  const accuracy got = compare(cheap, reference, images);
  std::printf(
      "%s, %zu images: top-1 %.1f %% in float32, %.1f %% in posit16_1/plam; %.1f %% the same answers\n",
      model_file.c_str(), reference.images, 100 * expected.top1, 100 * got.top1, 100 * got.agreement);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run(argc > 1 ? argv[1] : "examples/models/lenet5.onnx",
        argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 100);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "05_cnn_inference: %s\n", problem.what());
    return 2;
  }
}
