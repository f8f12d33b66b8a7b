#pragma once
// napier/mac/mac.hpp — mac<Format, Multiplier, Accumulator>: approximate multiply, exact accumulate.
//
// What      products of the multiplier, added in the accumulator, in the order given; compensated sums scaled;
//           the bias added in the accumulator; the caller rounds the result once
// Name      FORMAT/MULTIPLIER/ACCUMULATOR, e.g. posit16_1/plam/quire
// Checked   tests/mac/mac_test.cpp

#include <concepts>
#include <type_traits>

#include <napier/accumulators/compensated.hpp>
#include <napier/accumulators/native.hpp>
#include <napier/core/concepts.hpp>
#include <napier/core/rounded_product.hpp>
#include <napier/multipliers/exact.hpp>

namespace napier {

namespace detail {

// An accumulator is a sum itself, or a policy that becomes one for a format through its member bind<F>.
template <class A, class F>
struct bound_accumulator : std::type_identity<A> {};
template <class A, class F>
  requires requires { typename A::template bind<F>; }
struct bound_accumulator<A, F> : std::type_identity<typename A::template bind<F>> {};
template <class A, class F>
struct bound_accumulator<compensated<A>, F> : bound_accumulator<A, F> {};

template <class A, class F>
using bound_accumulator_t = typename bound_accumulator<A, F>::type;

// The quire of one posit format does not hold the products of another.
template <class A, class F>
inline constexpr bool fits_format =
    !(PositFormat<typename A::value_type> && A::is_exact) || std::same_as<typename A::value_type, F>;

}  // namespace detail

template <class A, class F>
concept AccumulatorFor = Format<F> && Accumulator<detail::bound_accumulator_t<A, F>> &&
    detail::fits_format<detail::bound_accumulator_t<A, F>, F>;

// What compensated<A> asks of the multiplier and of the sum.
template <class M, class A, class F>
concept CompensableBy = !detail::is_compensated<A> || requires(detail::bound_accumulator_t<A, F> sum) {
  { M::mean_relative_error } -> std::convertible_to<double>;
  sum.scale(1.0);
};

template <Format F, class M, class A>
  requires Multiplier<M, F> && AccumulatorFor<A, F> && CompensableBy<M, A, F> && std::default_initializable<M>
struct mac {
  using format = F;
  using multiplier = M;
  using accumulator = detail::bound_accumulator_t<A, F>;
  using bias_type = typename accumulator::value_type;

  static constexpr bool is_exact = accumulator::is_exact;  // the order of the products cannot matter
  static constexpr bool is_compensated = detail::is_compensated<A>;

  static constexpr napier::name name() {
    napier::name text = napier::name(format_traits<F>::name()).append("/").append(M::name());
    // rounded-… without a format rounds to the MAC's own.
    if constexpr (requires { typename M::rounding; }) {
      if constexpr (!std::same_as<typename M::rounding, F>) {
        text.append("-").append(format_traits<typename M::rounding>::name());
      }
    }
    return text.append("/").append(A::name());
  }

  static constexpr void accumulate(accumulator& sum, F a, F b) {
    if constexpr (std::same_as<F, float> && std::same_as<M, exact> &&
                  std::same_as<accumulator, native<float>>) {
      sum.add(rounded_product(a, b));
    } else if constexpr (std::same_as<M, exact> && requires { sum.add_product(a, b); }) {
      sum.add_product(a, b);
    } else {
      sum.add(M{}.multiply(a, b));
    }
  }

  static constexpr unpacked finish(const accumulator& sum) { return compensate(sum).value(); }

  static constexpr unpacked finish(const accumulator& sum, bias_type bias) {
    accumulator total = compensate(sum);
    total.add(decode(bias));
    return total.value();
  }

  // What a finished sum is multiplied by.
  static constexpr double compensation() requires(is_compensated) {
    constexpr double factor = 1 / (1 + M::mean_relative_error);
    static_assert(factor >= 0.5 && factor < 8,
                  "compensated: a mean relative error from -0.87 to 1 can be taken out");
    return factor;
  }

 private:
  static constexpr accumulator compensate(accumulator sum) {
    if constexpr (is_compensated) sum.scale(compensation());
    return sum;
  }
};

}  // namespace napier
