#pragma once
// napier/formats/posit.hpp — posit<n, es>, for 2 <= n <= 64 and 0 <= es <= 4.
//
//   S RRR…R EEE FFF…F     negative codes are the two's complement of the positive ones
//     R  regime: a run of r equal bits and the opposite one; k = r − 1 for ones, −r for zeros
//     E  exponent: es bits;  F  fraction;  bits cut off at the right end count as zeros
//
// What      2^(k · 2^es + E) · (1 + F);  one zero (0…0), one NaR (10…0)
// Range     maxpos = 2^((n − 2) · 2^es), minpos = 1 / maxpos; at most n − 3 − es fraction bits
// Rounding  to nearest on the infinite bit string, ties to the even code; a non-zero value never becomes zero and a
//           real never becomes NaR: it is clamped to minpos or maxpos
// Special   NaR with anything gives NaR, x / 0 and the root of a negative give NaR; infinities and NaN convert to NaR.
//           Ordered as signed integers: NaR equals itself and is less than all else
// Source    Standard for Posit Arithmetic (2022), es = 2 there; J. Gustafson and I. Yonemoto, Supercomputing
//           Frontiers and Innovations 4(2), 2017, for other es
// Checked   tests/formats/posit_oracle_test.cpp, tests/formats/posit_test.cpp; every pair of up to 10 bits, and of 16 under × and +:
//           tests/formats/posit_exhaustive_test.cpp, tests/formats/posit_exhaustive16_test.cpp

#include <bit>
#include <compare>
#include <cstdint>
#include <type_traits>

#include <napier/formats/limits.hpp>
#include <napier/formats/posit_narrow.hpp>
#include <napier/formats/value_operations.hpp>

namespace napier {

template <int n, int es>
class posit : public value_operations<posit<n, es>> {
  static_assert(2 <= n && n <= 64, "posit<n, es>: n is from 2 to 64");
  static_assert(0 <= es && es <= 4, "posit<n, es>: es is from 0 to 4");

 public:
  using code_type = detail::code_type<n>;

  static constexpr format_kind kind = format_kind::posit;
  static constexpr int width = n;
  static constexpr int exponent_bits = es;
  static constexpr int significand_bits = n - 2 - es > 1 ? n - 2 - es : 1;
  static constexpr int max_exponent = (n - 2) * (1 << es);
  static constexpr int min_exponent = -max_exponent;
  static constexpr napier::name name() { return napier::name("posit").append(n).append("_").append(es); }

  constexpr posit() = default;  // zero
  template <OtherFormat<posit> F>
  explicit constexpr posit(F x) : posit(encode(napier::decode(x))) {}

  template <NativeFormat T>
  explicit constexpr operator T() const {
    return round_to<T>(decode());
  }

  // The posit of that code; bits above the lowest n are dropped.
  static constexpr posit from_bits(std::uint64_t bits) {
    posit result;
    result.bits_ = static_cast<code_type>(bits & mask);
    return result;
  }
  constexpr code_type bits() const { return bits_; }

  static constexpr posit nar() { return from_bits(sign_bit); }
  static constexpr posit maxpos() { return from_bits(sign_bit - 1); }
  static constexpr posit minpos() { return from_bits(1); }

  constexpr bool is_nar() const { return bits_ == sign_bit; }
  constexpr bool is_zero() const { return bits_ == 0; }

  constexpr posit operator-() const { return from_bits(std::uint64_t{0} - bits_); }

  friend constexpr bool operator==(posit a, posit b) { return a.bits_ == b.bits_; }
  friend constexpr std::strong_ordering operator<=>(posit a, posit b) {
    return a.aligned_code() <=> b.aligned_code();
  }

  constexpr unpacked decode() const {
    const std::int64_t code = aligned_code();
    if (code << 1 == 0) [[unlikely]]
      return code == 0 ? unpacked::zero() : unpacked::nan();
    const std::int64_t sign = code >> 63;
    const auto body = static_cast<std::uint64_t>((code ^ sign) - sign) << 1;  // R…R E…E F…F 0…0
    const std::int64_t ones = static_cast<std::int64_t>(body) >> 63;
    const int run = std::countl_zero((body ^ static_cast<std::uint64_t>(ones)) | 1);
    const int k = (run - 1) ^ ~static_cast<int>(ones);  // run − 1 or −run
    const std::uint64_t rest = body << run << 1;        // E…E F…F 0…0
    const int exponent = es == 0 ? 0 : static_cast<int>(rest >> ((64 - es) & 63));
    return unpacked::finite(sign != 0, k * (1 << es) + exponent,
                            (std::uint64_t{1} << 63) | (rest << es >> 1));
  }

  static constexpr posit encode(const unpacked& x) {
    if (!x.is_finite()) [[unlikely]]
      return x.is_zero() ? posit{} : nar();
    const auto sign = -static_cast<std::uint64_t>(x.negative);
    return from_bits((encode_magnitude(x) ^ sign) - sign);
  }

 private:
  static constexpr std::uint64_t mask = ~std::uint64_t{0} >> (64 - n);
  static constexpr std::uint64_t sign_bit = std::uint64_t{1} << (n - 1);

  friend class value_operations<posit>;
  static constexpr posit sum(posit a, posit b) requires(n <= 32) {
    return from_bits(detail::narrow_posit<n, es>::sum(a.aligned_code(), b.aligned_code()));
  }
  static constexpr posit product(posit a, posit b) requires(n <= 32) {
    return from_bits(detail::narrow_posit<n, es>::product(a.aligned_code(), b.aligned_code()));
  }

  // The code in the top n bits of a signed word.
  constexpr std::int64_t aligned_code() const {
    return static_cast<std::int64_t>(std::uint64_t{bits_} << (64 - n));
  }

  static constexpr std::uint64_t encode_magnitude(const unpacked& x) {
    const int k = x.exponent >> es;
    if (k >= n - 2) [[unlikely]]
      return sign_bit - 1;
    if (k < -(n - 2)) [[unlikely]]
      return 1;
    // Regime: k + 1 ones and a zero, or −k zeros and a one: 10 or 01, then more of the first, 62 at most. The bits after
    // it, E…E F…F, follow the 10 or 01; F's lower end, es + 1 bits, is cut off.
    const int more = k ^ (k >> 31);
    const auto exponent = static_cast<std::uint64_t>(x.exponent & ((1 << es) - 1));
    const std::uint64_t regime = (k < 0 ? std::uint64_t{1} : std::uint64_t{2}) << 62;
    const std::uint64_t start = regime | exponent << (62 - es) | x.significand << 1 >> (2 + es);
    const auto string = static_cast<std::uint64_t>(static_cast<std::int64_t>(start) >> more);
    const std::uint64_t cut_off = x.significand << (63 - es) | start << 1 << (63 - more) | x.tail;
    constexpr int dropped = 64 - (n - 1);
    if constexpr (dropped < 2) return truncate(string, cut_off, dropped).round_to_nearest_even();
    // The same in one addition, since nothing carries out of `string`: what was cut off lies below the guard bit.
    const std::uint64_t sticky_string = string | std::uint64_t{cut_off != 0};
    const std::uint64_t odd = (string >> dropped) & 1;
    constexpr std::uint64_t below_half = (std::uint64_t{1} << (dropped - 1)) - 1;
    return (sticky_string + below_half + odd) >> dropped;
  }

  code_type bits_ = 0;
};

namespace detail {

template <class P>
inline constexpr bool is_narrow_posit = false;
template <int n, int es>
inline constexpr bool is_narrow_posit<posit<n, es>> = n <= 32;

}  // namespace detail

// The formats of the Posit Standard (2022).
using posit8 = posit<8, 2>;
using posit16 = posit<16, 2>;
using posit32 = posit<32, 2>;
using posit64 = posit<64, 2>;

}  // namespace napier
