#pragma once
// napier/network/registry.hpp — compiled-in MACs by name.
//
// What      a name is FORMAT/MULTIPLIER/ACCUMULATOR; what is left out takes the format's default: exact; float32 for
//           floats, quire for posits, fixed64 for fixed point. posit8_0 is posit8_0/exact/quire
// Errors    name_error with the nearest names, and how to list all
// Checked   tests/network/registry_test.cpp

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <napier/core/error.hpp>
#include <napier/network/engine.hpp>

namespace napier {

namespace detail {

// Single-character edits between two texts (Levenshtein).
inline std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] != b[j - 1] ? 1 : 0);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row.back();
}

inline const char* default_accumulator(format_kind kind) {
  switch (kind) {
    case format_kind::floating:
      return "float32";
    case format_kind::posit:
      return "quire";
    default:
      return "fixed64";
  }
}

}  // namespace detail

class mac_registry {
 public:
  template <Mac M>
  void add() {
    add(std::make_unique<mac_engine<M>>());
  }
  // A MAC of the user's own whose parts have no names.
  template <Mac M>
  void add(std::string name) {
    add(std::make_unique<mac_engine<M>>(std::move(name)));
  }
  void add(std::unique_ptr<const engine> mac) {
    std::string name = mac->name();
    if (engines_.contains(name)) throw name_error("the MAC '" + name + "' is in the registry already");
    defaults_[mac->format_name()] = detail::default_accumulator(mac->kind());
    engines_.emplace(std::move(name), std::move(mac));
  }

  const engine& find(std::string_view name) const {
    const auto found = engines_.find(full_name(name));
    if (found == engines_.end()) throw name_error(unknown(name));
    return *found->second;
  }

  // With the defaults filled in; the name of a MAC of the user's own stays as it is.
  std::string full_name(std::string_view name) const {
    if (engines_.find(name) != engines_.end()) return std::string(name);
    const std::size_t slash = name.find('/');
    const auto default_accumulator = defaults_.find(std::string(name.substr(0, slash)));
    if (default_accumulator == defaults_.end()) return std::string(name);
    std::string full(name);
    if (slash == std::string_view::npos) full += "/exact";
    if (std::count(full.begin(), full.end(), '/') == 1) full += "/" + default_accumulator->second;
    return full;
  }

  // With the defaults left out.
  std::string short_name(std::string_view name) const {
    std::string shortened = full_name(name);
    const auto default_accumulator = defaults_.find(shortened.substr(0, shortened.find('/')));
    if (default_accumulator == defaults_.end()) return shortened;
    if (drop_suffix(shortened, "/" + default_accumulator->second)) drop_suffix(shortened, "/exact");
    return shortened;
  }

  // Full names in alphabetical order.
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& entry : engines_) all.push_back(entry.first);
    return all;
  }

 private:
  static bool drop_suffix(std::string& text, std::string_view suffix) {
    if (!text.ends_with(suffix)) return false;
    text.resize(text.size() - suffix.size());
    return true;
  }

  std::string unknown(std::string_view name) const {
    std::vector<std::pair<std::size_t, std::string>> nearest;
    for (const auto& entry : engines_) {
      const std::string shortened = short_name(entry.first);
      nearest.emplace_back(
          std::min(detail::edit_distance(name, entry.first), detail::edit_distance(name, shortened)),
          shortened);
    }
    std::sort(nearest.begin(), nearest.end());
    std::string text = "unknown MAC '" + std::string(name) + "'; the nearest are";
    for (std::size_t i = 0; i < std::min<std::size_t>(3, nearest.size()); ++i) {
      text += (i == 0 ? " " : ", ") + nearest[i].second;
    }
    return text + "; --list-macs, or mac_registry::names(), lists all";
  }

  std::map<std::string, std::unique_ptr<const engine>, std::less<>> engines_;
  std::map<std::string, std::string, std::less<>> defaults_;  // format → accumulator
};

}  // namespace napier
