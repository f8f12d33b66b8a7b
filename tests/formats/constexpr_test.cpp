// Each operation of each format in a constant expression: it compiled, so it passed.
#include <catch2/catch.hpp>
#include <compare>
#include <concepts>
#include <cstdint>
#include <limits>

#include <napier/accumulators/quire_functions.hpp>
#include <napier/formats/fixed.hpp>
#include <napier/formats/literals.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/parse.hpp>
#include <napier/formats/posit.hpp>
#include <napier/formats/posit_functions.hpp>
#include <napier/formats/rounding_modes.hpp>

namespace {

using namespace napier;

// Arithmetic on 1, 2, 3 and 1/2, which all formats but e8m0 and binary have.
template <class F>
constexpr bool arithmetic() {
  const F one{1}, two{2}, three{3}, half{0.5};
  F x = one;
  x += two;
  if (x != three) return false;
  x -= one;
  if (x != two) return false;
  x *= half;
  if (x != one) return false;
  x /= two;
  if (x != half) return false;
  return one + two == three && three - two == one && half * two == one && one / two == half &&
         -one == F{-1} && +one == one && abs(-two) == two && sqrt(one) == one && fma(half, two, one) == two;
}

template <class F>
constexpr bool comparisons() {
  const F one{1}, two{2};
  return one == one && one != two && one < two && one <= two && two > one && two >= one &&
         (one <=> two) == std::strong_ordering::less && !(one == two);
}

template <class F>
constexpr bool conversions() {
  const F two{2};
  return F{2.0f} == two && F{2.0} == two && F{2.0L} == two && F{std::int8_t{2}} == two &&
         F{std::uint8_t{2}} == two && F{std::int16_t{2}} == two && F{std::uint16_t{2}} == two &&
         F{2} == two && F{2u} == two && F{std::int64_t{2}} == two && F{std::uint64_t{2}} == two &&
         float(two) == 2 && double(two) == 2 && static_cast<long double>(two) == 2 && int(two) == 2 &&
         static_cast<std::uint64_t>(two) == 2 && static_cast<std::int8_t>(two) == 2 &&
         static_cast<std::int64_t>(two) == 2;
}

template <class F, class G>
constexpr bool converts_to() {
  return static_cast<G>(F{2}) == G{2} && round_to<G>(F{2}) == G{2};
}

template <class F>
constexpr bool converts_to_all() {
  const bool posits = round_to<posit<8, 0>>(F{2}) == posit<8, 0>{2} && converts_to<F, posit<32, 3>>();
  const bool floats =
      round_to<float8_e5m2>(F{2}) == float8_e5m2{2} && converts_to<F, minifloat<minifloat_spec{6, 9, 31}>>();
  return posits && floats && converts_to<F, fixed<40, 20>>() && round_to<float8_e8m0>(F{2}) == float8_e8m0{2};
}

template <class F>
constexpr bool codes() {
  return F::from_bits(F{2}.bits()) == F{2} && decode(F{2}) == decode(2) && round_to<F>(decode(2)) == F{2} &&
         F{}.is_zero() && F::encode(F{2}.decode()) == F{2};
}

template <class F>
constexpr bool rounding_modes() {
  return round_to<F>(1.0, toward_zero) == F{1} && round_to<F>(1.0, stochastic{~std::uint64_t{0}}) == F{1} &&
         round_to<F>(1.0, nearest_even) == F{1} &&
         !(round_to<F>(1 + 0x1p-50) < round_to<F>(1 + 0x1p-50, toward_zero));
}

template <class F>
constexpr bool texts() {
  return parse<F>("2") == F{2} && parse<F>("0x1p1") == F{2} && !try_parse<F>("two") &&
         parse<F>("20e-1") == F{2};
}

template <class F>
constexpr bool limits() {
  using all = std::numeric_limits<F>;
  return all::is_specialized && F{1} < all::max() && all::lowest() < F{1} && all::epsilon() > F{} &&
         all::digits > 0 && all::round_error() == F{0.5} && all::denorm_min() == all::denorm_min() &&
         all::min() < F{2} && all::infinity().bits() == all::infinity().bits() &&
         all::quiet_NaN().bits() == all::quiet_NaN().bits() && all::signaling_NaN().bits() == 0;
}

template <class F>
constexpr bool everything() {
  return arithmetic<F>() && comparisons<F>() && conversions<F>() && converts_to_all<F>() && codes<F>() &&
         rounding_modes<F>() && texts<F>() && limits<F>();
}

static_assert(everything<posit<6, 0>>());
static_assert(everything<posit<8, 0>>());
static_assert(everything<posit<8, 1>>());
static_assert(everything<posit8>());
static_assert(everything<posit<10, 3>>());
static_assert(everything<posit<16, 1>>());
static_assert(everything<posit16>());
static_assert(everything<posit32>());
static_assert(everything<posit<37, 4>>());
static_assert(everything<posit64>());
static_assert(everything<posit<64, 0>>());
static_assert(everything<posit<64, 4>>());
static_assert(everything<bfloat16>());
static_assert(everything<float16>());
static_assert(everything<tfloat32>());
static_assert(everything<float8_e5m2>());
static_assert(everything<float8_e4m3fn>());
static_assert(everything<float8_e5m2fnuz>());
static_assert(everything<float8_e4m3fnuz>());
static_assert(everything<float6_e3m2>());
static_assert(everything<float6_e2m3>());
static_assert(everything<float4_e2m1>());
static_assert(everything<fixed<8, 4>>());
static_assert(everything<fixed<16, 8>>());
static_assert(everything<fixed32_16>());
static_assert(everything<fixed<64, 32>>());

// e8m0: powers of two, no sign and no zero.
constexpr bool scales() {
  using F = float8_e8m0;
  const F one{1}, two{2};
  F x = one;
  x *= two;
  x /= one;
  x += two;
  x -= two;
  return x == two && sqrt(F{4}) == two && abs(two) == two && fma(one, one, one) == two && (-one).is_nan() &&
         one < two && double(two) == 2 && round_to<posit16>(two) == posit16{2} && F{posit16{2}} == two &&
         F{2.0L} == two && parse<F>("2") == two && round_to<F>(3.9, toward_zero) == two &&
         saturate_to<F>(1e99) == F::max() && std::numeric_limits<F>::max() == F::max() && !F{0}.is_zero();
}
static_assert(scales());

// binary: −1 and 1.
constexpr bool signs() {
  const binary plus{1}, minus{-1};
  binary x = plus;
  x *= minus;
  return x == minus && minus * minus == plus && -plus == minus && minus < plus && plus / minus == minus &&
         abs(minus) == plus && plus + plus == plus && minus - plus == minus && sqrt(plus) == plus &&
         fma(minus, plus, minus) == minus && int(minus) == -1 && binary{0}.bits() == 0 &&
         binary{-0.0} == plus && binary{-7.5} == minus && parse<binary>("-3") == minus &&
         std::numeric_limits<binary>::lowest() == minus;
}
static_assert(signs());

// What only some formats have.
static_assert(saturate_to<float8_e4m3fn>(1e9) == float8_e4m3fn::max() &&
              saturate_to<float16>(-1e9) == float16::lowest());
static_assert(float16::quiet_nan().is_nan() && float16::infinity().is_infinity() &&
              float16::min_subnormal() > float16{});
static_assert(posit16::nar().is_nar() && posit16::minpos() > posit16{} && posit16::maxpos() > posit16{1});
static_assert(fixed32_16::max() > fixed32_16{1} && fixed32_16::lowest() < fixed32_16{});

template <class P>
constexpr bool posit_functions() {
  const P x{1.5}, one{1}, two{2};
  return nearest_int(x) == two && ceil(x) == two && floor(x) == one && trunc(-x) == -one &&
         next(prior(x)) == x && sign(-x) == -one && fmm(two, P{0.5}, x) == x;
}
static_assert(posit_functions<posit<8, 0>>() && posit_functions<posit16>() && posit_functions<posit64>());
static_assert(fast_sigmoid(posit<16, 0>{0}) == posit<16, 0>{0.5});

template <class P>
constexpr bool quires() {
  const P one{1}, two{2};
  quire<P> q = multiply_add(to_quire(one), two, two);           // 5
  q = subtract(add(multiply_subtract(q, one, two), two), one);  // 4
  q = add(subtract(q, to_quire(two)), to_quire(one));           // 3
  const P values[] = {one, two};
  return to_posit(abs(negate(q))) == P{3} && sum(values) == P{3} && dot(values, values) == P{5} &&
         !q.is_nar() && !q.is_negative();
}
static_assert(quires<posit<8, 0>>() && quires<posit<16, 1>>() && quires<posit16>() && quires<posit32>() &&
              quires<posit64>());

}  // namespace

TEST_CASE("the facts above hold: it compiled") { SUCCEED(); }
