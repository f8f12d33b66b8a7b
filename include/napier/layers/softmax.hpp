#pragma once
// napier/layers/softmax.hpp — softmax and its logarithm along any axis.
//
// What      softmax_along: layers/activation.hpp's softmax of the elements (o, 0 … length − 1, i), for each o and i.
//           log_softmax_along: x − m − ln(sum of e^(x − m), in ascending order), m the largest, in FP64, rounded once
// Special   NaN, or +infinity, in a row makes the whole row NaN
// Errors    shape_error when the sizes do not fit
// Checked   tests/layers/softmax_test.cpp

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <napier/core/concepts.hpp>
#include <napier/core/error.hpp>
#include <napier/formats/native.hpp>
#include <napier/layers/activation.hpp>

namespace napier {

// Elements lie as outer × length × inner.
struct softmax_axis {
  std::size_t length = 1;
  std::size_t inner = 1;
};

namespace detail {

// row(std::span<F>) changes each row in place.
template <Format F, class Row>
void for_each_row_along(const softmax_axis& axis, std::span<const F> input, std::span<F> output, Row row) {
  const std::size_t block = axis.length * axis.inner;
  if (input.size() != output.size() || (block == 0 ? !input.empty() : input.size() % block != 0)) {
    throw shape_error("softmax: input has " + std::to_string(input.size()) + " elements, output " +
                      std::to_string(output.size()) + "; expected equal multiples of " +
                      std::to_string(block));
  }
  std::vector<F> values(axis.length);
  for (std::size_t first = 0; first < input.size(); first += block) {
    for (std::size_t i = 0; i < axis.inner; ++i) {
      for (std::size_t k = 0; k < axis.length; ++k) values[k] = input[first + k * axis.inner + i];
      row(std::span<F>(values));
      for (std::size_t k = 0; k < axis.length; ++k) output[first + k * axis.inner + i] = values[k];
    }
  }
}

template <Format F>
void log_softmax_row(std::span<F> row) {
  std::vector<double> values(row.size());
  double largest = -std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < row.size(); ++i) {
    values[i] = round_to<double>(decode(row[i]));
    if (values[i] > largest) largest = values[i];
  }
  double sum = 0;
  for (const double value : values) sum += std::exp(value - largest);
  const double offset = std::log(sum);
  for (std::size_t i = 0; i < row.size(); ++i) row[i] = round_to<F>(decode(values[i] - largest - offset));
}

}  // namespace detail

template <Format F>
void softmax_along(const softmax_axis& axis, std::span<const std::type_identity_t<F>> input,
                   std::span<F> output) {
  if (axis.inner == 1) return softmax<F>(input, axis.length, output);
  detail::for_each_row_along<F>(axis, input, output,
                                [](std::span<F> row) { softmax<F>(row, row.size(), row); });
}

template <Format F>
void log_softmax_along(const softmax_axis& axis, std::span<const std::type_identity_t<F>> input,
                       std::span<F> output) {
  detail::for_each_row_along<F>(axis, input, output,
                                [](std::span<F> row) { detail::log_softmax_row<F>(row); });
}

}  // namespace napier
