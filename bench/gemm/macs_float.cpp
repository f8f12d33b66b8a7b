#include <napier/formats/minifloat.hpp>
#include <napier/mac/mac.hpp>
#include <napier/multipliers/drum.hpp>
#include <napier/multipliers/iterative_mitchell.hpp>
#include <napier/multipliers/mbm.hpp>
#include <napier/multipliers/mitch.hpp>
#include <napier/multipliers/mitchell.hpp>
#include <napier/multipliers/roba.hpp>

#include "macs.hpp"

namespace napier_bench {

using namespace napier;

void add_float_macs(std::vector<measured_mac>& macs) {
  using sum = native<float>;
  constexpr speed_floor logarithm{0.75, 0.35};
  constexpr speed_floor small{0.85, 0.40};
  const char* const adds = "one integer and one float add a vector";
  const char* const fused = "one fused multiply-add a vector, as sgemm";
  macs.push_back(measured_in_layers<mac<float, mitch<6>, sum>>(logarithm, adds, true));
  macs.push_back(measured<mac<float, mitchell, sum>>(logarithm, adds));
  macs.push_back(measured<mac<bfloat16, mitchell, sum>>(logarithm, adds));
  macs.push_back(measured<mac<bfloat16, exact, sum>>(small, fused, true));
  macs.push_back(measured<mac<float16, exact, sum>>(small, fused));
  macs.push_back(measured<mac<float8_e4m3fn, exact, sum>>(small, fused));
  macs.push_back(measured<mac<float8_e5m2, exact, sum>>(small, fused));
  macs.push_back(
      measured_in_layers<mac<float, exact, sum>>({0.55, 0.30}, "one multiply and one add a vector", true));
  macs.push_back(
      measured<mac<float, mbm, sum>>({}, "two additions of integers and two fused multiply-adds a vector"));
  macs.push_back(measured<mac<float, drum<6>, sum>>({}, fused));
  macs.push_back(measured<mac<float, roba, sum>>({}, "conversions to doubles and back"));
  macs.push_back(measured<mac<float, iterative_mitchell<2>, sum>>({}, "conversions to doubles and back"));
}

}  // namespace napier_bench
