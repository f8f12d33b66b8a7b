#pragma once
// napier/formats/posit_narrow.hpp — sum and product of posits of up to 32 bits, in 64-bit words and almost without branches.
//
// What      the same bits as decode, core/arithmetic.hpp and encode, which are the specification. Codes go in left-aligned
//           and come out right-aligned, with what lies above n bits undefined
//   logarithm     (k + 1) · 2^es + E above the 31 bits of F 0…0: the posit's exponent with its fraction
//   significand   1 F…F 0…0, 32 bits
// Speed     bound by the number of instructions, about 80 for a product and 100 for a sum. A branch taken at random costs
//           as much as 60: signs, the order of two operands and the rounding have none. A table of regimes by the
//           first eight bits, and finding the leading one by a conversion to double, were no faster than bsr
// Checked   tests/formats/posit_oracle_test.cpp, tests/formats/narrow_test.cpp

#include <cstdint>

namespace napier::detail {

template <int n, int es>
struct narrow_posit {
  static_assert(n <= 32);
  static constexpr std::uint64_t nar = std::uint64_t{1} << 63;

  static constexpr std::int64_t aligned(std::uint64_t code) {
    return static_cast<std::int64_t>(code << (64 - n));
  }

  // The bits after the sign, R…R E…E F…F 0…0, of the magnitude; 0 for zero and NaR.
  static constexpr std::uint64_t body_of(std::int64_t code) {
    const auto sign = static_cast<std::uint64_t>(sign_of(code));
    return ((static_cast<std::uint64_t>(code) << 1) ^ sign) - sign;
  }
  static constexpr std::int64_t sign_of(std::int64_t code) { return code >> 63; }  // 0 or −1

  static constexpr std::int64_t logarithm_of(std::uint64_t body) {
    const std::int64_t ones = static_cast<std::int64_t>(body) >> 63;
    // The last bit of the run has the first change after it: behind as many bits as the run has less one.
    const std::int64_t before = leading_zeros_of(body ^ (body << 1));
    const std::int64_t below = before ^ ones;        // −k − 1
    const std::uint64_t rest = body << before << 2;  // E…E F…F 0…0
    return static_cast<std::int64_t>(rest >> (33 - es)) - (below << (31 + es));
  }
  static constexpr std::int64_t exponent_of(std::int64_t logarithm) { return (logarithm >> 31) - (1 << es); }
  static constexpr std::uint64_t significand_of(std::int64_t logarithm) {
    // The one takes the place of the exponent's last bit.
    return static_cast<std::uint32_t>(logarithm) | std::uint32_t{0x80000000};
  }

  // The magnitude of a product, significand · 2^exponent, the leading one at bit 62 or 63; 0 where one is zero or NaR.
  struct exact_value {
    std::uint64_t significand;
    std::int64_t exponent;
  };
  static constexpr exact_value exact_product(std::int64_t a, std::int64_t b) {
    const std::uint64_t a_body = body_of(a);
    const std::uint64_t b_body = body_of(b);
    if (a_body == 0 || b_body == 0) [[unlikely]]
      return {0, 0};
    const std::int64_t a_log = logarithm_of(a_body);
    const std::int64_t b_log = logarithm_of(b_body);
    return {significand_of(a_log) * significand_of(b_log), exponent_of(a_log) + exponent_of(b_log) - 62};
  }

  static constexpr std::uint64_t product(std::int64_t a, std::int64_t b) {
    const exact_value exact = exact_product(a, b);
    if (exact.significand == 0) [[unlikely]]
      return is_nar(a) || is_nar(b) ? right_aligned(nar) : 0;
    const std::uint64_t carry = exact.significand >> 63;
    return encode(sign_of(a) ^ sign_of(b), exact.exponent + 62 + static_cast<std::int64_t>(carry),
                  exact.significand << (carry ^ 1));
  }

  static constexpr std::uint64_t sum(std::int64_t a, std::int64_t b) {
    const std::uint64_t a_body = body_of(a);
    const std::uint64_t b_body = body_of(b);
    if (a_body == 0 || b_body == 0) [[unlikely]] {
      if (is_nar(a) || is_nar(b)) return right_aligned(nar);
      return right_aligned(static_cast<std::uint64_t>(a | b));
    }
    // |large| >= |small|: magnitudes are ordered as their codes are.
    const bool exchange = a_body < b_body;
    const std::int64_t large = logarithm_of(exchange ? b_body : a_body);
    const std::int64_t small = logarithm_of(exchange ? a_body : b_body);
    const std::int64_t sign = exchange ? sign_of(b) : sign_of(a);
    const auto differs = static_cast<std::uint64_t>(sign_of(a) ^ sign_of(b));
    //   large  1xxxxx…x 000…0
    //   small      1yyyy…y       at most `most` places lower, which loses no bit: from there on it only tells on which side
    //                            of `large` the sum lies, by less than half of the last place of any result
    constexpr int most = significand_bits + 2;
    constexpr int up = 32 - significand_bits >= most ? 0 : most;
    constexpr int spare = up > 31 ? 1 : 0;  // significands end in zeros
    const std::int64_t distance = exponent_of(large) - exponent_of(small);
    const std::int64_t down = distance < most ? distance : most;
    const std::uint64_t addend =
        up == 0 ? significand_of(small) >> down : significand_of(small) >> spare << (up - down);
    const std::uint64_t exact = (significand_of(large) >> spare << up) + ((addend ^ differs) - differs);
    if (exact == 0) [[unlikely]]
      return 0;
    const std::int64_t zeros = leading_zeros_of(exact);
    return encode(sign, exponent_of(large) + (32 + spare - up) - zeros, exact << zeros);
  }

 private:
  static constexpr int significand_bits = n - 2 - es > 1 ? n - 2 - es : 1;
  static constexpr std::uint64_t maxpos = (std::uint64_t{1} << (n - 1)) - 1;
  static constexpr std::int64_t max_exponent = std::int64_t{n - 2} << es;
  // Significant bits of a sum or product; whether they leave room for E and two bits of the regime, and for all of it.
  static constexpr int result_bits = 2 * significand_bits + 2;
  static constexpr bool loses_rest = 3 + es + result_bits > 64;
  static constexpr bool fits_word = 2 + (n - 2) + es + result_bits <= 64;

  static constexpr std::int64_t leading_zeros_of(std::uint64_t x) {  // x is not 0
    return static_cast<unsigned>(__builtin_clzll(x));
  }
  static constexpr bool is_nar(std::int64_t code) { return static_cast<std::uint64_t>(code) == nar; }
  static constexpr std::uint64_t right_aligned(std::uint64_t code) { return code >> (64 - n); }

  // The string from the end of its regime on, to be extended by a copy of its first bit, in arithmetic shifts:
  //   10 E…E F…F for an exponent of 0 or more, 01 E…E F…F below; or 110 and 001, three bits of the regime.
  // `significand` brings its leading one along, which counts as 1 in E.
  template <int regime_bits>
  static constexpr std::uint64_t start_of(std::int64_t exponent, std::int64_t small,
                                          std::uint64_t significand) {
    constexpr std::int64_t large_regime = regime_bits == 2 ? 2 : 6;
    constexpr std::int64_t change = regime_bits == 2 ? 1 : 5;
    constexpr int place = 64 - regime_bits - es;  // of E's last bit
    const std::int64_t field =
        (exponent & ((1 << es) - 1)) + (small & (-change * (1 << es))) + ((large_regime << es) - 1);
    return (static_cast<std::uint64_t>(field) << place) + (significand >> (63 - place));
  }

  // As posit::encode; sign is 0 or −1, the leading one of `significand` at bit 63.
  static constexpr std::uint64_t encode(std::int64_t sign, std::int64_t exponent, std::uint64_t significand) {
    std::uint64_t code = 0;
    if (static_cast<std::uint64_t>(exponent + max_exponent) > static_cast<std::uint64_t>(2 * max_exponent))
        [[unlikely]] {
      code = exponent < 0 ? 1 : maxpos;
    } else {
      const std::int64_t small = exponent >> 63;
      const std::int64_t more = (exponent >> es) ^ small;
      if constexpr (fits_word) {
        const std::uint64_t start = start_of<2>(exponent, small, significand);
        const auto string = static_cast<std::uint64_t>(static_cast<std::int64_t>(start) >> more);
        constexpr int dropped = 64 - (n - 1);
        constexpr std::uint64_t below_half = (std::uint64_t{1} << (dropped - 1)) - 1;
        code = (string + below_half + (string >> dropped & 1)) >> dropped;
      } else {
        // Rounded before it is moved, which would lose bits; no carry reaches the third bit of the regime.
        std::uint64_t start = start_of<3>(exponent, small, significand);
        if constexpr (loses_rest) start |= std::uint64_t{(significand << (62 - es)) != 0};
        const std::int64_t dropped = 64 - n + more;
        const std::uint64_t odd = start >> dropped & 1;
        const std::uint64_t half = std::uint64_t{1} << (63 - n) << more;
        const std::uint64_t nearest = start + odd + half - 1;
        code = static_cast<std::uint64_t>(static_cast<std::int64_t>(nearest) >> dropped) & maxpos;
      }
    }
    return (code ^ static_cast<std::uint64_t>(sign)) - static_cast<std::uint64_t>(sign);
  }
};

}  // namespace napier::detail
