// Decode and encode of posits and small floats: a code survives the round trip; any unpacked value is rounded as exact
// rationals say.

#include <cstdint>

#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>

#include "fuzz/fuzz.hpp"
#include "oracle/bridge.hpp"
#include "oracle/oracle.hpp"

namespace {

using napier::unpacked;

// A finite value around the range of a format, three times as wide; often with few bits, as ties have.
template <class F>
unpacked any_value(fuzz::input& in) {
  constexpr int reach = 3 * (F::max_exponent - F::min_exponent) / 2 + 4;
  constexpr int middle = (F::max_exponent + F::min_exponent) / 2;
  const auto offset = static_cast<int>(in.bytes(2) % (2 * reach + 1)) - reach;
  const std::uint8_t shape = in.byte();
  const std::uint64_t kept = ~std::uint64_t{0} << (shape >> 2);
  const std::uint64_t significand = (in.bytes(8) & kept) | (std::uint64_t{1} << 63);
  const std::uint64_t tail = (shape & 2) != 0 ? 0 : in.bytes(8);
  return unpacked::finite((shape & 1) != 0, middle + offset, significand, tail);
}

template <int n, int es>
void posit_codec(fuzz::input& in) {
  using P = napier::posit<n, es>;
  const P x = P::from_bits(in.bytes(8));
  const P again = P::encode(x.decode());
  fuzz::check(again.bits() == x.bits(), "posit: decode, encode", x.bits(), again.bits());
  if (!x.is_nar()) {
    const auto value = oracle::posit_value({n, es}, x.bits());
    fuzz::check(oracle::value_of(x.decode()) == value, "posit: decode", x.bits());
  }
  const unpacked wide = any_value<P>(in);
  const std::uint64_t expected = oracle::posit_round({n, es}, oracle::value_of(wide));
  fuzz::check(P::encode(wide).bits() == expected, "posit: encode", P::encode(wide).bits(), expected);
}

// Of a format that the oracle does not know.
template <class F>
void round_trip(fuzz::input& in) {
  const F x = F::from_bits(in.bytes(8));
  const F again = F::encode(x.decode());
  const bool is_nan = x.decode().is_nan();
  fuzz::check(is_nan ? again.decode().is_nan() : again.bits() == x.bits(), "decode, encode", x.bits(),
              again.bits());
  const F wide = F::encode(any_value<F>(in));
  const unpacked held = wide.decode();
  fuzz::check(held.is_nan() || F::encode(held).bits() == wide.bits(), "rounding twice is rounding once",
              wide.bits());
}

template <class F>
void minifloat_codec(fuzz::input& in, oracle::float_format f) {
  const F x = F::from_bits(in.bytes(4));
  const F again = F::encode(x.decode());
  if (x.is_nan()) {
    fuzz::check(again.is_nan(), "minifloat: NaN stays NaN", x.bits(), again.bits());
  } else {
    fuzz::check(again.bits() == x.bits(), "minifloat: decode, encode", x.bits(), again.bits());
    if (!x.is_infinity()) {
      fuzz::check(oracle::value_of(x.decode()) == oracle::float_value(f, x.bits()), "minifloat: decode",
                  x.bits());
    }
  }
  const unpacked wide = any_value<F>(in);
  const std::uint64_t expected = oracle::float_round(f, oracle::value_of(wide));
  const F got = F::encode(wide);
  if (oracle::float_classify(f, expected) == oracle::float_class::nan) {
    fuzz::check(got.is_nan(), "minifloat: overflow to NaN", got.bits(), expected);
  } else {
    fuzz::check(got.bits() == expected, "minifloat: encode", got.bits(), expected);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input in(data, size);
  switch (in.byte() % 26) {
    case 0:
      posit_codec<2, 0>(in);
      break;
    case 1:
      posit_codec<3, 4>(in);
      break;
    case 2:
      posit_codec<8, 0>(in);
      break;
    case 3:
      posit_codec<8, 2>(in);
      break;
    case 4:
      posit_codec<10, 3>(in);
      break;
    case 5:
      posit_codec<16, 1>(in);
      break;
    case 6:
      posit_codec<16, 2>(in);
      break;
    case 7:
      posit_codec<32, 2>(in);
      break;
    case 8:
      posit_codec<33, 4>(in);
      break;
    case 9:
      posit_codec<64, 0>(in);
      break;
    case 10:
      posit_codec<64, 2>(in);
      break;
    case 11:
      posit_codec<64, 4>(in);
      break;
    case 12:
      minifloat_codec<napier::bfloat16>(in, {8, 7, 127, false});
      break;
    case 13:
      minifloat_codec<napier::float16>(in, {5, 10, 15, false});
      break;
    case 14:
      minifloat_codec<napier::float8_e5m2>(in, {5, 2, 15, false});
      break;
    case 15:
      minifloat_codec<napier::float8_e4m3fn>(in, {4, 3, 7, true});
      break;
    case 16:
      minifloat_codec<napier::tfloat32>(in, {8, 10, 127, false});
      break;
    case 17:
      round_trip<napier::float8_e5m2fnuz>(in);
      break;
    case 18:
      round_trip<napier::float8_e4m3fnuz>(in);
      break;
    case 19:
      round_trip<napier::float6_e3m2>(in);
      break;
    case 20:
      round_trip<napier::float6_e2m3>(in);
      break;
    case 21:
      round_trip<napier::float4_e2m1>(in);
      break;
    case 22:
      round_trip<napier::float8_e8m0>(in);
      break;
    case 23:
      round_trip<napier::binary>(in);
      break;
    case 24:
      round_trip<napier::fixed32_16>(in);
      break;
    default:
      round_trip<napier::fixed<64, 20>>(in);
      break;
  }
  return 0;
}
