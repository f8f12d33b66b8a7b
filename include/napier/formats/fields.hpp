#pragma once
// napier/formats/fields.hpp — fields_text(x): the fields of a code, as the diagrams of the formats' headers name them.
//
//   posit<16, 1>{3.25}    sign 0, regime 10 (0), exponent 1 (1), fraction 101000000000, value 3.25
//   float16{-0.75}        sign 1, exponent 01110 (-1), fraction 1000000000, value -0.75
//   fixed<8, 4>{-1.5}     sign 1, integer 110, fraction 1000, value -1.5
//
// What      bits as they stand, in brackets what they mean: the regime's k, the exponent without its bias. Of a negative posit
//           the fields are those of its two's complement, as it is decoded. Fields that are cut off are left out;
//           the value is the double's, formats of more than 53 bits have their own shortest
// Checked   tests/formats/fields_test.cpp

#include <bit>
#include <cstdint>
#include <string>

#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>
#include <napier/formats/text.hpp>

namespace napier {

namespace detail {

// All digits that a double needs: to_string(x) has as few as read back, and 0.25 of a coarse format may be 0.2.
template <class F>
std::string full_value_text(F x) {
  if (decode(x).is_nan() || format_traits<F>::significand_bits > 53) return to_string(x);
  return to_string(round_to<double>(x));
}

class field_writer {
 public:
  // The bits of a code of that width, from the left.
  constexpr field_writer(std::uint64_t code, int width) : code_(code), left_(width) {}

  int left() const { return left_; }
  int leading_run() const {
    const std::uint64_t aligned = code_ << (64 - left_);
    const int run = aligned >> 63 != 0 ? std::countl_one(aligned) : std::countl_zero(aligned);
    return run < left_ ? run : left_;
  }

  std::uint64_t take(const char* name, int bits) {
    if (bits > left_) bits = left_;
    if (bits <= 0) return 0;
    if (!text_.empty()) text_ += ", ";
    text_ += name;
    text_ += ' ';
    std::uint64_t value = 0;
    for (; bits > 0; --bits) {
      const std::uint64_t bit = code_ >> --left_ & 1;
      value = 2 * value + bit;
      text_ += bit != 0 ? '1' : '0';
    }
    return value;
  }
  void means(int number) { text_ += " (" + std::to_string(number) + ")"; }
  std::string with_value(const std::string& value) const { return text_ + ", value " + value; }

 private:
  std::uint64_t code_;
  int left_;
  std::string text_;
};

}  // namespace detail

template <int n, int es>
std::string fields_text(posit<n, es> x) {
  using P = posit<n, es>;
  const bool negative = x < P{} && !x.is_nar();
  const std::uint64_t sign_bit = std::uint64_t{1} << (n - 1);
  detail::field_writer fields(negative ? (-x).bits() | sign_bit : x.bits(), n);
  fields.take("sign", 1);
  const int run = fields.leading_run();
  const bool ones = (x.is_nar() ? 0 : (negative ? -x : x).bits()) >> (n - 2) & 1;
  fields.take("regime", run + 1);
  if (x.is_zero() || x.is_nar()) return fields.with_value(detail::full_value_text(x));
  fields.means(ones ? run - 1 : -run);
  if (es > 0 && fields.left() > 0) {
    const int missing = fields.left() < es ? es - fields.left() : 0;  // cut off: zeros
    fields.means(static_cast<int>(fields.take("exponent", es) << missing));
  }
  fields.take("fraction", fields.left());
  return fields.with_value(detail::full_value_text(x));
}

template <minifloat_spec spec>
std::string fields_text(minifloat<spec> x) {
  detail::field_writer fields(x.bits(), spec.width());
  if (spec.is_signed) fields.take("sign", 1);
  if (spec.exponent_bits > 0) {
    const auto biased = static_cast<int>(fields.take("exponent", spec.exponent_bits));
    const bool finite = !x.is_nan() && !x.is_infinity();
    if (finite) fields.means((spec.has_zero && biased == 0 ? 1 : biased) - spec.bias);
  }
  fields.take("fraction", spec.fraction_bits);
  return fields.with_value(detail::full_value_text(x));
}

template <int width, int fraction>
std::string fields_text(fixed<width, fraction> x) {
  detail::field_writer fields(static_cast<std::uint64_t>(x.bits()), width);
  fields.take("sign", 1);
  fields.take("integer", width - 1 - fraction);
  fields.take("fraction", fraction);
  return fields.with_value(detail::full_value_text(x));
}

}  // namespace napier
