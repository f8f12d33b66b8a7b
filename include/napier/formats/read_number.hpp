#pragma once
// napier/formats/read_number.hpp — the value of a decimal or hexadecimal text, exact or rounded to odd at 128 bits.
//
// What      what parse<F> and the literals read. Values beyond 10^±400 become 2^±100000: beyond every format with texts
// Checked   tests/formats/text_test.cpp

#include <cstdint>

#include <napier/core/natural.hpp>
#include <napier/core/unpacked.hpp>
#include <napier/formats/decimal.hpp>

namespace napier::detail {

enum class text_kind : unsigned char { invalid, number, infinity, nan, nar };

struct number_text {
  text_kind kind = text_kind::invalid;
  unpacked value;
};

class number_reader {
 public:
  constexpr number_reader(const char* first, const char* last, bool separators)
      : at_(first), last_(last), separators_(separators) {}

  constexpr number_text read() {
    const bool negative = peek() == '-';
    if (negative || peek() == '+') ++at_;
    number_text result = read_magnitude();
    if (at_ != last_) return {};
    result.value.negative = negative && result.value.kind != value_class::nan;
    return result;
  }

 private:
  static constexpr std::int32_t far = 100000;       // of binary exponents
  static constexpr std::int64_t farther = 1 << 30;  // of exponents as they are written
  // Digits beyond these say no more than whether they are all zeros: numbers from 10^-400 on, and the boundaries at
  // which 128 bits of them round, end before the 1,600th place after the point.
  static constexpr int kept_digits = 2000;

  constexpr char peek() const { return at_ != last_ ? *at_ : '\0'; }
  static constexpr char lower(char c) { return 'A' <= c && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
  static constexpr int digit_of(char c) {
    if ('0' <= c && c <= '9') return c - '0';
    c = lower(c);
    return 'a' <= c && c <= 'f' ? c - 'a' + 10 : 16;
  }

  constexpr bool skip(const char* word) {
    const char* p = at_;
    for (; *word != '\0'; ++word, ++p) {
      if (p == last_ || lower(*p) != *word) return false;
    }
    at_ = p;
    return true;
  }

  constexpr number_text read_magnitude() {
    if (skip("infinity") || skip("inf")) return {text_kind::infinity, unpacked::infinity()};
    if (skip("nan")) return {text_kind::nan, unpacked::nan()};
    if (skip("nar")) return {text_kind::nar, unpacked::nan()};
    return skip("0x") ? read_hexadecimal() : read_decimal();
  }

  // Calls digit(value, behind the point) for each, true if there was one.
  template <class Digit>
  constexpr bool read_digits(int base, Digit digit) {
    bool any = false, point = false;
    for (; at_ != last_; ++at_) {
      if (*at_ == '.' && !point) {
        point = true;
      } else if (digit_of(*at_) < base) {
        any = true;
        digit(static_cast<unsigned>(digit_of(*at_)), point);
      } else if (!(separators_ && *at_ == '\'')) {
        break;
      }
    }
    return any;
  }

  // e or p and an integer; false if what follows e or p is none. Saturates.
  constexpr bool read_exponent(char mark, std::int64_t& exponent) {
    exponent = 0;
    if (lower(peek()) != mark) return true;
    ++at_;
    const bool negative = peek() == '-';
    if (negative || peek() == '+') ++at_;
    if (digit_of(peek()) >= 10) return false;
    for (; digit_of(peek()) < 10 || (separators_ && peek() == '\''); ++at_) {
      if (*at_ == '\'') continue;
      exponent = exponent * 10 + digit_of(*at_);
      if (exponent > farther) exponent = farther;
    }
    if (negative) exponent = -exponent;
    return true;
  }

  static constexpr number_text far_away(bool large) {
    return {text_kind::number, unpacked::finite(false, large ? far : -far, std::uint64_t{1} << 63)};
  }

  constexpr number_text read_hexadecimal() {
    uint128 bits = 0;
    bool sticky = false;
    std::int64_t scale = 0;
    const bool any = read_digits(16, [&](unsigned digit, bool behind_point) {
      if (bits >> 120 == 0) {
        bits = bits << 4 | digit;
        scale -= behind_point ? 4 : 0;
      } else {
        sticky = sticky || digit != 0;
        scale += behind_point ? 0 : 4;
      }
    });
    std::int64_t exponent = 0;
    if (!any || !read_exponent('p', exponent)) return {};
    if (bits == 0) return {text_kind::number, unpacked::zero()};
    scale += exponent;
    if (scale > far || scale < -far) return far_away(scale > 0);
    number_text result{text_kind::number,
                       unpacked::from_integer(false, bits, static_cast<std::int32_t>(scale))};
    result.value.tail |= static_cast<std::uint64_t>(sticky);
    return result;
  }

  constexpr number_text read_decimal() {
    natural digits;
    std::uint64_t chunk = 0, chunk_power = 1;  // digits that wait to be multiplied in
    const auto flush = [&] {
      digits.multiply_add(chunk_power, chunk);
      chunk = 0;
      chunk_power = 1;
    };
    int count = 0;
    bool sticky = false;
    std::int64_t exponent = 0;
    const bool any = read_digits(10, [&](unsigned digit, bool behind_point) {
      if (count < kept_digits) {
        if (count != 0 || digit != 0) ++count;
        chunk = chunk * 10 + digit;
        chunk_power *= 10;
        if (chunk_power == 10'000'000'000'000'000'000u) flush();
        exponent -= behind_point ? 1 : 0;
      } else {
        sticky = sticky || digit != 0;
        exponent += behind_point ? 0 : 1;
      }
    });
    std::int64_t written = 0;
    if (!any || !read_exponent('e', written)) return {};
    if (count == 0) return {text_kind::number, unpacked::zero()};
    flush();
    exponent += written;
    if (sticky) {
      digits.multiply_add(10, 1);
      --exponent;
      ++count;
    }
    const std::int64_t leading = exponent + count - 1;
    if (leading > 400 || leading < -400) return far_away(leading > 0);
    return {text_kind::number, decimal_value(digits, static_cast<std::int32_t>(exponent))};
  }

  const char* at_;
  const char* last_;
  bool separators_;
};

// With `separators`, ' may stand between digits, as in a C++ literal.
constexpr number_text read_number(const char* first, const char* last, bool separators = false) {
  return number_reader(first, last, separators).read();
}

}  // namespace napier::detail
