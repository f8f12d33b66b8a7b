#pragma once
// Arithmetics that the study makes up to ask one question each: what one multiply-accumulate of float32 computes.

#include <cstddef>
#include <cstdint>
#include <string>

namespace napier_study {

struct own_parameters {
  float low = 0;  // relative errors are uniform in low … high
  float high = 0;
  std::uint32_t kept = ~0u;  // bits that are not cut off
  std::uint32_t half = 0;    // of the last bit kept: where numbers are rounded
  std::uint32_t one = 0;     // a bit that is set in each operand
  float bias = 0;            // the relative error of a product: bias + spread · (Mitch-w's own error)
  float spread = 0;
};

// sum + a · b of one sum, and of a row of them, in which a is the same. No rule minds which operand is a.
inline constexpr std::size_t own_lanes = 64;
using own_step = float (*)(float sum, float a, float b, const own_parameters&);
using own_row = void (*)(float a, const float* b, float* sums, const own_parameters&);

struct own_arithmetic {
  std::string name;  // with its parameters: two of one name are the same
  own_step step = nullptr;
  own_row row = nullptr;  // the same bits
  own_parameters parameters = {};
  float scale = 1;  // of the finished sum, before the bias is added
};

// Each product, or each partial sum, times 1 + an error that is uniform in low … high.
own_arithmetic noisy_products(double low, double high);
own_arithmetic noisy_sums(double low, double high);

// Products in float32, exact but for that; each partial sum rounded to nearest, or cut, to `bits` significant bits.
own_arithmetic short_sums(int bits, bool is_rounded);
own_arithmetic short_products(int bits, bool is_rounded);
// Both operands rounded or cut to `bits` significant bits, their product exact, sums in float32.
own_arithmetic short_operands(int bits, bool is_rounded);

// Products of which the relative error is bias + spread · e, e the relative error of Mitch-w's product of the same operands.
own_arithmetic shaped_mitch(int w, double bias, double spread);

// Mitch-w, of any w, the multipliers and sums of napier's MACs; is_compensated: each sum times the constant that takes the bias out.
own_arithmetic mitch(int w, bool is_unbiased, bool is_compensated = false);

// Mitch-w's product of two floats, a sum of their bits; kept_bits(24): Mitchell's. one: set in both, as in the unbiased circuit.
float mitch_product(float a, float b, std::uint32_t kept, std::uint32_t one = 0);
std::uint32_t kept_bits(int significant_bits);
// Throws unless mitch_product is napier's multiplier and a row is its steps, bit for bit, on some random operands.
void check_own_arithmetics();

}  // namespace napier_study
