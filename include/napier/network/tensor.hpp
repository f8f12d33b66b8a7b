#pragma once
// napier/network/tensor.hpp — the values between two layers for a batch of images, held in one format.
//
// What      activation hides the format; tensor<F> holds it; in_format<F> gives the values in F, rounded once where F
//           differs ("activations are rounded to the format at the layer's input")

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <iterator>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <napier/core/concepts.hpp>
#include <napier/formats/array.hpp>
#include <napier/formats/native.hpp>
#include <napier/layers/tensor_view.hpp>
#include <napier/network/shape.hpp>

namespace napier {

class activation {
 public:
  activation(std::size_t batch, shape dimensions) : batch_(batch), dimensions_(std::move(dimensions)) {}
  virtual ~activation() = default;
  activation(const activation&) = delete;
  activation& operator=(const activation&) = delete;

  std::size_t batch() const { return batch_; }
  const shape& dimensions() const { return dimensions_; }  // of one image
  std::size_t size() const { return batch_ * element_count(dimensions_); }

  virtual unpacked value(std::size_t i) const = 0;

  // values.size() of them from `first` on, each rounded once; fits_double() says that none needs to be.
  virtual void read(std::size_t first, std::span<double> values) const = 0;
  virtual bool fits_double() const = 0;

 private:
  std::size_t batch_;
  shape dimensions_;
};

using activation_ptr = std::shared_ptr<const activation>;

// A layer with its weights, made ready for a MAC: a function from the inputs, in any format, to the output, in the engine's. Not
// std::function: <functional> is slow to compile. Copies share what they hold.
class compiled_layer {
 public:
  struct function {
    virtual ~function() = default;
    virtual activation_ptr run(std::span<const activation_ptr> inputs) const = 0;
    // Nobody else reads inputs[spare]: it may become the output.
    virtual activation_ptr run_over(std::span<const activation_ptr> inputs, std::size_t /*spare*/) const {
      return run(inputs);
    }
  };

 private:
  template <class Apply>
  struct held final : function {
    explicit held(Apply what) : apply(std::move(what)) {}
    activation_ptr run(std::span<const activation_ptr> inputs) const override { return apply(inputs); }
    Apply apply;
  };

 public:
  compiled_layer() = default;
  template <std::invocable<std::span<const activation_ptr>> Apply>
  compiled_layer(Apply apply)
      : compiled_layer(std::unique_ptr<const function>(new held<Apply>(std::move(apply)))) {}
  explicit compiled_layer(std::unique_ptr<const function> what) : function_(std::move(what)) {}

  activation_ptr operator()(std::span<const activation_ptr> inputs) const { return function_->run(inputs); }
  activation_ptr run_over(std::span<const activation_ptr> inputs, std::size_t spare) const {
    return function_->run_over(inputs, spare);
  }

 private:
  std::shared_ptr<const function> function_;
};

namespace detail {

template <Format F>
inline constexpr bool fits_double = std::same_as<F, double> ||
                                    (format_traits<F>::significand_bits <= 53 &&
                                     format_traits<F>::max_exponent <= 1023 &&
                                     format_traits<F>::min_exponent - format_traits<F>::significand_bits >=
                                         -1075);

}  // namespace detail

template <Format F>
class tensor final : public activation {
 public:
  tensor(std::size_t batch, shape dimensions) : activation(batch, std::move(dimensions)), values(size()) {}

  unpacked value(std::size_t i) const override { return decode(values[i]); }
  void read(std::size_t first, std::span<double> to) const override {
    convert(std::span<const F>(values).subspan(first, to.size()), to);
  }
  bool fits_double() const override { return detail::fits_double<F>; }

  // A flat value is a feature map of 1 × 1; dimensions past the third count as width.
  tensor_view<F> view() { return view_of(values.data()); }
  tensor_view<const F> view() const { return view_of(values.data()); }

  std::vector<F> values;

 private:
  template <class T>
  tensor_view<T> view_of(T* data) const {
    const shape& d = dimensions();
    std::size_t width = 1;
    for (std::size_t i = 2; i < d.size(); ++i) width *= d[i];
    return {data, batch(), d.empty() ? 1 : d[0], d.size() > 1 ? d[1] : 1, width};
  }
};

template <Format F>
[[gnu::noinline]] std::shared_ptr<const tensor<F>> in_format(const activation_ptr& input) {
  if (auto same = std::dynamic_pointer_cast<const tensor<F>>(input)) return same;
  auto converted = std::make_shared<tensor<F>>(input->batch(), input->dimensions());
  const std::span<F> values(converted->values);
  if (!input->fits_double()) {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = round_to<F>(input->value(i));
    return converted;
  }
  double buffer[1024];
  for (std::size_t first = 0; first < values.size();) {
    const std::size_t count = std::min(std::size(buffer), values.size() - first);
    input->read(first, std::span<double>(buffer, count));
    convert(std::span<const double>(buffer, count), values.subspan(first, count));
    first += count;
  }
  return converted;
}

namespace detail {

// over_an_input: element by element, so that the output may be an input that nobody else reads.
enum class output_memory : unsigned char { its_own, over_an_input };

// A layer whose output is in F: apply(inputs, tensor<F>&) fills it.
template <Format F>
class filling_function : public compiled_layer::function {
 public:
  explicit filling_function(const shape& output, output_memory memory = output_memory::its_own)
      : output_(output), memory_(memory) {}
  activation_ptr run_over(std::span<const activation_ptr> inputs, std::size_t spare) const final {
    if (memory_ == output_memory::over_an_input) {
      const auto same = std::dynamic_pointer_cast<const tensor<F>>(inputs[spare]);
      if (same && same->dimensions() == output_) {
        const auto result = std::const_pointer_cast<tensor<F>>(same);
        fill(inputs, *result);
        return result;
      }
    }
    return run(inputs);
  }
  activation_ptr run(std::span<const activation_ptr> inputs) const final {
    auto result = std::make_shared<tensor<F>>(inputs[0]->batch(), output_);
    fill(inputs, *result);
    return result;
  }

 private:
  virtual void fill(std::span<const activation_ptr> inputs, tensor<F>& result) const = 0;

  shape output_;
  output_memory memory_;
};

template <Format F, class Apply>
compiled_layer filling_layer(const shape& output, Apply apply,
                             output_memory memory = output_memory::its_own) {
  struct function final : filling_function<F> {
    function(const shape& dimensions, output_memory where, Apply what)
        : filling_function<F>(dimensions, where), apply(std::move(what)) {}
    void fill(std::span<const activation_ptr> inputs, tensor<F>& result) const override {
      apply(inputs, result);
    }
    Apply apply;
  };
  return compiled_layer(
      std::unique_ptr<const compiled_layer::function>(new function(output, memory, std::move(apply))));
}

// A layer of one input: apply(const tensor<F>&, tensor<F>&).
template <Format F>
class unary_function : public filling_function<F> {
 public:
  using filling_function<F>::filling_function;

 private:
  void fill(std::span<const activation_ptr> inputs, tensor<F>& result) const final {
    transform(*in_format<F>(inputs[0]), result);
  }
  virtual void transform(const tensor<F>& input, tensor<F>& result) const = 0;
};

template <Format F, class Apply>
compiled_layer unary_layer(const shape& output, Apply apply, output_memory memory = output_memory::its_own) {
  struct function final : unary_function<F> {
    function(const shape& dimensions, output_memory where, Apply what)
        : unary_function<F>(dimensions, where), apply(std::move(what)) {}
    void transform(const tensor<F>& input, tensor<F>& result) const override { apply(input, result); }
    Apply apply;
  };
  return compiled_layer(
      std::unique_ptr<const compiled_layer::function>(new function(output, memory, std::move(apply))));
}

}  // namespace detail

}  // namespace napier
