#pragma once
// napier/network/table_macs.hpp — table_macs<Formats...>: MACs whose multiplier is a table in a file, made when they are asked for.
//
// Name      FORMAT/table:FILE or FORMAT/table-signed:FILE, with /fixed64 or without. A signed table takes the operands' codes, the other
//           one their magnitudes, signs apart (multipliers/table_multiplier.hpp)
// Limits    the formats of the list; three tables in one process, since a MAC is a type: each has a slot
// Errors    data_error: the file (data/multiplier_table.hpp); name_error: another format, a fourth table
// Checked   tests/network/registry_test.cpp

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <napier/accumulators/fixed64.hpp>
#include <napier/core/error.hpp>
#include <napier/data/multiplier_table.hpp>
#include <napier/mac/mac.hpp>
#include <napier/network/engine.hpp>

namespace napier {

inline constexpr int table_slots = 3;

namespace detail {

struct table_name {
  std::string format;
  std::string file;
  bool is_signed = false;
  bool is_table = false;
};

inline table_name parse_table_name(std::string_view name) {
  constexpr std::string_view accumulator = "/fixed64";
  constexpr std::string_view prefixes[] = {"table:", "table-signed:"};
  table_name parsed;
  if (name.ends_with(accumulator)) name.remove_suffix(accumulator.size());
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) return parsed;
  const std::string_view multiplier = name.substr(slash + 1);
  for (const std::string_view prefix : prefixes) {
    if (!multiplier.starts_with(prefix)) continue;
    parsed.format = name.substr(0, slash);
    parsed.file = multiplier.substr(prefix.size());
    parsed.is_signed = prefix != prefixes[0];
    parsed.is_table = true;
  }
  return parsed;
}

// The slot of a table: that which it has, or the next.
inline int slot_of_table(const std::string& file, bool is_signed) {
  static std::vector<std::pair<std::string, bool>> loaded;
  for (std::size_t i = 0; i < loaded.size(); ++i) {
    if (loaded[i] == std::pair(file, is_signed)) return static_cast<int>(i);
  }
  if (loaded.size() == table_slots) {
    throw name_error("table:" + file + ": a process has at most " + std::to_string(table_slots) + " tables");
  }
  table_multiplier table =
      read_multiplier_table(file, is_signed ? table_signs::is_signed : table_signs::is_unsigned);
  switch (loaded.size()) {
    case 0:
      loaded_table<0>::load(std::move(table));
      break;
    case 1:
      loaded_table<1>::load(std::move(table));
      break;
    default:
      loaded_table<2>::load(std::move(table));
  }
  loaded.emplace_back(file, is_signed);
  return static_cast<int>(loaded.size()) - 1;
}

template <ByteFormat F>
std::unique_ptr<const engine> make_table_mac(int slot, std::string name) {
  static_assert(table_slots == 3);
  if (slot == 0) return std::make_unique<mac_engine<mac<F, loaded_table<0>, fixed64>>>(std::move(name));
  if (slot == 1) return std::make_unique<mac_engine<mac<F, loaded_table<1>, fixed64>>>(std::move(name));
  return std::make_unique<mac_engine<mac<F, loaded_table<2>, fixed64>>>(std::move(name));
}

}  // namespace detail

// A maker for mac_registry::add_maker.
template <ByteFormat... Formats>
struct table_macs {
  std::unique_ptr<const engine> operator()(std::string_view name) const {
    const detail::table_name parsed = detail::parse_table_name(name);
    if (!parsed.is_table) return nullptr;
    std::unique_ptr<const engine> made;
    (void)(make_if<Formats>(parsed, made) || ...);
    if (made == nullptr) {
      std::string formats;
      ((formats += std::string(formats.empty() ? "" : ", ") + format_traits<Formats>::name().c_str()), ...);
      throw name_error("'" + std::string(name) + "': a table takes the formats " + formats);
    }
    return made;
  }

 private:
  template <ByteFormat F>
  static bool make_if(const detail::table_name& parsed, std::unique_ptr<const engine>& made) {
    if (parsed.format != format_traits<F>::name().c_str()) return false;
    const int slot = detail::slot_of_table(parsed.file, parsed.is_signed);
    made = detail::make_table_mac<F>(
        slot, parsed.format + (parsed.is_signed ? "/table-signed:" : "/table:") + parsed.file + "/fixed64");
    return true;
  }
};

}  // namespace napier
