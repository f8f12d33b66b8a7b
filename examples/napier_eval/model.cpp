#include "model.hpp"

#include <napier/network/onnx.hpp>

namespace napier_eval {

napier::network read_model(const std::filesystem::path& path, bool* takes_integers) {
  return napier::read_onnx(path, napier::max_onnx_weights, takes_integers);
}

}  // namespace napier_eval
