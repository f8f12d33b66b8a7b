#pragma once
// --per-layer: what a MAC does to each multiply site, as figures that tables and files tell.

#include <atomic>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <napier/data/data_set.hpp>
#include <napier/data/preprocessing.hpp>
#include <napier/network/session.hpp>

#include "../common/progress.hpp"
#include "report.hpp"

namespace napier_eval {

struct layers_task {
  const napier::data_set& images;
  const napier::preprocessing& how;
  std::span<const std::size_t> chosen;
  std::size_t threads = 1;
  const std::atomic<bool>* stop = nullptr;
};

// mac: the row's name. `finished`: images of the progress line's total that are done already.
std::vector<report_layer> measure_layers(const std::string& mac, const napier::session& reference,
                                         const napier::session& run, const layers_task& task,
                                         napier_tools::progress_line& progress, std::size_t finished);

// Two tables for each MAC: errors, and ranges of values. At most 120 columns.
std::string table_of(const std::vector<report_layer>& layers, const std::string& reference);

std::string csv_of(const std::vector<report_layer>& layers);

}  // namespace napier_eval
