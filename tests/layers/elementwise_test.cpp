#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <numeric>
#include <span>

#include <layers/support.hpp>
#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>
#include <napier/layers/elementwise.hpp>

using namespace napier;

namespace {

// All pairs of 8-bit codes. Sums of these formats are exact in float64.
template <class F>
std::string add_all_pairs() {
  std::vector<F> a;
  std::vector<F> b;
  for (unsigned i = 0; i < 65536; ++i) {
    a.push_back(F::from_bits(i >> 8));
    b.push_back(F::from_bits(i & 0xff));
  }
  std::vector<F> sums(a.size());
  add<F>(a, b, sums);
  sweep s;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const F expected = from_double<F>(to_double(a[i]) + to_double(b[i]));
    s.check(bits_of(sums[i]) == bits_of(expected), [&] { return text(i); });
  }
  return s.report();
}

tensor<float> counting(const tensor_shape& shape, float first) {
  tensor<float> result(shape);
  std::iota(result.values.begin(), result.values.end(), first);
  return result;
}

}  // namespace

TEST_CASE("add is the exact sum rounded once") {
  REQUIRE(add_all_pairs<posit<8, 0>>() == passed(65536));
  REQUIRE(add_all_pairs<posit<8, 2>>() == passed(65536));
  REQUIRE(add_all_pairs<float8_e4m3fn>() == passed(65536));
  REQUIRE(add_all_pairs<float8_e5m2>() == passed(65536));
  REQUIRE(add_all_pairs<fixed<8, 4>>() == passed(65536));

  random_bits random(1);
  const auto a = random_reals<float>(random, 1000);
  const auto b = random_reals<float>(random, 1000);
  std::vector<float> sums = a;
  add<float>(sums, b, sums);  // in place
  sweep s;
  for (std::size_t i = 0; i < a.size(); ++i) {
    s.check(bits_of(sums[i]) == bits_of(a[i] + b[i]), [&] { return text(a[i], b[i]); });
  }
  REQUIRE(s.report() == passed(1000));
}

TEST_CASE("add takes NaN and NaR through") {
  const std::vector<posit<16, 1>> posits{posit<16, 1>::nar()};
  std::vector<posit<16, 1>> sum(1);
  add(posits, std::vector{posit<16, 1>(1)}, std::span(sum));
  REQUIRE(sum[0].is_nar());
  std::vector<float> floats{std::numeric_limits<float>::infinity()};
  add<float>(floats, std::vector<float>{-floats[0]}, floats);
  REQUIRE(std::isnan(floats[0]));
  REQUIRE_THROWS_WITH(add<float>(floats, std::vector<float>(2), floats),
                      "add: operands have 1 and 2 elements, the output 1; expected equal numbers");
}

TEST_CASE("concat puts channels after one another, image by image") {
  const tensor<float> a = counting({2, 1, 1, 2}, 0);
  const tensor<float> b = counting({2, 2, 1, 2}, 10);
  const tensor<float> none({2, 0, 1, 2});
  const std::vector<tensor_view<const float>> inputs{a.view(), none.view(), b.view(), a.view()};
  tensor<float> output({2, 4, 1, 2}, -1);
  concat<float>(inputs, output.view());
  REQUIRE(output.values == std::vector<float>{0, 1, 10, 11, 12, 13, 0, 1, 2, 3, 14, 15, 16, 17, 2, 3});

  std::vector<tensor_view<const float>> empty_batch{{nullptr, 0, 1, 1, 2}, {nullptr, 0, 2, 1, 2}};
  REQUIRE_NOTHROW(concat<float>(empty_batch, {nullptr, 0, 3, 1, 2}));
}

TEST_CASE("concat refuses shapes that do not fit") {
  const tensor<float> a({2, 1, 1, 2});
  const tensor<float> b({2, 2, 1, 3});
  tensor<float> output({2, 3, 1, 2});
  const std::vector<tensor_view<const float>> different{a.view(), b.view()};
  REQUIRE_THROWS_WITH(
      concat<float>(different, output.view()),
      "concat: an input is 2 x 2 x 1 x 3, the output 2 x 3 x 1 x 2; expected the same batch, height "
      "and width");
  const std::vector<tensor_view<const float>> too_few{a.view(), a.view()};
  REQUIRE_THROWS_WITH(concat<float>(too_few, output.view()),
                      "concat: output is 2 x 3 x 1 x 2, expected 2 x 2 x 1 x 2");
}
