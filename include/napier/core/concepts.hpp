#pragma once
// napier/core/concepts.hpp — what a format, a multiplier, an accumulator and a MAC are.
//
// A format F is a value type of at most 64 bits (long double: its own). It says what it is through format_traits<F>; a class that has the
// members listed at the primary template is a format as it stands, in any namespace.

#include <concepts>
#include <cstdint>

#include <napier/core/name.hpp>
#include <napier/core/unpacked.hpp>

namespace napier {

// What a log-domain multiplier does with a number depends on its kind (docs/arithmetic.md: floats have FP32's product range,
// fixed-point numbers and integers go through their code).
enum class format_kind : unsigned char { floating, posit, fixed, integer };

// Members: kind; width (bits of the code); significand_bits (at most, the leading one included); min_exponent and
// max_exponent (of the leading one, over all finite non-zero values); name(); decode; encode (one rounding). Of a fixed-point
// format also fraction_bits: its values are integers times 2^-fraction_bits.
template <class F>
struct format_traits {};

namespace detail {
// Asked first, so that Format<T> of any other type is false and no error.
template <class F>
concept DescribesItself = requires {
  F::kind;
  F::width;
  F::significand_bits;
  F::name();
};

template <class F>
struct fraction_bits_of {};
template <class F>
  requires requires { F::fraction_bits; }
struct fraction_bits_of<F> {
  static constexpr int fraction_bits = F::fraction_bits;
};
}  // namespace detail

template <detail::DescribesItself F>
struct format_traits<F> : detail::fraction_bits_of<F> {
  static constexpr format_kind kind = F::kind;
  static constexpr int width = F::width;
  static constexpr int significand_bits = F::significand_bits;
  static constexpr int min_exponent = F::min_exponent;
  static constexpr int max_exponent = F::max_exponent;
  static constexpr napier::name name() { return F::name(); }
  static constexpr unpacked decode(F x) { return x.decode(); }
  static constexpr F encode(const unpacked& x) { return F::encode(x); }
};

template <class F>
concept Format = std::regular<F> && requires(F x, const unpacked u) {
  { format_traits<F>::kind } -> std::convertible_to<format_kind>;
  { format_traits<F>::width } -> std::convertible_to<int>;
  { format_traits<F>::significand_bits } -> std::convertible_to<int>;
  { format_traits<F>::name() } -> std::same_as<name>;
  { format_traits<F>::decode(x) } -> std::same_as<unpacked>;
  { format_traits<F>::encode(u) } -> std::same_as<F>;
};

template <class F, format_kind kind>
concept FormatOfKind = Format<F> && format_traits<F>::kind == kind;

template <class F>
concept FloatingFormat = FormatOfKind<F, format_kind::floating>;
template <class F>
concept PositFormat = FormatOfKind<F, format_kind::posit>;
template <class F>
concept FixedFormat = FormatOfKind<F, format_kind::fixed> && requires {
  { format_traits<F>::fraction_bits } -> std::convertible_to<int>;
};
template <class F>
concept IntegerFormat = FormatOfKind<F, format_kind::integer>;

// The value of x, exactly.
template <Format F>
constexpr unpacked decode(F x) {
  return format_traits<F>::decode(x);
}

// The only place where a value is rounded to a format: to nearest, ties to even.
template <Format F>
constexpr F round_to(const unpacked& x) {
  return format_traits<F>::encode(x);
}

// Of a number of any format: round_to<float8_e4m3fn>(0.1f).
template <Format F, Format From>
constexpr F round_to(From x) {
  return round_to<F>(decode(x));
}

// The product of two numbers of a format, wide and never rounded. Optional: name(); mean_relative_error, the mean of
// (product − exact) / exact over operands uniform in a binade, which compensated<A> takes out.
template <class M, class F>
concept Multiplier = Format<F> && requires(const M m, F a, F b) {
  { m.multiply(a, b) } -> std::same_as<unpacked>;
  { M::is_exact } -> std::convertible_to<bool>;
};

// The same, for a template head: template <OperandOf<M> F>.
template <class F, class M>
concept OperandOf = Multiplier<M, F>;

// The running state of a sum. A default-constructed A is an empty sum. add takes a product or a bias; value is the
// finished sum; value_type is the format in which a bias is held; is_exact says that order cannot matter.
// Optional: scale(c), the sum times a constant, which compensated<A> needs.
template <class A>
concept Accumulator = std::default_initializable<A> && requires(A sum, const A finished, const unpacked x) {
  requires Format<typename A::value_type>;
  sum.add(x);
  { finished.value() } -> std::same_as<unpacked>;
  { A::is_exact } -> std::convertible_to<bool>;
};

// The policy that everything above takes; mac/mac.hpp is the one implementation a user needs.
template <class M>
concept Mac = requires(typename M::accumulator sum, const typename M::accumulator finished,
                       typename M::format x, typename M::bias_type bias) {
  requires Format<typename M::format>;
  requires Format<typename M::bias_type>;
  requires Accumulator<typename M::accumulator>;
  M::accumulate(sum, x, x);
  { M::finish(finished) } -> std::same_as<unpacked>;
  { M::finish(finished, bias) } -> std::same_as<unpacked>;
  { M::is_exact } -> std::convertible_to<bool>;
};

}  // namespace napier
