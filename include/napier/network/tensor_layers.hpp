#pragma once
// napier/network/tensor_layers.hpp — layers that move, combine or transform values, compiled for a format or a MAC.
//
// What      tensor_layers<F>: those that depend on the format alone; mac_layers<M>: those that add or multiply in the MAC.
//           compile(layer, output shape) gives a compiled_layer (network/tensor.hpp), as network/engine.hpp uses it
// Checked   tests/network/engine_test.cpp, tests/network/tensor_layers_test.cpp

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <napier/core/concepts.hpp>
#include <napier/formats/native.hpp>
#include <napier/gemm/reference.hpp>
#include <napier/layers/conv_transpose2d.hpp>
#include <napier/layers/element_operation.hpp>
#include <napier/layers/elementwise.hpp>
#include <napier/layers/fully_connected.hpp>
#include <napier/layers/function.hpp>
#include <napier/layers/lrn.hpp>
#include <napier/layers/rearrange.hpp>
#include <napier/layers/reduce.hpp>
#include <napier/layers/softmax.hpp>
#include <napier/network/layer.hpp>
#include <napier/network/tensor.hpp>

namespace napier::detail {

// A layer of one input: apply(span<const F>, span<F>, input's shape).
template <Format F, class Apply>
compiled_layer span_layer(const shape& output, Apply apply) {
  return [output, apply = std::move(apply)](std::span<const activation_ptr> inputs) -> activation_ptr {
    const auto input = in_format<F>(inputs[0]);
    auto result = std::make_shared<tensor<F>>(input->batch(), output);
    apply(std::span<const F>(input->values), std::span<F>(result->values), input->dimensions());
    return result;
  };
}

// For each element of `output` the one of `operand` that it is made of; none: the same element.
inline std::vector<std::uint32_t> broadcast_index(const shape& operand, const shape& output) {
  std::vector<std::uint32_t> index;
  if (operand == output) return index;
  index.assign(1, 0);
  std::size_t stride = element_count(operand);
  for (std::size_t axis = 0; axis < output.size(); ++axis) {  // index covers the dimensions before
    stride /= operand[axis];
    std::vector<std::uint32_t> longer;
    longer.reserve(index.size() * output[axis]);
    for (const std::uint32_t first : index) {
      for (std::size_t i = 0; i < output[axis]; ++i) {
        longer.push_back(first + static_cast<std::uint32_t>(operand[axis] == 1 ? 0 : i * stride));
      }
    }
    index = std::move(longer);
  }
  return index;
}

// The operands of a layer at run time: inputs in the format, constants as they are kept.
template <Format F>
class operand_reader {
 public:
  explicit operand_reader(std::span<const activation_ptr> inputs) : inputs_(inputs) {}

  element_operand<F> input(const shape& dimensions, const std::vector<std::uint32_t>& index) {
    values_.push_back(in_format<F>(inputs_[values_.size()]));
    return {values_.back()->values.data(), element_count(dimensions), false, index};
  }

 private:
  std::span<const activation_ptr> inputs_;
  std::vector<std::shared_ptr<const tensor<F>>> values_;
};

template <class T>
element_operand<T> shared_operand(const std::vector<T>& constant, const std::vector<std::uint32_t>& index) {
  return {constant.data(), constant.size(), true, index};
}

// Layers that depend on the format alone.
template <Format F>
struct tensor_layers {
  static compiled_layer compile(const rearrange_layer& what, const shape& output) {
    return span_layer<F>(output, [source = what.source, fill = round_to<F>(decode(what.fill))](
                                     auto x, auto y, const shape& from) {
      rearrange<F>(x, element_count(from), source, fill, y);
    });
  }
  static compiled_layer compile(const function_layer& what, const shape& output) {
    return span_layer<F>(output, [what](auto x, auto y, const shape&) {
      apply_function<F>(what.function, what.alpha, what.beta, x, y);
    });
  }
  static compiled_layer compile(const lrn_layer& what, const shape& output) {
    return [output, p = what.parameters](std::span<const activation_ptr> inputs) -> activation_ptr {
      const auto input = in_format<F>(inputs[0]);
      auto result = std::make_shared<tensor<F>>(input->batch(), output);
      lrn<F>(p, input->view(), result->view());
      return result;
    };
  }
  static compiled_layer compile(const softmax_layer& what, const shape& output) {
    softmax_axis axis;
    const std::size_t last = std::min(what.last, output.size());
    for (std::size_t i = what.first; i < output.size(); ++i)
      (i < last ? axis.length : axis.inner) *= output[i];
    return span_layer<F>(output, [axis, is_logarithm = what.is_logarithm](auto x, auto y, const shape&) {
      if (is_logarithm) {
        log_softmax_along<F>(axis, x, y);
      } else {
        softmax_along<F>(axis, x, y);
      }
    });
  }
  static compiled_layer compile(const global_max_pool_layer&, const shape& output) {
    return span_layer<F>(output, [](auto x, auto y, const shape& from) {
      reduce_max<F>({element_count(from) / from[0], {}}, x, y);
    });
  }

  // Inputs × the dimensions before the axis are the batch, those after it the height.
  static compiled_layer compile(const concat_layer& what, const shape& output) {
    return [output, axis = what.axis](std::span<const activation_ptr> inputs) -> activation_ptr {
      const auto view_of = [axis](auto* data, std::size_t batch, const shape& d) {
        std::size_t inner = 1;
        for (std::size_t i = 0; i < d.size(); ++i) (i < axis ? batch : inner) *= i == axis ? 1 : d[i];
        return tensor_view(data, batch, d[axis], inner, 1);
      };
      std::vector<std::shared_ptr<const tensor<F>>> parts;
      std::vector<tensor_view<const F>> views;
      for (const activation_ptr& input : inputs) {
        parts.push_back(in_format<F>(input));
        views.push_back(view_of(parts.back()->values.data(), input->batch(), input->dimensions()));
      }
      auto result = std::make_shared<tensor<F>>(inputs[0]->batch(), output);
      concat<F>(views, view_of(result->values.data(), result->batch(), output));
      return result;
    };
  }

  // Exact, then rounded once.
  static compiled_layer compile(const broadcast_layer& what, const shape& output) {
    if (what.left.is_input() && what.right.is_input()) {
      return compile_with(what, output, [](auto& inputs, const broadcast_operand& right, const auto& index) {
        return inputs.input(right.dimensions, index);
      });
    }
    // In the format itself where that loses nothing: the fast path of float.
    const std::vector<double>& values = what.left.is_input() ? what.right.constant : what.left.constant;
    std::vector<F> rounded;
    bool is_exact = true;
    for (const double value : values) {
      rounded.push_back(round_to<F>(decode(value)));
      is_exact = is_exact && round_to<double>(decode(rounded.back())) == value;
    }
    if (is_exact) return compile_with_constant(what, output, std::move(rounded));
    return compile_with_constant(what, output, values);
  }

 private:
  static shape broadcast_shape(const broadcast_layer& what) {
    shape result = what.left.dimensions;
    for (std::size_t i = 0; i < result.size(); ++i) result[i] = std::max(result[i], what.right.dimensions[i]);
    return result;
  }

  template <class Right>
  static compiled_layer compile_with(const broadcast_layer& what, const shape& output, Right right) {
    const shape all = broadcast_shape(what);
    return [what, output, right, a_index = broadcast_index(what.left.dimensions, all),
            b_index = broadcast_index(what.right.dimensions, all)](
               std::span<const activation_ptr> inputs) -> activation_ptr {
      auto result = std::make_shared<tensor<F>>(inputs[0]->batch(), output);
      operand_reader<F> reader(inputs);
      const element_operand<F> a = reader.input(what.left.dimensions, a_index);
      const element_operand<F> b = right(reader, what.right, b_index);
      combine_exactly<F>(what.operation, a, b, result->batch(), std::span<F>(result->values));
      return result;
    };
  }

  template <class T>
  static compiled_layer compile_with_constant(const broadcast_layer& what, const shape& output,
                                              std::vector<T> constant) {
    const shape all = broadcast_shape(what);
    const bool is_left = !what.left.is_input();
    const broadcast_operand& operand = is_left ? what.right : what.left;
    const broadcast_operand& other = is_left ? what.left : what.right;
    return [output, operation = what.operation, is_left, constant = std::move(constant),
            dimensions = operand.dimensions, index = broadcast_index(operand.dimensions, all),
            constant_index = broadcast_index(other.dimensions, all)](
               std::span<const activation_ptr> inputs) -> activation_ptr {
      auto result = std::make_shared<tensor<F>>(inputs[0]->batch(), output);
      operand_reader<F> reader(inputs);
      const element_operand<F> x = reader.input(dimensions, index);
      const element_operand<T> c = shared_operand(constant, constant_index);
      const std::span<F> y(result->values);
      if (is_left) {
        combine_exactly<F>(operation, c, x, result->batch(), y);
      } else {
        combine_exactly<F>(operation, x, c, result->batch(), y);
      }
      return result;
    };
  }
};

// Layers that add or multiply in the MAC.
template <Mac M>
struct mac_layers {
  using F = typename M::format;
  using bias_type = typename M::bias_type;

  static compiled_layer compile(const reduce_layer& what, const shape& output) {
    return span_layer<F>(
        output, [how = what.how, length = what.length, source = what.source](auto x, auto y, const shape&) {
          const reduction_rows rows{length, source};
          if (how == reduction::mean) reduce_mean<M>(rows, x, y);
          if (how == reduction::sum) reduce_sum<M>(rows, x, y);
          if (how == reduction::max) reduce_max<F>(rows, x, y);
        });
  }

  static compiled_layer compile(const conv_transpose2d_layer& conv, const shape& output) {
    const conv_transpose2d_parameters& p = conv.parameters;
    return [output, p, weights = rounded<F>(conv.weights), bias = rounded<bias_type>(conv.bias),
            out = conv.out_channels,
            in = conv.in_channels / p.groups](std::span<const activation_ptr> inputs) -> activation_ptr {
      const auto input = in_format<F>(inputs[0]);
      auto result = std::make_shared<tensor<F>>(input->batch(), output);
      const tensor_view<const F> w(weights.data(), out, in, p.kernel_height, p.kernel_width);
      conv_transpose2d<M>(p, input->view(), w, bias, result->view());
      return result;
    };
  }

  // The product of two inputs is the multiplier's; every other combination is exact.
  static compiled_layer compile(const broadcast_layer& what, const shape& output) {
    if (what.operation != element_operation::multiply || !what.left.is_input() || !what.right.is_input())
      return tensor_layers<F>::compile(what, output);
    shape all = what.left.dimensions;
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = std::max(all[i], what.right.dimensions[i]);
    return [output, left = what.left.dimensions, right = what.right.dimensions,
            a_index = broadcast_index(what.left.dimensions, all),
            b_index = broadcast_index(what.right.dimensions, all)](
               std::span<const activation_ptr> inputs) -> activation_ptr {
      auto result = std::make_shared<tensor<F>>(inputs[0]->batch(), output);
      operand_reader<F> reader(inputs);
      const element_operand<F> a = reader.input(left, a_index);
      const element_operand<F> b = reader.input(right, b_index);
      multiply_by_mac<M>(a, b, result->batch(), std::span<F>(result->values));
      return result;
    };
  }

  // A constant is the left operand of each product, as weights are; of two inputs the second is.
  static compiled_layer compile(const matmul_layer& what, const shape& output) {
    const std::size_t rank = what.left.dimensions.size();
    const shape left_batch(what.left.dimensions.begin(), what.left.dimensions.end() - 2);
    const shape right_batch(what.right.dimensions.begin(), what.right.dimensions.end() - 2);
    shape all = left_batch;
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = std::max(all[i], right_batch[i]);
    struct plan {
      std::size_t m, k, n, products;
      std::vector<std::uint32_t> left_index, right_index;
      std::vector<F> left, right;  // constants
    };
    plan p{what.left.dimensions[rank - 2],   what.left.dimensions[rank - 1],
           what.right.dimensions[rank - 1],  element_count(all),
           broadcast_index(left_batch, all), broadcast_index(right_batch, all),
           rounded<F>(what.left.constant),   rounded<F>(what.right.constant)};
    return [output, p = std::move(p), left = what.left.dimensions,
            right = what.right.dimensions](std::span<const activation_ptr> inputs) -> activation_ptr {
      auto result = std::make_shared<tensor<F>>(inputs[0]->batch(), output);
      operand_reader<F> reader(inputs);
      const element_operand<F> a =
          p.left.empty() ? reader.input(left, p.left_index) : shared_operand(p.left, p.left_index);
      const element_operand<F> b =
          p.right.empty() ? reader.input(right, p.right_index) : shared_operand(p.right, p.right_index);
      std::vector<F> columns(p.k * p.n);
      F* to = result->values.data();
      for (std::size_t image = 0; image < result->batch(); ++image) {
        for (std::size_t i = 0; i < p.products; ++i, to += p.m * p.n) {
          const F* x = a.image(image) + (a.index.empty() ? i : a.index[i]) * p.m * p.k;
          const F* y = b.image(image) + (b.index.empty() ? i : b.index[i]) * p.k * p.n;
          const matrix_view<const F> rows(x, p.m, p.k);
          const matrix_view<F> c(to, p.m, p.n);
          if (!p.left.empty()) {
            gemm<M>(rows, matrix_view<const F>(y, p.k, p.n), c);
            continue;
          }
          for (std::size_t r = 0; r < p.k; ++r) {
            for (std::size_t column = 0; column < p.n; ++column)
              columns[column * p.k + r] = y[r * p.n + column];
          }
          fully_connected<M>(rows, matrix_view<const F>(columns.data(), p.n, p.k), {}, c);
        }
      }
      return result;
    };
  }

 private:
  template <Format T>
  static std::vector<T> rounded(const std::vector<double>& values) {
    std::vector<T> result;
    result.reserve(values.size());
    for (const double x : values) result.push_back(round_to<T>(decode(x)));
    return result;
  }
};

// The layer of one row, run on each row of the input: a fully connected one over the last of several dimensions.
template <Format F>
compiled_layer row_by_row(const compiled_layer& of_a_row, std::size_t row_length, const shape& output) {
  return [of_a_row, row_length, output](std::span<const activation_ptr> inputs) -> activation_ptr {
    const auto input = in_format<F>(inputs[0]);
    auto rows = std::make_shared<tensor<F>>(input->size() / row_length, shape{row_length});
    rows->values = input->values;
    const std::array<activation_ptr, 1> arguments{std::move(rows)};
    const auto products = in_format<F>(of_a_row(arguments));
    auto result = std::make_shared<tensor<F>>(input->batch(), output);
    result->values = products->values;
    return result;
  };
}

}  // namespace napier::detail
