#pragma once
// tests/gemm/paths_exact.hpp — what the paths of exact sums are asked: sizes, zeros, and ranges of operands from one binade to
// the whole format, which stand just inside and just outside each window.

#include <algorithm>
#include <string>

#include <gemm/paths.hpp>
#include <napier/mac/mac.hpp>

namespace napier::paths_test {

template <class M>
struct exact_cases {
  using F = typename M::format;
  static constexpr int least = format_traits<F>::min_exponent;
  static constexpr int most = format_traits<F>::max_exponent;

  sweep s;
  random_bits random{29};
  // Every window was in use, and something was out of all.
  std::uint64_t taken = 0, left = 0;

  // About the middle of the format, few binades.
  F usual() {
    const int middle = PositFormat<F> ? 0 : (least + most) / 2 + 1;
    return between_exponents<F>(random, std::max(least, middle - 3), std::min(most, middle + 2));
  }
  F sometimes(F rare, int one_in) { return random.below(one_in) == 0 ? rare : usual(); }
  static F zero() { return round_to<F>(unpacked::zero()); }

  problem<M> usual_problem(std::size_t m = 13, std::size_t n = 29, std::size_t k = 21) {
    problem<M> p(m, n, k);
    p.fill([&](auto, auto) { return usual(); }, [&](auto, auto) { return usual(); });
    for (auto& bias : p.bias) bias = round_to<typename M::bias_type>(decode(usual()));
    return p;
  }

  void zeros(expected path = expected::kernels) {
    auto p = usual_problem();
    p.fill([&](auto, auto) { return usual(); }, [&](auto, auto) { return sometimes(zero(), 3); });
    compare<M>(s, p, "zeros in b", path);
    p.fill([&](auto, auto) { return sometimes(zero(), 3); }, [&](auto, auto) { return usual(); });
    compare<M>(s, p, "zeros in a", path);
    p.fill([&](auto, auto) { return sometimes(zero(), 3); },
           [&](auto, auto) { return sometimes(zero(), 3); });
    compare<M>(s, p, "zeros in both", path);
    for (const std::size_t depth : {std::size_t{21}, std::size_t{400}}) {
      p = usual_problem(13, 29, depth);
      p.fill([&](auto i, auto) { return i % 3 == 0 || i < 8 ? zero() : usual(); },
             [&](auto, auto j) { return j % 5 == 0 || j > 23 ? zero() : usual(); });
      compare<M>(s, p, "zero rows and columns", path);
      p.fill([&](auto, auto) { return zero(); }, [&](auto, auto) { return usual(); });
      compare<M>(s, p, "a is zero", path);
      p.fill([&](auto, auto) { return usual(); }, [&](auto, auto) { return zero(); });
      compare<M>(s, p, "b is zero", path);
      p.fill([&](auto, auto k) { return k < 256 ? zero() : usual(); },
             [&](auto k, auto) { return k < 256 ? usual() : zero(); });
      compare<M>(s, p, "a zero block", path);
    }
  }

  void nar() {
    if constexpr (PositFormat<F>) {
      for (const int where : {0, 1, 2}) {
        auto p = usual_problem();
        if (where != 1) p.a(9, 3) = F::nar();
        if (where != 0) p.b(20, 28) = F::nar();
        compare<M>(s, p, "NaR", expected::reference, true);
      }
      auto p = usual_problem(2, 5, 700);
      p.b(699, 4) = F::nar();
      compare<M>(s, p, "NaR in the last block", expected::reference);
      p = usual_problem();
      for (auto& bias : p.bias) bias = F::nar();
      compare<M>(s, p, "NaR as a bias", expected::kernels);
    }
  }

  // a of the exponents a_low … a_high, both ends in it, b of b_low … b_high.
  problem<M> of_ranges(std::size_t m, std::size_t n, std::size_t k, int a_low, int a_high, int b_low,
                       int b_high) {
    problem<M> p(m, n, k);
    p.fill([&](auto, auto) { return between_exponents<F>(random, a_low, a_high); },
           [&](auto, auto) { return between_exponents<F>(random, b_low, b_high); });
    if (k > 1) {
      p.a(0, 0) = with_exponent<F>(random, a_low);
      p.a(m - 1, k - 1) = with_exponent<F>(random, a_high);
      p.b(0, 0) = with_exponent<F>(random, b_low);
      p.b(k - 1, n - 1) = with_exponent<F>(random, b_high);
    }
    for (auto& bias : p.bias) bias = round_to<typename M::bias_type>(decode(any_finite<F>(random)));
    return p;
  }

  std::uint64_t by_kernels() {
    std::uint64_t sum = 0;
    for (const isa set : isas_of_cpu()) sum += covered(set).by_kernels;
    return sum;
  }

  template <class Out = F>
  void compare_counted(const problem<M>& p, const std::string& what) {
    const std::uint64_t before = by_kernels();
    compare<M, Out>(s, p, what, expected::either);
    ++(by_kernels() == before ? left : taken);
  }

  void windows(int step = 1) {
    for (int low = 0; low >= least; low -= step) {
      for (const int high : {std::min(most, 0), std::min(most, -low), most}) {
        const std::string text = "exponents " + std::to_string(low) + " to " + std::to_string(high);
        for (const std::size_t k : {3, 300}) {
          if (k == 300 && (low % 4 != 0)) continue;
          compare_counted(of_ranges(9, 5, k, low, high, low, high), text);
          compare_counted<float>(of_ranges(3, 5, k, low, high, low, high), text);
          compare_counted<double>(of_ranges(3, 5, k, low, high, low, high), text);
          compare_counted(of_ranges(3, 5, k, low, high, 0, 1), text + " in a");
          compare_counted(of_ranges(3, 5, k, 0, 1, low, high), text + " in b");
        }
      }
    }
    // both ends alone
    for (const std::size_t k : {2, 5, 300}) {
      auto p = of_ranges(9, 27, k, least, most, least, most);
      const auto end = [&] { return with_exponent<F>(random, random.below(2) == 0 ? least : most); };
      p.fill([&](auto, auto) { return end(); }, [&](auto, auto) { return end(); });
      compare_counted(p, "least and largest");
      p.fill([&](auto i, auto) { return with_exponent<F>(random, i < 8 ? least : most); },
             [&](auto, auto) { return usual(); });
      compare_counted(p, "least and largest rows");
      p.fill([&](auto i, auto) { return with_exponent<F>(random, i < 8 ? least : most); },
             [&](auto, auto j) { return with_exponent<F>(random, j < 24 ? most : least); });
      compare_counted(p, "least and largest rows and columns");
    }
  }

  // One negative product of the largest numbers, in the first of two blocks, which a quire sums: it fits, and so must its parts.
  void one_product() {
    const auto largest = [](bool negative) {
      return round_to<F>(unpacked::finite(negative, most, std::uint64_t{1} << 63));
    };
    problem<M> p(9, 5, 400);
    p.fill([&](auto, auto) { return largest(false); },
           [&](auto k, auto j) { return k == 0 ? largest(j != 2) : zero(); });
    compare<M>(s, p, "one product of the largest", expected::either);
    compare<M, double>(s, p, "one product of the largest", expected::either);
  }

  // Panels of rows of different ranges: each on its own fits a window that both together may not.
  void panels(int step = 1) {
    for (int low = 0; low >= least; low -= step) {
      for (int high = 0; high <= most; high += 2 * step) {
        for (const std::size_t k : {3, 290}) {
          if (k == 290 && (low + high) % 3 != 0) continue;
          auto p = usual_problem(14, 3, k);
          p.fill(
              [&](auto i, auto) {
                return between_exponents<F>(random, i < 8 ? low : high - 1, i < 8 ? low + 1 : high);
              },
              [&](auto, auto j) {
                return j == 0 ? between_exponents<F>(random, 0, 2)
                              : with_exponent<F>(random, std::min(3, most));
              });
          const std::string text = "panels of 2^" + std::to_string(low) + " and 2^" + std::to_string(high);
          compare_counted(p, text);
          if (high % 4 == 0) compare_counted(p.cancel(random), text + ", biases that cancel");
          if (low % 4 == 0) compare_counted<double>(p, text);
          p.fill(
              [&](auto i, auto) {
                return between_exponents<F>(random, i < 8 ? low : high - 1, i < 8 ? low + 1 : high);
              },
              [&](auto, auto) {
                return between_exponents<F>(random, std::max(least, low), std::max(least + 1, low + 1));
              });
          compare_counted(p, text + ", columns of the lower");
          p.fill(
              [&](auto i, auto) {
                return between_exponents<F>(random, i < 8 ? low : high - 1, i < 8 ? low + 1 : high);
              },
              [&](auto, auto) { return between_exponents<F>(random, high - 1, high); });
          compare_counted(p, text + ", columns of the higher");
          if (k == 290 || high % 4 != 0) continue;
          // products of one panel take more than a double
          for (const int span : {most / 8, most / 4, most / 2}) {
            p.fill(
                [&](auto i, auto) {
                  return between_exponents<F>(random, i < 8 ? low : high - 1,
                                              i < 8 ? std::min(most, low + span) : high);
                },
                [&](auto, auto) { return between_exponents<F>(random, 0, span); });
            compare_counted(p, text + ", columns of " + std::to_string(span));
          }
        }
      }
    }
  }

  void cancelling(std::size_t depth, int low, int high) {
    const std::string text =
        "exponents " + std::to_string(low) + " to " + std::to_string(high) + " that cancel";
    auto p = of_ranges(9, 27, depth, low, high, low, high);
    for (std::size_t k = 1; k < depth; k += 2) {
      for (std::size_t j = 0; j < 27; ++j) p.b(k, j) = p.b(k - 1, j);
      for (std::size_t i = 0; i < 9; ++i) {
        unpacked value = decode(p.a(i, k - 1));
        value.negative = !value.negative;
        p.a(i, k) = round_to<F>(value);
      }
    }
    compare_counted(p, text);
    compare_counted<float>(p, text);
    // what is left is one product of the least
    p.a(4, depth - 1) = with_exponent<F>(random, low);
    compare_counted(p, text + " but one");
    p = of_ranges(9, 5, depth, low, high, low, high);
    for (int i = 0; i < 4; ++i) {
      compare_counted(p.cancel(random), text + " with a bias");
      compare_counted<float>(p, text + " with a bias");
    }
  }

  // One operand, of all equal ones otherwise, makes the range of its columns or rows that much wider; sums are as large as their norms
  // allow.
  void outliers(int step) {
    const F one = with_exponent<F>(random, 0);
    const F other = with_exponent<F>(random, 1);
    for (const std::size_t k : {256, 600}) {
      for (int low = -2; low >= least; low -= (k == 600 ? 5 : 1) * step) {
        problem<M> p(9, 50, k);
        p.fill([&](auto, auto) { return one; }, [&](auto, auto j) { return j < 30 ? one : other; });
        p.b(k / 2, 26) = with_exponent<F>(random, low);
        const std::string text = "2^" + std::to_string(low) + " among equal operands";
        compare_counted(p, text + " of b");
        p.a(1, k - 1) = with_exponent<F>(random, low);
        compare_counted<double>(p, text);
        p.fill([&](auto, auto) { return usual(); }, [&](auto, auto) { return usual(); });
        p.b(k / 3, 44) = with_exponent<F>(random, low);
        p.a(8, 3) = with_exponent<F>(random, low / 2);
        compare_counted(p, text + " and usual ones");
      }
    }
  }

  void deep() {
    for (const std::size_t k : {std::size_t{1} << 15, (std::size_t{1} << 16) - 1, std::size_t{1} << 16}) {
      auto p = usual_problem(1, 3, k);
      compare_counted(p, "deep");
      if (k > (1 << 15)) continue;
      for (std::size_t i = 1; i < k; i += 2) {
        unpacked value = decode(p.a(0, i - 1));
        value.negative = !value.negative;
        p.a(0, i) = round_to<F>(value);
        for (std::size_t j = 0; j < 3; ++j) p.b(i, j) = p.b(i - 1, j);
      }
      compare_counted(p, "deep, sums that cancel");
      const F large = with_exponent<F>(random, std::min(most, 6));
      p.fill([&](auto, auto) { return large; }, [&](auto, auto) { return large; });
      compare_counted<double>(p, "deep, all equal");
    }
  }

  void all_cancelling() {
    for (const std::size_t depth : {2, 40, 390}) {
      for (const int low : {least, least / 2, -4, 0}) {
        for (const int high : {0, 4, most / 2, most}) {
          if (low > high || low < least || high > most || (depth > 50 && low == least)) continue;
          cancelling(depth, low, high);
        }
      }
    }
  }

  void any() {
    for (const std::size_t k : {1, 4, 60}) {
      auto p = usual_problem(10, 27, k);
      p.fill([&](auto, auto) { return any_finite<F>(random); },
             [&](auto, auto) { return any_finite<F>(random); });
      compare_counted(p, "any numbers");
      compare_counted<float>(p, "any numbers");
      compare_counted<double>(p, "any numbers");
    }
  }

  void doors(expected path = expected::kernels) {
    auto p = usual_problem();
    compare<M>(s, p, "usual", path, true);
    compare<M, float>(s, p, "usual", path, true);
    compare<M, double>(s, p, "usual", path, true);
    p = usual_problem(3, 60, 600);
    compare<M>(s, p, "two blocks", path, true);
    p = usual_problem(2, 2, 3);
    compare<M>(s, p, "few products", path, true);
  }

  void sizes(expected path = expected::kernels) {
    all_sizes<M>(
        s, [&](auto, auto) { return usual(); }, [&](auto, auto) { return sometimes(zero(), 6); }, path);
  }

  void report() {
    INFO(M::name().c_str());
    REQUIRE(s.report() == passed(s.cases()));
    std::printf("%s: %llu problems by kernels, %llu by the reference\n", M::name().c_str(),
                static_cast<unsigned long long>(taken), static_cast<unsigned long long>(left));
  }
};

template <class M>
void exact_sums(int step = 1) {
  static_assert(detail::is_exact_family(detail::sum_family_of<M>));
  exact_cases<M> cases;
  cases.sizes();
  cases.zeros();
  cases.nar();
  cases.windows(step);
  cases.one_product();
  cases.panels(2 * step);
  cases.all_cancelling();
  cases.any();
  cases.outliers(2 * step);
  cases.deep();
  cases.doors();
  cases.report();
  REQUIRE(cases.taken > 100);
}

}  // namespace napier::paths_test
