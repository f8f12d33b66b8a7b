#include <napier/formats/posit.hpp>

#include "multipliers.hpp"

void napier_multiplier::add_posits(catalogue& all) {
  using napier::posit;
  add_formats<posit<8, 0>, posit<8, 1>, posit<8, 2>, posit<16, 1>, posit<16, 2>, posit<32, 2>>(all);
}
