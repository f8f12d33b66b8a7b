// The walked posits are the rationals': all pairs of up to 9 bits, random ones of 16.
#include "oracle/walked_posits.hpp"

#include <catch2/catch.hpp>

#include "oracle/oracle.hpp"
#include "oracle/sweep.hpp"

namespace {

void all_pairs(int n, int es) {
  const oracle::walked_posits walked(n, es);
  const std::uint64_t codes = std::uint64_t{1} << n;
  const auto products = oracle::posit_all_pairs({n, es}, oracle::operation::multiply);
  const auto sums = oracle::posit_all_pairs({n, es}, oracle::operation::add);
  std::vector<std::uint32_t> row;
  sweep s;
  for (std::uint32_t a = 0; a < codes; ++a) {
    walked.products_of(a, row);
    for (std::uint64_t b = 0; b < codes; ++b)
      s.check(row[b] == products[a * codes + b], [&] { return "product " + text(a, b, row[b]); });
    walked.sums_of(a, row);
    for (std::uint64_t b = 0; b < codes; ++b)
      s.check(row[b] == sums[a * codes + b], [&] { return "sum " + text(a, b, row[b]); });
  }
  INFO(n << " " << es);
  REQUIRE(s.report() == passed(2 * codes * codes));
}

void random_pairs(int es) {
  const oracle::walked_posits walked(16, es);
  random_bits next(51);
  std::vector<std::uint32_t> row;
  sweep s;
  for (int i = 0; i < 60; ++i) {
    const auto a = static_cast<std::uint32_t>(next.runs() & 0xffff);
    for (const auto op : {oracle::operation::multiply, oracle::operation::add}) {
      op == oracle::operation::add ? walked.sums_of(a, row) : walked.products_of(a, row);
      for (int k = 0; k < 100; ++k) {
        const auto b = static_cast<std::uint32_t>(next.runs() & 0xffff);
        s.check(row[b] == oracle::posit_operation({16, es}, op, a, b), [&] { return text(a, b, row[b]); });
      }
    }
  }
  REQUIRE(s.report() == passed(12000));
}

}  // namespace

TEST_CASE("all pairs of small posits") {
  for (int n = 2; n <= 7; ++n) {
    for (int es = 0; es <= 2; ++es) all_pairs(n, es);
  }
  all_pairs(9, 1);
}

TEST_CASE("random pairs of 16 bits") {
  for (int es = 0; es <= 2; ++es) random_pairs(es);
}
