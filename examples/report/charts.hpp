#pragma once
// The charts of napier's reports, as Vega-Lite specifications: for chart::spec of page.hpp, or, dumped to a file, for
// render.mjs, which makes SVG pictures of them.
//
// Shares are fractions, 1 is 100 %. A value that is NaN or infinite is left out of its chart.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace napier_report {

struct interval {
  double low = 0;
  double high = 0;
};

struct accuracy_point {
  std::string mac;
  double accuracy = 0;
  std::optional<interval> range;
};
// A dot a MAC, with its interval, in the given order; the reference as a line with its interval as a band.
nlohmann::json accuracy_chart(const std::vector<accuracy_point>& rows, const accuracy_point& reference);

struct layer_value {
  std::string layer;
  std::string mac;
  double value = 0;
};
// Layers downwards, in the order in which they first appear; a line a MAC that has a value. `zero`: the axis has zero on it, and a line there.
nlohmann::json layer_chart(const std::vector<layer_value>& values, const std::string& axis, bool zero);

struct magnitude_range {
  std::string layer;
  std::string what;  // weights, activations
  double smallest = 0;
  double largest = 0;
};
// Bars from the smallest to the largest magnitude, layers downwards, in powers of two. Zeros have no magnitude to show.
// `limits`: a format's smallest and largest positive numbers, as lines.
nlohmann::json range_chart(const std::vector<magnitude_range>& ranges,
                           const std::optional<interval>& limits = {});

// errors: size × size relative errors of a multiplier, errors[i * size + j] at the significands
// a = 1 + (i + 1/2) / size and b = 1 + (j + 1/2) / size. limit: the magnitude of the strongest colours, the same in charts
// to be compared. 48 × 48 or 64 × 64 give square cells of whole pixels. For chart::raster, a third of the page wide.
nlohmann::json heat_map(const std::vector<double>& errors, std::size_t size, double limit,
                        const std::string& title = {});

struct bin {
  double low = 0;
  double high = 0;
  double share = 0;
};
// domain: of the horizontal axis, the same in charts to be compared.
nlohmann::json histogram_chart(const std::vector<bin>& bins, const std::string& axis,
                               const std::optional<interval>& domain = {}, const std::string& title = {});

struct curve_point {
  std::string curve;
  double x = 0;
  double y = 0;
  std::optional<interval> range;  // of y
};
struct curve_axes {
  std::string x;
  std::string y;
  bool logarithmic_x = false;
  bool logarithmic_y = false;
  bool share_y = false;  // y is shown in percent
};
// Lines with points and intervals: accuracy against bits, for instance.
nlohmann::json curve_chart(const std::vector<curve_point>& points, const curve_axes& axes);

}  // namespace napier_report
