#pragma once
// napier/analysis/layer_correction.hpp — a scale, or scale and shift, on the sums of a multiply site.
//
// What      site's output y = sum + bias, rounded to the format, becomes round(scale · y + (bias · (1 − scale) + shift)): the sum
//           times the scale, plus bias and shift. One scale and shift a layer or a channel
// Rounding  scale, bias and what is added are FP64; the product is rounded to FP64, then the sum, then once to the format
//           (an exact batch norm behind the site: layers/batch_norm.hpp). Scale 1 and shift 0 change no bit of formats of up to
//           53 significant bits
// Errors    model_error where corrections are of other sites than the network's
// Checked   tests/analysis/calibration_test.cpp

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <napier/analysis/channel_fit.hpp>
#include <napier/analysis/layer_site.hpp>
#include <napier/core/error.hpp>
#include <napier/core/rounded_product.hpp>
#include <napier/network/engine.hpp>
#include <napier/network/session.hpp>

namespace napier {

struct layer_correction {
  std::string node;
  std::string operator_type;
  std::string mac;
  std::size_t channels = 1;
  std::vector<affine_fit> fits;  // one, or one a channel
  std::size_t guarded = 0;       // channels that got the layer's fit, or none

  const affine_fit& of_channel(std::size_t c) const { return fits[fits.size() == 1 ? 0 : c]; }
  bool is_identity() const {
    return std::all_of(fits.begin(), fits.end(), [](const affine_fit& fit) { return fit.is_identity(); });
  }
};

namespace detail {

inline compiled_layer exact_affine(const engine& mac, std::vector<double> scale, std::vector<double> shift,
                                   const shape& dimensions) {
  const std::size_t channels = scale.size();
  batch_norm_layer norm{std::move(scale), std::move(shift), std::vector<double>(channels, 0.0),
                        std::vector<double>(channels, 1.0), 0.0};
  return mac.compile(norm, dimensions, batch_norm_mode::exact);
}

}  // namespace detail

// What follows the site: a function from its output to the corrected one.
inline compiled_layer correction_stage(const engine& mac, const layer_site& site,
                                       const layer_correction& correction, const shape& output) {
  const std::size_t elements = element_count(output);
  // As many channels as the first dimension has, or one an element where channels are not the first dimension.
  const std::size_t first = output.empty() ? 1 : output[0];
  const bool is_first =
      site.channels == 1 || (site.channels == first && site.channel_size * first == elements);
  const std::size_t count = is_first ? first : elements;
  std::vector<double> scale;
  std::vector<double> shift;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t c = is_first ? i : i / site.channel_size % site.channels;
    const affine_fit& fit = correction.of_channel(site.channels == 1 ? 0 : c);
    const double bias = site.bias.empty() ? 0 : site.bias[site.channels == 1 ? 0 : c];
    const double added = rounded_product(bias, 1 - fit.scale) + fit.shift;
    scale.push_back(fit.scale);
    shift.push_back(added == 0 ? -0.0 : added);  // x + (−0) is x, −0 too
  }
  if (is_first && !output.empty()) return detail::exact_affine(mac, scale, shift, output);
  const compiled_layer stages[] = {
      mac.compile(reshape_layer{{elements}}, {elements}, batch_norm_mode::exact),
      detail::exact_affine(mac, scale, shift, {elements}),
      mac.compile(reshape_layer{output}, output, batch_norm_mode::exact),
  };
  return [a = stages[0], b = stages[1], c = stages[2]](std::span<const activation_ptr> inputs) {
    const activation_ptr flat = a(inputs);
    const activation_ptr corrected = b(std::span(&flat, 1));
    return c(std::span(&corrected, 1));
  };
}

// One correction a multiply site, in their order. `source` is named where they do not fit.
inline void apply_corrections(session& net, std::span<const layer_correction> corrections,
                              const std::string& source) {
  const network& model = net.running_network();
  const std::vector<layer_site> sites = multiply_sites(model, net.mode());
  const std::string other = "; is it of another model, or of another batch norm mode?";
  if (corrections.size() != sites.size()) {
    throw model_error(source + ": corrections of " + std::to_string(corrections.size()) + " layers; " +
                      model.source() + " has " + std::to_string(sites.size()) + " that multiply" + other);
  }
  for (std::size_t i = 0; i < sites.size(); ++i) {
    const layer_correction& correction = corrections[i];
    const bool fits_channels = correction.fits.size() == 1 || correction.fits.size() == sites[i].channels;
    if (correction.node != sites[i].name || correction.channels != sites[i].channels || !fits_channels) {
      throw model_error(source + ": layer " + std::to_string(i) + " is " + correction.node + " with " +
                        std::to_string(correction.channels) + " channels; that of " + model.source() +
                        " is " + sites[i].name + " with " + std::to_string(sites[i].channels) + other);
    }
  }
  for (std::size_t i = 0; i < sites.size(); ++i) {
    if (corrections[i].is_identity()) continue;
    const std::size_t node = sites[i].node;
    net.follow(node,
               correction_stage(net.engine_of(node), sites[i], corrections[i], model.shape_of(node + 1)));
  }
}

}  // namespace napier
