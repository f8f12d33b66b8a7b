// bfloat16, float16 and the 8-bit floats with running sums in float and double.
#include <gemm/paths.hpp>

#include <gemm/paths_floats.hpp>
#include <napier/accumulators/compensated.hpp>

using namespace napier;
using namespace napier::paths_test;

TEST_CASE("bfloat16") {
  floats<mac<bfloat16, exact, native<float>>>();
  floats<mac<bfloat16, mitchell, native<float>>>();
  floats<mac<bfloat16, mitch<4, unbiased>, compensated<native<float>>>>();
}
TEST_CASE("float16") {
  floats<mac<float16, exact, native<float>>>();
  floats<mac<float16, mitch<6>, native<float>>>();
  floats<mac<float16, exact, native<double>>>();
}
TEST_CASE("floats of 8 bits") {
  floats<mac<float8_e5m2, exact, native<float>>>();
  floats<mac<float8_e4m3fn, mitch<3>, native<float>>>();
  floats<mac<float8_e4m3fnuz, mitchell, native<float>>>();
}

TEST_CASE("each instruction set was covered") { require_coverage(); }
