// The reference gemm against plain loops over the oracle's arithmetic.
#include <napier/gemm/reference.hpp>

#include <bit>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include <napier/accumulators/fixed64.hpp>
#include <napier/accumulators/quire.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>
#include <napier/mac/mac.hpp>
#include <napier/multipliers/mitch.hpp>
#include <napier/multipliers/mitchell.hpp>
#include <napier/multipliers/plam.hpp>

#include "oracle/bridge.hpp"
#include "oracle/sweep.hpp"

namespace {

using namespace napier;
using Catch::Matchers::Contains;
using oracle::number;
using p16 = posit<16, 1>;

// A matrix with poison between the rows.
template <class T>
struct padded_matrix {
  std::size_t rows, cols, stride;
  T poison;
  std::vector<T> data;

  padded_matrix(std::size_t r, std::size_t c, std::size_t padding, T filling)
      : rows(r), cols(c), stride(c + padding), poison(filling), data(r * (c + padding), filling) {}

  matrix_view<T> view() { return {data.data(), rows, cols, stride}; }
  T& operator()(std::size_t i, std::size_t j) { return data[i * stride + j]; }
  template <class Same>
  bool padding_is_whole(Same same) {
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = cols; j < stride; ++j) {
        if (!same(data[i * stride + j], poison)) return false;
      }
    }
    return true;
  }
};

bool same_bits(float a, float b) {
  return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
}
bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}
template <class F>
bool same_bits(F a, F b) {
  return a.bits() == b.bits();
}

constexpr std::size_t sizes[][3] = {{1, 1, 1}, {2, 3, 4}, {3, 5, 7}, {5, 2, 9}, {1, 8, 17},
                                    {7, 1, 3}, {4, 4, 0}, {0, 3, 2}, {3, 0, 2}};

// dot_product(a, b, bias, out_type) is the oracle's answer.
template <class M, class Out, class Operand, class Answer>
std::uint64_t all_sizes(sweep& s, typename M::format poison, Out out_poison, Operand operand, Answer answer) {
  random_bits next(161);
  std::uint64_t elements = 0;
  for (const auto& size : sizes) {
    const std::size_t m = size[0], n = size[1], k = size[2];
    for (const std::size_t padding : {std::size_t{0}, std::size_t{3}}) {
      padded_matrix a(m, k, padding, poison);
      padded_matrix b(k, n, 2 * padding, poison);
      padded_matrix c(m, n, padding, out_poison);
      padded_matrix with_bias(m, n, padding, out_poison);
      std::vector<typename M::bias_type> bias(m);
      for (std::size_t i = 0; i < m; ++i) {
        bias[i] = round_to<typename M::bias_type>(decode(operand(next)));
        for (std::size_t l = 0; l < k; ++l) a(i, l) = operand(next);
      }
      for (std::size_t l = 0; l < k; ++l) {
        for (std::size_t j = 0; j < n; ++j) b(l, j) = operand(next);
      }
      reference_gemm<M>(a.view(), b.view(), c.view());
      reference_gemm<M>(a.view(), b.view(), std::span<const typename M::bias_type>(bias), with_bias.view());
      for (std::size_t i = 0; i < m; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
          std::vector<typename M::format> row, column;
          for (std::size_t l = 0; l < k; ++l) {
            row.push_back(a(i, l));
            column.push_back(b(l, j));
          }
          const Out plain = answer(row, column, nullptr);
          const Out biased = answer(row, column, &bias[i]);
          const bool right = same_bits(c(i, j), plain) && same_bits(with_bias(i, j), biased) &&
                             same_bits(dot<M, Out>(row, column), plain);
          s.check(right, [&] { return std::string(M::name().c_str()) + " " + text(m, n, k, padding, i, j); });
          ++elements;
        }
      }
      const auto same = [](auto x, auto y) { return same_bits(x, y); };
      s.check(c.padding_is_whole(same) && with_bias.padding_is_whole(same),
              [&] { return "padding " + text(m, n, k, padding); });
      ++elements;
    }
  }
  return elements;
}

number to_float(const number& x) {
  return oracle::float_value(oracle::float32, oracle::float_round(oracle::float32, x));
}

float random_float(random_bits& next) {
  return static_cast<float>(static_cast<std::int64_t>(next())) * 0x1p-62f;
}

// float32 sums: product and sum rounded, k ascending, then the bias.
template <class M>
void float_sums(oracle::circuit circuit, bool exact_product) {
  const float nan = std::bit_cast<float>(0x7fc00000);
  const auto sum_of = [=](const std::vector<float>& a, const std::vector<float>& b, const float* bias) {
    number sum = 0;
    for (std::size_t k = 0; k < a.size(); ++k) {
      const number x = number::from_double(a[k]), y = number::from_double(b[k]);
      sum = to_float(sum + to_float(exact_product ? x * y : oracle::log_product(circuit, x, y)));
    }
    return bias == nullptr ? sum : to_float(sum + number::from_double(*bias));
  };
  sweep s;
  std::uint64_t expected =
      all_sizes<M, float>(s, nan, nan, random_float, [&](const auto& a, const auto& b, const float* bias) {
        return static_cast<float>(sum_of(a, b, bias).approximate());
      });
  expected += all_sizes<M, double>(
      s, nan, static_cast<double>(nan), random_float,
      [&](const auto& a, const auto& b, const float* bias) { return sum_of(a, b, bias).approximate(); });
  REQUIRE(s.report() == passed(expected));
  REQUIRE(expected > 200);
}

template <class P, class M>
void quire_sums(oracle::circuit circuit, bool exact_product) {
  using unit = mac<P, M, quire<P>>;
  const oracle::posit_format f{P::width, P::exponent_bits};
  const auto operand = [](random_bits& next) {
    const P x = P::from_bits(next.below(2) == 0 ? next() : next.runs());
    return x.is_nar() ? P{} : x;
  };
  const auto sum_of = [=](const std::vector<P>& a, const std::vector<P>& b, const P* bias) {
    number sum = 0;
    for (std::size_t k = 0; k < a.size(); ++k) {
      const number x = oracle::posit_value(f, a[k].bits()), y = oracle::posit_value(f, b[k].bits());
      sum = sum + (exact_product ? x * y : oracle::log_product(circuit, x, y));
    }
    return bias == nullptr ? sum : sum + oracle::posit_value(f, bias->bits());
  };
  sweep s;
  std::uint64_t expected =
      all_sizes<unit, P>(s, P::nar(), P::nar(), operand, [&](const auto& a, const auto& b, const P* bias) {
        return P::from_bits(oracle::posit_round(f, sum_of(a, b, bias)));
      });
  const float nan = std::bit_cast<float>(0x7fc00000);
  expected +=
      all_sizes<unit, float>(s, P::nar(), nan, operand, [&](const auto& a, const auto& b, const P* bias) {
        return std::bit_cast<float>(
            static_cast<std::uint32_t>(oracle::float_round(oracle::float32, sum_of(a, b, bias))));
      });
  expected += all_sizes<unit, double>(
      s, P::nar(), static_cast<double>(nan), operand,
      [&](const auto& a, const auto& b, const P* bias) { return sum_of(a, b, bias).approximate(); });
  INFO(unit::name().c_str());
  REQUIRE(s.report() == passed(expected));
  REQUIRE(expected > 300);
}

}  // namespace

TEST_CASE("float32 sums of exact and logarithmic products") {
  float_sums<mac<float, exact, native<float>>>({}, true);
  float_sums<mac<float, mitchell, native<float>>>({}, false);
  float_sums<mac<float, mitch<6>, native<float>>>({6, false}, false);
  float_sums<mac<float, mitch<6, unbiased>, native<float>>>({6, true}, false);
}

TEST_CASE("quire sums, rounded once to the posit, to float or to double") {
  quire_sums<p16, exact>({}, true);
  quire_sums<p16, plam>({}, false);
  quire_sums<posit<8, 0>, exact>({}, true);
  quire_sums<posit8, plam>({}, false);
  quire_sums<posit32, mitch<8>>({8, false}, false);
  quire_sums<posit64, exact>({}, true);
}

TEST_CASE("fixed-point sums") {
  using unit = mac<fixed32_16, mitch<6>, fixed64>;
  const auto operand = [](random_bits& next) {
    return fixed32_16::from_bits(static_cast<std::int64_t>(next()) >> 44);
  };
  sweep s;
  const std::uint64_t expected = all_sizes<unit, fixed32_16>(
      s, fixed32_16::max(), fixed32_16::max(), operand,
      [](const auto& a, const auto& b, const fixed<64, 32>* bias) {
        number sum = bias == nullptr ? number() : number(bias->bits());
        for (std::size_t k = 0; k < a.size(); ++k)
          sum = sum + oracle::integer_log_product({6, false}, false, a[k].bits(), b[k].bits());
        return fixed32_16::from_bits(oracle::fixed_round(32, 16, sum.scaled(-32)));
      });
  REQUIRE(s.report() == passed(expected));
}

TEST_CASE("k = 0 gives zeros, or the bias") {
  using unit = mac<p16, plam, quire<p16>>;
  float c[6] = {9, 9, 9, 9, 9, 9};
  const matrix_view<const p16> a{nullptr, 2, 0}, b{nullptr, 0, 3};
  reference_gemm<unit>(a, b, matrix_view{c, 2, 3});
  for (const float x : c) REQUIRE(std::bit_cast<std::uint32_t>(x) == 0);
  const p16 bias[] = {p16{1.5}, p16{-2}};
  reference_gemm<unit>(a, b, std::span<const p16>(bias), matrix_view{c, 2, 3});
  for (int i = 0; i < 6; ++i) REQUIRE(c[i] == (i < 3 ? 1.5f : -2.0f));
  REQUIRE(dot<unit>({}, {}) == p16{});
}

TEST_CASE("NaN and NaR reach only the row and the column that they stand in") {
  using unit = mac<p16, exact, quire<p16>>;
  std::vector<p16> a(6, p16{1}), b(6, p16{2}), c(4);
  a[1] = p16::nar();
  reference_gemm<unit>(matrix_view{a.data(), 2, 3}, matrix_view{b.data(), 3, 2}, matrix_view{c.data(), 2, 2});
  REQUIRE((c[0].is_nar() && c[1].is_nar() && c[2] == p16{6} && c[3] == p16{6}));
  a[1] = p16{1};
  b[1] = p16::nar();
  reference_gemm<unit>(matrix_view{a.data(), 2, 3}, matrix_view{b.data(), 3, 2}, matrix_view{c.data(), 2, 2});
  REQUIRE((c[0] == p16{6} && c[1].is_nar() && c[2] == p16{6} && c[3].is_nar()));
}

TEST_CASE("shapes that do not fit are errors that say so") {
  using unit = mac<float, exact, native<float>>;
  float x[64] = {};
  const auto view = [&](std::size_t rows, std::size_t cols) { return matrix_view{x, rows, cols}; };
  REQUIRE_THROWS_AS(reference_gemm<unit>(view(2, 3), view(4, 5), view(2, 5)), shape_error);
  REQUIRE_THROWS_AS(reference_gemm<unit>(view(2, 3), view(3, 5), view(2, 4)), shape_error);
  REQUIRE_THROWS_AS(reference_gemm<unit>(view(2, 3), view(3, 5), view(3, 5)), shape_error);
  REQUIRE_THROWS_WITH(reference_gemm<unit>(view(2, 3), view(4, 5), view(2, 5)),
                      Contains("2 x 3") && Contains("4 x 5") && Contains("2 x 5"));
  REQUIRE_NOTHROW(reference_gemm<unit>(view(2, 3), view(3, 5), view(2, 5)));
  const std::vector<float> bias(3);
  REQUIRE_THROWS_AS(reference_gemm<unit>(view(2, 3), view(3, 5), std::span<const float>(bias), view(2, 5)),
                    shape_error);
  REQUIRE_THROWS_WITH(reference_gemm<unit>(view(2, 3), view(3, 5), std::span<const float>(bias), view(2, 5)),
                      Contains("3 biases"));
  REQUIRE_THROWS_AS(dot<unit>(std::span<const float>(x, 3), std::span<const float>(x, 4)), shape_error);
  REQUIRE_THROWS_AS(reference_gemm<unit>(view(2, 3), view(4, 5), view(2, 5)), napier::error);
}
