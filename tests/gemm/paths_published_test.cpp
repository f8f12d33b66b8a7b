// The multipliers that find a leading one, in floats: drum<k>, mbm, roba, iterative_mitchell; sums in narrow floats.
#include <gemm/paths.hpp>

#include <limits>

#include <gemm/paths_floats.hpp>
#include <napier/accumulators/compensated.hpp>
#include <napier/multipliers/drum.hpp>
#include <napier/multipliers/iterative_mitchell.hpp>
#include <napier/multipliers/mbm.hpp>
#include <napier/multipliers/roba.hpp>

using namespace napier;
using namespace napier::paths_test;

TEST_CASE("drum<k>: values cut while they are packed") {
  floats<mac<float, drum<6>, native<float>>>();
  floats<mac<float, drum<6>, native<double>>>();
  floats<mac<bfloat16, drum<12>, native<float>>>();  // nothing to cut; subnormals are zeros nevertheless
}

TEST_CASE("mbm: corrected logarithms") {
  floats<mac<float, mbm, native<float>>>();
  floats<mac<bfloat16, mbm, compensated<native<float>>>>();
}

// A zero is packed as 1, and 1 × the largest number leaves FP32's range once it is corrected.
TEST_CASE("mbm: zeros beside the largest numbers") {
  using M = mac<float, mbm, native<float>>;
  sweep s;
  for (const bool is_left : {false, true}) {
    problem<M> p(9, 29, 21);
    const auto zero = [](auto, auto) { return 0.0f; };
    const auto largest = [](auto, auto) { return std::numeric_limits<float>::max(); };
    if (is_left)
      p.fill(zero, largest);
    else
      p.fill(largest, zero);
    compare<M>(s, p, "zeros beside the largest", expected::either);
  }
  REQUIRE(s.report() == passed(s.cases()));
}

TEST_CASE("roba and iterative_mitchell: products less products of residues") {
  floats<mac<float, roba, native<float>>>();
  floats<mac<float, iterative_mitchell<2>, native<float>>>();
  floats<mac<float16, iterative_mitchell<3, 8>, native<float>>>();
}

TEST_CASE("sums in bfloat16, float16 and float8") {
  narrow_sums<mac<float, exact, native<bfloat16>>>();
  narrow_sums<mac<float, exact, native<float16>>>();
  narrow_sums<mac<float16, mitch<6>, compensated<native<float16>>>>();
  narrow_sums<mac<bfloat16, mitchell, native<bfloat16>>>();
  narrow_sums<mac<float8_e5m2, drum<3>, native<float8_e5m2>>>();
}

TEST_CASE("each instruction set was covered") { require_coverage(); }
