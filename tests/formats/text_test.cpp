// Texts: parse<F> at and beside every boundary, to_string by brute force and against the standard library's for double.
#include <napier/formats/text.hpp>

#include <catch2/catch.hpp>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <string>

#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>

#include "oracle/sweep.hpp"

namespace {

using namespace napier;

// ---- The decimal expansion of m · 2^e, exactly, by doubling and halving digits --------------------------

std::string exact_decimal(std::uint64_t m, int e) {
  std::string digits = std::to_string(m);  // without the point
  std::size_t behind = 0;                  // digits behind it
  for (; e > 0; --e) {
    int carry = 0;
    for (std::size_t i = digits.size(); i-- > 0;) {
      const int d = (digits[i] - '0') * 2 + carry;
      digits[i] = static_cast<char>('0' + d % 10);
      carry = d / 10;
    }
    if (carry != 0) digits.insert(digits.begin(), '1');
  }
  for (; e < 0; ++e) {  // × 5, one place further behind the point
    int carry = 0;
    for (std::size_t i = digits.size(); i-- > 0;) {
      const int d = (digits[i] - '0') * 5 + carry;
      digits[i] = static_cast<char>('0' + d % 10);
      carry = d / 10;
    }
    if (carry != 0) digits.insert(digits.begin(), static_cast<char>('0' + carry));
    ++behind;
  }
  if (digits.size() <= behind) digits.insert(0, behind - digits.size() + 1, '0');
  if (behind != 0) digits.insert(digits.size() - behind, ".");
  return digits;
}

// A decimal a little below: … 5 becomes … 4999.
std::string just_below(std::string decimal) {
  if (decimal.find('.') == std::string::npos) decimal += ".0";
  std::size_t i = decimal.size() - 1;
  while (decimal[i] == '0' || decimal[i] == '.') {
    if (decimal[i] == '0') decimal[i] = '9';
    --i;
  }
  --decimal[i];
  return decimal + "9999";
}
std::string just_above(const std::string& decimal) {
  return decimal + (decimal.find('.') == std::string::npos ? ".0001" : "0001");
}

TEST_CASE("the texts that the tests below are made of") {
  CHECK(exact_decimal(13, -2) == "3.25");
  CHECK(exact_decimal(1, -5) == "0.03125");
  CHECK(exact_decimal(3, 40) == "3298534883328");
  CHECK(just_below("3.25") == "3.249999");
  CHECK(just_below("100") == "099.99999");
  CHECK(just_above("3.25") == "3.250001");
  CHECK(just_above("8") == "8.0001");
}

// ---- parse: correctly rounded ---------------------------------------------------------------------------

// Significand and scale of an exact value of up to 64 bits.
std::string exact_text(const unpacked& x) { return exact_decimal(x.significand, x.exponent - 63); }

std::string hexadecimal_text(const unpacked& x) {
  char digits[64];
  const auto end = std::to_chars(digits, digits + 64, x.significand, 16).ptr;
  return "0x" + std::string(digits, end) + "p" + std::to_string(x.exponent - 63);
}

// The boundary between a positive code and the next one of a posit is the posit of one more bit; of a float the mean.
template <int n, int es>
unpacked boundary_after(posit<n, es> x) {
  return decode(posit<n + 1, es>::from_bits(2 * std::uint64_t{x.bits()} + 1));
}
template <minifloat_spec spec>
unpacked boundary_after(minifloat<spec> x) {
  const unpacked low = decode(x), high = decode(minifloat<spec>::from_bits(std::uint64_t{x.bits()} + 1));
  unpacked sum = add(low, high);
  --sum.exponent;
  return sum;
}

template <class F>
void boundaries(std::uint64_t first, std::uint64_t last, std::uint64_t step) {
  sweep s;
  for (std::uint64_t code = first; code < last; code += step) {
    const F low = F::from_bits(code), high = F::from_bits(code + 1);
    const std::string at = exact_text(boundary_after(low));
    const F even = code % 2 == 0 ? low : high;
    const std::string exact = exact_text(decode(high));
    const bool right = parse<F>(at) == even && parse<F>("-" + at) == -even &&
                       parse<F>(just_below(at)) == low && parse<F>(just_above(at)) == high &&
                       parse<F>(exact) == high && parse<F>(hexadecimal_text(decode(high))) == high &&
                       parse<F>(hexadecimal_text(boundary_after(low))) == even;
    s.check(right, [&] { return text(code) + at + " " + just_below(at) + " " + just_above(at); });
  }
  INFO(format_traits<F>::name().c_str());
  REQUIRE(s.cases() >= (last - first) / step);
  REQUIRE(s.report() == passed(s.cases()));
}

// ---- to_string ------------------------------------------------------------------------------------------

template <class F>
bool same(F a, F b) {
  return a.bits() == b.bits();
}

template <class F>
void reads_back_everywhere() {
  sweep s;
  for (std::uint64_t code = 0; code < std::uint64_t{1} << F::width; ++code) {
    const F x = F::from_bits(static_cast<std::int64_t>(code));
    const std::string written = to_string(x);
    const bool is_nan = decode(x).is_nan();
    s.check(is_nan ? decode(parse<F>(written)).is_nan() : same(parse<F>(written), x),
            [&] { return text(code) + written; });
  }
  INFO(format_traits<F>::name().c_str());
  REQUIRE(s.report() == passed(std::uint64_t{1} << F::width));
}

int digits_of(const std::string& written) {
  std::string digits;
  for (const char c : written) {
    if (c == 'e') break;
    if ('0' <= c && c <= '9') digits += c;
  }
  const std::size_t first = digits.find_first_not_of('0');
  const std::size_t last = digits.find_last_not_of('0');
  return first == std::string::npos ? 0 : static_cast<int>(last - first) + 1;
}

// All decimals of up to three digits, by brute force: which codes have one of one digit, of two, of three; the nearest.
template <class F>
void shortest_by_brute_force(int smallest_exponent, int largest_exponent) {
  std::map<std::uint64_t, int> fewest;
  std::map<std::uint64_t, double> nearest;
  for (int digits = 1; digits < 1000; ++digits) {
    if (digits % 10 == 0) continue;
    const int count = digits < 10 ? 1 : digits < 100 ? 2 : 3;
    for (int e = smallest_exponent; e <= largest_exponent; ++e) {
      const std::string written = std::to_string(digits) + "e" + std::to_string(e);
      const F x = parse<F>(written);
      if (!decode(x).is_finite()) continue;
      const auto code = static_cast<std::uint64_t>(x.bits());
      const double distance = std::fabs(std::strtod(written.c_str(), nullptr) - double(x));
      // What others are clamped to is not called by their names.
      const bool clamps = PositFormat<F> || !std::numeric_limits<F>::has_quiet_NaN;
      const bool end =
          x == std::numeric_limits<F>::max() || (PositFormat<F> && x == std::numeric_limits<F>::min());
      if (clamps && end && !(distance <= std::ldexp(double(x), -F::significand_bits - 1))) continue;
      if (!fewest.contains(code) || count < fewest[code]) {
        fewest[code] = count;
        nearest[code] = distance;
      } else if (count == fewest[code] && distance < nearest[code]) {
        nearest[code] = distance;
      }
    }
  }
  sweep s;
  for (const auto& entry : fewest) {
    const auto code = entry.first;
    const int count = entry.second;
    const F x = F::from_bits(static_cast<std::int64_t>(code));
    const std::string written = to_string(x);
    const double distance = std::fabs(std::strtod(written.c_str(), nullptr) - double(x));
    s.check(digits_of(written) == count && distance == nearest[code],
            [&] { return written + " " + text(code, count); });
  }
  // Codes without one of three digits have more.
  for (std::uint64_t code = 0; code < std::uint64_t{1} << F::width; ++code) {
    const F x = F::from_bits(static_cast<std::int64_t>(code));
    const bool positive = decode(x).is_finite() && !decode(x).negative;
    if (positive && !fewest.contains(code))
      s.check(digits_of(to_string(x)) > 3, [&] { return to_string(x); });
  }
  INFO(format_traits<F>::name().c_str());
  REQUIRE(s.cases() > 5);
  REQUIRE(s.report() == passed(s.cases()));
}

template <class F>
void random_codes_read_back(int count) {
  random_bits next(21);
  sweep s;
  for (int i = 0; i < count; ++i) {
    const F x = F::from_bits(static_cast<std::int64_t>(i % 2 == 0 ? next() : next.runs()));
    if (decode(x).is_nan()) continue;
    const std::string written = to_string(x);
    s.check(same(parse<F>(written), x) && digits_of(written) <= 21,
            [&] { return written + " " + text(x.bits()); });
  }
  INFO(format_traits<F>::name().c_str());
  REQUIRE(s.cases() > static_cast<std::uint64_t>(count / 2));
  REQUIRE(s.report() == passed(s.cases()));
}

}  // namespace

TEST_CASE("parse rounds once, at and beside the boundaries between neighbours") {
  boundaries<posit<8, 0>>(1, 127 - 1, 1);
  boundaries<posit<8, 2>>(1, 127 - 1, 1);
  boundaries<posit<6, 4>>(1, 31 - 1, 1);
  boundaries<posit<16, 1>>(1, 0x7ffe, 13);
  boundaries<posit<16, 2>>(1, 0x7ffe, 13);
  boundaries<posit32>(0x100, 0x7fffff00, 0x00fedcb7);
  boundaries<posit<63, 2>>(0x3000, 0x3fffffffffff0000, 0x00fedcba98765431);
  boundaries<posit<63, 4>>(0x3000, 0x3fffffffffff0000, 0x00fedcba98765431);
  boundaries<float8_e4m3fn>(0, 0x7e, 1);
  boundaries<float8_e5m2>(0, 0x7b, 1);
  boundaries<float4_e2m1>(0, 7, 1);
  boundaries<float16>(0, 0x7bff, 17);
  boundaries<bfloat16>(0, 0x7f7f, 37);
}

TEST_CASE("double and float: as the standard library reads and writes them") {
  random_bits next(22);
  sweep s;
  for (int i = 0; i < 4000; ++i) {
    const double x = std::bit_cast<double>(next());
    if (!std::isfinite(x)) continue;
    const std::string written = to_string(x);
    char buffer[64];
    const std::string shortest(buffer,
                               std::to_chars(buffer, buffer + 64, x, std::chars_format::scientific).ptr);
    s.check(std::strtod(written.c_str(), nullptr) == x && digits_of(written) == digits_of(shortest) &&
                parse<double>(shortest) == x,
            [&] { return written + " " + shortest; });
    const float f = std::bit_cast<float>(static_cast<std::uint32_t>(next()));
    if (!std::isfinite(f)) continue;
    const std::string of_float(buffer,
                               std::to_chars(buffer, buffer + 64, f, std::chars_format::scientific).ptr);
    s.check(digits_of(to_string(f)) == digits_of(of_float) && parse<float>(of_float) == f &&
                parse<float>(to_string(f)) == f,
            [&] { return to_string(f) + " " + of_float; });
    // Any digits.
    std::string any =
        std::to_string(next()) + std::to_string(next()) + "e" + std::to_string(next.below(640) - 360);
    any.insert(static_cast<std::size_t>(1 + next.below(15)), ".");
    s.check(parse<double>(any) == std::strtod(any.c_str(), nullptr) &&
                parse<float>(any) == std::strtof(any.c_str(), nullptr),
            [&] { return any; });
  }
  REQUIRE(s.cases() > 10000);
  REQUIRE(s.report() == passed(s.cases()));
  CHECK(parse<double>("4.9406564584124654e-324") == std::numeric_limits<double>::denorm_min());
  CHECK(parse<double>("2.4703282292062327e-324") == 0);
  CHECK(parse<double>("1.7976931348623158e308") == std::numeric_limits<double>::max());
  CHECK(parse<double>("1.7976931348623159e308") == std::numeric_limits<double>::infinity());
}

TEST_CASE("to_string reads back: every code of 16 bits") {
  reads_back_everywhere<posit<16, 1>>();
  reads_back_everywhere<posit<16, 2>>();
  reads_back_everywhere<float16>();
  reads_back_everywhere<bfloat16>();
  reads_back_everywhere<fixed<16, 8>>();
  reads_back_everywhere<posit<10, 4>>();
  reads_back_everywhere<float8_e4m3fn>();
  reads_back_everywhere<float8_e5m2fnuz>();
  reads_back_everywhere<float8_e8m0>();
  reads_back_everywhere<float6_e2m3>();
  reads_back_everywhere<binary>();
}

TEST_CASE("to_string reads back: random codes of wider formats") {
  random_codes_read_back<posit32>(3000);
  random_codes_read_back<posit64>(2000);
  random_codes_read_back<posit<64, 0>>(2000);
  random_codes_read_back<posit<64, 4>>(2000);
  random_codes_read_back<tfloat32>(2000);
  random_codes_read_back<fixed32_16>(2000);
  random_codes_read_back<fixed<64, 64>>(2000);
  random_codes_read_back<fixed<64, 0>>(2000);
}

TEST_CASE("to_string is the shortest, and of the shortest the nearest") {
  shortest_by_brute_force<posit<8, 0>>(-6, 3);
  shortest_by_brute_force<posit<8, 1>>(-8, 5);
  shortest_by_brute_force<posit<8, 2>>(-11, 9);
  shortest_by_brute_force<float8_e4m3fn>(-6, 3);
  shortest_by_brute_force<float8_e5m2>(-8, 5);
  shortest_by_brute_force<float6_e3m2>(-4, 2);
  shortest_by_brute_force<fixed<8, 4>>(-5, 1);
}

TEST_CASE("as many digits as asked for, from the first that is not zero") {
  sweep s;
  for (int e = -1074; e < 1024; ++e) {
    for (const double factor : {1.0, 1.0005, 1.999}) {
      const double x = std::ldexp(factor, e);
      if (std::isinf(x)) continue;
      for (const int count : {1, 22}) {
        const detail::decimal d = detail::decimal_digits_of(decode(x), count);
        const uint128 limit = detail::power_of_ten(count);
        s.check(limit / 10 <= d.digits && d.digits < limit, [&] { return text(e, factor, count); });
      }
    }
  }
  REQUIRE(s.report() == passed(2098 * 6));
}

TEST_CASE("the form of a text") {
  CHECK(to_string(posit16{3.25}) == "3.25");
  CHECK(to_string(posit16{-0.0625}) == "-0.0625");
  CHECK(to_string(posit16{0}) == "0");
  CHECK(to_string(bfloat16{-0.0}) == "-0");
  CHECK(to_string(bfloat16{0.1}) == "0.1");
  CHECK(to_string(0.1f) == "0.1");
  CHECK(to_string(0.0001) == "0.0001");
  CHECK(to_string(0.00001) == "1e-05");
  CHECK(to_string(1234000.0) == "1234000");
  CHECK(to_string(1e15) == "1000000000000000");
  CHECK(to_string(1e16) == "1e+16");
  CHECK(to_string(1.5e300) == "1.5e+300");
  CHECK(to_string(1.25e-300) == "1.25e-300");
  CHECK(to_string(123456) == "123456");
  CHECK(parse<std::int64_t>(to_string(std::numeric_limits<std::int64_t>::min())) ==
        std::numeric_limits<std::int64_t>::min());
  CHECK(to_string(posit16::nar()) == "nar");
  CHECK(to_string(float16::quiet_nan()) == "nan");
  CHECK(to_string(-float16::infinity()) == "-inf");
}

TEST_CASE("what parse reads") {
  using P = posit16;
  CHECK(parse<P>("3") == P{3});
  CHECK(parse<P>("+3.") == P{3});
  CHECK(parse<P>(".5") == P{0.5});
  CHECK(parse<P>("-2.5E+1") == P{-25});
  CHECK(parse<P>("250e-1") == P{25});
  CHECK(parse<P>("0x1.8p3") == P{12});
  CHECK(parse<P>("-0XFF") == P{-255});
  CHECK(parse<P>("0x.8P-1") == P{0.25});
  CHECK(parse<P>("NaR").is_nar());
  CHECK(parse<P>("nan").is_nar());
  CHECK(parse<float16>("-NAN").is_nan());
  CHECK(parse<float16>("-Infinity") == -float16::infinity());
  CHECK(parse<float16>("inf") == float16::infinity());
  CHECK(parse<float16>("-0").bits() == 0x8000);
  CHECK(parse<float16>("-0x0p5").bits() == 0x8000);
  CHECK(parse<float16>("1e-99999999999999999999").bits() == 0);
  CHECK(parse<float16>("-1e99999999999999999999") == -float16::infinity());
  CHECK(parse<float16>("0e99999999999999999999").is_zero());
  CHECK(parse<P>("1e99999") == P::maxpos());
  CHECK(parse<P>("-1e-99999") == -P::minpos());
  CHECK(parse<P>("0x1p-99999999999") == P::minpos());
  CHECK(parse<P>("0x1p99999999999") == P::maxpos());
  CHECK(parse<posit<64, 4>>("1e401") == posit<64, 4>::maxpos());
  CHECK(parse<float8_e4m3fn>("1000").is_nan());
  CHECK(parse<float4_e2m1>("1000") == float4_e2m1{6});
  CHECK(parse<fixed32_16>("-1e30") == fixed32_16::lowest());
  CHECK(parse<std::uint8_t>("255.4") == 255);
  static_assert(parse<P>("3.25") == P{3.25} && !try_parse<P>("3,25"));
}

TEST_CASE("texts of any length") {
  const std::string zeros(5000, '0'), nines(5000, '9');
  CHECK(parse<posit64>(zeros + "3.25" + zeros) == posit64{3.25});
  CHECK(parse<posit64>("325" + zeros + "e-5002") == posit64{3.25});
  CHECK(parse<posit64>("0." + zeros + "325e5001") == posit64{3.25});
  CHECK(parse<posit64>("0." + nines) == posit64{1});
  CHECK(parse<double>("0." + nines) == 1);
  // A digit far behind decides a tie: 1 + 2^-53 is between two doubles.
  const std::string tie = exact_decimal((std::uint64_t{1} << 53) + 1, -53);
  CHECK(parse<double>(tie) == 1);
  CHECK(parse<double>(tie + zeros) == 1);
  CHECK(parse<double>(tie + zeros + "1") == 1 + 0x1p-52);
  CHECK(parse<double>("0x1.00000000000008" + zeros) == 1);
  CHECK(parse<double>("0x1.00000000000008" + zeros + "1") == 1 + 0x1p-52);
  CHECK(parse<double>("0x" + zeros + "1" + zeros + "p-20000") == 1);
  CHECK(parse<double>("0x0." + zeros + "1p20004") == 1);
}

TEST_CASE("what is no number says so, and names itself") {
  for (const char* text : {"",      " ",     "+",     "-",  ".",       "e5", "1e",    "1e+",  "1e5.",
                           "0x",    "0x.p1", "0x1p",  "1 ", " 1",      "1x", "1.2.3", "--1",  "+-1",
                           "1e5e5", "0x1g",  "1'000", "in", "infinit", "na", "nanx",  "3,25", "½"}) {
    INFO(text);
    CHECK_THROWS_AS(parse<float16>(text), parse_error);
    CHECK_FALSE(try_parse<float16>(text).has_value());
  }
  CHECK_THROWS_WITH(parse<posit16>("3..4"),
                    "'3..4' is no number of posit16_2; expected a decimal (-3.25, 1e-3) or hexadecimal "
                    "(0x1.8p3) number, or nar");
  CHECK_THROWS_WITH(parse<float8_e4m3fn>("inf"),
                    Catch::Contains("'inf' is no number of float8_e4m3fn") && Catch::Contains(", or nan"));
  CHECK_THROWS_WITH(parse<float16>("nar"), Catch::Contains(", inf or nan"));
  CHECK_THROWS_AS(parse<posit16>("inf"), parse_error);
  CHECK_THROWS_AS(parse<fixed32_16>("nan"), parse_error);
  CHECK_THROWS_AS(parse<float4_e2m1>("nan"), parse_error);
  CHECK_THROWS_AS(parse<int>("inf"), parse_error);
  CHECK_THROWS_WITH(parse<posit16>(std::string(1000, 'y')),
                    Catch::Contains("yyy...' is no number") && !Catch::Contains(std::string(61, 'y')));
  CHECK_THROWS_AS(parse<posit16>(std::string_view("1\0", 2)), error);
}
