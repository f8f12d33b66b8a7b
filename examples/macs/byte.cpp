#include "macs.hpp"

#include <napier/network/standard_macs.hpp>

void napier_tools::add_byte_macs(napier::mac_registry& registry) { napier::add_byte_macs(registry); }
