#pragma once
// napier/multipliers/exact.hpp — the exact product, and multiply<M>, the product of M rounded once.

#include <concepts>
#include <cstdint>
#include <type_traits>

#include <napier/core/arithmetic.hpp>
#include <napier/core/concepts.hpp>
#include <napier/formats/native.hpp>

namespace napier {

struct exact {
  static constexpr bool is_exact = true;
  static constexpr double mean_relative_error = 0;
  static constexpr napier::name name() { return "exact"; }

  template <Format F>
  constexpr unpacked multiply(F a, F b) const {
    if constexpr (format_traits<F>::significand_bits <= 32) {
      return narrow_product(decode(a), decode(b));
    } else {
      return napier::multiply(decode(a), decode(b));
    }
  }
};

namespace detail {

template <int bits, bool is_signed>
struct integer_of;
template <>
struct integer_of<16, true> : std::type_identity<std::int16_t> {};
template <>
struct integer_of<16, false> : std::type_identity<std::uint16_t> {};
template <>
struct integer_of<32, true> : std::type_identity<std::int32_t> {};
template <>
struct integer_of<32, false> : std::type_identity<std::uint32_t> {};
template <>
struct integer_of<64, true> : std::type_identity<std::int64_t> {};
template <>
struct integer_of<64, false> : std::type_identity<std::uint64_t> {};

}  // namespace detail

// The product of M rounded once to the operands' format.
template <class M, OperandOf<M> F>
constexpr F multiply(F a, F b) {
  return round_to<F>(M{}.multiply(a, b));
}

template <class T>
concept NarrowInteger = IntegerFormat<T> && format_traits<T>::width <= 32;

// Integers of N bits, N up to 32: the 2N-bit product of the circuit.
template <class M, NarrowInteger T>
  requires Multiplier<M, T>
constexpr auto multiply(T a, T b) {
  using product = typename detail::integer_of<2 * format_traits<T>::width, std::signed_integral<T>>::type;
  return round_to<product>(M{}.multiply(a, b));
}

}  // namespace napier
