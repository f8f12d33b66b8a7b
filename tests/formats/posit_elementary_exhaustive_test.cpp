// The elementary functions at every code of 8 and 16 bits, against 50 decimal digits.
#include <napier/formats/posit_elementary.hpp>

#include <boost/multiprecision/cpp_bin_float.hpp>
#include <catch2/catch.hpp>
#include <cmath>

#include <napier/formats/posit.hpp>

#include "oracle/oracle.hpp"
#include "oracle/sweep.hpp"

namespace {

using namespace napier;
using boost::multiprecision::cpp_int;
using wide = boost::multiprecision::cpp_bin_float_50;

// The posit nearest to x, as far as 126 bits of it tell. What is a double to 45 digits is that double.
std::uint64_t rounded(oracle::posit_format f, const wide& x) {
  const auto near = x.convert_to<double>();
  if (abs(x - near) <= abs(x) * wide("1e-45"))
    return oracle::posit_round(f, oracle::number::from_double(near));
  int exponent = 0;
  const wide scaled = ldexp(frexp(wide(abs(x)), &exponent), 126);
  const auto bits = scaled.convert_to<cpp_int>();
  const auto high = static_cast<std::uint64_t>(bits >> 64);
  const auto low = static_cast<std::uint64_t>(bits & ~std::uint64_t{0});
  return oracle::posit_round(f, oracle::number::dyadic(x < 0, high, low | 1, exponent - 126));
}

template <int n, int es, class Function, class Exact>
void every_code(const char* name, Function function, Exact exact) {
  using P = posit<n, es>;
  constexpr oracle::posit_format f{n, es};
  sweep s;
  for (std::uint64_t code = 0; code < std::uint64_t{1} << n; ++code) {
    const P x = P::from_bits(code);
    const std::uint64_t expected = x.is_nar() ? oracle::posit_nar(f) : exact(f, wide(double(x)));
    const P got = function(x);
    s.check(got.bits() == expected, [&] { return text(code, got.bits(), expected); });
  }
  INFO(name << " of " << P::name().c_str());
  REQUIRE(s.report() == passed(std::uint64_t{1} << n));
}

template <int n, int es>
void every_function() {
  // What is out of the posit's range does not need to be computed: e^±1000 is.
  const auto power = [](auto function) {
    return [function](oracle::posit_format f, const wide& x) {
      if (x > 1000) return oracle::posit_nar(f) - 1;
      return x < -1000 ? std::uint64_t{1} : rounded(f, function(x));
    };
  };
  const auto of_positive = [](auto function) {
    return [function](oracle::posit_format f, const wide& x) {
      return x > 0 ? rounded(f, function(x)) : oracle::posit_nar(f);
    };
  };
  const auto of_all = [](auto function) {
    return [function](oracle::posit_format f, const wide& x) {
      return x == 0 ? rounded(f, function(wide(0))) : rounded(f, function(x));
    };
  };
  const wide ln2 = log(wide(2)), ln10 = log(wide(10));
  every_code<n, es>(
      "exp", [](auto x) { return exp(x); }, power([](const wide& x) { return wide(exp(x)); }));
  every_code<n, es>(
      "exp2", [](auto x) { return exp2(x); }, power([&](const wide& x) { return wide(exp(wide(x * ln2))); }));
  every_code<n, es>(
      "log", [](auto x) { return log(x); }, of_positive([](const wide& x) { return wide(log(x)); }));
  every_code<n, es>(
      "log2", [](auto x) { return log2(x); }, of_positive([&](const wide& x) { return wide(log(x) / ln2); }));
  every_code<n, es>(
      "log10", [](auto x) { return log10(x); },
      of_positive([&](const wide& x) { return wide(log(x) / ln10); }));
  every_code<n, es>(
      "sin", [](auto x) { return sin(x); }, of_all([](const wide& x) { return wide(sin(x)); }));
  every_code<n, es>(
      "cos", [](auto x) { return cos(x); }, of_all([](const wide& x) { return wide(cos(x)); }));
  every_code<n, es>(
      "tan", [](auto x) { return tan(x); }, of_all([](const wide& x) { return wide(tan(x)); }));
  every_code<n, es>(
      "tanh", [](auto x) { return tanh(x); }, of_all([](const wide& x) {
        if (abs(x) > 60) return wide(x < 0 ? -1 : 1);
        return wide(tanh(x));
      }));
  every_code<n, es>(
      "rsqrt", [](auto x) { return rsqrt(x); }, of_positive([](const wide& x) { return wide(1 / sqrt(x)); }));
}

}  // namespace

TEST_CASE("posit<8, 0> and posit<8, 2>") {
  every_function<8, 0>();
  every_function<8, 2>();
}
TEST_CASE("posit<16, 1>") { every_function<16, 1>(); }
TEST_CASE("posit<16, 2>") { every_function<16, 2>(); }
