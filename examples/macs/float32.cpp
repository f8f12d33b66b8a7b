#include "macs.hpp"

#include <napier/network/standard_macs.hpp>

void napier_tools::add_float32_macs(napier::mac_registry& registry) { napier::add_float32_macs(registry); }
