#pragma once
// Reading ONNX in one translation unit: its headers take most of a minute to compile.

#include <filesystem>

#include <napier/network/network.hpp>

namespace napier_eval {

napier::network read_model(const std::filesystem::path& path);

}  // namespace napier_eval
