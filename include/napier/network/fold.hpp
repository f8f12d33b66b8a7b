#pragma once
// napier/network/fold.hpp — batch normalisation folded into the convolution before it.
//
// What      w' = w · scale, b' = b · scale + shift in FP64 (layers/batch_norm.hpp), for each BatchNormalization whose input
//           is a convolution, transposed or not, that nothing else reads; the others stay. The folded node keeps the convolution's name
// Checked   tests/network/fold_test.cpp, tests/network/onnx_exporters_test.cpp

#include <cstddef>
#include <utility>
#include <variant>
#include <vector>

#include <napier/layers/batch_norm.hpp>
#include <napier/network/network.hpp>

namespace napier {

template <class Node>
basic_network<Node> fold_batch_norms(const basic_network<Node>& original) {
  const std::vector<Node>& nodes = original.nodes();
  std::vector<std::size_t> readers(nodes.size() + 1, 0);
  ++readers[original.output()];
  for (const Node& node : nodes) {
    for (const std::size_t value : node.inputs) ++readers[value];
  }

  // The batch norm that swallows the convolution of node i, if any.
  std::vector<const batch_norm_layer*> follower(nodes.size(), nullptr);
  std::vector<bool> removed(nodes.size(), false);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const auto* norm = std::get_if<batch_norm_layer>(&nodes[i].operation);
    if (norm == nullptr || nodes[i].inputs[0] == 0) continue;
    const std::size_t before = nodes[i].inputs[0] - 1;
    const bool is_convolution = std::holds_alternative<conv2d_layer>(nodes[before].operation) ||
                                std::holds_alternative<conv_transpose2d_layer>(nodes[before].operation);
    if (!is_convolution || readers[before + 1] != 1) continue;
    follower[before] = norm;
    removed[i] = true;
  }

  basic_network<Node> folded(original.source(), original.input_shape());
  std::vector<std::size_t> renamed(nodes.size() + 1,
                                   0);  // value of the original → value of the folded network
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (removed[i]) {
      renamed[i + 1] = renamed[nodes[i].inputs[0]];
      continue;
    }
    Node node = nodes[i];
    for (std::size_t& value : node.inputs) value = renamed[value];
    if (const batch_norm_layer* norm = follower[i]) {
      const auto affine = affine_of({norm->gamma, norm->beta, norm->mean, norm->variance, norm->epsilon});
      const auto fold = [&affine](auto& conv) { fold_batch_norm(affine, conv.weights, conv.bias); };
      if (auto* conv = std::get_if<conv2d_layer>(&node.operation)) {
        fold(*conv);
      } else {
        fold(std::get<conv_transpose2d_layer>(node.operation));
      }
    }
    renamed[i + 1] = folded.add(std::move(node));
  }
  folded.set_output(renamed[original.output()]);
  return folded;
}

}  // namespace napier
