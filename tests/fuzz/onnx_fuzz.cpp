// read_onnx_bytes: any bytes give a network or a model_error of one line that names the file.

#include <cstdint>
#include <string>
#include <string_view>

#include <napier/network/onnx.hpp>

#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t max_weights = 1 << 20;
  try {
    const napier::network net =
        napier::read_onnx_bytes({reinterpret_cast<const char*>(data), size}, "model.onnx", max_weights);
    fuzz::check(napier::element_count(net.output_shape()) > 0, "onnx: an output with elements");
    for (const auto& node : net.nodes()) fuzz::check(!net.describe(node).empty(), "onnx: a node's name");
  } catch (const napier::model_error& error) {
    const std::string text = error.what();
    fuzz::check(text.rfind("model.onnx: ", 0) == 0, "onnx: the message names the file");
    fuzz::check(text.find('\n') == std::string::npos, "onnx: the message is one line");
  }
  return 0;
}
