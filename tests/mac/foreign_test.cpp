// A user's own format, multiplier and accumulator, in a namespace of their own, work in mac, dot and gemm.
#include <napier/mac/mac.hpp>

#include <algorithm>
#include <catch2/catch.hpp>
#include <compare>
#include <cstdint>
#include <vector>

#include <napier/accumulators/quire.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>
#include <napier/gemm/gemm.hpp>
#include <napier/multipliers/decorators.hpp>
#include <napier/multipliers/mitch.hpp>

#include "oracle/sweep.hpp"

namespace elsewhere {

// A format by its members: whole numbers of thirty-two levels, sign and magnitude. Nothing of napier is its base.
class level {
 public:
  static constexpr napier::format_kind kind = napier::format_kind::integer;
  static constexpr int width = 6;
  static constexpr int significand_bits = 5;
  static constexpr int min_exponent = 0;
  static constexpr int max_exponent = 4;
  static constexpr napier::name name() { return "level6"; }

  constexpr level() = default;
  explicit constexpr level(int value) : value_(value) {}
  constexpr int value() const { return value_; }
  friend constexpr bool operator==(level, level) = default;

  constexpr napier::unpacked decode() const { return napier::decode(value_); }
  static constexpr level encode(const napier::unpacked& x) {
    return level(std::clamp(napier::round_to<int>(x), -31, 31));
  }

 private:
  int value_ = 0;
};

// A format by a specialisation of its traits: a struct that knows nothing of napier.
struct half_step {
  signed char twice = 0;
  friend constexpr bool operator==(half_step, half_step) = default;
};

// Ten lines: both operands' signs and exponents, no significands.
struct shifts_only {
  static constexpr bool is_exact = false;
  static constexpr napier::name name() { return "shifts"; }

  template <napier::Format F>
  constexpr napier::unpacked multiply(F a, F b) const {
    return napier::multiply_with(napier::decode(a), napier::decode(b), [](const auto& x, const auto& y) {
      return napier::unpacked::finite(x.negative != y.negative, x.exponent + y.exponent,
                                      std::uint64_t{1} << 63);
    });
  }
};

// The largest product instead of the sum.
class largest {
 public:
  using value_type = float;
  static constexpr bool is_exact = true;
  static constexpr napier::name name() { return "largest"; }

  constexpr void add(const napier::unpacked& x) { largest_ = std::max(largest_, napier::round_to<float>(x)); }
  constexpr napier::unpacked value() const { return napier::decode(largest_); }

 private:
  float largest_ = 0;
};

}  // namespace elsewhere

template <>
struct napier::format_traits<elsewhere::half_step> {
  static constexpr format_kind kind = format_kind::fixed;
  static constexpr int width = 8;
  static constexpr int significand_bits = 7;
  static constexpr int min_exponent = -1;
  static constexpr int max_exponent = 6;
  static constexpr napier::name name() { return "half_step8"; }
  static constexpr unpacked decode(elsewhere::half_step x) {
    unpacked result = napier::decode(x.twice);
    if (result.is_finite()) --result.exponent;
    return result;
  }
  static constexpr elsewhere::half_step encode(unpacked x) {
    if (x.is_finite()) ++x.exponent;
    return {napier::round_to<signed char>(x)};
  }
};

namespace {

using elsewhere::half_step;
using elsewhere::largest;
using elsewhere::level;
using elsewhere::shifts_only;
using napier::exact;
using napier::mac;
using napier::matrix_view;
using napier::native;

static_assert(napier::Format<level> && napier::Format<half_step> && !napier::Format<shifts_only>);
static_assert(napier::Multiplier<shifts_only, level> && napier::Multiplier<shifts_only, float> &&
              !napier::Multiplier<largest, float>);
static_assert(napier::Accumulator<largest> && !napier::Accumulator<shifts_only>);
static_assert(napier::Multiplier<exact, half_step> && napier::Multiplier<napier::mitch<4>, level>);

using all_foreign = mac<level, shifts_only, largest>;
static_assert(napier::Mac<all_foreign> && all_foreign::is_exact);
static_assert(all_foreign::name() == napier::name("level6/shifts/largest"));
static_assert(mac<half_step, exact, native<float>>::name() == napier::name("half_step8/exact/float32"));

static_assert(napier::multiply<shifts_only>(7.0f, -5.0f) == -16.0f);
static_assert(napier::multiply<shifts_only>(napier::posit16{7}, napier::posit16{-5}) == napier::posit16{-16});
// A napier format takes a foreign one's value, rounded once.
static_assert(napier::posit16{level{-7}} == napier::posit16{-7} &&
              napier::bfloat16{half_step{5}} == napier::bfloat16{2.5});

int floor_power(int x) {
  int power = 1;
  while (2 * power <= x) power *= 2;
  return power;
}

}  // namespace

TEST_CASE("dot and gemm over a foreign format, multiplier and accumulator at once") {
  random_bits next(151);
  sweep s;
  for (int round = 0; round < 50; ++round) {
    const auto m = static_cast<std::size_t>(1 + next.below(4)),
               n = static_cast<std::size_t>(1 + next.below(4)), k = static_cast<std::size_t>(next.below(9));
    std::vector<level> a(m * k), b(k * n), c(m * n);
    for (auto* matrix : {&a, &b}) {
      for (level& x : *matrix) x = level{next.below(63) - 31};
    }
    napier::gemm<all_foreign>(matrix_view{a.data(), m, k}, matrix_view{b.data(), k, n},
                              matrix_view{c.data(), m, n});
    for (std::size_t i = 0; i < m; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        int best = 0;
        std::vector<level> column;
        for (std::size_t l = 0; l < k; ++l) {
          const int x = a[i * k + l].value(), y = b[l * n + j].value();
          column.emplace_back(y);
          if (x != 0 && y != 0)
            best =
                std::max(best, (x < 0) != (y < 0) ? -1 : floor_power(std::abs(x)) * floor_power(std::abs(y)));
        }
        const std::vector<level> row(a.begin() + static_cast<std::ptrdiff_t>(i * k),
                                     a.begin() + static_cast<std::ptrdiff_t>((i + 1) * k));
        const bool right = c[i * n + j].value() == std::min(best, 31) &&
                           napier::dot<all_foreign>(row, column) == level{std::min(best, 31)} &&
                           napier::dot<all_foreign, float>(row, column) == static_cast<float>(best);
        s.check(right, [&] { return text(round, i, j, c[i * n + j].value(), best); });
      }
    }
  }
  REQUIRE(s.cases() >= 50);
  REQUIRE(s.report() == passed(s.cases()));
}

TEST_CASE("each foreign part works with napier's own") {
  const std::vector<half_step> a{{3}, {-5}, {7}}, b{{2}, {4}, {-1}};  // 1.5 · 1 − 2.5 · 2 − 3.5 · 0.5
  REQUIRE(napier::dot<mac<half_step, exact, native<double>>, double>(a, b) == -5.25);
  REQUIRE((napier::dot<mac<half_step, exact, native<float>>>(a, b) ==
           half_step{-10}));  // −5.25 is a tie of −5.0 and −5.5
  REQUIRE(napier::dot<mac<half_step, shifts_only, native<float>>, float>(a, b) == 1 - 4 - 1);

  const std::vector<napier::posit16> p{napier::posit16{3}, napier::posit16{5}},
      q{napier::posit16{-7}, napier::posit16{6}};
  REQUIRE(napier::dot<mac<napier::posit16, shifts_only, napier::quire<napier::posit16>>, double>(p, q) ==
          -8 + 16);
  REQUIRE(napier::dot<mac<napier::posit16, exact, largest>, double>(p, q) == 30);
  REQUIRE(napier::dot<
              mac<napier::posit16, napier::rounded<shifts_only, napier::posit16>, native<napier::posit16>>>(
              p, q) == napier::posit16{8});

  using counting = napier::counted<shifts_only>;
  counting::reset();
  REQUIRE(napier::dot<mac<level, counting, native<float>>, float>(
              std::vector<level>{level{3}, level{2}}, std::vector<level>{level{3}, level{1}}) == 6);
  REQUIRE(counting::count() == 2);
}
