// docs/formats.md: what it says outside of its blocks of code (which a test compiles), section by section.
#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <functional>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <napier/accumulators/quire_functions.hpp>
#include <napier/formats/fields.hpp>
#include <napier/formats/literals.hpp>
#include <napier/formats/posit_elementary.hpp>
#include <napier/formats/posit_functions.hpp>
#include <napier/formats/rounding_modes.hpp>
#include <napier/iostream.hpp>

#include "oracle/sweep.hpp"

namespace {

using namespace napier;

// ---- The document ---------------------------------------------------------------------------------------

struct section {
  std::string heading;
  std::vector<std::string> lines;
};

std::vector<section> read_document() {
  std::ifstream file(NAPIER_SOURCE_DIR "/docs/formats.md");
  std::vector<section> sections;
  bool code = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("```")) code = !code;
    if (!code && line.starts_with("## ")) sections.push_back({line.substr(3), {}});
    if (!sections.empty()) sections.back().lines.push_back(line);
  }
  return sections;
}

// The rows of the first table of a section, without its two heads.
std::vector<std::vector<std::string>> table_of(const section& s) {
  std::vector<std::vector<std::string>> rows;
  for (const std::string& line : s.lines) {
    if (!line.starts_with("| ")) continue;
    std::vector<std::string> cells;
    std::istringstream in(line.substr(2));
    for (std::string cell; std::getline(in, cell, '|');) {
      const std::size_t first = cell.find_first_not_of(" `"), last = cell.find_last_not_of(" `");
      if (first != std::string::npos) cells.push_back(cell.substr(first, last - first + 1));
    }
    rows.push_back(cells);
  }
  if (!rows.empty()) rows.erase(rows.begin());
  return rows;
}

bool says(const section& s, const std::string& text) {
  std::string all;
  for (const std::string& line : s.lines) all += line + "\n";
  return all.find(text) != std::string::npos;
}

std::string rounded(double x) {
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%.4g", x);
  return buffer;
}

template <class F>
std::vector<std::string> glance(const std::string& name) {
  using limits = std::numeric_limits<F>;
  double smallest = std::numeric_limits<double>::infinity();  // by looking at codes, all or the first ones
  double largest = 0;
  std::uint64_t nans = 0, infinities = 0;
  const std::uint64_t sign = F::width > 1 ? std::uint64_t{1} << (F::width - 1) : 1;
  const auto look = [&](std::uint64_t code) {
    const F x = F::from_bits(static_cast<std::int64_t>(code));
    const unpacked value = decode(x);
    nans += value.is_nan();
    infinities += value.is_infinity();
    if (!value.is_finite() || value.negative) return;
    smallest = std::fmin(smallest, double(x));
    largest = std::fmax(largest, double(x));
  };
  for (std::uint64_t i = 0; i < 65536; ++i) {
    for (const std::uint64_t code : {i, sign - 1 - i, sign + i, std::uint64_t{0} - i}) look(code);
  }
  if (F::width == 19) {
    for (std::uint64_t code = 0; code < 1u << 19; ++code) look(code);
  }
  CHECK(largest == double(limits::max()));
  CHECK((nans > 0) == limits::has_quiet_NaN);
  CHECK((infinities > 0) == limits::has_infinity);
  return {name,
          std::to_string(F::width),
          rounded(largest),
          rounded(smallest),
          std::to_string(F::significand_bits),
          infinities > 0 ? "yes" : "no",
          PositFormat<F> ? "NaR"
          : nans > 0     ? "yes"
                         : "no"};
}

void at_a_glance(const section& s) {
  static_assert(sizeof(posit<16, 1>) == 2 && sizeof(float8_e4m3fn) == 1);
  const std::vector<std::vector<std::string>> expected = {
      glance<posit8>("posit8"),
      glance<posit16>("posit16"),
      glance<posit32>("posit32"),
      glance<posit64>("posit64"),
      glance<posit<8, 0>>("posit<8, 0>"),
      glance<posit<16, 1>>("posit<16, 1>"),
      glance<bfloat16>("bfloat16"),
      glance<float16>("float16"),
      glance<tfloat32>("tfloat32"),
      glance<float8_e5m2>("float8_e5m2"),
      glance<float8_e4m3fn>("float8_e4m3fn"),
      glance<float8_e5m2fnuz>("float8_e5m2fnuz"),
      glance<float8_e4m3fnuz>("float8_e4m3fnuz"),
      glance<float6_e3m2>("float6_e3m2"),
      glance<float6_e2m3>("float6_e2m3"),
      glance<float4_e2m1>("float4_e2m1"),
      glance<float8_e8m0>("float8_e8m0"),
      glance<binary>("binary"),
      glance<fixed32_16>("fixed32_16"),
      glance<fixed<16, 8>>("fixed<16, 8>"),
  };
  CHECK(table_of(s) == expected);
  // A significand of so many bits and no more is exact near 1.
  const auto exact = [](auto x, int bits) {
    return double(decltype(x){1 + std::exp2(1 - bits)}) == 1 + std::exp2(1 - bits);
  };
  CHECK((exact(posit16{}, 12) && !exact(posit16{}, 13) && exact(float8_e4m3fn{}, 4) &&
         !exact(float8_e4m3fn{}, 5)));
  CHECK((exact(posit<16, 1>{}, 13) && !exact(posit<16, 1>{}, 14) && exact(float6_e3m2{}, 3) &&
         !exact(float6_e3m2{}, 4)));
  // Ends of the families, and the native formats.
  CHECK((posit<2, 0>{5} == posit<2, 0>{1} && posit<64, 4>::max_exponent == 62 * 16));
  CHECK((fixed<2, 0>{5} == fixed<2, 0>{1} && fixed<64, 0>{5} == fixed<64, 0>::from_bits(5)));
  CHECK((minifloat<minifloat_spec{8, 23, 127}>{0.1f}.bits() == std::bit_cast<std::uint32_t>(0.1f)));
  static_assert(Format<float> && Format<double> && Format<long double> && Format<int> &&
                Format<std::uint64_t>);
}

// ---- Posits ---------------------------------------------------------------------------------------------

template <int n, int es>
void posit_formulas() {
  using P = posit<n, es>;
  const int step = 1 << es;
  CHECK(double(P::maxpos()) == std::exp2((n - 2) * step));
  CHECK(double(P::minpos()) == std::exp2(-(n - 2) * step));
  for (std::uint64_t code = 1; code < std::uint64_t{P::nar().bits()}; ++code) {
    const P x = P::from_bits(code);
    const std::string fields = fields_text(x);
    const std::size_t regime = fields.find("regime ") + 7;
    const auto run = static_cast<int>(fields.find_first_not_of(fields[regime], regime) - regime);
    const int ended =
        fields[regime + static_cast<std::size_t>(run)] == (fields[regime] == '1' ? '0' : '1') ? 1 : 0;
    const int k = fields[regime] == '1' ? run - 1 : -run;
    const std::size_t fraction_at = fields.find("fraction ");
    const int fraction_bits = fraction_at == std::string::npos
                                  ? 0
                                  : static_cast<int>(fields.find(',', fraction_at) - fraction_at - 9);
    // What is left after sign, regime and exponent; most for k = 0 and k = −1, one less for each step.
    const int left = n - 1 - run - ended - es;
    REQUIRE(fraction_bits == (left > 0 ? left : 0));
    REQUIRE(fraction_bits <= (n - 3 - es > 0 ? n - 3 - es : 0));
    const bool near_one = 1 / std::exp2(step) <= double(x) && double(x) < std::exp2(step);
    REQUIRE(near_one == (k == 0 || k == -1));
    if (near_one && n - 3 - es > 0) REQUIRE(fraction_bits == n - 3 - es);
    // The value of the fields, and the code of the negative.
    std::uint64_t e = 0, f = 0;
    const int exponent_bits = std::max(0, std::min(es, n - 1 - run - ended));
    if (exponent_bits > 0)
      e = ((code >> fraction_bits) & ((1u << exponent_bits) - 1)) << (es - exponent_bits);
    f = code & ((std::uint64_t{1} << fraction_bits) - 1);
    REQUIRE(double(x) ==
            std::exp2(k * step + static_cast<int>(e)) * (1 + std::ldexp(double(f), -fraction_bits)));
    REQUIRE((-x).bits() == (std::uint64_t{1} << n) - code);
  }
}

void posits(const section&) {
  posit_formulas<8, 0>();
  posit_formulas<8, 2>();
  posit_formulas<10, 1>();
  posit_formulas<7, 4>();
  posit_formulas<12, 3>();
  CHECK((posit16{0}.bits() == 0 && posit16::nar().bits() == 0x8000));
  for (const posit16 x : {posit16{0}, posit16{3}, posit16::nar()}) {
    CHECK(((x + posit16::nar()).is_nar() && (x * posit16::nar()).is_nar() && (x / posit16{0}).is_nar()));
  }
  CHECK(sqrt(posit16{-2}).is_nar());
  CHECK((posit16::minpos() * posit16::minpos() == posit16::minpos() && posit16{1e300} == posit16::maxpos()));
  CHECK((posit16{-1e-300} == -posit16::minpos() && posit16{-1e300} == -posit16::maxpos()));
  // To nearest on the string of bits: the boundary between two codes is the posit of one more bit; ties to even.
  for (std::uint64_t code = 1; code < 126; ++code) {
    const double boundary = double(posit<9, 2>::from_bits(2 * code + 1));
    REQUIRE(posit8{boundary}.bits() == code + code % 2);
    REQUIRE(posit8{std::nextafter(boundary, 0)}.bits() == code);
    REQUIRE(posit8{std::nextafter(boundary, HUGE_VAL)}.bits() == code + 1);
  }
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const auto x = posit8::from_bits(static_cast<unsigned>(a)),
                 y = posit8::from_bits(static_cast<unsigned>(b));
      REQUIRE((x < y) == (static_cast<std::int8_t>(a) < static_cast<std::int8_t>(b)));
    }
  }
  static_assert(std::is_same_v<posit8, posit<8, 2>> && std::is_same_v<posit16, posit<16, 2>>);
  static_assert(std::is_same_v<posit32, posit<32, 2>> && std::is_same_v<posit64, posit<64, 2>>);
}

template <int n>
double sigmoid_error() {
  double worst = 0;
  for (std::uint64_t code = 0; code < std::uint64_t{1} << n; ++code) {
    const auto x = posit<n, 0>::from_bits(code);
    if (!x.is_nar())
      worst = std::fmax(worst, std::fabs(double(fast_sigmoid(x)) - 1 / (1 + std::exp(-double(x)))));
  }
  return worst;
}

void standard_functions(const section& s) {
  using P = posit16;
  const P x{2.5}, y{-4}, z{0.75};
  const quire<P> q = to_quire(P{100}), r = to_quire(P{-3});
  const auto is = [](const quire<P>& got, double value) {
    return to_posit(got) == P{value} && !got.is_nar();
  };
  // Each function of the standard, by what it is to do.
  const std::vector<std::vector<std::string>> rows = table_of(s);
  const std::vector<std::pair<std::vector<std::string>, bool>> functions = {
      {{"negate", "-x"}, -x == P{-2.5}},
      {{"abs", "abs(x)"}, abs(y) == P{4} && abs(x) == x},
      {{"sign", "sign(x)"}, sign(y) == P{-1} && sign(x) == P{1} && sign(P{0}) == P{0}},
      {{"nearestInt", "nearest_int(x)"}, nearest_int(x) == P{2} && nearest_int(P{3.5}) == P{4}},
      {{"ceil", "ceil(x)"}, ceil(x) == P{3} && ceil(-x) == P{-2}},
      {{"floor", "floor(x)"}, floor(x) == P{2} && floor(-x) == P{-3}},
      {{"next", "next(x)"}, next(x).bits() == x.bits() + 1},
      {{"prior", "prior(x)"}, prior(x).bits() == x.bits() - 1},
      {{"sqrt", "sqrt(x)"}, sqrt(P{6.25}) == x},
      {{"rSqrt", "rsqrt(x)"}, rsqrt(P{4}) == P{0.5} && rsqrt(y).is_nar()},
      {{"exp", "exp(x)"}, exp(x) == P{std::exp(2.5)} && exp(P{1000}) == P::maxpos()},
      {{"exp2", "exp2(x)"}, exp2(y) == P{0.0625}},
      {{"log", "log(x)"}, log(x) == P{std::log(2.5)} && log(P{0}).is_nar()},
      {{"log2", "log2(x)"}, log2(P{0.125}) == P{-3}},
      {{"log10", "log10(x)"}, log10(P{1000}) == P{3}},
      {{"sin", "sin(x)"}, sin(x) == P{std::sin(2.5)}},
      {{"cos", "cos(x)"}, cos(x) == P{std::cos(2.5)}},
      {{"tan", "tan(x)"}, tan(x) == P{std::tan(2.5)}},
      {{"tanh", "tanh(x)"}, tanh(x) == P{std::tanh(2.5)}},
      {{"compareEqual", "x == y"}, x == x && !(x == y)},
      {{"compareNotEqual", "x != y"}, x != y && !(x != x)},
      {{"compareGreater", "x > y"}, x > y && !(y > x)},
      {{"compareGreaterEqual", "x >= y"}, x >= y && x >= x && !(y >= x)},
      {{"compareLess", "x < y"}, y < x && !(x < y)},
      {{"compareLessEqual", "x <= y"}, y <= x && x <= x && !(x <= y)},
      {{"addition", "x + y"}, x + y == P{-1.5}},
      {{"subtraction", "x - y"}, x - y == P{6.5}},
      {{"multiplication", "x * y"}, x * y == P{-10}},
      {{"division", "x / y"}, x / y == P{-0.625}},
      {{"fMM", "fmm(x, y, z)"}, fmm(x, y, z) == P{-7.5}},
      {{"pToQ", "to_quire(x)"}, is(to_quire(x), 2.5)},
      {{"qNegate", "negate(q)"}, is(negate(q), -100)},
      {{"qAbs", "abs(q)"}, is(abs(q), 100) && is(abs(r), 3)},
      {{"qAddP", "add(q, x)"}, is(add(q, x), 102.5)},
      {{"qSubP", "subtract(q, x)"}, is(subtract(q, x), 97.5)},
      {{"qAddQ", "add(q, r)"}, is(add(q, r), 97)},
      {{"qSubQ", "subtract(q, r)"}, is(subtract(q, r), 103)},
      {{"qMulAdd", "multiply_add(q, x, y)"}, is(multiply_add(q, x, y), 90)},
      {{"qMulSub", "multiply_subtract(q, x, y)"}, is(multiply_subtract(q, x, y), 110)},
      {{"qToP", "to_posit(q)"}, to_posit(q) == P{100}},
  };
  REQUIRE(rows.size() == functions.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    INFO(rows[i][0]);
    CHECK(rows[i] == functions[i].first);
    CHECK(functions[i].second);
  }
  // That each is rounded once at every code: tests/formats/posit_elementary_exhaustive_test.cpp
  static_assert(ShortPosit<posit16> && !ShortPosit<posit32>);
  CHECK((trunc(-x) == P{-2} && fma(x, y, z) == P{-9.25}));
  const P values[] = {x, y, z};
  CHECK((sum(values) == P{-0.75} && dot(values, values) == P{6.25 + 16 + 0.5625}));
  CHECK((static_cast<std::int8_t>(P{-1000}) == -128 && static_cast<std::uint8_t>(P{1000}) == 255));
  CHECK((static_cast<int>(P::nar()) == std::numeric_limits<int>::min() &&
         static_cast<unsigned>(P::nar()) == 0));
  CHECK((sigmoid_error<8>() <= 0.0607 && sigmoid_error<8>() <= 0.048955 + 0.75 * std::exp2(2 - 8)));
  CHECK((sigmoid_error<16>() <= 0.0491 && sigmoid_error<16>() <= 0.048955 + 0.75 * std::exp2(2 - 16)));
}

// 2^31 − 1 times, by doubling.
template <class P>
quire<P> times_capacity(const quire<P>& product) {
  quire<P> power = product, sum;
  for (int i = 0; i < 31; ++i) {
    sum.add(power);
    power.add(quire<P>(power));
  }
  return sum;
}

template <class P>
void quire_holds() {
  const quire<P> largest = times_capacity(multiply_add(quire<P>{}, P::maxpos(), P::maxpos()));
  const quire<P> posits = times_capacity(to_quire(P::maxpos()));
  quire<P> q = add(add(largest, posits), P::minpos());
  CHECK(q.is_negative() == false);
  // Taken away in another order: what is left is exact.
  q = subtract(subtract(q, posits), largest);
  CHECK(to_posit(q) == P::minpos());
}

void quires(const section&) {
  quire_holds<posit<8, 0>>();
  quire_holds<posit16>();
  quire_holds<posit64>();
  quire_holds<posit<64, 4>>();
  CHECK(to_posit(add(to_quire(posit16::nar()), posit16{1})).is_nar());
}

// ---- Floats ---------------------------------------------------------------------------------------------

// Whether each code is the upper bits of a native code.
template <class F>
bool upper_bits_of_float() {
  for (std::uint32_t code = 0; code < 1u << F::width; ++code) {
    const auto native = std::bit_cast<float>(code << (32 - F::width));
    const F x = F::from_bits(code);
    if (std::isnan(native) ? !x.is_nan()
                           : !(float(x) == native && std::signbit(float(x)) == std::signbit(native)))
      return false;
  }
  return true;
}

template <class F>
std::vector<std::uint64_t> codes_of(bool (F::*property)() const) {
  std::vector<std::uint64_t> codes;
  for (std::uint64_t code = 0; code < std::uint64_t{1} << F::width; ++code) {
    if ((F::from_bits(code).*property)()) codes.push_back(code);
  }
  return codes;
}

using code_list = std::vector<std::uint64_t>;

void bfloat16s(const section&) {
  CHECK(upper_bits_of_float<bfloat16>());
  CHECK(bfloat16::significand_bits == 8);
  CHECK(codes_of(&bfloat16::is_infinity) == code_list{0x7f80, 0xff80});
  CHECK(codes_of(&bfloat16::is_nan).size() == 2 * 127);
  CHECK(bfloat16::from_bits(1) == bfloat16{0x1p-133});  // 2^−126 · 1 / 2^7
}

void float16s(const section&) {
  CHECK((float16::significand_bits == 11 && float16{1}.bits() == 15 << 10));
  CHECK(codes_of(&float16::is_infinity) == code_list{0x7c00, 0xfc00});
  CHECK(codes_of(&float16::is_nan).size() == 2 * 1023);
  CHECK(float16::from_bits(1) == float16{0x1p-24});
}

void tfloat32s(const section&) { CHECK(upper_bits_of_float<tfloat32>()); }

void float8s(const section&) {
  CHECK((float8_e5m2{1}.bits() == 15 << 2 && float8_e4m3fn{1}.bits() == 7 << 3));
  CHECK((float8_e5m2fnuz{1}.bits() == 16 << 2 && float8_e4m3fnuz{1}.bits() == 8 << 3));
  CHECK(codes_of(&float8_e5m2::is_infinity) == code_list{0x7c, 0xfc});
  CHECK(codes_of(&float8_e5m2::is_nan) == code_list{0x7d, 0x7e, 0x7f, 0xfd, 0xfe, 0xff});
  CHECK(codes_of(&float8_e4m3fn::is_nan) == code_list{0x7f, 0xff});
  CHECK(codes_of(&float8_e5m2fnuz::is_nan) == code_list{0x80});
  CHECK(codes_of(&float8_e4m3fnuz::is_nan) == code_list{0x80});
  CHECK((codes_of(&float8_e4m3fn::is_zero).size() == 2 && codes_of(&float8_e4m3fnuz::is_zero).size() == 1));
  CHECK((codes_of(&float8_e5m2fnuz::is_zero).size() == 1 && codes_of(&float8_e4m3fn::is_infinity).empty()));
  CHECK((codes_of(&float8_e4m3fnuz::is_infinity).empty() && codes_of(&float8_e5m2fnuz::is_infinity).empty()));
  for (std::uint64_t code = 0; code < 256; ++code) {
    const float8_e5m2 x = float8_e5m2::from_bits(code);
    const float16 wide = float16::from_bits(code << 8);
    const bool same = x.is_nan() ? wide.is_nan() : double(x) == double(wide);
    REQUIRE(same);
  }
  // Subnormals: E = 0 without the leading one.
  CHECK((double(float8_e4m3fn::from_bits(3)) == 3 * 0x1p-9 &&
         double(float8_e4m3fnuz::from_bits(3)) == 3 * 0x1p-10));
  CHECK((double(float8_e5m2::from_bits(3)) == 3 * 0x1p-16 &&
         double(float8_e5m2fnuz::from_bits(3)) == 3 * 0x1p-17));
  CHECK((saturate_to<float8_e4m3fnuz>(1e6) == float8_e4m3fnuz{240} &&
         saturate_to<float8_e5m2fnuz>(1e6) == float8_e5m2fnuz{57344}));
}

void float6s(const section&) {
  CHECK((float6_e3m2{1}.bits() == 3 << 2 && float6_e2m3{1}.bits() == 1 << 3 &&
         float4_e2m1{1}.bits() == 1 << 1));
  CHECK((codes_of(&float6_e3m2::is_nan).empty() && codes_of(&float6_e2m3::is_nan).empty() &&
         codes_of(&float4_e2m1::is_nan).empty()));
  CHECK((codes_of(&float6_e3m2::is_infinity).empty() && codes_of(&float6_e2m3::is_infinity).empty()));
  CHECK(codes_of(&float4_e2m1::is_infinity).empty());
  const double values[] = {0, 0.5, 1, 1.5, 2, 3, 4, 6};
  for (unsigned code = 0; code < 8; ++code) {
    CHECK(double(float4_e2m1::from_bits(code)) == values[code]);
    CHECK(double(float4_e2m1::from_bits(code + 8)) == -values[code]);
  }
  CHECK((codes_of(&float6_e3m2::is_zero) == code_list{0, 32} &&
         codes_of(&float6_e2m3::is_zero) == code_list{0, 32}));
  CHECK((double(float6_e3m2::from_bits(1)) == 0.0625 &&
         double(float6_e2m3::from_bits(1)) == 0.125));  // subnormal
  CHECK((float6_e3m2{1e9} == float6_e3m2{28} && float6_e2m3{-INFINITY} == float6_e2m3{-7.5} &&
         float6_e2m3{NAN} == float6_e2m3{7.5}));
}

void scales(const section&) {
  for (int code = 0; code < 255; ++code) {
    const auto x = float8_e8m0::from_bits(static_cast<unsigned>(code));
    REQUIRE(double(x) == std::exp2(code - 127));
    if (code < 254) REQUIRE(float8_e8m0{1.5 * double(x)}.bits() == code + code % 2);
  }
  CHECK(codes_of(&float8_e8m0::is_nan) == code_list{255});
  CHECK((codes_of(&float8_e8m0::is_zero).empty() &&
         saturate_to<float8_e8m0>(0) == float8_e8m0::min_positive()));
}

void binaries(const section&) {
  CHECK((double(binary::from_bits(0)) == 1 && double(binary::from_bits(1)) == -1));
  CHECK((binary{INFINITY} == binary{1} && binary{-INFINITY} == binary{-1} && binary{1e-30} == binary{1} &&
         binary{-1e-30} == binary{-1}));
}

void fixeds(const section&) {
  for (int code = -128; code < 128; ++code) {
    REQUIRE(double(fixed<8, 4>::from_bits(code)) == code / 16.0);
  }
  CHECK((fixed32_16::width == 32 && fixed32_16::fraction_bits == 16 &&
         double(fixed32_16::from_bits(1)) == 0x1p-16));
  CHECK((fixed<8, 4>::max() * fixed<8, 4>{-2} == fixed<8, 4>::lowest() &&
         fixed<8, 4>::max() - fixed<8, 4>{-1} == fixed<8, 4>::max()));
  CHECK((fixed<8, 4>{2} / fixed<8, 4>{0} == fixed<8, 4>::max() &&
         -fixed<8, 4>::lowest() == fixed<8, 4>::max()));
  CHECK(fixed<8, 4>{INFINITY} == fixed<8, 4>::max());
}

// ---- What all have --------------------------------------------------------------------------------------

void conversions(const section&) {
  // Once: 1 + 2^-8 + 2^-30 lies above the tie between two bfloat16, but a float in between would end on it, and 1 + 2^-8 is a tie.
  const double x = 1 + 0x1p-8 + 0x1p-30;
  CHECK((round_to<bfloat16>(x) == bfloat16{1 + 0x1p-7} && bfloat16{static_cast<float>(x)} == bfloat16{1}));
  CHECK((round_to<int>(NAN) == std::numeric_limits<int>::min() && round_to<std::int8_t>(1e9) == 127));
  CHECK((round_to<int>(3.5) == 4 && round_to<int>(-2.5) == -2));
  CHECK((round_to<float>(1e300) == HUGE_VALF && round_to<double>(posit64{3}) == 3));
}

void rounding_modes(const section&) {
  // The mean over all random bits is x, for each quarter of the way from one float8 to the next.
  for (int code = 1; code < 0x7e; ++code) {
    const double low = double(float8_e4m3fn::from_bits(static_cast<unsigned>(code)));
    const double high = double(float8_e4m3fn::from_bits(static_cast<unsigned>(code) + 1));
    for (int quarter = 0; quarter < 4; ++quarter) {
      const double x = low + (high - low) * quarter / 4;
      double sum = 0;
      for (unsigned r = 0; r < 4; ++r) sum += double(round_to<float8_e4m3fn>(x, stochastic{r, 2}));
      REQUIRE(sum / 4 == x);
      REQUIRE(double(round_to<float8_e4m3fn>(-x, toward_zero)) == -low);
      REQUIRE(round_to<float8_e4m3fn>(x, nearest_even) == round_to<float8_e4m3fn>(x));
    }
  }
  CHECK((round_to<posit16>(1e30, stochastic{~std::uint64_t{0}}) == posit16::maxpos()));
  CHECK((round_to<posit16>(1e-30, stochastic{0}) == posit16::minpos()));
  CHECK((round_to<bfloat16>(1e39, stochastic{0}).is_infinity() &&
         round_to<float8_e4m3fn>(1e9, toward_zero) == float8_e4m3fn::max()));
  CHECK((round_to<int>(-2.75, toward_zero) == -2 &&
         round_to<fixed<8, 4>>(0.09, toward_zero) == fixed<8, 4>{0.0625}));
}

void texts(const section& s) {
  CHECK((parse<posit16>("3" + std::string(3000, '0') + "e-3000") == posit16{3}));
  CHECK_THROWS_WITH(parse<posit16>("3,25"), Catch::Contains("'3,25'"));
  CHECK((says(s, "448 is `450`") && to_string(float8_e4m3fn{448}) == "450" &&
         parse<float8_e4m3fn>("450") == float8_e4m3fn{448}));
  std::ostringstream out;
  out << posit16{3.25} << ' ' << std::fixed << posit64{0.1};
  out.precision(20);
  out << ' ' << posit64{0.1} << ' ' << std::scientific << float16{65504};
  CHECK(out.str() == "3.25 0.100000 0.10000000000000000555 6.55040000000000000000e+04");
  // fmt's part: tests/fmt_test.cpp
}

void standard_library(const section&) {
  CHECK(((float16::quiet_nan() <=> float16{1}) == std::partial_ordering::unordered &&
         float16{0.0} == float16{-0.0}));
  CHECK(std::hash<float16>{}(float16{0.0}) == std::hash<float16>{}(float16{-0.0}));
  CHECK(std::hash<posit16>{}(posit16{1}) != std::hash<posit16>{}(posit16{2}));
  CHECK((std::hash<fixed32_16>{}(fixed32_16{1}) == std::hash<fixed32_16>{}(fixed32_16{1.0f})));
}

}  // namespace

TEST_CASE("docs/formats.md, section by section") {
  const std::map<std::string, std::function<void(const section&)>> checks = {
      {"At a glance", at_a_glance},
      {"posit", posits},
      {"Functions of the Posit Standard", standard_functions},
      {"quire", quires},
      {"bfloat16", bfloat16s},
      {"float16", float16s},
      {"tfloat32", tfloat32s},
      {"float8", float8s},
      {"float6 and float4", float6s},
      {"float8_e8m0", scales},
      {"binary", binaries},
      {"fixed", fixeds},
      {"Conversions", conversions},
      {"Rounding modes", rounding_modes},
      {"Texts", texts},
      {"Standard library", standard_library},
  };
  const std::vector<section> sections = read_document();
  REQUIRE(sections.size() == checks.size());
  for (const section& s : sections) {
    INFO(s.heading);
    REQUIRE(checks.contains(s.heading));
    // An example that is compiled, and a diagram or a table or words about it.
    if (s.heading != "At a glance") CHECK(says(s, "```cpp\n"));
    checks.at(s.heading)(s);
  }
}
