#pragma once
// napier/network/engine.hpp — engine: a MAC chosen at run time; mac_engine<M> makes one of a MAC type.
//
// What      compile(layer) rounds the layer's weights to the format, once, and returns a function from inputs to output.
//           What the layer computes (docs/arithmetic.md): activations rounded to the format at the input, sums in the accumulator, the
//           bias added there, one rounding to the format
// Checked   tests/network/engine_test.cpp

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <napier/formats/array.hpp>
#include <napier/layers/activation.hpp>
#include <napier/layers/batch_norm.hpp>
#include <napier/layers/conv2d.hpp>
#include <napier/layers/elementwise.hpp>
#include <napier/layers/fully_connected.hpp>
#include <napier/layers/pool.hpp>
#include <napier/network/network.hpp>
#include <napier/network/tensor.hpp>
#include <napier/network/tensor_layers.hpp>

namespace napier {

// fold: into the convolution before it, where there is one that nothing else reads (network/fold.hpp), else as approximate.
enum class batch_norm_mode : unsigned char { fold, exact, approximate };

class engine {
 public:
  virtual ~engine() = default;
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  virtual std::string name() const = 0;  // FORMAT/MULTIPLIER/ACCUMULATOR
  virtual std::string format_name() const = 0;
  virtual format_kind kind() const = 0;
  virtual compiled_layer compile(const layer& operation, const shape& output, batch_norm_mode mode) const = 0;

 protected:
  engine() = default;
};

namespace detail {

template <Format F>
std::vector<F> round_all(std::span<const double> values) {
  std::vector<F> rounded(values.size());
  convert(values, std::span<F>(rounded));
  return rounded;
}

// A layer of one input: apply(tensor_view<const F>, tensor_view<F>).
template <Format F, class Apply>
compiled_layer unary_layer(const shape& output, Apply apply) {
  return [output, apply = std::move(apply)](std::span<const activation_ptr> inputs) -> activation_ptr {
    const auto input = in_format<F>(inputs[0]);
    auto result = std::make_shared<tensor<F>>(input->batch(), output);
    apply(input->view(), result->view());
    return result;
  };
}

// A layer of one input that needs no geometry: apply(span<const F>, span<F>).
template <Format F, class Apply>
compiled_layer elementwise_layer(const shape& output, Apply apply) {
  return unary_layer<F>(output, [apply](tensor_view<const F> x, tensor_view<F> y) {
    apply(std::span<const F>(x.data, x.size()), std::span<F>(y.data, y.size()));
  });
}

// Layers that depend on the format alone.
template <Format F>
struct format_layers {
  static compiled_layer compile(const max_pool_layer& pool, const shape& output) {
    return unary_layer<F>(output, [p = pool.parameters](auto x, auto y) { max_pool<F>(p, x, y); });
  }
  static compiled_layer compile(const relu_layer&, const shape& output) {
    return elementwise_layer<F>(output, [](auto x, auto y) { relu<F>(x, y); });
  }
  static compiled_layer compile(const clip_layer& bounds, const shape& output) {
    return elementwise_layer<F>(output, [bounds](auto x, auto y) { clip<F>(x, bounds.min, bounds.max, y); });
  }
  static compiled_layer compile(const sigmoid_layer&, const shape& output) {
    return elementwise_layer<F>(output, [](auto x, auto y) { sigmoid<F>(x, y); });
  }
  static compiled_layer compile(const tanh_layer&, const shape& output) {
    return elementwise_layer<F>(output, [](auto x, auto y) { tanh<F>(x, y); });
  }
  static compiled_layer compile(const reshape_layer&, const shape& output) {
    return elementwise_layer<F>(output, [](auto x, auto y) { std::copy(x.begin(), x.end(), y.begin()); });
  }
  static compiled_layer compile(const batch_norm_affine& affine, const shape& output) {
    return unary_layer<F>(output, [affine](auto x, auto y) { batch_norm_exact<F>(affine, x, y); });
  }

  static compiled_layer compile(const add_layer&, const shape& output) {
    return [output](std::span<const activation_ptr> inputs) -> activation_ptr {
      auto result = std::make_shared<tensor<F>>(inputs[0]->batch(), output);
      add<F>(in_format<F>(inputs[0])->values, in_format<F>(inputs[1])->values, result->values);
      return result;
    };
  }
};

}  // namespace detail

template <Mac M>
class mac_engine final : public engine {
  using F = typename M::format;
  using bias_type = typename M::bias_type;

 public:
  mac_engine() {
    static constexpr napier::name published = M::name();
    name_ = published.c_str();
  }
  explicit mac_engine(std::string name) : name_(std::move(name)) {}

  std::string name() const override { return name_; }
  std::string format_name() const override { return format_traits<F>::name().c_str(); }
  format_kind kind() const override { return format_traits<F>::kind; }

  compiled_layer compile(const layer& operation, const shape& output, batch_norm_mode mode) const override {
    return std::visit(
        [&](const auto& what) -> compiled_layer {
          if constexpr (requires { compile_layer(what, output); }) {
            return compile_layer(what, output);
          } else if constexpr (std::same_as<decltype(what), const batch_norm_layer&>) {
            return compile_batch_norm(what, output, mode);
          } else if constexpr (requires { detail::mac_layers<M>::compile(what, output); }) {
            return detail::mac_layers<M>::compile(what, output);
          } else if constexpr (requires { detail::tensor_layers<F>::compile(what, output); }) {
            return detail::tensor_layers<F>::compile(what, output);
          } else {
            return detail::format_layers<F>::compile(what, output);
          }
        },
        operation);
  }

 private:
  static compiled_layer compile_layer(const conv2d_layer& conv, const shape& output) {
    const conv2d_parameters& p = conv.parameters;
    const std::vector<F> rounded = detail::round_all<F>(conv.weights);
    const tensor_view<const F> shaped(rounded.data(), conv.out_channels, conv.in_channels / p.groups,
                                      p.kernel_height, p.kernel_width);
    auto weights = std::make_shared<const conv2d_weights<M>>(p, shaped);
    return detail::unary_layer<F>(output, [p, weights, bias = detail::round_all<bias_type>(conv.bias)](
                                              auto x, auto y) { conv2d<M>(p, x, *weights, bias, y); });
  }

  static compiled_layer compile_layer(const fully_connected_layer& dense, const shape& output) {
    if (output.size() > 1)
      return detail::row_by_row<F>(compile_layer(dense, {dense.outputs}), dense.inputs, output);
    const std::vector<F> rounded = detail::round_all<F>(dense.weights);
    auto weights = std::make_shared<const fully_connected_weights<M>>(
        matrix_view<const F>(rounded.data(), dense.outputs, dense.inputs));
    return detail::unary_layer<F>(output, [weights, bias = detail::round_all<bias_type>(dense.bias),
                                           in = dense.inputs, out = dense.outputs](auto x, auto y) {
      fully_connected<M>(matrix_view<const F>(x.data, x.batch, in), *weights, bias,
                         matrix_view(y.data, y.batch, out));
    });
  }

  static compiled_layer compile_layer(const average_pool_layer& pool, const shape& output) {
    return detail::unary_layer<F>(output,
                                  [p = pool.parameters](auto x, auto y) { average_pool<M>(p, x, y); });
  }
  static compiled_layer compile_layer(const global_average_pool_layer&, const shape& output) {
    return detail::unary_layer<F>(output, [](auto x, auto y) { global_average_pool<M>(x, y); });
  }

  static compiled_layer compile_batch_norm(const batch_norm_layer& norm, const shape& output,
                                           batch_norm_mode mode) {
    const batch_norm_affine affine =
        affine_of({norm.gamma, norm.beta, norm.mean, norm.variance, norm.epsilon});
    if (mode == batch_norm_mode::exact) return detail::format_layers<F>::compile(affine, output);
    auto weights = std::make_shared<const batch_norm_weights<M>>(detail::round_all<F>(affine.scale),
                                                                 detail::round_all<F>(affine.shift));
    return detail::unary_layer<F>(output,
                                  [weights](auto x, auto y) { batch_norm_approximate<M>(*weights, x, y); });
  }

  std::string name_;
};

}  // namespace napier
