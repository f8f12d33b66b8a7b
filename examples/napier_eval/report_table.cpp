#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "report.hpp"

namespace napier_eval {

namespace {

struct column {
  std::string heading;
  std::size_t width;
  int importance;  // the least is left out first
  std::function<std::string(const report_row&)> text;
};

std::string error_text(double error) { return std::isnan(error) ? "NaN" : fmt::format("{:.2e}", error); }

const top_share& top_of(const report_row& row, std::size_t k) {
  return *std::find_if(row.top.begin(), row.top.end(), [&](const top_share& top) { return top.k == k; });
}

std::string interval_text(const napier::interval& interval) {
  return fmt::format("{:.2f}-{:.2f}", 100 * interval.low, 100 * interval.high);
}

std::string p_text(double p) {
  const std::string number = p >= 0.001   ? fmt::format("{:.2g}", p)
                             : p >= 1e-99 ? fmt::format("{:.0e}", p)
                                          : "<1e-99";
  return p > significance_level ? number + " n.s." : number;
}

bool any_resumed(const report& what) {
  return std::any_of(what.rows.begin(), what.rows.end(), [](const report_row& row) { return row.resumed; });
}

std::vector<column> columns_of(const report& what, bool all) {
  std::vector<column> columns;
  const auto add = [&](std::string heading, std::size_t width, int importance, auto text) {
    columns.push_back({std::move(heading), width, importance, std::move(text)});
  };
  const auto percent = [](double share) { return fmt::format("{:.2f}%", 100 * share); };
  add("top-1", 7, 9, [=](const report_row& row) { return percent(row.accuracy.top1); });
  if (all) {
    add("95 % of it", 12, 4, [](const report_row& row) { return interval_text(top_of(row, 1).interval); });
  }
  add("change", all ? 6 : 7, 9,
      [](const report_row& row) { return fmt::format("{:+.2f}", 100 * row.change); });
  if (all) {
    add("p", 10, 9, [&](const report_row& row) { return row.mac == what.reference ? "-" : p_text(row.p); });
  }
  for (const std::size_t k : what.shown) {
    if (k == 1) continue;
    add(fmt::format("top-{}", k), 7, 2, [=](const report_row& row) { return percent(top_of(row, k).share); });
  }
  add("agreement", 9, 5, [=](const report_row& row) { return percent(row.accuracy.agreement); });
  add("logit error", 11, 3, [](const report_row& row) { return error_text(row.accuracy.logit_error); });
  if (what.partial) add("images", 7, 9, [](const report_row& row) { return std::to_string(row.images); });
  const bool is_resumed = any_resumed(what);
  add("images/s", is_resumed ? 9 : 8, 1, [is_resumed](const report_row& row) {
    const char* mark = !is_resumed ? "" : row.resumed ? "*" : " ";
    return fmt::format("{:.1f}{}", row.images_per_second, mark);
  });
  return columns;
}

// Columns beside one of `first` characters, until the rest fits. Returns their headings.
std::string leave_out(std::vector<column>& columns, std::size_t first, std::size_t width) {
  std::string left_out;
  const auto needed = [&] {
    std::size_t sum = first;
    for (const column& each : columns) sum += 2 + std::max(each.width, each.heading.size());
    return sum;
  };
  while (needed() > width) {
    const auto least = std::min_element(columns.begin(), columns.end(), [](const column& a, const column& b) {
      return a.importance < b.importance;
    });
    if (least == columns.end() || least->importance == 9) break;
    left_out += (left_out.empty() ? "" : ", ") + least->heading;
    columns.erase(least);
  }
  return left_out;
}

}  // namespace

std::string table_of(const report& what, table_columns which, std::size_t terminal) {
  const bool all = which == table_columns::all;
  std::vector<column> columns = columns_of(what, all);
  std::size_t width = 3;
  for (const report_row& row : what.rows) width = std::max(width, row.mac.size());
  const std::string left_out = terminal == 0 ? "" : leave_out(columns, width, terminal);
  std::string text = fmt::format("{:<{}}", "MAC", width);
  for (const column& each : columns) text += fmt::format("  {:>{}}", each.heading, each.width);
  text += "\n";
  for (const report_row& row : what.rows) {
    text += fmt::format("{:<{}}", row.mac, width);
    for (const column& each : columns) text += fmt::format("  {:>{}}", each.text(row), each.width);
    text += "\n";
  }
  const bool compared = std::any_of(what.rows.begin(), what.rows.end(),
                                    [&](const report_row& row) { return row.mac != what.reference; });
  const bool has_reference = std::any_of(what.rows.begin(), what.rows.end(),
                                         [&](const report_row& row) { return row.mac == what.reference; });
  if (all && compared) {
    text += fmt::format("p: McNemar's exact test of top-1 against {}; n.s.: not significant (p > {})\n",
                        what.reference, significance_level);
  }
  if (all && !what.rows.empty() && !has_reference) {
    text += fmt::format("{} itself: {:.2f}% ({})", what.reference, 100 * what.reference_accuracy.top1,
                        interval_text(what.reference_interval));
    text += what.partial ? fmt::format(", {} images\n", what.reference_images) : "\n";
  }
  if (!left_out.empty()) {
    text += fmt::format("{} columns: without {}; a wider terminal, a pipe and the files have all\n", terminal,
                        left_out);
  }
  if (any_resumed(what)) text += "*: the speed of the run that --resume read, or of both together\n";
  return text;
}

}  // namespace napier_eval
