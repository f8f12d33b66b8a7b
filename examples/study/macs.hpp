#pragma once
// The MACs of the study beside those of napier's tools.

#include <napier/network/registry.hpp>

namespace napier_study {

// posit<n, es> for n from 6 to 16, exact and PLAM, with a quire and with sums rounded to the posit.
void add_posits_es0(napier::mac_registry& registry);
void add_posits_es1(napier::mac_registry& registry);
void add_posits_es2(napier::mac_registry& registry);

}  // namespace napier_study
