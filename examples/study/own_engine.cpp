#include "own_engine.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <napier/core/error.hpp>

namespace napier_study {

namespace {

using napier::tensor_view;
using tensor = napier::tensor<float>;
using layers = napier::detail::format_layers<float>;

// A row of sums, k ascending; the bias is added exactly.
template <class Values>
void sum_row(const own_arithmetic& arithmetic, std::size_t depth, const float* scalars, std::size_t stride,
             const Values& values, float* sums) {
  std::fill_n(sums, own_lanes, 0.0F);
  for (std::size_t k = 0; k < depth; ++k)
    arithmetic.row(scalars[k * stride], values(k), sums, arithmetic.parameters);
}

void convolve(const own_arithmetic& arithmetic, const napier::conv2d_parameters& p,
              const std::vector<float>& weights, const std::vector<float>& bias, tensor_view<const float> x,
              tensor_view<float> y) {
  const std::size_t depth = weights.size() / y.channels;
  const std::size_t channels = x.channels / p.groups;
  const std::size_t outputs = y.channels / p.groups;
  const std::size_t positions = y.height * y.width;
  std::vector<float> block(depth * own_lanes);
  float sums[own_lanes];
  for (std::size_t n = 0; n < x.batch; ++n) {
    for (std::size_t group = 0; group < p.groups; ++group) {
      for (std::size_t first = 0; first < positions; first += own_lanes) {
        const std::size_t count = std::min(own_lanes, positions - first);
        napier::detail::im2col(p, x.channel(n, group * channels), x.shape(), y.width, first,
                               napier::matrix_view<float>(block.data(), depth, count, own_lanes));
        for (std::size_t o = group * outputs; o < (group + 1) * outputs; ++o) {
          sum_row(
              arithmetic, depth, &weights[o * depth], 1, [&](std::size_t k) { return &block[k * own_lanes]; },
              sums);
          float* to = y.channel(n, o) + first;
          for (std::size_t i = 0; i < count; ++i) {
            const float sum = sums[i] * arithmetic.scale;
            to[i] = bias.empty() ? sum : sum + bias[o];
          }
        }
      }
    }
  }
}

// Outputs side by side: inputs × outputs, padded to whole rows.
struct dense_weights {
  explicit dense_weights(const napier::fully_connected_layer& dense)
      : inputs(dense.inputs),
        outputs(dense.outputs),
        width((outputs + own_lanes - 1) / own_lanes * own_lanes),
        values(inputs * width),
        bias(napier::detail::round_all<float>(dense.bias)) {
    const std::vector<float> rounded = napier::detail::round_all<float>(dense.weights);
    for (std::size_t o = 0; o < outputs; ++o) {
      for (std::size_t k = 0; k < inputs; ++k) values[k * width + o] = rounded[o * inputs + k];
    }
  }

  std::size_t inputs;
  std::size_t outputs;
  std::size_t width;
  std::vector<float> values;
  std::vector<float> bias;
};

void connect(const own_arithmetic& arithmetic, const dense_weights& weights, std::size_t batch,
             const float* x, float* y) {
  float sums[own_lanes];
  for (std::size_t n = 0; n < batch; ++n) {
    for (std::size_t first = 0; first < weights.outputs; first += own_lanes) {
      sum_row(
          arithmetic, weights.inputs, x + n * weights.inputs, 1,
          [&](std::size_t k) { return &weights.values[k * weights.width + first]; }, sums);
      for (std::size_t o = first; o < std::min(first + own_lanes, weights.outputs); ++o) {
        const float sum = sums[o - first] * arithmetic.scale;
        y[n * weights.outputs + o] = weights.bias.empty() ? sum : sum + weights.bias[o];
      }
    }
  }
}

// In FP64.
void average(const tensor& x, tensor& y) {
  const std::size_t plane = x.values.size() / y.values.size();
  for (std::size_t i = 0; i < y.values.size(); ++i) {
    double sum = 0;
    for (std::size_t k = 0; k < plane; ++k) sum += static_cast<double>(x.values[i * plane + k]);
    y.values[i] = static_cast<float>(sum / static_cast<double>(plane));
  }
}

class own_engine final : public napier::engine {
 public:
  explicit own_engine(own_arithmetic arithmetic) : arithmetic_(std::move(arithmetic)) {}

  std::string name() const override { return "float32/" + arithmetic_.name + "/float32"; }
  std::string format_name() const override { return "float32"; }
  napier::format_kind kind() const override { return napier::format_kind::floating; }

  napier::compiled_layer compile(const napier::layer& operation, const napier::shape& output,
                                 napier::batch_norm_mode mode) const override {
    namespace detail = napier::detail;
    if (const auto* conv = std::get_if<napier::conv2d_layer>(&operation)) {
      return detail::unary_layer<float>(
          output, [own = arithmetic_, p = conv->parameters, weights = detail::round_all<float>(conv->weights),
                   bias = detail::round_all<float>(conv->bias)](const tensor& x, tensor& y) {
            convolve(own, p, weights, bias, x.view(), y.view());
          });
    }
    if (const auto* dense = std::get_if<napier::fully_connected_layer>(&operation)) {
      return detail::unary_layer<float>(
          output, [own = arithmetic_, weights = dense_weights(*dense)](const tensor& x, tensor& y) {
            connect(own, weights, x.batch(), x.values.data(), y.values.data());
          });
    }
    if (const auto* norm = std::get_if<napier::batch_norm_layer>(&operation);
        norm != nullptr && mode == napier::batch_norm_mode::exact) {
      return layers::compile(
          napier::affine_of({norm->gamma, norm->beta, norm->mean, norm->variance, norm->epsilon}), output);
    }
    if (std::holds_alternative<napier::global_average_pool_layer>(operation)) {
      return detail::unary_layer<float>(output, [](const tensor& x, tensor& y) { average(x, y); });
    }
    if (const auto* pool = std::get_if<napier::max_pool_layer>(&operation))
      return layers::compile(*pool, output);
    if (const auto* relu = std::get_if<napier::relu_layer>(&operation)) return layers::compile(*relu, output);
    if (const auto* flat = std::get_if<napier::reshape_layer>(&operation))
      return layers::compile(*flat, output);
    if (const auto* add = std::get_if<napier::add_layer>(&operation)) return layers::compile(*add, output);
    throw napier::model_error(
        "the study's own arithmetics run the layers of its networks alone, batch norms folded or exact");
  }

 private:
  own_arithmetic arithmetic_;
};

}  // namespace

std::unique_ptr<const napier::engine> engine_of(const own_arithmetic& arithmetic) {
  return std::make_unique<own_engine>(arithmetic);
}

}  // namespace napier_study
