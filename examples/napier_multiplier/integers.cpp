#include <cstdint>

#include "multipliers.hpp"

void napier_multiplier::add_integers(catalogue& all) {
  add_formats<std::uint8_t, std::int8_t, std::uint16_t, std::int16_t, std::uint32_t, std::int32_t>(all);
}
