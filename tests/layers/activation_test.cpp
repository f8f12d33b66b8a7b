#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include <layers/support.hpp>
#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>
#include <napier/layers/activation.hpp>

using namespace napier;

namespace {

constexpr double quiet_nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

template <class F>
std::vector<F> all_codes() {
  std::vector<F> codes;
  for (unsigned i = 0; i < 1U << format_traits<F>::width; ++i) codes.push_back(F::from_bits(i));
  return codes;
}

// apply(input, output) against model(double) rounded, over all codes of F; NaN must give NaN.
template <class F, class Apply, class Model>
std::string over_all_codes(Apply apply, Model model) {
  const std::vector<F> codes = all_codes<F>();
  std::vector<F> results(codes.size());
  apply(codes, results);
  sweep s;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const double x = to_double(codes[i]);
    const F expected = std::isnan(x) ? codes[i] : from_double<F>(model(x));
    s.check(bits_of(results[i]) == bits_of(expected) || (std::isnan(x) && std::isnan(to_double(results[i]))),
            [&] { return text(i, bits_of(results[i]), bits_of(expected)); });
  }
  return s.report();
}

template <class F>
F one(void (*function)(std::span<const std::type_identity_t<F>>, std::span<F>), F x) {
  F result{};
  function({&x, 1}, {&result, 1});
  return result;
}

template <class F>
F clipped(F x, double low, double high) {
  clip<F>({&x, 1}, low, high, {&x, 1});
  return x;
}

template <class F>
void check_simple(std::uint64_t codes) {
  const auto relu_model = [](double x) { return x > 0 ? x : 0.0; };
  const auto relu6_model = [](double x) { return x > 6 ? 6 : x < 0 ? 0.0 : x; };
  const auto apply_clip = [](const auto& in, auto& out) { clip<F>(in, -1.25, 0.3, out); };
  const double low = to_double(from_double<F>(-1.25));
  const double high = to_double(from_double<F>(0.3));
  const auto clip_model = [&](double x) { return x > high ? high : x < low ? low : x; };
  REQUIRE(over_all_codes<F>([](const auto& in, auto& out) { relu<F>(in, out); }, relu_model) ==
          passed(codes));
  REQUIRE(over_all_codes<F>([](const auto& in, auto& out) { relu6<F>(in, out); }, relu6_model) ==
          passed(codes));
  REQUIRE(over_all_codes<F>(apply_clip, clip_model) == passed(codes));
}

// The models use long double: the implementation's float64 error must not show.
template <class F>
void check_transcendental(std::uint64_t codes) {
  const auto sigmoid_model = [](double x) {
    return static_cast<double>(1 / (1 + std::exp(-static_cast<long double>(x))));
  };
  const auto tanh_model = [](double x) {
    return static_cast<double>(std::tanh(static_cast<long double>(x)));
  };
  REQUIRE(over_all_codes<F>([](const auto& in, auto& out) { sigmoid<F>(in, out); }, sigmoid_model) ==
          passed(codes));
  REQUIRE(over_all_codes<F>([](const auto& in, auto& out) { tanh<F>(in, out); }, tanh_model) ==
          passed(codes));
}

}  // namespace

TEST_CASE("is_less orders values, not codes") {
  const auto check = []<class F>(F) {
    sweep s;
    for (const F a : all_codes<F>()) {
      for (const F b : all_codes<F>()) {
        s.check(detail::is_less(decode(a), decode(b)) == (to_double(a) < to_double(b)),
                [&] { return text(bits_of(a), bits_of(b)); });
      }
    }
    REQUIRE(s.report() == passed(65536));
  };
  check(float8_e5m2{});
  check(float8_e4m3fn{});
  check(posit<8, 1>{});
}

TEST_CASE("relu and clip over all codes") {
  check_simple<posit<8, 0>>(256);
  check_simple<posit<16, 1>>(65536);
  check_simple<bfloat16>(65536);
  check_simple<float16>(65536);
  check_simple<float8_e4m3fn>(256);
  check_simple<float8_e5m2>(256);
  check_simple<fixed<16, 8>>(65536);
}

TEST_CASE("relu keeps NaN and gives +0 for what is not positive") {
  const std::vector<float> input{
      -0.0F, -1, 2, static_cast<float>(quiet_nan), -static_cast<float>(infinity), 1e-45F, -1e-45F};
  std::vector<float> output(input.size());
  relu(input, std::span(output));
  REQUIRE(bits_of(output[0]) == 0);
  REQUIRE(bits_of(output[1]) == 0);
  REQUIRE(output[2] == 2);
  REQUIRE(std::isnan(output[3]));
  REQUIRE(bits_of(output[4]) == 0);
  REQUIRE(output[5] == 1e-45F);
  REQUIRE(bits_of(output[6]) == 0);
  REQUIRE(one<posit<16, 1>>(relu, posit<16, 1>::nar()).is_nar());
  const auto negative = from_double<foreign::offset_byte>(-3);
  REQUIRE(one<foreign::offset_byte>(relu, negative) == from_double<foreign::offset_byte>(0));
}

TEST_CASE("clip's bounds may lie outside the format") {
  constexpr double large = 3.4028234663852886e38;  // what exporters write for no bound
  using p16 = posit<16, 1>;
  REQUIRE(clipped(p16::maxpos(), 0, large) == p16::maxpos());
  REQUIRE(clipped(p16::maxpos(), -infinity, infinity) == p16::maxpos());
  REQUIRE(clipped(-p16::maxpos(), -infinity, infinity) == -p16::maxpos());
  REQUIRE(clipped(p16(-2), 0, infinity) == p16(0));
  REQUIRE(clipped(p16::nar(), -1, 1).is_nar());
  REQUIRE(clipped(float8_e4m3fn::max(), -large, large) == float8_e4m3fn::max());
  REQUIRE(clipped(-float8_e4m3fn::max(), -infinity, infinity) == -float8_e4m3fn::max());
  REQUIRE(clipped(float16::infinity(), -large, large) == float16::infinity());
  REQUIRE(clipped(fixed32_16::max(), -large, infinity) == fixed32_16::max());
  REQUIRE(clipped(fixed32_16::lowest(), -infinity, 0) == fixed32_16::lowest());
  REQUIRE(clipped(7.0F, 0, 6) == 6);
  REQUIRE(clipped(std::numeric_limits<float>::infinity(), 0, 6) == 6);
  REQUIRE(std::isnan(clipped(static_cast<float>(quiet_nan), 0, 6)));
  // bounds in the wrong order: ONNX's min(max(x, low), high)
  REQUIRE(clipped(0.0F, 2, 1) == 1);
  REQUIRE_THROWS_AS(clipped(1.0F, quiet_nan, 1), model_error);
  REQUIRE_THROWS_AS(clipped(1.0F, 0, quiet_nan), model_error);
}

TEST_CASE("sigmoid and tanh over all codes") {
  check_transcendental<bfloat16>(65536);
  check_transcendental<posit<16, 1>>(65536);
  check_transcendental<float8_e5m2>(256);
  check_transcendental<fixed<16, 12>>(65536);
  REQUIRE(one<float>(sigmoid, 0) == 0.5F);
  REQUIRE(one<double>(sigmoid, -infinity) == 0);
  REQUIRE(one<double>(sigmoid, infinity) == 1);
  REQUIRE(one<double>(sigmoid, -700) == std::exp(-700.0));
  REQUIRE(std::isnan(one<double>(sigmoid, quiet_nan)));
  REQUIRE(one<double>(tanh, -infinity) == -1);
}

TEST_CASE("softmax equals a long double model") {
  random_bits random(6);
  sweep s;
  for (int i = 0; i < 200; ++i) {
    const std::size_t rows = between(random, 0, 3);
    const std::size_t length = between(random, 1, 12);
    const std::vector<double> input = random_reals<double>(random, rows * length);
    std::vector<double> output(input.size());
    softmax<double>(input, length, output);
    for (std::size_t row = 0; row < rows; ++row) {
      long double sum = 0;
      for (std::size_t k = 0; k < length; ++k)
        sum += std::exp(static_cast<long double>(input[row * length + k]));
      for (std::size_t k = 0; k < length; ++k) {
        const auto expected =
            static_cast<double>(std::exp(static_cast<long double>(input[row * length + k])) / sum);
        s.check(std::fabs(output[row * length + k] / expected - 1) < 1e-14, [&] { return text(i, row, k); });
      }
    }
  }
  REQUIRE(s.cases() > 1000);
  REQUIRE(s.report() == passed(s.cases()));
}

TEST_CASE("softmax at its edges") {
  const auto row = [](std::vector<double> values) {
    softmax<double>(values, values.size(), values);  // in place
    return values;
  };
  const auto all_nan = [](const std::vector<double>& values) {
    return std::all_of(values.begin(), values.end(), [](double x) { return std::isnan(x); });
  };
  REQUIRE(row({123}) == std::vector<double>{1});
  REQUIRE(row({1000, 1000}) == std::vector<double>{0.5, 0.5});
  REQUIRE(row({-1e308, 1e308}) == std::vector<double>{0, 1});
  REQUIRE(row({-infinity, 3}) == std::vector<double>{0, 1});
  REQUIRE(all_nan(row({1, quiet_nan, 2})));
  REQUIRE(all_nan(row({quiet_nan, 1, 2})));
  REQUIRE(all_nan(row({1, infinity})));
  REQUIRE(all_nan(row({-infinity, -infinity})));

  // NaR in the first of two rows leaves the second alone
  using p16 = posit<16, 1>;
  const std::vector<p16> input{p16(1), p16::nar(), p16(2), p16(2)};
  std::vector<p16> output(4);
  softmax<p16>(input, 2, output);
  REQUIRE((output[0].is_nar() && output[1].is_nar()));
  REQUIRE((output[2] == p16(0.5) && output[3] == p16(0.5)));

  std::vector<float> none;
  REQUIRE_NOTHROW(softmax<float>(none, 10, none));
  REQUIRE_NOTHROW(softmax<float>(none, 0, none));
}

TEST_CASE("activations refuse lengths that do not fit") {
  std::vector<float> five(5);
  std::vector<float> four(4);
  REQUIRE_THROWS_WITH(relu<float>(five, four), "relu: output has 4 elements, expected 5");
  REQUIRE_THROWS_AS(clip<float>(five, 0, 6, four), shape_error);
  REQUIRE_THROWS_AS(sigmoid<float>(five, four), shape_error);
  REQUIRE_THROWS_AS(tanh<float>(five, four), shape_error);
  REQUIRE_THROWS_AS(softmax<float>(five, 5, four), shape_error);
  REQUIRE_THROWS_WITH(softmax<float>(five, 2, five),
                      "softmax: input has 5 elements, output 5; expected equal multiples of 2");
  REQUIRE_THROWS_AS(softmax<float>(five, 0, five), shape_error);
}
