// The small formats of up to 8 bits against decoders written from their specifications, and rounding by search among all
// values: every code, every pair, exactly.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>

#include "oracle/bridge.hpp"
#include "oracle/sweep.hpp"

namespace {

using namespace napier;
using oracle::number;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double inf = std::numeric_limits<double>::infinity();

// ---- Decoders, one a specification: the double of a code, exactly ---------------------------------------

double bits_of(unsigned code, int high, int low) { return code >> low & ((1u << (high - low + 1)) - 1); }

// OCP MX 1.0, section 5.3: neither infinity nor NaN.
double decode_e2m1(unsigned code) {
  const double magnitudes[] = {0, 0.5, 1, 1.5, 2, 3, 4, 6};
  return std::copysign(magnitudes[code & 7], code & 8 ? -1 : 1);
}
double decode_e3m2(unsigned code) {
  const double e = bits_of(code, 4, 2), m = bits_of(code, 1, 0);
  return std::copysign(e == 0 ? m / 16 : std::exp2(e - 3) * (1 + m / 4), code & 32 ? -1 : 1);
}
double decode_e2m3(unsigned code) {
  const double e = bits_of(code, 4, 3), m = bits_of(code, 2, 0);
  return std::copysign(e == 0 ? m / 8 : std::exp2(e - 1) * (1 + m / 8), code & 32 ? -1 : 1);
}
// Section 5.4.1: 2^(code − 127), 255 is NaN.
double decode_e8m0(unsigned code) { return code == 255 ? nan : std::exp2(static_cast<int>(code) - 127); }
// arXiv:2206.02915: the bias is one more than IEEE 754's, 128 is NaN.
double decode_e4m3fnuz(unsigned code) {
  if (code == 128) return nan;
  const double e = bits_of(code, 6, 3), m = bits_of(code, 2, 0);
  return (code & 128 ? -1 : 1) * (e == 0 ? m / 1024 : std::exp2(e - 8) * (1 + m / 8));
}
double decode_e5m2fnuz(unsigned code) {
  if (code == 128) return nan;
  const double e = bits_of(code, 6, 2), m = bits_of(code, 1, 0);
  return (code & 128 ? -1 : 1) * (e == 0 ? m / 131072 : std::exp2(e - 16) * (1 + m / 4));
}
double decode_binary(unsigned code) { return code == 0 ? 1 : -1; }

// ---- What a format is, for the search -------------------------------------------------------------------

struct description {
  int width;
  double (*decode)(unsigned);
  bool clamps;    // overflow gives the largest; else NaN
  int nan_code;   // what NaN becomes
  int zero_code;  // what +0 becomes
  int negative_zero_code;
  bool is_signed = true;
};

constexpr description e2m1{4, decode_e2m1, true, 7, 0, 8};
constexpr description e3m2{6, decode_e3m2, true, 31, 0, 32};
constexpr description e2m3{6, decode_e2m3, true, 31, 0, 32};
constexpr description e8m0{8, decode_e8m0, false, 255, 0, 0, false};
constexpr description e4m3fnuz{8, decode_e4m3fnuz, false, 128, 0, 0};
constexpr description e5m2fnuz{8, decode_e5m2fnuz, false, 128, 0, 0};
constexpr description binary_values{1, decode_binary, true, 0, 0, 0};

class searched_format {
 public:
  explicit searched_format(const description& d) : d_(d) {
    for (unsigned code = 0; code < 1u << d.width; ++code) {
      const double value = d.decode(code);
      if (value > 0) positive_.push_back({value, static_cast<int>(code)});
    }
    std::sort(positive_.begin(), positive_.end(),
              [](const entry& a, const entry& b) { return a.value < b.value; });
  }

  double value(int code) const { return d_.decode(static_cast<unsigned>(code)); }

  // The code for a number that is not zero; compare(v) is the sign of (its magnitude − v).
  template <class Compare>
  int nearest(bool negative, Compare compare) const {
    if (negative && !d_.is_signed) return d_.nan_code;
    const double largest = positive_.back().value;
    const double before = positive_.size() > 1 ? positive_[positive_.size() - 2].value : largest;
    int code = positive_.back().code;
    // Half a step beyond the largest, a step being what the next one would be; to the even code there.
    const bool binade = before * 2 == largest;  // a scale: steps double
    const double beyond = binade ? largest * 1.5 : largest + (largest - before) / 2;
    const int beyond_side = compare(beyond);
    if (!d_.clamps && (beyond_side > 0 || (beyond_side == 0 && code % 2 != 0))) return d_.nan_code;
    const auto above = std::partition_point(positive_.begin(), positive_.end(),
                                            [&](const entry& e) { return compare(e.value) > 0; });
    const auto i = static_cast<std::size_t>(above - positive_.begin());  // the first value that is not below
    if (i == 0) {
      const bool has_zero = d_.decode(static_cast<unsigned>(d_.zero_code)) == 0;
      const int side = compare(positive_[0].value / 2);
      if (has_zero && side <= 0) return negative ? d_.negative_zero_code : d_.zero_code;
      code = positive_[0].code;
    } else if (i < positive_.size()) {
      const int side = compare((positive_[i - 1].value + positive_[i].value) / 2);
      const bool upper = side > 0 || (side == 0 && positive_[i].code % 2 == 0);
      code = positive_[upper ? i : i - 1].code;
    }
    return negative ? code | 1 << (d_.width - 1) : code;
  }

 private:
  struct entry {
    double value;
    int code;
  };
  description d_;
  std::vector<entry> positive_;
};

int sign_of(double x) { return x > 0 ? 1 : x < 0 ? -1 : 0; }

// The magnitude of x op y against v >= 0, exactly: sums of these formats fit a double but for e8m0's.
int compare_result(oracle::operation op, double x, double y, double v) {
  switch (op) {
    case oracle::operation::add: {
      const number sum = number::from_double(x) + number::from_double(y);
      return (sum.magnitude() - number::from_double(v)).sign();
    }
    case oracle::operation::multiply:
      return sign_of(std::fabs(x * y) - v);
    default:
      return sign_of(std::fabs(x) - v * std::fabs(y));
  }
}

constexpr oracle::operation operations[] = {oracle::operation::add, oracle::operation::subtract,
                                            oracle::operation::multiply, oracle::operation::divide};

class expected_results {
 public:
  explicit expected_results(const description& d) : d_(d), format_(d) {}

  int operator()(oracle::operation op, int a, int b) const {
    double x = format_.value(a), y = format_.value(b);
    if (op == oracle::operation::subtract) return add(x, -y);
    if (op == oracle::operation::add) return add(x, y);
    if (std::isnan(x) || std::isnan(y)) return d_.nan_code;
    const bool negative = std::signbit(x) != std::signbit(y);
    if (op == oracle::operation::divide && y == 0) {
      if (x == 0 || !d_.clamps) return d_.nan_code;
      return largest(negative);
    }
    if (x == 0 || (op == oracle::operation::multiply && y == 0))
      return negative ? d_.negative_zero_code : d_.zero_code;
    return format_.nearest(negative, [&](double v) { return compare_result(op, x, y, v); });
  }

 private:
  int add(double x, double y) const {
    if (std::isnan(x) || std::isnan(y)) return d_.nan_code;
    const double rounded = x + y;  // of the right sign
    if (rounded == 0) return std::signbit(x) && std::signbit(y) ? d_.negative_zero_code : d_.zero_code;
    const bool exact = rounded - x == y && rounded - y == x;
    return format_.nearest(rounded < 0, [&](double v) {
      return exact ? sign_of(std::fabs(rounded) - v) : compare_result(oracle::operation::add, x, y, v);
    });
  }
  int largest(bool negative) const {
    return format_.nearest(negative, [](double) { return 1; });
  }

  description d_;
  searched_format format_;
};

template <class F>
void every_code_and_pair(const description& d) {
  const expected_results expected(d);
  const searched_format format(d);
  const int codes = 1 << d.width;
  REQUIRE(F::width == d.width);
  sweep one, two;
  for (int a = 0; a < codes; ++a) {
    const F x = F::from_bits(static_cast<unsigned>(a));
    const double value = d.decode(static_cast<unsigned>(a));
    bool right =
        x.bits() == a && x.is_nan() == std::isnan(value) && !x.is_infinity() && x.is_zero() == (value == 0);
    if (std::isnan(value)) {
      right = right && decode(x).is_nan() && std::isnan(double(x)) &&
              round_to<F>(decode(x)).bits() == d.nan_code && (-x).is_nan() && !(x == x);
    } else {
      right = right && double(x) == value && std::signbit(double(x)) == std::signbit(value) &&
              F{value}.bits() == a && round_to<F>(decode(x)).bits() == a && x == x;
      const int negated =
          value != 0 ? format.nearest(value > 0, [&](double v) { return sign_of(std::fabs(value) - v); })
          : std::signbit(value) ? d.zero_code
                                : d.negative_zero_code;
      right = right && (-x).bits() == negated;
    }
    one.check(right, [&] { return text(a, value, x.bits(), double(x), (-x).bits()); });
    for (int b = 0; b < codes; ++b) {
      const F y = F::from_bits(static_cast<unsigned>(b));
      const F results[] = {x + y, x - y, x * y, x / y};
      for (int i = 0; i < 4; ++i) {
        const int e = expected(operations[i], a, b);
        two.check(results[i].bits() == e, [&] { return text(i, a, b, results[i].bits(), e); });
      }
      const double other = d.decode(static_cast<unsigned>(b));
      two.check((x <=> y) == (value <=> other) && (x == y) == (value == other) && (x < y) == (value < other),
                [&] { return text(a, b); });
    }
  }
  INFO(F::name().c_str());
  REQUIRE(one.report() == passed(static_cast<std::uint64_t>(codes)));
  REQUIRE(two.report() == passed(static_cast<std::uint64_t>(5 * codes * codes)));
  report_pairs(two.cases());
}

// Doubles at, just below and just above every value and every midpoint, and far out; both signs.
template <class F>
void conversions(const description& d) {
  const searched_format format(d);
  std::vector<double> values{0, 1e-300, 1e300, inf, 0x1p-1074};
  for (int code = 0; code < 1 << d.width; ++code) {
    for (int other : {code, code + 1}) {
      if (other >> d.width != 0) continue;
      const double middle = (std::fabs(format.value(code)) + std::fabs(format.value(other))) / 2;
      if (std::isnan(middle)) continue;
      for (double x : {middle, middle * 1.5, middle * 0.5}) {
        values.insert(values.end(), {x, std::nextafter(x, 0), std::nextafter(x, inf)});
      }
    }
  }
  sweep s;
  for (const double magnitude : values) {
    for (const double x : {magnitude, -magnitude}) {
      const bool negative = std::signbit(x);
      const int expected = x == 0
                               ? (negative ? d.negative_zero_code : d.zero_code)
                               : format.nearest(negative, [&](double v) { return sign_of(magnitude - v); });
      // Saturated: what became NaN by overflow is the largest, and in an unsigned format the smallest if negative.
      const bool over = expected == d.nan_code && !d.clamps;
      const double limit = negative && !d.is_signed ? format.value(0) : std::copysign(double(F::max()), x);
      const F saturated = saturate_to<F>(decode(x));
      s.check(F{x}.bits() == expected && (over ? double(saturated) == limit : saturated.bits() == expected),
              [&] { return text(x, F{x}.bits(), expected, saturated.bits()); });
    }
  }
  s.check(F{nan}.bits() == d.nan_code && saturate_to<F>(decode(nan)).bits() == d.nan_code &&
              F{posit16::nar()}.bits() == d.nan_code,
          [] { return "NaN"; });
  INFO(F::name().c_str());
  REQUIRE(s.cases() > (std::uint64_t{3} << d.width));
  REQUIRE(s.report() == passed(s.cases()));
}

}  // namespace

TEST_CASE("float4, float6, binary: every code and pair") {
  every_code_and_pair<float4_e2m1>(e2m1);
  every_code_and_pair<float6_e3m2>(e3m2);
  every_code_and_pair<float6_e2m3>(e2m3);
  every_code_and_pair<binary>(binary_values);
}

TEST_CASE("float8_e8m0 and the fnuz formats: every code and pair") {
  every_code_and_pair<float8_e8m0>(e8m0);
  every_code_and_pair<float8_e4m3fnuz>(e4m3fnuz);
  every_code_and_pair<float8_e5m2fnuz>(e5m2fnuz);
}

TEST_CASE("conversions from double at every value and midpoint, and saturated") {
  conversions<float4_e2m1>(e2m1);
  conversions<float6_e3m2>(e3m2);
  conversions<float6_e2m3>(e2m3);
  conversions<float8_e8m0>(e8m0);
  conversions<float8_e4m3fnuz>(e4m3fnuz);
  conversions<float8_e5m2fnuz>(e5m2fnuz);
  conversions<binary>(binary_values);
}
