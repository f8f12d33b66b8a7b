// Posits of few bits, and of exponents far out, with their quire.
#include <gemm/paths.hpp>

#include <gemm/paths_exact.hpp>
#include <napier/accumulators/quire.hpp>
#include <napier/formats/posit.hpp>
#include <napier/multipliers/mitch.hpp>
#include <napier/multipliers/plam.hpp>

using namespace napier;
using namespace napier::paths_test;

TEST_CASE("posit<8, 0>") {
  exact_sums<mac<posit<8, 0>, exact, quire<posit<8, 0>>>>();
  exact_sums<mac<posit<8, 0>, plam, quire<posit<8, 0>>>>();
}
TEST_CASE("posit<8, 1>") { exact_sums<mac<posit<8, 1>, exact, quire<posit<8, 1>>>>(); }
TEST_CASE("posit<8, 2>") { exact_sums<mac<posit<8, 2>, mitch<4>, quire<posit<8, 2>>>>(3); }
TEST_CASE("posit<16, 4>") { exact_sums<mac<posit<16, 4>, plam, quire<posit<16, 4>>>>(16); }
TEST_CASE("posit<32, 4>, whose least product is 2^-960") {
  exact_sums<mac<posit<32, 4>, exact, quire<posit<32, 4>>>>(40);
  exact_sums<mac<posit<32, 4>, plam, quire<posit<32, 4>>>>(40);
}

TEST_CASE("each instruction set was covered") { require_coverage(); }
