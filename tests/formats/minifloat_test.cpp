#include <napier/formats/minifloat.hpp>

#include <catch2/catch.hpp>
#include <limits>
#include <type_traits>

namespace {

using namespace napier;

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// The limits worked out at the head of formats/minifloat.hpp.
static_assert(static_cast<double>(bfloat16::max()) == (2 - 0x1p-7) * 0x1p127);
static_assert(static_cast<double>(bfloat16::min_subnormal()) == 0x1p-133);
static_assert(static_cast<double>(float16::max()) == (2 - 0x1p-10) * 0x1p15 &&
              (2 - 0x1p-10) * 0x1p15 == 65504);
static_assert(static_cast<double>(float16::min_subnormal()) == 0x1p-24);
static_assert(static_cast<double>(float8_e5m2::max()) == (1 + 3.0 / 4) * 0x1p15 &&
              (1 + 3.0 / 4) * 0x1p15 == 57344);
static_assert(static_cast<double>(float8_e5m2::min_subnormal()) == 0x1p-16);
static_assert(static_cast<double>(float8_e4m3fn::max()) == (1 + 6.0 / 8) * 0x1p8 &&
              (1 + 6.0 / 8) * 0x1p8 == 448);
static_assert(static_cast<double>(float8_e4m3fn::min_subnormal()) == 0x1p-9);
static_assert(static_cast<double>(tfloat32::max()) == (2 - 0x1p-10) * 0x1p127 && tfloat32::width == 19);
static_assert(static_cast<double>(tfloat32::min_subnormal()) == 0x1p-136);
static_assert(static_cast<double>(float8_e5m2fnuz::max()) == 57344 &&
              float8_e4m3fnuz::max() == float8_e4m3fnuz{240});
static_assert((1 + 7.0 / 8) * 0x1p7 == 240 &&
              static_cast<double>(float8_e5m2fnuz::min_subnormal()) == 0x1p-17);
static_assert(static_cast<double>(float8_e4m3fnuz::min_subnormal()) == 0x1p-10);
static_assert(static_cast<double>(float6_e3m2::max()) == 28 && (1 + 3.0 / 4) * 0x1p4 == 28);
static_assert(static_cast<double>(float6_e2m3::max()) == 7.5 && (1 + 7.0 / 8) * 0x1p2 == 7.5);
static_assert(static_cast<double>(float4_e2m1::max()) == 6 && (1 + 1.0 / 2) * 0x1p2 == 6);
static_assert(static_cast<double>(float6_e3m2::min_subnormal()) == 0.0625 && 0x1p-4 == 0.0625);
static_assert(static_cast<double>(float6_e2m3::min_subnormal()) == 0.125 && 0x1p-3 == 0.125);
static_assert(static_cast<double>(float4_e2m1::min_subnormal()) == 0.5 && 0x1p-1 == 0.5);
static_assert(static_cast<double>(float8_e8m0::max()) == 0x1p127 &&
              static_cast<double>(float8_e8m0::min_positive()) == 0x1p-127);
static_assert(binary::max() == binary{1} && binary::min_positive() == binary{1} &&
              binary::lowest() == binary{-1});
static_assert(3.395e38 < static_cast<double>(tfloat32::max()) &&
              static_cast<double>(tfloat32::max()) < 3.405e38);
static_assert(1.145e-41 < 0x1p-136 && 0x1p-136 < 1.155e-41);
static_assert(7.625e-6 < 0x1p-17 && 0x1p-17 < 7.635e-6);
static_assert(9.765e-4 < 0x1p-10 && 0x1p-10 < 9.775e-4);
static_assert(1.695e38 < 0x1p127 && 0x1p127 < 1.705e38);
static_assert(5.875e-39 < 0x1p-127 && 0x1p-127 < 5.885e-39);
static_assert(3.38e38 < static_cast<double>(bfloat16::max()) &&
              static_cast<double>(bfloat16::max()) < 3.40e38);
static_assert(9.175e-41 < 0x1p-133 && 0x1p-133 < 9.185e-41);
static_assert(5.955e-8 < 0x1p-24 && 0x1p-24 < 5.965e-8);
static_assert(1.525e-5 < 0x1p-16 && 0x1p-16 < 1.535e-5);
static_assert(1.945e-3 < 0x1p-9 && 0x1p-9 < 1.955e-3);

// Published codes.
static_assert(bfloat16{1}.bits() == 0x3f80 && float16{1}.bits() == 0x3c00 && float16{-2.5}.bits() == 0xc100);
static_assert(float8_e5m2{1}.bits() == 0x3c && float8_e4m3fn{1}.bits() == 0x38 &&
              float8_e4m3fn{448}.bits() == 0x7e);

// Overflow: to infinity, in e4m3fn to NaN; the threshold is half a last place above the largest.
static_assert(float16{65519.99}.bits() == 0x7bff && float16{65520}.is_infinity());
static_assert(float8_e5m2{61439}.bits() == 0x7b && float8_e5m2{61440}.is_infinity() &&
              float8_e5m2{-1e9}.bits() == 0xfc);
static_assert(float8_e4m3fn{464}.bits() == 0x7e && float8_e4m3fn{464.1}.is_nan() &&
              float8_e4m3fn{1e30}.is_nan());
static_assert(float8_e4m3fn{inf}.is_nan() && float8_e4m3fn{-inf}.is_nan() &&
              !float8_e4m3fn{inf}.is_infinity());
static_assert(float8_e4m3fn::from_bits(0x7f).is_nan() && float8_e4m3fn::from_bits(0xff).is_nan());
static_assert(float16{inf} == float16::infinity() && -float16::infinity() == float16{-inf});
static_assert(bfloat16{nan}.is_nan() && float16{nan}.is_nan() && float8_e5m2{nan}.is_nan() &&
              float8_e4m3fn{nan}.is_nan());
static_assert(bfloat16{-nan}.bits() == 0x7fc0 && float8_e4m3fn{nan}.bits() == 0x7f);

// Saturation is a conversion of its own.
static_assert(saturate_to<float8_e4m3fn>(decode(1e30)) == float8_e4m3fn::max());
static_assert(saturate_to<float8_e4m3fn>(decode(-inf)) == -float8_e4m3fn::max());
static_assert(saturate_to<float16>(decode(inf)) == float16::max());
static_assert(saturate_to<float16>(decode(65519.0)) == float16::max() &&
              saturate_to<float16>(decode(1.0)) == float16{1});
static_assert(saturate_to<float8_e4m3fn>(decode(nan)).is_nan() &&
              saturate_to<bfloat16>(decode(nan)).is_nan());

static_assert(saturate_to<float8_e4m3fn>(1e30) == float8_e4m3fn::max() &&
              round_to<float8_e4m3fn>(1e30).is_nan());
static_assert(round_to<float8_e5m2>(bfloat16{3}) == float8_e5m2{3} && round_to<int>(float16{2.5}) == 2);
static_assert(saturate_to<float4_e2m1>(-7) == float4_e2m1{-6} &&
              round_to<float4_e2m1>(-7) == float4_e2m1{-6});
static_assert(saturate_to<float8_e8m0>(-7) == float8_e8m0{0x1p-127} && round_to<float8_e8m0>(-7).is_nan());

// Comparison: signed zeros are equal, NaN is unordered.
static_assert(float16{0.0} == float16{-0.0} && float16{-0.0}.bits() == 0x8000 && float16{-0.0}.is_zero());
static_assert(!(float16{nan} == float16{nan}) && !(float16{nan} < float16{1}) &&
              !(float16{1} < float16{nan}));
static_assert(float16{-1} < float16{1} && float16{-2} < float16{-1} &&
              -float16::infinity() < -float16::max());

static_assert(format_traits<bfloat16>::name() == name("bfloat16") &&
              format_traits<float16>::name() == name("float16"));
static_assert(format_traits<float8_e4m3fn>::name() == name("float8_e4m3fn"));
static_assert(format_traits<float8_e5m2>::name() == name("float8_e5m2"));
static_assert(minifloat<minifloat_spec{3, 4, 3}>::name() == name("float8_e3m4"));
static_assert(tfloat32::name() == name("tfloat32") && float8_e5m2fnuz::name() == name("float8_e5m2fnuz"));
static_assert(float8_e4m3fnuz::name() == name("float8_e4m3fnuz") &&
              float8_e8m0::name() == name("float8_e8m0"));
static_assert(float6_e3m2::name() == name("float6_e3m2") && float6_e2m3::name() == name("float6_e2m3"));
static_assert(float4_e2m1::name() == name("float4_e2m1") && binary::name() == name("binary"));
static_assert(minifloat<minifloat_spec{5, 2, 16, special_values::finite_nan}>::name() ==
              name("float8_e5m2fn_bias16"));
static_assert(minifloat<minifloat_spec{3, 2, 3}>::name() == name("float6_e3m2_ieee"));
static_assert(minifloat<minifloat_spec{3, 3, 3, special_values::finite, false, false}>::name() ==
              name("float6_e3m3finite_unsigned_nozero"));
static_assert(sizeof(float8_e5m2) == 1 && sizeof(bfloat16) == 2 &&
              sizeof(minifloat<minifloat_spec{8, 10, 127}>) == 4);
static_assert(float16::from_bits(0xf3c00) == float16{1});  // bits above the width are dropped
static_assert(bfloat16::significand_bits == 8 && bfloat16::min_exponent == -133 &&
              bfloat16::max_exponent == 127);
static_assert(float8_e4m3fn::max_exponent == 8 && float8_e4m3fn::min_exponent == -9);

static_assert(!std::is_convertible_v<float, bfloat16> && std::is_constructible_v<bfloat16, float>);
static_assert(!std::is_convertible_v<bfloat16, float> && std::is_constructible_v<float, bfloat16>);
static_assert(std::is_trivially_copyable_v<bfloat16>);

}  // namespace

TEST_CASE("the facts above hold: it compiled") { SUCCEED(); }
