#pragma once

#include <memory>

#include <napier/accumulators/quire.hpp>
#include <napier/formats/posit.hpp>
#include <napier/mac/mac.hpp>
#include <napier/multipliers/decorators.hpp>
#include <napier/multipliers/plam.hpp>

#include "macs.hpp"
#include "small_engine.hpp"

namespace napier_study {

// A machine without a quire rounds each product and each sum.
template <class P>
void add_posit(napier::mac_registry& registry) {
  using namespace napier;
  registry.add(std::make_unique<small_engine<mac<P, exact, quire<P>>>>());
  registry.add(std::make_unique<small_engine<mac<P, plam, quire<P>>>>());
  registry.add(std::make_unique<small_engine<mac<P, rounded<exact, P>, native<P>>>>());
  registry.add(std::make_unique<small_engine<mac<P, rounded<plam, P>, native<P>>>>());
}

template <int es, int... n>
void add_posits(napier::mac_registry& registry) {
  (add_posit<napier::posit<n, es>>(registry), ...);
}

}  // namespace napier_study
