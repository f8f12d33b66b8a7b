#pragma once
// napier/layers/fully_connected.hpp — a fully connected layer over a MAC.
//
// What      output(n, o) = round(sum over k ascending of weights(o, k) × input(n, k) + bias_o); weights are the left
//           operand
// Shapes    input: batch × in; weights: out × in; bias: none, or out; output: batch × out, no overlap with the input
// Errors    shape_error when the shapes do not fit
// Checked   tests/layers/fully_connected_test.cpp

#include <cstddef>
#include <span>
#include <string>

#include <napier/core/concepts.hpp>
#include <napier/core/error.hpp>
#include <napier/core/matrix_view.hpp>
#include <napier/gemm/reference.hpp>

namespace napier {

template <Mac M>
void fully_connected(matrix_view<const typename M::format> input,
                     matrix_view<const typename M::format> weights,
                     std::span<const typename M::bias_type> bias, matrix_view<typename M::format> output) {
  using format = typename M::format;
  if (input.cols != weights.cols || output.rows != input.rows || output.cols != weights.rows) {
    throw shape_error("fully_connected: input is " + detail::shape_text(input.rows, input.cols) +
                      ", weights are " + detail::shape_text(weights.rows, weights.cols) + ", output is " +
                      detail::shape_text(output.rows, output.cols) +
                      "; expected batch x in, out x in, batch x out");
  }
  if (!bias.empty() && bias.size() != weights.rows) {
    throw shape_error("fully_connected: " + std::to_string(bias.size()) + " biases, expected none or " +
                      std::to_string(weights.rows));
  }
  for (std::size_t n = 0; n < input.rows; ++n) {
    // A row of the input is a column of the product, without moving it.
    const matrix_view<const format> column(input.data + n * input.row_stride, input.cols, 1);
    const matrix_view<format> result(output.data + n * output.row_stride, output.cols, 1);
    gemm<M>(weights, column, bias, result);
  }
}

}  // namespace napier
