#include "page.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>

#include <fmt/format.h>

#include "assets.hpp"

namespace napier_report {

namespace {

using nlohmann::json;

std::string json_text(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string valid_utf8(const std::string& words) { return json::parse(json_text(words)).get<std::string>(); }

std::string replaced(std::string words, std::string_view from, std::string_view to) {
  for (std::size_t at = words.find(from); at != std::string::npos; at = words.find(from, at + to.size())) {
    words.replace(at, from.size(), to);
  }
  return words;
}

std::string escaped(const std::string& words) {
  std::string result;
  for (const char c : valid_utf8(words)) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

// Inside <script>: no character there can end it or begin a comment of HTML.
std::string as_data(const json& value) { return replaced(json_text(value), "<", "\\u003c"); }
std::string as_script(std::string_view code) {
  return replaced(replaced(std::string(code), "</script", "<\\/script"), "<!--", "<\\!--");
}

void check_name(const std::string& name, std::set<std::string>& names) {
  const bool well_formed = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
  if (!well_formed) {
    throw std::invalid_argument("chart '" + name + "': expected a name of letters, digits and hyphens");
  }
  if (!names.insert(name).second) throw std::invalid_argument("chart '" + name + "' is twice on the page");
}

class writer {
 public:
  explicit writer(std::string& html) : html_(html) {}

  void operator()(const text& what) { html_ += fmt::format("<p>{}</p>\n", escaped(what.words)); }

  void operator()(const table& what) {
    const std::string caption = escaped(what.caption);
    if (what.folded) html_ += fmt::format("<details>\n<summary>{}</summary>\n", caption);
    html_ += fmt::format("<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"{}\">\n<table>\n",
                         caption);
    if (!what.folded) html_ += fmt::format("<caption>{}</caption>\n", caption);
    html_ += "<thead><tr>";
    for (const column& each : what.columns) {
      html_ += fmt::format("<th scope=\"col\"{}>{}</th>", each.numeric ? " class=\"number\"" : "",
                           escaped(each.name));
    }
    html_ += "</tr></thead>\n<tbody>\n";
    for (const std::vector<std::string>& row : what.rows) {
      if (row.size() != what.columns.size()) {
        throw std::invalid_argument(fmt::format("table '{}': a row of {} fields below {} columns",
                                                what.caption, row.size(), what.columns.size()));
      }
      html_ += "<tr>";
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (i == 0) {
          html_ += fmt::format("<th scope=\"row\">{}</th>", replaced(escaped(row[i]), "/", "/<wbr>"));
        } else {
          html_ += fmt::format("<td{}>{}</td>", what.columns[i].numeric ? " class=\"number\"" : "",
                               escaped(row[i]));
        }
      }
      html_ += "</tr>\n";
    }
    html_ += "</tbody>\n</table>\n</div>\n";
    if (what.folded) html_ += "</details>\n";
  }

  void operator()(const chart& what) {
    check_name(what.name, names_);
    json spec = what.spec;
    spec["description"] = what.caption;
    html_ += fmt::format(
        "<figure id=\"{}\" data-renderer=\"{}\">\n<figcaption>{}</figcaption>\n<div class=\"chart\"></div>\n"
        "<script type=\"application/json\">{}</script>\n</figure>\n",
        what.name, what.raster ? "canvas" : "svg", escaped(what.caption), as_data(spec));
  }

 private:
  std::string& html_;
  std::set<std::string> names_;
};

// The class of the row that a block stands in; empty for one that has a line of its own.
std::string_view row_of(const block& what) {
  const chart* picture = std::get_if<chart>(&what);
  if (picture == nullptr || picture->width == chart::part::whole) return {};
  return picture->width == chart::part::half ? "row halves" : "row thirds";
}

}  // namespace

std::string html_of(const page& what, std::string_view script) {
  std::string html = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src "
      "'unsafe-inline'; "
      "style-src 'unsafe-inline'; img-src data: blob:\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<title>{0}</title>\n<style>\n{1}</style>\n</head>\n<body>\n<header>\n<h1>{0}</h1>\n",
      escaped(what.title), style_sheet);
  if (!what.subtitle.empty()) html += fmt::format("<p>{}</p>\n", escaped(what.subtitle));
  if (!what.facts.empty()) {
    html += "<dl>\n";
    for (const auto& [name, value] : what.facts) {
      html += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", escaped(name), escaped(value));
    }
    html += "</dl>\n";
  }
  html += "</header>\n<main>\n";
  writer write(html);
  for (const section& each : what.sections) {
    html += fmt::format("<section>\n<h2>{}</h2>\n", escaped(each.heading));
    std::string_view row;
    const auto change_row = [&](std::string_view next) {
      if (next == row) return;
      if (!row.empty()) html += "</div>\n";
      if (!next.empty()) html += fmt::format("<div class=\"{}\">\n", next);
      row = next;
    };
    for (const block& content : each.blocks) {
      change_row(row_of(content));
      std::visit(write, content);
    }
    change_row({});
    html += "</section>\n";
  }
  html += "</main>\n<noscript>The charts need JavaScript; the tables do not.</noscript>\n";
  for (const std::string_view code : {script, chart_theme, page_script}) {
    html += "<script>\n" + as_script(code) + "\n</script>\n";
  }
  return html + "</body>\n</html>\n";
}

std::string charts_script() {
  const char* chosen = std::getenv("NAPIER_REPORT_SCRIPT");  // NOLINT(concurrency-mt-unsafe)
  const std::string path = chosen != nullptr && *chosen != '\0' ? chosen : NAPIER_REPORT_SCRIPT;
  std::ifstream file(path, std::ios::binary);
  std::string script{std::istreambuf_iterator<char>(file), {}};
  if (!file || script.find("vegaEmbed") == std::string::npos) {
    throw std::runtime_error(
        path + ": the charts' script is not there; `./run report` makes it (with node and npm)");
  }
  return script;
}

}  // namespace napier_report
