#pragma once
// napier/accumulators/loa.hpp — loa<l>: sums in a lower-part-OR adder.
//
//   aaaaaaaa|aaaaaa      above the cut: added exactly, with a carry in where the highest bits below it are both ones
//   bbbbbbbb|bbbbbb      below, l bits: a or b, no carry runs
//
// Error     of one addition, in units of the grid: a + b − loa = (a and b below the cut), less 2^l where there is a carry in:
//           in [−2^(l−1), 2^(l−1) − 1]
// Source    H. R. Mahdiani, A. Ahmadi, S. M. Fakhraie, C. Lucas, IEEE Trans. Circuits and Systems I 57(4), 2010
// Checked   tests/accumulators/approximate_adder_test.cpp

#include <napier/accumulators/approximate_adder.hpp>

namespace napier {

template <int l>
struct loa : adder_accumulator<loa<l>> {
  static_assert(1 <= l && l <= 62, "loa<l>: l is from 1 to 62");

  static constexpr napier::name name() { return napier::name("loa").append(l); }

  static constexpr int128 add(std::int64_t a, std::int64_t b) {
    const std::int64_t carry = (a & b) >> (l - 1) & 1;
    const int128 upper = int128{a >> l} + (b >> l) + carry;
    const std::int64_t lower = (a | b) & ((std::int64_t{1} << l) - 1);
    return upper * (int128{1} << l) + lower;
  }
};

}  // namespace napier
