#include "macs.hpp"

#include <napier/network/standard_macs.hpp>

void napier_tools::add_published_macs(napier::mac_registry& registry) {
  napier::add_published_macs(registry);
}
