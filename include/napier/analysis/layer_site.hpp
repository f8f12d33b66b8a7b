#pragma once
// napier/analysis/layer_site.hpp — the multiply sites of a network: the nodes whose products a MAC computes.
//
// What      convolutions, transposed too; fully connected layers; matrix products; batch norms that are approximate (mode
//           approximate, or fold where there is nothing to fold into); products of two computed values, element by
//           element. No average pool: it sums and divides (docs/arithmetic.md)
// Units     multiplications: products an image, those with padding included; a transposed convolution's are the taps of
//           all inputs, those that are cut off included
// Checked   tests/analysis/layer_truth_test.cpp

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <napier/layers/batch_norm.hpp>
#include <napier/network/engine.hpp>
#include <napier/network/network.hpp>

namespace napier {

struct layer_site {
  std::size_t node = 0;
  std::string name;
  std::string operator_type;
  std::size_t multiplications = 0;
  double share = 0;  // of the network's multiplications
  // Element i of an output is of channel i / channel_size % channels.
  std::size_t channels = 1;
  std::size_t channel_size = 1;
  std::vector<double> bias;     // added to the sums of products; empty, or one a channel
  std::vector<double> weights;  // empty: the second input holds them
};

namespace detail {

inline batch_norm_affine affine_of_layer(const batch_norm_layer& norm) {
  return affine_of({norm.gamma, norm.beta, norm.mean, norm.variance, norm.epsilon});
}

struct site_finder {
  const shape& input;
  const shape& output;
  batch_norm_mode mode;

  // Channels are the first dimension.
  layer_site feature_map(std::size_t products) const {
    layer_site site;
    site.multiplications = products;
    site.channels = output.empty() ? 1 : output[0];
    site.channel_size = element_count(output) / site.channels;
    return site;
  }

  std::optional<layer_site> operator()(const conv2d_layer& conv) const {
    layer_site site = feature_map(element_count(output) * (conv.weights.size() / conv.out_channels));
    site.bias = conv.bias;
    site.weights = conv.weights;
    return site;
  }
  std::optional<layer_site> operator()(const conv_transpose2d_layer& conv) const {
    layer_site site = feature_map(element_count(input) / conv.in_channels * conv.weights.size());
    site.bias = conv.bias;
    site.weights = conv.weights;
    return site;
  }
  std::optional<layer_site> operator()(const fully_connected_layer& dense) const {
    layer_site site;
    site.multiplications = element_count(output) * dense.inputs;
    site.channels = dense.outputs;
    site.bias = dense.bias;
    site.weights = dense.weights;
    return site;
  }
  std::optional<layer_site> operator()(const matmul_layer& product) const {
    layer_site site;
    site.multiplications = element_count(output) * product.left.dimensions.back();
    site.weights = product.left.is_input() ? product.right.constant : product.left.constant;
    return site;
  }
  std::optional<layer_site> operator()(const batch_norm_layer& norm) const {
    if (mode == batch_norm_mode::exact) return std::nullopt;
    layer_site site = feature_map(element_count(output));
    batch_norm_affine affine = affine_of_layer(norm);
    site.bias = std::move(affine.shift);
    site.weights = std::move(affine.scale);
    return site;
  }
  std::optional<layer_site> operator()(const broadcast_layer& what) const {
    if (what.operation != element_operation::multiply || !what.left.is_input() || !what.right.is_input())
      return std::nullopt;
    layer_site site;
    site.multiplications = element_count(output);
    return site;
  }
  std::optional<layer_site> operator()(const auto&) const { return std::nullopt; }
};

}  // namespace detail

// In the order of the nodes. running: the network as it runs under this mode (session::running_network).
template <class Node>
std::vector<layer_site> multiply_sites(const basic_network<Node>& running, batch_norm_mode mode) {
  std::vector<layer_site> sites;
  double total = 0;
  for (std::size_t i = 0; i < running.nodes().size(); ++i) {
    const Node& node = running.nodes()[i];
    const shape& input = running.shape_of(node.inputs.empty() ? 0 : node.inputs[0]);
    std::optional<layer_site> site =
        std::visit(detail::site_finder{input, running.shape_of(i + 1), mode}, node.operation);
    if (!site) continue;
    site->node = i;
    site->name = node.name;
    site->operator_type = node.operator_type;
    total += static_cast<double>(site->multiplications);
    sites.push_back(std::move(*site));
  }
  for (layer_site& site : sites) site.share = static_cast<double>(site.multiplications) / total;
  return sites;
}

}  // namespace napier
