#include <catch2/catch.hpp>

#include "formats/array_support.hpp"

using namespace napier;
using array_test::conversion_mismatch;
using array_test::nothing;

TEST_CASE("conversions: small floats") {
  CHECK(conversion_mismatch<bfloat16>() == nothing);
  CHECK(conversion_mismatch<float16>() == nothing);
  CHECK(conversion_mismatch<float8_e5m2>() == nothing);
  CHECK(conversion_mismatch<float8_e4m3fn>() == nothing);
  CHECK(conversion_mismatch<float8_e4m3fnuz>() == nothing);
  CHECK(conversion_mismatch<float8_e5m2fnuz>() == nothing);
  CHECK(conversion_mismatch<float6_e2m3>() == nothing);
  CHECK(conversion_mismatch<float4_e2m1>() == nothing);
  CHECK(conversion_mismatch<tfloat32>() == nothing);
  // bfloat16's fields, but the largest exponent is a finite one
  CHECK(conversion_mismatch<minifloat<minifloat_spec{8, 7, 127, special_values::finite_nan}>>() == nothing);
  CHECK(conversion_mismatch<minifloat<minifloat_spec{8, 5, 120}>>() == nothing);  // past FP32's upper end
  CHECK(conversion_mismatch<minifloat<minifloat_spec{5, 22, 15}>>() == nothing);
  CHECK(conversion_mismatch<minifloat<minifloat_spec{11, 3, 2000}>>() ==
        nothing);  // one by one, as are the rest
  CHECK(conversion_mismatch<float8_e8m0>() == nothing);
  CHECK(conversion_mismatch<binary>() == nothing);
}

TEST_CASE("conversions: fixed point") {
  CHECK(conversion_mismatch<fixed<2, 0>>() == nothing);
  CHECK(conversion_mismatch<fixed<11, 20>>() == nothing);
  CHECK(conversion_mismatch<fixed<16, 8>>() == nothing);
  CHECK(conversion_mismatch<fixed<25, 12>>() == nothing);
  CHECK(conversion_mismatch<fixed32_16>() == nothing);
  CHECK(conversion_mismatch<fixed<32, 64>>() == nothing);
  CHECK(conversion_mismatch<fixed<40, 8>>() == nothing);  // one by one
}
