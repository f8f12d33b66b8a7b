#include "preprocess_options.hpp"

#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <napier/core/error.hpp>

#include "../common/files.hpp"

namespace napier_eval {

using napier_tools::write_file;

namespace {

using napier::channel_order;
using napier::data_error;
using napier::image_layout;
using nlohmann::ordered_json;

constexpr std::size_t max_pixels = napier::max_picture_side;

channel_order channels_of(const std::string& text) {
  if (text == "rgb") return channel_order::rgb;
  if (text == "bgr") return channel_order::bgr;
  if (text == "grey") return channel_order::grey;
  throw data_error("channels '" + text + "': expected rgb, bgr or grey");
}

image_layout layout_of(const std::string& text) {
  if (text == "nchw") return image_layout::nchw;
  if (text == "nhwc") return image_layout::nhwc;
  throw data_error("layout '" + text + "': expected nchw or nhwc");
}

const char* text_of(channel_order order) {
  return order == channel_order::rgb ? "rgb" : order == channel_order::bgr ? "bgr" : "grey";
}

const char* text_of(image_layout layout) { return layout == image_layout::nchw ? "nchw" : "nhwc"; }

// 1/255 where that is what it is, else the shortest number that reads back as the same.
std::string text_of_scale(double scale) {
  for (const double divisor : {255.0, 127.5, 256.0, 128.0}) {
    if (scale == 1 / divisor) return fmt::format("1/{}", divisor);
  }
  return fmt::format("{}", scale);
}

double number_of(const std::string& text, const std::string& all) {
  double number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size() || !std::isfinite(number))
    throw data_error("scale '" + all + "': expected a number or a fraction such as 1/255");
  return number;
}

void check(const napier::preprocessing& how) {
  for (const std::size_t pixels : {how.resize, how.crop, how.pad}) {
    if (pixels > max_pixels)
      throw data_error(
          fmt::format("expected at most {} pixels to resize, crop or pad, found {}", max_pixels, pixels));
  }
  for (const double mean : how.mean) {
    if (!std::isfinite(mean)) throw data_error("expected finite means");
  }
  for (const double deviation : how.deviation) {
    if (!(std::isfinite(deviation) && deviation > 0))
      throw data_error(fmt::format("expected standard deviations above 0, found {}", deviation));
  }
}

}  // namespace

std::filesystem::path preprocess_file_of(const std::filesystem::path& model) {
  return model.string() + ".preprocess.json";
}

double scale_of(const std::string& text) {
  const std::size_t slash = text.find('/');
  const double number = number_of(text.substr(0, slash), text);
  if (slash == std::string::npos) return number;
  const double divisor = number_of(text.substr(slash + 1), text);
  if (divisor == 0) throw data_error("scale '" + text + "': expected a divisor other than 0");
  return number / divisor;
}

std::string json_of(const napier::preprocessing& how) {
  const ordered_json object = {{"resize", how.resize},
                               {"crop", how.crop},
                               {"pad", how.pad},
                               {"channels", text_of(how.channels)},
                               {"scale", text_of_scale(how.scale)},
                               {"mean", how.mean},
                               {"std", how.deviation},
                               {"layout", text_of(how.layout)}};
  return object.dump(2) + "\n";
}

napier::preprocessing preprocessing_of_json(const std::string& text, const std::string& file) {
  const auto object = nlohmann::json::parse(text, nullptr, false);
  if (!object.is_object()) throw data_error(file + ": expected a JSON object");
  napier::preprocessing how;
  for (const auto& [key, value] : object.items()) {
    try {
      if (key == "resize" || key == "crop" || key == "pad") {
        if (!value.is_number_unsigned()) throw data_error("expected a number of pixels");
        (key == "resize" ? how.resize : key == "crop" ? how.crop : how.pad) = value.get<std::size_t>();
      } else if (key == "channels") {
        how.channels = channels_of(value.get<std::string>());
      } else if (key == "layout") {
        how.layout = layout_of(value.get<std::string>());
      } else if (key == "scale") {
        how.scale = value.is_number() ? value.get<double>() : scale_of(value.get<std::string>());
      } else if (key == "mean" || key == "std") {
        (key == "mean" ? how.mean : how.deviation) = value.get<std::vector<double>>();
      } else {
        throw data_error("expected resize, crop, pad, channels, scale, mean, std or layout");
      }
    } catch (const nlohmann::json::exception&) {
      throw data_error(file + ": '" + key + "' is of another type than expected");
    } catch (const data_error& problem) {
      throw data_error(file + ": '" + key + "': " + problem.what());
    }
  }
  try {
    check(how);
  } catch (const data_error& problem) {
    throw data_error(file + ": " + problem.what());
  }
  return how;
}

std::string text_of(const napier::preprocessing& how) {
  std::string text;
  const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (how.resize != 0) add(fmt::format("resize {}", how.resize));
  if (how.crop != 0) add(fmt::format("crop {}", how.crop));
  if (how.pad != 0) add(fmt::format("pad {}", how.pad));
  if (how.channels != channel_order::rgb) add(text_of(how.channels));
  add("scale " + text_of_scale(how.scale));
  if (!how.mean.empty()) add(fmt::format("mean {}", fmt::join(how.mean, ",")));
  if (!how.deviation.empty()) add(fmt::format("std {}", fmt::join(how.deviation, ",")));
  if (how.layout != image_layout::nchw) add(text_of(how.layout));
  return text;
}

void preprocess_options::add_to(CLI::App& app) {
  const std::string group = "Preprocessing, in this order (remembered in MODEL.preprocess.json)";
  const auto add = [&](const char* name, auto& target, const char* help) {
    return app.add_option(name, target, help)->group(group);
  };
  add("--resize", resize_,
      "the shorter side to N pixels: bilinear with antialiasing, as torchvision; 0: as it is");
  add("--crop", crop_, "N x N pixels out of the centre; 0: none");
  add("--pad", pad_, "N black pixels on each side");
  add("--channels", channels_, "rgb, bgr or grey");
  add("--scale", scale_, "pixels 0...255 times S, a number or a fraction (default: 1/255)");
  add("--mean", mean_, "of each channel, after scaling: R,G,B")->delimiter(',');
  add("--std", deviation_, "of each channel, after scaling: R,G,B")->delimiter(',');
  add("--layout", layout_, "nchw or nhwc");
}

bool preprocess_options::is_given() const {
  return resize_ || crop_ || pad_ || channels_ || scale_ || layout_ || !mean_.empty() || !deviation_.empty();
}

napier::preprocessing preprocess_options::for_model(const std::filesystem::path& model) const {
  napier::preprocessing how;
  const std::filesystem::path remembered = preprocess_file_of(model);
  std::error_code ignored;
  if (std::filesystem::exists(remembered, ignored)) {
    std::ifstream file(remembered, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file && !file.eof()) throw data_error(remembered.string() + ": cannot be read");
    how = preprocessing_of_json(text, remembered.string());
  }
  if (resize_) how.resize = *resize_;
  if (crop_) how.crop = *crop_;
  if (pad_) how.pad = *pad_;
  if (channels_) how.channels = channels_of(*channels_);
  if (scale_) how.scale = scale_of(*scale_);
  if (layout_) how.layout = layout_of(*layout_);
  if (!mean_.empty()) how.mean = mean_;
  if (!deviation_.empty()) how.deviation = deviation_;
  check(how);
  return how;
}

void preprocess_options::remember(const std::filesystem::path& model,
                                  const napier::preprocessing& how) const {
  if (!is_given()) return;
  const std::string path = preprocess_file_of(model).string();
  try {
    write_file(path, json_of(how));
  } catch (const napier::error& problem) {
    fmt::print(stderr, "napier-eval: {}; the preprocessing is not remembered\n", problem.what());
  }
}

}  // namespace napier_eval
