#pragma once
// How images are prepared for a model: from the command line, and remembered beside the model.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <napier/data/preprocessing.hpp>

namespace CLI {
class App;
}

namespace napier_eval {

// What stands on the command line; an option that is left out is as remembered, or as napier::preprocessing has it.
class preprocess_options {
 public:
  void add_to(CLI::App& app);

  // With what MODEL.preprocess.json holds, and what the command line says instead. Throws napier::data_error.
  napier::preprocessing for_model(const std::filesystem::path& model) const;

  // Means and deviations of a picture of the set. Throws napier::data_error naming where they come from.
  void check_channels(const napier::preprocessing& how, std::size_t channels, const std::string& set,
                      const std::filesystem::path& model) const;

  // Writes MODEL.preprocess.json where the command line says anything; where that cannot be written, says so on standard error.
  void remember(const std::filesystem::path& model, const napier::preprocessing& how) const;

 private:
  bool is_given() const;

  std::optional<std::size_t> resize_;
  std::optional<std::size_t> crop_;
  std::optional<std::size_t> pad_;
  std::optional<std::string> channels_;
  std::optional<std::string> scale_;
  std::optional<std::string> layout_;
  std::vector<std::string> mean_;  // R,G,B
  std::vector<std::string> deviation_;
};

std::filesystem::path preprocess_file_of(const std::filesystem::path& model);

// "0.5", or "1/255". Throws napier::data_error.
double scale_of(const std::string& text);

// As the file holds it; napier::data_error naming `file` for what is not understood.
std::string json_of(const napier::preprocessing& how);
napier::preprocessing preprocessing_of_json(const std::string& text, const std::string& file);

// One line for people: "resize 256, crop 224, scale 1/255, mean 0.485,0.456,0.406".
std::string text_of(const napier::preprocessing& how);

}  // namespace napier_eval
