#pragma once
// napier/layers/reduce.hpp — sums and means over some dimensions of an image, and the largest element.
//
// What      row o of an image is source[o · length] … source[(o + 1) · length − 1], or, without sources, as the elements lie.
//           reduce_mean: summed in the accumulator in that order, divided by length exactly, rounded once; reduce_sum: the
//           sum, rounded once. No multiplier takes part. reduce_max: exact
// Special   NaN (NaR) in a row gives NaN
// Errors    shape_error when the sizes do not fit
// Checked   tests/layers/reduce_test.cpp

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <napier/core/concepts.hpp>
#include <napier/core/error.hpp>
#include <napier/layers/order.hpp>
#include <napier/layers/pool.hpp>

namespace napier {

enum class reduction : unsigned char { mean, sum, max };

// Rows of `length` elements; source: none, or the elements of an image of source.size() in the order of the rows.
struct reduction_rows {
  std::size_t length = 1;
  std::span<const std::uint32_t> source;
};

namespace detail {

// output row = finish(sum of visit over its elements)
template <class F, class Row>
void reduce_rows(const reduction_rows& rows, std::span<const F> input, std::span<F> output, Row row) {
  const bool has_source = !rows.source.empty();
  if (rows.length == 0 || output.size() * rows.length != input.size() ||
      (has_source && (input.size() % rows.source.size() != 0 || rows.source.size() % rows.length != 0))) {
    throw shape_error("reduce: input has " + std::to_string(input.size()) + " elements, output " +
                      std::to_string(output.size()) + "; expected rows of " + std::to_string(rows.length));
  }
  for (std::size_t o = 0; o < output.size(); ++o) {
    const std::size_t first = o * rows.length;
    if (!has_source) {
      output[o] = row([&](std::size_t k) { return input[first + k]; });
      continue;
    }
    const std::size_t image = first / rows.source.size() * rows.source.size();
    const std::uint32_t* source = rows.source.data() + (first - image);
    output[o] = row([&](std::size_t k) { return input[image + source[k]]; });
  }
}

template <Format F>
void reduce_by_adding(reduction how, const reduction_rows& rows, std::span<const F> input,
                      std::span<F> output, mean_of_window<F> mean) {
  const std::uint64_t divisor = how == reduction::mean ? std::uint64_t{rows.length} : std::uint64_t{1};
  std::vector<F> elements(rows.length);
  reduce_rows<F>(rows, input, output, [&](auto element) {
    for (std::size_t k = 0; k < rows.length; ++k) elements[k] = element(k);
    return mean({elements.data(), 1, rows.length, 0, 1}, divisor);
  });
}

}  // namespace detail

template <Mac M>
void reduce_mean(const reduction_rows& rows, std::span<const typename M::format> input,
                 std::span<typename M::format> output) {
  using F = typename M::format;
  detail::reduce_by_adding<F>(reduction::mean, rows, input, output,
                              detail::mean_by<F, typename M::accumulator>);
}

template <Mac M>
void reduce_sum(const reduction_rows& rows, std::span<const typename M::format> input,
                std::span<typename M::format> output) {
  using F = typename M::format;
  detail::reduce_by_adding<F>(reduction::sum, rows, input, output,
                              detail::mean_by<F, typename M::accumulator>);
}

template <Format F>
void reduce_max(const reduction_rows& rows, std::span<const std::type_identity_t<F>> input,
                std::span<F> output) {
  detail::reduce_rows<F>(rows, input, output, [&](auto element) {
    F largest = element(0);
    for (std::size_t k = 1; k < rows.length; ++k) {
      const F next = element(k);
      const unpacked value = decode(next);
      if (value.is_nan() || detail::is_less(decode(largest), value))
        largest = next;  // nothing is less than NaN
    }
    return largest;
  });
}

}  // namespace napier
