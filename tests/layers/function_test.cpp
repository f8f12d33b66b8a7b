// Activation functions against long double, and their special values.
#include <napier/formats/minifloat.hpp>
#include <napier/layers/function.hpp>

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

using namespace napier;
using real = long double;

namespace {

real exact(element_function function, real alpha, real beta, real x) {
  const real softplus = std::log(1 + std::exp(x));
  switch (function) {
    case element_function::leaky_relu:
      return x < 0 ? alpha * x : x;
    case element_function::hard_sigmoid:
      return std::max(real{0}, std::min(real{1}, alpha * x + beta));
    case element_function::hard_swish:
      return x * std::max(real{0}, std::min(real{1}, x / 6 + real{0.5}));
    case element_function::elu:
      return x < 0 ? alpha * (std::exp(x) - 1) : x;
    case element_function::selu:
      return beta * (x < 0 ? alpha * (std::exp(x) - 1) : x);
    case element_function::softplus:
      return softplus;
    case element_function::softsign:
      return x / (1 + std::fabs(x));
    case element_function::mish:
      return x * std::tanh(softplus);
    case element_function::erf:
      return std::erf(x);
    case element_function::absolute:
      return x < 0 ? -x : x;
    case element_function::negative:
      return -x;
    case element_function::square_root:
      return std::sqrt(x);
    case element_function::reciprocal:
      return 1 / x;
    case element_function::exponential:
      return std::exp(x);
    default:
      return std::log(x);
  }
}

constexpr int functions = static_cast<int>(element_function::logarithm) + 1;

}  // namespace

TEST_CASE("in FP64 to a relative 1e-14") {
  std::string wrong;
  int cases = 0;
  for (int i = 0; i < functions; ++i) {
    const auto function = static_cast<element_function>(i);
    const bool only_positive =
        function == element_function::square_root || function == element_function::logarithm;
    for (double x = -20; x <= 20; x += 0.0625) {
      if (only_positive && x <= 0) continue;
      if (x == 0 && function == element_function::reciprocal) continue;
      const real expected = exact(function, 0.25L, 0.5L, x);
      const double found = apply_function(function, 0.25, 0.5, x);
      // The long double formulas cancel by themselves far out on the left: 1e-18 there.
      const bool is_near = std::fabs(found - expected) <= 1e-14L * std::fabs(expected) + 2e-18L;
      if (!is_near && wrong.empty()) wrong = std::to_string(i) + " of " + std::to_string(x);
      ++cases;
    }
  }
  CHECK(wrong == "");
  CHECK(cases > 8000);
}

TEST_CASE("special values") {
  const double infinity = std::numeric_limits<double>::infinity();
  const auto of = [](element_function function, double x) { return apply_function(function, 0.25, 0.5, x); };
  for (int i = 0; i < functions; ++i) CHECK(std::isnan(of(static_cast<element_function>(i), std::nan(""))));
  CHECK(of(element_function::hard_swish, -infinity) == 0);
  CHECK(of(element_function::hard_swish, infinity) == infinity);
  CHECK(of(element_function::hard_swish, -1e300) == 0);
  CHECK(of(element_function::softplus, -infinity) == 0);
  CHECK(of(element_function::softplus, infinity) == infinity);
  CHECK(of(element_function::softsign, infinity) == 1);
  CHECK(of(element_function::softsign, -infinity) == -1);
  CHECK(of(element_function::mish, -infinity) == 0);
  CHECK(of(element_function::mish, infinity) == infinity);
  CHECK(of(element_function::elu, -infinity) == -0.25);
  CHECK(of(element_function::reciprocal, 0) == infinity);
  CHECK(std::isnan(of(element_function::square_root, -1)));
}

TEST_CASE("rounded once to the format; the output may be the input") {
  using small = float8_e4m3fn;
  std::vector<small> values{small{1.0}, small{-1.0}, small{3.5}};
  apply_function<small>(element_function::leaky_relu, 0.3, 0, values, std::span(values));
  CHECK(values == std::vector<small>{small{1.0}, small{-0.3}, small{3.5}});
  std::vector<small> other(2);
  CHECK_THROWS_AS(apply_function<small>(element_function::erf, 0, 0, values, std::span(other)), shape_error);
}
