#pragma once
// What a run found out, and how it is told: as a table for people, as CSV and as JSON.

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <napier/analysis/accuracy.hpp>
#include <napier/analysis/scores.hpp>
#include <napier/analysis/wilson.hpp>

#include "search_report.hpp"

namespace napier_eval {

// The share of images whose label is among the k largest outputs.
struct top_share {
  std::size_t k = 1;
  double share = 0;
  napier::interval interval;  // Wilson's, of 95 %
};

struct report_row {
  std::string mac;
  std::size_t images = 0;  // fewer than the report's where the run was cut short
  napier::accuracy accuracy;
  std::vector<top_share> top;  // for each k of the report
  napier::discordant
      against;        // images that the reference gets right and this does not, and the other way round
  double change = 0;  // of top-1, against the reference on the same images
  double p = 1;       // McNemar's test of the two
  double images_per_second = 0;
  bool resumed = false;  // some of its images are of the run that --resume read, and their seconds, too
};

// Figures that belong together, by name, in the order in which they are told. One that is not finite is null in JSON and
// empty in CSV.
struct figure_group {
  std::string name;  // local, accumulated, weights, …
  std::vector<std::pair<std::string, double>> figures;
};

// A multiply site under one MAC.
struct report_layer {
  std::string mac;   // of the row
  std::string node;  // its name
  std::string operator_type;
  std::string node_mac;    // by a rule perhaps
  double macs = 0;         // multiply-accumulates an image
  double share = 0;        // of the network's
  std::size_t images = 0;  // that the figures are of
  std::vector<figure_group> groups;

  // NaN where there is none.
  double figure(const std::string& group, const std::string& name) const;
};

// What --resume needs of a run under one MAC.
struct run_state {
  std::string mac;
  napier::scores scores;
};

struct report {
  std::string model;
  std::string data;
  std::size_t images = 0;
  std::string batch_norm;
  std::string reference;
  std::vector<std::string> layer_macs;  // PATTERN=MAC; they take part in all rows but the reference's
  std::string preprocessing;            // as text_of(preprocessing) has it
  std::string calibration;              // how it was calibrated; empty: not
  std::optional<std::size_t> seed;
  bool partial = false;                     // cut short
  std::vector<std::size_t> topk = {1, 5};   // ascending, 1 and 5 among them
  std::vector<std::size_t> shown = {1, 5};  // those that the table shows
  napier::accuracy reference_accuracy;
  std::size_t reference_images = 0;
  napier::interval reference_interval;  // Wilson's, of its top-1
  std::vector<report_row> rows;
  std::vector<report_layer> layers;
  std::vector<search_report> searches;

  std::string model_hash;         // of the file
  std::string data_hash;          // of the images' labels in their order, and of the first and last picture
  std::vector<run_state> states;  // of all runs, the reference's first; empty: --resume is not meant
};

// A change that chance alone makes as often as once in twenty is not significant.
constexpr double significance_level = 0.05;

// The row of a run; the reference has seen the images that the run has.
report_row make_row(const std::string& mac, const napier::scores& run, const napier::scores& reference,
                    const std::vector<std::size_t>& topk);

enum class table_columns : unsigned char { few, all };

// width: of the terminal; what does not fit is left out, and that is said. 0: any.
std::string table_of(const report& what, table_columns columns = table_columns::all, std::size_t width = 0);
std::string csv_of(const std::vector<report>& reports);
std::string json_of(const report& what);
std::string json_of(const std::vector<report>& reports);

}  // namespace napier_eval
