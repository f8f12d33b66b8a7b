#pragma once
// napier/fmt.hpp — fmt formatters for every format: the value, with the format specifications of double.
//
// What      fmt::format("{:.3f}", posit<16, 1>{3.25}). The shortest decimal of the nearest double for {}; NaR reads "nar"
// Checked   tests/fmt_test.cpp

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <limits>
#include <string_view>

#include <fmt/format.h>

#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>

namespace napier::detail {

template <class F>
struct value_formatter : fmt::formatter<double> {
  template <class Context>
  auto format(F x, Context& context) const {
    return fmt::formatter<double>::format(static_cast<double>(x), context);
  }
};

}  // namespace napier::detail

template <int n, int es>
struct fmt::formatter<napier::posit<n, es>> : napier::detail::value_formatter<napier::posit<n, es>> {
  template <class Context>
  auto format(napier::posit<n, es> x, Context& context) const {
    using of_double = fmt::formatter<double>;
    if (!x.is_nar()) return of_double::format(static_cast<double>(x), context);
    if constexpr (std::same_as<Context, fmt::format_context>) {  // as NaN, in another spelling
      fmt::memory_buffer text;
      Context in_text(fmt::appender(text), context.args(), context.locale());
      of_double::format(std::numeric_limits<double>::quiet_NaN(), in_text);
      const std::string_view spelled(text.data(), text.size());
      if (const std::size_t at = spelled.find("nan"); at != std::string_view::npos) text[at + 2] = 'r';
      if (const std::size_t at = spelled.find("NAN"); at != std::string_view::npos) text[at + 2] = 'R';
      return std::copy(text.begin(), text.end(), context.out());
    } else {
      return fmt::format_to(context.out(), "nar");
    }
  }
};

template <napier::minifloat_spec spec>
struct fmt::formatter<napier::minifloat<spec>> : napier::detail::value_formatter<napier::minifloat<spec>> {};

template <int width, int fraction>
struct fmt::formatter<napier::fixed<width, fraction>>
    : napier::detail::value_formatter<napier::fixed<width, fraction>> {};
