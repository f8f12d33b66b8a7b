// The multipliers that find a leading one, with exact sums: drum<k>, mbm, roba, iterative_mitchell; and what has no kernels: the array,
// tables from files, approximate adders.
#include <gemm/paths.hpp>

#include <gemm/paths_exact.hpp>
#include <napier/accumulators/fixed64.hpp>
#include <napier/accumulators/loa.hpp>
#include <napier/accumulators/quire.hpp>
#include <napier/formats/fixed.hpp>
#include <napier/formats/posit.hpp>
#include <napier/multipliers/drum.hpp>
#include <napier/multipliers/iterative_mitchell.hpp>
#include <napier/multipliers/mbm.hpp>
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

}  // namespace

TEST_CASE("drum<k>") {
  exact_sums<mac<fixed32_16, drum<6>, fixed64>>(4);
  exact_sums<mac<p16, drum<6>, quire<p16>>>(4);
}
TEST_CASE("mbm, with and without a floor") {
  exact_sums<mac<fixed32_16, mbm, fixed64>>(4);
  exact_sums<mac<p16, mbm, quire<p16>>>(6);
}
TEST_CASE("roba and iterative_mitchell") {
  exact_sums<mac<std::int16_t, roba, fixed64>>(2);
  exact_sums<mac<fixed32_16, iterative_mitchell<2>, fixed64>>(4);
}
TEST_CASE("no kernels") {
  std::vector<std::int32_t> products;
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) products.push_back(a * (b | 1) - 3);
  }
  loaded_table<0>::load({table_signs::is_signed, products});
  without_kernels<mac<fixed<8, 4>, loaded_table<0>, fixed64>>();
  without_kernels<mac<std::uint8_t, mbm, fixed64>>();
  without_kernels<mac<fixed<8, 4>, truncated_array<4>, fixed64>>();
  without_kernels<mac<std::int16_t, exact, loa<8>>>();
}

TEST_CASE("each instruction set was covered") { require_coverage(); }
