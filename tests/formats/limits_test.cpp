// std::numeric_limits and std::hash of every format.
#include <napier/formats/limits.hpp>

#include <catch2/catch.hpp>
#include <unordered_set>

#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>

namespace {

using namespace napier;

template <class F>
using limits = std::numeric_limits<F>;

static_assert(limits<float16>::digits == 11 && limits<float16>::digits10 == 3 &&
              limits<float16>::max_digits10 == 5);
static_assert(limits<float16>::min_exponent == -13 && limits<float16>::max_exponent == 16);
static_assert(limits<float16>::min_exponent10 == -4 && limits<float16>::max_exponent10 == 4);
static_assert(limits<float16>::is_iec559 && limits<float16>::has_infinity && limits<float16>::has_quiet_NaN);
static_assert(double(limits<float16>::min()) == 0x1p-14 && double(limits<float16>::denorm_min()) == 0x1p-24);
static_assert(double(limits<float16>::max()) == 65504 && double(limits<float16>::lowest()) == -65504);
static_assert(double(limits<float16>::epsilon()) == 0x1p-10 && double(limits<float16>::round_error()) == 0.5);
static_assert(limits<float16>::infinity() == float16::infinity() && limits<float16>::quiet_NaN().is_nan());
static_assert(limits<const bfloat16>::digits == 8 &&
              limits<bfloat16>::max_exponent == limits<float>::max_exponent);
static_assert(limits<bfloat16>::min_exponent == limits<float>::min_exponent);
static_assert(limits<bfloat16>::min_exponent10 == limits<float>::min_exponent10);
static_assert(limits<bfloat16>::max_exponent10 == limits<float>::max_exponent10);
static_assert(!limits<float8_e4m3fn>::has_infinity && limits<float8_e4m3fn>::has_quiet_NaN);
static_assert(!limits<float4_e2m1>::has_quiet_NaN && double(limits<float4_e2m1>::lowest()) == -6);
static_assert(!limits<float8_e8m0>::is_signed && double(limits<float8_e8m0>::min()) == 0x1p-127);
static_assert(double(limits<float8_e8m0>::lowest()) == 0x1p-127 &&
              double(limits<float8_e8m0>::epsilon()) == 1);
static_assert(!limits<float8_e8m0>::is_iec559 && limits<float8_e8m0>::has_denorm == std::denorm_absent);
static_assert(double(limits<binary>::lowest()) == -1 && double(limits<binary>::min()) == 1);

static_assert(limits<posit<16, 1>>::digits == 13 && limits<posit<16, 1>>::max_digits10 == 5);
static_assert(limits<posit<16, 1>>::max() == posit<16, 1>::maxpos() &&
              limits<posit<16, 1>>::min() == posit<16, 1>::minpos());
static_assert(limits<posit<16, 1>>::lowest() == -posit<16, 1>::maxpos() &&
              limits<posit<16, 1>>::quiet_NaN().is_nar());
static_assert(double(limits<posit<16, 1>>::epsilon()) == 0x1p-12 && !limits<posit<16, 1>>::has_infinity);
static_assert(limits<posit16>::min_exponent == -55 && limits<posit16>::max_exponent == 57);
static_assert(double(limits<posit64>::epsilon()) == 0x1p-59);
static_assert(limits<posit<2, 0>>::epsilon() == posit<2, 0>{1});

static_assert(limits<fixed32_16>::is_exact && !limits<fixed32_16>::is_integer &&
              limits<fixed<8, 0>>::is_integer);
static_assert(limits<fixed32_16>::digits == 31 &&
              limits<fixed32_16>::digits10 == limits<std::int32_t>::digits10);
static_assert(limits<fixed32_16>::min() == fixed32_16::lowest() &&
              double(limits<fixed32_16>::epsilon()) == 0x1p-16);

// As many decimal digits as digits10 promises come back: the step at the largest number of the shortest binades.
static_assert(detail::decimal_digits(53) == 15 && detail::decimal_digits(52) == 15 &&
              detail::decimal_digits(64) == 19);

template <class F>
bool hashes_by_value() {
  std::unordered_set<F> seen;
  bool agree = true;
  for (unsigned code = 0; code < 1u << F::width; ++code) {
    const F x = F::from_bits(code);
    if (!(x == x)) continue;
    for (const F& y : {x, F{double(x)}}) agree = agree && x == y && std::hash<F>{}(x) == std::hash<F>{}(y);
    seen.insert(x);
  }
  // Every number once, both zeros as one.
  std::size_t numbers = 0;
  bool zero = false;
  for (unsigned code = 0; code < 1u << F::width; ++code) {
    const F x = F::from_bits(code);
    if (!(x == x) || (x.is_zero() && zero)) continue;
    zero = zero || x.is_zero();
    ++numbers;
  }
  return agree && seen.size() == numbers && numbers > 1;
}

}  // namespace

TEST_CASE("the facts above hold: it compiled") { SUCCEED(); }

TEST_CASE("equal numbers have equal hashes") {
  CHECK(hashes_by_value<posit<8, 0>>());
  CHECK(hashes_by_value<posit16>());
  CHECK(hashes_by_value<float16>());
  CHECK(hashes_by_value<float8_e4m3fn>());
  CHECK(hashes_by_value<float8_e4m3fnuz>());
  CHECK(hashes_by_value<float8_e8m0>());
  CHECK(hashes_by_value<binary>());
  CHECK(hashes_by_value<fixed<8, 3>>());
  CHECK(std::hash<float16>{}(float16{-0.0}) == std::hash<float16>{}(float16{0.0}));
}
