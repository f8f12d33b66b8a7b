// Every pair of operands of every posit<n, es> with n <= 10 and es <= 3: + − × ÷ against exact integers, and comparison
// against exact values.
#include <algorithm>
#include <catch2/catch.hpp>
#include <compare>
#include <numeric>
#include <utility>
#include <vector>

#include <napier/formats/posit.hpp>

#include "oracle/codes.hpp"
#include "oracle/oracle.hpp"
#include "oracle/sweep.hpp"

namespace {

using namespace napier;
using oracle::apply;
using oracle::operation;
using oracle::posit_format;

// The place of each code in the order of the values; NaR before all.
std::vector<int> ranks(posit_format f) {
  const std::uint64_t codes = std::uint64_t{1} << f.n;
  std::vector<oracle::number> values;
  for (std::uint64_t code = 0; code < codes; ++code) {
    values.push_back(code == oracle::posit_nar(f) ? oracle::number(0) : oracle::posit_value(f, code));
  }
  std::vector<std::uint64_t> order(codes);
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](std::uint64_t a, std::uint64_t b) {
    const bool a_nar = a == oracle::posit_nar(f), b_nar = b == oracle::posit_nar(f);
    return a_nar || b_nar ? a_nar && !b_nar : values[a] < values[b];
  });
  std::vector<int> rank(codes);
  for (std::uint64_t i = 0; i < codes; ++i) rank[order[i]] = static_cast<int>(i);
  return rank;
}

template <int n, int es>
void all_pairs() {
  using P = posit<n, es>;
  constexpr posit_format f{n, es};
  constexpr std::uint64_t codes = std::uint64_t{1} << n;
  sweep s;
  for (const operation op : {operation::add, operation::subtract, operation::multiply, operation::divide}) {
    const std::vector<std::uint16_t> expected = oracle::posit_all_pairs(f, op);
    for (std::uint64_t i = 0; i < codes * codes; ++i) {
      const P got = apply(op, P::from_bits(i / codes), P::from_bits(i % codes));
      s.check(got.bits() == expected[i], [&] {
        return text(n, es, static_cast<int>(op), i / codes, i % codes, got.bits(), expected[i]);
      });
    }
  }
  const std::vector<int> rank = ranks(f);
  for (std::uint64_t i = 0; i < codes * codes; ++i) {
    const P a = P::from_bits(i / codes), b = P::from_bits(i % codes);
    const std::strong_ordering expected = rank[i / codes] <=> rank[i % codes];
    s.check((a <=> b) == expected && (a == b) == std::is_eq(expected) && (a < b) == std::is_lt(expected),
            [&] { return text(n, es, i / codes, i % codes); });
  }
  INFO(P::name().c_str());
  REQUIRE(s.report() == passed(5 * codes * codes));
  report_pairs(s.cases());
}

template <int es, int... offsets>
void all_widths(std::integer_sequence<int, offsets...>) {
  (all_pairs<2 + offsets, es>(), ...);
}

}  // namespace

TEST_CASE("es = 0, n = 2 to 10") { all_widths<0>(std::make_integer_sequence<int, 9>{}); }
TEST_CASE("es = 1, n = 2 to 10") { all_widths<1>(std::make_integer_sequence<int, 9>{}); }
TEST_CASE("es = 2, n = 2 to 10") { all_widths<2>(std::make_integer_sequence<int, 9>{}); }
TEST_CASE("es = 3, n = 2 to 10") { all_widths<3>(std::make_integer_sequence<int, 9>{}); }
