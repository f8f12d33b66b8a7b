#pragma once
// One HTML file that opens offline: headings, text, tables, and charts by Vega-Lite, whose scripts are in it.
//
//   page report{.title = "mitch6@uint16", .facts = {{"Pairs", "4,294,967,296"}}};
//   report.sections.push_back({.heading = "Errors", .blocks = {text{"Relative to the exact product."},
//       chart{.name = "histogram", .caption = "How often each error occurs", .spec = histogram_chart(...)},  // charts.hpp
//       table{.caption = "The numbers", .columns = {{"Multiplier", false}, {"Mean"}}, .rows = {{"mitch6", "-5.90 %"}}}}});
//   const std::string script = charts_script();  // throws before hours of work
//   write_file(path, html_of(report, script));
//
// Texts are plain: what is special in HTML is escaped, and bytes that are no UTF-8 are replaced. The page is readable on
// a phone and follows the system's dark mode, charts included. It asks for nothing outside: a content security policy
// forbids it. NaN and infinities in a chart's data count as missing.

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

namespace napier_report {

struct text {
  std::string words;  // one paragraph
};

struct column {
  std::string name;
  bool numeric = true;  // to the right
};

struct table {
  std::string caption;
  std::vector<column> columns;
  std::vector<std::vector<std::string>> rows;
  bool folded = false;  // only its caption is seen, until one asks for it
};

// A picture with words: the caption is also what a screen reader says.
struct chart {
  std::string name;  // letters, digits and hyphens, once a page; the picture's address
  std::string caption;
  nlohmann::json spec;  // Vega-Lite; "width": "container" fits the page
  // As pixels, for thousands of marks; else as vectors.
  bool raster = false;
  // Of the page's width, where there is room; on a phone each has all of it.
  enum class part { whole, half, third } width = part::whole;
};

using block = std::variant<text, table, chart>;

struct section {
  std::string heading;
  std::vector<block> blocks;
};

struct page {
  std::string title;
  std::string subtitle;
  std::vector<std::pair<std::string, std::string>> facts;  // name and value, below the title
  std::vector<section> sections;
};

// Throws std::invalid_argument for a chart's name that is malformed or used twice, and for a table's row of another
// length than its columns.
std::string html_of(const page& what, std::string_view script);

// Vega, Vega-Lite and Vega-Embed, as `./run report` bundles them: build/report/vega.js, or the file that the environment
// variable NAPIER_REPORT_SCRIPT names. Throws std::runtime_error that says how to get it.
std::string charts_script();

}  // namespace napier_report
