#include <catch2/catch.hpp>

#include <limits>
#include <span>

#include <layers/support.hpp>
#include <napier/accumulators/compensated.hpp>
#include <napier/accumulators/fixed64.hpp>
#include <napier/accumulators/native.hpp>
#include <napier/accumulators/quire.hpp>
#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>
#include <napier/layers/fully_connected.hpp>
#include <napier/mac/mac.hpp>
#include <napier/multipliers/decorators.hpp>
#include <napier/multipliers/exact.hpp>
#include <napier/multipliers/mitch.hpp>
#include <napier/multipliers/mitchell.hpp>
#include <napier/multipliers/plam.hpp>

using namespace napier;

namespace {

using float32_mac = mac<float, exact, native<float>>;

// A matrix whose rows are some poisoned elements apart.
template <class F>
struct strided {
  std::size_t rows;
  std::size_t cols;
  std::size_t row_stride;
  std::vector<F> values;

  strided(std::size_t r, std::size_t c, std::size_t gap)
      : rows(r), cols(c), row_stride(c + gap), values(r * (c + gap), poison()) {}

  static F poison() { return from_double<F>(std::numeric_limits<double>::quiet_NaN()); }
  F& operator()(std::size_t row, std::size_t col) { return values[row * row_stride + col]; }
  matrix_view<F> view() { return {values.data(), rows, cols, row_stride}; }
  void fill(const std::vector<F>& elements) {
    for (std::size_t i = 0; i < elements.size(); ++i) (*this)(i / cols, i % cols) = elements[i];
  }
};

// draw(random, count) gives operands; expected(input, n, weights, o, bias) is one element of the output.
template <class M, class Draw, class DrawBias, class Expected, class F = typename M::format>
void check(int cases, Draw draw, DrawBias draw_bias, Expected expected) {
  random_bits random(3);
  sweep s;
  for (int i = 0; i < cases; ++i) {
    const std::size_t batch = between(random, 0, 4);
    const std::size_t in = between(random, 0, 20);
    const std::size_t out = between(random, 1, 9);
    strided<F> input(batch, in, between(random, 0, 3));
    strided<F> weights(out, in, between(random, 0, 3));
    strided<F> output(batch, out, between(random, 0, 3));
    input.fill(draw(random, batch * in));
    weights.fill(draw(random, out * in));
    const auto bias = draw_bias(random, random.below(2) == 0 ? out : 0);
    strided<F> result = output;
    for (std::size_t n = 0; n < batch; ++n) {
      for (std::size_t o = 0; o < out; ++o) result(n, o) = expected(input, n, weights, o, bias);
    }
    fully_connected<M>(input.view(), weights.view(), bias, output.view());
    s.check(same_bits(output.values, result.values), [&] { return text(batch, in, out, bias.size()); });
  }
  REQUIRE(s.report() == passed(static_cast<std::uint64_t>(cases)));
}

template <class M, class F = typename M::format>
void check_against_float64(int cases, int magnitude) {
  check<M>(
      cases,
      [&](random_bits& random, std::size_t count) {
        return from_doubles<F>(small_integers(random, count, magnitude));
      },
      [&](random_bits& random, std::size_t count) {
        return from_doubles<typename M::bias_type>(small_integers(random, count, magnitude));
      },
      [](auto& input, std::size_t n, auto& weights, std::size_t o, const auto& bias) {
        double sum = bias.empty() ? 0 : to_double(bias[o]);
        for (std::size_t k = 0; k < input.cols; ++k) sum += to_double(input(n, k)) * to_double(weights(o, k));
        return from_double<F>(sum);
      });
}

template <class M, class F = typename M::format>
void check_against_mac(int cases) {
  check<M>(cases, random_reals<F>, random_reals<typename M::bias_type>,
           [](auto& input, std::size_t n, auto& weights, std::size_t o, const auto& bias) {
             typename M::accumulator sum{};
             for (std::size_t k = 0; k < input.cols; ++k) M::accumulate(sum, weights(o, k), input(n, k));
             return round_to<F>(bias.empty() ? M::finish(sum) : M::finish(sum, bias[o]));
           });
}

}  // namespace

TEST_CASE("fully_connected of integers equals a float64 model") {
  check_against_float64<float32_mac>(200, 99);
  check_against_float64<mac<bfloat16, exact, native<float>>>(100, 99);
  check_against_float64<mac<posit<16, 1>, exact, quire<posit<16, 1>>>>(100, 99);
  check_against_float64<mac<fixed32_16, exact, fixed64>>(100, 9);
}

TEST_CASE("fully_connected equals the MAC's operations, bit for bit") {
  using p16 = posit<16, 1>;
  using p8 = posit<8, 0>;
  check_against_mac<float32_mac>(100);
  check_against_mac<mac<float, mitch<6>, native<float>>>(100);
  check_against_mac<mac<float, mitch<6>, compensated<native<float>>>>(50);
  check_against_mac<mac<bfloat16, mitchell, native<float>>>(50);
  check_against_mac<mac<p16, plam, quire<p16>>>(50);
  check_against_mac<mac<p8, rounded<plam, p8>, native<p8>>>(50);
  check_against_mac<mac<fixed32_16, mitch<6>, fixed64>>(50);
  check_against_mac<mac<foreign::offset_byte, foreign::lopsided, native<float>>>(50);
}

TEST_CASE("fully_connected refuses shapes that do not fit") {
  std::vector<float> memory(100);
  const auto run = [&](std::size_t batch, std::size_t in, std::size_t out, std::size_t weight_cols,
                       std::size_t biases, std::size_t output_rows, std::size_t output_cols) {
    fully_connected<float32_mac>(matrix_view<float>(memory.data(), batch, in),
                                 matrix_view<float>(memory.data(), out, weight_cols),
                                 std::span<const float>(memory.data(), biases),
                                 matrix_view<float>(memory.data() + 50, output_rows, output_cols));
  };
  REQUIRE_NOTHROW(run(2, 3, 4, 3, 4, 2, 4));
  REQUIRE_NOTHROW(run(0, 3, 4, 3, 4, 0, 4));
  REQUIRE_THROWS_WITH(
      run(2, 3, 4, 5, 0, 2, 4),
      "fully_connected: input is 2 x 3, weights are 4 x 5, output is 2 x 4; expected batch x in, "
      "out x in, batch x out");
  REQUIRE_THROWS_AS(run(2, 3, 4, 3, 0, 1, 4), shape_error);
  REQUIRE_THROWS_AS(run(2, 3, 4, 3, 0, 2, 5), shape_error);
  REQUIRE_THROWS_WITH(run(2, 3, 4, 3, 3, 2, 4), "fully_connected: 3 biases, expected none or 4");
}
