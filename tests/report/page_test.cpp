// The page as text: what is in it, that nothing in it can end a script early, that it asks for nothing.

#include "../../examples/report/page.hpp"

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "../../examples/report/charts.hpp"

using namespace napier_report;
using nlohmann::json;

namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
    ++found;
  return found;
}

// The specifications in a page, in their order.
std::vector<json> specifications(const std::string& html) {
  const std::string begin = "<script type=\"application/json\">";
  std::vector<json> found;
  for (std::size_t at = html.find(begin); at != std::string::npos; at = html.find(begin, at + 1)) {
    const std::size_t from = at + begin.size();
    found.push_back(json::parse(html.substr(from, html.find("</script>", from) - from)));
  }
  return found;
}

page with(block what) {
  return {.title = "t", .subtitle = "", .facts = {}, .sections = {{"s", {std::move(what)}}}};
}

const std::string hostile = "</script><!--<script>\"'&.onnx\xff";
const std::string safe = "&lt;/script&gt;&lt;!--&lt;script&gt;&quot;&#39;&amp;.onnx\xef\xbf\xbd";

}  // namespace

TEST_CASE("every text is escaped, and bytes that are no UTF-8 are replaced") {
  page all{.title = hostile, .subtitle = hostile, .facts = {{hostile, hostile}}, .sections = {}};
  all.sections.push_back(
      {hostile,
       {text{hostile}, chart{.name = "a", .caption = hostile, .spec = {{"title", hostile}}},
        table{.caption = hostile, .columns = {{hostile, false}, {"n"}}, .rows = {{"r", hostile}}},
        table{.caption = hostile, .columns = {}, .rows = {}, .folded = true}}});
  const std::string html = html_of(all, "vegaEmbed");
  // title twice, subtitle, a fact's two texts, heading, paragraph, the chart's caption, caption and label of two tables, a column, a field
  CHECK(count(html, safe) == 14);
  CHECK(count(html, "</script><!--") == 0);
  CHECK(html.find('\xff') == std::string::npos);
  CHECK(count(html, "<script") == 4);  // the data, and three of the page
  CHECK(count(html, "</script>") == 4);
  const json spec = specifications(html).at(0);
  CHECK(spec.at("title") == "</script><!--<script>\"'&.onnx\xef\xbf\xbd");
  CHECK(spec.at("description") == spec.at("title"));
}

TEST_CASE("a script stays whole") {
  const std::string html = html_of(page{}, "const a = '</script><!--';");
  CHECK(count(html, "const a = '<\\/script><\\!--';") == 1);
  CHECK(count(html, "<script") == count(html, "</script>"));
}

TEST_CASE("a page is well formed and asks for nothing") {
  page all{.title = "t", .subtitle = "s", .facts = {{"a", "b"}}, .sections = {}};
  const auto small = [](std::string name) {
    return chart{
        .name = std::move(name), .caption = "c", .spec = json::object(), .width = chart::part::third};
  };
  all.sections.push_back({"one", {text{"x"}, small("a"), small("b"), text{"y"}, small("c")}});
  all.sections.push_back(
      {"two", {table{.caption = "c", .columns = {{"n"}}, .rows = {{"1"}}, .folded = true}}});
  const std::string html = html_of(all, "");
  CHECK(html.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
  for (const char* tag : {"html",    "head",  "title",   "style",  "body",       "header", "h1", "h2",
                          "dl",      "main",  "section", "figure", "figcaption", "div",    "p",  "details",
                          "summary", "table", "thead",   "tbody",  "tr",         "th",     "td", "script"}) {
    INFO(tag);
    const std::string name = tag;
    CHECK(count(html, "<" + name + ">") + count(html, "<" + name + " ") == count(html, "</" + name + ">"));
  }
  CHECK(count(html, "class=\"row thirds\"") == 2);
  CHECK(count(html, "Content-Security-Policy\" content=\"default-src 'none'") == 1);
  for (const char* request : {"http:", "https:", "<link", "<img", "@import", "url("}) {
    INFO(request);
    CHECK(count(html, request) == 0);
  }
  for (char letter = 'a'; letter <= 'z'; ++letter)  // "//host": an address without its scheme
    CHECK(count(html, std::string("//") + letter) == 0);
}

TEST_CASE("wrong pages are refused") {
  CHECK_THROWS_WITH(html_of(with(chart{.name = "a b", .caption = "", .spec = {}}), ""),
                    Catch::Contains("'a b'") && Catch::Contains("letters"));
  CHECK_THROWS_AS(html_of(with(chart{.name = "", .caption = "", .spec = {}}), ""), std::invalid_argument);
  page twice = with(chart{.name = "a", .caption = "", .spec = json::object()});
  CHECK_NOTHROW(html_of(twice, ""));
  twice.sections.push_back(twice.sections[0]);
  CHECK_THROWS_WITH(html_of(twice, ""), Catch::Contains("'a' is twice"));
  CHECK_THROWS_WITH(html_of(with(table{.caption = "numbers", .columns = {{"n"}}, .rows = {{"1", "2"}}}), ""),
                    Catch::Contains("'numbers'") && Catch::Contains("2 fields below 1 columns"));
  CHECK_THROWS_WITH(heat_map({1, 2, 3}, 2, 1), Catch::Contains("3 errors are no 2 x 2"));
}

TEST_CASE("charts hold the numbers that they were given") {
  const double nan = std::nan("");
  const double infinite = std::numeric_limits<double>::infinity();

  const json accuracy = accuracy_chart({{"a", 0.5, interval{0.25, 0.75}}, {"b", nan, {}}}, {"r", 1, {}});
  CHECK(accuracy["data"]["values"][0] ==
        json{{"mac", "a"}, {"accuracy", 50.0}, {"low", 25.0}, {"high", 75.0}});
  CHECK(accuracy["data"]["values"][1] == json{{"mac", "b"}, {"accuracy", nullptr}});
  CHECK(accuracy["height"] == 88);

  const json layers =
      layer_chart({{"x", "a", 1}, {"y", "a", infinite}, {"x", "b", 2}, {"y", "b", 3}}, "dB", true);
  CHECK(layers["data"]["values"].size() == 3);
  CHECK(layers["data"]["values"][2] == json{{"layer", "y"}, {"mac", "b"}, {"value", 3.0}, {"at", 1}});
  CHECK(layers["height"] == 36);

  const json ranges = range_chart({{"x", "weights", 0.25, 8}, {"x", "activations", 0, 0}});
  REQUIRE(ranges["data"]["values"].size() == 1);
  CHECK(ranges["data"]["values"][0]["low"] == -2);
  CHECK(ranges["data"]["values"][0]["high"] == 3);

  const json heat = heat_map({0, -0.111111, nan, 0.25}, 2, 0.25);
  CHECK(heat["data"]["values"] == json::array({0, -0.1111, nullptr, 0.25}));
  CHECK(heat["width"] == 256);
  CHECK(heat_map(std::vector<double>(48 * 48), 48, 1)["width"] == 240);

  const json histogram = histogram_chart({{-1, 0, 0.5}, {0, 1, nan}}, "e", interval{-1, 2});
  CHECK(histogram["data"]["values"][0] == json{{"low", -1.0}, {"high", 0.0}, {"share", 0.5}});
  CHECK(histogram["data"]["values"][1]["share"].is_null());

  const json curves = curve_chart({{"c", 1, 0.5, interval{0.25, 1}}, {"c", 2, nan, {}}},
                                  {.x = "x", .y = "y", .share_y = true});
  REQUIRE(curves["data"]["values"].size() == 1);
  CHECK(curves["data"]["values"][0] ==
        json{{"curve", "c"}, {"x", 1.0}, {"y", 50.0}, {"low", 25.0}, {"high", 100.0}});

  std::size_t specs = 0;
  for (const json& spec : {accuracy, layers, ranges, heat, histogram, curves}) {
    const std::vector<json> read =
        specifications(html_of(with(chart{.name = "n", .caption = "c", .spec = spec}), ""));
    REQUIRE(read.size() == 1);
    json expected = spec;
    expected["description"] = "c";
    CHECK(read[0] == expected);
    ++specs;
  }
  CHECK(specs == 6);
}

TEST_CASE("the charts' script is found, or it is said how to get it") {
  setenv("NAPIER_REPORT_SCRIPT", "/nowhere/vega.js", 1);
  CHECK_THROWS_WITH(charts_script(), Catch::Contains("/nowhere/vega.js") && Catch::Contains("./run report"));
  unsetenv("NAPIER_REPORT_SCRIPT");
}
