// Fixed point and integers with fixed64.
#include <gemm/paths.hpp>

#include <gemm/paths_exact.hpp>
#include <napier/accumulators/compensated.hpp>
#include <napier/accumulators/fixed64.hpp>
#include <napier/formats/fixed.hpp>
#include <napier/multipliers/mitch.hpp>
#include <napier/multipliers/mitchell.hpp>

using namespace napier;
using namespace napier::paths_test;

namespace {
using fixed16_8 = fixed<16, 8>;
}

TEST_CASE("fixed32_16") {
  exact_sums<mac<fixed32_16, exact, fixed64>>(3);
  exact_sums<mac<fixed32_16, mitch<6>, fixed64>>(3);
  exact_sums<mac<fixed32_16, mitchell, compensated<fixed64>>>(3);
}
TEST_CASE("fixed16_8") {
  exact_sums<mac<fixed16_8, exact, fixed64>>();
  exact_sums<mac<fixed16_8, mitch<6>, fixed64>>();
}
TEST_CASE("integers") {
  exact_sums<mac<std::int8_t, exact, fixed64>>();
  exact_sums<mac<std::int16_t, mitch<6>, fixed64>>(2);
  exact_sums<mac<std::int32_t, exact, fixed64>>(4);
}

TEST_CASE("each instruction set was covered") { require_coverage(); }
