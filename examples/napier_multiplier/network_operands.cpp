#include "network_operands.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include <napier/analysis/evaluate.hpp>
#include <napier/core/error.hpp>
#include <napier/data/open_data_set.hpp>
#include <napier/mac/mac.hpp>
#include <napier/network/onnx.hpp>
#include <napier/network/session.hpp>

#include "../napier_eval/preprocess_options.hpp"

namespace napier_multiplier {

struct layer_operands {
  std::vector<double> weights;
  std::vector<double> activations;  // images × channels × height × width, or images × rows × inputs
  std::size_t images = 0;
  std::size_t activations_an_image = 0;
  // A convolution's; or a fully connected layer's as one of 1 × 1, rows as its width.
  napier::conv2d_parameters window;
  std::size_t in_channels = 0;
  std::size_t out_channels = 0;
  std::size_t height = 1;
  std::size_t width = 1;
  bool channels_last = false;  // rows × inputs
};

namespace {

constexpr std::size_t default_images = 20;

struct request {
  std::string model;
  std::string layer;
  std::string data;
  std::size_t images = default_images;
};

request parse(const std::string& text) {
  const auto malformed = [&] {
    return napier::name_error("--operands '" + text + "': expected network:MODEL.onnx:LAYER:DATA[:IMAGES]");
  };
  std::string rest = text.substr(std::string(network_prefix).size());
  request result;
  for (std::string* part : {&result.model, &result.layer}) {
    const std::size_t colon = rest.find(':');
    if (colon == std::string::npos || colon == 0) throw malformed();
    *part = rest.substr(0, colon);
    rest.erase(0, colon + 1);
  }
  const std::size_t colon = rest.rfind(':');
  if (colon != std::string::npos && rest.find_first_not_of("0123456789", colon + 1) == std::string::npos) {
    const char* end = rest.data() + rest.size();
    const auto [stop, problem] = std::from_chars(rest.data() + colon + 1, end, result.images);
    if (problem != std::errc{} || stop != end || result.images == 0) throw malformed();
    rest.erase(colon);
  }
  if (rest.empty()) throw malformed();
  result.data = rest;
  return result;
}

std::size_t find_layer(const napier::network& model, const std::string& name) {
  std::string names;
  for (std::size_t i = 0; i < model.nodes().size(); ++i) {
    const auto& node = model.nodes()[i];
    if (node.name == name) return i;
    const bool multiplies = std::holds_alternative<napier::conv2d_layer>(node.operation) ||
                            std::holds_alternative<napier::fully_connected_layer>(node.operation);
    if (multiplies) names += (names.empty() ? "" : ", ") + node.name;
  }
  throw napier::name_error(
      fmt::format("{}: there is no layer '{}'; convolutions and fully connected layers are {}",
                  model.source(), name, names));
}

void describe(const napier::conv2d_layer& conv, const napier::shape& input, layer_operands& result) {
  result.weights = conv.weights;
  result.window = conv.parameters;
  result.in_channels = conv.in_channels;
  result.out_channels = conv.out_channels;
  result.height = input.size() > 1 ? input[1] : 1;
  result.width = napier::element_count(input) / conv.in_channels / result.height;
}

void describe(const napier::fully_connected_layer& full, const napier::shape& input, layer_operands& result) {
  result.weights = full.weights;
  result.in_channels = full.inputs;
  result.out_channels = full.outputs;
  result.width = napier::element_count(input) / full.inputs;
  result.channels_last = true;
}

std::vector<std::uint64_t> codes_of(const std::vector<double>& values, const napier::operand_format& format) {
  double factor = 1;
  if (format.kind == napier::format_kind::integer) {
    double largest = 0;
    for (const double x : values) largest = std::max(largest, std::fabs(x));
    const int magnitude_bits = format.width - (format.is_signed ? 1 : 0);
    if (largest > 0) factor = (std::ldexp(1, magnitude_bits) - 1) / largest;
  }
  std::vector<std::uint64_t> codes;
  codes.reserve(values.size());
  for (const double x : values) {
    const double scaled = factor * (format.is_signed ? x : std::fabs(x));
    codes.push_back(format.encode(napier::decode(scaled)));
  }
  return codes;
}

// Where a drawn product finds its operands.
struct product_places {
  std::shared_ptr<const layer_operands> layer;
  std::vector<std::uint64_t> weights;
  std::vector<std::uint64_t> activations;
  std::uint64_t zero = 0;

  void draw(napier::random_bits& random, std::uint64_t& weight, std::uint64_t& activation) const {
    const layer_operands& l = *layer;
    const auto& w = l.window;
    const std::size_t channels = l.in_channels / w.groups;
    const std::size_t o = random.below(l.out_channels);
    const std::size_t c = random.below(channels);
    const std::size_t i = random.below(w.kernel_height);
    const std::size_t j = random.below(w.kernel_width);
    weight = weights[((o * channels + c) * w.kernel_height + i) * w.kernel_width + j];
    const std::size_t image = random.below(l.images) * l.activations_an_image;
    const std::size_t y = random.below(w.output_height(l.height)) * w.stride_height + i * w.dilation_height;
    const std::size_t x = random.below(w.output_width(l.width)) * w.stride_width + j * w.dilation_width;
    activation = zero;
    if (y < w.pad_top || y - w.pad_top >= l.height || x < w.pad_left || x - w.pad_left >= l.width) return;
    const std::size_t channel = o / (l.out_channels / w.groups) * channels + c;
    const std::size_t position = (y - w.pad_top) * l.width + x - w.pad_left;
    activation = activations[image + (l.channels_last ? position * l.in_channels + channel
                                                      : channel * l.height * l.width + position)];
  }
};

}  // namespace

std::string model_file_of(const std::string& text) { return parse(text).model; }

std::shared_ptr<const layer_operands> read_layer_operands(const std::string& text) {
  using reference = napier::mac<float, napier::exact, napier::native<float>>;
  const request what = parse(text);
  const napier::network model = napier::read_onnx(what.model);
  const napier::mac_engine<reference> float32;
  const napier::session net(model, float32);
  const napier::network& running = net.running_network();
  const std::size_t node = find_layer(running, what.layer);
  const std::size_t value = running.nodes()[node].inputs.at(0);
  const napier::shape& input = running.shape_of(value);

  auto result = std::make_shared<layer_operands>();
  const napier::layer& operation = running.nodes()[node].operation;
  if (const auto* conv = std::get_if<napier::conv2d_layer>(&operation)) {
    describe(*conv, input, *result);
  } else if (const auto* full = std::get_if<napier::fully_connected_layer>(&operation)) {
    describe(*full, input, *result);
  } else {
    throw napier::name_error(running.describe(running.nodes()[node]) +
                             " is no convolution and no fully connected layer");
  }

  const auto images = napier::open_data_set(what.data);
  const napier::preprocessing how = napier_eval::preprocess_options{}.for_model(what.model);
  result->images = std::min(what.images, images->count());
  result->activations_an_image = napier::element_count(input);
  for (std::size_t image = 0; image < result->images; ++image) {
    const napier::network_input prepared = napier::preprocess(images->picture(image), how, images->name());
    if (!napier::accepts(running, prepared.dimensions)) {
      throw napier::shape_error(fmt::format("{} takes images of {}; those of {} are {}", running.source(),
                                            napier::to_text(running.input_shape()), images->name(),
                                            napier::to_text(prepared.dimensions)));
    }
    auto execution = net.start(prepared.values);
    while (execution.node() < node) execution.step();
    std::vector<double> activations(result->activations_an_image);
    execution.inputs()[0]->read(0, activations);
    result->activations.insert(result->activations.end(), activations.begin(), activations.end());
  }
  if (result->images == 0) throw napier::data_error(images->name() + ": no images");
  return result;
}

napier::operand_source source_of(const std::shared_ptr<const layer_operands>& layer, const std::string& text,
                                 const napier::operand_format& format) {
  auto places = std::make_shared<product_places>();
  places->layer = layer;
  places->weights = codes_of(layer->weights, format);
  places->activations = codes_of(layer->activations, format);
  places->zero = format.encode(napier::unpacked::zero());
  napier::operand_source source;
  source.name = text;
  source.draw = [places](napier::random_bits& random, std::span<std::uint64_t> left,
                         std::span<std::uint64_t> right) {
    for (std::size_t i = 0; i < left.size(); ++i) places->draw(random, left[i], right[i]);
  };
  return source;
}

}  // namespace napier_multiplier
