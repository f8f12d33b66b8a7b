#pragma once
// napier/accumulators/quire_functions.hpp — the quire functions of the Posit Standard (2022); sums and dot products.
//
// What      each takes quires and posits and returns the new quire, exact; to_posit rounds, once. sum and dot of posits:
//           exact, then one rounding; quire_sum and quire_dot keep the quire, to be merged with others
// Ranges    whatever a for loop over elements takes: arrays, spans, vectors, lists, input iterators
// Special   NaR sticks
// Errors    shape_error for a dot product of ranges of different lengths
// Source    Standard for Posit Arithmetic (2022), section 5.11
// Checked   tests/accumulators/quire_functions_test.cpp

#include <concepts>
#include <iterator>
#include <type_traits>
#include <utility>

#include <napier/accumulators/quire.hpp>
#include <napier/core/arithmetic.hpp>
#include <napier/core/error.hpp>

namespace napier {

template <PositFormat P>
constexpr quire<P> to_quire(P x) {
  quire<P> result;
  result.add(x);
  return result;
}

template <PositFormat P>
constexpr P to_posit(const quire<P>& q) {
  return round_to<P>(q.value());
}

template <PositFormat P>
constexpr quire<P> negate(const quire<P>& q) {
  return -q;
}

template <PositFormat P>
constexpr quire<P> abs(const quire<P>& q) {
  return q.is_negative() ? -q : q;
}

template <PositFormat P>
constexpr quire<P> add(quire<P> q, P x) {
  q.add(x);
  return q;
}

template <PositFormat P>
constexpr quire<P> subtract(quire<P> q, P x) {
  q.add(-x);
  return q;
}

template <PositFormat P>
constexpr quire<P> add(quire<P> q, const quire<P>& other) {
  q.add(other);
  return q;
}

template <PositFormat P>
constexpr quire<P> subtract(quire<P> q, const quire<P>& other) {
  q.subtract(other);
  return q;
}

template <PositFormat P>
constexpr quire<P> multiply_add(quire<P> q, P a, P b) {
  q.add_product(a, b);
  return q;
}

template <PositFormat P>
constexpr quire<P> multiply_subtract(quire<P> q, P a, P b) {
  q.add_product(-a, b);
  return q;
}

namespace detail {

template <class Range>
using element_of = std::remove_cvref_t<decltype(*std::begin(std::declval<Range&>()))>;

}  // namespace detail

template <class Range>
concept PositRange = requires(Range& range) {
  std::begin(range) != std::end(range);
  requires PositFormat<detail::element_of<Range>>;
};

template <class Left, class Right>
concept SamePosits = PositRange<Left> && PositRange<Right> &&
    std::same_as<detail::element_of<Left>, detail::element_of<Right>>;

// Ranges are taken as they are: some, filters among them, have no begin() where they are const.
template <PositRange Range>
constexpr auto quire_sum(Range&& range) {
  quire<detail::element_of<Range>> sum;
  for (const auto& x : range) sum.add(x);
  return sum;
}

template <class Left, class Right>
  requires SamePosits<Left, Right>
constexpr auto quire_dot(Left&& left, Right&& right) {
  quire<detail::element_of<Left>> sum;
  auto a = std::begin(left);
  auto b = std::begin(right);
  for (; a != std::end(left) && b != std::end(right); ++a, ++b) sum.add_product(*a, *b);
  if (a != std::end(left) || b != std::end(right)) throw shape_error("dot: ranges of different lengths");
  return sum;
}

template <PositRange Range>
constexpr auto sum(Range&& range) {
  return to_posit(quire_sum(range));
}

template <class Left, class Right>
  requires SamePosits<Left, Right>
constexpr auto dot(Left&& left, Right&& right) { return to_posit(quire_dot(left, right)); }

}  // namespace napier
