#pragma once
// study.md: the template's text with the tool's numbers, tables and figures in it.

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
// The accuracy as a cell of a table: in italics where it differs from the reference's by more than chance (McNemar, 5 %).
std::string cell(const outcome& what, const outcome& reference);
point point_of(double x, const outcome& what);
// "a, b and c"
std::string list_of(const std::vector<std::string>& items);

class document {
 public:
  document(std::filesystem::path folder, std::string text);

  void set(const std::string& key, const std::string& value);
  void set_table(const std::string& key, const std::vector<std::string>& header,
                 const std::vector<std::vector<std::string>>& rows);
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
