#pragma once
// napier/fmt.hpp — fmt formatters for every format: [[fill]align][sign][#][0][width][.precision][type].
//
//   {}            as to_string: the shortest decimal that reads back; nar, nan, inf
//   {:.3f} {:e} {:.2} …  the value with double's specifications a A e E f F g G, and a precision without a type, from all its bits
//   {:x} {:X} {:b}       the code, as an unsigned integer; {:#x} with 0x, {:#b} with 0b
//   {:#}          the fields of the code (formats/fields.hpp)
//
// Padding   numbers and codes to the right, fields to the left; width and precision may be {} or {0}
// Checked   tests/fmt_test.cpp

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>

#include <fmt/format.h>

#include <napier/formats/fields.hpp>
#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>
#include <napier/formats/text.hpp>

namespace napier::detail {

// A native type that holds every value.
template <class F>
using carrier = std::conditional_t<F::significand_bits <= 53, double, long double>;

struct value_spec {
  // A number, or the index of the argument that holds it.
  struct number {
    int value = -1;
    int argument = -1;
    constexpr bool is_given() const { return value >= 0 || argument >= 0; }
  };

  char fill[4] = {' '};
  int fill_size = 1;
  char align = '\0';
  char sign = '-';
  bool alternate = false;
  bool zero = false;
  number width;
  number precision;
  char type = '\0';

  constexpr bool is_code() const { return type == 'x' || type == 'X' || type == 'b' || type == 'B'; }
};

class value_spec_parser {
 public:
  constexpr explicit value_spec_parser(fmt::format_parse_context& context)
      : context_(context), at_(context.begin()), end_(context.end()) {}

  constexpr const char* parse(value_spec& spec) {
    parse_align(spec);
    if (is_one_of("+- ")) spec.sign = *at_++;
    spec.alternate = skip('#');
    spec.zero = skip('0');
    spec.width = parse_number();
    if (skip('.')) {
      spec.precision = parse_number();
      if (!spec.precision.is_given()) fail("missing precision specifier");
    }
    if (is_one_of("aAeEfFgGxXbB")) spec.type = *at_++;
    if (at_ != end_ && *at_ != '}') fail("invalid format specifier of a napier number");
    if (spec.precision.is_given() && (spec.is_code() || (spec.alternate && spec.type == '\0'))) {
      fail("a code and its fields have no precision");
    }
    return at_;
  }

 private:
  constexpr bool is_one_of(std::string_view characters) const {
    return at_ != end_ && characters.find(*at_) != std::string_view::npos;
  }
  constexpr bool skip(char c) {
    const bool there = at_ != end_ && *at_ == c;
    at_ += there ? 1 : 0;
    return there;
  }
  static void fail(const char* message) { throw fmt::format_error(message); }

  constexpr void parse_align(value_spec& spec) {
    if (at_ == end_) return;
    const auto lead = static_cast<unsigned char>(*at_);
    const int size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;  // UTF-8
    const auto is_align = [](char c) { return c == '<' || c == '>' || c == '^'; };
    if (end_ - at_ > size && is_align(at_[size]) && *at_ != '{' && *at_ != '}') {
      for (int i = 0; i < size; ++i) spec.fill[i] = at_[i];
      spec.fill_size = size;
      at_ += size;
    }
    if (is_one_of("<>^")) spec.align = *at_++;
  }

  constexpr value_spec::number parse_number() {
    value_spec::number result;
    if (is_one_of("0123456789")) {
      result.value = parse_digits();
    } else if (skip('{')) {
      if (is_one_of("0123456789")) {
        result.argument = parse_digits();
        context_.check_arg_id(result.argument);
      } else {
        result.argument = context_.next_arg_id();
      }
      if (!skip('}')) fail("expected } after the index of an argument");
    }
    return result;
  }
  constexpr int parse_digits() {
    int value = 0;
    for (; is_one_of("0123456789"); ++at_) {
      value = value * 10 + (*at_ - '0');
      if (value > 100'000'000) fail("number is too big");
    }
    return value;
  }

  fmt::format_parse_context& context_;
  const char* at_;
  const char* end_;
};

template <class Context>
int resolved(const value_spec::number& number, const Context& context) {
  if (number.argument < 0) return number.value;
  return fmt::visit_format_arg(
      [](auto value) -> int {
        if constexpr (std::is_integral_v<decltype(value)> && !std::is_same_v<decltype(value), bool> &&
                      !std::is_same_v<decltype(value), char>) {
          if (value >= 0 && value <= 100'000'000) return static_cast<int>(value);
        }
        throw fmt::format_error("width and precision are integers that are not negative");
      },
      context.arg(number.argument));
}

// What is padded: a sign or 0x, and what follows.
struct value_text {
  std::string prefix;
  std::string body;
  bool zeros = false;  // may stand between them
};

template <class F>
value_text code_text(F x, const value_spec& spec) {
  const bool hexadecimal = spec.type == 'x' || spec.type == 'X';
  auto code = static_cast<std::uint64_t>(x.bits());
  if (F::width < 64) code &= (std::uint64_t{1} << (F::width & 63)) - 1;
  const char format[] = {'{', ':', hexadecimal ? spec.type : 'b', '}', '\0'};
  const std::string prefix = spec.alternate ? std::string("0") + spec.type : "";
  return {prefix, fmt::format(fmt::runtime(format), code), true};
}

template <class F>
value_text number_text_of(F x, const value_spec& spec, int precision) {
  const unpacked value = decode(x);
  std::string body;
  if (value.is_nan() && PositFormat<F>) {
    body = 'A' <= spec.type && spec.type <= 'Z' ? "NAR" : "nar";
  } else if (spec.type == '\0' && precision < 0) {
    body = to_string(x);
  } else {
    std::string format = "{:";
    if (spec.alternate) format += '#';
    if (precision >= 0) format += "." + std::to_string(precision);
    if (spec.type != '\0') format += spec.type;
    body = fmt::format(fmt::runtime(format + "}"), static_cast<carrier<F>>(x));
  }
  const bool negative = body[0] == '-';
  if (negative) body.erase(0, 1);
  return {negative           ? "-"
          : spec.sign == '-' ? ""
                             : std::string(1, spec.sign),
          body, !value.is_nan() && !value.is_infinity()};
}

template <class F>
class value_formatter {
 public:
  constexpr auto parse(fmt::format_parse_context& context) { return value_spec_parser(context).parse(spec_); }

  template <class Context>
  auto format(F x, Context& context) const {
    const int width = resolved(spec_.width, context);
    const int precision = resolved(spec_.precision, context);
    const bool fields = spec_.alternate && spec_.type == '\0';
    value_text text = spec_.is_code() ? code_text(x, spec_)
                      : fields        ? value_text{"", fields_text(x), false}
                                      : number_text_of(x, spec_, precision);
    const std::size_t size = text.prefix.size() + text.body.size();
    const std::size_t padding =
        width > 0 && static_cast<std::size_t>(width) > size ? static_cast<std::size_t>(width) - size : 0;
    const bool zeros = spec_.zero && spec_.align == '\0' && text.zeros;
    const char align = spec_.align != '\0' ? spec_.align : fields ? '<' : '>';
    const std::size_t left = zeros || align == '<' ? 0 : align == '^' ? padding / 2 : padding;
    auto out = fill(context.out(), left);
    out = std::copy(text.prefix.begin(), text.prefix.end(), out);
    if (zeros) out = std::fill_n(out, padding, '0');
    out = std::copy(text.body.begin(), text.body.end(), out);
    return zeros ? out : fill(out, padding - left);
  }

 private:
  template <class Out>
  Out fill(Out out, std::size_t count) const {
    for (; count > 0; --count) out = std::copy_n(spec_.fill, spec_.fill_size, out);
    return out;
  }

  value_spec spec_;
};

}  // namespace napier::detail

template <int n, int es>
struct fmt::formatter<napier::posit<n, es>> : napier::detail::value_formatter<napier::posit<n, es>> {};

template <napier::minifloat_spec spec>
struct fmt::formatter<napier::minifloat<spec>> : napier::detail::value_formatter<napier::minifloat<spec>> {};

template <int width, int fraction>
struct fmt::formatter<napier::fixed<width, fraction>>
    : napier::detail::value_formatter<napier::fixed<width, fraction>> {};
