#pragma once
// napier/formats/rounding_modes.hpp — round_to<F>(x, mode): the rounding modes of arithmetic units besides nearest even.
//
//   |x| lies between two neighbouring values of F, low <= |x| < high; t = (|x| − low) / (high − low) is in [0, 1)
//
// toward_zero      low, with the sign of x
// stochastic{r, k} high if floor(t · 2^k) + r >= 2^k, else low: k random bits r (0 <= r < 2^k, 1 <= k <= 64; the rest of r is
//                  ignored) added below the last place, and the carry kept. Over all r the mean is x where t is a
//                  multiple of 2^-k, else less than (high − low) · 2^-k nearer to zero
// nearest_even     as without a mode
// Overflow         toward_zero gives the largest value. stochastic: beyond the largest value comes one more step of its
//                  last place; what rounds up there, or lies beyond, overflows as an infinity does in round_to<F>(x)
// Posits           low and high are neighbours in value, not on the bit string; a non-zero value never becomes zero, nor a
//                  real NaR, in any mode: below minpos, and above maxpos, it is clamped
// Formats without  a zero (e8m0, binary): below the smallest value it is clamped
// Errors           error: a number of random bits outside 1 … 64
// Checked          tests/formats/rounding_modes_test.cpp

#include <concepts>
#include <cstdint>
#include <limits>
#include <string>

#include <napier/core/arithmetic.hpp>
#include <napier/core/concepts.hpp>
#include <napier/core/error.hpp>
#include <napier/core/rounding.hpp>
#include <napier/formats/native.hpp>

namespace napier {

inline constexpr struct nearest_even_mode {
} nearest_even;

inline constexpr struct toward_zero_mode {
} toward_zero;

struct stochastic {
  std::uint64_t bits = 0;
  int count = 64;
};

template <class T>
concept RoundingMode =
    std::same_as<T, nearest_even_mode> || std::same_as<T, toward_zero_mode> || std::same_as<T, stochastic>;

namespace detail {

constexpr unpacked magnitude_of(unpacked x) {
  x.negative = false;
  return x;
}

// Of two magnitudes, x > y.
constexpr bool exceeds(const unpacked& x, const unpacked& y) {
  const unpacked difference = subtract(x, y);
  return difference.is_finite() && !difference.negative;
}

// Of a positive posit or the like, whose codes ascend with their values: the next code's value.
template <class F>
constexpr F code_after(F x, int step) {
  return F::from_bits(static_cast<std::uint64_t>(x.bits()) + static_cast<std::uint64_t>(step));
}

template <Format F>
constexpr unpacked largest_value(bool negative) {
  return magnitude_of(decode(negative ? std::numeric_limits<F>::lowest() : std::numeric_limits<F>::max()));
}

// The exponent of the last place at a magnitude.
template <Format F>
constexpr std::int32_t last_place(const unpacked& magnitude) {
  using traits = format_traits<F>;
  if constexpr (FixedFormat<F>) {
    return -traits::fraction_bits;
  } else if constexpr (IntegerFormat<F>) {
    return 0;
  } else {
    const std::int32_t place = magnitude.exponent - (traits::significand_bits - 1);
    return place < traits::min_exponent ? traits::min_exponent : place;
  }
}

struct neighbours {
  unpacked low;
  unpacked high;
};

// Around a positive finite magnitude that is no larger than the largest value.
template <Format F>
constexpr neighbours neighbours_of(const unpacked& magnitude) {
  if constexpr (PositFormat<F>) {
    F low = round_to<F>(magnitude);
    if (exceeds(decode(low), magnitude)) low = code_after(low, -1);
    return {decode(low), decode(code_after(low, 1))};
  } else {
    const std::int32_t place = last_place<F>(magnitude);
    const int dropped = 63 - (magnitude.exponent - place);
    unpacked low = magnitude;
    low.tail = 0;
    if (dropped > 63) low = unpacked::zero();
    if (0 < dropped && dropped <= 63) low.significand &= ~std::uint64_t{0} << dropped;
    return {low, add(low, unpacked::finite(false, place, std::uint64_t{1} << 63))};
  }
}

// floor(t · 2^count) for t in [0, 1).
constexpr std::uint64_t leading_bits(const unpacked& t, int count) {
  if (t.is_zero() || t.exponent < -count) return 0;
  return t.significand >> (63 - count - t.exponent);
}

template <Format F>
constexpr F with_sign(unpacked magnitude, bool negative) {
  magnitude.negative = negative;
  return round_to<F>(magnitude);
}

// Where rounding between neighbours has nothing to say: not finite, or clamped whatever the mode.
template <Format F>
constexpr bool rounds_as_ever(const unpacked& x) {
  if (!x.is_finite()) return true;
  const unpacked magnitude = magnitude_of(x);
  if constexpr (PositFormat<F>) {
    return !exceeds(magnitude, decode(std::numeric_limits<F>::min())) ||
           !exceeds(decode(std::numeric_limits<F>::max()), magnitude);
  } else if constexpr (FloatingFormat<F>) {
    // Formats without zero or without sign.
    const bool below_all = magnitude.exponent < format_traits<F>::min_exponent;
    return (x.negative && !std::numeric_limits<F>::is_signed) || (below_all && !decode(F{}).is_zero());
  } else {
    return x.negative && !std::numeric_limits<F>::is_signed;
  }
}

}  // namespace detail

template <Format F>
constexpr F round_to(const unpacked& x, nearest_even_mode) {
  return round_to<F>(x);
}

template <Format F>
constexpr F round_to(const unpacked& x, toward_zero_mode) {
  if (detail::rounds_as_ever<F>(x)) return round_to<F>(x);
  const unpacked magnitude = detail::magnitude_of(x);
  const unpacked largest = detail::largest_value<F>(x.negative);
  if (detail::exceeds(magnitude, largest)) return detail::with_sign<F>(largest, x.negative);
  return detail::with_sign<F>(detail::neighbours_of<F>(magnitude).low, x.negative);
}

template <Format F>
constexpr F round_to(const unpacked& x, stochastic random) {
  if (random.count < 1 || random.count > 64) {
    throw error("stochastic: " + std::to_string(random.count) + " random bits, expected 1 to 64");
  }
  if (detail::rounds_as_ever<F>(x)) return round_to<F>(x);
  const unpacked magnitude = detail::magnitude_of(x);
  const unpacked largest = detail::largest_value<F>(x.negative);
  // Beyond the largest value: what the next one would be is where overflow begins.
  const bool beyond = detail::exceeds(magnitude, largest);
  const detail::neighbours around = detail::neighbours_of<F>(beyond ? largest : magnitude);
  if (beyond && !detail::exceeds(around.high, magnitude))
    return detail::with_sign<F>(unpacked::infinity(), x.negative);
  const unpacked t = divide(subtract(magnitude, around.low), subtract(around.high, around.low));
  const std::uint64_t mask = ~std::uint64_t{0} >> (64 - random.count);
  const uint128 sum = uint128{detail::leading_bits(t, random.count)} + (random.bits & mask);
  if ((sum >> random.count) == 0) return detail::with_sign<F>(around.low, x.negative);
  if (beyond || !detail::exceeds(largest, around.low))
    return detail::with_sign<F>(unpacked::infinity(), x.negative);
  return detail::with_sign<F>(around.high, x.negative);
}

// Of a number of any format.
template <Format F, Format From, RoundingMode Mode>
constexpr F round_to(From x, Mode mode) {
  return round_to<F>(decode(x), mode);
}

}  // namespace napier
