#include "inference.hpp"

#include <cmath>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <napier/accumulators/native.hpp>
#include <napier/mac/mac.hpp>
#include <napier/multipliers/exact.hpp>
#include <napier/multipliers/mitch.hpp>
#include <napier/network/engine.hpp>
#include <napier/network/session.hpp>

#include "sgemm.hpp"

namespace napier_bench {

namespace {

using namespace napier;

constexpr std::size_t side = 28;
constexpr std::size_t classes = 10;

class resnet8 {
 public:
  resnet8() {
    const std::size_t stem = relu(convolution(0, 1, 8, 3, 1));
    const std::size_t second = block(stem, 8, 8, 1);
    const std::size_t third = block(second, 8, 16, 2);
    const std::size_t fourth = block(third, 16, 32, 2);
    const std::size_t pool = add("GlobalAveragePool", global_average_pool_layer{}, {fourth});
    const std::size_t flat = add("Flatten", reshape_layer{{32}}, {pool});
    add("Gemm",
        fully_connected_layer{32, classes, scaled_weights(classes, 32), std::vector<double>(classes, 0.5)},
        {flat});
    products_.push_back({classes, 1, 32});
  }

  const network& layers() const { return layers_; }
  // As products of matrices.
  const std::vector<shape>& products() const { return products_; }

 private:
  std::size_t add(const std::string& type, layer what, std::vector<std::size_t> inputs) {
    layers_.add({type + std::to_string(values_), type, std::move(what), std::move(inputs)});
    return ++values_;
  }
  std::vector<double> scaled_weights(std::size_t outputs, std::size_t inputs) {
    std::vector<double> weights;
    for (std::size_t i = 0; i < outputs * inputs; ++i) {
      weights.push_back(double{normal_number(weights_++)} / std::sqrt(static_cast<double>(inputs)));
    }
    return weights;
  }
  std::size_t convolution(std::size_t input, std::size_t in, std::size_t out, std::size_t kernel,
                          std::size_t stride) {
    conv2d_parameters p;
    p.kernel_height = p.kernel_width = kernel;
    p.stride_height = p.stride_width = stride;
    p.pad_top = p.pad_left = p.pad_bottom = p.pad_right = kernel / 2;
    const std::size_t depth = in * kernel * kernel;
    const std::size_t value =
        add("Conv", conv2d_layer{p, in, out, scaled_weights(out, depth), std::vector<double>(out, 0.125)},
            {input});
    const auto& size = layers_.shape_of(value);
    products_.push_back({out, size[1] * size[2], depth});
    return value;
  }
  std::size_t relu(std::size_t input) { return add("Relu", relu_layer{}, {input}); }
  // relu(b(relu(a(x))) + s(x)), s a convolution of 1 x 1 where the shape changes, or nothing.
  std::size_t block(std::size_t input, std::size_t in, std::size_t out, std::size_t stride) {
    const std::size_t a = relu(convolution(input, in, out, 3, stride));
    const std::size_t b = convolution(a, out, out, 3, 1);
    const std::size_t shortcut = in == out ? input : convolution(input, in, out, 1, stride);
    return relu(add("Add", add_layer{}, {b, shortcut}));
  }

  network layers_{"resnet8", {1, side, side}};
  std::size_t values_ = 0;
  std::size_t weights_ = 0;
  std::vector<shape> products_;
};

class inference_task final : public task {
 public:
  explicit inference_task(const engine& mac)
      : mac_(mac), session_(model_.layers(), mac), image_(normal_numbers<float>(side * side, 700000)) {}

  void run() override { logits_ = session_.run(image_); }

  void check() const override {
    const isa_scope scope(isa::scalar);
    const std::vector<double> expected = session(model_.layers(), mac_).run(image_);
    if (logits_.size() == classes && expected.size() == classes &&
        std::memcmp(logits_.data(), expected.data(), classes * sizeof(double)) == 0) {
      return;
    }
    throw check_error(mac_.name() + ": the outputs of resnet8 are not the reference's");
  }

 private:
  resnet8 model_;
  const engine& mac_;
  session session_;
  std::vector<float> image_;
  std::vector<double> logits_;
};

#ifdef NAPIER_BENCH_OPENBLAS
class sgemm_calls final : public task {
 public:
  sgemm_calls() {
    const resnet8 model;
    for (const shape& size : model.products()) calls_.push_back(std::make_unique<sgemm_task>(size, 0));
  }
  void run() override {
    for (const auto& call : calls_) call->run();
  }
  void check() const override {
    for (const auto& call : calls_) call->check();
  }

 private:
  std::vector<std::unique_ptr<sgemm_task>> calls_;
};
#endif

}  // namespace

std::unique_ptr<task> resnet8_inference(const std::string& mac) {
  static const mac_engine<napier::mac<float, exact, native<float>>> exact_floats;
  static const mac_engine<napier::mac<float, mitch<6>, native<float>>> mitch6;
  if (mac == mitch6.name()) return std::make_unique<inference_task>(mitch6);
  return std::make_unique<inference_task>(exact_floats);
}

std::unique_ptr<task> resnet8_by_sgemm() {
#ifdef NAPIER_BENCH_OPENBLAS
  return std::make_unique<sgemm_calls>();
#else
  return nullptr;
#endif
}

}  // namespace napier_bench
