#pragma once
// tests/oracle/bridge.hpp — napier's unpacked values as the oracle's numbers.

#include <napier/core/unpacked.hpp>

#include "oracle/oracle.hpp"

namespace oracle {

// Of a zero or finite value.
inline number value_of(const napier::unpacked& x) {
  return x.is_zero() ? number() : number::dyadic(x.negative, x.significand, x.tail, x.exponent - 127);
}

// What an operation must give: x at 128 bits, rounded to odd; +0 for zero.
inline napier::unpacked unpacked_of(const number& x) {
  if (x.sign() == 0) return napier::unpacked::zero();
  const odd128 bits = round_to_odd(x);
  return napier::unpacked::finite(x.sign() < 0, bits.exponent, bits.high, bits.low);
}

}  // namespace oracle
