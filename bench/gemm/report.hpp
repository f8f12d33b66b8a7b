#pragma once
// The table that is printed while it grows, and the same as JSON.

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "measure.hpp"

namespace napier_bench {

struct row {
  std::string mac;
  std::string shape;
  napier::isa isa = napier::isa::scalar;
  double macs = 0;       // multiply-accumulates
  seconds time;          // that they take
  std::string baseline;  // sgemm, scalar or none
  seconds baseline_time;
  double baseline_macs = 0;  // 0: as many
  double ratio =
      0;  // baseline's time / time, for as many multiply-accumulates; of a network the geometric mean over its shapes
  double floor = 0;  // of the ratio; 0: none
  std::string bound;
  std::vector<row> layers;  // of a network

  double rate() const { return macs / time.cpu * 1e-9; }
  bool is_below_floor() const { return !baseline.empty() && !(ratio >= floor); }
};

class report {
 public:
  explicit report(nlohmann::ordered_json conditions) : conditions_(std::move(conditions)) {}

  static void print_header() {
    fmt::print("{:<36} {:<30} {:>7} {:>13}  {:<10}  {:<6}  {}\n", "MAC", "shape (M N K)", "GMAC/s", "ratio",
               "floor", "ISA", "bound by");
  }

  void add(const row& line) {
    rows_.push_back(line);
    const std::string ratio = line.baseline.empty() ? "-"
                              : line.baseline == "sgemm"
                                  ? fmt::format("{:.3f}", line.ratio)
                                  : fmt::format("{:.1f} x {}", line.ratio, line.baseline);
    const std::string floor = line.floor > 0 ? fmt::format("{:.2f}", line.floor) : "";
    fmt::print("{:<36} {:<30} {:>7.2f} {:>13}  {:<4} {:<5}  {:<6}  {}\n", line.mac, line.shape, line.rate(),
               ratio, floor, line.is_below_floor() ? "BELOW" : "", napier::name_of(line.isa), line.bound);
    std::fflush(stdout);
  }

  std::size_t below_floor() const {
    return static_cast<std::size_t>(
        std::count_if(rows_.begin(), rows_.end(), [](const row& line) { return line.is_below_floor(); }));
  }

  // How much longer the clock on the wall ran than the thread: 1 on an idle machine.
  double busyness() const {
    std::vector<double> all;
    for (const row& line : rows_) all.push_back(line.time.wall / line.time.cpu);
    return all.empty() ? 1 : median(all);
  }

  std::string json() const {
    nlohmann::ordered_json rows = nlohmann::ordered_json::array();
    for (const row& line : rows_) rows.push_back(json_of(line));
    nlohmann::ordered_json all = conditions_;
    all["wall_over_processor_time"] = busyness();
    all["rows"] = std::move(rows);
    return all.dump(2) + "\n";
  }

 private:
  static nlohmann::ordered_json json_of(const row& line) {
    nlohmann::ordered_json entry{{"mac", line.mac},
                                 {"shape", line.shape},
                                 {"isa", napier::name_of(line.isa)},
                                 {"gmac_per_second", line.rate()},
                                 {"seconds", line.time.cpu},
                                 {"wall_seconds", line.time.wall},
                                 {"bound_by", line.bound}};
    if (!line.baseline.empty()) {
      entry["baseline"] = line.baseline;
      entry["ratio"] = line.ratio;
      entry["baseline_gmac_per_second"] =
          (line.baseline_macs > 0 ? line.baseline_macs : line.macs) / line.baseline_time.cpu * 1e-9;
      entry["baseline_wall_seconds"] = line.baseline_time.wall;
    }
    if (line.floor > 0) {
      entry["floor"] = line.floor;
      entry["is_below_floor"] = line.is_below_floor();
    }
    for (const row& layer : line.layers) entry["layers"].push_back(json_of(layer));
    return entry;
  }

  nlohmann::ordered_json conditions_;
  std::vector<row> rows_;
};

}  // namespace napier_bench
