#pragma once
// tests/oracle/codes.hpp — the code of a number of any format, the number of a code, and an operation by name.

#include <bit>
#include <concepts>
#include <cstdint>

#include "oracle/oracle.hpp"

namespace oracle {

template <class F>
std::uint64_t code_of(F x) {
  if constexpr (std::same_as<F, float>) {
    return std::bit_cast<std::uint32_t>(x);
  } else if constexpr (std::same_as<F, double>) {
    return std::bit_cast<std::uint64_t>(x);
  } else if constexpr (std::integral<F>) {
    return static_cast<std::uint64_t>(x);
  } else {
    return static_cast<std::uint64_t>(x.bits());
  }
}

// The code in the lower bits; what is above them is dropped.
template <class F>
F from_code(std::uint64_t code) {
  if constexpr (std::same_as<F, float>) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(code));
  } else if constexpr (std::same_as<F, double>) {
    return std::bit_cast<double>(code);
  } else if constexpr (std::integral<F>) {
    return static_cast<F>(code);
  } else {
    return F::from_bits(static_cast<decltype(F{}.bits())>(code));
  }
}

template <class F>
F apply(operation op, F a, F b) {
  switch (op) {
    case operation::add:
      return a + b;
    case operation::subtract:
      return a - b;
    case operation::multiply:
      return a * b;
    default:
      return a / b;
  }
}

}  // namespace oracle
