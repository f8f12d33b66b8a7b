#include "mac_names.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <map>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <napier/core/error.hpp>
#include <napier/network/registry.hpp>

#include "../macs/macs.hpp"

namespace napier_eval {

using napier::name_error;
using napier_tools::all_macs;

namespace {

using strings = std::vector<std::string>;

strings split(std::string_view text, char separator) {
  strings parts;
  for (std::size_t from = 0;;) {
    const std::size_t end = std::min(text.find(separator, from), text.size());
    parts.emplace_back(text.substr(from, end - from));
    if (end == text.size()) return parts;
    from = end + 1;
  }
}

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t");
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

// What others call a format of napier's.
std::string of_others(std::string name) {
  static const std::map<std::string_view, std::string_view> names = {
      {"fp32", "float32"},         {"f32", "float32"},          {"float", "float32"},
      {"single", "float32"},       {"fp16", "float16"},         {"f16", "float16"},
      {"half", "float16"},         {"bf16", "bfloat16"},        {"fp8", "float8_e4m3fn"},
      {"float8", "float8_e4m3fn"}, {"e4m3", "float8_e4m3fn"},   {"fp8_e4m3", "float8_e4m3fn"},
      {"e5m2", "float8_e5m2"},     {"fp8_e5m2", "float8_e5m2"}, {"posit8", "posit8_2"},
      {"posit16", "posit16_2"},    {"posit32", "posit32_2"},    {"uint8", "int8"}};
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  const auto found = names.find(name);
  return found == names.end() ? name : std::string(found->second);
}

// "the nearest are" at most three of `known`, the fewest edits first; all, where half of the name would have to change.
std::string near(const std::string& name, strings known, const std::string& prefix = "") {
  std::sort(known.begin(), known.end());
  known.erase(std::unique(known.begin(), known.end()), known.end());
  std::stable_sort(known.begin(), known.end(), [&](const std::string& a, const std::string& b) {
    return napier::detail::edit_distance(name, a) < napier::detail::edit_distance(name, b);
  });
  const bool is_near = napier::detail::edit_distance(name, known.front()) <= name.size() / 2;
  if (is_near) {
    known.resize(std::min<std::size_t>(known.size(), 3));
  } else {
    std::sort(known.begin(), known.end());
  }
  return fmt::format("{} {}{}", is_near ? "the nearest are" : "there are", prefix,
                     fmt::join(known, ", " + prefix));
}

// The parts `which` of all MACs whose first parts are these.
strings parts_behind(const strings& first) {
  strings found;
  for (const std::string& name : all_macs().names()) {
    const strings parts = split(name, '/');
    if (parts.size() > first.size() && std::equal(first.begin(), first.end(), parts.begin()))
      found.push_back(parts[first.size()]);
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

bool contains(const strings& known, const std::string& name) {
  return std::find(known.begin(), known.end(), name) != known.end();
}

std::string listed(const strings& names) { return fmt::format("{}", fmt::join(names, ", ")); }

// Formats that have the multiplier.
strings formats_with(const std::string& multiplier) {
  strings formats = parts_behind({});
  std::erase_if(formats, [&](const std::string& f) { return !contains(parts_behind({f}), multiplier); });
  return formats;
}

// What is wrong with the name, and what is near it.
std::string problem_of(const std::string& mac) {
  const strings parts = split(mac, '/');
  const strings formats = parts_behind({});
  if (!contains(formats, parts[0])) {
    return fmt::format("no format '{}'; {}", parts[0], near(of_others(parts[0]), formats));
  }
  if (parts.size() > 3) return "expected FORMAT/MULTIPLIER/ACCUMULATOR, as in float32/mitch6/float32";
  const strings multipliers = parts_behind({parts[0]});
  if (parts.size() > 1 && !contains(multipliers, parts[1])) {
    std::string text = fmt::format("{} has no multiplier '{}'; {}", parts[0], parts[1],
                                   near(parts[1], multipliers, parts[0] + "/"));
    const strings others = formats_with(parts[1]);
    if (parts[1] == "mitchell" && contains(multipliers, "plam")) {
      text += "; Mitchell's product of posits is plam";
    } else if (!others.empty()) {
      text += fmt::format("; {} is there for {}", parts[1], listed(others));
    }
    return text;
  }
  const std::string multiplier = parts.size() > 1 ? parts[1] : "exact";
  const std::string known = listed(parts_behind({parts[0], multiplier}));
  if (parts.size() < 3)
    return fmt::format("{}/{} needs an accumulator, one of {}", parts[0], multiplier, known);
  return fmt::format("{}/{} has no accumulator '{}'; it has {}", parts[0], multiplier, parts[2], known);
}

}  // namespace

void check_mac(const std::string& option, const std::string& mac) {
  try {
    all_macs().find(mac);
  } catch (const name_error& problem) {
    // that of a table in a file says what is wrong with it
    if (mac.find("/table") != std::string::npos) throw name_error(option + ": " + problem.what());
    if (mac.empty()) throw name_error(option + ": expected a MAC, as in float32/mitch6; found nothing");
    throw name_error(
        fmt::format("{}: unknown MAC '{}': {}; --list-macs lists all", option, mac, problem_of(mac)));
  }
}

std::vector<std::string> mac_list(const std::string& option, const std::vector<std::string>& texts) {
  std::vector<std::string> macs;
  std::vector<std::string> full;
  for (const std::string& text : texts) {
    for (const std::string& part : split(text, ',')) {
      const std::string mac = trimmed(part);
      if (mac.empty()) {
        throw name_error(
            fmt::format("{} '{}': expected MACs with commas between them; one is empty", option, text));
      }
      check_mac(option, mac);
      const std::string name = all_macs().find(mac).name();
      const auto same = std::find(full.begin(), full.end(), name);
      if (same != full.end()) {
        const std::string& before = macs[static_cast<std::size_t>(same - full.begin())];
        throw name_error(fmt::format("{}: {} is named twice{}", option, mac,
                                     before == mac ? "" : fmt::format("; {} is the same", before)));
      }
      macs.push_back(mac);
      full.push_back(name);
    }
  }
  return macs;
}

}  // namespace napier_eval
