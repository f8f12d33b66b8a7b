#include "model.hpp"

#include <napier/network/onnx.hpp>

namespace napier_eval {

napier::network read_model(const std::filesystem::path& path) { return napier::read_onnx(path); }

}  // namespace napier_eval
