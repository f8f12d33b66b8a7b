#pragma once
// tests/network/onnx_runs.hpp — a model that a test wrote, read and run in float32; the operators that it has become.

#include <cstddef>
#include <string>
#include <vector>

#include <napier/mac/mac.hpp>
#include <napier/network/session.hpp>

#include "network/engines.hpp"
#include "onnx_models.hpp"

namespace onnx_models {

using doubles = std::vector<double>;

inline doubles run(const builder& m, std::size_t images = 2) {
  static const napier::mac_engine<napier::mac<float, napier::exact, napier::native<float>>> reference;
  const napier::network net = m.read();
  std::vector<float> values(images * napier::element_count(net.input_shape()));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>((7 * i) % 11) - 3;
  return napier::session(net, reference).run(values);
}

inline std::string types(const napier::network& net) {
  std::string text;
  for (const auto& node : net.nodes()) text += node.operator_type + " ";
  return text;
}

}  // namespace onnx_models
