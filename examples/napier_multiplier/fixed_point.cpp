#include <napier/formats/fixed.hpp>

#include "multipliers.hpp"

void napier_multiplier::add_fixed_point(catalogue& all) {
  add_formats<napier::fixed<8, 4>, napier::fixed<16, 8>, napier::fixed32_16>(all);
}
