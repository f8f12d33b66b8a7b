#pragma once
// napier/core/rounding.hpp — what a truncation drops, and round to nearest, ties to even.
//
//   kept bits . G SSSSSS    G  guard: the first dropped bit, worth half a unit
//                           S  sticky: whether any later bit is set
// Checked   tests/core/rounding_test.cpp

#include <cstdint>

#include <napier/core/unpacked.hpp>

namespace napier {

struct guard_sticky {
  bool guard = false;
  bool sticky = false;

  constexpr bool is_exact() const { return !guard && !sticky; }
  friend constexpr bool operator==(guard_sticky, guard_sticky) = default;
};

struct truncated_bits {
  std::uint64_t kept = 0;
  guard_sticky lost;

  // To nearest, ties to the even `kept`; a carry out of the kept bits is the caller's.
  constexpr std::uint64_t round_to_nearest_even() const {
    // Bits, not conditions: on random numbers a branch would be mispredicted every other time.
    return kept + (std::uint64_t{lost.guard} & (std::uint64_t{lost.sticky} | (kept & 1)));
  }
};

// significand . tail without its lowest `dropped` bits of `significand`; all of tail is dropped too.
// 0 <= dropped; from 65 on nothing is kept and the guard is zero.
constexpr truncated_bits truncate(std::uint64_t significand, std::uint64_t tail, int dropped) {
  if (dropped > 64) return {0, {false, (significand | tail) != 0}};
  if (dropped == 64) return {0, {(significand >> 63) != 0, ((significand << 1) | tail) != 0}};
  if (dropped == 0) return {significand, {(tail >> 63) != 0, (tail << 1) != 0}};
  const std::uint64_t rest = significand << (64 - dropped);
  return {significand >> dropped, {(rest >> 63) != 0, ((rest << 1) | tail) != 0}};
}

}  // namespace napier
