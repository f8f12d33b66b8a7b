#pragma once
// napier/formats/parse.hpp — parse<F>(text): the number of a format nearest to what a text says, rounded once.
//
// Texts     [+|-] decimal, with or without an exponent: 3.25  .5  1e-3; or hexadecimal: 0x1.8p3  0xff. Of any length
//           and any exponent: the value is exact until it is rounded as round_to<F> does. Also, in either case, nan (posits: nar,
//           too) and inf or infinity where the format has them. The whole text has to be read: no spaces, no suffix
// Errors    parse<F> throws parse_error, which names the text; try_parse<F> gives an empty optional
// Checked   tests/formats/text_test.cpp

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <napier/core/error.hpp>
#include <napier/formats/decimal.hpp>
#include <napier/formats/read_number.hpp>

namespace napier {

// A text that is no number of the format.
struct parse_error : error {
  using error::error;
};

template <TextFormat F>
constexpr std::optional<F> try_parse(std::string_view text) {
  const detail::number_text read = detail::read_number(text.data(), text.data() + text.size());
  switch (read.kind) {
    case detail::text_kind::number:
      return round_to<F>(read.value);
    case detail::text_kind::infinity:
      if (!decode(round_to<F>(read.value)).is_infinity()) return std::nullopt;
      return round_to<F>(read.value);
    case detail::text_kind::nan:
    case detail::text_kind::nar:
      if (read.kind == detail::text_kind::nar && !PositFormat<F>) return std::nullopt;
      if (!decode(round_to<F>(unpacked::nan())).is_nan()) return std::nullopt;
      return round_to<F>(unpacked::nan());
    default:
      return std::nullopt;
  }
}

template <TextFormat F>
constexpr F parse(std::string_view text) {
  const std::optional<F> read = try_parse<F>(text);
  if (read) return *read;
  constexpr std::size_t shown = 60;
  const std::string quoted =
      text.size() <= shown ? std::string(text) : std::string(text.substr(0, shown)) + "...";
  throw parse_error("'" + quoted + "' is no number of " + format_traits<F>::name().c_str() +
                    "; expected a decimal (-3.25, 1e-3) or hexadecimal (0x1.8p3) number" +
                    (PositFormat<F>                                            ? ", or nar"
                     : decode(round_to<F>(unpacked::infinity())).is_infinity() ? ", inf or nan"
                     : decode(round_to<F>(unpacked::nan())).is_nan()           ? ", or nan"
                                                                               : ""));
}

}  // namespace napier
