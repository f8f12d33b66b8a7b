// resnet50 FILE: writes an ONNX model of ResNet-50's layers and size (25.6 million weights, made up), for the test of
// napier-eval's memory.

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include <onnx/onnx_pb.h>

namespace {

class resnet50 {
 public:
  resnet50() {
    model_.set_ir_version(7);
    auto* opset = model_.add_opset_import();
    opset->set_domain("");
    opset->set_version(13);
    auto* input = graph().add_input();
    input->set_name("x");
    auto* type = input->mutable_type()->mutable_tensor_type();
    type->set_elem_type(onnx::TensorProto::FLOAT);
    type->mutable_shape()->add_dim()->set_dim_param("N");
    for (const std::int64_t extent : {3, 224, 224}) type->mutable_shape()->add_dim()->set_dim_value(extent);

    std::string value = relu(convolution("x", 3, 64, 7, 2));
    onnx::NodeProto& pool = node("MaxPool", {value}, value + "p");
    add(pool, "kernel_shape", {3, 3});
    add(pool, "strides", {2, 2});
    add(pool, "pads", {1, 1, 1, 1});
    value += "p";
    std::int64_t channels = 64;
    const std::int64_t widths[] = {64, 128, 256, 512};
    const int depths[] = {3, 4, 6, 3};
    for (int stage = 0; stage < 4; ++stage) {
      for (int block = 0; block < depths[stage]; ++block) {
        const std::int64_t stride = stage > 0 && block == 0 ? 2 : 1;
        const std::int64_t width = widths[stage];
        std::string branch = relu(convolution(value, channels, width, 1, 1));
        branch = relu(convolution(branch, width, width, 3, stride));
        branch = convolution(branch, width, 4 * width, 1, 1);
        if (block == 0) value = convolution(value, channels, 4 * width, 1, stride);
        channels = 4 * width;
        node("Add", {branch, value}, branch + "a");
        value = relu(branch + "a");
      }
    }
    node("GlobalAveragePool", {value}, "pooled");
    node("Flatten", {"pooled"}, "flat");
    add(node("Gemm", {"flat", weights({1000, 2048}, 2048), weights({1000}, 1)}, "y"), "transB", 1);
    graph().add_output()->set_name("y");
  }

  const onnx::ModelProto& model() const { return model_; }
  std::size_t weight_count() const { return count_; }

 private:
  onnx::GraphProto& graph() { return *model_.mutable_graph(); }

  onnx::NodeProto& node(const std::string& type, const std::vector<std::string>& inputs,
                        const std::string& output) {
    auto* node = graph().add_node();
    node->set_op_type(type);
    node->set_name(output);
    for (const std::string& input : inputs) node->add_input(input);
    node->add_output(output);
    return *node;
  }

  static void add(onnx::NodeProto& node, const std::string& name, const std::vector<std::int64_t>& values) {
    auto* attribute = node.add_attribute();
    attribute->set_name(name);
    attribute->set_type(onnx::AttributeProto::INTS);
    for (const std::int64_t value : values) attribute->add_ints(value);
  }
  static void add(onnx::NodeProto& node, const std::string& name, std::int64_t value) {
    auto* attribute = node.add_attribute();
    attribute->set_name(name);
    attribute->set_type(onnx::AttributeProto::INT);
    attribute->set_i(value);
  }

  // Between −1 and 1 times √(3 / fan_in), from the numbers' own order; `positive`: about 1.
  std::string weights(const std::vector<std::int64_t>& dimensions, std::int64_t fan_in,
                      bool positive = false) {
    auto* tensor = graph().add_initializer();
    tensor->set_name("w" + std::to_string(graph().initializer_size()));
    tensor->set_data_type(onnx::TensorProto::FLOAT);
    std::size_t count = 1;
    for (const std::int64_t extent : dimensions) {
      tensor->add_dims(extent);
      count *= static_cast<std::size_t>(extent);
    }
    const double scale = std::sqrt(3 / static_cast<double>(fan_in));
    std::vector<float> values(count);
    for (float& value : values) {
      state_ = state_ * 6364136223846793005U + 1442695040888963407U;
      const double uniform = std::ldexp(static_cast<double>(state_ >> 33), -30) - 1;
      value = static_cast<float>(positive ? 1 + uniform / 4 : uniform * scale);
    }
    tensor->set_raw_data(values.data(), count * sizeof(float));
    count_ += count;
    return tensor->name();
  }

  // With its batch norm.
  std::string convolution(const std::string& input, std::int64_t in, std::int64_t out, std::int64_t kernel,
                          std::int64_t stride) {
    const std::string name = "c" + std::to_string(++convolutions_);
    onnx::NodeProto& conv =
        node("Conv", {input, weights({out, in, kernel, kernel}, in * kernel * kernel)}, name);
    const std::int64_t pad = kernel / 2;
    add(conv, "kernel_shape", {kernel, kernel});
    add(conv, "strides", {stride, stride});
    add(conv, "pads", {pad, pad, pad, pad});
    node("BatchNormalization",
         {name, weights({out}, 1, true), weights({out}, 100), weights({out}, 100), weights({out}, 1, true)},
         name + "b");
    return name + "b";
  }

  std::string relu(const std::string& input) {
    node("Relu", {input}, input + "r");
    return input + "r";
  }

  onnx::ModelProto model_;
  std::uint64_t state_ = 1;
  std::size_t count_ = 0;
  int convolutions_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const resnet50 network;
  std::ofstream file(argv[1], std::ios::binary);
  const bool written = network.model().SerializeToOstream(&file) && file.flush();
  std::printf("%zu weights\n", network.weight_count());
  return written ? 0 : 1;
}
