#pragma once
// An engine that runs a network in one of the study's own arithmetics, a row of sums at a time.

#include <memory>

#include <napier/network/engine.hpp>

#include "own_arithmetic.hpp"

namespace napier_study {

std::unique_ptr<const napier::engine> engine_of(const own_arithmetic& arithmetic);

}  // namespace napier_study
