// The elementary functions, against MPFR with 500 bits: every code of 16 bits, for each es.
//
// A number of posit<n, es> is one of posit<16, es>, too: the code with zeros behind it. So the double of one argument of 16
// bits is also rounded to each n of fewer bits that has this argument.
#include <napier/formats/posit_elementary.hpp>

#include <boost/multiprecision/mpfr.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>

#include <napier/formats/posit.hpp>

#include "oracle/oracle.hpp"
#include "oracle/sweep.hpp"

namespace {

using namespace napier;
using oracle::number;
namespace mp = boost::multiprecision;
using wide = mp::number<mp::mpfr_float_backend<150, mp::allocate_stack>, mp::et_off>;

// 126 bits of x, and whether it has more: as good as x beside a number of few bits. What is a double to 45 digits is that double.
number number_of(const wide& x) {
  const auto near = x.convert_to<double>();
  if (abs(x - near) <= abs(x) * wide("1e-45")) return number::from_double(near);
  int exponent = 0;
  wide rest = ldexp(frexp(wide(abs(x)), &exponent), 63);
  const auto high = rest.convert_to<std::uint64_t>();
  rest = ldexp(wide(rest - high), 63);
  const auto low = rest.convert_to<std::uint64_t>();
  return number::dyadic(x < 0, high >> 1, high << 63 | low | 1, exponent - 126);
}

struct function {
  const char* name;
  bool of_positive_alone;  // else of all numbers
  double (*in_double)(double);
  wide (*exact)(const wide&);
};

// What is beyond the range of every posit does not need to be computed: e^±1000 is.
wide clamped(const wide& x) { return x > 1000 ? wide(1000) : x < -1000 ? wide(-1000) : x; }

const function functions[] = {
    {"exp", false, [](double x) { return detail::within_range(std::exp(x)); },
     [](const wide& x) { return exp(clamped(x)); }},
    {"exp2", false, [](double x) { return detail::within_range(std::exp2(x)); },
     [](const wide& x) { return exp2(clamped(x)); }},
    {"log", true, [](double x) { return std::log(x); }, [](const wide& x) { return log(x); }},
    {"log2", true, [](double x) { return std::log2(x); }, [](const wide& x) { return log2(x); }},
    {"log10", true, [](double x) { return std::log10(x); }, [](const wide& x) { return log10(x); }},
    {"sin", false, [](double x) { return std::sin(x); }, [](const wide& x) { return sin(x); }},
    {"cos", false, [](double x) { return std::cos(x); }, [](const wide& x) { return cos(x); }},
    {"tan", false, [](double x) { return std::tan(x); }, [](const wide& x) { return tan(x); }},
    {"tanh", false, [](double x) { return std::tanh(x); },
     [](const wide& x) { return abs(x) > 60 ? wide(x < 0 ? -1 : 1) : wide(tanh(x)); }},
    {"rsqrt", true, [](double x) { return 1 / std::sqrt(x); },
     [](const wide& x) { return wide(1 / sqrt(x)); }}};

template <class P>
P apply(int which, P x) {
  switch (which) {
    case 0:
      return exp(x);
    case 1:
      return exp2(x);
    case 2:
      return log(x);
    case 3:
      return log2(x);
    case 4:
      return log10(x);
    case 5:
      return sin(x);
    case 6:
      return cos(x);
    case 7:
      return tan(x);
    case 8:
      return tanh(x);
    default:
      return rsqrt(x);
  }
}

template <int n, int es>
void every_code() {
  using P = posit<n, es>;
  constexpr oracle::posit_format f{n, es};
  for (int which = 0; which < 10; ++which) {
    const function& checked = functions[which];
    sweep s;
    for (std::uint64_t code = 0; code < std::uint64_t{1} << n; ++code) {
      const P x = P::from_bits(code);
      const std::uint64_t got = apply(which, x).bits();
      if (x.is_nar() || (checked.of_positive_alone && !(x > P{}))) {
        s.check(got == oracle::posit_nar(f), [&] { return text(code, got); });
        continue;
      }
      const number exact = number_of(checked.exact(wide(double(x))));
      const number in_double = number::from_double(checked.in_double(double(x)));
      bool ok = got == oracle::posit_round(f, exact);
      for (int shorter = n; shorter >= 2 && (code >> (n - shorter)) << (n - shorter) == code; --shorter)
        ok = ok && oracle::posit_round({shorter, es}, in_double) == oracle::posit_round({shorter, es}, exact);
      s.check(ok, [&] { return text(code, got); });
    }
    INFO(checked.name << " of " << P::name().c_str());
    REQUIRE(s.report() == passed(std::uint64_t{1} << n));
  }
}

}  // namespace

TEST_CASE("fewer bits") {
  every_code<2, 0>();
  every_code<5, 4>();
  every_code<8, 0>();
  every_code<8, 2>();
  every_code<11, 3>();
}
TEST_CASE("posit<16, 0>") { every_code<16, 0>(); }
TEST_CASE("posit<16, 1>") { every_code<16, 1>(); }
TEST_CASE("posit<16, 2>") { every_code<16, 2>(); }
TEST_CASE("posit<16, 3>") { every_code<16, 3>(); }
TEST_CASE("posit<16, 4>") { every_code<16, 4>(); }
