#pragma once
// napier/layers/fully_connected.hpp — a fully connected layer over a MAC.
//
// What      output(n, o) = round(sum over k ascending of weights(o, k) × input(n, k) + bias_o); weights are the left
//           operand
// Shapes    input: batch × in; weights: out × in; bias: none, or out; output: batch × out, no overlap with the input
// Speed     fully_connected_weights<M> keeps the weights packed, outputs side by side in a register (gemm/packed_columns.hpp)
// Errors    shape_error when the shapes do not fit
// Checked   tests/layers/fully_connected_test.cpp

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <napier/core/concepts.hpp>
#include <napier/core/error.hpp>
#include <napier/core/matrix_view.hpp>
#include <napier/gemm/gemm.hpp>
#include <napier/gemm/packed_columns.hpp>

namespace napier {

namespace detail {

template <class F, class B>
[[gnu::noinline]] void fully_connected_reference(matrix_view<const F> input, matrix_view<const F> weights,
                                                 std::span<const B> bias, matrix_view<F> output,
                                                 sum_of_products<F, B, F> sum) {
  for (std::size_t n = 0; n < input.rows; ++n) {
    // A row of the input is a column of the product, without moving it.
    const matrix_view<const F> column(input.data + n * input.row_stride, input.cols, 1);
    const matrix_view<F> result(output.data + n * output.row_stride, output.cols, 1);
    reference_loops<F, B, F>(weights, column, bias, result, sum);
  }
}

template <class Engine, class T, sum_family family, class F, class B>
[[gnu::noinline]] bool fully_connected_packed(Engine engine, const sum_path<T, family>& path,
                                              const finisher<T, B, F>& how, const packed_rows<T>& input,
                                              const packed_columns<T>& weights, std::span<const B> bias,
                                              matrix_view<F> output) {
  typename packed_columns<T>::template source<Engine> columns(weights);
  const auto place = [&](std::size_t n, std::size_t, std::size_t o, std::size_t count,
                         const row_of_sums<T>& sums) {
    const bias_run<B> of_outputs{bias.empty() ? nullptr : &bias[o], bias.empty() ? 0u : 1u};
    sums.finish(engine, how, 0, count, of_outputs, &output(n, o));
  };
  row_sink<T, decltype(place)> sink(how.adds_exactly, place);
  return multiply(engine, path, input, columns, sink);
}

// Packing reads each weight once, the reference once a row.
inline constexpr std::size_t least_rows_to_pack = 4;

inline void check_fully_connected(std::size_t batch, std::size_t inputs, std::size_t weight_rows,
                                  std::size_t weight_cols, std::size_t biases, std::size_t output_rows,
                                  std::size_t output_cols) {
  if (inputs != weight_cols || output_rows != batch || output_cols != weight_rows) {
    throw shape_error("fully_connected: input is " + shape_text(batch, inputs) + ", weights are " +
                      shape_text(weight_rows, weight_cols) + ", output is " +
                      shape_text(output_rows, output_cols) + "; expected batch x in, out x in, batch x out");
  }
  if (biases != 0 && biases != weight_rows) {
    throw shape_error("fully_connected: " + std::to_string(biases) + " biases, expected none or " +
                      std::to_string(weight_rows));
  }
}

template <class T>
[[gnu::noinline]] inline packed_columns<T> pack_columns(isa set, const operand_rule<T>& rule,
                                                        std::size_t columns, std::size_t depth,
                                                        const lane_matrix<T>& weights) {
  packed_columns<T> packed;
  with_engine(set, [&](auto engine) {
    packed = packed_columns<T>::pack(engine, rule, columns, usual_blocks<T>(depth), weights);
    return true;
  });
  return packed;
}

// Weights, out × in, and their panels, which are made for one instruction set.
template <class F, class T>
class fully_connected_panels {
 public:
  fully_connected_panels() = default;
  explicit fully_connected_panels(matrix_view<const F> weights) : rows_(weights.rows), cols_(weights.cols) {
    for (std::size_t o = 0; o < rows_; ++o) {
      for (std::size_t k = 0; k < cols_; ++k) numbers_.push_back(weights(o, k));
    }
  }
  void pack(const operand_rule<T>& rule) {
    if (rows_ * cols_ == 0) return;
    isa_ = active_isa();
    packed_ = pack_columns<T>(isa_, rule, rows_, cols_, lanes_of<T, F>(view()));
  }

  matrix_view<const F> view() const { return {numbers_.data(), rows_, cols_}; }
  const packed_columns<T>& packed() const { return packed_; }
  isa packed_for() const { return isa_; }

 private:
  std::size_t rows_ = 0;
  std::size_t cols_ = 0;
  std::vector<F> numbers_;
  isa isa_ = isa::scalar;
  packed_columns<T> packed_;
};

template <class F, class B, class T, sum_family family>
[[gnu::noinline]] void fully_connected_by_path(const mac_path<F, B, F, T, family>& path,
                                               sum_of_products<F, B, F> sum, matrix_view<const F> input,
                                               const fully_connected_panels<F, T>& weights,
                                               std::span<const B> bias, matrix_view<F> output) {
  const matrix_view<const F> plain = weights.view();
  check_fully_connected(input.rows, input.cols, plain.rows, plain.cols, bias.size(), output.rows,
                        output.cols);
  if constexpr (family != sum_family::reference) {
    const bool is_packed = weights.packed_for() == active_isa() && input.rows * plain.rows * plain.cols != 0;
    if (is_packed && with_engine(weights.packed_for(), [&](auto engine) {
          const auto rows = pack_rows(engine, path.sums, input, weights.packed().blocks());
          return fully_connected_packed<decltype(engine), T, family, F, B>(engine, path.sums, path.how, rows,
                                                                           weights.packed(), bias, output);
        })) {
      return;
    }
  }
  fully_connected_reference<F, B>(input, plain, bias, output, sum);
}

}  // namespace detail

// Weights, out × in, packed for the instruction set that is active when they are made. Many threads may use one.
template <Mac M>
class fully_connected_weights
    : public detail::fully_connected_panels<typename M::format, detail::lane_of<M>> {
 public:
  using format = typename M::format;

  fully_connected_weights() = default;
  explicit fully_connected_weights(matrix_view<const format> weights)
      : detail::fully_connected_panels<format, detail::lane_of<M>>(weights) {
    if constexpr (detail::sum_family_of<M> != detail::sum_family::reference) {
      this->pack(detail::packing_rule_of<M>().operands);
    }
  }
};

template <Mac M>
void fully_connected(matrix_view<const typename M::format> input, const fully_connected_weights<M>& weights,
                     std::span<const typename M::bias_type> bias, matrix_view<typename M::format> output) {
  using F = typename M::format;
  const detail::fully_connected_panels<F, detail::lane_of<M>>& panels = weights;
  detail::fully_connected_by_path(detail::mac_path_of<M, F>(), detail::sum_products<M, F>, input, panels,
                                  bias, output);
}

// The same with weights that are packed for this call, where that pays.
template <Mac M>
void fully_connected(matrix_view<const typename M::format> input,
                     matrix_view<const typename M::format> weights,
                     std::span<const typename M::bias_type> bias, matrix_view<typename M::format> output) {
  using F = typename M::format;
  detail::check_fully_connected(input.rows, input.cols, weights.rows, weights.cols, bias.size(), output.rows,
                                output.cols);
  if (input.rows < detail::least_rows_to_pack) {
    return detail::fully_connected_reference<F, typename M::bias_type>(input, weights, bias, output,
                                                                       detail::sum_products<M, F>);
  }
  fully_connected<M>(input, fully_connected_weights<M>(weights), bias, output);
}

}  // namespace napier
