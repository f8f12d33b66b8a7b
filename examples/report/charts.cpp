#include "charts.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace napier_report {

namespace {

using nlohmann::json;

constexpr std::size_t row_height = 18;   // of a layer, in pixels
constexpr std::size_t pair_height = 24;  // of one with two bars

// On a phone, too, their labels have room.
const json few_ticks = {{"expr", "max(3, floor(width / 70))"}};

// A number, or null: JSON has no NaN.
json number(double value) { return std::isfinite(value) ? json(value) : json(nullptr); }
json percent(double share) { return number(100 * share); }

template <class Each>
std::vector<std::string> in_order(const std::vector<Each>& all, std::string Each::*what) {
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (const Each& each : all) {
    if (seen.insert(each.*what).second) names.push_back(each.*what);
  }
  return names;
}

// The end of a long name is what tells it from its neighbours.
json layer_axis() {
  return {{"title", nullptr},
          {"labelLimit", 150},
          {"labelExpr", "length(datum.label) > 20 ? '…' + slice(datum.label, -19) : datum.label"},
          {"grid", true}};
}

// Colour and shape both, for eyes that do not tell colours apart.
json by_curve(const std::string& field, const std::vector<std::string>& names) {
  std::size_t longest = 0;
  for (const std::string& name : names) longest = std::max(longest, name.size());
  // pixels, with the symbol; the theme cuts labels at 290
  const std::string entry = std::to_string(std::min<std::size_t>(8 * longest, 290) + 40);
  return {{"field", field},
          {"type", "nominal"},
          {"scale", {{"domain", names}}},
          {"legend",
           {{"title", nullptr},
            {"orient", "top"},
            {"columns", {{"expr", "max(1, floor(width / " + entry + "))"}}}}}};
}

}  // namespace

json accuracy_chart(const std::vector<accuracy_point>& rows, const accuracy_point& reference) {
  json values = json::array();
  for (const accuracy_point& row : rows) {
    json value = {{"mac", row.mac}, {"accuracy", percent(row.accuracy)}};
    if (row.range) {
      value["low"] = percent(row.range->low);
      value["high"] = percent(row.range->high);
    }
    values.push_back(std::move(value));
  }
  json known = {{"mac", reference.mac}, {"accuracy", percent(reference.accuracy)}};
  if (reference.range) {
    known["low"] = percent(reference.range->low);
    known["high"] = percent(reference.range->high);
  }
  const json x = {{"field", "accuracy"},
                  {"type", "quantitative"},
                  {"title", "top-1 accuracy, %"},
                  {"axis", {{"tickCount", few_ticks}}},
                  {"scale", {{"zero", false}, {"nice", true}, {"padding", 8}}}};
  const json low = {{"field", "low"}, {"type", "quantitative"}};
  const json high = {{"field", "high"}};
  // names stand above their dots: they are long, and a phone is narrow
  const json y = {{"field", "mac"}, {"type", "nominal"}, {"sort", nullptr}, {"axis", nullptr}};
  json tooltip = json::array({{{"field", "mac"}, {"title", "MAC"}},
                              {{"field", "accuracy"}, {"title", "top-1, %"}, {"format", ".2f"}}});
  const bool ranged =
      std::any_of(rows.begin(), rows.end(), [](const auto& row) { return row.range.has_value(); });
  if (ranged) {
    tooltip.push_back({{"field", "low"}, {"title", "at least, %"}, {"format", ".2f"}});
    tooltip.push_back({{"field", "high"}, {"title", "at most, %"}, {"format", ".2f"}});
  }
  json layers = json::array();
  if (reference.range) {
    layers.push_back({{"data", {{"values", json::array({known})}}},
                      {"mark", {{"type", "rect"}, {"opacity", 0.12}}},
                      {"encoding", {{"x", low}, {"x2", high}}}});
  }
  layers.push_back({{"data", {{"values", json::array({known})}}},
                    {"mark", {{"type", "rule"}, {"strokeDash", {4, 3}}}},
                    {"encoding", {{"x", x}}}});
  layers.push_back(
      {{"mark", {{"type", "text"}, {"align", "left"}, {"dy", -12}, {"limit", {{"expr", "width"}}}}},
       {"encoding", {{"text", {{"field", "mac"}}}, {"x", {{"value", 0}}}, {"y", y}}}});
  if (ranged) {
    layers.push_back({{"mark", {{"type", "rule"}, {"strokeWidth", 2}}},
                      {"encoding", {{"x", low}, {"x2", high}, {"y", y}}}});
  }
  layers.push_back({{"mark", {{"type", "point"}, {"filled", true}, {"size", 90}, {"opacity", 1}}},
                    {"encoding", {{"x", x}, {"y", y}, {"tooltip", std::move(tooltip)}}}});
  return {{"data", {{"values", std::move(values)}}},
          {"width", "container"},
          {"height", 44 * rows.size()},
          {"layer", std::move(layers)}};
}

json layer_chart(const std::vector<layer_value>& values, const std::string& axis, bool zero) {
  const std::vector<std::string> layers = in_order(values, &layer_value::layer);
  std::map<std::string, std::size_t> position;
  for (std::size_t i = 0; i < layers.size(); ++i) position[layers[i]] = i;
  json data = json::array();
  std::vector<layer_value> shown;
  for (const layer_value& each : values) {
    if (!std::isfinite(each.value)) continue;
    shown.push_back(each);
    data.push_back(
        {{"layer", each.layer}, {"mac", each.mac}, {"value", each.value}, {"at", position[each.layer]}});
  }
  const json x = {{"field", "value"},
                  {"type", "quantitative"},
                  {"title", axis},
                  {"scale", {{"zero", zero}, {"nice", true}}},
                  {"axis", {{"orient", "top"}, {"tickCount", few_ticks}}}};
  const json y = {{"field", "layer"},
                  {"type", "nominal"},
                  {"sort", nullptr},
                  {"scale", {{"domain", layers}}},
                  {"axis", layer_axis()}};
  const json colour = by_curve("mac", in_order(shown, &layer_value::mac));
  const json tooltip =
      json::array({{{"field", "layer"}, {"title", "layer"}},
                   {{"field", "mac"}, {"title", "MAC"}},
                   {{"field", "value"}, {"title", axis}, {"format", ".3~g"}, {"type", "quantitative"}}});
  json marks = json::array();
  if (zero) marks.push_back({{"mark", {{"type", "rule"}}}, {"encoding", {{"x", {{"datum", 0}}}}}});
  marks.push_back(
      {{"mark", {{"type", "line"}, {"strokeWidth", 1.5}}},
       {"encoding",
        {{"x", x}, {"y", y}, {"color", colour}, {"order", {{"field", "at"}, {"type", "quantitative"}}}}}});
  marks.push_back(
      {{"mark", {{"type", "point"}, {"filled", true}, {"size", 45}, {"opacity", 1}}},
       {"encoding", {{"x", x}, {"y", y}, {"color", colour}, {"shape", colour}, {"tooltip", tooltip}}}});
  return {{"data", {{"values", std::move(data)}}},
          {"width", "container"},
          {"height", row_height * layers.size()},
          {"layer", std::move(marks)}};
}

json range_chart(const std::vector<magnitude_range>& ranges, const std::optional<interval>& limits) {
  json data = json::array();
  for (const magnitude_range& each : ranges) {
    const double low = std::log2(each.smallest);
    const double high = std::log2(each.largest);
    if (!std::isfinite(low) || !std::isfinite(high)) continue;
    data.push_back({{"layer", each.layer},
                    {"what", each.what},
                    {"low", low},
                    {"high", high},
                    {"smallest", each.smallest},
                    {"largest", each.largest}});
  }
  const std::vector<std::string> layers = in_order(ranges, &magnitude_range::layer);
  const std::vector<std::string> kinds = in_order(ranges, &magnitude_range::what);
  const json x = {{"field", "low"},
                  {"type", "quantitative"},
                  {"title", "magnitude, log₂"},
                  {"scale", {{"zero", false}, {"nice", true}}},
                  {"axis", {{"orient", "top"}, {"tickMinStep", 1}, {"tickCount", few_ticks}}}};
  json colour = by_curve("what", kinds);
  json marks = json::array();
  marks.push_back({{"mark", {{"type", "bar"}, {"cornerRadius", 2}}},
                   {"encoding",
                    {{"x", x},
                     {"x2", {{"field", "high"}}},
                     {"y",
                      {{"field", "layer"},
                       {"type", "nominal"},
                       {"sort", nullptr},
                       {"scale", {{"domain", layers}, {"paddingInner", 0.25}}},
                       {"axis", layer_axis()}}},
                     {"yOffset", {{"field", "what"}, {"scale", {{"domain", kinds}}}}},
                     {"color", std::move(colour)},
                     {"tooltip",
                      {{{"field", "layer"}, {"title", "layer"}},
                       {{"field", "what"}, {"title", "of"}},
                       {{"field", "smallest"}, {"title", "smallest"}, {"format", ".3~g"}},
                       {{"field", "largest"}, {"title", "largest"}, {"format", ".3~g"}}}}}}});
  if (limits) {
    for (const double limit : {limits->low, limits->high}) {
      marks.push_back({{"mark", {{"type", "rule"}, {"strokeDash", {4, 3}}}},
                       {"encoding", {{"x", {{"datum", std::log2(limit)}}}}}});
    }
  }
  return {{"data", {{"values", std::move(data)}}},
          {"width", "container"},
          {"height", pair_height * layers.size()},
          {"layer", std::move(marks)}};
}

json heat_map(const std::vector<double>& errors, std::size_t size, double limit, const std::string& title) {
  if (size == 0 || errors.size() != size * size) {
    throw std::invalid_argument(fmt::format("heat map: {} errors are no {} x {}", errors.size(), size, size));
  }
  json values = json::array();
  for (const double error : errors) {
    // four digits are more than a colour shows
    values.push_back(std::isfinite(error) ? json::parse(fmt::format("{:.4g}", error)) : json(nullptr));
  }
  const std::size_t side = size * std::max<std::size_t>(1, (256 + size / 2) / size);
  const std::string n = std::to_string(size);
  const auto calculate = [](const std::string& formula, const char* as) {
    return json{{"calculate", formula}, {"as", as}};
  };
  const auto axis = [](const char* low, const char* name) {
    return json{{"field", low},
                {"type", "quantitative"},
                {"title", name},
                {"scale", {{"domain", {1, 2}}, {"nice", false}}},
                {"axis", {{"grid", false}, {"values", {1, 1.25, 1.5, 1.75, 2}}, {"format", ".3~g"}}}};
  };
  json spec = {{"data", {{"values", std::move(values)}}},
               {"transform",
                {{{"window", json::array({{{"op", "row_number"}, {"as", "n"}}})}},
                 calculate("1 + floor((datum.n - 1) / " + n + ") / " + n, "a"),
                 calculate("1 + (datum.n - 1) % " + n + " / " + n, "b"),
                 calculate("datum.a + 1 / " + n, "a2"),
                 calculate("datum.b + 1 / " + n, "b2"),
                 calculate("datum.data", "error")}},
               {"width", side},
               {"height", side},
               {"mark", {{"type", "rect"}}},
               {"encoding",
                {{"x", axis("a", "significand of a")},
                 {"x2", {{"field", "a2"}}},
                 {"y", axis("b", "significand of b")},
                 {"y2", {{"field", "b2"}}},
                 {"color",
                  {{"field", "error"},
                   {"type", "quantitative"},
                   {"scale", {{"domain", {-limit, 0, limit}}, {"range", "diverging"}, {"clamp", true}}},
                   {"legend",
                    {{"title", "relative error"},
                     {"orient", "bottom"},
                     {"format", ".2~%"},
                     {"values", {-limit, -limit / 2, 0, limit / 2, limit}},
                     {"gradientLength", side}}}}},
                 {"tooltip",
                  {{{"field", "a"}, {"type", "quantitative"}, {"format", ".3f"}, {"title", "a from"}},
                   {{"field", "b"}, {"type", "quantitative"}, {"format", ".3f"}, {"title", "b from"}},
                   {{"field", "error"},
                    {"type", "quantitative"},
                    {"format", ".3~%"},
                    {"title", "relative error"}}}}}}};
  if (!title.empty()) spec["title"] = title;
  return spec;
}

json histogram_chart(const std::vector<bin>& bins, const std::string& axis,
                     const std::optional<interval>& domain, const std::string& title) {
  json data = json::array();
  for (const bin& each : bins)
    data.push_back({{"low", each.low}, {"high", each.high}, {"share", number(each.share)}});
  json scale = {{"zero", false}, {"nice", !domain.has_value()}};
  if (domain) scale["domain"] = {domain->low, domain->high};
  json spec = {
      {"data", {{"values", std::move(data)}}},
      {"width", "container"},
      {"height", 180},
      {"mark", {{"type", "bar"}, {"clip", true}, {"binSpacing", 0}}},
      {"encoding",
       {{"x",
         {{"field", "low"},
          {"type", "quantitative"},
          {"bin", {{"binned", true}}},
          {"title", axis},
          {"scale", std::move(scale)},
          {"axis", {{"format", ".2~%"}, {"grid", false}, {"tickCount", 6}}}}},
        {"x2", {{"field", "high"}}},
        {"y",
         {{"field", "share"},
          {"type", "quantitative"},
          {"title", "share of products"},
          {"axis", {{"format", ".2~%"}, {"tickCount", 4}}}}},
        {"tooltip",
         {{{"field", "low"}, {"type", "quantitative"}, {"format", ".3~%"}, {"title", "from"}},
          {{"field", "high"}, {"type", "quantitative"}, {"format", ".3~%"}, {"title", "to"}},
          {{"field", "share"}, {"type", "quantitative"}, {"format", ".3~%"}, {"title", "share"}}}}}}};
  if (!title.empty()) spec["title"] = title;
  return spec;
}

json curve_chart(const std::vector<curve_point>& points, const curve_axes& axes) {
  const double unit = axes.share_y ? 100 : 1;
  json data = json::array();
  bool ranged = false;
  for (const curve_point& each : points) {
    if (!std::isfinite(each.x) || !std::isfinite(each.y)) continue;
    json value = {{"curve", each.curve}, {"x", each.x}, {"y", unit * each.y}};
    if (each.range) {
      ranged = true;
      value["low"] = number(unit * each.range->low);
      value["high"] = number(unit * each.range->high);
    }
    data.push_back(std::move(value));
  }
  const auto scale = [](bool logarithmic) {
    return logarithmic ? json{{"type", "log"}} : json{{"zero", false}, {"nice", true}};
  };
  const json x = {{"field", "x"},
                  {"type", "quantitative"},
                  {"title", axes.x},
                  {"scale", scale(axes.logarithmic_x)},
                  {"axis", {{"grid", false}, {"tickMinStep", 1}}}};
  const std::string y_title = axes.share_y ? axes.y + ", %" : axes.y;
  const json y = {
      {"field", "y"}, {"type", "quantitative"}, {"title", y_title}, {"scale", scale(axes.logarithmic_y)}};
  const json colour = by_curve("curve", in_order(points, &curve_point::curve));
  json marks = json::array();
  if (ranged) {
    marks.push_back({{"mark", {{"type", "rule"}, {"strokeWidth", 1.5}}},
                     {"encoding",
                      {{"x", x},
                       {"y", {{"field", "low"}, {"type", "quantitative"}, {"title", y_title}}},
                       {"y2", {{"field", "high"}}},
                       {"color", colour}}}});
  }
  marks.push_back({{"mark", {{"type", "line"}, {"strokeWidth", 2}}},
                   {"encoding", {{"x", x}, {"y", y}, {"color", colour}}}});
  marks.push_back(
      {{"mark", {{"type", "point"}, {"filled", true}, {"size", 50}, {"opacity", 1}}},
       {"encoding",
        {{"x", x},
         {"y", y},
         {"color", colour},
         {"shape", colour},
         {"tooltip",
          {{{"field", "curve"}, {"title", "of"}},
           {{"field", "x"}, {"type", "quantitative"}, {"title", axes.x}},
           {{"field", "y"}, {"type", "quantitative"}, {"title", y_title}, {"format", ".4~g"}}}}}}});
  return {{"data", {{"values", std::move(data)}}},
          {"width", "container"},
          {"height", 300},
          {"layer", std::move(marks)}};
}

}  // namespace napier_report
