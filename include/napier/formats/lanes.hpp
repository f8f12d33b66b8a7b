#pragma once
// napier/formats/lanes.hpp — which formats a vector of floats or doubles can hold, and which it is rounded to.
//
// What      decodes_in<T, F>: every value of F is a T and formats/x86/codec.inc decodes it there.
//           encodes_from<T, F>: codec.inc rounds a T to F. adds_in, multiplies_in<T, F>: so are sums and products, with a
//           T that was rounded to odd where they are no T
// Checked   tests/formats/array_posit_test.cpp, tests/formats/array_small_test.cpp

#include <concepts>
#include <cstdint>

#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/native.hpp>
#include <napier/formats/posit.hpp>

namespace napier::detail {

// float and double as bits; T's codes are handled in integers of T's size.
template <class T>
struct lane_layout;
template <>
struct lane_layout<float> {
  using code = std::int32_t;
  using unsigned_code = std::uint32_t;
  static constexpr int fraction_bits = 23;
  static constexpr int bias = 127;
};
template <>
struct lane_layout<double> {
  using code = std::int64_t;
  using unsigned_code = std::uint64_t;
  static constexpr int fraction_bits = 52;
  static constexpr int bias = 1023;
};

template <class T>
struct lane_constants : lane_layout<T> {
  using code = typename lane_layout<T>::code;
  static constexpr int fraction_bits = lane_layout<T>::fraction_bits;
  static constexpr int bias = lane_layout<T>::bias;
  static constexpr int width = 8 * static_cast<int>(sizeof(T));
  static constexpr code infinity = code{2 * bias + 1} << fraction_bits;
  static constexpr code nan = infinity | (code{1} << (fraction_bits - 1));
  static constexpr code magnitude_mask = static_cast<code>(~typename lane_layout<T>::unsigned_code{0} >> 1);
  static constexpr code sign_bit = ~magnitude_mask;
  static constexpr code low_bits(int count) {
    return static_cast<code>((typename lane_layout<T>::unsigned_code{1} << count) - 1);
  }
  // Of 2^exponent, for normal numbers.
  static constexpr code power_of_two(int exponent) { return code{exponent + bias} << fraction_bits; }
};

template <class T>
concept LaneType = std::same_as<T, float> || std::same_as<T, double>;

// A row of the catalogue of small floats beside the row of T.
template <LaneType T, class F>
struct minifloat_in_lanes;
template <LaneType T, minifloat_spec spec>
struct minifloat_in_lanes<T, minifloat<spec>> {
  using lane = lane_constants<T>;
  // A sign, subnormals and a fraction.
  static constexpr bool usual =
      spec.is_signed && spec.has_zero && spec.exponent_bits > 0 && spec.fraction_bits > 0;
  // The exponent fields are the same, and F's code is the upper end of T's.
  static constexpr bool same_exponent = spec.bias == lane::bias &&
                                        spec.exponent_bits == lane::width - 1 - lane::fraction_bits &&
                                        spec.specials == special_values::ieee;
  // F's subnormals are normal numbers of T, and 2^(max_exponent + 1) is finite.
  static constexpr bool inside = spec.min_exponent() >= 1 - lane::bias && spec.max_exponent() < lane::bias &&
                                 spec.min_exponent() + lane::fraction_bits <= lane::bias;
  static constexpr bool fits = usual && spec.fraction_bits < lane::fraction_bits && (same_exponent || inside);
};

template <LaneType T, class F>
inline constexpr bool decodes_in = false;
template <LaneType T, class F>
inline constexpr bool encodes_from = false;

template <>
inline constexpr bool decodes_in<float, float> = true;
template <>
inline constexpr bool decodes_in<double, float> = true;
template <>
inline constexpr bool decodes_in<double, double> = true;
template <LaneType T>
inline constexpr bool encodes_from<T, float> = true;
template <>
inline constexpr bool encodes_from<double, double> = true;

// The leading one is found by converting the code's n − 1 bits and a one below them.
template <int n, int es>
inline constexpr bool decodes_in<float, posit<n, es>> = n <= 24 && posit<n, es>::max_exponent < 127;
template <int n, int es>
inline constexpr bool decodes_in<double, posit<n, es>> = n <= 32;
template <int n, int es>
inline constexpr bool encodes_from<float, posit<n, es>> = n <= 32 && posit<n, es>::max_exponent < 127;
template <int n, int es>
inline constexpr bool encodes_from<double, posit<n, es>> = n <= 32;

template <LaneType T, minifloat_spec spec>
inline constexpr bool decodes_in<T, minifloat<spec>> = minifloat_in_lanes<T, minifloat<spec>>::fits;
template <LaneType T, minifloat_spec spec>
inline constexpr bool encodes_from<T, minifloat<spec>> = minifloat_in_lanes<T, minifloat<spec>>::fits;

template <int width, int fraction>
inline constexpr bool decodes_in<float, fixed<width, fraction>> = width <= 25;
template <int width, int fraction>
inline constexpr bool decodes_in<double, fixed<width, fraction>> = width <= 32;
template <int width, int fraction>
inline constexpr bool encodes_from<double, fixed<width, fraction>> = width <= 32;

// How `convert` goes from one format to another: in floats, in doubles, or one by one.
template <class To, class From>
inline constexpr bool converts_in_floats = decodes_in<float, From>&& encodes_from<float, To>;
template <class To, class From>
inline constexpr bool converts_in_doubles = decodes_in<double, From>&& encodes_from<double, To>;

// ---- Arithmetic ---------------------------------------------------------------------------------------------

template <LaneType T>
inline constexpr int lane_digits = lane_constants<T>::fraction_bits + 1;

// Rounding first to odd, then to F, is rounding once if T has two bits more than F.
template <LaneType T, class F>
inline constexpr bool computes_in = std::same_as<F, T> ||
                                    (decodes_in<T, F> && encodes_from<T, F> &&
                                     format_traits<F>::significand_bits + 2 <= lane_digits<T>);

// A sum of two Ts never loses anything by underflow. It overflows only where F's largest value is next to T's, and then F
// has T's infinity: minifloat_in_lanes.
template <LaneType T, class F>
inline constexpr bool adds_in = computes_in<T, F>;

// All values are multiples of 2^min_exponent, so that products, and what their rounding drops, are of its square.
template <LaneType T, class F>
inline constexpr bool multiplies_in = std::same_as<F, T> ||
                                      (computes_in<T, F> &&
                                       2 * format_traits<F>::min_exponent >= 1 - lane_constants<T>::bias &&
                                       2 * format_traits<F>::max_exponent + 1 <= lane_constants<T>::bias);

template <LaneType T, class F>
inline constexpr bool products_are_exact =
    std::same_as<F, T> || 2 * format_traits<F>::significand_bits <= lane_digits<T>;

}  // namespace napier::detail
