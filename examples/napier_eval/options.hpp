#pragma once
// The command line of an evaluation. An option of one's own: a member here, and a line in options.cpp.

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "calibrate.hpp"
#include "preprocess_options.hpp"

namespace CLI {
class App;
}

namespace napier_eval {

struct evaluate_options {
  std::string model;
  std::string data = "fashion-mnist";
  std::vector<std::string> macs;  // as typed; mac_list (mac_names.hpp) splits them
  std::string reference = "float32";
  std::size_t limit = 0;            // images; 0: all
  std::optional<std::size_t> seed;  // draw them at random
  std::size_t batch = 1;
  std::size_t threads = 1;
  std::string batch_norm = "fold";
  std::vector<std::string> layer_macs;  // PATTERN=MAC
  std::vector<std::size_t> topk;        // empty: 1, and 5 where there are so many outputs
  std::string json;                     // files to write; empty: none
  std::string csv;
  std::string html;
  std::string resume;  // file to go on from; empty: none
  calibrate_options calibrate;
  std::optional<std::size_t> per_layer;  // images for the errors of layers; 0: all
  std::string layers_csv;
  std::optional<double> search;  // for layers that have to be exact: points of top-1 that may be lost
  std::string search_exact;      // their MAC; empty: the reference
  preprocess_options preprocessing;

  void add_to(CLI::App& app);
};

// Between one and the number of processors.
std::size_t default_threads();

// conv*=float32/mitch6 → the pattern and the MAC. Throws napier::name_error.
std::pair<std::string, std::string> parse_layer_mac(const std::string& text);

}  // namespace napier_eval
