// The multipliers that find a leading one, with exact sums: drum<k>, mbm, roba, iterative_mitchell; and sums in approximate
// adders; what has no kernels: the array, tables from files.
#include <gemm/paths.hpp>

#include <gemm/paths_exact.hpp>
#include <napier/accumulators/fixed64.hpp>
#include <napier/accumulators/loa.hpp>
#include <napier/accumulators/quire.hpp>
#include <napier/accumulators/truncated_adder.hpp>
#include <napier/formats/fixed.hpp>
#include <napier/formats/posit.hpp>
#include <napier/multipliers/drum.hpp>
#include <napier/multipliers/iterative_mitchell.hpp>
#include <napier/multipliers/mbm.hpp>
#include <napier/multipliers/mitch.hpp>
#include <napier/multipliers/roba.hpp>
#include <napier/multipliers/table_multiplier.hpp>
#include <napier/multipliers/truncated_array.hpp>

using namespace napier;
using namespace napier::paths_test;

namespace {

using p16 = posit<16, 1>;

// Through gemm alone: a table of eight bits, or the reference.
template <class M>
void without_kernels() {
  static_assert(detail::sum_family_of<M> == detail::sum_family::reference);
  using F = typename M::format;
  exact_cases<M> cases;
  for (const std::size_t k : {3, 400}) {
    problem<M> p(9, 27, k);
    p.fill([&](auto, auto) { return any_finite<F>(cases.random); },
           [&](auto, auto) { return any_finite<F>(cases.random); });
    compare<M>(cases.s, p, "any numbers", expected::reference, true);
    compare<M, double>(cases.s, p, "any numbers", expected::reference, true);
  }
  cases.report();
}

// An adder sees every sum: operands of all ranges, negative ones, sums at either side of the proof.
template <class M>
void adder_sums() {
  static_assert(detail::sum_family_of<M> == detail::sum_family::running_adder);
  exact_cases<M> cases;
  cases.sizes();
  cases.zeros();
  cases.windows(4);
  cases.any();
  cases.deep();
  cases.doors();
  for (int high = cases.least; high <= cases.most; ++high) {
    for (const std::size_t k : {1, 2, 30, 300}) {
      auto p = cases.of_ranges(9, 27, k, std::max(cases.least, high - 2), high, std::min(0, high), high);
      cases.compare_counted(p, "products up to 2^" + std::to_string(high));
    }
  }
  problem<M> p(9, 27, 3);
  const auto lowest = number<typename M::format>(-1e300);
  p.fill([&](auto, auto) { return lowest; }, [&](auto, auto) { return lowest; });
  cases.compare_counted(p, "lowest");
  cases.report();
  REQUIRE(cases.taken > 50);
}

}  // namespace

TEST_CASE("drum<k>") {
  exact_sums<mac<fixed32_16, drum<6>, fixed64>>(4);
  exact_sums<mac<p16, drum<6>, quire<p16>>>(4);
}
TEST_CASE("mbm, with and without a floor") {
  exact_sums<mac<fixed32_16, mbm, fixed64>>(4);
  exact_sums<mac<p16, mbm, quire<p16>>>(6);
  exact_sums<mac<posit<32, 2>, mbm, quire<posit<32, 2>>>>(12);
}
TEST_CASE("mbm of unsigned numbers, whose products may leave the circuit") {
  exact_sums<mac<std::uint16_t, mbm, fixed64>>(2);
}
TEST_CASE("roba and iterative_mitchell") {
  exact_sums<mac<std::int16_t, roba, fixed64>>(2);
  exact_sums<mac<std::int32_t, iterative_mitchell<2>, fixed64>>(4);
  exact_sums<mac<p16, iterative_mitchell<1, 6>, quire<p16>>>(12);
  exact_sums<mac<posit<32, 2>, roba, quire<posit<32, 2>>>>(24);
}
TEST_CASE("mitch<w, unbiased>, with and without a floor") {
  exact_sums<mac<fixed<16, 8>, mitch<6, unbiased>, fixed64>>(2);
  exact_sums<mac<std::int32_t, mitch<12, unbiased>, fixed64>>(4);
}
TEST_CASE("sums in approximate adders") {
  adder_sums<mac<fixed32_16, exact, loa<16>>>();
  adder_sums<mac<std::int16_t, drum<4>, loa<1>>>();
  adder_sums<mac<fixed<16, 8>, exact, truncated_adder<6>>>();
  adder_sums<mac<std::uint32_t, exact, loa<40>>>();
}
TEST_CASE("no kernels") {
  std::vector<std::int32_t> products;
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) products.push_back(a * (b | 1) - 3);
  }
  loaded_table<0>::load({table_signs::is_signed, products});
  without_kernels<mac<fixed<8, 4>, loaded_table<0>, fixed64>>();
  without_kernels<mac<std::uint8_t, mitch<4, ones_complement>, fixed64>>();
  without_kernels<mac<fixed<8, 4>, truncated_array<4>, fixed64>>();
  without_kernels<mac<std::int16_t, mitch<6>, loa<8>>>();
}

TEST_CASE("each instruction set was covered") { require_coverage(); }
