#include <napier/formats/minifloat.hpp>

#include "multipliers.hpp"

void napier_multiplier::add_floats(catalogue& all) {
  add_formats<float, napier::bfloat16, napier::float16, napier::float8_e4m3fn, napier::float8_e5m2,
              napier::float6_e3m2, napier::float6_e2m3, napier::float4_e2m1>(all);
}
