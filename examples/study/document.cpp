#include "document.hpp"

#include <cmath>
#include <set>
#include <utility>

#include <fmt/format.h>

#include <napier/core/error.hpp>

#include "../common/files.hpp"
#include "statistics.hpp"

namespace napier_study {

std::string number(double value, int digits) {
  const std::string text = fmt::format("{:.{}f}", value, digits);
  if (text.find_first_not_of("-0.") == std::string::npos) return fmt::format("{:.{}f}", 0.0, digits);
  return text.starts_with('-') ? "−" + text.substr(1) : text;
}

std::string percent(double share, int digits) { return number(100 * share, digits) + " %"; }

std::string with_interval(const outcome& what) {
  const napier::interval range = interval_of(what);
  return fmt::format("{} ({}–{})", number(100 * what.share()), number(100 * range.low),
                     number(100 * range.high));
}

std::string percent_with_interval(const outcome& what) {
  const napier::interval range = interval_of(what);
  return fmt::format("{} ({}–{})", percent(what.share()), number(100 * range.low), number(100 * range.high));
}

std::string change_in_short(const outcome& what, const outcome& reference) {
  const napier::paired_difference d = difference_of(what, reference);
  return fmt::format("{} ({} to {})", number(-100 * d.loss), number(-100 * d.high), number(-100 * d.low));
}

std::string change(const outcome& what, const outcome& reference) {
  const std::string text = change_in_short(what, reference);
  const std::size_t bracket = text.find(" (");
  return text.substr(0, bracket) + " points" + text.substr(bracket);
}

std::string cell(const outcome& what, const outcome& reference) {
  const std::string text = number(100 * what.share());
  return mcnemar(what, reference) < 0.05 ? "*" + text + "*" : text;
}

point point_of(double x, const outcome& what) {
  const napier::interval range = interval_of(what);
  return {x, 100 * what.share(), 100 * range.low, 100 * range.high};
}

std::string list_of(const std::vector<std::string>& items) {
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == items.size() ? " and " : ", ") + items[i];
  }
  return text;
}

document::document(std::filesystem::path folder, std::string text)
    : folder_(std::move(folder)), text_(std::move(text)) {
  std::filesystem::create_directories(folder_ / "study");
}

void document::set(const std::string& key, const std::string& value) {
  if (!values_.emplace(key, value).second) throw napier::error("the study sets '" + key + "' twice");
}

void document::set_table(const std::string& key, const std::vector<std::string>& header,
                         const std::vector<std::vector<std::string>>& rows, std::size_t words) {
  std::string text;
  const auto add = [&text](const std::vector<std::string>& cells) {
    for (const std::string& each : cells) text += "| " + each + " ";
    text += "|\n";
  };
  add(header);
  for (std::size_t i = 0; i < header.size(); ++i) text += i < words ? "|---" : "|---:";
  text += "|\n";
  for (const auto& row : rows) add(row);
  text.pop_back();
  set(key, text);
}

void document::set_figure(const std::string& key, const figure& what, const std::string& title) {
  napier_tools::write_file((folder_ / "study" / (key + ".svg")).string(), svg_of(what, title));
  set(key, "![" + title + "](study/" + key + ".svg)");
}

void document::write() {
  std::string out;
  std::set<std::string> used;
  std::size_t at = 0;
  for (;;) {
    const std::size_t open = text_.find("{{", at);
    out += text_.substr(at, open - at);
    if (open == std::string::npos) break;
    const std::size_t close = text_.find("}}", open);
    if (close == std::string::npos) throw napier::error("the study's text has {{ without }}");
    const std::string key = text_.substr(open + 2, close - open - 2);
    const auto found = values_.find(key);
    if (found == values_.end())
      throw napier::error("the study's text asks for '" + key + "', which is not measured");
    out += found->second;
    used.insert(key);
    at = close + 2;
  }
  for (const auto& [key, value] : values_) {
    if (!used.contains(key))
      throw napier::error("the study measures '" + key + "', which its text does not tell");
  }
  napier_tools::write_file((folder_ / "study.md").string(), out);
}

}  // namespace napier_study
