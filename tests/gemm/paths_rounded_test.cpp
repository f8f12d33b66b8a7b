// Products rounded to the posit before the sum, sums in the posit, and multipliers that only a table or the reference knows.
#include <gemm/paths.hpp>

#include <gemm/paths_exact.hpp>
#include <napier/accumulators/native.hpp>
#include <napier/accumulators/quire.hpp>
#include <napier/formats/posit.hpp>
#include <napier/multipliers/decorators.hpp>
#include <napier/multipliers/exact.hpp>
#include <napier/multipliers/plam.hpp>

using namespace napier;
using namespace napier::paths_test;

namespace {

using p16 = posit<16, 1>;
using p8 = posit<8, 1>;

// The left operand cut to its two leading bits: a × b is not b × a.
struct lopsided {
  static constexpr bool is_exact = false;
  static constexpr napier::name name() { return "lopsided"; }
  template <Format F>
  constexpr unpacked multiply(F a, F b) const {
    unpacked left = decode(a);
    left.significand &= std::uint64_t{3} << 62;
    return napier::multiply(left, decode(b));
  }
};

// Products of posit<8, 2> span more than 98 bits: three windows.
struct jamming {
  static constexpr bool is_exact = false;
  static constexpr napier::name name() { return "jamming"; }

  template <Format F>
  constexpr unpacked multiply(F a, F b) const {
    unpacked left = decode(a);
    unpacked right = decode(b);
    if (left.is_finite()) left.significand |= std::uint64_t{1} << 60;
    if (right.is_finite()) right.significand |= std::uint64_t{1} << 59;
    return napier::multiply(left, right);
  }
};

template <class M>
void rounded_sums(int step) {
  static_assert(detail::sum_family_of<M> == detail::sum_family::rounded);
  exact_cases<M> cases;
  cases.sizes();
  cases.zeros();
  cases.windows(step);
  cases.all_cancelling();
  cases.any();
  cases.doors();
  cases.report();
  REQUIRE(cases.taken > 100);
}

// Through gemm alone: what is not packed has no kernels.
template <class M>
void any_multiplier() {
  static_assert(detail::sum_family_of<M> == detail::sum_family::reference);
  exact_cases<M> cases;
  for (const std::size_t k : {3, 40, 400}) {
    auto p = cases.usual_problem(9, 27, k);
    compare<M>(cases.s, p, "usual", expected::reference, true);
    p.fill([&](auto, auto) { return any_finite<typename M::format>(cases.random); },
           [&](auto, auto) { return any_finite<typename M::format>(cases.random); });
    compare<M>(cases.s, p, "any numbers", expected::reference, true);
    compare<M, float>(cases.s, p, "any numbers", expected::reference, true);
    p.a(2, 1) = poison<typename M::format>();
    compare<M>(cases.s, p, "NaR", expected::reference, true);
  }
  if (sizeof(typename M::format) == 1 &&
      cases.most >= 24) {  // a table of two windows may be narrowed to the codes in use
    auto p = cases.usual_problem(9, 70, 7000);
    compare<M>(cases.s, p, "many usual ones", expected::reference);
    p.a(1, 1) = p.b(2, 69) = with_exponent<typename M::format>(cases.random, cases.least);
    compare<M>(cases.s, p, "many usual ones and the least", expected::reference);
  }
  cases.report();
}

}  // namespace

TEST_CASE("posit<16, 1>, rounded products") {
  rounded_sums<mac<p16, rounded<exact, p16>, quire<p16>>>(3);
  rounded_sums<mac<p16, rounded<plam, p16>, quire<p16>>>(3);
}
TEST_CASE("posit<16, 1>, sums without a quire") {
  rounded_sums<mac<p16, exact, native<p16>>>(4);
  rounded_sums<mac<p16, rounded<plam, p16>, native<p16>>>(4);
}
TEST_CASE("posit<8, 1>, rounded products") { rounded_sums<mac<p8, rounded<exact, p8>, quire<p8>>>(3); }
TEST_CASE("a user's multiplier, by a table of eight bits and by the reference") {
  any_multiplier<mac<p8, lopsided, quire<p8>>>();
  any_multiplier<mac<p8, lut<plam, p8>, quire<p8>>>();
  using wide = posit<8, 2>;
  any_multiplier<mac<wide, lopsided, quire<wide>>>();
  any_multiplier<mac<wide, jamming, quire<wide>>>();
  any_multiplier<mac<p16, lopsided, quire<p16>>>();
}

TEST_CASE("each instruction set was covered") { require_coverage(); }
