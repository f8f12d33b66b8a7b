#include <catch2/catch.hpp>

#include "formats/array_support.hpp"

using namespace napier;
using array_test::conversion_mismatch;

TEST_CASE("conversions: posits of up to 16 bits") {
  CHECK(conversion_mismatch<posit<2, 0>>() == "");
  CHECK(conversion_mismatch<posit<5, 4>>() == "");
  CHECK(conversion_mismatch<posit<8, 0>>() == "");
  CHECK(conversion_mismatch<posit<11, 3>>() == "");
  CHECK(conversion_mismatch<posit<16, 1>>() == "");
  CHECK(conversion_mismatch<posit<16, 2>>() == "");
  CHECK(conversion_mismatch<posit<16, 4>>() == "");  // past FP32's range
}

TEST_CASE("conversions: wider posits") {
  CHECK(conversion_mismatch<posit<24, 2>>() == "");
  CHECK(conversion_mismatch<posit<25, 0>>() == "");
  CHECK(conversion_mismatch<posit<32, 2>>() == "");
  CHECK(conversion_mismatch<posit<32, 4>>() == "");
  CHECK(conversion_mismatch<posit<33, 2>>() == "");  // one by one
}
