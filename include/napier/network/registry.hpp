#pragma once
// napier/network/registry.hpp — compiled-in MACs by name.
//
// What      a name is FORMAT/MULTIPLIER/ACCUMULATOR; what is left out takes the format's default: exact; float32 for
//           floats, quire for posits, fixed64 for fixed point. posit8_0 is posit8_0/exact/quire
// Makers    of MACs that are not known before a name is asked for, as those of a multiplier in a file (network/table_macs.hpp): find
//           asks them for names that no MAC has, and keeps what they make; ask in one thread
// Errors    name_error with the nearest names, and how to list all; what a maker throws
// Checked   tests/network/registry_test.cpp

#include <algorithm>
#include <cstddef>
#include <functional>
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

// A template for the same reason as basic_network.
template <class Engine>
class basic_mac_registry {
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
  void add(std::unique_ptr<const Engine> mac) {
    entry added{mac->name(), mac->format_name(), detail::default_accumulator(mac->kind()), std::move(mac)};
    std::size_t at = entries_.size();
    while (at > 0 && entries_[at - 1].name > added.name) --at;
    if (at > 0 && entries_[at - 1].name == added.name)
      throw name_error("the MAC '" + added.name + "' is in the registry already");
    entries_.insert(entries_.begin() + static_cast<std::ptrdiff_t>(at), std::move(added));
  }

  // Of a full name, or one without its accumulator; null: not of this maker.
  using maker = std::function<std::unique_ptr<const Engine>(std::string_view name)>;
  void add_maker(maker made) { makers_.push_back(std::move(made)); }

  const Engine& find(std::string_view name) const {
    const std::string full = full_name(name);
    const entry* found = named(full);
    if (found != nullptr) return *found->mac;
    const char* accumulator = accumulator_of(name);
    const std::string with_accumulator = accumulator == nullptr ? full : full + "/" + accumulator;
    for (const auto& made : made_) {
      if (made->name() == full || made->name() == with_accumulator) return *made;
    }
    for (const maker& make : makers_) {
      if (auto made = make(full)) return *made_.emplace_back(std::move(made));
    }
    throw name_error(unknown(name));
  }

  // With the defaults filled in; the name of a MAC of the user's own stays as it is.
  std::string full_name(std::string_view name) const {
    std::string full(name);
    if (named(name) != nullptr) return full;
    const char* accumulator = accumulator_of(name);
    if (accumulator == nullptr) return full;
    if (name.find('/') == std::string_view::npos) full += "/exact";
    if (full.find('/') == full.rfind('/')) full.append("/").append(accumulator);
    return full;
  }

  // With the defaults left out.
  std::string short_name(std::string_view name) const {
    std::string shortened = full_name(name);
    const char* accumulator = accumulator_of(shortened);
    if (accumulator == nullptr) return shortened;
    if (drop_suffix(shortened, std::string("/") + accumulator)) drop_suffix(shortened, "/exact");
    return shortened;
  }

  // Full names in alphabetical order.
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const entry& each : entries_) all.push_back(each.name);
    return all;
  }

 private:
  static bool drop_suffix(std::string& text, std::string_view suffix) {
    if (!text.ends_with(suffix)) return false;
    text.resize(text.size() - suffix.size());
    return true;
  }

  struct entry {
    std::string name;
    std::string format;
    const char* accumulator;  // the format's default
    std::unique_ptr<const Engine> mac;
  };

  const entry* named(std::string_view name) const {
    for (const entry& each : entries_) {
      if (each.name == name) return &each;
    }
    return nullptr;
  }

  // The default of the format that the name begins with; null where no MAC has that format.
  const char* accumulator_of(std::string_view name) const {
    const std::string_view format = name.substr(0, name.find('/'));
    for (const entry& each : entries_) {
      if (each.format == format) return each.accumulator;
    }
    return nullptr;
  }

  std::string unknown(std::string_view name) const {
    std::string text = "unknown MAC '" + std::string(name) + "'; the nearest are";
    std::vector<std::string> shown;
    while (shown.size() < 3 && shown.size() < entries_.size()) {
      std::size_t least = 0;
      std::string nearest;
      for (const entry& each : entries_) {
        const std::string shortened = short_name(each.name);
        const std::size_t distance =
            std::min(detail::edit_distance(name, each.name), detail::edit_distance(name, shortened));
        if (std::find(shown.begin(), shown.end(), shortened) != shown.end()) continue;
        if (nearest.empty() || distance < least || (distance == least && shortened < nearest)) {
          least = distance;
          nearest = shortened;
        }
      }
      text += (shown.empty() ? " " : ", ") + nearest;
      shown.push_back(nearest);
    }
    return text + "; --list-macs, or mac_registry::names(), lists all";
  }

  std::vector<entry> entries_;  // by name, ascending
  std::vector<maker> makers_;
  mutable std::vector<std::unique_ptr<const Engine>> made_;
};

using mac_registry = basic_mac_registry<engine>;

}  // namespace napier
