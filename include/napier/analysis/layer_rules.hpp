#pragma once
// napier/analysis/layer_rules.hpp — patterns that give single multiply sites a MAC of their own, as --layer-mac takes them.
//
// What      a pattern a site: its name, with ? for what a pattern or PATTERN=MAC would read otherwise (*, =, control
//           characters, a - in front). Sites that one pattern cannot tell apart (names that differ in case alone, a name that is also
//           an operator type) are one group: they get their MAC together
// Checked   tests/analysis/layer_truth_test.cpp

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string>
#include <vector>

#include <napier/analysis/layer_site.hpp>
#include <napier/network/session.hpp>

namespace napier {

struct site_group {
  std::vector<std::size_t> sites;  // places in the list of sites, ascending
  std::vector<std::string> patterns;
  double share = 0;  // of the multiplications
};

inline std::string pattern_of(const std::string& name) {
  std::string pattern = name;
  for (char& c : pattern) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '*' || c == '=' || code < 0x20 || code == 0x7f) c = '?';
  }
  if (pattern.starts_with('-')) pattern[0] = '?';
  return pattern;
}

inline std::vector<site_group> groups_of(const std::vector<layer_site>& sites) {
  std::vector<std::size_t> leader(sites.size());
  std::iota(leader.begin(), leader.end(), std::size_t{0});
  const auto unite = [&](std::size_t a, std::size_t b) {
    const std::size_t from = std::max(leader[a], leader[b]);
    const std::size_t to = std::min(leader[a], leader[b]);
    std::replace(leader.begin(), leader.end(), from, to);
  };
  for (std::size_t i = 0; i < sites.size(); ++i) {
    const std::string pattern = pattern_of(sites[i].name);
    for (std::size_t j = 0; j < sites.size(); ++j) {
      if (matches_pattern(pattern, sites[j].name) || matches_pattern(pattern, sites[j].operator_type))
        unite(i, j);
    }
  }
  std::vector<site_group> groups;
  std::vector<std::size_t> place(sites.size());
  for (std::size_t i = 0; i < sites.size(); ++i) {
    if (leader[i] == i) {
      place[i] = groups.size();
      groups.emplace_back();
    }
    site_group& group = groups[place[leader[i]]];
    group.sites.push_back(i);
    group.share += sites[i].share;
    std::string pattern = pattern_of(sites[i].name);
    if (std::find(group.patterns.begin(), group.patterns.end(), pattern) == group.patterns.end())
      group.patterns.push_back(std::move(pattern));
  }
  return groups;
}

}  // namespace napier
