#pragma once
// What --search found out, and how it is told.

#include <cstddef>
#include <string>
#include <vector>

#include <napier/analysis/paired_difference.hpp>

namespace napier_eval {

// Layers that --layer-mac can tell apart: mostly one.
struct searched_layer {
  std::vector<std::string> nodes;
  std::vector<std::string> patterns;
  double share = 0;
  double changed = 0;
  double distortion = 0;
  napier::paired_difference loss;
  bool exact = false;
};

// Top-1 on some of the images.
struct searched_accuracy {
  std::size_t images = 0;
  double reference = 0;
  double approximate = 0;  // no layer exact
  double found = 0;
  napier::paired_difference approximate_loss;
  napier::paired_difference found_loss;
};

struct search_report {
  std::string mac;
  std::string exact;
  std::string reference;
  double budget = 0;
  std::string calibration;          // of each assignment; empty: none
  std::string calibrate_arguments;  // options that ask for it
  bool complete = false;            // not interrupted
  bool within_budget = false;       // on all images, those of the search and the others
  bool validated = false;           // there are other images
  std::size_t runs = 0;
  std::vector<searched_layer> layers;   // the most harmful first
  std::vector<std::string> layer_macs;  // PATTERN=MAC, those that were given and those that were found
  double approximate_share = 1;         // of the multiplications
  searched_accuracy searched;
  searched_accuracy validation;
  searched_accuracy all;
};

// On these images; a loss of the budget itself keeps it.
bool keeps_budget(const search_report& search, const searched_accuracy& on);

std::string text_of(const search_report& search);

// For a POSIX shell: as it is, or in single quotes.
std::string quoted(const std::string& word);

}  // namespace napier_eval
