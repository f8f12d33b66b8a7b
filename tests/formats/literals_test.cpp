#include <napier/formats/literals.hpp>

#include <catch2/catch.hpp>
#include <concepts>

namespace {

using namespace napier;
using namespace napier::literals;

static_assert(std::same_as<decltype(1_p8), posit8> && std::same_as<decltype(1_p16), posit16>);
static_assert(std::same_as<decltype(1_p32), posit32> && std::same_as<decltype(1_p64), posit64>);
static_assert(std::same_as<decltype(1_bf16), bfloat16> && std::same_as<decltype(1_f16), float16>);
static_assert(std::same_as<decltype(1_e4m3), float8_e4m3fn> && std::same_as<decltype(1_e5m2), float8_e5m2>);

static_assert(3.25_p16 == posit16{3.25} && -3.25_p16 == posit16{-3.25} && 0_p16 == posit16{} &&
              0.0_p16 == posit16{});
static_assert(1'000.5_p32 == posit32{1000.5} && 1e3_p32 == posit32{1000} && 1e-3_p16 == posit16{1e-3});
static_assert(0x1.8p3_bf16 == bfloat16{12} && 0xff_f16 == float16{255} && .5_e4m3 == float8_e4m3fn{0.5});
static_assert(7_p8 == posit8{7} && 1.5_e5m2 == float8_e5m2{1.5});
// Rounded once, from all digits: a long double would have lost them.
static_assert(0.1_p64 != posit64{0.1} && 0.1_p64 == posit64{1} / posit64{10});
static_assert(1e-999_p16 == posit16::minpos() && 1e999_p16 == posit16::maxpos() &&
              1e9_f16 == float16::infinity());

}  // namespace

TEST_CASE("the facts above hold: it compiled") { SUCCEED(); }
