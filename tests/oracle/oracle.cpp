#include "oracle/oracle.hpp"

#include <bit>
#include <boost/multiprecision/cpp_int.hpp>
#include <utility>

namespace oracle {

using boost::multiprecision::cpp_int;
using std::int64_t;
using std::uint64_t;
__extension__ typedef unsigned __int128 code128;
__extension__ typedef __int128 int128;

// ---- Rational numbers -----------------------------------------------------------------------------------

// numerator / denominator · 2^scale, denominator > 0, not reduced
struct number::representation {
  cpp_int numerator;
  cpp_int denominator;
  int scale;
};

namespace {

number make(cpp_int numerator, cpp_int denominator, int scale) {
  return number(std::make_shared<const number::representation>(
      number::representation{std::move(numerator), std::move(denominator), scale}));
}

cpp_int shifted(const cpp_int& x, int left) { return left >= 0 ? cpp_int(x << left) : cpp_int(x >> -left); }

int sign_of(const cpp_int& x) { return x.sign(); }

// floor(|x| · 2^power), and whether that lost anything
std::pair<cpp_int, bool> floor_scaled(const number& x, int power) {
  const auto& r = x.held();
  const int shift = r.scale + power;
  const cpp_int numerator = shift > 0 ? cpp_int(abs(r.numerator) << shift) : cpp_int(abs(r.numerator));
  const cpp_int denominator = shift < 0 ? cpp_int(r.denominator << -shift) : r.denominator;
  cpp_int quotient, remainder;
  divide_qr(numerator, denominator, quotient, remainder);
  return {quotient, remainder != 0};
}

uint64_t low64(const cpp_int& x) { return static_cast<uint64_t>(x & cpp_int(~uint64_t{0})); }

// The sign of |x| − m · 2^e
int compare_magnitude(const number& x, const cpp_int& m, int e) {
  const auto& r = x.held();
  const cpp_int left = abs(r.numerator);
  const cpp_int right = m * r.denominator;
  return r.scale >= e ? shifted(left, r.scale - e).compare(right) : left.compare(shifted(right, e - r.scale));
}

}  // namespace

number::number() : number(int64_t{0}) {}
number::number(int64_t value) : number(make(value, 1, 0)) {}

number number::dyadic(bool negative, uint64_t high, uint64_t low, int scale) {
  cpp_int magnitude = (cpp_int(high) << 64) + low;
  if (negative) magnitude = -magnitude;
  return make(magnitude, 1, scale);
}

number number::from_double(double finite) { return float_value(float64, std::bit_cast<uint64_t>(finite)); }

int number::sign() const { return sign_of(held_->numerator); }

int number::floor_log2() const {
  const auto& r = *held_;
  const int e =
      static_cast<int>(msb(cpp_int(abs(r.numerator)))) - static_cast<int>(msb(r.denominator)) + r.scale;
  return compare_magnitude(*this, 1, e) < 0 ? e - 1 : e;
}

number number::magnitude() const { return make(abs(held_->numerator), held_->denominator, held_->scale); }

number number::floor() const {
  const auto [quotient, inexact] = floor_scaled(*this, 0);
  return sign() >= 0 ? make(quotient, 1, 0) : make(-quotient - static_cast<int>(inexact), 1, 0);
}

number number::scaled(int power) const {
  return make(held_->numerator, held_->denominator, held_->scale + power);
}

double number::approximate() const { return std::bit_cast<double>(float_round(float64, *this)); }

number number::operator-() const { return make(-held_->numerator, held_->denominator, held_->scale); }

number operator+(const number& a, const number& b) {
  const auto& x = a.held();
  const auto& y = b.held();
  const int scale = std::min(x.scale, y.scale);
  return make(cpp_int(x.numerator << (x.scale - scale)) * y.denominator +
                  cpp_int(y.numerator << (y.scale - scale)) * x.denominator,
              x.denominator * y.denominator, scale);
}

number operator-(const number& a, const number& b) { return a + -b; }

number operator*(const number& a, const number& b) {
  return make(a.held().numerator * b.held().numerator, a.held().denominator * b.held().denominator,
              a.held().scale + b.held().scale);
}

number operator/(const number& a, const number& b) {
  const auto& x = a.held();
  const auto& y = b.held();
  cpp_int numerator = x.numerator * y.denominator;
  if (y.numerator < 0) numerator = -numerator;
  return make(numerator, x.denominator * abs(y.numerator), x.scale - y.scale);
}

std::strong_ordering operator<=>(const number& a, const number& b) { return (a - b).sign() <=> 0; }

odd128 round_to_odd(const number& x) {
  const int exponent = x.floor_log2();
  const auto [bits, inexact] = floor_scaled(x, 127 - exponent);
  return {exponent, low64(bits >> 64), low64(bits) | static_cast<uint64_t>(inexact)};
}

// ---- Posits ---------------------------------------------------------------------------------------------

namespace {

// significand · 2^scale
struct positive_posit {
  uint64_t significand;
  int scale;
};

// A positive code, read bit by bit from the left; n up to 65.
positive_posit read_positive(int n, int es, code128 code) {
  int position = n - 2;  // of the next bit
  const auto bit = [&] { return position >= 0 ? static_cast<int>(code >> position-- & 1) : (--position, 0); };
  const int first = bit();
  int run = 1;
  while (position >= 0 && static_cast<int>(code >> position & 1) == first) {
    ++run;
    --position;
  }
  --position;  // the bit that ends the regime
  const int regime = first == 1 ? run - 1 : -run;
  int exponent = 0;
  for (int i = 0; i < es; ++i) exponent = 2 * exponent + bit();
  uint64_t significand = 1;
  int fraction_bits = 0;
  while (position >= 0) {
    significand = 2 * significand + static_cast<uint64_t>(bit());
    ++fraction_bits;
  }
  int useed_exponent = 1;
  for (int i = 0; i < es; ++i) useed_exponent *= 2;
  return {significand, regime * useed_exponent + exponent - fraction_bits};
}

uint64_t all_codes_mask(int n) { return n == 64 ? ~uint64_t{0} : (uint64_t{1} << n) - 1; }

uint64_t negated(posit_format f, uint64_t code) { return (~code + 1) & all_codes_mask(f.n); }

bool is_negative(posit_format f, uint64_t code) { return f.n <= 64 && (code >> (f.n - 1) & 1) != 0; }

// The code nearest to a positive number on the infinite bit string, compare(p) being the sign of (number − p).
template <class Compare>
uint64_t nearest_positive(posit_format f, Compare compare) {
  uint64_t low = 1;
  uint64_t high = posit_nar(f) - 1;
  if (compare(read_positive(f.n, f.es, high)) >= 0) return high;
  if (compare(read_positive(f.n, f.es, low)) <= 0) return low;
  while (high - low > 1) {
    const uint64_t middle = low + (high - low) / 2;
    (compare(read_positive(f.n, f.es, middle)) >= 0 ? low : high) = middle;
  }
  // Between two neighbours stands the posit of one more bit.
  const int side = compare(read_positive(f.n + 1, f.es, 2 * code128{low} + 1));
  if (side == 0) return low % 2 == 0 ? low : high;
  return side < 0 ? low : high;
}

}  // namespace

uint64_t posit_nar(posit_format f) { return uint64_t{1} << (f.n - 1); }

number posit_value(posit_format f, uint64_t code) {
  if (code == 0) return 0;
  const bool negative = is_negative(f, code);
  const positive_posit p = read_positive(f.n, f.es, negative ? negated(f, code) : code);
  return number::dyadic(negative, 0, p.significand, p.scale);
}

uint64_t posit_round(posit_format f, const number& x) {
  if (x.sign() == 0) return 0;
  const uint64_t code =
      nearest_positive(f, [&](positive_posit p) { return compare_magnitude(x, p.significand, p.scale); });
  return x.sign() < 0 ? negated(f, code) : code;
}

uint64_t posit_operation(posit_format f, operation op, uint64_t a, uint64_t b) {
  const uint64_t nar = posit_nar(f);
  if (a == nar || b == nar || (op == operation::divide && b == 0)) return nar;
  const number x = posit_value(f, a);
  const number y = posit_value(f, b);
  switch (op) {
    case operation::add:
      return posit_round(f, x + y);
    case operation::subtract:
      return posit_round(f, x - y);
    case operation::multiply:
      return posit_round(f, x * y);
    case operation::divide:
      return posit_round(f, x / y);
  }
  return nar;
}

uint64_t posit_sqrt(posit_format f, uint64_t a) {
  if (a == 0) return 0;
  if (is_negative(f, a)) return posit_nar(f);
  const number x = posit_value(f, a);
  return nearest_positive(f, [&](positive_posit p) {
    return compare_magnitude(x, cpp_int(p.significand) * p.significand, 2 * p.scale);
  });
}

uint64_t posit_fma(posit_format f, uint64_t a, uint64_t b, uint64_t c) {
  const uint64_t nar = posit_nar(f);
  if (a == nar || b == nar || c == nar) return nar;
  return posit_round(f, posit_value(f, a) * posit_value(f, b) + posit_value(f, c));
}

uint64_t posit_dot(posit_format f, const std::vector<uint64_t>& a, const std::vector<uint64_t>& b) {
  number sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == posit_nar(f) || b[i] == posit_nar(f)) return posit_nar(f);
    sum = sum + posit_value(f, a[i]) * posit_value(f, b[i]);
  }
  return posit_round(f, sum);
}

// ---- All posits of up to 10 bits, scaled to integers -----------------------------------------------------

namespace {

// Values and boundaries in units of 2^-unit, the smallest posit of n + 1 bits.
template <class Int>
class small_posits {
 public:
  explicit small_posits(posit_format f) : f_(f), unit_((f.n - 1) << f.es) {
    for (uint64_t code = 0; code < (uint64_t{1} << f.n); ++code) {
      const bool negative = is_negative(f, code);
      const uint64_t positive = negative ? negated(f, code) : code;
      const Int magnitude = code == 0 || code == posit_nar(f) ? Int(0) : in_units(f.n, positive);
      values_.push_back(negative ? Int(-magnitude) : magnitude);
    }
    for (uint64_t code = 1; code + 1 < posit_nar(f); ++code)
      boundaries_.push_back(in_units(f.n + 1, 2 * code + 1));
  }

  std::uint16_t result(operation op, uint64_t a, uint64_t b) const {
    const uint64_t nar = posit_nar(f_);
    if (a == nar || b == nar || (op == operation::divide && b == 0)) return static_cast<std::uint16_t>(nar);
    const Int& x = values_[a];
    const Int& y = values_[b];
    switch (op) {
      case operation::add:
        return nearest(x + y, 1);
      case operation::subtract:
        return nearest(x - y, 1);
      case operation::multiply:
        return nearest(x * y, Int(1) << unit_);
      case operation::divide:
        return y < 0 ? nearest(-(x << unit_), -y) : nearest(x * (Int(1) << unit_), y);
    }
    return 0;
  }

  std::uint16_t fma(uint64_t a, uint64_t b, uint64_t c) const {
    const uint64_t nar = posit_nar(f_);
    if (a == nar || b == nar || c == nar) return static_cast<std::uint16_t>(nar);
    return nearest(values_[a] * values_[b] + values_[c] * (Int(1) << unit_), Int(1) << unit_);
  }

 private:
  Int in_units(int n, uint64_t positive) const {
    const positive_posit p = read_positive(n, f_.es, positive);
    return Int(p.significand) * (Int(1) << (p.scale + unit_));
  }

  // Of numerator / denominator units.
  std::uint16_t nearest(const Int& numerator, const Int& denominator) const {
    if (numerator == 0) return 0;
    const Int magnitude = numerator < 0 ? Int(-numerator) : numerator;
    std::size_t low = 0;  // the first boundary that is not below
    std::size_t high = boundaries_.size();
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      if (boundaries_[middle] * denominator < magnitude) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    uint64_t code = low + 1;
    if (low < boundaries_.size() && boundaries_[low] * denominator == magnitude && code % 2 == 1) ++code;
    return static_cast<std::uint16_t>(numerator < 0 ? negated(f_, code) : code);
  }

  posit_format f_;
  int unit_;
  std::vector<Int> values_;
  std::vector<Int> boundaries_;
};

// An integer for the products of two numbers of that many units, from 2^-((n - 1) 2^es) to 2^((n - 2) 2^es).
template <class Visit>
auto with_small_posits(posit_format f, Visit visit) {
  const int product_bits = 2 * (((2 * f.n - 3) << f.es) + 1);
  if (product_bits < 127) return visit(small_posits<int128>(f));
  if (product_bits < 255) return visit(small_posits<boost::multiprecision::int256_t>(f));
  return visit(small_posits<boost::multiprecision::int512_t>(f));
}

}  // namespace

std::vector<std::uint16_t> posit_all_pairs(posit_format f, operation op) {
  return with_small_posits(f, [&](const auto& posits) {
    std::vector<std::uint16_t> results;
    const uint64_t codes = uint64_t{1} << f.n;
    for (uint64_t a = 0; a < codes; ++a) {
      for (uint64_t b = 0; b < codes; ++b) results.push_back(posits.result(op, a, b));
    }
    return results;
  });
}

std::vector<std::uint16_t> posit_all_fma(posit_format f) {
  return with_small_posits(f, [&](const auto& posits) {
    std::vector<std::uint16_t> results;
    const uint64_t codes = uint64_t{1} << f.n;
    for (uint64_t a = 0; a < codes; ++a) {
      for (uint64_t b = 0; b < codes; ++b) {
        for (uint64_t c = 0; c < codes; ++c) results.push_back(posits.fma(a, b, c));
      }
    }
    return results;
  });
}

// ---- Binary floating point ------------------------------------------------------------------------------

namespace {

uint64_t sign_bit(float_format f) { return uint64_t{1} << (f.exponent_bits + f.fraction_bits); }
uint64_t exponent_field_ones(float_format f) {
  return ((uint64_t{1} << f.exponent_bits) - 1) << f.fraction_bits;
}

// The value of exponent and fraction fields, whatever the largest exponent field is used for.
positive_posit read_fields(float_format f, uint64_t magnitude) {
  const auto field = static_cast<int>(magnitude >> f.fraction_bits);
  const uint64_t fraction = magnitude & ((uint64_t{1} << f.fraction_bits) - 1);
  const int first = 1 - f.bias - f.fraction_bits;
  if (field == 0) return {fraction, first};
  return {(uint64_t{1} << f.fraction_bits) + fraction, first + field - 1};
}

// compare(significand, scale) is the sign of (a positive number − significand · 2^scale).
template <class Compare>
uint64_t nearest_magnitude(float_format f, Compare compare) {
  uint64_t low = 0;
  uint64_t high = float_max_finite(f) + 1;
  const auto side = [&](uint64_t code) {
    const positive_posit p = read_fields(f, code);
    return compare(cpp_int(p.significand), p.scale);
  };
  if (side(high) >= 0) return high;
  while (high - low > 1) {
    const uint64_t middle = low + (high - low) / 2;
    (side(middle) >= 0 ? low : high) = middle;
  }
  // Both neighbours are multiples of the lower one's last place: their mean is an odd multiple of half of it.
  const positive_posit p = read_fields(f, low);
  const int middle = compare(cpp_int(p.significand) * 2 + 1, p.scale - 1);
  if (middle == 0) return low % 2 == 0 ? low : high;
  return middle < 0 ? low : high;
}

uint64_t finish_magnitude(float_format f, bool negative, uint64_t magnitude) {
  if (magnitude > float_max_finite(f)) return float_infinity(f, negative);
  if (f.fnuz && magnitude == 0) return 0;
  return magnitude | (negative ? sign_bit(f) : 0);
}

}  // namespace

float_class float_classify(float_format f, uint64_t code) {
  const uint64_t magnitude = code & (sign_bit(f) - 1);
  if (f.finite) return float_class::finite;
  if (f.fnuz) return code == sign_bit(f) ? float_class::nan : float_class::finite;
  if (f.finite_nan) return magnitude == sign_bit(f) - 1 ? float_class::nan : float_class::finite;
  if ((magnitude & exponent_field_ones(f)) != exponent_field_ones(f)) return float_class::finite;
  return magnitude == exponent_field_ones(f) ? float_class::infinity : float_class::nan;
}

bool float_negative(float_format f, uint64_t code) { return (code & sign_bit(f)) != 0; }

number float_value(float_format f, uint64_t code) {
  const positive_posit p = read_fields(f, code & (sign_bit(f) - 1));
  return number::dyadic(float_negative(f, code), 0, p.significand, p.scale);
}

uint64_t float_max_finite(float_format f) {
  if (f.finite || f.fnuz) return sign_bit(f) - 1;
  return f.finite_nan ? sign_bit(f) - 2 : exponent_field_ones(f) - 1;
}

uint64_t float_nan(float_format f) {
  if (f.finite) return float_max_finite(f);
  if (f.fnuz) return sign_bit(f);
  return f.finite_nan ? sign_bit(f) - 1 : exponent_field_ones(f) | (uint64_t{1} << (f.fraction_bits - 1));
}

uint64_t float_infinity(float_format f, bool negative) {
  if (f.finite) return float_max_finite(f) | (negative ? sign_bit(f) : 0);
  if (f.finite_nan || f.fnuz) return float_nan(f);
  return exponent_field_ones(f) | (negative ? sign_bit(f) : 0);
}

uint64_t float_round(float_format f, const number& x) {
  const uint64_t magnitude =
      nearest_magnitude(f, [&](const cpp_int& m, int e) { return compare_magnitude(x, m, e); });
  return finish_magnitude(f, x.sign() < 0, magnitude);
}

uint64_t float_operation(float_format f, operation op, uint64_t a, uint64_t b) {
  if (op == operation::subtract) {
    return float_classify(f, b) == float_class::nan ? float_nan(f)
                                                    : float_operation(f, operation::add, a, b ^ sign_bit(f));
  }
  const float_class class_a = float_classify(f, a);
  const float_class class_b = float_classify(f, b);
  if (class_a == float_class::nan || class_b == float_class::nan) return float_nan(f);
  const bool a_infinite = class_a == float_class::infinity;
  const bool b_infinite = class_b == float_class::infinity;
  const bool negative = float_negative(f, a) != float_negative(f, b);
  const bool a_zero = (a & (sign_bit(f) - 1)) == 0;
  const bool b_zero = (b & (sign_bit(f) - 1)) == 0;
  const uint64_t signed_zero = negative ? sign_bit(f) : 0;
  if (op == operation::add) {
    if (a_infinite && b_infinite) return negative ? float_nan(f) : a;
    if (a_infinite || b_infinite) return a_infinite ? a : b;
    if (a_zero && b_zero) return a & b;
    return float_round(f, float_value(f, a) + float_value(f, b));
  }
  if (op == operation::multiply) {
    if (a_infinite || b_infinite) return a_zero || b_zero ? float_nan(f) : float_infinity(f, negative);
    if (a_zero || b_zero) return signed_zero;
    return float_round(f, float_value(f, a) * float_value(f, b));
  }
  if ((a_infinite && b_infinite) || (a_zero && b_zero)) return float_nan(f);
  if (a_infinite || b_zero) return float_infinity(f, negative);
  if (a_zero || b_infinite) return signed_zero;
  return float_round(f, float_value(f, a) / float_value(f, b));
}

uint64_t float_sqrt(float_format f, uint64_t a) {
  const float_class kind = float_classify(f, a);
  if (kind == float_class::nan) return float_nan(f);
  if ((a & (sign_bit(f) - 1)) == 0) return a;
  if (float_negative(f, a)) return float_nan(f);
  if (kind == float_class::infinity) return a;
  const number x = float_value(f, a);
  return nearest_magnitude(f, [&](const cpp_int& m, int e) { return compare_magnitude(x, m * m, 2 * e); });
}

uint64_t float_fma(float_format f, uint64_t a, uint64_t b, uint64_t c) {
  for (const uint64_t x : {a, b, c}) {
    if (float_classify(f, x) == float_class::nan) return float_nan(f);
  }
  const bool negative = float_negative(f, a) != float_negative(f, b);
  const bool infinite =
      float_classify(f, a) == float_class::infinity || float_classify(f, b) == float_class::infinity;
  const bool zero = (a & (sign_bit(f) - 1)) == 0 || (b & (sign_bit(f) - 1)) == 0;
  if (infinite && zero) return float_nan(f);
  if (infinite) return float_operation(f, operation::add, float_infinity(f, negative), c);
  if (float_classify(f, c) == float_class::infinity) return c;
  if (zero) return float_operation(f, operation::add, negative ? sign_bit(f) : 0, c);
  return float_round(f, float_value(f, a) * float_value(f, b) + float_value(f, c));
}

// ---- Integers and fixed point ---------------------------------------------------------------------------

namespace {

cpp_int nearest_integer(const number& x) {
  const cpp_int doubled = floor_scaled(x, 1).first;
  const bool below_exact = floor_scaled(x, 1).second;
  cpp_int result = doubled >> 1;
  const bool half = (doubled & 1) != 0;
  if (half && (below_exact || (result & 1) != 0)) ++result;
  return x.sign() < 0 ? cpp_int(-result) : result;
}

uint64_t clamped(int bits, bool is_signed, cpp_int x) {
  const cpp_int largest = (cpp_int(1) << (is_signed ? bits - 1 : bits)) - 1;
  const cpp_int smallest = is_signed ? cpp_int(-largest - 1) : cpp_int(0);
  if (x > largest) x = largest;
  if (x < smallest) x = smallest;
  return x < 0 ? ~low64(cpp_int(-x)) + 1 : low64(x);
}

}  // namespace

uint64_t integer_round(int bits, bool is_signed, const number& x) {
  return clamped(bits, is_signed, nearest_integer(x));
}

int64_t fixed_round(int width, int fraction, const number& x) {
  return static_cast<int64_t>(clamped(width, true, nearest_integer(x.scaled(fraction))));
}

int64_t fixed_sqrt(int width, int fraction, int64_t code) {
  // The root's code is √(code · 2^fraction). No tie: a code and a half squared is no integer.
  const cpp_int square = shifted(cpp_int(code), fraction);
  cpp_int root = sqrt(square);
  if (square > root * root + root) ++root;
  return static_cast<int64_t>(clamped(width, true, root));
}

// ---- Logarithmic products -------------------------------------------------------------------------------

namespace {

// The fraction of |x| that enters the adder.
number cut_fraction(circuit c, const number& x) {
  const number fraction = x.magnitude().scaled(-x.floor_log2()) - 1;
  if (c.w == 0) return fraction;
  if (!c.unbiased) return fraction.scaled(c.w - 1).floor().scaled(1 - c.w);
  return fraction.scaled(c.w - 2).floor().scaled(2 - c.w) + number::power_of_two(1 - c.w);
}

}  // namespace

number log_product(circuit c, const number& a, const number& b) {
  if (a.sign() == 0 || b.sign() == 0) return 0;
  const int k = a.floor_log2() + b.floor_log2();
  const number s = cut_fraction(c, a) + cut_fraction(c, b);
  const number magnitude = s < 1 ? (s + 1).scaled(k) : s.scaled(k + 1);
  return a.sign() == b.sign() ? magnitude : -magnitude;
}

number integer_log_product(circuit c, bool complement, const number& a, const number& b) {
  if (a.sign() == 0 || b.sign() == 0) return 0;
  const auto operand = [&](const number& x) -> number {
    if (!complement || x.sign() > 0) return x.magnitude();
    const number inverted = -x - 1;
    return inverted.sign() == 0 ? number(1) : inverted;
  };
  const number magnitude = log_product(c, operand(a), operand(b)).floor();
  if (a.sign() == b.sign()) return magnitude;
  return complement ? -magnitude - 1 : -magnitude;
}

}  // namespace oracle
