#include "catalogue.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <napier/core/error.hpp>
#include <napier/data/multiplier_table.hpp>
#include <napier/formats/fixed.hpp>
#include <napier/multipliers/mbm.hpp>
#include <napier/multipliers/mitchell.hpp>
#include <napier/network/registry.hpp>

namespace napier_multiplier {

namespace {

using napier::multiplier_under_test;
using napier::name_error;

// The three names at the smallest edit distance.
std::string nearest(const std::string& name, std::vector<std::string> names) {
  std::stable_sort(names.begin(), names.end(), [&](const std::string& a, const std::string& b) {
    return napier::detail::edit_distance(name, a) < napier::detail::edit_distance(name, b);
  });
  names.resize(std::min<std::size_t>(3, names.size()));
  return fmt::format("{}", fmt::join(names, ", "));
}

bool take_prefix(std::string& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.erase(0, prefix.size());
  return true;
}

// Where the multiplier is a table's file.
multiplier_under_test from_file(const std::string& name, const std::string& file, napier::table_signs signs,
                                const std::string& multiplier, const std::string& format) {
  using napier::table_multiplier;
  if (file.empty()) throw name_error(fmt::format("'{}': expected table:FILE@FORMAT", name));
  const auto of = [&]<class F>() {
    return multiplier_under_test::of<table_multiplier, F>(multiplier,
                                                          napier::read_multiplier_table(file, signs));
  };
  if (format == "uint8" && signs == napier::table_signs::is_unsigned) return of.operator()<std::uint8_t>();
  if (format == "int8") return of.operator()<std::int8_t>();
  if (format == "fixed8_4") return of.operator()<napier::fixed<8, 4>>();
  throw name_error(
      fmt::format("'{}': a table multiplies uint8 (unless it is signed), int8 and fixed8_4", name));
}

// Integers of all widths are multiplied as those of 16 or 32 bits.
struct integer {
  int width = 0;
  bool is_signed = false;

  std::string name(int bits) const { return fmt::format("{}{}", is_signed ? "int" : "uint", bits); }
  std::string multiplied_as() const { return name(width <= 16 ? 16 : 32); }
};

constexpr int least_width = napier::detail::least_integer_width;
constexpr int largest_width = napier::detail::largest_integer_width;

// int12, uint5
std::optional<integer> integer_of(std::string name) {
  integer result;
  result.is_signed = !take_prefix(name, "u");
  if (!take_prefix(name, "int") || name.empty() || name.front() == '0') return std::nullopt;
  const auto [stop, problem] = std::from_chars(name.data(), name.data() + name.size(), result.width);
  const bool is_width = problem == std::errc{} && stop == name.data() + name.size();
  if (!is_width || result.width < least_width || result.width > largest_width) return std::nullopt;
  return result;
}

// MBM of unsigned integers of any width below F's: without its correction where that leaves the product's 2N bits.
struct mbm_of_width {
  static constexpr bool is_exact = false;
  int width = 0;

  template <napier::IntegerFormat F>
  napier::unpacked multiply(F a, F b) const {
    const napier::unpacked product = napier::mbm{}.multiply(a, b);
    const bool leaves = product.is_finite() && product.exponent >= 2 * width;
    return leaves ? napier::mitchell{}.multiply(a, b) : product;
  }
};

multiplier_under_test narrowed(const multiplier_under_test& known, const integer& format) {
  const int width = format.width;
  if (width == known.format().width) return known;
  if (known.name() != "mbm" || format.is_signed) return known.narrowed(width);
  return width < 16 ? multiplier_under_test::of<mbm_of_width, std::uint16_t>("mbm", {width}).narrowed(width)
                    : multiplier_under_test::of<mbm_of_width, std::uint32_t>("mbm", {width}).narrowed(width);
}

std::string range_text(const integer& any) {
  return fmt::format("{} … {}", any.name(least_width), any.name(largest_width));
}

template <class Name>
void add_once(std::vector<std::string>& names, Name&& name) {
  if (std::find(names.begin(), names.end(), name) == names.end())
    names.emplace_back(std::forward<Name>(name));
}

}  // namespace

const multiplier_under_test* catalogue::known(std::string_view multiplier, std::string_view format) const {
  for (const multiplier_under_test& each : multipliers_) {
    if (each.name() == multiplier && each.format().name == format) return &each;
  }
  return nullptr;
}

multiplier_under_test catalogue::find(const std::string& name) const {
  const std::size_t at = name.rfind('@');
  if (at == std::string::npos || at == 0 || at + 1 == name.size())
    throw name_error(fmt::format("'{}': expected MULTIPLIER@FORMAT, as in mitch6@uint16", name));
  std::string multiplier = name.substr(0, at);
  const std::string format = name.substr(at + 1);
  const std::optional<integer> whole = integer_of(format);
  const std::string multiplied_as = whole ? whole->multiplied_as() : format;
  const std::vector<std::string> formats = format_names();
  if (std::find(formats.begin(), formats.end(), format) == formats.end()) {
    throw name_error(fmt::format("'{}': unknown format '{}'; the nearest are {}; --list lists all", name,
                                 format, nearest(format, formats)));
  }
  const bool is_rounded = take_prefix(multiplier, "rounded-");
  const auto answer = [&](const multiplier_under_test& found) {
    return is_rounded ? found.rounded() : found;
  };
  std::string file = multiplier;
  if (take_prefix(file, "table:"))
    return answer(from_file(name, file, napier::table_signs::is_unsigned, multiplier, format));
  if (take_prefix(file, "table-signed:"))
    return answer(from_file(name, file, napier::table_signs::is_signed, multiplier, format));
  if (const multiplier_under_test* found = known(multiplier, multiplied_as))
    return answer(whole ? narrowed(*found, *whole) : *found);
  const std::vector<std::string> others = formats_of(multiplier);
  if (others.empty()) {
    throw name_error(fmt::format("'{}': unknown multiplier '{}'; the nearest are {}; --list lists all", name,
                                 multiplier, nearest(multiplier, multiplier_names())));
  }
  throw name_error(fmt::format("'{}': {} does not multiply {}; it multiplies {}", name, multiplier, format,
                               fmt::join(others, ", ")));
}

std::vector<std::string> catalogue::multiplier_names() const {
  std::vector<std::string> names;
  for (const multiplier_under_test& each : multipliers_) add_once(names, each.name());
  return names;
}

std::vector<std::string> catalogue::format_names() const {
  std::vector<std::string> names;
  for (const multiplier_under_test& each : multipliers_) {
    const std::optional<integer> whole = integer_of(each.format().name);
    if (!whole) {
      add_once(names, each.format().name);
    } else if (whole->width == largest_width) {
      for (int width = least_width; width <= largest_width; ++width) names.push_back(whole->name(width));
    }
  }
  return names;
}

std::vector<std::string> catalogue::formats_of(std::string_view multiplier) const {
  std::vector<std::string> names;
  for (const multiplier_under_test& each : multipliers_) {
    if (!multiplier.empty() && each.name() != multiplier) continue;
    const std::optional<integer> whole = integer_of(each.format().name);
    add_once(names, whole ? range_text(*whole) : each.format().name);
  }
  return names;
}

std::string table_file_of(const std::string& name) {
  std::string file = name.substr(0, name.rfind('@'));
  take_prefix(file, "rounded-");
  return take_prefix(file, "table:") || take_prefix(file, "table-signed:") ? file : "";
}

const catalogue& all_multipliers() {
  static const catalogue everything = [] {
    catalogue all;
    add_integers(all);
    add_fixed_point(all);
    add_floats(all);
    add_posits(all);
    return all;
  }();
  return everything;
}

}  // namespace napier_multiplier
