#pragma once
// napier/core/rounded_product.hpp — a floating-point product that is rounded before anything is added to it.
//
// What      fl(a · b), under any compiler flags: where a compiler may contract (-mfma, -march=native), it fuses a product with the
//           sum that follows, and sees through a detour by way of a wider type; so the value is made opaque to it
// Checked   tests/layers/conv2d_test.cpp, built a second time with -mfma -ffp-contract=fast (ctest: contraction)

#include <concepts>
#include <type_traits>

namespace napier {

template <std::floating_point T>
constexpr T rounded_product(T a, T b) {
  T product = a * b;
  if (!std::is_constant_evaluated()) asm("" : "+m"(product));
  return product;
}

}  // namespace napier
