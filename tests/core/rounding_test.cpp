#include <napier/core/rounding.hpp>

#include <catch2/catch.hpp>

#include "oracle/oracle.hpp"
#include "oracle/sweep.hpp"

using napier::guard_sticky;
using napier::truncate;
using oracle::number;

static_assert(truncate(0b1010, 0, 2).round_to_nearest_even() == 0b10);  // ties to even
static_assert(truncate(0b1110, 0, 2).round_to_nearest_even() == 0b100);
static_assert(truncate(0b1010, 1, 2).round_to_nearest_even() == 0b11);  // the tail breaks the tie
static_assert(truncate(0b1011, 0, 0).lost.is_exact());
static_assert(truncate(1, std::uint64_t{1} << 63, 0).lost == guard_sticky{true, false});
static_assert(truncate(std::uint64_t{1} << 63, 0, 64).lost == guard_sticky{true, false});
static_assert(truncate(std::uint64_t{1} << 63, 1, 64).lost == guard_sticky{true, true});
static_assert(truncate(~std::uint64_t{0}, 0, 65).lost == guard_sticky{false, true});
static_assert(truncate(~std::uint64_t{0}, 0, 65).kept == 0);
static_assert(truncate(0, 0, 1000).lost.is_exact());
static_assert(truncate(~std::uint64_t{0}, ~std::uint64_t{0}, 0).round_to_nearest_even() ==
              0);  // the caller's carry

TEST_CASE("truncate and round to nearest even agree with exact arithmetic") {
  random_bits next(2);
  sweep s;
  for (int i = 0; i < 70 * 200; ++i) {
    const int dropped = i % 70;
    const std::uint64_t significand = next.runs();
    const std::uint64_t tail = next.below(2) == 0 ? 0 : next.runs();
    const auto parts = truncate(significand, tail, dropped);
    const number exact = number::dyadic(false, significand, tail, -64 - dropped);
    const number kept = number::dyadic(false, 0, parts.kept, 0);
    const number rest = exact - kept;
    const number half = number::power_of_two(-1);
    const bool guard = rest >= half;
    const bool sticky = (guard ? rest - half : rest).sign() != 0;
    // A carry out of 64 bits wraps to zero.
    const std::uint64_t nearest = oracle::integer_round(64, false, exact);
    const bool wraps = exact >= number::power_of_two(64) - half;
    s.check(kept == exact.floor() && parts.lost == guard_sticky{guard, sticky} &&
                parts.round_to_nearest_even() == (wraps ? 0 : nearest),
            [&] { return text(significand, tail, dropped); });
  }
  REQUIRE(s.report() == passed(14000));
}
