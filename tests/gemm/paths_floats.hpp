#pragma once
// tests/gemm/paths_floats.hpp — what the paths of floating-point formats are asked: sizes, zeros, special values, the ends of
// FP32's product range.

#include <algorithm>
#include <limits>
#include <string>

#include <gemm/paths.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/mac/mac.hpp>
#include <napier/multipliers/mitch.hpp>
#include <napier/multipliers/mitchell.hpp>

namespace napier::paths_test {

// Exponents of usual numbers: few binades about 1, in the format's range.
template <class F>
F usual_float(random_bits& random) {
  constexpr int low = std::max(format_traits<F>::min_exponent + format_traits<F>::significand_bits, -9);
  constexpr int high = std::min(format_traits<F>::max_exponent - 2, 4);
  return between_exponents<F>(random, std::min(low, 0), std::max(high, 0));
}

template <class M>
struct float_cases {
  using F = typename M::format;
  static constexpr detail::product_family family = detail::product_of<typename M::multiplier>::family;
  static constexpr bool is_narrow = detail::sum_family_of<M> == detail::sum_family::running_narrow;
  // Products that the instructions do not make: an infinity or NaN is left to the reference.
  static constexpr bool has_own_products = family != detail::product_family::exact || is_narrow;
  // Residues of the smallest and largest numbers are left to it, too, and what a narrow sum may not hold.
  static constexpr expected at_the_ends =
      family == detail::product_family::residual || is_narrow ? expected::either : expected::kernels;

  sweep s;
  random_bits random{17};

  F usual() { return usual_float<F>(random); }
  F sometimes(F rare, int one_in) { return random.below(one_in) == 0 ? rare : usual(); }
  static F zero(bool negative = false) { return round_to<F>(unpacked::zero(negative)); }

  problem<M> usual_problem(std::size_t m = 13, std::size_t n = 53, std::size_t k = 21) {
    problem<M> p(m, n, k);
    p.fill([&](auto, auto) { return usual(); }, [&](auto, auto) { return usual(); });
    for (auto& bias : p.bias) bias = number<typename M::bias_type>(random.below(200) / 16.0 - 6);
    return p;
  }

  template <class... Outs>
  void compare_all(const problem<M>& p, const std::string& what, expected path, bool all_doors = false) {
    compare<M, F>(s, p, what, path, all_doors);
    (compare<M, Outs>(s, p, what, path, all_doors), ...);
  }

  void zeros() {
    for (const bool negative : {false, true}) {
      const F none = zero(negative);
      auto p = usual_problem();
      p.fill([&](auto, auto) { return usual(); }, [&](auto, auto) { return sometimes(none, 3); });
      compare<M>(s, p, "zeros in b");
      p.fill([&](auto, auto) { return sometimes(none, 3); }, [&](auto, auto) { return usual(); });
      compare<M>(s, p, "zeros in a");
      p.fill([&](auto, auto) { return sometimes(none, 3); }, [&](auto, auto) { return sometimes(none, 3); });
      compare<M>(s, p, "zeros in both");
      p.fill([&](auto i, auto) { return i % 3 == 0 || i < 8 ? none : usual(); },
             [&](auto, auto j) { return j % 5 == 0 || j > 47 ? none : usual(); });
      compare<M>(s, p, "zero rows and columns");
      p.fill([&](auto, auto) { return none; }, [&](auto, auto) { return usual(); });
      compare<M>(s, p, "a is zero");
      p.fill([&](auto, auto) { return usual(); }, [&](auto, auto) { return none; });
      compare<M>(s, p, "b is zero");
    }
  }

  void specials() {
    const expected path = has_own_products ? expected::reference : expected::kernels;
    const F infinite = round_to<F>(unpacked::infinity());
    const F nan = round_to<F>(unpacked::nan());
    for (const F special : {infinite, nan}) {
      if (is_finite(special)) continue;
      for (const int where : {0, 1, 2}) {
        auto p = usual_problem();
        for (std::size_t j = 0; j < p.b.cols; j += 2) p.b(3, j) = zero();
        if (where != 1) p.a(9, 3) = special;
        if (where != 0) p.b(20, 52) = special;
        compare_all<float>(p, "special values", path, true);
      }
    }
    // in the second strip of the columns or the second block only
    auto p = usual_problem(2, 5, 700);
    p.b(699, 4) = nan;
    if (!is_finite(nan)) compare<M>(s, p, "NaN in the last block", path);
    p = usual_problem();
    for (auto& bias : p.bias) bias = round_to<typename M::bias_type>(unpacked::nan());
    compare<M>(s, p, "NaN as a bias");
  }

  void whole_range() {
    for (int i = 0; i < 4; ++i) {
      auto p = usual_problem(11, 51, 9 + 100 * static_cast<std::size_t>(i));
      p.fill([&](auto, auto) { return any_finite<F>(random); },
             [&](auto, auto) { return any_finite<F>(random); });
      for (auto& bias : p.bias) bias = any_finite<typename M::bias_type>(random);
      compare_all<float, double>(p, "all finite numbers", at_the_ends);
    }
  }

  // The smallest exponents of a and b add to low, the largest to high.
  void product_range() {
    constexpr int least = format_traits<F>::min_exponent;
    constexpr int most = format_traits<F>::max_exponent;
    int outside = 0;
    for (int low = -130; low <= -122; ++low) {
      for (const int a_low : {-126, -63, -1}) {
        const int b_low = low - a_low;
        if (a_low < least || b_low < least || b_low > most) continue;
        for (const bool with_zeros : {false, true}) {
          auto p = usual_problem(9, 35, 7);
          const auto end = [&](int e) {
            if (with_zeros && random.below(4) == 0) return zero(random.below(2) == 0);
            return with_exponent<F>(random, random.below(2) == 0 ? e : e + random.below(3));
          };
          p.fill([&](auto, auto) { return end(a_low); }, [&](auto, auto) { return end(b_low); });
          p.a(0, 0) = with_exponent<F>(random, a_low);
          p.b(0, 0) = with_exponent<F>(random, b_low);
          for (auto& bias : p.bias) bias = number<typename M::bias_type>(0);
          compare_all<float>(p, "least exponents add to " + std::to_string(low), at_the_ends);
          ++outside;
        }
      }
    }
    for (int high = 122; high <= 130; ++high) {
      for (const int a_high : {127, 63, 1}) {
        const int b_high = high - a_high;
        if (a_high > most || b_high > most || b_high - 2 < least) continue;
        for (const bool with_zeros : {false, true}) {
          auto p = usual_problem(9, 35, 7);
          const auto end = [&](int e) {
            if (with_zeros && random.below(4) == 0) return zero(random.below(2) == 0);
            return with_exponent<F>(random, random.below(2) == 0 ? e : e - random.below(3));
          };
          p.fill([&](auto, auto) { return end(a_high); }, [&](auto, auto) { return end(b_high); });
          p.a(0, 0) = with_exponent<F>(random, a_high);
          p.b(0, 0) = with_exponent<F>(random, b_high);
          compare_all<float>(p, "largest exponents add to " + std::to_string(high), at_the_ends);
          ++outside;
        }
      }
    }
    if (most >= 64) REQUIRE(outside > 20);
  }

  void cancelling() {
    auto p = usual_problem(9, 51, 40);
    p.fill([&](auto, auto) { return usual(); }, [&](auto, auto) { return usual(); });
    for (std::size_t k = 1; k < 40; k += 2) {
      for (std::size_t j = 0; j < 51; ++j) p.b(k, j) = p.b(k - 1, j);
      for (std::size_t i = 0; i < 9; ++i) p.a(i, k) = round_to<F>(negated(decode(p.a(i, k - 1))));
    }
    compare_all<float, double>(p, "sums that cancel", expected::kernels);
    p = usual_problem(9, 51, 40);
    compare<M>(s, p.cancel(random), "biases that cancel");
  }
  static unpacked negated(unpacked x) {
    x.negative = !x.negative;
    return x;
  }

  void doors() {
    auto p = usual_problem();
    compare_all<float, double>(p, "usual", expected::kernels, true);
    p = usual_problem(3, 200, 700);
    compare<M>(s, p, "two blocks", expected::kernels, true);
    for (const std::size_t k : {(std::size_t{1} << 16) - 1, std::size_t{1} << 16}) {
      p = usual_problem(1, 3, k);
      compare<M>(s, p, "deep", expected::kernels);
    }
    p = usual_problem(70, 3, 5);
    compare<M>(s, p, "many rows", expected::kernels, true);
    p = usual_problem(2, 2, 3);
    compare<M>(s, p, "few products", expected::kernels, true);
  }

  void run() {
    all_sizes<M>(
        s, [&](auto, auto) { return usual(); }, [&](auto, auto) { return sometimes(zero(), 6); });
    zeros();
    specials();
    whole_range();
    product_range();
    cancelling();
    doors();
  }
};

// What sums in a narrow float S are asked besides: products and sums halfway between two of its numbers and nearly so, sums at either side
// of its largest and smallest numbers.
template <class M>
struct narrow_cases : float_cases<M> {
  using F = typename M::format;
  using S = typename M::bias_type;
  static constexpr int bits = format_traits<S>::significand_bits;
  std::uint64_t by_kernels = 0;
  std::uint64_t refused = 0;

  using float_cases<M>::random;
  using float_cases<M>::s;

  // A number of so many significant bits, |x| in [2^e, 2^(e + 1)).
  F of_few_bits(int count, int e) {
    const std::uint64_t significand =
        (random() | std::uint64_t{1} << 63) & (~std::uint64_t{0} << (64 - count));
    return round_to<F>(unpacked::finite(random.below(2) == 0, e, significand));
  }
  std::uint64_t kernels() {
    std::uint64_t sum = 0;
    for (const isa set : isas_of_cpu()) sum += covered(set).by_kernels;
    return sum;
  }
  void compare_counted(const problem<M>& p, const std::string& what) {
    const std::uint64_t before = kernels();
    compare<M>(s, p, what, expected::either);
    compare<M, double>(s, p, what, expected::either);
    ++(kernels() == before ? refused : by_kernels);
  }

  void ties() {
    constexpr int most = std::min(bits + 1, format_traits<F>::significand_bits);
    for (int i = 0; i < 12; ++i) {
      auto p = this->usual_problem(9, 51, i < 8 ? 1 + static_cast<std::size_t>(i) : 500);
      // products of bits + 1 significant bits, or a little more, and sums of them
      p.fill([&](auto, auto) { return of_few_bits(std::min(2 + i % 4, most), random.below(3) - 1); },
             [&](auto, auto) { return of_few_bits(std::max(1, most - i % 4), random.below(3) - 1); });
      compare<M>(s, p, "ties");
      compare<M>(s, p.cancel(random), "ties that cancel");
    }
    if constexpr (std::is_same_v<F, float>) {
      // (1 + 2^-23) m (1 − 2^-23 …): a product rounded to float first would be a tie
      for (int i = 0; i < 60; ++i) {
        auto p = this->usual_problem(8, 48, 1);
        const float above = 1 + 0x1p-23f;
        const float below = 1 - 0x1p-24f;
        p.fill([&](auto row, auto) { return row % 2 == 0 ? above : below; },
               [&](auto, auto) { return of_few_bits(bits + 1, 0) * (random.below(2) == 0 ? above : below); });
        compare<M>(s, p, "nearly ties");
      }
    }
  }

  void ends() {
    constexpr int largest = format_traits<S>::max_exponent;
    constexpr int least = format_traits<S>::min_exponent;
    const auto clamped = [](int e) {
      return std::clamp(e, format_traits<F>::min_exponent, format_traits<F>::max_exponent);
    };
    const auto run = [&](int a_low, int b_low, std::size_t depth, const std::string& what) {
      auto p = this->usual_problem(9, 51, depth);
      p.fill([&](auto, auto) { return between_exponents<F>(random, clamped(a_low), clamped(a_low + 1)); },
             [&](auto, auto) { return between_exponents<F>(random, clamped(b_low), clamped(b_low + 1)); });
      compare_counted(p, what);
      for (auto& bias : p.bias) bias = any_finite<S>(random);
      compare_counted(p, what + ", any bias");
      // of one sign: sums grow
      for (auto& x : p.a.data) x = abs_of(x);
      for (auto& x : p.b.data) x = abs_of(x);
      compare_counted(p, what + ", of one sign");
    };
    for (int e = largest - 20; e <= largest + 1; ++e) {
      for (const std::size_t depth : {2, 40})
        run(e / 2, e - e / 2, depth, "products of 2^" + std::to_string(e));
    }
    for (int e = least - 3; e <= least + bits + 3; ++e) {
      for (const std::size_t depth : {1, 2, 40})
        run(e / 2, e - e / 2, depth, "products of 2^" + std::to_string(e));
    }
    // all products in two binades and of one sign: none may be left out of a check by the others
    for (int e = largest - 20; e <= largest + 1; ++e) {
      auto p = this->usual_problem(9, 51, 5);
      p.fill([&](auto, auto) { return abs_of(with_exponent<F>(random, clamped(e / 2))); },
             [&](auto, auto) { return abs_of(with_exponent<F>(random, clamped(e - e / 2))); });
      compare_counted(p, "each product of 2^" + std::to_string(e));
    }
    REQUIRE(by_kernels > 30);
    REQUIRE(refused > 5);
  }
  static F abs_of(F x) {
    unpacked value = decode(x);
    value.negative = false;
    return round_to<F>(value);
  }
};

template <class M>
void narrow_sums() {
  static_assert(detail::sum_family_of<M> == detail::sum_family::running_narrow);
  INFO(M::name().c_str());
  narrow_cases<M> cases;
  cases.run();
  cases.ties();
  cases.ends();
  REQUIRE(cases.s.report() == passed(cases.s.cases()));
  REQUIRE(cases.s.cases() > 1000);
}

template <class M>
void floats() {
  static_assert(detail::sum_family_of<M> != detail::sum_family::reference &&
                detail::sum_family_of<M> != detail::sum_family::exact &&
                detail::sum_family_of<M> != detail::sum_family::rounded);
  INFO(M::name().c_str());
  float_cases<M> cases;
  cases.run();
  REQUIRE(cases.s.report() == passed(cases.s.cases()));
  REQUIRE(cases.s.cases() > 1000);
}

}  // namespace napier::paths_test
