#pragma once
// The operands that a layer of a network multiplies: network:MODEL.onnx:LAYER:DATA[:IMAGES].
//
// A pair is one product of the layer, drawn uniformly among all its products over the images: a weight, and the activation that
// meets it, zero where that is padding. Activations are those of the network under float32, batch norms folded. Both are rounded
// to the format; integers are quantised: x · (largest number) / (largest |x| of the layer's weights, or activations), rounded;
// magnitudes where the format has no sign.

#include <memory>
#include <string>

#include <napier/analysis/operand_source.hpp>

namespace napier_multiplier {

struct layer_operands;  // of one layer, as real numbers

inline constexpr const char* network_prefix = "network:";

// MODEL.onnx; throws napier::name_error for a text that is none of those.
std::string model_file_of(const std::string& text);

// Throws napier::error for a text, file or layer that will not do.
std::shared_ptr<const layer_operands> read_layer_operands(const std::string& text);

napier::operand_source source_of(const std::shared_ptr<const layer_operands>& layer, const std::string& text,
                                 const napier::operand_format& format);

}  // namespace napier_multiplier
