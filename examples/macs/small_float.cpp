#include "macs.hpp"

#include <napier/network/standard_macs.hpp>

void napier_tools::add_small_float_macs(napier::mac_registry& registry) {
  napier::add_small_float_macs(registry);
}
