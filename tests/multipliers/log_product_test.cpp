// What all log-domain multipliers share: specials, ranges and signs, for each of them and each kind of format.
#include <napier/multipliers/log_product.hpp>

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>
#include <napier/multipliers/mitch.hpp>
#include <napier/multipliers/mitchell.hpp>
#include <napier/multipliers/plam.hpp>

#include "oracle/sweep.hpp"

namespace {

using namespace napier;

static_assert(LogDomainFormat<float> && LogDomainFormat<bfloat16> && LogDomainFormat<int> &&
              LogDomainFormat<posit64>);
static_assert(LogDomainFormat<fixed32_16> && !LogDomainFormat<double> && !LogDomainFormat<void*>);

constexpr float inf = std::numeric_limits<float>::infinity();

// Every class of float against every other: NaN, signs, zeros (subnormals among them), infinities.
template <class M>
void classes(sweep& s) {
  const float values[] = {0.0f, 0x1p-149f,    0x1.fffffcp-127f, 0x1p-126f, 1.5f, 0x1.fffffep127f,
                          inf,  std::nanf("")};
  for (const float x : values) {
    for (const float y : values) {
      for (int signs = 0; signs < 4; ++signs) {
        const float a = (signs & 1) != 0 ? -x : x;
        const float b = (signs & 2) != 0 ? -y : y;
        const bool negative = signs == 1 || signs == 2;
        const bool zero = x < 0x1p-126f || y < 0x1p-126f;
        const unpacked got = M{}.multiply(a, b);
        bool right = false;
        if (std::isnan(x) || std::isnan(y)) {
          right = got == unpacked::nan();
        } else if (x == inf || y == inf) {
          right = got == (zero ? unpacked::nan() : unpacked::infinity(negative));
        } else if (zero) {
          right = got == unpacked::zero(negative);
        } else if (x * y < 0x1p-127f) {
          right = got == unpacked::zero(negative);
        } else if (x * y > 0x1p127f * 1.99f) {
          right = got.negative == negative && (got.is_infinity() || got.exponent == 127);
        } else {
          right = got.is_finite() && got.negative == negative && -126 <= got.exponent && got.exponent <= 127;
        }
        s.check(right, [&] { return text(a, b, static_cast<int>(got.kind), got.negative, got.exponent); });
      }
    }
  }
}

}  // namespace

TEST_CASE("zeros, subnormals, infinities and NaN of float32") {
  sweep s;
  classes<mitchell>(s);
  classes<mitch<1>>(s);
  classes<mitch<6>>(s);
  classes<mitch<6, unbiased>>(s);
  REQUIRE(s.report() == passed(4 * 64 * 4));
}

TEST_CASE("zero times anything is exact for integers, fixed point and posits, in every circuit") {
  sweep s;
  const auto all = [&](auto multiplier) {
    for (int code = -128; code < 128; ++code) {
      const auto x = static_cast<std::int8_t>(code);
      using fixed8 = fixed<8, 4>;
      const bool right = multiplier.multiply(x, std::int8_t{0}).is_zero() &&
                         multiplier.multiply(std::int8_t{0}, x).is_zero() &&
                         multiplier.multiply(fixed8::from_bits(code), fixed8{}).is_zero() &&
                         multiplier.multiply(fixed8{}, fixed8::from_bits(code)).is_zero();
      const posit8 p = posit8::from_bits(static_cast<std::uint64_t>(code));
      const unpacked product = multiplier.multiply(p, posit8{});
      s.check(right && (p.is_nar() ? product.is_nan() : product.is_zero()), [&] { return text(code); });
    }
  };
  all(mitchell{});
  all(mitch<6>{});
  all(mitch<6, unbiased>{});
  all(mitch<6, ones_complement>{});
  REQUIRE(s.report() == passed(4 * 256));
}
