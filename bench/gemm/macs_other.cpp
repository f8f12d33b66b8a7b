#include <cstdint>

#include <napier/accumulators/fixed64.hpp>
#include <napier/accumulators/quire.hpp>
#include <napier/core/arithmetic.hpp>
#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>
#include <napier/mac/mac.hpp>
#include <napier/multipliers/decorators.hpp>
#include <napier/multipliers/mitch.hpp>

#include "macs.hpp"

namespace foreign {

// A multiplier that napier does not know: operands keep three leading bits, the last of them set.
struct drum3 {
  static constexpr bool is_exact = false;
  static constexpr napier::name name() { return "drum3"; }

  template <napier::Format F>
  constexpr napier::unpacked multiply(F a, F b) const {
    return napier::multiply(cut(napier::decode(a)), cut(napier::decode(b)));
  }

 private:
  static constexpr napier::unpacked cut(napier::unpacked x) {
    constexpr std::uint64_t last = std::uint64_t{1} << 61;
    if (x.is_finite()) x.significand = (x.significand & ~(last - 1)) | last;
    return x;
  }
};

}  // namespace foreign

namespace napier_bench {

using namespace napier;

void add_other_macs(std::vector<measured_mac>& macs) {
  using posit8_0 = posit<8, 0>;
  constexpr speed_floor tables{0.05, 0.03};
  macs.push_back(measured<mac<fixed<32, 16>, mitch<6>, fixed64>>({0.08, 0.03}, "int64 windows"));
  macs.push_back(measured<mac<posit8_0, lut<foreign::drum3, posit8_0>, quire<posit8_0>>>(
      tables, "one look-up a product"));
  using posit8_2 = posit<8, 2>;
  macs.push_back(measured<mac<posit8_2, lut<foreign::drum3, posit8_2>, quire<posit8_2>>>(
      tables, "one look-up a product"));
  macs.push_back(measured<mac<float8_e4m3fn, lut<foreign::drum3, float8_e4m3fn>, native<float>>>(
      tables, "one look-up a product"));
}

}  // namespace napier_bench
