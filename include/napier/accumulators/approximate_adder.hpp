#pragma once
// napier/accumulators/approximate_adder.hpp — sums of fixed-point or integer products in an adder that is not exact.
//
// What      as fixed64, the products' grid and 64 bits, but each addition is Adder::add of two codes, in the order given: order matters.
//           A sum that leaves 64 bits stays at the end. An adder is a type with add(a, b) and name(); what it derives from makes it an
//           accumulator: struct my_adder : adder_accumulator<my_adder> { … }
// Rounding  a product that is not on the grid (a bias, an average) is rounded to it: to nearest, ties to even
// Special   NaN counts as 0, infinities as the ends of the range
// Checked   tests/accumulators/approximate_adder_test.cpp

#include <cstdint>
#include <type_traits>

#include <napier/core/concepts.hpp>
#include <napier/formats/fixed.hpp>

namespace napier {

// The running sum; its bias, too, goes through the adder.
template <class Adder, int fraction>
class adder_sum {
 public:
  using value_type = fixed<64, fraction>;
  static constexpr bool is_exact = false;
  static constexpr napier::name name() { return Adder::name(); }

  constexpr void add(const unpacked& x) { add(value_type::encode(x)); }
  constexpr void add(value_type x) {
    const int128 sum = Adder::add(sum_, x.bits());
    constexpr auto max = value_type::max().bits();
    constexpr auto lowest = value_type::lowest().bits();
    sum_ = sum > max ? max : sum < lowest ? lowest : static_cast<std::int64_t>(sum);
  }
  constexpr unpacked value() const { return value_type::from_bits(sum_).decode(); }

 private:
  std::int64_t sum_ = 0;
};

template <class Adder>
struct adder_accumulator {
  template <Format F>
    requires(FixedFormat<F> || IntegerFormat<F>)
  struct bind_to;
  template <FixedFormat F>
  struct bind_to<F> : std::type_identity<adder_sum<Adder, 2 * format_traits<F>::fraction_bits>> {
    static_assert(format_traits<F>::width <= 32, "approximate adders: formats of at most 32 bits");
  };
  template <IntegerFormat F>
  struct bind_to<F> : std::type_identity<adder_sum<Adder, 0>> {
    static_assert(format_traits<F>::width <= 32, "approximate adders: formats of at most 32 bits");
  };

  template <Format F>
  using bind = typename bind_to<F>::type;
};

}  // namespace napier
