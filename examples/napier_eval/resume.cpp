#include "resume.hpp"

#include <bit>
#include <charconv>
#include <cstring>
#include <limits>
#include <sstream>
#include <system_error>
#include <variant>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <napier/core/error.hpp>

#include "../common/files.hpp"

namespace napier_eval {

using napier_tools::read_file;

namespace {

using napier::data_error;
using nlohmann::json;

class fnv {
 public:
  void add(const void* data, std::size_t size) {
    const auto* bytes = static_cast<const unsigned char*>(data);
    for (std::size_t i = 0; i < size; ++i) state_ = (state_ ^ bytes[i]) * 0x100000001B3U;
  }
  // Eight bytes at once: networks have hundreds of megabytes.
  void add(std::span<const double> numbers) {
    for (const double number : numbers) {
      state_ = (state_ ^ std::bit_cast<std::uint64_t>(number)) * 0x100000001B3U;
      state_ ^= state_ >> 32;
    }
  }
  void add(std::size_t number) { add(&number, sizeof number); }
  void add(const std::string& text) {
    add(text.size());
    add(text.data(), text.size());
  }
  std::string text() const { return fmt::format("{:016x}", state_); }

 private:
  std::uint64_t state_ = 0xCBF29CE484222325U;
};

void add(fnv& hash, const napier::picture& picture) {
  hash.add(picture.bytes.data(), picture.bytes.size());
  hash.add(picture.reals.data(), picture.reals.size() * sizeof(picture.reals[0]));
}

struct constants_of_layer {
  fnv& hash;

  void operator()(const auto& layer) const {
    if constexpr (requires { layer.weights; }) {
      add(layer.weights);
      add(layer.bias);
    }
    if constexpr (requires { layer.gamma; }) {
      for (const auto* each : {&layer.gamma, &layer.beta, &layer.mean, &layer.variance}) add(*each);
    }
    if constexpr (requires { layer.left; }) {
      add(layer.left.constant);
      add(layer.right.constant);
    }
  }
  void add(const std::vector<double>& numbers) const {
    hash.add(numbers.size());
    hash.add(std::span(numbers));
  }
};

// The next whole number of a text, followed by `end` or by the text's end.
bool take_number(const char*& at, const char* last, char end, std::size_t& number) {
  const auto [rest, problem] = std::from_chars(at, last, number);
  if (problem != std::errc{} || (rest != last && *rest != end)) return false;
  at = rest == last ? rest : rest + 1;
  return true;
}

double number_of(const std::string& text) {
  double number = 0;
  const auto [rest, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || rest != text.data() + text.size())
    throw data_error("'" + text + "' is no number");
  return number;
}

napier::scores scores_of(const json& run, std::span<const std::uint32_t> labels) {
  napier::scores scores;
  const auto images = run.at("images").get<std::size_t>();
  if (images > labels.size()) throw data_error(fmt::format("{} images of {}", images, labels.size()));
  scores.classes = run.at("classes").get<std::size_t>();
  scores.squared_error = number_of(run.at("squared_error").get<std::string>());
  scores.squared_reference = number_of(run.at("squared_reference").get<std::string>());
  scores.seconds = run.at("seconds").get<double>();
  scores.ranks.assign(images, 0);
  scores.answers.assign(labels.begin(), labels.begin() + static_cast<std::ptrdiff_t>(images));
  const auto wrong = run.at("wrong").get<std::string>();
  const char* at = wrong.data();
  const char* const last = at + wrong.size();
  std::size_t next = 0;
  while (at != last) {
    std::size_t image = 0;
    std::size_t answer = 0;
    std::size_t rank = 0;
    const bool read = take_number(at, last, ':', image) && take_number(at, last, ':', answer) &&
                      take_number(at, last, ' ', rank);
    if (!read || image < next || image >= images || answer > scores.classes || rank == 0 ||
        rank > scores.classes || answer == labels[image]) {
      throw data_error("'wrong' is not a list of IMAGE:ANSWER:RANK");
    }
    scores.answers[image] = static_cast<std::uint32_t>(answer);
    scores.ranks[image] = static_cast<std::uint32_t>(rank);
    next = image + 1;
  }
  return scores;
}

void check_same(const json& found, const report& expected) {
  const auto differs = [](const std::string& what, const std::string& there, const std::string& here) {
    const auto told = [](const std::string& value) { return value.empty() ? "none" : value; };
    if (there != here) {
      throw data_error(fmt::format("it was made with {0} {1}, this run has {0} {2}; expected the same", what,
                                   told(there), told(here)));
    }
  };
  const auto seed_text = [](const std::optional<std::size_t>& seed) {
    return seed ? std::to_string(*seed) : std::string();
  };
  std::optional<std::size_t> seed;
  if (found.contains("seed")) seed = found.at("seed").get<std::size_t>();
  differs("--model", found.at("model").get<std::string>(), expected.model);
  differs("--data", found.at("data").get<std::string>(), expected.data);
  differs("images (--limit)", std::to_string(found.at("images").get<std::size_t>()),
          std::to_string(expected.images));
  differs("--seed", seed_text(seed), seed_text(expected.seed));
  differs("preprocessing (--scale and others)", found.at("preprocessing").get<std::string>(),
          expected.preprocessing);
  differs("--batch-norm", found.at("batch_norm").get<std::string>(), expected.batch_norm);
  differs("--reference", found.at("reference").get<std::string>(), expected.reference);
  differs("--layer-mac",
          fmt::format("{}", fmt::join(found.at("layer_macs").get<std::vector<std::string>>(), " ")),
          fmt::format("{}", fmt::join(expected.layer_macs, " ")));
  differs("--calibrate", found.value("calibration", std::string()), expected.calibration);
  const json& state = found.at("state");
  if (state.at("model_hash").get<std::string>() != expected.model_hash)
    throw data_error("it was made with another content of the model " + expected.model);
  if (state.at("data_hash").get<std::string>() != expected.data_hash)
    throw data_error("it was made with other images or labels in the data " + expected.data);
}

}  // namespace

std::string text_of_wrong(const napier::scores& run) {
  std::string text;
  for (std::size_t i = 0; i < run.images(); ++i) {
    if (run.ranks[i] == 0) continue;
    if (!text.empty()) text += ' ';
    text += fmt::format("{}:{}:{}", i, run.answers[i], run.ranks[i]);
  }
  return text;
}

std::string hash_of_file(const std::string& path) {
  const std::string bytes = read_file(path);
  fnv hash;
  hash.add(bytes.data(), bytes.size());
  return hash.text();
}

std::string hash_of_weights(const napier::network& model) {
  fnv hash;
  for (std::size_t i = 0; i < model.nodes().size(); ++i) {
    const napier::network_node& node = model.nodes()[i];
    hash.add(node.name);
    hash.add(node.operator_type);
    for (const std::size_t extent : model.shape_of(i + 1)) hash.add(extent);
    std::visit(constants_of_layer{hash}, node.operation);
  }
  return hash.text();
}

std::string hash_of_model(const std::string& path, const napier::network& model) {
  fnv hash;
  hash.add(hash_of_file(path));
  hash.add(hash_of_weights(model));
  return hash.text();
}

std::string hash_of_pictures(const napier::data_set& images, std::span<const std::size_t> used) {
  fnv hash;
  for (const std::uint32_t label : images.labels()) hash.add(&label, sizeof label);
  for (const std::size_t image : used) add(hash, images.picture(image));
  return hash.text();
}

std::string hash_of_images(const napier::data_set& images, std::span<const std::size_t> chosen) {
  fnv hash;
  for (const std::size_t image : chosen) {
    const std::uint32_t label = images.labels()[image];
    hash.add(&label, sizeof label);
  }
  if (chosen.empty()) return hash.text();
  for (const std::size_t image : {chosen.front(), chosen.back()}) {
    add(hash, images.picture(image));
  }
  return hash.text();
}

resumed read_resume(const std::string& path, const report& expected, std::span<const std::uint32_t> labels) {
  const json found = json::parse(read_file(path), nullptr, false);
  if (!found.is_object() || !found.contains("state")) {
    throw data_error("--resume " + path + ": expected a JSON file that --json wrote");
  }
  resumed result;
  std::string where = "--resume " + path + ": ";
  try {
    check_same(found, expected);
    for (const json& row : found.at("rows")) {
      const auto mac = row.at("mac").get<std::string>();
      result.macs.push_back(mac.substr(0, mac.find(" + ")));
    }
    for (const json& run : found.at("state").at("runs")) {
      const auto mac = run.at("mac").get<std::string>();
      where = "--resume " + path + ": the run " + mac + ": ";
      result.states.push_back({mac, scores_of(run, labels)});
    }
  } catch (const json::exception&) {
    throw data_error(where + "something is missing or of another type than --json writes");
  } catch (const data_error& problem) {
    throw data_error(where + problem.what());
  }
  return result;
}

}  // namespace napier_eval
