#pragma once
// napier/accumulators/quire.hpp — quire<posit<n, es>>: the exact sum of products of posits.
//
//   SCCC…C III…I . FFF…F GGG…G    two's complement in 64-bit limbs, with a count of carries and borrows for each
//     C  34 bits or more of carry; I, F  the products' range, maxpos² down to minpos² = 2^-(2 (n − 2) 2^es)
//     G  64 bits below minpos²: room for a compensating constant and for multipliers with finer products
//
// What      the exact sum; one rounding at the end. Order, splitting and merging never change it
// Capacity  2^31 − 1 products of any two posits of the format, and as many posits; past that it wraps
// Special   NaR sticks, so does a product of 2^32 maxpos² or more; bits below G of a foreign product are dropped. es = 2: the standard's quire
// Speed     add_product touches two limbs and a count, without a branch on the data
// Source    Standard for Posit Arithmetic (2022), sections 3 and 5.11
// Checked   tests/accumulators/quire_oracle_test.cpp

#include <bit>
#include <cstdint>

#include <napier/core/arithmetic.hpp>
#include <napier/core/concepts.hpp>
#include <napier/core/unpacked.hpp>
#include <napier/formats/posit.hpp>

namespace napier {

template <PositFormat P>
class quire {
  static constexpr int guard_bits = 64;
  static constexpr int carry_bits = 34;
  static constexpr int lowest_exponent = 2 * format_traits<P>::min_exponent - guard_bits;  // of bit 0
  static constexpr int highest_exponent = 2 * format_traits<P>::max_exponent + carry_bits;

 public:
  using value_type = P;
  static constexpr bool is_exact = true;
  static constexpr int limbs = (highest_exponent - lowest_exponent + 2 + 63) / 64;
  static constexpr napier::name name() { return "quire"; }

  constexpr void add(const unpacked& x) {
    // Without a bit of the carry left a product is out of any posit's reach.
    if (!x.is_finite() || x.exponent >= 2 * format_traits<P>::max_exponent + 32) [[unlikely]] {
      is_nar_ = is_nar_ || !x.is_zero();
      return;
    }
    const int position = x.exponent - 63 - lowest_exponent;
    if (x.tail == 0 && position >= 0) [[likely]] {
      add_word(x.significand, position, -static_cast<std::int64_t>(x.negative));
    } else {
      add_words(x.wide_significand(), position - 64, x.negative);
    }
  }
  constexpr void add(P x) { add(decode(x)); }

  // Adds the exact product of a and b.
  constexpr void add_product(P a, P b) {
    if constexpr (detail::is_narrow_posit<P>) {
      using narrow = detail::narrow_posit<P::width, P::exponent_bits>;
      const std::int64_t a_code = narrow::aligned(a.bits());
      const std::int64_t b_code = narrow::aligned(b.bits());
      const typename narrow::exact_value product = narrow::exact_product(a_code, b_code);
      if (product.significand == 0) [[unlikely]] {
        is_nar_ = is_nar_ || a.is_nar() || b.is_nar();
      } else {
        add_word(product.significand, static_cast<int>(product.exponent) - lowest_exponent,
                 narrow::sign_of(a_code) ^ narrow::sign_of(b_code));
      }
    } else {
      add(multiply(decode(a), decode(b)));
    }
  }

  // Merges another partial sum.
  constexpr void add(const quire& other) {
    is_nar_ = is_nar_ || other.is_nar_;
    std::uint64_t carry = 0;
    for (int i = 0; i < limbs; ++i) {
      const uint128 sum = uint128{limbs_[i]} + other.limbs_[i] + carry;
      limbs_[i] = low_word(sum);
      carry = high_word(sum);
      carries_[i] += other.carries_[i];
    }
  }

  constexpr void subtract(const quire& other) { add(-other); }

  constexpr quire operator-() const {
    quire result = settled();
    result.negate();
    return result;
  }

  // The sum times `factor` rounded to 24 significant bits, 1/2 <= factor < 8: exact for every multiplier of the library.
  constexpr void scale(double factor) {
    *this = settled();
    const unpacked constant = decode(round_to<float>(decode(factor)));
    const std::uint64_t multiplicand = constant.significand >> 40;  // factor · 2^(23 − exponent)
    const auto shift = static_cast<unsigned>(23 - constant.exponent);
    const bool negative = has_sign();
    if (negative) negate();
    uint128 carry = 0;
    for (std::uint64_t& limb : limbs_) {
      carry += uint128{limb} * multiplicand;
      limb = low_word(carry);
      carry >>= 64;
    }
    for (int i = 0; i < limbs; ++i) {
      const std::uint64_t above = i + 1 < limbs ? limbs_[i + 1] : low_word(carry);
      limbs_[i] = (limbs_[i] >> shift) | (above << (64 - shift));
    }
    if (negative) negate();
  }

  constexpr bool is_nar() const { return is_nar_; }
  constexpr bool is_negative() const { return settled().has_sign(); }

  // The sum, rounded to odd at 128 bits (core/unpacked.hpp).
  constexpr unpacked value() const {
    if (is_nar_) return unpacked::nan();
    quire magnitude = settled();
    const bool negative = magnitude.has_sign();
    if (negative) magnitude.negate();
    int top = limbs - 1;
    while (top >= 0 && magnitude.limbs_[top] == 0) --top;
    if (top < 0) return unpacked::zero();
    const auto limb = [&](int i) { return i >= 0 ? magnitude.limbs_[i] : 0; };
    const int shift = std::countl_zero(limb(top));
    const auto joined = [&](int i) { return high_word(join_words(limb(i), limb(i - 1)) << shift); };
    bool sticky = shift != 0 ? (limb(top - 2) << shift) != 0 : limb(top - 2) != 0;
    for (int i = top - 3; i >= 0; --i) sticky = sticky || limb(i) != 0;
    const std::int32_t exponent = lowest_exponent + 64 * top + 63 - shift;
    return unpacked::finite(negative, exponent, joined(top),
                            joined(top - 1) | static_cast<std::uint64_t>(sticky));
  }

 private:
  // Of a settled one, as is negate.
  constexpr bool has_sign() const { return (limbs_[limbs - 1] >> 63) != 0; }

  // Without pending carries.
  constexpr quire settled() const {
    quire result = *this;
    int128 carry = 0;
    for (int i = 0; i < limbs; ++i) {
      carry += limbs_[i];
      carry += carries_[i];
      result.limbs_[i] = static_cast<std::uint64_t>(carry);
      result.carries_[i] = 0;
      carry >>= 64;
    }
    return result;
  }

  // Adds ±bits · 2^position, bits not 0, in two's complement; sign: 0 or −1. What would run on into the limbs above, a carry
  // or a borrow, is counted there: how far it would run is as random as the data, and a branch would be mispredicted.
  constexpr void add_word(std::uint64_t bits, int position, std::int64_t sign) {
    const auto first = static_cast<unsigned>(position) / 64;
    const auto flip = static_cast<uint128>(static_cast<int128>(sign));
    const uint128 addend = ((uint128{bits} << (static_cast<unsigned>(position) % 64)) ^ flip) - flip;
    const uint128 sum = join_words(limbs_[first + 1], limbs_[first]) + addend;
    limbs_[first] = low_word(sum);
    limbs_[first + 1] = high_word(sum);
    carries_[first + 2] += sign + (sum < addend ? 1 : 0);
  }

  // The same of 128 bits; those below the quire are dropped.
  constexpr void add_words(uint128 bits, int position, bool negative) {
    if (position <= -128) return;
    if (position < 0) {
      bits >>= -position;
      position = 0;
    }
    const int first = position / 64;
    const int shift = position % 64;
    const std::uint64_t words[3] = {low_word(bits) << shift, high_word(bits << shift),
                                    shift == 0 ? 0 : high_word(bits) >> (64 - shift)};
    const std::uint64_t flip = negative ? ~std::uint64_t{0} : 0;
    std::uint64_t carry = negative ? 1 : 0;
    int i = first;
    for (int word = 0; word < 3 && i < limbs; ++word, ++i) {
      const uint128 sum = uint128{limbs_[i]} + (words[word] ^ flip) + carry;
      limbs_[i] = low_word(sum);
      carry = high_word(sum);
    }
    carries_[i] += static_cast<std::int64_t>(carry) - (negative ? 1 : 0);
  }

  constexpr void negate() {
    std::uint64_t carry = 1;
    for (std::uint64_t& limb : limbs_) {
      limb = ~limb + carry;
      carry = carry != 0 && limb == 0 ? 1 : 0;
    }
  }

  std::uint64_t limbs_[limbs] = {};       // limb 0 is the lowest
  std::int64_t carries_[limbs + 1] = {};  // to be added to the limbs; what goes past the last one is dropped
  bool is_nar_ = false;
};

}  // namespace napier
