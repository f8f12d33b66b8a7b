// Natural numbers against exact rationals.
#include <napier/core/natural.hpp>

#include <catch2/catch.hpp>

#include "oracle/bridge.hpp"
#include "oracle/sweep.hpp"

namespace {

using namespace napier;
using oracle::number;

number value_of(const natural& x) {
  number sum = 0;
  for (int i = 0; i < natural::capacity; ++i) {
    if (x.limb(i) != 0) sum = sum + number::dyadic(false, 0, x.limb(i), 64 * i);
  }
  return sum;
}

// Limbs of all ones, all zeros and others: what estimates of a quotient's digits go wrong on.
natural random_natural(random_bits& next, int limbs) {
  natural x;
  for (int i = 0; i < limbs; ++i) {
    const std::uint64_t limb = next.below(4) == 0   ? ~std::uint64_t{0}
                               : next.below(4) == 0 ? 0
                               : next.below(4) == 0 ? std::uint64_t{1} << 63
                                                    : next.runs();
    x.shift_left(64);
    x.multiply_add(1, limb);
  }
  return x;
}

constexpr natural power_of_five(int exponent) {
  natural x(1);
  x.multiply_by_power_of_five(exponent);
  return x;
}

static_assert(natural().is_zero() && natural(0).is_zero() && natural().bit_width() == 0);
static_assert(natural(uint128{5} << 64).bit_width() == 67 && natural(1).limb(0) == 1 &&
              natural(1).limb(7) == 0);
static_assert(power_of_five(27).limb(0) == 7450580596923828125u && power_of_five(28).limb(1) == 2);

}  // namespace

TEST_CASE("quotients and remainders") {
  random_bits next(11);
  sweep s;
  for (int i = 0; i < 20000; ++i) {
    const int divisor_limbs = 1 + next.below(6);
    const natural divisor = random_natural(next, divisor_limbs);
    if (divisor.is_zero()) continue;
    const natural dividend = random_natural(next, next.below(divisor_limbs + 3));
    natural remainder = dividend;
    const natural quotient = remainder.divide(divisor);
    const bool right = value_of(quotient) * value_of(divisor) + value_of(remainder) == value_of(dividend) &&
                       value_of(remainder) < value_of(divisor);
    s.check(right,
            [&] { return text(i, divisor.limb(0), divisor.limb(1), dividend.limb(0), quotient.limb(0)); });
  }
  REQUIRE(s.cases() > 19000);
  REQUIRE(s.report() == passed(s.cases()));
}

TEST_CASE("a quotient's digit that is one too large is taken back") {
  // Knuth's rare case: the first two limbs of the divisor do not tell, the third does.
  natural dividend, divisor;
  for (const std::uint64_t limb :
       {std::uint64_t{1} << 63, ~std::uint64_t{0} - 1, std::uint64_t{0}, std::uint64_t{0}}) {
    dividend.shift_left(64);
    dividend.multiply_add(1, limb);
  }
  for (const std::uint64_t limb : {std::uint64_t{1} << 63, std::uint64_t{0}, std::uint64_t{1}}) {
    divisor.shift_left(64);
    divisor.multiply_add(1, limb);
  }
  natural remainder = dividend;
  const natural quotient = remainder.divide(divisor);
  REQUIRE((value_of(quotient) * value_of(divisor) + value_of(remainder) == value_of(dividend)));
  REQUIRE((value_of(remainder) < value_of(divisor)));
}

TEST_CASE("products, powers of five, shifts, the highest 128 bits") {
  random_bits next(12);
  sweep s;
  for (int i = 0; i < 5000; ++i) {
    natural x = random_natural(next, next.below(8));
    const number before = value_of(x);
    const std::uint64_t factor = next.runs(), addend = next.runs();
    x.multiply_add(factor, addend);
    number expected = before * number::dyadic(false, 0, factor, 0) + number::dyadic(false, 0, addend, 0);
    s.check(value_of(x) == expected, [&] { return text(i, factor, addend); });
    const int bits = next.below(200);
    x.shift_left(bits);
    expected = expected.scaled(bits);
    s.check(value_of(x) == expected, [&] { return text(i, bits); });
    const int exponent = next.below(300);
    x.multiply_by_power_of_five(exponent);
    for (int k = 0; k < exponent; ++k) expected = expected * 5;
    s.check(value_of(x) == expected, [&] { return text(i, exponent); });
    if (x.is_zero()) continue;
    s.check(x.bit_width() == expected.floor_log2() + 1, [&] { return text(i, x.bit_width()); });
    s.check(x.to_unpacked(-70) == oracle::unpacked_of(expected.scaled(-70)),
            [&] { return "unpacked " + text(i); });
    unpacked odd = x.to_unpacked(0);
    odd.tail |= 1;
    s.check(x.to_unpacked(0, true) == odd, [&] { return "sticky " + text(i); });
  }
  REQUIRE(s.cases() > 25000);
  REQUIRE(s.report() == passed(s.cases()));
}
