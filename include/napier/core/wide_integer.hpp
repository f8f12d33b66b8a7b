#pragma once
// napier/core/wide_integer.hpp — 128-bit integers under portable names.

#include <bit>
#include <cstdint>

namespace napier {

__extension__ typedef unsigned __int128 uint128;
__extension__ typedef __int128 int128;

constexpr std::uint64_t high_word(uint128 x) { return static_cast<std::uint64_t>(x >> 64); }
constexpr std::uint64_t low_word(uint128 x) { return static_cast<std::uint64_t>(x); }
constexpr uint128 join_words(std::uint64_t high, std::uint64_t low) { return (uint128{high} << 64) | low; }

// Number of leading zeros; 128 for zero.
constexpr int leading_zeros(uint128 x) {
  return high_word(x) != 0 ? std::countl_zero(high_word(x)) : 64 + std::countl_zero(low_word(x));
}

}  // namespace napier
