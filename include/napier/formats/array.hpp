#pragma once
// napier/formats/array.hpp — operations on arrays of numbers.
//
// What      convert<To>(from, to): each element rounded once, the bits those of round_to<To>(decode(x)) under every
//           instruction set
// Speed     vectors for float, double, posits of up to 32 bits, small floats and fixed-point numbers of up to 32 bits, in
//           floats where these hold every value, else in doubles; other formats one by one. bench/formats/array_bench.cpp measures them
// Errors    shape_error when the arrays differ in length
// Checked   tests/formats/array_test.cpp, tests/formats/array_posit_test.cpp, tests/formats/array_small_test.cpp

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>

#include <napier/core/concepts.hpp>
#include <napier/core/error.hpp>
#include <napier/core/isa.hpp>
#include <napier/formats/lanes.hpp>

#if defined(__x86_64__)
#include <napier/formats/x86/codec.hpp>
#define NAPIER_EACH_ISA <napier/formats/x86/array.inc>
#include <napier/core/x86/each_isa.inc>
#endif

namespace napier {

namespace detail {

template <class To, class From>
inline constexpr bool converts_in_vectors = converts_in_floats<To, From> || converts_in_doubles<To, From>;

template <class To, class From>
void convert_one_by_one(const From* from, To* to, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) to[i] = round_to<To>(decode(from[i]));
}

}  // namespace detail

// The arrays do not overlap, unless To and From have one size and `to` starts where `from` does.
template <Format To, Format From>
void convert(std::span<const From> from, std::span<To> to) {
  if (from.size() != to.size()) {
    throw shape_error("convert: output has " + std::to_string(to.size()) + " elements, expected " +
                      std::to_string(from.size()));
  }
#if defined(__x86_64__)
  if constexpr (detail::converts_in_vectors<To, From>) {
    using lane = std::conditional_t<detail::converts_in_floats<To, From>, float, double>;
    if (active_isa() == isa::avx512)
      return detail::avx512::convert_array<lane>(from.data(), to.data(), from.size());
    if (active_isa() == isa::avx2)
      return detail::avx2::convert_array<lane>(from.data(), to.data(), from.size());
  }
#endif
  detail::convert_one_by_one(from.data(), to.data(), from.size());
}

}  // namespace napier
