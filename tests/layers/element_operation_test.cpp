// element_operation: exact combinations rounded once, broadcasting, and the product of a MAC.
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>
#include <napier/layers/element_operation.hpp>
#include <napier/mac/mac.hpp>
#include <napier/multipliers/mitchell.hpp>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

using namespace napier;
using small = float8_e4m3fn;
using places = std::vector<std::uint32_t>;

namespace {

std::vector<small> all_numbers() {
  std::vector<small> result;
  for (unsigned code = 0; code < 256; ++code) {
    const small x = small::from_bits(code);
    if (!decode(x).is_nan()) result.push_back(x);
  }
  return result;
}

double as_double(small x) { return round_to<double>(decode(x)); }

// The nearest number, of two the one with the even code; by looking at all of them.
small nearest(double exact, const std::vector<small>& numbers) {
  small best = numbers.front();
  double distance = std::numeric_limits<double>::infinity();
  for (const small x : numbers) {
    const double d = std::fabs(as_double(x) - exact);
    if (d < distance || (d == distance && (x.bits() & 1) == 0)) {
      best = x;
      distance = d;
    }
  }
  return best;
}

struct pair_check {
  int cases = 0;
  std::string first_wrong;
};

// All pairs whose exact result, given in FP64 without error, lies in the format's range.
template <class Exact>
pair_check check_pairs(element_operation operation, Exact exact) {
  const std::vector<small> numbers = all_numbers();
  std::vector<small> ones;
  std::vector<small> others;
  for (const small a : numbers) {
    for (const small b : numbers) {
      if (!(std::fabs(exact(as_double(a), as_double(b))) <= 448)) continue;
      ones.push_back(a);
      others.push_back(b);
    }
  }
  std::vector<small> results(ones.size());
  combine_exactly<small>(operation, element_operand<small>{ones.data(), ones.size(), false, {}},
                         element_operand<small>{others.data(), others.size(), false, {}}, 1,
                         std::span(results));
  pair_check result;
  for (std::size_t i = 0; i < ones.size(); ++i, ++result.cases) {
    const double value = exact(as_double(ones[i]), as_double(others[i]));
    if (as_double(results[i]) == as_double(nearest(value, numbers)) || !result.first_wrong.empty()) continue;
    result.first_wrong = std::to_string(as_double(ones[i])) + ", " + std::to_string(as_double(others[i]));
  }
  return result;
}

}  // namespace

TEST_CASE("all pairs of an 8-bit format: exact, then rounded once") {
  const auto check = [](element_operation operation, auto exact, int at_least) {
    const pair_check result = check_pairs(operation, exact);
    CHECK(result.first_wrong == "");
    CHECK(result.cases >= at_least);
  };
  check(
      element_operation::add, [](double a, double b) { return a + b; }, 60000);
  check(
      element_operation::subtract, [](double a, double b) { return a - b; }, 60000);
  check(
      element_operation::multiply, [](double a, double b) { return a * b; }, 40000);
  check(
      element_operation::prelu, [](double a, double b) { return a < 0 ? a * b : a; }, 50000);
  check(
      element_operation::maximum, [](double a, double b) { return std::max(a, b); }, 64000);
  check(
      element_operation::minimum, [](double a, double b) { return std::min(a, b); }, 64000);
  // FP64 quotients of 4-bit significands are off by less than a half of a 53-bit place: no tie is made or missed.
  check(
      element_operation::divide, [](double a, double b) { return a / b; }, 40000);
}

TEST_CASE("float32 takes the same values by another way") {
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> a{1.5F, -2, 0, infinity, 1e30F, 1e-40F, -0.0F, 3};
  const std::vector<float> b{0.1F, 3, -0.0F, -infinity, 1e30F, 0.5F, 7, 0};
  const element_operand<float> x{a.data(), a.size(), false, {}};
  const element_operand<float> y{b.data(), b.size(), false, {}};
  for (const auto operation :
       {element_operation::add, element_operation::subtract, element_operation::multiply,
        element_operation::divide, element_operation::prelu}) {
    std::vector<float> fast(a.size());
    combine_exactly<float>(operation, x, y, 1, std::span(fast));
    for (std::size_t i = 0; i < a.size(); ++i) {
      const auto slow = round_to<float>(apply_exactly(operation, decode(a[i]), decode(b[i])));
      CHECK((fast[i] == slow || (std::isnan(fast[i]) && std::isnan(slow))));
    }
  }
}

TEST_CASE("a constant is not rounded before it is used") {
  using posit = napier::posit<8, 0>;
  const std::vector<posit> x{posit{64}};
  const std::vector<double> third{1.0 / 3};
  std::vector<posit> y(1);
  const element_operand<posit> a{x.data(), 1, false, {}};
  combine_exactly<posit>(element_operation::multiply, a, element_operand<double>{third.data(), 1, true, {}},
                         1, std::span(y));
  CHECK(y[0] == posit{64.0 / 3});
  // 1/3 is 21/64 as a posit, and 21 another posit than 64/3 when it is divided: by rounding first it would differ
  combine_exactly<posit>(element_operation::divide, a, element_operand<double>{third.data(), 1, true, {}}, 1,
                         std::span(y));
  CHECK(y[0] == posit{64});  // 192, clamped
}

TEST_CASE("broadcasting, images and constants") {
  const std::vector<float> images{1, 2, 3, 4};  // two of two
  const std::vector<float> shared{10, 20, 30};
  std::vector<float> sums(12);
  const places first{0, 0, 0, 1, 1, 1};
  const places second{0, 1, 2, 0, 1, 2};
  combine_exactly<float>(element_operation::add, element_operand<float>{images.data(), 2, false, first},
                         element_operand<float>{shared.data(), 3, true, second}, 2, std::span(sums));
  CHECK(sums == std::vector<float>{11, 21, 31, 12, 22, 32, 13, 23, 33, 14, 24, 34});
  std::vector<float> wrong(11);
  CHECK_THROWS_AS(
      combine_exactly<float>(element_operation::add, element_operand<float>{images.data(), 2, false, first},
                             element_operand<float>{shared.data(), 3, true, second}, 2, std::span(wrong)),
      shape_error);
  CHECK_THROWS_AS(
      combine_exactly<float>(element_operation::add, element_operand<float>{images.data(), 2, false, {}},
                             element_operand<float>{shared.data(), 3, true, second}, 2, std::span(sums)),
      shape_error);
}

TEST_CASE("NaN stays, in every operation") {
  const unpacked one = decode(1.0);
  for (const auto operation :
       {element_operation::add, element_operation::subtract, element_operation::multiply,
        element_operation::divide, element_operation::maximum, element_operation::minimum}) {
    CHECK(apply_exactly(operation, unpacked::nan(), one).is_nan());
    CHECK(apply_exactly(operation, one, unpacked::nan()).is_nan());
  }
  CHECK(apply_exactly(element_operation::prelu, unpacked::nan(), one).is_nan());
  CHECK(apply_exactly(element_operation::divide, one, unpacked::zero()).is_infinity());
}

TEST_CASE("the MAC's product is that of a sum of one") {
  using cheap = mac<float, mitchell, native<float>>;
  const std::vector<float> a{1.5F, -3, 0, 0.7F};
  const std::vector<float> b{1.5F, 5, 2, -1.3F};
  std::vector<float> products(4);
  multiply_by_mac<cheap>({a.data(), 4, false, {}}, {b.data(), 4, false, {}}, 1, products);
  for (std::size_t i = 0; i < a.size(); ++i)
    CHECK(products[i] == dot<cheap>(std::span(&b[i], 1), std::span(&a[i], 1)));
  CHECK(products[0] == 2.0F);  // 1.5 · 1.5 = 2.25; Mitchell: 2^1 · (0.5 + 0.5)
}
