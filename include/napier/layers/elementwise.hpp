#pragma once
// napier/layers/elementwise.hpp — residual addition and concatenation. Flattening and reshaping move no data: the
// caller looks at the same elements through another view.
//
// What      add: a_i + b_i exactly, rounded once (formats/array.hpp). concat: the inputs' channels one after the other, copied
// Errors    shape_error when the shapes do not fit
// Checked   tests/layers/elementwise_test.cpp

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>

#include <napier/core/concepts.hpp>
#include <napier/core/error.hpp>
#include <napier/formats/array.hpp>
#include <napier/layers/tensor_view.hpp>

namespace napier {

// Along channels; the inputs agree in batch, height and width, and none overlaps the output.
template <Format F>
void concat(std::span<const tensor_view<const std::type_identity_t<F>>> inputs, tensor_view<F> output) {
  tensor_shape expected = output.shape();
  expected.channels = 0;
  for (const auto& input : inputs) {
    if (input.batch != output.batch || input.height != output.height || input.width != output.width) {
      throw shape_error("concat: an input is " + shape_text(input) + ", the output " + shape_text(output) +
                        "; expected the same batch, height and width");
    }
    expected.channels += input.channels;
  }
  if (output.shape() != expected) {
    throw shape_error("concat: output is " + shape_text(output) + ", expected " + shape_text(expected));
  }
  for (std::size_t n = 0; n < output.batch; ++n) {
    F* destination = output.channel(n, 0);
    for (const auto& input : inputs) {
      const std::size_t image = input.channels * input.height * input.width;
      destination = std::copy_n(input.channel(n, 0), image, destination);
    }
  }
}

}  // namespace napier
