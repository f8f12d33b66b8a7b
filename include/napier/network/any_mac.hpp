#pragma once
// napier/network/any_mac.hpp — a MAC whose multiplier and accumulator are known at run time alone.
//
// What      any_mac<F, B>: all that layers need of a MAC of the format F whose biases are held in B, as functions; any_mac_of<M>()
//           gives that of a MAC type. Code over it is compiled once a format and not once a MAC, whose own are a few functions:
//           sums of products, their finish, means
// Checked   tests/network/engine_test.cpp

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <napier/core/concepts.hpp>
#include <napier/core/matrix_view.hpp>
#include <napier/gemm/gemm.hpp>
#include <napier/layers/conv2d.hpp>
#include <napier/layers/fully_connected.hpp>
#include <napier/layers/pool.hpp>
#include <napier/layers/tensor_view.hpp>

namespace napier::detail {

// A layer with its weights, packed: output of an input.
template <Format F>
class tensor_function {
 public:
  virtual ~tensor_function() = default;
  virtual void run(tensor_view<const F> input, tensor_view<F> output) const = 0;
};

// The means of an accumulator.
template <Format F>
struct mean_functions {
  mean_of_window<F> one;
  void (*pool)(const pool2d_parameters& parameters, tensor_view<const F> input, tensor_view<F> output,
               mean_of_window<F> one);
  void (*global_pool)(tensor_view<const F> input, tensor_view<F> output, mean_of_window<F> one);
};
template <Format F, class A>
constexpr mean_functions<F> mean_functions_of() {
  constexpr element_sums how = element_sums_of<F, A>();
  return {mean_by<F, A>, average_pool<how, F>, global_average_pool<how, F>};
}

template <Format F, Format B>
class any_mac {
 public:
  using packed = std::unique_ptr<const tensor_function<F>>;

  constexpr any_mac(sum_of_products<F, B, F> sum_function, const mean_functions<F>& means_of)
      : sum(sum_function), means(means_of) {}

  virtual packed conv2d(const conv2d_parameters& parameters, tensor_view<const F> weights,
                        std::vector<B> bias) const = 0;
  virtual packed fully_connected(matrix_view<const F> weights, std::vector<B> bias) const = 0;
  virtual void gemm(matrix_view<const F> a, matrix_view<const F> b, matrix_view<F> c) const = 0;

  const sum_of_products<F, B, F> sum;
  const mean_functions<F> means;

 protected:
  ~any_mac() = default;
};

// One for all MACs of a format whose kernels are of one lane and family.
template <Format F, Format B, class T, sum_family family>
class path_mac final : public any_mac<F, B> {
  using path_type = mac_path<F, B, F, T, family>;
  using typename any_mac<F, B>::packed;

 public:
  constexpr path_mac(const path_type& path, sum_of_products<F, B, F> sum_function,
                     const mean_functions<F>& means_of)
      : any_mac<F, B>(sum_function, means_of), path_(path) {}

  packed conv2d(const conv2d_parameters& parameters, tensor_view<const F> weights,
                std::vector<B> bias) const override {
    conv2d_panels<F, T> panels(weights);
    if constexpr (family != sum_family::reference) panels.pack(parameters, path_.sums.packing);
    return packed(new convolution(path_, parameters, std::move(panels), std::move(bias)));
  }
  packed fully_connected(matrix_view<const F> weights, std::vector<B> bias) const override {
    fully_connected_panels<F, T> panels(weights);
    if constexpr (family != sum_family::reference) panels.pack(path_.sums.packing.operands);
    return packed(new dense(path_, this->sum, std::move(panels), std::move(bias)));
  }
  void gemm(matrix_view<const F> a, matrix_view<const F> b, matrix_view<F> c) const override {
    gemm_by_path(path_, a, b, std::span<const B>(), c);
  }

 private:
  class convolution final : public tensor_function<F> {
   public:
    convolution(const path_type& path, const conv2d_parameters& parameters, conv2d_panels<F, T> weights,
                std::vector<B> bias)
        : path_(path), parameters_(parameters), weights_(std::move(weights)), bias_(std::move(bias)) {}
    void run(tensor_view<const F> input, tensor_view<F> output) const override {
      conv2d_by_path(path_, parameters_, input, weights_, std::span<const B>(bias_), output);
    }

   private:
    path_type path_;
    conv2d_parameters parameters_;
    conv2d_panels<F, T> weights_;
    std::vector<B> bias_;
  };

  // An image is a row, whatever its dimensions.
  class dense final : public tensor_function<F> {
   public:
    dense(const path_type& path, sum_of_products<F, B, F> sum, fully_connected_panels<F, T> weights,
          std::vector<B> bias)
        : path_(path), sum_(sum), weights_(std::move(weights)), bias_(std::move(bias)) {}
    void run(tensor_view<const F> input, tensor_view<F> output) const override {
      const auto view = weights_.view();
      fully_connected_by_path(path_, sum_, matrix_view<const F>(input.data, input.batch, view.cols), weights_,
                              std::span<const B>(bias_),
                              matrix_view<F>(output.data, output.batch, view.rows));
    }

   private:
    path_type path_;
    sum_of_products<F, B, F> sum_;
    fully_connected_panels<F, T> weights_;
    std::vector<B> bias_;
  };

  path_type path_;
};

template <Mac M>
const any_mac<typename M::format, typename M::bias_type>& any_mac_of() {
  using F = typename M::format;
  static constexpr path_mac<F, typename M::bias_type, lane_of<M>, sum_family_of<M>> mac(
      mac_path_of<M, F>(), sum_products<M, F>, mean_functions_of<F, typename M::accumulator>());
  return mac;
}

}  // namespace napier::detail
