// float32 with running sums: exact products, mitchell and mitch<w>, plain and compensated.
#include <gemm/paths.hpp>

#include <gemm/paths_floats.hpp>
#include <napier/accumulators/compensated.hpp>

using namespace napier;
using namespace napier::paths_test;

TEST_CASE("float32, exact products rounded before the sum") {
  floats<mac<float, exact, native<float>>>();
  floats<mac<float, exact, native<double>>>();
}

TEST_CASE("float32, logarithms") {
  floats<mac<float, mitchell, native<float>>>();
  floats<mac<float, mitch<6>, native<float>>>();
}

TEST_CASE("float32, unbiased and compensated") {
  floats<mac<float, mitch<6, unbiased>, native<float>>>();
  floats<mac<float, mitch<6>, compensated<native<float>>>>();
}

TEST_CASE("each instruction set was covered") { require_coverage(); }
