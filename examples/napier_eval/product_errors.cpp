#include "product_errors.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include <napier/analysis/layer_mac_error.hpp>

#include "../macs/macs.hpp"

namespace napier_eval {

product_errors product_errors_of(const std::string& mac, std::size_t size) {
  const napier::engine& engine = napier_tools::all_macs().find(mac);
  std::vector<double> operands(size);
  for (std::size_t i = 0; i < size; ++i) {
    operands[i] = 1 + (static_cast<double>(i) + 0.5) / static_cast<double>(size);
  }
  operands = napier::rounded_by(engine, operands);
  // the operands are a batch of images of one pixel, and the weights of a layer of `size` outputs
  const napier::compiled_layer layer = engine.compile(napier::fully_connected_layer{1, size, operands, {}},
                                                      {size}, napier::batch_norm_mode::exact);
  auto images = std::make_shared<napier::tensor<double>>(size, napier::shape{1});
  images->values = operands;
  product_errors result;
  result.size = size;
  result.errors = napier::to_doubles(*layer(std::array<napier::activation_ptr, 1>{std::move(images)}));
  for (std::size_t i = 0; i < result.errors.size(); ++i) {
    double& error = result.errors[i];
    error = error / (operands[i / size] * operands[i % size]) - 1;
    result.mean += error / static_cast<double>(result.errors.size());
  }
  result.lowest = *std::min_element(result.errors.begin(), result.errors.end());
  result.highest = *std::max_element(result.errors.begin(), result.errors.end());
  return result;
}

}  // namespace napier_eval
