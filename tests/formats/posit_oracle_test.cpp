// Every operation of posits against exact rationals: all pairs up to 8 bits, samples and boundaries above.
#include <napier/formats/posit.hpp>

#include <catch2/catch.hpp>
#include <utility>
#include <vector>

#include "oracle/bridge.hpp"
#include "oracle/codes.hpp"
#include "oracle/sweep.hpp"

namespace {

using namespace napier;
using oracle::apply;
using oracle::number;
using oracle::operation;
using oracle::posit_format;

template <class P>
constexpr posit_format format_of{P::width, P::exponent_bits};

constexpr operation four_operations[] = {operation::add, operation::subtract, operation::multiply,
                                         operation::divide};

template <class P>
std::string describe(operation op, std::uint64_t a, std::uint64_t b, std::uint64_t c, P got,
                     std::uint64_t expected) {
  return text(P::width, P::exponent_bits, static_cast<int>(op), a, b, c, got.bits(), expected);
}

// ---- Up to 8 bits ---------------------------------------------------------------------------------------

template <class P>
void all_pairs(sweep& s) {
  const std::uint64_t codes = std::uint64_t{1} << P::width;
  for (const operation op : four_operations) {
    const std::vector<std::uint16_t> expected = oracle::posit_all_pairs(format_of<P>, op);
    for (std::uint64_t i = 0; i < codes * codes; ++i) {
      const P got = apply(op, P::from_bits(i / codes), P::from_bits(i % codes));
      s.check(got.bits() == expected[i],
              [&] { return describe(op, i / codes, i % codes, 0, got, expected[i]); });
    }
  }
  for (std::uint64_t a = 0; a < codes; ++a) {
    const P got = sqrt(P::from_bits(a));
    s.check(got.bits() == oracle::posit_sqrt(format_of<P>, a),
            [&] { return text(P::width, P::exponent_bits, a, got.bits()); });
  }
}

template <int es, int... offsets>
void all_pairs_of_widths(sweep& s, std::integer_sequence<int, offsets...>) {
  (all_pairs<posit<2 + offsets, es>>(s), ...);
}

// Four operations on all pairs and one on all codes, n = 2 … 8.
constexpr std::uint64_t cases_of_widths = 4 * (16 + 64 + 256 + 1024 + 4096 + 16384 + 65536) + (512 - 4);

template <class P>
std::uint64_t all_triples(sweep& s) {
  const std::uint64_t codes = std::uint64_t{1} << P::width;
  const std::vector<std::uint16_t> expected = oracle::posit_all_fma(format_of<P>);
  for (std::uint64_t i = 0; i < codes * codes * codes; ++i) {
    const std::uint64_t a = i / codes / codes, b = i / codes % codes, c = i % codes;
    const P got = fma(P::from_bits(a), P::from_bits(b), P::from_bits(c));
    s.check(got.bits() == expected[i],
            [&] { return describe(operation::multiply, a, b, c, got, expected[i]); });
  }
  return codes * codes * codes;
}

// ---- Above: samples and boundaries ----------------------------------------------------------------------

// The codes where something can go wrong: ends of the range, powers of two, long regimes, NaR, zero, one.
template <class P>
std::vector<std::uint64_t> boundary_codes() {
  std::vector<std::uint64_t> codes;
  for (const P x : {P{}, P::nar(), P::minpos(), P::maxpos(), P{1}, P{2}, P{3}, P{0.5}, P{10}}) {
    for (const int step : {-1, 0, 1}) {
      codes.push_back(P::from_bits(x.bits() + static_cast<std::uint64_t>(step)).bits());
      codes.push_back((-P::from_bits(x.bits() + static_cast<std::uint64_t>(step))).bits());
    }
  }
  return codes;
}

template <class P>
std::uint64_t random_code(random_bits& next) {
  switch (next.below(4)) {
    case 0:
      return P::from_bits(next()).bits();
    case 1:
      return P::from_bits(next.runs()).bits();
    case 2: {  // near one: full fractions
      const P x = P::from_bits((std::uint64_t{1} << (P::width - 2)) |
                               (next() & ~(~std::uint64_t{0} << (P::width - 2))));
      return next.below(2) == 0 ? x.bits() : (-x).bits();
    }
    default:
      return P::from_bits(next() >> next.below(64)).bits();
  }
}

template <class P>
void check_pair(sweep& s, std::uint64_t a, std::uint64_t b) {
  for (const operation op : four_operations) {
    const P got = apply(op, P::from_bits(a), P::from_bits(b));
    const std::uint64_t expected = oracle::posit_operation(format_of<P>, op, a, b);
    s.check(got.bits() == expected, [&] { return describe(op, a, b, 0, got, expected); });
  }
}

template <class P>
void check_fma(sweep& s, std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  const P got = fma(P::from_bits(a), P::from_bits(b), P::from_bits(c));
  const std::uint64_t expected = oracle::posit_fma(format_of<P>, a, b, c);
  s.check(got.bits() == expected, [&] { return describe(operation::multiply, a, b, c, got, expected); });
}

template <class P>
void check_sqrt(sweep& s, std::uint64_t a) {
  const P got = sqrt(P::from_bits(a));
  s.check(got.bits() == oracle::posit_sqrt(format_of<P>, a),
          [&] { return describe(operation::divide, a, 0, 0, got, 0); });
}

template <class P>
void samples(int count) {
  random_bits next(static_cast<std::uint64_t>(P::width * 8 + P::exponent_bits));
  sweep s;
  const auto codes = boundary_codes<P>();
  for (const std::uint64_t a : codes) {
    for (const std::uint64_t b : codes) check_pair<P>(s, a, b);
    check_sqrt<P>(s, a);
  }
  for (int i = 0; i < count; ++i) {
    const std::uint64_t a = random_code<P>(next);
    std::uint64_t b = random_code<P>(next);
    if (i % 8 == 0)
      b = P::from_bits((next.below(2) == 0 ? P::from_bits(a) : -P::from_bits(a)).bits() ^ (next() & 7))
              .bits();
    check_pair<P>(s, a, b);
    check_sqrt<P>(s, a);
    // Sums that cancel the head of the product, or stand just beside a tie.
    const P product = P::from_bits(a) * P::from_bits(b);
    const std::uint64_t c =
        i % 2 == 0 ? random_code<P>(next)
                   : P::from_bits((-product).bits() + static_cast<std::uint64_t>(next.below(3) - 1)).bits();
    check_fma<P>(s, a, b, c);
  }
  INFO(format_traits<P>::name().c_str());
  REQUIRE(s.report() ==
          passed(codes.size() * (4 * codes.size() + 1) + static_cast<std::uint64_t>(count) * 6));
  report_pairs(4 * (codes.size() * codes.size() + static_cast<std::uint64_t>(count)));
}

// ---- Rounding and conversions ---------------------------------------------------------------------------

// Values on, just below and just above the boundary between each of `count` codes and its upper neighbour.
template <class P>
void boundaries(int count) {
  constexpr posit_format f = format_of<P>;
  constexpr posit_format finer{P::width + 1, P::exponent_bits};
  random_bits next(77);
  sweep s;
  const std::uint64_t codes = oracle::posit_nar(f) - 2;  // 1 … maxpos − 1
  const bool all = codes <= static_cast<std::uint64_t>(count);
  const std::uint64_t tried = all ? codes : static_cast<std::uint64_t>(count);
  for (std::uint64_t i = 0; i < tried; ++i) {
    const std::uint64_t code = all ? 1 + i : 1 + next() % codes;
    const number boundary = oracle::posit_value(finer, 2 * code + 1);
    const unpacked at = oracle::unpacked_of(boundary);
    unpacked above = at, below = at;
    above.tail = 1;
    below.tail = ~std::uint64_t{0};
    below.significand = at.significand - 1;
    if (at.significand == std::uint64_t{1} << 63) {
      below.significand = ~std::uint64_t{0};
      below.exponent = at.exponent - 1;
    }
    const std::uint64_t even = code % 2 == 0 ? code : code + 1;
    const auto rounds_to = [&](const unpacked& x, std::uint64_t expected) {
      const bool right = round_to<P>(x).bits() == expected && round_to<P>(-x) == -P::from_bits(expected);
      s.check(right, [&] { return describe(operation::add, code, x.tail, 0, round_to<P>(x), expected); });
    };
    rounds_to(at, even);
    rounds_to(above, code + 1);
    rounds_to(below, code);
  }
  INFO(format_traits<P>::name().c_str());
  REQUIRE(s.report() == passed(3 * tried));
}

template <class T>
constexpr oracle::float_format float_format_of = sizeof(T) == 4 ? oracle::float32 : oracle::float64;

template <class P, class T, class Code>
void float_conversions(int count) {
  constexpr oracle::float_format f = float_format_of<T>;
  random_bits next(78);
  sweep s;
  for (int i = 0; i < count; ++i) {
    std::uint64_t code = random_code<P>(next);
    const auto got = std::bit_cast<Code>(static_cast<T>(P::from_bits(code)));
    const bool nar = P::from_bits(code).is_nar();
    const std::uint64_t expected =
        nar ? oracle::float_nan(f) : oracle::float_round(f, oracle::posit_value(format_of<P>, code));
    s.check(got == expected, [&] { return text(P::width, P::exponent_bits, code, got, expected); });

    // Any float; every second one within the posit's range and near a posit.
    Code bits = static_cast<Code>(next());
    if (i % 2 == 0) bits = static_cast<Code>(expected + static_cast<std::uint64_t>(next.below(5) - 2));
    const P converted{std::bit_cast<T>(bits)};
    const bool finite = oracle::float_classify(f, bits) == oracle::float_class::finite;
    const std::uint64_t rounded = finite ? oracle::posit_round(format_of<P>, oracle::float_value(f, bits))
                                         : oracle::posit_nar(format_of<P>);
    s.check(converted.bits() == rounded,
            [&] { return text(P::width, P::exponent_bits, bits, converted.bits(), rounded); });
  }
  INFO(format_traits<P>::name().c_str());
  REQUIRE(s.report() == passed(2 * static_cast<std::uint64_t>(count)));
}

template <class P, class T>
void integer_conversions(sweep& s, int count) {
  using limits = std::numeric_limits<T>;
  constexpr int bits = limits::digits + (limits::is_signed ? 1 : 0);
  random_bits next(79);
  for (int i = 0; i < count; ++i) {
    const std::uint64_t code = random_code<P>(next);
    const P x = P::from_bits(code);
    const T got = static_cast<T>(x);
    const T expected = x.is_nar() ? limits::min()
                                  : static_cast<T>(oracle::integer_round(
                                        bits, limits::is_signed, oracle::posit_value(format_of<P>, code)));
    s.check(got == expected, [&] { return text(P::width, P::exponent_bits, code, got, expected); });

    T value = static_cast<T>(next.runs());
    if (i == 0) value = limits::max();
    if (i == 1) value = limits::min();
    if (i == 2) value = 0;
    const bool negative = value < 0;
    const std::uint64_t wide = static_cast<std::uint64_t>(value);
    const std::uint64_t rounded =
        oracle::posit_round(format_of<P>, number::dyadic(negative, 0, negative ? 0 - wide : wide, 0));
    s.check(P{value}.bits() == rounded, [&] { return text(P::width, P::exponent_bits, value, rounded); });
  }
}

template <class P>
void all_integer_types(int count) {
  sweep s;
  integer_conversions<P, signed char>(s, count);
  integer_conversions<P, unsigned char>(s, count);
  integer_conversions<P, char>(s, count);
  integer_conversions<P, short>(s, count);
  integer_conversions<P, unsigned short>(s, count);
  integer_conversions<P, int>(s, count);
  integer_conversions<P, unsigned>(s, count);
  integer_conversions<P, long>(s, count);
  integer_conversions<P, unsigned long>(s, count);
  integer_conversions<P, long long>(s, count);
  integer_conversions<P, unsigned long long>(s, count);
  INFO(format_traits<P>::name().c_str());
  REQUIRE(s.report() == passed(22 * static_cast<std::uint64_t>(count)));
}

template <class P, class Q>
void posit_conversions(sweep& s, int count) {
  random_bits next(80);
  for (int i = 0; i < count; ++i) {
    const std::uint64_t code = random_code<P>(next);
    const Q got{P::from_bits(code)};
    const std::uint64_t expected =
        P::from_bits(code).is_nar()
            ? oracle::posit_nar(format_of<Q>)
            : oracle::posit_round(format_of<Q>, oracle::posit_value(format_of<P>, code));
    s.check(got.bits() == expected, [&] { return text(P::width, Q::width, code, got.bits(), expected); });
  }
}

}  // namespace

TEST_CASE("four operations on all pairs and sqrt of all codes, n <= 8") {
  sweep s;
  all_pairs_of_widths<0>(s, std::make_integer_sequence<int, 7>{});
  all_pairs_of_widths<1>(s, std::make_integer_sequence<int, 7>{});
  all_pairs_of_widths<2>(s, std::make_integer_sequence<int, 7>{});
  all_pairs_of_widths<3>(s, std::make_integer_sequence<int, 7>{});
  all_pairs_of_widths<4>(s, std::make_integer_sequence<int, 7>{});
  REQUIRE(s.report() == passed(5 * cases_of_widths));
  report_pairs(5 * 4 * (16 + 64 + 256 + 1024 + 4096 + 16384 + 65536));
}

TEST_CASE("fused multiply-add of all triples, n <= 6") {
  sweep s;
  std::uint64_t expected = 0;
  expected += all_triples<posit<2, 0>>(s) + all_triples<posit<2, 1>>(s) + all_triples<posit<2, 2>>(s);
  expected += all_triples<posit<3, 0>>(s) + all_triples<posit<3, 1>>(s) + all_triples<posit<3, 2>>(s);
  expected += all_triples<posit<4, 0>>(s) + all_triples<posit<4, 1>>(s) + all_triples<posit<4, 2>>(s);
  expected += all_triples<posit<5, 0>>(s) + all_triples<posit<5, 1>>(s) + all_triples<posit<5, 2>>(s);
  expected += all_triples<posit<6, 0>>(s) + all_triples<posit<6, 1>>(s) + all_triples<posit<6, 2>>(s);
  expected += all_triples<posit<5, 3>>(s) + all_triples<posit<5, 4>>(s);
  REQUIRE(s.report() == passed(expected));
}

TEST_CASE("samples and boundary cases of wider posits") {
  samples<posit<2, 0>>(100);
  samples<posit<3, 1>>(200);
  samples<posit<5, 4>>(500);
  samples<posit<7, 0>>(2000);
  samples<posit<8, 1>>(2000);
  samples<posit<8, 2>>(2000);
  samples<posit<10, 1>>(2000);
  samples<posit<12, 3>>(2000);
  samples<posit<16, 1>>(3000);
  samples<posit<16, 2>>(3000);
  samples<posit<24, 2>>(2000);
  samples<posit<32, 2>>(3000);
  samples<posit<33, 1>>(2000);
  samples<posit<37, 4>>(2000);
  samples<posit<63, 0>>(2000);
  samples<posit<64, 0>>(2000);
  samples<posit<64, 2>>(3000);
  samples<posit<64, 4>>(2000);
}

TEST_CASE("rounding at the boundary between two codes: the posit of one more bit; ties to the even code") {
  boundaries<posit<3, 1>>(1 << 20);
  boundaries<posit<5, 4>>(1 << 20);
  boundaries<posit<8, 0>>(1 << 20);
  boundaries<posit<8, 1>>(1 << 20);
  boundaries<posit<8, 2>>(1 << 20);
  boundaries<posit<10, 1>>(1 << 20);
  boundaries<posit<12, 3>>(1 << 20);
  boundaries<posit<16, 1>>(1 << 20);
  boundaries<posit<16, 2>>(1 << 20);
  boundaries<posit<24, 2>>(3000);
  boundaries<posit<32, 2>>(3000);
  boundaries<posit<37, 4>>(3000);
  boundaries<posit<62, 1>>(3000);
  boundaries<posit<63, 0>>(3000);
  boundaries<posit<63, 4>>(3000);
  boundaries<posit<64, 0>>(3000);
  boundaries<posit<64, 2>>(3000);
  boundaries<posit<64, 4>>(3000);
}

TEST_CASE("conversions from and to float and double round once") {
  float_conversions<posit<2, 0>, float, std::uint32_t>(500);
  float_conversions<posit<8, 1>, float, std::uint32_t>(2000);
  float_conversions<posit<16, 1>, float, std::uint32_t>(2000);
  float_conversions<posit<32, 2>, float, std::uint32_t>(2000);
  float_conversions<posit<37, 4>, float, std::uint32_t>(2000);
  float_conversions<posit<64, 2>, float, std::uint32_t>(2000);
  float_conversions<posit<8, 2>, double, std::uint64_t>(2000);
  float_conversions<posit<16, 2>, double, std::uint64_t>(2000);
  float_conversions<posit<64, 0>, double, std::uint64_t>(2000);
  float_conversions<posit<64, 2>, double, std::uint64_t>(2000);
  float_conversions<posit<64, 4>, double, std::uint64_t>(2000);
}

TEST_CASE("conversions from and to all integer types round once and saturate") {
  all_integer_types<posit<2, 0>>(50);
  all_integer_types<posit<8, 0>>(200);
  all_integer_types<posit<16, 1>>(300);
  all_integer_types<posit<32, 2>>(300);
  all_integer_types<posit<64, 2>>(300);
  all_integer_types<posit<64, 4>>(200);
}

TEST_CASE("conversions between posits round once") {
  sweep s;
  posit_conversions<posit<64, 2>, posit<16, 1>>(s, 2000);
  posit_conversions<posit<16, 1>, posit<64, 2>>(s, 2000);
  posit_conversions<posit<64, 4>, posit<63, 0>>(s, 2000);
  posit_conversions<posit<8, 2>, posit<8, 0>>(s, 2000);
  REQUIRE(s.report() == passed(8000));
}
