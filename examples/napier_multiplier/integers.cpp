#include <cstdint>

#include "multipliers.hpp"

void napier_multiplier::add_integers(catalogue& all) {
  // of all other widths: catalogue.cpp
  add_formats<std::uint16_t, std::int16_t, std::uint32_t, std::int32_t>(all);
}
