#include <napier/accumulators/native.hpp>
#include <napier/accumulators/quire.hpp>
#include <napier/formats/posit.hpp>
#include <napier/mac/mac.hpp>
#include <napier/multipliers/decorators.hpp>
#include <napier/multipliers/plam.hpp>

#include "macs.hpp"

namespace napier_bench {

using namespace napier;

void add_posit_macs(std::vector<measured_mac>& macs) {
  using posit8_0 = posit<8, 0>;
  using posit8_2 = posit<8, 2>;
  using posit16_1 = posit<16, 1>;
  using posit16_2 = posit<16, 2>;
  using posit32_2 = posit<32, 2>;
  constexpr speed_floor exact_sums{0.30, 0.15};
  constexpr speed_floor plam_sums{0.25, 0.12};
  constexpr speed_floor rounding{0.10, 0.04};
  constexpr speed_floor wide{0.02, 0.01};
  const char* const fused = "one fused multiply-add of doubles: half the lanes";
  const char* const adds = "one integer and one double add: half the lanes";
  const char* const rounds = "the rounding of each product";
  macs.push_back(measured<mac<posit16_1, exact, quire<posit16_1>>>(exact_sums, fused, true));
  macs.push_back(measured<mac<posit16_2, exact, quire<posit16_2>>>(
      exact_sums, "as posit16_1, and the proof for each tile"));
  macs.push_back(measured<mac<posit8_0, exact, quire<posit8_0>>>(exact_sums, fused));
  macs.push_back(measured<mac<posit8_2, exact, quire<posit8_2>>>(exact_sums, fused));
  macs.push_back(measured_in_layers<mac<posit16_1, plam, quire<posit16_1>>>(plam_sums, adds, true));
  macs.push_back(measured<mac<posit8_0, plam, quire<posit8_0>>>(plam_sums, adds));
  macs.push_back(measured<mac<posit8_2, plam, quire<posit8_2>>>(plam_sums, adds));
  macs.push_back(measured<mac<posit16_1, rounded<plam, posit16_1>, quire<posit16_1>>>(rounding, rounds));
  macs.push_back(measured<mac<posit16_1, rounded<exact, posit16_1>, quire<posit16_1>>>(rounding, rounds));
  macs.push_back(measured<mac<posit16_1, rounded<plam, posit16_1>, native<posit16_1>>>(
      {}, "the rounding of each product and of each sum"));
  macs.push_back(
      measured<mac<posit32_2, exact, quire<posit32_2>>>(wide, "products of slices, int64 windows"));
  macs.push_back(
      measured<mac<posit32_2, plam, quire<posit32_2>>>(wide, "two windows a product, int64 windows"));
}

}  // namespace napier_bench
