#pragma once
// napier/layers/lrn.hpp — local response normalisation across channels (AlexNet, GoogLeNet).
//
// What      y_c = x_c / (bias + α / size · Σ x_k²)^β, k from c − ⌊(size − 1) / 2⌋ to c + ⌈(size − 1) / 2⌉ where there are such
//           channels; in FP64, rounded once
// Special   NaN in a window gives NaN
// Errors    shape_error: size 0; shapes that differ
// Source    A. Krizhevsky, I. Sutskever, G. Hinton, NIPS 2012; α divided by size as ONNX and PyTorch do
// Checked   tests/layers/lrn_test.cpp

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <type_traits>
#include <vector>

#include <napier/core/concepts.hpp>
#include <napier/core/error.hpp>
#include <napier/core/rounded_product.hpp>
#include <napier/formats/native.hpp>
#include <napier/layers/tensor_view.hpp>

namespace napier {

struct lrn_parameters {
  std::size_t size = 5;  // channels in a window
  double alpha = 1e-4;
  double beta = 0.75;
  double bias = 1;
};

// The output does not overlap the input.
template <Format F>
void lrn(const lrn_parameters& parameters, tensor_view<const std::type_identity_t<F>> input,
         tensor_view<F> output) {
  if (parameters.size == 0) throw shape_error("lrn: size 0, expected at least 1");
  if (input.shape() != output.shape()) {
    throw shape_error("lrn: output is " + shape_text(output) + ", expected " + shape_text(input));
  }
  const std::size_t before = (parameters.size - 1) / 2;
  const std::size_t after = parameters.size - 1 - before;
  const std::size_t plane = input.height * input.width;
  const double factor = parameters.alpha / static_cast<double>(parameters.size);
  for (std::size_t n = 0; n < input.batch; ++n) {
    for (std::size_t c = 0; c < input.channels; ++c) {
      const std::size_t first = c - std::min(c, before);
      const std::size_t last = c + std::min(after, input.channels - 1 - c);
      for (std::size_t i = 0; i < plane; ++i) {
        double sum = 0;
        for (std::size_t k = first; k <= last; ++k) {
          const auto x = round_to<double>(decode(input.channel(n, k)[i]));
          sum += rounded_product(x, x);
        }
        const auto x = round_to<double>(decode(input.channel(n, c)[i]));
        const double scale = std::pow(rounded_product(factor, sum) + parameters.bias, parameters.beta);
        output.channel(n, c)[i] = round_to<F>(decode(x / scale));
      }
    }
  }
}

}  // namespace napier
