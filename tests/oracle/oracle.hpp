#pragma once
// tests/oracle/oracle.hpp — exact rational numbers, and the number formats by their definitions (docs/arithmetic.md).
//
// Shares no code with napier. Boost.Multiprecision stays in oracle.cpp. Codes are plain integers; a code's unused upper
// bits are zero.

#include <compare>
#include <cstdint>
#include <memory>
#include <vector>

namespace oracle {

// A rational number, immutable.
class number {
 public:
  number();                    // 0
  number(std::int64_t value);  // implicit
  // (high · 2^64 + low) · 2^scale
  static number dyadic(bool negative, std::uint64_t high, std::uint64_t low, int scale);
  static number power_of_two(int exponent) { return dyadic(false, 0, 1, exponent); }
  static number from_double(double finite);

  int sign() const;        // −1, 0, +1
  int floor_log2() const;  // of the magnitude; the number is not zero
  number magnitude() const;
  number floor() const;
  number scaled(int power) const;  // × 2^power
  double approximate() const;

  number operator-() const;
  friend number operator+(const number& a, const number& b);
  friend number operator-(const number& a, const number& b);
  friend number operator*(const number& a, const number& b);
  friend number operator/(const number& a, const number& b);  // b is not zero
  friend std::strong_ordering operator<=>(const number& a, const number& b);
  friend bool operator==(const number& a, const number& b) { return (a <=> b) == 0; }

  struct representation;
  explicit number(std::shared_ptr<const representation> held) : held_(std::move(held)) {}
  const representation& held() const { return *held_; }

 private:
  std::shared_ptr<const representation> held_;
};

// (high · 2^64 + low) · 2^(exponent − 127), the leading one at bit 127: x truncated to 128 bits, and the last bit set
// when that lost anything.
struct odd128 {
  int exponent;
  std::uint64_t high;
  std::uint64_t low;
};
odd128 round_to_odd(const number& x);  // the magnitude of x, not zero

// ---- Posits ---------------------------------------------------------------------------------------------

struct posit_format {
  int n;
  int es;
};

std::uint64_t posit_nar(posit_format f);
number posit_value(posit_format f, std::uint64_t code);  // not of NaR; n = 65: of a positive code
std::uint64_t posit_round(posit_format f, const number& x);

enum class operation { add, subtract, multiply, divide };
std::uint64_t posit_operation(posit_format f, operation op, std::uint64_t a, std::uint64_t b);
std::uint64_t posit_sqrt(posit_format f, std::uint64_t a);
std::uint64_t posit_fma(posit_format f, std::uint64_t a, std::uint64_t b, std::uint64_t c);
std::uint64_t posit_dot(posit_format f, const std::vector<std::uint64_t>& a,
                        const std::vector<std::uint64_t>& b);

// All results for n <= 10 and es <= 3, or n <= 8, by tables: of all pairs at a · 2^n + b; of all triples at (a · 2^n + b) · 2^n + c.
std::vector<std::uint16_t> posit_all_pairs(posit_format f, operation op);
std::vector<std::uint16_t> posit_all_fma(posit_format f);

// ---- Binary floating point ------------------------------------------------------------------------------

struct float_format {
  int exponent_bits;
  int fraction_bits;
  int bias;
  bool finite_nan;      // "fn": no infinity, one NaN code a sign
  bool fnuz = false;    // no infinity, the code of the negative zero is the one NaN
  bool finite = false;  // neither infinity nor NaN: overflow saturates, NaN becomes the largest
};
inline constexpr float_format float32{8, 23, 127, false};
inline constexpr float_format float64{11, 52, 1023, false};

enum class float_class { finite, infinity, nan };  // zeros are finite
float_class float_classify(float_format f, std::uint64_t code);
bool float_negative(float_format f, std::uint64_t code);
number float_value(float_format f, std::uint64_t code);
std::uint64_t float_max_finite(float_format f);
std::uint64_t float_nan(float_format f);  // the quiet, positive one
std::uint64_t float_infinity(float_format f,
                             bool negative);  // as an overflow gives it: NaN for "fn" and "fnuz"
// To nearest, ties to even. A zero x gives +0; a result that becomes zero keeps the sign of x.
std::uint64_t float_round(float_format f, const number& x);
std::uint64_t float_operation(float_format f, operation op, std::uint64_t a, std::uint64_t b);
std::uint64_t float_sqrt(float_format f, std::uint64_t a);
std::uint64_t float_fma(float_format f, std::uint64_t a, std::uint64_t b, std::uint64_t c);

// ---- Integers and fixed point ---------------------------------------------------------------------------

// To nearest, ties to even, saturated; the two's complement in 64 bits.
std::uint64_t integer_round(int bits, bool is_signed, const number& x);
std::int64_t fixed_round(int width, int fraction, const number& x);
std::int64_t fixed_sqrt(int width, int fraction, std::int64_t code);  // of a code >= 0

// ---- Logarithmic products -------------------------------------------------------------------------------

// w = 0: uncut operands (Mitchell, PLAM).
struct circuit {
  int w = 0;
  bool unbiased = false;
};
number log_product(circuit c, const number& a, const number& b);  // zero if one is zero
// Of integers: the magnitude's floor; with `complement`, the one's-complement circuit.
number integer_log_product(circuit c, bool complement, const number& a, const number& b);

}  // namespace oracle
