#pragma once
// napier/layers/conv_transpose2d.hpp — transposed two-dimensional convolution over a MAC.
//
// What      output(n, o, y, x) = round(sum over (c, i, j) ascending of weights(o, c, i, j) × input(n, g·C + c, u, v) + bias_o)
//           over the taps with u · stride_height = y + pad_top − i · dilation_height, v alike, inside the input; g the group of
//           o, C channels a group; weights are the left operand. Zeros are not inserted and not multiplied
// Shapes    weights: out_channels × in_channels / groups × kernel (an exporter's in × out / groups × kernel, regrouped)
// Errors    shape_error when the shapes do not fit
// Checked   tests/layers/conv_transpose2d_test.cpp

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <napier/core/concepts.hpp>
#include <napier/core/error.hpp>
#include <napier/gemm/reference.hpp>
#include <napier/layers/conv2d.hpp>
#include <napier/layers/tensor_view.hpp>

namespace napier {

// Padding is cut off the full result; extra rows and columns follow it.
struct conv_transpose2d_parameters : conv2d_parameters {
  std::size_t extra_height = 0;
  std::size_t extra_width = 0;

  // (input − 1) · stride + extent of the kernel + extra − padding
  std::size_t output_height(std::size_t input_height) const {
    return outputs(vertical(input_height), extra_height, "height");
  }
  std::size_t output_width(std::size_t input_width) const {
    return outputs(horizontal(input_width), extra_width, "width");
  }

 private:
  static std::size_t outputs(const detail::window_axis& axis, std::size_t extra, const char* what) {
    constexpr std::size_t most = 0x7fffffff;
    for (const std::size_t size : {axis.input, axis.kernel, axis.stride, axis.dilation}) {
      if (size == 0 || size > most) {
        throw shape_error(std::string("conv_transpose2d ") + what + ": a size of " + std::to_string(size) +
                          ", expected 1 to 2^31 - 1");
      }
    }
    const std::size_t full = (axis.input - 1) * axis.stride + axis.extent() + (extra > most ? most : extra);
    const std::size_t cut =
        axis.pad_begin > most || axis.pad_end > most ? full : axis.pad_begin + axis.pad_end;
    if (full <= cut) {
      throw shape_error(std::string("conv_transpose2d ") + what + ": padding cuts off all " +
                        std::to_string(full) + " outputs");
    }
    return full - cut;
  }
};

namespace detail {

// The inputs and taps of each output position on one axis.
struct transposed_tap {
  std::size_t tap;
  std::size_t input;
};

inline std::vector<std::vector<transposed_tap>> transposed_taps(const window_axis& axis,
                                                                std::size_t outputs) {
  std::vector<std::vector<transposed_tap>> taps(outputs);
  for (std::size_t y = 0; y < outputs; ++y) {
    for (std::size_t i = 0; i < axis.kernel; ++i) {
      const std::size_t reached = y + axis.pad_begin;
      if (reached < i * axis.dilation) break;
      const std::size_t distance = reached - i * axis.dilation;
      if (distance % axis.stride == 0 && distance / axis.stride < axis.input)
        taps[y].push_back({i, distance / axis.stride});
    }
  }
  return taps;
}

// What the sum of one output position is made of, (c, i, j) ascending: elements of an output's weights and of a group of channels.
struct transposed_terms {
  std::vector<std::size_t> weights;
  std::vector<std::size_t> inputs;

  void set(const std::vector<transposed_tap>& rows, const std::vector<transposed_tap>& columns,
           const tensor_shape& weight, const tensor_shape& input) {
    weights.clear();
    inputs.clear();
    for (std::size_t c = 0; c < weight.channels; ++c) {
      for (const transposed_tap& i : rows) {
        for (const transposed_tap& j : columns) {
          weights.push_back((c * weight.height + i.tap) * weight.width + j.tap);
          inputs.push_back((c * input.height + i.input) * input.width + j.input);
        }
      }
    }
  }
};

inline void check_conv_transpose2d(const conv_transpose2d_parameters& parameters, const tensor_shape& input,
                                   const tensor_shape& weights, std::size_t biases,
                                   const tensor_shape& output) {
  const std::size_t groups = parameters.groups;
  const tensor_shape expected_weights{weights.batch, groups == 0 ? 0 : input.channels / groups,
                                      parameters.kernel_height, parameters.kernel_width};
  const tensor_shape expected{input.batch, weights.batch, parameters.output_height(input.height),
                              parameters.output_width(input.width)};
  if (groups == 0 || input.channels % groups != 0 || weights.batch % groups != 0 ||
      weights != expected_weights || output != expected || (biases != 0 && biases != weights.batch)) {
    throw shape_error("conv_transpose2d: input is " + shape_text(input) + ", weights are " +
                      shape_text(weights) + ", output is " + shape_text(output) + ", " +
                      std::to_string(biases) + " biases, " + std::to_string(groups) +
                      " groups; expected weights of " + shape_text(expected_weights) + " and an output of " +
                      shape_text(expected));
  }
}

template <class F, class B>
[[gnu::noinline]] void conv_transpose2d_by_sums(const conv_transpose2d_parameters& parameters,
                                                tensor_view<const F> input, tensor_view<const F> weights,
                                                std::span<const B> bias, tensor_view<F> output,
                                                sum_of_products<F, B, F> sum) {
  check_conv_transpose2d(parameters, input.shape(), weights.shape(), bias.size(), output.shape());
  const auto rows = transposed_taps(parameters.vertical(input.height), output.height);
  const auto columns = transposed_taps(parameters.horizontal(input.width), output.width);
  const std::size_t outputs_a_group = weights.batch / parameters.groups;
  transposed_terms terms;
  std::vector<F> left;
  std::vector<F> right;
  for (std::size_t y = 0; y < output.height; ++y) {
    for (std::size_t x = 0; x < output.width; ++x) {
      terms.set(rows[y], columns[x], weights.shape(), input.shape());
      const std::size_t count = terms.weights.size();
      left.resize(count);
      right.resize(count);
      for (std::size_t n = 0; n < output.batch; ++n) {
        for (std::size_t o = 0; o < output.channels; ++o) {
          const F* of_output = weights.channel(o, 0);
          const F* channels = input.channel(n, o / outputs_a_group * weights.channels);
          for (std::size_t k = 0; k < count; ++k) {
            left[k] = of_output[terms.weights[k]];
            right[k] = channels[terms.inputs[k]];
          }
          output(n, o, y, x) = sum(count, left.data(), 1, right.data(), 1, bias.empty() ? nullptr : &bias[o]);
        }
      }
    }
  }
}

}  // namespace detail

// bias: none, or one an output channel. The output does not overlap the input.
template <Mac M>
void conv_transpose2d(const conv_transpose2d_parameters& parameters,
                      tensor_view<const typename M::format> input,
                      tensor_view<const typename M::format> weights,
                      std::span<const typename M::bias_type> bias, tensor_view<typename M::format> output) {
  using F = typename M::format;
  detail::conv_transpose2d_by_sums<F, typename M::bias_type>(parameters, input, weights, bias, output,
                                                             detail::sum_products<M, F>);
}

}  // namespace napier
