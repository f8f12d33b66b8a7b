#pragma once
// --calibrate: scales, or scales and shifts, on the sums of the layers, from images that are not evaluated or from a file.

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <napier/analysis/layer_correction.hpp>
#include <napier/data/data_set.hpp>
#include <napier/data/preprocessing.hpp>

namespace napier {
class input_reader;
}

namespace CLI {
class App;
}

namespace napier_eval {

class evaluation_plan;
struct run_settings;
struct session_corrector;

struct calibrate_options {
  std::string what;  // N[:layer|channel|affine] or a file; empty: none
  std::string estimator;
  std::string save;  // file to write; empty: none

  void add_to(CLI::App& app);
  bool is_file() const { return what.ends_with(".json"); }
};

// The corrections of one row.
struct calibrated_mac {
  std::string mac;
  std::vector<napier::layer_correction> layers;
};

// What --save-calibration writes.
struct calibration_record {
  std::string model;
  std::string weights;  // hash_of_weights
  std::string batch_norm;
  std::string reference;
  std::string data;
  std::size_t data_images = 0;      // of the whole set
  std::string data_hash;            // hash_of_pictures, of `images`; empty in older files, as what follows
  std::string preprocessing;        // as text_of has it
  std::vector<std::size_t> images;  // of them, those that were used
  std::string scope;                // layer, channel or affine
  std::string estimator;
  std::vector<calibrated_mac> macs;
};

std::string json_of(const calibration_record& record);
// Throws napier::data_error.
calibration_record read_calibration(std::string_view text, const std::string& path);

// N images of `order`, evenly spaced: of those after the first `limit` where they are enough, else of all. The
// evaluated ones are the first `limit` of the others (all, when it is 0).
struct divided_images {
  std::vector<std::size_t> evaluated;
  std::vector<std::size_t> calibrating;
};
divided_images divide_images(std::span<const std::size_t> order, std::size_t limit, std::size_t count);

class calibration_task {
 public:
  // Reads the file, if it is one. Throws napier::error for what cannot be meant.
  explicit calibration_task(const calibrate_options& options);

  bool is_wanted() const { return !options_.what.empty(); }
  // As a report has it; empty: not.
  std::string text() const;

  divided_images divide(std::span<const std::size_t> order, std::size_t limit,
                        const napier::data_set& images) const;

  // Gives every MAC of the plan but the reference a second row, with corrections, and saves them; nothing once stop is true.
  void add_rows(evaluation_plan& plan, const napier::data_set& images, const napier::preprocessing& how,
                std::span<const std::size_t> calibrating, const run_settings& settings);
  std::string table() const;

  // Fits other sessions of the plan's network as the rows are; empty where nothing is fitted. The arguments must outlive it.
  session_corrector corrector(const evaluation_plan& plan, const napier::data_set& images,
                              const napier::preprocessing& how, std::span<const std::size_t> calibrating,
                              const run_settings& settings) const;

 private:
  // progress(nodes that are done). Throws stopped after Ctrl-C.
  std::vector<napier::layer_correction> fitted(const napier::session& reference,
                                               const napier::session& target,
                                               const napier::input_reader& input,
                                               std::span<const std::size_t> calibrating,
                                               const run_settings& settings,
                                               const std::function<void(std::size_t)>& progress) const;
  void save() const;  // where --save-calibration asks for it
  void take_from_file(const evaluation_plan& plan, const napier::preprocessing& how);
  void fit(const evaluation_plan& plan, const napier::data_set& images, const napier::preprocessing& how,
           std::span<const std::size_t> calibrating, const run_settings& settings);
  const calibrated_mac& of_file(const std::string& mac) const;
  bool is_made_of(const napier::data_set& images) const;  // however the set is called

  calibrate_options options_;
  std::size_t count_ = 0;  // images; 0: from the file
  calibration_record record_;
};

}  // namespace napier_eval
