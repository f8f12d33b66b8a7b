#include <napier/accumulators/fixed64.hpp>
#include <napier/accumulators/loa.hpp>
#include <napier/accumulators/native.hpp>
#include <napier/accumulators/quire.hpp>
#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>
#include <napier/mac/mac.hpp>
#include <napier/multipliers/iterative_mitchell.hpp>
#include <napier/multipliers/mbm.hpp>
#include <napier/multipliers/mitch.hpp>
#include <napier/multipliers/roba.hpp>

#include "macs.hpp"

namespace napier_bench {

using namespace napier;

// Floors are those of the logarithms on the same format and sum.
void add_published_macs(std::vector<measured_mac>& macs) {
  using posit16_2 = posit<16, 2>;
  using posit32_2 = posit<32, 2>;
  constexpr speed_floor fixed_sums{0.08, 0.03};
  constexpr speed_floor wide{0.02, 0.01};
  const char* const residues = "two fused multiply-adds of doubles a product";
  macs.push_back(measured<mac<fixed32_16, mitch<6, unbiased>, fixed64>>(
      fixed_sums, "as mitch6, and each product rounded to an integer"));
  macs.push_back(
      measured<mac<fixed32_16, mbm, fixed64>>(fixed_sums, "the correction and rounding of each product"));
  macs.push_back(measured<mac<fixed32_16, roba, fixed64>>(fixed_sums, residues));
  macs.push_back(measured<mac<posit16_2, roba, quire<posit16_2>>>({}, residues));
  macs.push_back(
      measured<mac<posit32_2, mbm, quire<posit32_2>>>(wide, "two windows a product, int64 windows"));
  macs.push_back(measured<mac<posit32_2, iterative_mitchell<2>, quire<posit32_2>>>(
      wide, "products of slices, int64 windows"));
  const char* const rounds = "the rounding of each product and of each sum";
  macs.push_back(measured<mac<float, exact, native<bfloat16>>>({}, rounds));
  macs.push_back(measured<mac<float, exact, native<float16>>>({}, rounds));
  macs.push_back(measured<mac<fixed32_16, exact, loa<16>>>({}, "64-bit products, five additions and masks"));
}

}  // namespace napier_bench
