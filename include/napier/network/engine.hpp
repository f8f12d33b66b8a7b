#pragma once
// napier/network/engine.hpp — engine: a MAC chosen at run time; mac_engine<M> makes one of a MAC type.
//
// What      compile(layer) rounds the layer's weights to the format, once, and returns a function from inputs to output.
//           What the layer computes (docs/arithmetic.md): activations rounded to the format at the input, sums in the accumulator, the
//           bias added there, one rounding to the format
// Checked   tests/network/engine_test.cpp

#include <concepts>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <napier/formats/array.hpp>
#include <napier/layers/activation.hpp>
#include <napier/layers/batch_norm.hpp>
#include <napier/layers/elementwise.hpp>
#include <napier/layers/pool.hpp>
#include <napier/network/any_mac.hpp>
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

// Layers that depend on the format alone.
template <Format F>
struct format_layers {
  static compiled_layer compile(const max_pool_layer& pool, const shape& output) {
    return unary_layer<F>(output, [p = pool.parameters](const tensor<F>& x, tensor<F>& y) {
      max_pool<F>(p, x.view(), y.view());
    });
  }
  static compiled_layer compile(const relu_layer&, const shape& output) {
    return unary_layer<F>(
        output, [](const tensor<F>& x, tensor<F>& y) { relu<F>(x.values, y.values); },
        output_memory::over_an_input);
  }
  static compiled_layer compile(const clip_layer& bounds, const shape& output) {
    return unary_layer<F>(
        output,
        [bounds](const tensor<F>& x, tensor<F>& y) { clip<F>(x.values, bounds.min, bounds.max, y.values); },
        output_memory::over_an_input);
  }
  static compiled_layer compile(const sigmoid_layer&, const shape& output) {
    return unary_layer<F>(
        output, [](const tensor<F>& x, tensor<F>& y) { sigmoid<F>(x.values, y.values); },
        output_memory::over_an_input);
  }
  static compiled_layer compile(const tanh_layer&, const shape& output) {
    return unary_layer<F>(
        output, [](const tensor<F>& x, tensor<F>& y) { tanh<F>(x.values, y.values); },
        output_memory::over_an_input);
  }
  static compiled_layer compile(const reshape_layer&, const shape& output) {
    return unary_layer<F>(output, [](const tensor<F>& x, tensor<F>& y) { y.values = x.values; });
  }
  static compiled_layer compile(const batch_norm_affine& affine, const shape& output) {
    return unary_layer<F>(
        output,
        [affine](const tensor<F>& x, tensor<F>& y) { batch_norm_exact<F>(affine, x.view(), y.view()); },
        output_memory::over_an_input);
  }

  static compiled_layer compile(const add_layer&, const shape& output) {
    return filling_layer<F>(
        output,
        [](std::span<const activation_ptr> inputs, tensor<F>& result) {
          add<F>(in_format<F>(inputs[0])->values, in_format<F>(inputs[1])->values, result.values);
        },
        output_memory::over_an_input);
  }
};

template <Format F, Format B>
[[gnu::noinline]] compiled_layer compile_layer(const any_mac<F, B>& mac, const layer& operation,
                                               const shape& output, batch_norm_mode mode) {
  using of_mac = mac_layers<F, B>;
  return std::visit(
      [&](const auto& what) -> compiled_layer {
        if constexpr (std::same_as<decltype(what), const batch_norm_layer&>) {
          const batch_norm_affine affine =
              affine_of({what.gamma, what.beta, what.mean, what.variance, what.epsilon});
          return mode == batch_norm_mode::exact ? format_layers<F>::compile(affine, output)
                                                : of_mac::compile_approximate(mac, affine, output);
        } else if constexpr (requires { of_mac::compile(mac, what, output); }) {
          return of_mac::compile(mac, what, output);
        } else if constexpr (requires { tensor_layers<F>::compile(what, output); }) {
          return tensor_layers<F>::compile(what, output);
        } else {
          return format_layers<F>::compile(what, output);
        }
      },
      operation);
}

}  // namespace detail

template <Mac M>
class mac_engine final : public engine {
  using F = typename M::format;

 public:
  mac_engine() {
    static constexpr napier::name published = M::name();
    name_ = published.c_str();
  }
  explicit mac_engine(std::string name) : name_(std::move(name)) {}

  std::string name() const override { return name_; }
  std::string format_name() const override { return format_traits<F>::name().c_str(); }
  format_kind kind() const override { return format_traits<F>::kind; }

  compiled_layer compile(const layer& operation, const shape& output, batch_norm_mode mode) const override;

 private:
  std::string name_;
};

// Not inline: `extern template class napier::mac_engine<M>;` in a header, beside `template class …` in one .cpp, compiles a MAC
// once for a program.
template <Mac M>
compiled_layer mac_engine<M>::compile(const layer& operation, const shape& output,
                                      batch_norm_mode mode) const {
  return detail::compile_layer(detail::any_mac_of<M>(), operation, output, mode);
}

}  // namespace napier
