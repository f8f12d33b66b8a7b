// The oracle against what is known without it: the hardware's float, published posit codes, small cases by hand.
#include "oracle/oracle.hpp"

#include <bit>
#include <catch2/catch.hpp>
#include <cmath>

#include "oracle/sweep.hpp"

using oracle::number;
using oracle::operation;

TEST_CASE("a sweep that fails says so, with its first counterexample") {
  sweep s;
  for (int i = 0; i < 5; ++i) s.check(i < 3, [&] { return text(i); });
  REQUIRE(s.report() == "5 cases, 2 failures; first: 3 ");
  REQUIRE(s.report() != passed(5));
}

TEST_CASE("rational numbers") {
  const number third = number(1) / 3;
  REQUIRE(third * 3 == 1);
  REQUIRE((third + third < 1 && third > 0 && -third < 0));
  REQUIRE((third.floor_log2() == -2 && number(8).floor_log2() == 3 && number(-7).floor_log2() == 2));
  REQUIRE((number(-7).scaled(-1).floor() == -4 && number(7).scaled(-1).floor() == 3));
  REQUIRE(number(-6) / -4 == number(3).scaled(-1));
  REQUIRE(number::dyadic(true, 1, 0, -64) == -1);
  REQUIRE(third.approximate() == 1.0 / 3);
  const oracle::odd128 bits = oracle::round_to_odd(third);
  REQUIRE((bits.exponent == -2 && bits.high == 0xaaaaaaaaaaaaaaaa && bits.low == 0xaaaaaaaaaaaaaaab));
  REQUIRE(oracle::round_to_odd(number(5)).low == 0);
}

TEST_CASE("float32 operations are the hardware's") {
  random_bits next(11);
  sweep s;
  const auto bits = [](float x) { return std::isnan(x) ? 0x7fc00000u : std::bit_cast<std::uint32_t>(x); };
  for (int i = 0; i < 30000; ++i) {
    auto a = static_cast<std::uint32_t>(next());
    auto b = static_cast<std::uint32_t>(next.runs());
    if (i % 2 == 0) b = (a & 0xff800000) ^ (b & 0x80ffffff);
    const auto x = std::bit_cast<float>(a);
    const auto y = std::bit_cast<float>(b);
    const bool right = oracle::float_operation(oracle::float32, operation::add, a, b) == bits(x + y) &&
                       oracle::float_operation(oracle::float32, operation::subtract, a, b) == bits(x - y) &&
                       oracle::float_operation(oracle::float32, operation::multiply, a, b) == bits(x * y) &&
                       oracle::float_operation(oracle::float32, operation::divide, a, b) == bits(x / y) &&
                       oracle::float_sqrt(oracle::float32, a) == bits(std::sqrt(x)) &&
                       oracle::float_fma(oracle::float32, a, b, a) == bits(std::fma(x, y, x));
    s.check(right, [&] { return text(a, b); });
  }
  REQUIRE(s.report() == passed(30000));
}

TEST_CASE("published posit codes") {
  const number pi = number::from_double(M_PI);
  REQUIRE(oracle::posit_round({32, 2}, pi) == 0x4c90fdaa);
  REQUIRE(oracle::posit_round({16, 2}, pi) == 0x4c91);
  REQUIRE(oracle::posit_round({16, 1}, pi) == 0x5922);
  // 0 0001 101 11011101 of Gustafson and Yonemoto: 3.55393 · 10^-6 in posit<16, 3>
  REQUIRE(oracle::posit_value({16, 3}, 0x0ddd) == number(477).scaled(-27));
  // All positive posit<5, 1>: 1/64, 1/16, 1/8, 1/4, 3/8, 1/2, 3/4, 1, 3/2, 2, 3, 4, 8, 16, 64
  const int in_64ths[] = {1, 4, 8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 512, 1024, 4096};
  for (std::uint64_t code = 1; code < 16; ++code) {
    REQUIRE(oracle::posit_value({5, 1}, code) == number(in_64ths[code - 1]).scaled(-6));
    REQUIRE(oracle::posit_value({5, 1}, 32 - code) == number(-in_64ths[code - 1]).scaled(-6));
  }
  // On the infinite string the boundary between 16 and 64 is 32, between 4 and 8 (one more bit: 6) 6.
  REQUIRE((oracle::posit_round({5, 1}, 32) == 14 && oracle::posit_round({5, 1}, 33) == 15 &&
           oracle::posit_round({5, 1}, 31) == 14));
  REQUIRE((oracle::posit_round({5, 1}, 6) == 12 && oracle::posit_round({5, 1}, 1000) == 15));
  REQUIRE((oracle::posit_round({5, 1}, number::power_of_two(-90)) == 1 &&
           oracle::posit_round({5, 1}, -1000) == 17));
  REQUIRE(oracle::posit_operation({32, 2}, operation::divide, oracle::posit_round({32, 2}, 10),
                                  oracle::posit_round({32, 2}, 2)) == oracle::posit_round({32, 2}, 5));
}

TEST_CASE("the tables of small posits are the general way's") {
  sweep s;
  for (const oracle::posit_format f : {oracle::posit_format{5, 0}, {5, 2}, {6, 1}, {4, 4}, {5, 3}}) {
    const auto codes = std::uint64_t{1} << f.n;
    for (const operation op : {operation::add, operation::subtract, operation::multiply, operation::divide}) {
      const auto table = oracle::posit_all_pairs(f, op);
      for (std::uint64_t i = 0; i < table.size(); ++i) {
        s.check(table[i] == oracle::posit_operation(f, op, i / codes, i % codes),
                [&] { return text(f.n, f.es, i); });
      }
    }
  }
  REQUIRE(s.report() == passed(4 * (1024 + 1024 + 4096 + 256 + 1024)));
}

TEST_CASE("integers and logarithmic products") {
  const auto half = [](int x) { return number(x).scaled(-1); };
  REQUIRE((oracle::integer_round(8, true, half(5)) == 2 && oracle::integer_round(8, true, half(7)) == 4));
  REQUIRE((oracle::integer_round(8, true, 200) == 127 &&
           oracle::integer_round(8, true, -200) == static_cast<std::uint64_t>(-128)));
  REQUIRE((oracle::integer_round(8, false, -3) == 0 && oracle::integer_round(8, false, half(511)) == 255));
  REQUIRE(oracle::log_product({}, half(3), half(3)) == 2);
  REQUIRE(oracle::log_product({6, true}, 1, 1) == number(17).scaled(-4));
  REQUIRE((oracle::integer_log_product({}, false, 3, -3) == -8 &&
           oracle::integer_log_product({6, false}, true, -1, 4) == -5));
}
