#pragma once
// napier/layers/batch_norm.hpp — batch normalisation, three ways: folded into the layer before it, exact, approximate.
//
// What      y = γ (x − μ) / √(σ² + ε) + β, as y = scale · x + shift; scale = γ / √(σ² + ε), shift = β − μ · scale,
//           computed in FP64
//   fold          the weights before it times scale, their bias times scale plus shift, in FP64
//   exact         y in FP64 arithmetic, rounded once to the format
//   approximate   one product of the MAC, shift added as a bias, rounded once: a multiply site of its own
// Rounding  each FP64 product is rounded before the sum: never fused, whatever the compiler's flags
// Errors    shape_error when the sizes do not fit; model_error when σ² + ε is not positive
// Checked   tests/layers/batch_norm_test.cpp

#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <napier/core/concepts.hpp>
#include <napier/core/error.hpp>
#include <napier/core/rounded_product.hpp>
#include <napier/formats/array.hpp>
#include <napier/formats/native.hpp>
#include <napier/layers/conv2d.hpp>
#include <napier/layers/tensor_view.hpp>

#if defined(__x86_64__)
#define NAPIER_EACH_ISA <napier/layers/x86/batch_norm.inc>
#include <napier/core/x86/each_isa.inc>
#endif

namespace napier {

// One of each a channel.
struct batch_norm_parameters {
  std::span<const double> gamma;
  std::span<const double> beta;
  std::span<const double> mean;
  std::span<const double> variance;
  double epsilon = 1e-5;
};

struct batch_norm_affine {
  std::vector<double> scale;
  std::vector<double> shift;
};

namespace detail {

inline void check_batch_norm(std::size_t scales, std::size_t shifts, const tensor_shape& input,
                             const tensor_shape& output) {
  if (scales != input.channels || shifts != input.channels) {
    throw shape_error("batch_norm: " + std::to_string(scales) + " scales and " + std::to_string(shifts) +
                      " shifts for an input of " + shape_text(input) + "; expected one a channel");
  }
  if (input != output) {
    throw shape_error("batch_norm: output is " + shape_text(output) + ", expected " + shape_text(input));
  }
}

template <Format F>
void scale_and_shift(const F* x, F* y, std::size_t count, double scale, double shift) {
#if defined(__x86_64__)
  if constexpr (decodes_in<double, F> && encodes_from<double, F>) {
    if (active_isa() == isa::avx512) return avx512::scale_and_shift(x, y, count, scale, shift);
    if (active_isa() == isa::avx2) return avx2::scale_and_shift(x, y, count, scale, shift);
  }
#endif
  for (std::size_t i = 0; i < count; ++i) {
    const auto value = round_to<double>(decode(x[i]));
    y[i] = round_to<F>(decode(rounded_product(scale, value) + shift));
  }
}

// A batch norm as a convolution of 1 × 1: its parameters, and what it sees of a tensor.
inline conv2d_parameters depthwise(std::size_t channels) {
  conv2d_parameters parameters;
  parameters.groups = channels;
  return parameters;
}
template <class T>
tensor_view<T> flat_channels(const tensor_view<T>& of) {
  return {of.data, of.batch, of.channels, 1, of.height * of.width};
}

}  // namespace detail

inline batch_norm_affine affine_of(const batch_norm_parameters& parameters) {
  const std::size_t channels = parameters.gamma.size();
  if (parameters.beta.size() != channels || parameters.mean.size() != channels ||
      parameters.variance.size() != channels) {
    throw shape_error("batch_norm: gamma has " + std::to_string(channels) + " elements, beta " +
                      std::to_string(parameters.beta.size()) + ", mean " +
                      std::to_string(parameters.mean.size()) + ", variance " +
                      std::to_string(parameters.variance.size()) + "; expected equal numbers");
  }
  batch_norm_affine affine{std::vector<double>(channels), std::vector<double>(channels)};
  for (std::size_t c = 0; c < channels; ++c) {
    const double variance = parameters.variance[c] + parameters.epsilon;
    if (!(variance > 0)) {
      throw model_error("batch_norm: variance + epsilon of channel " + std::to_string(c) + " is " +
                        std::to_string(variance) + ", expected a positive number");
    }
    affine.scale[c] = parameters.gamma[c] / std::sqrt(variance);
    affine.shift[c] = parameters.beta[c] - rounded_product(parameters.mean[c], affine.scale[c]);
  }
  return affine;
}

// weights: out_channels × the rest, row after row. bias: empty (none) or out_channels; out_channels afterwards.
inline void fold_batch_norm(const batch_norm_affine& affine, std::span<double> weights,
                            std::vector<double>& bias) {
  const std::size_t channels = affine.scale.size();
  const bool fits = channels == 0 ? weights.empty() : weights.size() % channels == 0;
  if (!fits || affine.shift.size() != channels || (!bias.empty() && bias.size() != channels)) {
    throw shape_error("batch_norm: " + std::to_string(weights.size()) + " weights and " +
                      std::to_string(bias.size()) + " biases do not fit " + std::to_string(channels) +
                      " channels; expected a multiple, and none or as many");
  }
  bias.resize(channels, 0.0);
  const std::size_t rest = channels == 0 ? 0 : weights.size() / channels;
  for (std::size_t c = 0; c < channels; ++c) {
    for (double& weight : weights.subspan(c * rest, rest)) weight *= affine.scale[c];
    bias[c] = rounded_product(bias[c], affine.scale[c]) + affine.shift[c];
  }
}

// The output may be the input.
template <Format F>
void batch_norm_exact(const batch_norm_affine& affine, tensor_view<const std::type_identity_t<F>> input,
                      tensor_view<F> output) {
  detail::check_batch_norm(affine.scale.size(), affine.shift.size(), input.shape(), output.shape());
  const std::size_t plane = input.height * input.width;
  for (std::size_t n = 0; n < input.batch; ++n) {
    for (std::size_t c = 0; c < input.channels; ++c) {
      const F* x = input.channel(n, c);
      F* y = output.channel(n, c);
      detail::scale_and_shift(x, y, plane, affine.scale[c], affine.shift[c]);
    }
  }
}

// scale is the left operand, as weights are; scale and shift were rounded to the format once. shift enters the
// accumulator as its bias, without loss where bias_type holds every value of the format: a depthwise convolution of 1 × 1.
// The output may be the input.
template <Mac M>
class batch_norm_weights {
 public:
  batch_norm_weights() = default;
  batch_norm_weights(std::span<const typename M::format> scale, std::span<const typename M::format> shift)
      : parameters_(detail::depthwise(scale.size())),
        scale_(parameters_, {scale.data(), scale.size(), 1, 1, 1}) {
    for (const typename M::format& x : shift) shift_.push_back(round_to<typename M::bias_type>(decode(x)));
  }

  const conv2d_parameters& parameters() const { return parameters_; }
  const conv2d_weights<M>& scale() const { return scale_; }
  const std::vector<typename M::bias_type>& shift() const { return shift_; }

 private:
  conv2d_parameters parameters_;
  conv2d_weights<M> scale_;
  std::vector<typename M::bias_type> shift_;
};

template <Mac M>
void batch_norm_approximate(const batch_norm_weights<M>& weights, tensor_view<const typename M::format> input,
                            tensor_view<typename M::format> output) {
  detail::check_batch_norm(weights.scale().view().batch, weights.shift().size(), input.shape(),
                           output.shape());
  if (input.height * input.width == 0) return;
  conv2d<M>(weights.parameters(), detail::flat_channels(input), weights.scale(), weights.shift(),
            detail::flat_channels(output));
}

template <Mac M>
void batch_norm_approximate(std::span<const typename M::format> scale,
                            std::span<const typename M::format> shift,
                            tensor_view<const typename M::format> input,
                            tensor_view<typename M::format> output) {
  detail::check_batch_norm(scale.size(), shift.size(), input.shape(), output.shape());
  batch_norm_approximate<M>(batch_norm_weights<M>(scale, shift), input, output);
}

}  // namespace napier
