#pragma once
// Reading ONNX in one translation unit: its headers take most of a minute to compile.

#include <filesystem>

#include <napier/network/network.hpp>

namespace napier_eval {

// takes_integers: says whether the input is pixels of an integer type.
napier::network read_model(const std::filesystem::path& path, bool* takes_integers = nullptr);

}  // namespace napier_eval
