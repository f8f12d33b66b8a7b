#pragma once
// Line and bar charts as SVG, readable on light and dark pages.

#include <string>
#include <vector>

namespace napier_study {

// low … high: its interval; equal to y where there is none.
struct point {
  double x = 0;
  double y = 0;
  double low = 0;
  double high = 0;
};

struct curve {
  std::string name;
  std::vector<point> points;
  bool is_dashed = false;  // theory or reference: without markers
};

struct panel {
  std::string title;
  std::vector<curve> curves;
};

// Panels side by side with the same axes and one legend: curves of one name have one colour.
struct figure {
  std::string x_label;
  std::string y_label;
  std::vector<panel> panels;
  std::vector<std::string> categories = {};  // if any: bars, x an index
  std::vector<double> x_ticks = {};          // none: chosen
  bool log_x = false;
  bool log_y = false;
};

std::string svg_of(const figure& what, const std::string& title);

}  // namespace napier_study
