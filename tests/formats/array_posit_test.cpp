#include <catch2/catch.hpp>

#include "formats/array_support.hpp"

using namespace napier;
using array_test::conversion_mismatch;
using array_test::nothing;

TEST_CASE("conversions: posits of up to 16 bits") {
  CHECK(conversion_mismatch<posit<2, 0>>() == nothing);
  CHECK(conversion_mismatch<posit<5, 4>>() == nothing);
  CHECK(conversion_mismatch<posit<8, 0>>() == nothing);
  CHECK(conversion_mismatch<posit<11, 3>>() == nothing);
  CHECK(conversion_mismatch<posit<16, 1>>() == nothing);
  CHECK(conversion_mismatch<posit<16, 2>>() == nothing);
  CHECK(conversion_mismatch<posit<16, 4>>() == nothing);  // past FP32's range
}

TEST_CASE("conversions: wider posits") {
  CHECK(conversion_mismatch<posit<24, 2>>() == nothing);
  CHECK(conversion_mismatch<posit<25, 0>>() == nothing);
  CHECK(conversion_mismatch<posit<32, 2>>() == nothing);
  CHECK(conversion_mismatch<posit<32, 4>>() == nothing);
  CHECK(conversion_mismatch<posit<33, 2>>() == nothing);  // one by one
}
