// The quire functions of the Posit Standard against exact rationals; sums and dot products over ranges of all kinds.
#include <napier/accumulators/quire_functions.hpp>

#include <array>
#include <catch2/catch.hpp>
#include <iterator>
#include <list>
#include <span>
#include <vector>

#include "oracle/bridge.hpp"
#include "oracle/sweep.hpp"

namespace {

using namespace napier;
using oracle::number;
using oracle::unpacked_of;

template <class P>
number value_of(P x) {
  return oracle::posit_value({P::width, P::exponent_bits}, x.bits());
}

template <class P>
void random_operations(int count) {
  random_bits next(41);
  sweep s;
  quire<P> q;
  number exact = 0;
  for (int i = 0; i < count; ++i) {
    P a = P::from_bits(next.runs()), b = P::from_bits(next());
    if (a.is_nar()) a = P{1};
    if (b.is_nar()) b = P{-1};
    const quire<P> other = multiply_add(to_quire(b), a, a);
    const number other_exact = value_of(b) + value_of(a) * value_of(a);
    switch (next.below(8)) {
      case 0:
        q = negate(q);
        exact = -exact;
        break;
      case 1:
        q = abs(q);
        exact = exact.magnitude();
        break;
      case 2:
        q = add(q, a);
        exact = exact + value_of(a);
        break;
      case 3:
        q = subtract(q, a);
        exact = exact - value_of(a);
        break;
      case 4:
        q = add(q, other);
        exact = exact + other_exact;
        break;
      case 5:
        q = subtract(q, other);
        exact = exact - other_exact;
        break;
      case 6:
        q = multiply_add(q, a, b);
        exact = exact + value_of(a) * value_of(b);
        break;
      default:
        q = multiply_subtract(q, a, b);
        exact = exact - value_of(a) * value_of(b);
        break;
    }
    s.check(q.value() == unpacked_of(exact) && q.is_negative() == (exact.sign() < 0) &&
                to_posit(q).bits() == oracle::posit_round({P::width, P::exponent_bits}, exact),
            [&] { return text(i, a.bits(), b.bits(), to_posit(q).bits()); });
  }
  INFO(P::name().c_str());
  REQUIRE(s.report() == passed(static_cast<std::uint64_t>(count)));
}

// An input iterator: one pass, no distance.
template <class P>
struct countdown {
  struct iterator {
    int left;
    P operator*() const { return P{left}; }
    iterator& operator++() {
      --left;
      return *this;
    }
    bool operator!=(const iterator& other) const { return left != other.left; }
  };
  int first;
  iterator begin() const { return {first}; }
  iterator end() const { return {0}; }
};

}  // namespace

TEST_CASE("every quire function is exact") {
  random_operations<posit<8, 0>>(2000);
  random_operations<posit<8, 2>>(2000);
  random_operations<posit<16, 1>>(2000);
  random_operations<posit16>(2000);
  random_operations<posit32>(2000);
  random_operations<posit<37, 4>>(1000);
  random_operations<posit64>(1000);
  random_operations<posit<64, 4>>(1000);
}

TEST_CASE("NaR sticks") {
  using P = posit16;
  const quire<P> nar = to_quire(P::nar()), one = to_quire(P{1});
  for (const quire<P>& q :
       {negate(nar), abs(nar), add(one, P::nar()), subtract(one, P::nar()), add(one, nar), add(nar, one),
        subtract(one, nar), subtract(nar, nar), multiply_add(one, P{0}, P::nar()),
        multiply_subtract(one, P::nar(), P{2}), add(nar, P{1})}) {
    CHECK(q.is_nar());
    CHECK(to_posit(q).is_nar());
  }
}

TEST_CASE("sum and dot: arrays, spans, vectors, lists, input iterators") {
  using P = posit16;
  const P array[] = {P{4096}, P{1}, P{-4096}};
  const std::vector<P> vector(std::begin(array), std::end(array));
  const std::list<P> list(std::begin(array), std::end(array));
  const std::span<const P> span(array);
  std::vector<P> same = {P{4096}, P{1}, P{4096}};
  CHECK(sum(array) == P{1});
  CHECK(sum(vector) == P{1});
  CHECK(sum(list) == P{1});
  CHECK(sum(span) == P{1});
  CHECK(sum(std::vector<P>{}).is_zero());
  CHECK(sum(countdown<P>{4}) == P{10});
  CHECK(dot(array, same) == P{1});
  CHECK(dot(list, span) == P{2 * 4096.0 * 4096 + 1});
  CHECK(dot(countdown<P>{3}, std::array{P{1}, P{10}, P{100}}) == P{3 + 20 + 100});
  CHECK_THROWS_AS(dot(list, std::vector<P>(2)), shape_error);
  CHECK_THROWS_AS(dot(std::vector<P>(2), list), shape_error);
  static_assert(sum(std::array{posit8{1}, posit8{2}}) == posit8{3});

  // Parts, summed apart and merged.
  quire<P> parts = quire_sum(span.first(1));
  parts.add(quire_sum(span.subspan(1)));
  CHECK(to_posit(parts) == P{1});
  CHECK(to_posit(add(quire_dot(span, same), quire_dot(span.first(2), span.first(2)))) ==
        P{4096.0 * 4096 + 2});
}

namespace {

// As std::views::filter: it remembers where it begins, so a constant one has no begin().
struct positive_ones {
  std::span<const napier::posit<16, 1>> all;
  struct iterator {
    const napier::posit<16, 1>* at;
    const napier::posit<16, 1>* last;
    napier::posit<16, 1> operator*() const { return *at; }
    iterator& operator++() {
      ++at;
      return skip();
    }
    iterator& skip() {
      while (at != last && *at <= napier::posit<16, 1>{}) ++at;
      return *this;
    }
    friend bool operator!=(const iterator& a, const iterator& b) { return a.at != b.at; }
  };
  iterator begin() { return iterator{all.data(), all.data() + all.size()}.skip(); }
  iterator end() { return {all.data() + all.size(), all.data() + all.size()}; }
};

}  // namespace

TEST_CASE("sum and dot of ranges without a constant begin, of lvalues and rvalues") {
  using P = napier::posit<16, 1>;
  const std::array<P, 4> x{P{1.5}, P{-2}, P{0.25}, P{-8}};
  positive_ones some{x};
  CHECK(napier::sum(some) == P{1.75});
  CHECK(napier::sum(positive_ones{x}) == P{1.75});
  CHECK(napier::dot(some, positive_ones{x}) == P{2.3125});
  CHECK(napier::quire_dot(some, std::vector<P>{P{2}, P{4}}).value() == napier::decode(P{4}));
  CHECK_THROWS_AS(napier::dot(some, x), napier::shape_error);
}
