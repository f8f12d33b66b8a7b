#include "preprocess_options.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <napier/core/error.hpp>

#include "../common/arguments.hpp"
#include "../common/files.hpp"

namespace napier_eval {

using napier_tools::whole_number;
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
  throw data_error("expected rgb, bgr or grey, found '" + text + "'");
}

image_layout layout_of(const std::string& text) {
  if (text == "nchw") return image_layout::nchw;
  if (text == "nhwc") return image_layout::nhwc;
  throw data_error("expected nchw or nhwc, found '" + text + "'");
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

// A finite one.
std::optional<double> number_of(const std::string& text) {
  double number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size() || !std::isfinite(number))
    return std::nullopt;
  return number;
}

// What stands on the command line: "0.485,0.456" and "0.406" are three.
std::vector<double> numbers_of(const std::vector<std::string>& texts) {
  std::vector<double> numbers;
  for (const std::string& text : texts) {
    for (std::size_t from = 0; from <= text.size();) {
      const std::size_t comma = std::min(text.find(',', from), text.size());
      const std::optional<double> number = number_of(text.substr(from, comma - from));
      if (!number) {
        throw data_error(
            fmt::format("expected a number for each channel, as 0.485,0.456,0.406; found '{}'", text));
      }
      numbers.push_back(*number);
      from = comma + 1;
    }
  }
  return numbers;
}

void check_pixels(std::size_t pixels) {
  if (pixels > max_pixels)
    throw data_error(fmt::format("expected at most {} pixels, found {}", max_pixels, pixels));
}

void check_means(const std::vector<double>& means) {
  for (const double mean : means) {
    if (!std::isfinite(mean)) throw data_error("expected finite numbers");
  }
}

void check_deviations(const std::vector<double>& deviations) {
  for (const double deviation : deviations) {
    if (!(std::isfinite(deviation) && deviation > 0))
      throw data_error(fmt::format("expected standard deviations above 0, found {}", deviation));
  }
}

void check_scale(double scale) {
  if (!std::isfinite(scale) || scale == 0)
    throw data_error(fmt::format("expected a number other than 0, found {}", scale));
}

// What take() does not understand is said of `where`: an option, or a file's key.
template <class Take>
void with_place(const std::string& where, const Take& take) {
  try {
    take();
  } catch (const data_error& problem) {
    throw data_error(where + ": " + problem.what());
  }
}

}  // namespace

std::filesystem::path preprocess_file_of(const std::filesystem::path& model) {
  return model.string() + ".preprocess.json";
}

double scale_of(const std::string& text) {
  const std::size_t slash = text.find('/');
  const std::optional<double> number = number_of(text.substr(0, slash));
  const std::optional<double> divisor = slash == std::string::npos ? 1.0 : number_of(text.substr(slash + 1));
  const double scale = number && divisor ? *number / *divisor : 0;
  if (!std::isfinite(scale) || scale == 0) {
    throw data_error(
        fmt::format("expected a number or a fraction such as 1/255, and not 0; found '{}'", text));
  }
  return scale;
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
    const auto take = [&how, &key = key, &value = value] {
      if (key == "resize" || key == "crop" || key == "pad") {
        if (!value.is_number_unsigned()) throw data_error("expected a number of pixels");
        check_pixels((key == "resize" ? how.resize
                      : key == "crop" ? how.crop
                                      : how.pad) = value.get<std::size_t>());
      } else if (key == "channels") {
        how.channels = channels_of(value.get<std::string>());
      } else if (key == "layout") {
        how.layout = layout_of(value.get<std::string>());
      } else if (key == "scale") {
        how.scale = value.is_number() ? value.get<double>() : scale_of(value.get<std::string>());
        check_scale(how.scale);
      } else if (key == "mean") {
        check_means(how.mean = value.get<std::vector<double>>());
      } else if (key == "std") {
        check_deviations(how.deviation = value.get<std::vector<double>>());
      } else {
        throw data_error("expected resize, crop, pad, channels, scale, mean, std or layout");
      }
    };
    try {
      with_place(file + ": '" + key + "'", take);
    } catch (const nlohmann::json::exception&) {
      throw data_error(file + ": '" + key + "' is of another type than expected");
    }
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
  const auto add = [&](const char* name, auto& target, const char* value, const char* help) {
    return app.add_option(name, target, help)->option_text(value)->group(group);
  };
  const CLI::Validator pixels = whole_number(0, max_pixels);
  add("--resize", resize_, "N",
      "the shorter side to N pixels: bilinear with antialiasing, as torchvision; 0: as it is")
      ->check(pixels);
  add("--crop", crop_, "N", "N x N pixels out of the centre; 0: none")->check(pixels);
  add("--pad", pad_, "N", "N black pixels on each side")->check(pixels);
  add("--channels", channels_, "ORDER", "rgb, bgr or grey");
  add("--scale", scale_, "S", "pixels 0...255 times S, a number or a fraction (default: 1/255)");
  add("--mean", mean_, "R,G,B", "of each channel, after scaling: subtracted");
  add("--std", deviation_, "R,G,B", "of each channel, after scaling: divided by");
  add("--layout", layout_, "ORDER", "nchw or nhwc");
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
  if (channels_) with_place("--channels", [&] { how.channels = channels_of(*channels_); });
  if (scale_) with_place("--scale", [&] { how.scale = scale_of(*scale_); });
  if (layout_) with_place("--layout", [&] { how.layout = layout_of(*layout_); });
  if (!mean_.empty()) with_place("--mean", [&] { how.mean = numbers_of(mean_); });
  if (!deviation_.empty()) {
    with_place("--std", [&] { check_deviations(how.deviation = numbers_of(deviation_)); });
  }
  return how;
}

void preprocess_options::check_channels(const napier::preprocessing& how, std::size_t channels,
                                        const std::string& set, const std::filesystem::path& model) const {
  if (how.channels == channel_order::grey) channels = 1;
  const auto check = [&](const char* option, bool is_typed, std::size_t values) {
    if (values == 0 || values == channels) return;
    const std::string where = is_typed ? option : preprocess_file_of(model).string() + ", " + option;
    throw data_error(
        fmt::format("{}: {} values; expected as many as {} has channels, {}", where, values, set, channels));
  };
  check("--mean", !mean_.empty(), how.mean.size());
  check("--std", !deviation_.empty(), how.deviation.size());
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
