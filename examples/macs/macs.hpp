#pragma once
// The MACs that the tools know; one .cpp a family keeps compilation parallel.

#include <napier/network/registry.hpp>

namespace napier_tools {

void add_float32_macs(napier::mac_registry& registry);
void add_small_float_macs(napier::mac_registry& registry);
void add_posit_macs(napier::mac_registry& registry);
void add_fixed_macs(napier::mac_registry& registry);
void add_published_macs(napier::mac_registry& registry);
void add_byte_macs(napier::mac_registry& registry);

inline const napier::mac_registry& all_macs() {
  static const napier::mac_registry registry = [] {
    napier::mac_registry macs;
    add_float32_macs(macs);
    add_small_float_macs(macs);
    add_posit_macs(macs);
    add_fixed_macs(macs);
    add_published_macs(macs);
    add_byte_macs(macs);
    return macs;
  }();
  return registry;
}

}  // namespace napier_tools
