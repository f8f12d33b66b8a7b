#pragma once
// napier/network/standard_macs.hpp — the MACs that napier's own tools are compiled with, family by family.
//
// Each function costs seconds of compilation where it is called: call it in a .cpp of its own. They are templates so that
// the others cost nothing there.

#include <concepts>
#include <cstdint>

#include <napier/accumulators/fixed64.hpp>
#include <napier/accumulators/loa.hpp>
#include <napier/accumulators/quire.hpp>
#include <napier/accumulators/truncated_adder.hpp>
#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>
#include <napier/mac/mac.hpp>
#include <napier/multipliers/decorators.hpp>
#include <napier/multipliers/drum.hpp>
#include <napier/multipliers/iterative_mitchell.hpp>
#include <napier/multipliers/mbm.hpp>
#include <napier/multipliers/mitch.hpp>
#include <napier/multipliers/mitchell.hpp>
#include <napier/multipliers/plam.hpp>
#include <napier/multipliers/roba.hpp>
#include <napier/network/registry.hpp>
#include <napier/network/table_macs.hpp>

namespace napier {

namespace detail {

template <Format F, class A, class... Multipliers>
void add_macs(mac_registry& registry) {
  (registry.add<mac<F, Multipliers, A>>(), ...);
}

template <Format F, class A, int... w>
void add_mitch_macs(mac_registry& registry) {
  (registry.add<mac<F, mitch<w>, A>>(), ...);
  (registry.add<mac<F, mitch<w, unbiased>, A>>(), ...);
}

template <Format F>
void add_small_float_macs(mac_registry& registry) {
  using sum = native<float>;
  add_macs<F, sum, exact, mitchell>(registry);
  add_macs<F, compensated<sum>, mitchell>(registry);
  add_mitch_macs<F, sum, 4, 6>(registry);
  add_macs<F, compensated<sum>, mitch<4>, mitch<6>>(registry);
}

// With a quire and without one; the rounded multipliers are the published circuits.
template <PositFormat P>
void add_posit_macs(mac_registry& registry) {
  using rounded_plam = rounded<plam, P>;
  using rounded_exact = rounded<exact, P>;
  add_macs<P, quire<P>, exact, plam, rounded_plam, rounded_exact>(registry);
  add_macs<P, compensated<quire<P>>, plam>(registry);
  add_macs<P, native<P>, rounded_plam, rounded_exact>(registry);
}

template <FixedFormat F>
void add_fixed_macs(mac_registry& registry) {
  add_macs<F, fixed64, exact, mitchell>(registry);
  add_macs<F, compensated<fixed64>, mitchell>(registry);
  add_mitch_macs<F, fixed64, 4, 6, 8>(registry);
  add_macs<F, compensated<fixed64>, mitch<4>, mitch<6>>(registry);
}

}  // namespace detail

template <std::same_as<mac_registry> Registry>
void add_float32_macs(Registry& registry) {
  using sum = native<float>;
  detail::add_macs<float, sum, exact, mitchell>(registry);
  detail::add_macs<float, compensated<sum>, mitchell>(registry);
  detail::add_mitch_macs<float, sum, 3, 4, 5, 6, 7, 8, 10, 12, 16>(registry);
  detail::add_macs<float, compensated<sum>, mitch<3>, mitch<4>, mitch<5>, mitch<6>, mitch<8>>(registry);
  detail::add_macs<float, native<double>, exact>(registry);
}

template <std::same_as<mac_registry> Registry>
void add_small_float_macs(Registry& registry) {
  detail::add_small_float_macs<bfloat16>(registry);
  detail::add_small_float_macs<float16>(registry);
  detail::add_small_float_macs<float8_e4m3fn>(registry);
  detail::add_small_float_macs<float8_e5m2>(registry);
  detail::add_macs<bfloat16, native<bfloat16>, exact, mitchell>(registry);
  detail::add_macs<float16, native<float16>, exact, mitchell>(registry);
}

template <std::same_as<mac_registry> Registry>
void add_posit_macs(Registry& registry) {
  detail::add_posit_macs<posit<8, 0>>(registry);
  detail::add_posit_macs<posit<8, 1>>(registry);
  detail::add_posit_macs<posit<8, 2>>(registry);
  detail::add_posit_macs<posit<16, 1>>(registry);
  detail::add_posit_macs<posit<16, 2>>(registry);
  detail::add_posit_macs<posit<32, 2>>(registry);
  using P = posit<16, 1>;
  detail::add_macs<P, quire<P>, mitch<4>, mitch<6>>(registry);
  detail::add_macs<P, compensated<quire<P>>, mitch<4>, mitch<6>>(registry);
}

template <std::same_as<mac_registry> Registry>
void add_fixed_macs(Registry& registry) {
  detail::add_fixed_macs<fixed<16, 8>>(registry);
  detail::add_fixed_macs<fixed32_16>(registry);
}

// Multipliers that are not Mitchell's alone, and sums that are not exact.
template <std::same_as<mac_registry> Registry>
void add_published_macs(Registry& registry) {
  using sum = native<float>;
  detail::add_macs<float, sum, mbm, drum<4>, drum<6>, roba>(registry);
  detail::add_macs<float, sum, iterative_mitchell<2>, iterative_mitchell<2, 6>>(registry);
  detail::add_macs<bfloat16, sum, mbm, drum<6>>(registry);
  detail::add_macs<fixed32_16, fixed64, mbm, drum<6>, roba, iterative_mitchell<2>>(registry);
  detail::add_macs<fixed32_16, loa<16>, exact>(registry);
  detail::add_macs<fixed32_16, loa<24>, exact>(registry);
  detail::add_macs<fixed32_16, truncated_adder<24>, exact>(registry);
  detail::add_macs<float, native<bfloat16>, exact>(registry);
  detail::add_macs<float, native<float16>, exact>(registry);
}

// Any circuit of 8 bits: network/table_macs.hpp.
template <std::same_as<mac_registry> Registry>
void add_byte_macs(Registry& registry) {
  detail::add_macs<std::int8_t, fixed64, exact>(registry);
  detail::add_macs<fixed<8, 4>, fixed64, exact>(registry);
  detail::add_macs<fixed<8, 6>, fixed64, exact>(registry);
  registry.add_maker(table_macs<std::int8_t, fixed<8, 4>, fixed<8, 6>>());
}

template <std::same_as<mac_registry> Registry>
void add_standard_macs(Registry& registry) {
  add_float32_macs(registry);
  add_small_float_macs(registry);
  add_posit_macs(registry);
  add_fixed_macs(registry);
  add_published_macs(registry);
  add_byte_macs(registry);
}

}  // namespace napier
