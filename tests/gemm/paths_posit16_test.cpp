// Posits of 16 bits with their quire.
#include <gemm/paths.hpp>

#include <gemm/paths_exact.hpp>
#include <napier/accumulators/compensated.hpp>
#include <napier/accumulators/quire.hpp>
#include <napier/formats/posit.hpp>
#include <napier/multipliers/mitch.hpp>
#include <napier/multipliers/mitchell.hpp>
#include <napier/multipliers/plam.hpp>

using namespace napier;
using namespace napier::paths_test;

TEST_CASE("posit<16, 1>, exact") { exact_sums<mac<posit<16, 1>, exact, quire<posit<16, 1>>>>(); }
TEST_CASE("posit<16, 1>, plam") { exact_sums<mac<posit<16, 1>, plam, quire<posit<16, 1>>>>(); }
TEST_CASE("posit<16, 2>, exact") { exact_sums<mac<posit<16, 2>, exact, quire<posit<16, 2>>>>(2); }
TEST_CASE("posit<16, 2>, plam") { exact_sums<mac<posit<16, 2>, plam, quire<posit<16, 2>>>>(2); }
TEST_CASE("posit<16, 1>, mitch6, unbiased, compensated") {
  using p16 = posit<16, 1>;
  exact_sums<mac<p16, mitch<6, unbiased>, compensated<quire<p16>>>>(4);
}

TEST_CASE("each instruction set was covered") { require_coverage(); }
