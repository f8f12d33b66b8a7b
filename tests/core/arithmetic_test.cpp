#include <napier/core/arithmetic.hpp>

#include <catch2/catch.hpp>
#include <vector>

#include "oracle/bridge.hpp"
#include "oracle/sweep.hpp"

namespace {

using namespace napier;
using oracle::number;
using oracle::unpacked_of;
using oracle::value_of;

std::string describe(const unpacked& x, const unpacked& y, const unpacked& got) {
  return text(x.negative, x.exponent, x.significand, x.tail, y.negative, y.exponent, y.significand, y.tail,
              static_cast<int>(got.kind), got.negative, got.exponent, got.significand, got.tail);
}

// Significand widths from 1 to 64 bits, and up to 128 with a tail; exponents up to `reach` apart.
unpacked random_operand(random_bits& next, int reach, bool with_tail) {
  const std::uint64_t kept = ~std::uint64_t{0} << next.below(64);
  const std::uint64_t significand = (next.runs() & kept) | (std::uint64_t{1} << 63);
  const std::uint64_t tail = with_tail && next.below(3) != 0 ? next.runs() : 0;
  return unpacked::finite(next.below(2) == 1, next.below(2 * reach + 1) - reach, significand, tail);
}

// Exact when it fits 128 bits, else rounded to odd: bit for bit.
template <class Operation, class Exact>
sweep compare(std::uint64_t seed, int count, bool tail_x, bool tail_y, Operation operation, Exact exact) {
  random_bits next(seed);
  sweep s;
  for (int i = 0; i < count; ++i) {
    const int reach = i % 4 == 0 ? 1 : i % 4 == 1 ? 3 : i % 4 == 2 ? 70 : 140;
    unpacked x = random_operand(next, reach, tail_x);
    unpacked y = random_operand(next, reach, tail_y);
    if (i % 16 == 5) {  // next to x: cancellation
      y = x;
      y.negative = next.below(2) == 1;
      y.exponent += next.below(3) - 1;
      y.significand ^= next() >> (1 + next.below(63));
      if (!tail_y) y.tail = 0;
    }
    const unpacked got = operation(x, y);
    s.check(got == unpacked_of(exact(value_of(x), value_of(y))), [&] { return describe(x, y, got); });
  }
  return s;
}

}  // namespace

TEST_CASE("sums and differences, with and without tails") {
  const auto plus = [](const number& a, const number& b) { return a + b; };
  const auto minus = [](const number& a, const number& b) { return a - b; };
  const auto library_add = [](const unpacked& x, const unpacked& y) { return add(x, y); };
  const auto library_subtract = [](const unpacked& x, const unpacked& y) { return subtract(x, y); };
  REQUIRE(compare(3, 60000, false, false, library_add, plus).report() == passed(60000));
  REQUIRE(compare(4, 60000, true, true, library_add, plus).report() == passed(60000));
  REQUIRE(compare(5, 60000, true, false, library_subtract, minus).report() == passed(60000));
}

TEST_CASE("a power of two minus its neighbour below: nothing is lost") {
  sweep s;
  for (int distance = 1; distance <= 200; ++distance) {
    for (const std::uint64_t low : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}}) {
      for (const std::uint64_t high :
           {std::uint64_t{1} << 63, (std::uint64_t{1} << 63) | 1, ~std::uint64_t{0}}) {
        const unpacked one = unpacked::finite(false, 0, std::uint64_t{1} << 63);
        const unpacked small = unpacked::finite(true, -distance, high, low);
        const unpacked got = add(one, small);
        s.check(got == unpacked_of(value_of(one) + value_of(small)),
                [&] { return describe(one, small, got); });
        const unpacked turned = add(-small, -one);
        s.check(turned == -got, [&] { return describe(-small, -one, turned); });
      }
    }
  }
  REQUIRE(s.report() == passed(200 * 9 * 2));
}

TEST_CASE("products are exact") {
  const auto s = compare(
      6, 10000, false, false, [](const unpacked& x, const unpacked& y) { return multiply(x, y); },
      [](const number& a, const number& b) { return a * b; });
  REQUIRE(s.report() == passed(10000));
}

TEST_CASE("quotients, the numerator with and without a tail") {
  const auto quotient = [](const number& a, const number& b) { return a / b; };
  const auto library = [](const unpacked& x, const unpacked& y) { return divide(x, y); };
  REQUIRE(compare(7, 15000, false, false, library, quotient).report() == passed(15000));
  REQUIRE(compare(8, 15000, true, false, library, quotient).report() == passed(15000));
}

TEST_CASE("fused multiply-add rounds once") {
  random_bits next(9);
  sweep s;
  for (int i = 0; i < 60000; ++i) {
    const int reach = i % 3 == 0 ? 1 : i % 3 == 1 ? 40 : 140;
    const unpacked x = random_operand(next, reach, false);
    const unpacked y = random_operand(next, reach, false);
    unpacked z = random_operand(next, 2 * reach, false);
    if (i % 8 == 0) {  // cancels the head of the product
      z = -multiply(x, y);
      z.tail = 0;
      z.significand ^= next() >> (1 + next.below(63));
    }
    const unpacked got = fused_multiply_add(x, y, z);
    s.check(got == unpacked_of(value_of(x) * value_of(y) + value_of(z)),
            [&] { return describe(x, y, got) + describe(z, z, got); });
  }
  REQUIRE(s.report() == passed(60000));
}

TEST_CASE("square roots: 64 bits of the root, and whether there is more") {
  random_bits next(10);
  sweep s;
  for (int i = 0; i < 20000; ++i) {
    unpacked x = random_operand(next, 200, false);
    x.negative = false;
    if (i % 4 == 0) {  // a perfect square
      const std::uint64_t root = next.runs() >> 32;
      if (root == 0) continue;
      x = unpacked::from_integer(false, uint128{root} * root, 2 * (next.below(101) - 50));
    }
    const unpacked got = square_root(x);
    const unpacked floor = unpacked::finite(got.negative, got.exponent, got.significand);
    const number low = value_of(floor);
    const number high = low + number::power_of_two(got.exponent - 63);
    const number exact = value_of(x);
    const bool bracketed = got.is_finite() && !got.negative && got.significand >> 63 == 1 &&
                           low * low <= exact && exact < high * high;
    s.check(bracketed && (got.tail != 0) == (low * low != exact), [&] { return describe(x, x, got); });
  }
  REQUIRE(s.cases() > 19900);
  REQUIRE(s.report() == passed(s.cases()));
}

TEST_CASE("IEEE 754 rules for zeros, infinities and NaN") {
  constexpr unpacked zero = unpacked::zero();
  constexpr unpacked minus_zero = unpacked::zero(true);
  constexpr unpacked inf = unpacked::infinity();
  constexpr unpacked nan = unpacked::nan();
  constexpr unpacked two = unpacked::finite(false, 1, std::uint64_t{1} << 63);

  STATIC_REQUIRE(add(inf, -inf) == nan);
  STATIC_REQUIRE(subtract(inf, inf) == nan);
  STATIC_REQUIRE(add(inf, inf) == inf);
  STATIC_REQUIRE(add(two, -inf) == -inf);
  STATIC_REQUIRE(add(zero, minus_zero) == zero);
  STATIC_REQUIRE(add(minus_zero, minus_zero) == minus_zero);
  STATIC_REQUIRE(add(minus_zero, two) == two);
  STATIC_REQUIRE(subtract(two, two) == zero);
  STATIC_REQUIRE(subtract(-two, -two) == zero);
  STATIC_REQUIRE(multiply(zero, inf) == nan);
  STATIC_REQUIRE(multiply(-two, inf) == -inf);
  STATIC_REQUIRE(multiply(-two, zero) == minus_zero);
  STATIC_REQUIRE(multiply(minus_zero, -two) == zero);
  STATIC_REQUIRE(divide(zero, zero) == nan);
  STATIC_REQUIRE(divide(inf, inf) == nan);
  STATIC_REQUIRE(divide(-two, zero) == -inf);
  STATIC_REQUIRE(divide(two, -inf) == minus_zero);
  STATIC_REQUIRE(divide(minus_zero, two) == minus_zero);
  STATIC_REQUIRE(divide(inf, -two) == -inf);
  STATIC_REQUIRE(square_root(minus_zero) == minus_zero);
  STATIC_REQUIRE(square_root(-two) == nan);
  STATIC_REQUIRE(square_root(-inf) == nan);
  STATIC_REQUIRE(square_root(inf) == inf);
  STATIC_REQUIRE(fused_multiply_add(zero, inf, two) == nan);
  STATIC_REQUIRE(fused_multiply_add(two, inf, -inf) == nan);
  STATIC_REQUIRE(fused_multiply_add(two, two, -unpacked::finite(false, 2, std::uint64_t{1} << 63)) == zero);

  sweep s;
  for (const unpacked& x : std::vector<unpacked>{zero, minus_zero, inf, -inf, nan, two, -two}) {
    for (const auto& result :
         {add(x, nan), add(nan, x), subtract(x, nan), subtract(nan, x), multiply(x, nan), multiply(nan, x),
          divide(x, nan), divide(nan, x), fused_multiply_add(x, two, nan), fused_multiply_add(nan, x, two),
          fused_multiply_add(x, nan, two)}) {
      s.check(result == nan, [&] { return text(x.significand); });
    }
  }
  REQUIRE(s.report() == passed(77));
}
