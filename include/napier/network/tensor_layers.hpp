#pragma once
// napier/network/tensor_layers.hpp — layers that move, combine or transform values, compiled for a format or a MAC.
//
// What      tensor_layers<F>: those that depend on the format alone; mac_layers<M>: those that add or multiply in the MAC.
//           Both are compiled once a format: network/any_mac.hpp.
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
#include <napier/formats/array.hpp>
#include <napier/formats/native.hpp>
#include <napier/gemm/reference.hpp>
#include <napier/layers/batch_norm.hpp>
#include <napier/layers/conv_transpose2d.hpp>
#include <napier/layers/element_operation.hpp>
#include <napier/layers/elementwise.hpp>
#include <napier/layers/fully_connected.hpp>
#include <napier/layers/function.hpp>
#include <napier/layers/lrn.hpp>
#include <napier/layers/rearrange.hpp>
#include <napier/layers/reduce.hpp>
#include <napier/layers/softmax.hpp>
#include <napier/network/any_mac.hpp>
#include <napier/network/layer.hpp>
#include <napier/network/tensor.hpp>

namespace napier::detail {

template <Format F>
std::vector<F> round_all(std::span<const double> values) {
  std::vector<F> rounded(values.size());
  convert(values, std::span<F>(rounded));
  return rounded;
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
    return unary_layer<F>(output, [source = what.source, fill = round_to<F>(decode(what.fill))](
                                      const tensor<F>& x, tensor<F>& y) {
      rearrange<F>(x.values, element_count(x.dimensions()), source, fill, y.values);
    });
  }
  static compiled_layer compile(const function_layer& what, const shape& output) {
    return unary_layer<F>(output, [what](const tensor<F>& x, tensor<F>& y) {
      apply_function<F>(what.function, what.alpha, what.beta, x.values, y.values);
    });
  }
  static compiled_layer compile(const lrn_layer& what, const shape& output) {
    return unary_layer<F>(
        output, [p = what.parameters](const tensor<F>& x, tensor<F>& y) { lrn<F>(p, x.view(), y.view()); });
  }
  static compiled_layer compile(const softmax_layer& what, const shape& output) {
    softmax_axis axis;
    const std::size_t last = std::min(what.last, output.size());
    for (std::size_t i = what.first; i < output.size(); ++i)
      (i < last ? axis.length : axis.inner) *= output[i];
    return unary_layer<F>(output, [axis, is_logarithm = what.is_logarithm](const tensor<F>& x, tensor<F>& y) {
      if (is_logarithm) {
        log_softmax_along<F>(axis, x.values, y.values);
      } else {
        softmax_along<F>(axis, x.values, y.values);
      }
    });
  }
  static compiled_layer compile(const global_max_pool_layer&, const shape& output) {
    return unary_layer<F>(output, [](const tensor<F>& x, tensor<F>& y) {
      reduce_max<F>({element_count(x.dimensions()) / x.dimensions()[0], {}}, x.values, y.values);
    });
  }

  // Inputs × the dimensions before the axis are the batch, those after it the height.
  static compiled_layer compile(const concat_layer& what, const shape& output) {
    return filling_layer<F>(
        output, [axis = what.axis](std::span<const activation_ptr> inputs, tensor<F>& result) {
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
          concat<F>(views, view_of(result.values.data(), result.batch(), result.dimensions()));
        });
  }

  // Exact, then rounded once.
  static compiled_layer compile(const broadcast_layer& what, const shape& output) {
    if (what.left.is_input() && what.right.is_input()) {
      return of_two_inputs(what, output,
                           [operation = what.operation](
                               const element_operand<F>& a, const element_operand<F>& b, std::size_t images,
                               std::span<F> y) { combine_exactly<F>(operation, a, b, images, y); });
    }
    // In the format itself where that loses nothing: the fast path of float.
    const std::vector<double>& values = what.left.is_input() ? what.right.constant : what.left.constant;
    std::vector<F> rounded;
    bool is_exact = true;
    for (const double value : values) {
      rounded.push_back(round_to<F>(decode(value)));
      is_exact = is_exact && round_to<double>(decode(rounded.back())) == value;
    }
    if (is_exact) return of_a_constant(what, output, std::move(rounded));
    return of_a_constant(what, output, values);
  }

  // apply(left operand, right operand, images, output)
  template <class Apply>
  static compiled_layer of_two_inputs(const broadcast_layer& what, const shape& output, Apply apply) {
    const shape all = broadcast_shape(what);
    return filling_layer<F>(output, [apply, left = what.left.dimensions, right = what.right.dimensions,
                                     a_index = broadcast_index(what.left.dimensions, all),
                                     b_index = broadcast_index(what.right.dimensions, all)](
                                        std::span<const activation_ptr> inputs, tensor<F>& result) {
      operand_reader<F> reader(inputs);
      const element_operand<F> a = reader.input(left, a_index);
      const element_operand<F> b = reader.input(right, b_index);
      apply(a, b, result.batch(), std::span<F>(result.values));
    });
  }

 private:
  static shape broadcast_shape(const broadcast_layer& what) {
    shape result = what.left.dimensions;
    for (std::size_t i = 0; i < result.size(); ++i) result[i] = std::max(result[i], what.right.dimensions[i]);
    return result;
  }

  template <class T>
  static compiled_layer of_a_constant(const broadcast_layer& what, const shape& output,
                                      std::vector<T> constant) {
    const shape all = broadcast_shape(what);
    const bool is_left = !what.left.is_input();
    const broadcast_operand& operand = is_left ? what.right : what.left;
    const broadcast_operand& other = is_left ? what.left : what.right;
    return filling_layer<F>(
        output, [operation = what.operation, is_left, constant = std::move(constant),
                 dimensions = operand.dimensions, index = broadcast_index(operand.dimensions, all),
                 constant_index = broadcast_index(other.dimensions, all)](
                    std::span<const activation_ptr> inputs, tensor<F>& result) {
          operand_reader<F> reader(inputs);
          const element_operand<F> x = reader.input(dimensions, index);
          const element_operand<T> c = shared_operand(constant, constant_index);
          const std::span<F> y(result.values);
          if (is_left) {
            combine_exactly<F>(operation, c, x, result.batch(), y);
          } else {
            combine_exactly<F>(operation, x, c, result.batch(), y);
          }
        });
  }
};

// Layers that add or multiply in the MAC, which outlives them.
template <Format F, Format B>
struct mac_layers {
  using mac_type = any_mac<F, B>;

  static compiled_layer compile(const mac_type& mac, const conv2d_layer& conv, const shape& output) {
    const conv2d_parameters& p = conv.parameters;
    const std::vector<F> weights = round_all<F>(conv.weights);
    return packed_layer(output, mac.conv2d(p,
                                           {weights.data(), conv.out_channels, conv.in_channels / p.groups,
                                            p.kernel_height, p.kernel_width},
                                           round_all<B>(conv.bias)));
  }

  static compiled_layer compile(const mac_type& mac, const fully_connected_layer& layer,
                                const shape& output) {
    if (output.size() > 1) return row_by_row(compile(mac, layer, {layer.outputs}), layer.inputs, output);
    const std::vector<F> weights = round_all<F>(layer.weights);
    return packed_layer(
        output, mac.fully_connected({weights.data(), layer.outputs, layer.inputs}, round_all<B>(layer.bias)));
  }

  static compiled_layer compile(const mac_type& mac, const average_pool_layer& pool, const shape& output) {
    return unary_layer<F>(output, [p = pool.parameters, means = mac.means](const tensor<F>& x, tensor<F>& y) {
      means.pool(p, x.view(), y.view(), means.one);
    });
  }
  static compiled_layer compile(const mac_type& mac, const global_average_pool_layer&, const shape& output) {
    return unary_layer<F>(output, [means = mac.means](const tensor<F>& x, tensor<F>& y) {
      means.global_pool(x.view(), y.view(), means.one);
    });
  }
  static compiled_layer compile(const mac_type& mac, const reduce_layer& what, const shape& output) {
    return unary_layer<F>(output, [how = what.how, length = what.length, source = what.source,
                                   mean = mac.means.one](const tensor<F>& x, tensor<F>& y) {
      const reduction_rows rows{length, source};
      if (how == reduction::max) {
        reduce_max<F>(rows, x.values, y.values);
      } else {
        reduce_by_adding<F>(how, rows, x.values, y.values, mean);
      }
    });
  }

  static compiled_layer compile_approximate(const mac_type& mac, const batch_norm_affine& affine,
                                            const shape& output) {
    const std::vector<F> scale = round_all<F>(affine.scale);
    std::vector<B> shift;
    for (const F x : round_all<F>(affine.shift)) shift.push_back(round_to<B>(decode(x)));
    const std::size_t channels = scale.size();
    std::shared_ptr<const tensor_function<F>> norm =
        mac.conv2d(depthwise(channels), {scale.data(), channels, 1, 1, 1}, std::move(shift));
    return unary_layer<F>(output, [norm, channels](const tensor<F>& x, tensor<F>& y) {
      check_batch_norm(channels, channels, x.view().shape(), y.view().shape());
      if (x.size() != 0) norm->run(flat_channels(x.view()), flat_channels(y.view()));
    });
  }

  static compiled_layer compile(const mac_type& mac, const conv_transpose2d_layer& conv,
                                const shape& output) {
    const conv_transpose2d_parameters& p = conv.parameters;
    return unary_layer<F>(output, [p, weights = round_all<F>(conv.weights), bias = round_all<B>(conv.bias),
                                   out = conv.out_channels, in = conv.in_channels / p.groups,
                                   sum = mac.sum](const tensor<F>& x, tensor<F>& y) {
      conv_transpose2d_by_sums<F, B>(p, x.view(), {weights.data(), out, in, p.kernel_height, p.kernel_width},
                                     bias, y.view(), sum);
    });
  }

  // The product of two inputs is the multiplier's; every other combination is exact.
  static compiled_layer compile(const mac_type& mac, const broadcast_layer& what, const shape& output) {
    if (what.operation != element_operation::multiply || !what.left.is_input() || !what.right.is_input())
      return tensor_layers<F>::compile(what, output);
    return tensor_layers<F>::of_two_inputs(
        what, output,
        [sum = mac.sum](const element_operand<F>& a, const element_operand<F>& b, std::size_t images,
                        std::span<F> y) { multiply_by_sums<F, B>(a, b, images, y, sum); });
  }

  // A constant is the left operand of each product, as weights are; of two inputs the second is.
  static compiled_layer compile(const mac_type& mac, const matmul_layer& what, const shape& output) {
    const std::size_t rank = what.left.dimensions.size();
    const shape left_batch(what.left.dimensions.begin(), what.left.dimensions.end() - 2);
    const shape right_batch(what.right.dimensions.begin(), what.right.dimensions.end() - 2);
    shape all = left_batch;
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = std::max(all[i], right_batch[i]);
    struct plan {
      std::size_t m, k, n, products;
      shape left_dimensions, right_dimensions;
      std::vector<std::uint32_t> left_index, right_index;
      std::vector<F> left, right;  // constants
    };
    plan p{what.left.dimensions[rank - 2],
           what.left.dimensions[rank - 1],
           what.right.dimensions[rank - 1],
           element_count(all),
           what.left.dimensions,
           what.right.dimensions,
           broadcast_index(left_batch, all),
           broadcast_index(right_batch, all),
           round_all<F>(what.left.constant),
           round_all<F>(what.right.constant)};
    return filling_layer<F>(
        output, [&mac, p = std::move(p)](std::span<const activation_ptr> inputs, tensor<F>& result) {
          operand_reader<F> reader(inputs);
          const element_operand<F> a = p.left.empty() ? reader.input(p.left_dimensions, p.left_index)
                                                      : shared_operand(p.left, p.left_index);
          const element_operand<F> b = p.right.empty() ? reader.input(p.right_dimensions, p.right_index)
                                                       : shared_operand(p.right, p.right_index);
          std::vector<F> columns(p.k * p.n);
          F* to = result.values.data();
          for (std::size_t image = 0; image < result.batch(); ++image) {
            for (std::size_t i = 0; i < p.products; ++i, to += p.m * p.n) {
              const F* x = a.image(image) + (a.index.empty() ? i : a.index[i]) * p.m * p.k;
              const F* y = b.image(image) + (b.index.empty() ? i : b.index[i]) * p.k * p.n;
              const matrix_view<const F> rows(x, p.m, p.k);
              const matrix_view<F> c(to, p.m, p.n);
              if (!p.left.empty()) {
                mac.gemm(rows, matrix_view<const F>(y, p.k, p.n), c);
                continue;
              }
              for (std::size_t r = 0; r < p.k; ++r) {
                for (std::size_t column = 0; column < p.n; ++column)
                  columns[column * p.k + r] = y[r * p.n + column];
              }
              multiply_rows(mac, rows, {columns.data(), p.n, p.k}, c);
            }
          }
        });
  }

 private:
  static compiled_layer packed_layer(const shape& output, std::shared_ptr<const tensor_function<F>> packed) {
    return unary_layer<F>(output, [packed = std::move(packed)](const tensor<F>& x, tensor<F>& y) {
      packed->run(x.view(), y.view());
    });
  }

  static void multiply_rows(const mac_type& mac, matrix_view<const F> rows, matrix_view<const F> weights,
                            matrix_view<F> c) {
    if (rows.rows < least_rows_to_pack) {
      return fully_connected_reference<F, B>(rows, weights, {}, c, mac.sum);
    }
    mac.fully_connected(weights, {})
        ->run({rows.data, rows.rows, rows.cols, 1, 1}, {c.data, c.rows, c.cols, 1, 1});
  }

  // The layer of one row, run on each row of the input: a fully connected one over the last of several dimensions.
  static compiled_layer row_by_row(const compiled_layer& of_a_row, std::size_t row_length,
                                   const shape& output) {
    return unary_layer<F>(output, [of_a_row, row_length](const tensor<F>& x, tensor<F>& y) {
      auto rows = std::make_shared<tensor<F>>(x.size() / row_length, shape{row_length});
      rows->values = x.values;
      const std::array<activation_ptr, 1> arguments{std::move(rows)};
      y.values = in_format<F>(of_a_row(arguments))->values;
    });
  }
};

}  // namespace napier::detail
