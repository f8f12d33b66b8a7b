#pragma once
// A whole network: ResNet-8 of examples/models (docs/models.md), its batch norms folded, on one image of 28 x 28.
//
// What      weights and pixels are random, so that neither a model nor a data set is needed; each layer's weights are scaled so that
//           activations keep their size. Checked against the same session without kernels
// Beside    the same multiply-accumulates by sgemm: a call a layer, on matrices as im2col would make them, which is not timed

#include <cstddef>
#include <memory>
#include <string>

#include "task.hpp"

namespace napier_bench {

inline constexpr double resnet8_macs = 2364864;

// float32/exact/float32 or float32/mitch6/float32, for the active instruction set.
std::unique_ptr<task> resnet8_inference(const std::string& mac);

// Null without OpenBLAS.
std::unique_ptr<task> resnet8_by_sgemm();

}  // namespace napier_bench
