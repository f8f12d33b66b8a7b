#pragma once
// napier/accumulators/truncated_adder.hpp — truncated_adder<l>: sums in an adder without its l lowest bits.
//
// What      both addends lose their l lowest bits (two's complement: downwards); the rest is added exactly
// Error     of one addition to a sum, whose low bits are zeros: in (−2^l, 0] units of the grid, −(2^l − 1) / 2 on the average: a bias
// Checked   tests/accumulators/approximate_adder_test.cpp

#include <napier/accumulators/approximate_adder.hpp>

namespace napier {

template <int l>
struct truncated_adder : adder_accumulator<truncated_adder<l>> {
  static_assert(1 <= l && l <= 62, "truncated_adder<l>: l is from 1 to 62");

  static constexpr napier::name name() { return napier::name("trunc").append(l); }

  static constexpr int128 add(std::int64_t a, std::int64_t b) {
    return (int128{a >> l} + (b >> l)) * (int128{1} << l);
  }
};

}  // namespace napier
