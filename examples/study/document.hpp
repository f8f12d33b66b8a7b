#pragma once
// study.md: the template's text with the tool's numbers, tables and figures in it.

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "chart.hpp"
#include "laboratory.hpp"

namespace napier_study {

// "92.8 %", "92.8", "92.8 (91.0–94.2)": a share with its interval.
std::string percent(double share, int digits = 1);
std::string number(double value, int digits = 1);
std::string with_interval(const outcome& what);
// "92.8 % (91.0–94.2)"
std::string percent_with_interval(const outcome& what);
// "−2.8 points (−4.6 to −1.0)": what the accuracy changes by, on the same images, with the interval for paired shares.
std::string change(const outcome& what, const outcome& reference);
std::string change_in_short(const outcome& what, const outcome& reference);  // without "points"
// The accuracy as a cell of a table: in italics where it differs from the reference's by more than chance (McNemar, 5 %).
std::string cell(const outcome& what, const outcome& reference);
point point_of(double x, const outcome& what);
// "a, b and c"
std::string list_of(const std::vector<std::string>& items);

class document {
 public:
  document(std::filesystem::path folder, std::string text);

  void set(const std::string& key, const std::string& value);
  // The first `words` columns to the left, numbers to the right.
  void set_table(const std::string& key, const std::vector<std::string>& header,
                 const std::vector<std::vector<std::string>>& rows, std::size_t words = 1);
  // study/KEY.svg
  void set_figure(const std::string& key, const figure& what, const std::string& title);

  // Throws where the text asks for what no one has set, or does not ask for what someone has.
  void write();

 private:
  std::filesystem::path folder_;
  std::string text_;
  std::map<std::string, std::string> values_;
};

}  // namespace napier_study
