#pragma once
// napier/core/natural.hpp — a natural number of up to 7680 bits, exact: what decimal texts need.
//
// Capacity  is the caller's to keep: nothing is checked. No memory is allocated, everything is constexpr
// Checked   tests/core/natural_test.cpp

#include <bit>
#include <cstdint>

#include <napier/core/unpacked.hpp>
#include <napier/core/wide_integer.hpp>

namespace napier {

class natural {
 public:
  static constexpr int capacity = 120;  // limbs of 64 bits

  constexpr natural() = default;
  constexpr explicit natural(uint128 x) : limbs_{low_word(x), high_word(x)}, size_(2) { trim(); }

  constexpr bool is_zero() const { return size_ == 0; }
  constexpr int bit_width() const {
    return size_ == 0 ? 0 : 64 * size_ - std::countl_zero(limbs_[size_ - 1]);
  }
  constexpr std::uint64_t limb(int i) const { return 0 <= i && i < size_ ? limbs_[i] : 0; }

  // this · factor + addend
  constexpr void multiply_add(std::uint64_t factor, std::uint64_t addend) {
    std::uint64_t carry = addend;
    for (int i = 0; i < size_; ++i) {
      const uint128 product = uint128{limbs_[i]} * factor + carry;
      limbs_[i] = low_word(product);
      carry = high_word(product);
    }
    if (carry != 0) limbs_[size_++] = carry;
    trim();
  }

  constexpr void multiply_by_power_of_five(int exponent) {
    constexpr int most = 27;  // 5^27 < 2^64
    for (; exponent > 0; exponent -= most) {
      std::uint64_t power = 1;
      for (int i = 0; i < (exponent < most ? exponent : most); ++i) power *= 5;
      multiply_add(power, 0);
    }
  }

  constexpr void shift_left(int bits) {
    if (size_ == 0) return;
    const int words = bits / 64, rest = bits % 64;
    const int top = size_ + words;
    for (int i = top; i >= words; --i) {
      const std::uint64_t low = rest == 0 ? 0 : limb(i - words - 1) >> (64 - rest);
      limbs_[i] = limb(i - words) << rest | low;
    }
    for (int i = 0; i < words; ++i) limbs_[i] = 0;
    size_ = top + 1;
    trim();
  }

  // 128 bits from the highest on, the lowest of them set when anything below is: an unpacked value times 2^scale.
  constexpr unpacked to_unpacked(int scale, bool sticky = false) const {
    if (size_ == 0) return unpacked::zero();
    const int shift = std::countl_zero(limbs_[size_ - 1]);
    const auto aligned = [&](int i) { return high_word(join_words(limb(i), limb(i - 1)) << shift); };
    sticky = sticky || (limb(size_ - 3) << shift) != 0;
    for (int i = size_ - 4; i >= 0; --i) sticky = sticky || limbs_[i] != 0;
    return unpacked::finite(false, bit_width() - 1 + scale, aligned(size_ - 1),
                            aligned(size_ - 2) | static_cast<std::uint64_t>(sticky));
  }

  // Becomes the remainder; returns the quotient. Knuth, The Art of Computer Programming 2, 4.3.1 D.
  constexpr natural divide(natural divisor) {
    natural quotient;
    const int shift = std::countl_zero(divisor.limbs_[divisor.size_ - 1]);
    divisor.shift_left(shift);
    shift_left(shift);
    const int n = divisor.size_;
    const std::uint64_t first = divisor.limbs_[n - 1];
    for (int j = size_ - n; j >= 0; --j) {
      const uint128 head = join_words(limb(j + n), limb(j + n - 1));
      uint128 q = head / first, r = head % first;
      while (high_word(r) == 0 &&
             (high_word(q) != 0 || q * divisor.limb(n - 2) > join_words(low_word(r), limb(j + n - 2)))) {
        --q;
        r += first;
      }
      if (subtract_product(divisor, low_word(q), j)) {
        --q;
        add_back(divisor, j);
      }
      quotient.limbs_[j] = low_word(q);
      if (quotient.size_ == 0 && q != 0) quotient.size_ = j + 1;
    }
    trim();
    // Back to the scale of the remainder.
    for (int i = 0; i < size_ && shift != 0; ++i)
      limbs_[i] = limbs_[i] >> shift | limb(i + 1) << (64 - shift);
    trim();
    return quotient;
  }

 private:
  constexpr void trim() {
    while (size_ > 0 && limbs_[size_ - 1] == 0) --size_;
  }

  // Subtracts x · factor · 2^(64 · at); true when that went below zero.
  constexpr bool subtract_product(const natural& x, std::uint64_t factor, int at) {
    std::uint64_t carry = 0, borrow = 0;
    for (int i = 0; i <= x.size_; ++i) {
      const uint128 product = uint128{x.limb(i)} * factor + carry;
      carry = high_word(product);
      const uint128 difference = uint128{limb(at + i)} - low_word(product) - borrow;
      if (at + i < size_) limbs_[at + i] = low_word(difference);
      borrow = high_word(difference) != 0 ? 1 : 0;
    }
    return borrow != 0;
  }

  constexpr void add_back(const natural& x, int at) {
    std::uint64_t carry = 0;
    for (int i = 0; i <= x.size_; ++i) {
      const uint128 sum = uint128{limb(at + i)} + x.limb(i) + carry;
      if (at + i < size_) limbs_[at + i] = low_word(sum);
      carry = high_word(sum);
    }
  }

  std::uint64_t limbs_[capacity] = {};
  int size_ = 0;
};

}  // namespace napier
