#pragma once
// napier/formats/array.hpp — operations on arrays of numbers.
//
// What      convert<To>(from, to): each element rounded once, the bits those of round_to<To>(decode(x));
//           add, subtract, multiply(a, b, output): the exact result rounded once, the bits those of the scalar operation;
//           under every instruction set
// Speed     vectors for float, double, posits of up to 32 bits, small floats and fixed-point numbers of up to 32 bits, in
//           floats where these hold every value, else in doubles; other formats one by one.
//           docs/arrays.md: what each reaches, what bounds it, what did not help
// Errors    shape_error when the arrays differ in length
// Checked   tests/formats/array_test.cpp, array_posit_test.cpp, array_small_test.cpp, array_arithmetic_test.cpp

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>

#include <napier/core/arithmetic.hpp>
#include <napier/core/concepts.hpp>
#include <napier/core/error.hpp>
#include <napier/core/isa.hpp>
#include <napier/formats/lanes.hpp>
#include <napier/formats/value_operations.hpp>

namespace napier::detail {

enum class array_operation : unsigned char { add, subtract, multiply };

}  // namespace napier::detail

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

template <array_operation operation, class T, class F>
inline constexpr bool combines_in =
    operation == array_operation::multiply ? multiplies_in<T, F> : adds_in<T, F>;

template <array_operation operation, class F>
constexpr F combined(F a, F b) {
  if constexpr (std::is_base_of_v<value_operations<F>, F>) {
    return operation == array_operation::multiply ? a * b : operation == array_operation::add ? a + b : a - b;
  } else {
    const unpacked x = decode(a);
    const unpacked y = decode(b);
    return round_to<F>(operation == array_operation::multiply ? napier::multiply(x, y)
                       : operation == array_operation::add    ? napier::add(x, y)
                                                              : napier::subtract(x, y));
  }
}

template <array_operation operation, class F>
void combine_one_by_one(const F* a, const F* b, F* out, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) out[i] = combined<operation>(a[i], b[i]);
}

template <array_operation operation, class F>
void combine(const char* name, std::span<const F> a, std::span<const F> b, std::span<F> output) {
  if (a.size() != b.size() || a.size() != output.size()) {
    throw shape_error(std::string(name) + ": operands have " + std::to_string(a.size()) + " and " +
                      std::to_string(b.size()) + " elements, the output " + std::to_string(output.size()) +
                      "; expected equal numbers");
  }
#if defined(__x86_64__)
  constexpr bool in_floats = combines_in<operation, float, F>;
  if constexpr (in_floats || combines_in<operation, double, F>) {
    using lane = std::conditional_t<in_floats, float, double>;
    if (active_isa() == isa::avx512)
      return avx512::combine_arrays<operation, lane>(a.data(), b.data(), output.data(), a.size());
    if (active_isa() == isa::avx2)
      return avx2::combine_arrays<operation, lane>(a.data(), b.data(), output.data(), a.size());
  }
#endif
  combine_one_by_one<operation>(a.data(), b.data(), output.data(), a.size());
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

// output_i = a_i + b_i, a_i − b_i, a_i · b_i. The output may be an operand.
template <Format F>
void add(std::span<const std::type_identity_t<F>> a, std::span<const std::type_identity_t<F>> b,
         std::span<F> output) {
  detail::combine<detail::array_operation::add, F>("add", a, b, output);
}
template <Format F>
void subtract(std::span<const std::type_identity_t<F>> a, std::span<const std::type_identity_t<F>> b,
              std::span<F> output) {
  detail::combine<detail::array_operation::subtract, F>("subtract", a, b, output);
}
template <Format F>
void multiply(std::span<const std::type_identity_t<F>> a, std::span<const std::type_identity_t<F>> b,
              std::span<F> output) {
  detail::combine<detail::array_operation::multiply, F>("multiply", a, b, output);
}

}  // namespace napier
