#pragma once
// tests/network/independent_layers.hpp — what docs/arithmetic.md says a network computes, written a second time.
//
// What      the forward pass of one image under an arithmetic of independent_arithmetic.hpp: weights rounded to the format
//           once, the input rounded to it, sums with k ascending, the bias in the sum, one rounding to the layer's output.
//           Of napier it uses the description of the network alone
// Choices   where docs/arithmetic.md leaves room: scale = γ / √(σ² + ε), shift = β − μ · scale, each operation in FP64 rounded;
//           a batch norm is folded into a convolution that nothing else reads; averages are not compensated; ReLU of −0
//           is +0; clip's bounds are rounded to the format

#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <variant>
#include <vector>

#include <napier/network/engine.hpp>
#include <napier/network/network.hpp>

#include "network/independent_arithmetic.hpp"

namespace independent {

using tensor = std::vector<double>;

// a · b + c in FP64, rounded twice.
inline double multiply_then_add(double a, double b, double c) {
  volatile double product = a * b;
  return product + c;
}

// All values between layers, exactly, as double.
class forward_pass {
 public:
  forward_pass(const napier::network& net, const arithmetic& mac, napier::batch_norm_mode mode)
      : net_(net), mac_(mac), mode_(mode) {}

  tensor run(const std::vector<float>& image) {
    values_.assign(1, {});
    for (const float x : image) values_[0].push_back(mac_.round(x));
    for (std::size_t i = 0; i < net_.nodes().size(); ++i) {
      node_ = i;
      values_.push_back(
          std::visit([&](const auto& layer) { return compute(layer); }, net_.nodes()[i].operation));
    }
    return values_[net_.output()];
  }

 private:
  const std::vector<std::size_t>& inputs() const { return net_.nodes()[node_].inputs; }
  const tensor& input(std::size_t i = 0) const { return values_[inputs()[i]]; }
  const napier::shape& input_shape() const { return net_.shape_of(inputs()[0]); }
  const napier::shape& output_shape() const { return net_.shape_of(node_ + 1); }

  template <class Function>
  tensor each(Function function) const {
    tensor result;
    for (const double x : input()) result.push_back(function(x));
    return result;
  }

  // Element (channel, row, col) of the input, row and col counted from the padding's corner; null in the padding.
  const double* element(std::size_t channel, std::size_t row, std::size_t top, std::size_t col,
                        std::size_t left) const {
    const napier::shape& s = input_shape();
    if (row < top || col < left || row - top >= s[1] || col - left >= s[2]) return nullptr;
    return &input()[(channel * s[1] + row - top) * s[2] + col - left];
  }

  struct affine {
    tensor scale;
    tensor shift;
  };
  static affine affine_of(const napier::batch_norm_layer& norm) {
    affine result;
    for (std::size_t c = 0; c < norm.gamma.size(); ++c) {
      result.scale.push_back(norm.gamma[c] / std::sqrt(norm.variance[c] + norm.epsilon));
      result.shift.push_back(multiply_then_add(-norm.mean[c], result.scale[c], norm.beta[c]));
    }
    return result;
  }

  // The batch norm that is folded into the convolution of a node, if any: the one reader of its result.
  const napier::batch_norm_layer* folded_into(std::size_t convolution) const {
    if (mode_ != napier::batch_norm_mode::fold || net_.output() == convolution + 1) return nullptr;
    const napier::batch_norm_layer* found = nullptr;
    int readers = 0;
    for (const napier::network_node& node : net_.nodes()) {
      for (const std::size_t value : node.inputs) {
        if (value != convolution + 1) continue;
        ++readers;
        found = std::get_if<napier::batch_norm_layer>(&node.operation);
      }
    }
    return readers == 1 ? found : nullptr;
  }

  tensor rounded(tensor values) const {
    for (double& x : values) x = mac_.round(x);
    return values;
  }

  tensor compute(const napier::conv2d_layer& conv) const {
    const auto& p = conv.parameters;
    tensor weights = conv.weights;
    tensor bias = conv.bias;
    const std::size_t window_size = weights.size() / conv.out_channels;
    if (const napier::batch_norm_layer* norm = folded_into(node_)) {
      const affine line = affine_of(*norm);
      for (std::size_t i = 0; i < weights.size(); ++i) weights[i] *= line.scale[i / window_size];
      bias.resize(conv.out_channels, 0.0);
      for (std::size_t o = 0; o < bias.size(); ++o)
        bias[o] = multiply_then_add(bias[o], line.scale[o], line.shift[o]);
    }
    weights = rounded(weights);

    const napier::shape& out = output_shape();
    const std::size_t in_a_group = conv.in_channels / p.groups;
    const std::size_t out_a_group = conv.out_channels / p.groups;
    tensor result;
    tensor window;
    for (std::size_t o = 0; o < out[0]; ++o) {
      const reals w(weights.data() + o * window_size, window_size);
      for (std::size_t y = 0; y < out[1]; ++y) {
        for (std::size_t x = 0; x < out[2]; ++x) {
          window.clear();
          for (std::size_t c = 0; c < in_a_group; ++c) {
            for (std::size_t i = 0; i < p.kernel_height; ++i) {
              for (std::size_t j = 0; j < p.kernel_width; ++j) {
                const double* tap =
                    element(o / out_a_group * in_a_group + c, y * p.stride_height + i * p.dilation_height,
                            p.pad_top, x * p.stride_width + j * p.dilation_width, p.pad_left);
                window.push_back(tap == nullptr ? 0 : *tap);
              }
            }
          }
          result.push_back(mac_.dot(w, window, bias.empty() ? nullptr : &bias[o]));
        }
      }
    }
    return result;
  }

  tensor compute(const napier::fully_connected_layer& dense) const {
    const tensor weights = rounded(dense.weights);
    tensor result;
    for (std::size_t o = 0; o < dense.outputs; ++o) {
      const reals row(weights.data() + o * dense.inputs, dense.inputs);
      result.push_back(mac_.dot(row, input(), dense.bias.empty() ? nullptr : &dense.bias[o]));
    }
    return result;
  }

  tensor compute(const napier::batch_norm_layer& norm) const {
    const std::size_t before = inputs()[0];
    if (before != 0 && std::holds_alternative<napier::conv2d_layer>(net_.nodes()[before - 1].operation) &&
        folded_into(before - 1) == &norm) {
      return input();
    }
    const affine line = affine_of(norm);
    const std::size_t plane = input().size() / norm.gamma.size();
    tensor result;
    for (std::size_t i = 0; i < input().size(); ++i) {
      const double x = input()[i];
      const double scale = line.scale[i / plane];
      const double shift = line.shift[i / plane];
      if (mode_ == napier::batch_norm_mode::exact) {
        result.push_back(mac_.round(multiply_then_add(scale, x, shift)));
      } else {
        const double weight = mac_.round(scale);
        const double bias = mac_.round(shift);
        result.push_back(mac_.dot({&weight, 1}, {&x, 1}, &bias));
      }
    }
    return result;
  }

  // pool(elements of the window, how many there are with those in the padding)
  template <class Pool>
  tensor pooled(const napier::pool2d_parameters& p, Pool pool) const {
    const napier::shape& in = input_shape();
    const napier::shape& out = output_shape();
    tensor result;
    for (std::size_t c = 0; c < out[0]; ++c) {
      for (std::size_t y = 0; y < out[1]; ++y) {
        for (std::size_t x = 0; x < out[2]; ++x) {
          tensor elements;
          int padded = 0;
          for (std::size_t i = 0; i < p.kernel_height; ++i) {
            for (std::size_t j = 0; j < p.kernel_width; ++j) {
              const std::size_t row = y * p.stride_height + i * p.dilation_height;
              const std::size_t col = x * p.stride_width + j * p.dilation_width;
              if (row < p.pad_top + in[1] + p.pad_bottom && col < p.pad_left + in[2] + p.pad_right) ++padded;
              if (const double* tap = element(c, row, p.pad_top, col, p.pad_left)) elements.push_back(*tap);
            }
          }
          result.push_back(pool(elements, padded));
        }
      }
    }
    return result;
  }

  tensor compute(const napier::max_pool_layer& pool) const {
    return pooled(pool.parameters, [](const tensor& elements, int) {
      double largest = elements[0];
      for (const double x : elements) largest = std::isnan(x) || x > largest ? x : largest;
      return largest;
    });
  }
  tensor compute(const napier::average_pool_layer& pool) const {
    return pooled(pool.parameters, [&](const tensor& elements, int padded) {
      const bool with_padding = pool.parameters.count_include_pad;
      return mac_.average(elements, with_padding ? padded : static_cast<int>(elements.size()));
    });
  }
  tensor compute(const napier::global_average_pool_layer&) const {
    const std::size_t plane = input_shape()[1] * input_shape()[2];
    tensor result;
    for (std::size_t c = 0; c < input_shape()[0]; ++c) {
      result.push_back(mac_.average({input().data() + c * plane, plane}, static_cast<int>(plane)));
    }
    return result;
  }

  tensor compute(const napier::relu_layer&) const {
    return each([](double x) { return x > 0 || std::isnan(x) ? x : 0; });
  }
  tensor compute(const napier::clip_layer& bounds) const {
    const double low = mac_.round(bounds.min);
    const double high = mac_.round(bounds.max);
    return each([=](double x) { return x < low ? low : x > high ? high : x; });
  }
  tensor compute(const napier::add_layer&) const {
    tensor result;
    for (std::size_t i = 0; i < input().size(); ++i) result.push_back(mac_.add(input(0)[i], input(1)[i]));
    return result;
  }
  tensor compute(const napier::concat_layer&) const {
    tensor result;
    for (const std::size_t value : inputs())
      result.insert(result.end(), values_[value].begin(), values_[value].end());
    return result;
  }
  tensor compute(const napier::reshape_layer&) const { return input(); }

  // The demo's networks have no other layers.
  template <class Other>
  tensor compute(const Other&) const {
    throw std::logic_error("a layer that the demo's networks do not have");
  }

  const napier::network& net_;
  const arithmetic& mac_;
  napier::batch_norm_mode mode_;
  std::size_t node_ = 0;
  std::vector<tensor> values_;
};

}  // namespace independent
