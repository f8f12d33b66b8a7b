// Sums and products in 64-bit words against core/arithmetic.hpp, rounded.
#include <catch2/catch.hpp>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <napier/accumulators/quire.hpp>
#include <napier/core/arithmetic.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>

namespace {

using namespace napier;

struct findings {
  std::uint64_t cases = 0;
  std::uint64_t failures = 0;
  std::string first;
};

template <class F>
void check_pair(findings& found, F a, F b) {
  const F got[] = {a + b, a - b, a * b};
  const F expected[] = {round_to<F>(add(decode(a), decode(b))), round_to<F>(subtract(decode(a), decode(b))),
                        round_to<F>(multiply(decode(a), decode(b)))};
  for (int i = 0; i < 3; ++i) {
    ++found.cases;
    if (got[i].bits() == expected[i].bits()) continue;
    if (found.failures++ == 0) {
      found.first = std::string(F::name().c_str()) + ": " + std::to_string(a.bits()) + " " + "+-*"[i] + " " +
                    std::to_string(b.bits()) + " = " + std::to_string(got[i].bits()) + ", expected " +
                    std::to_string(expected[i].bits());
    }
  }
}

template <class F>
void check_all_pairs(findings& found) {
  for (std::uint64_t a = 0; a >> F::width == 0; ++a) {
    for (std::uint64_t b = 0; b >> F::width == 0; ++b) check_pair(found, F::from_bits(a), F::from_bits(b));
  }
}

// Random codes, codes of long runs, neighbours of one another and of both ends.
template <class F>
void check_many_pairs(findings& found) {
  std::mt19937_64 random{F::width};
  const auto code = [&] {
    std::uint64_t bits = random();
    for (std::uint64_t runs = random() % 4; runs > 0; --runs) {
      const std::uint64_t mask = ~std::uint64_t{0} << (random() % F::width);
      bits = random() % 2 == 0 ? bits | mask : bits & mask;
    }
    return bits;
  };
  for (int i = 0; i < 4000; ++i) {
    const std::uint64_t a = code();
    const std::uint64_t b = code();
    check_pair(found, F::from_bits(a), F::from_bits(b));
    check_pair(found, F::from_bits(a), F::from_bits(a + b % 5 - 2));
    check_pair(found, F::from_bits(a), F::from_bits(b % 5 - 2 - a));
    check_pair(found, F::from_bits(a), F::from_bits(b % 9 - 4));
    check_pair(found, F::from_bits(a), F::from_bits((std::uint64_t{1} << (F::width - 1)) + b % 9 - 4));
  }
}

template <int es, int... offsets>
void check_small_posits(findings& found, std::integer_sequence<int, offsets...>) {
  (check_all_pairs<posit<2 + offsets, es>>(found), ...);
}
template <int es, int... widths>
void check_wide_posits(findings& found, std::integer_sequence<int, widths...>) {
  (check_many_pairs<posit<widths, es>>(found), ...);
}

// Sums by add_product and by add, compared after each step: signs at random, so that they change sides and borrow.
template <class P>
std::uint64_t wrong_sums() {
  std::mt19937_64 random{P::exponent_bits};
  std::uint64_t wrong = 0;
  quire<P> fast, slow, parts;
  for (int i = 0; i < 3000; ++i) {
    const P a = P::from_bits(random() >> random() % P::width);
    const P b = P::from_bits(random() >> random() % P::width);
    if (a.is_nar() || b.is_nar()) continue;
    const P left = random() % 2 == 0 ? a : -a;
    (i % 3 == 0 ? parts : fast).add_product(left, b);
    slow.add(multiply(decode(left), decode(b)));
    if (i % 500 == 7) fast = -(-fast);
    quire<P> total = fast;
    total.add(parts);
    wrong += total.value() != slow.value() || total.is_negative() != slow.is_negative();
  }
  fast.add_product(P::nar(), P{});
  return wrong + !fast.is_nar();
}

}  // namespace

TEST_CASE("narrow arithmetic: products into a quire") {
  CHECK(wrong_sums<posit<2, 0>>() == 0);
  CHECK(wrong_sums<posit<8, 0>>() == 0);
  CHECK(wrong_sums<posit<16, 1>>() == 0);
  CHECK(wrong_sums<posit<32, 0>>() == 0);
  CHECK(wrong_sums<posit<32, 2>>() == 0);
  CHECK(wrong_sums<posit<33, 2>>() == 0);
}

TEST_CASE("narrow arithmetic: all pairs of posits of up to 7 bits") {
  findings found;
  const auto widths = std::make_integer_sequence<int, 6>();
  check_small_posits<0>(found, widths);
  check_small_posits<1>(found, widths);
  check_small_posits<2>(found, widths);
  check_small_posits<4>(found, widths);
  INFO(found.first);
  CHECK(found.failures == 0);
  CHECK(found.cases == 3 * 4 * (16 + 64 + 256 + 1024 + 4096 + 16384));
}

TEST_CASE("narrow arithmetic: wider posits, and those that are not narrow") {
  findings found;
  const std::integer_sequence<int, 9, 12, 16, 17, 20, 22, 23, 25, 28, 31, 32, 33> widths;
  check_wide_posits<0>(found, widths);
  check_wide_posits<1>(found, widths);
  check_wide_posits<2>(found, widths);
  check_wide_posits<4>(found, widths);
  INFO(found.first);
  CHECK(found.failures == 0);
}

TEST_CASE("narrow arithmetic: small floats") {
  findings found;
  check_all_pairs<float8_e5m2>(found);
  check_all_pairs<float8_e4m3fn>(found);
  check_all_pairs<float8_e4m3fnuz>(found);
  check_all_pairs<float8_e8m0>(found);
  check_all_pairs<float6_e2m3>(found);
  check_all_pairs<float4_e2m1>(found);
  check_all_pairs<binary>(found);
  check_many_pairs<bfloat16>(found);
  check_many_pairs<float16>(found);
  check_many_pairs<tfloat32>(found);
  check_many_pairs<minifloat<minifloat_spec{2, 29, 1}>>(found);  // 30 significant bits
  check_many_pairs<minifloat<minifloat_spec{1, 30, 1, special_values::finite}>>(found);  // 31
  INFO(found.first);
  CHECK(found.failures == 0);
}
