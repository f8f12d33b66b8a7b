#pragma once
// tests/gemm/paths.hpp — every path of gemm against reference_gemm, bit for bit, under each instruction set of the CPU.
//
// What      a problem<M> is two matrices, misaligned, padded with poison, and a bias; compare<M, Out> runs the kernels (also where
//           gemm would not, for so few products), gemm, and gemm of a packed_matrix, and looks at the padding of the result
// Coverage  what the CPU has is asked of the CPU, not of napier; each file ends with a test that fails where an instruction
//           set made no product by kernels, and prints the products of each

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include <catch2/catch.hpp>
#include <napier/gemm/gemm.hpp>
#include <oracle/sweep.hpp>

#include "oracle/codes.hpp"

namespace napier::paths_test {

using oracle::code_of;
using oracle::from_code;

// ---- Instruction sets -----------------------------------------------------------------------------------------

inline std::vector<isa> isas_of_cpu() {
  std::vector<isa> sets{isa::scalar};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) sets.push_back(isa::avx2);
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
    sets.push_back(isa::avx512);
  }
#endif
  return sets;
}

struct coverage {
  std::uint64_t by_kernels = 0;
  std::uint64_t refused = 0;
};

inline coverage& covered(isa set) {
  static coverage all[std::size(all_isas)];
  return all[static_cast<std::size_t>(set)];
}

inline void require_coverage() {
  REQUIRE(detected_isa() == isas_of_cpu().back());
  for (const isa set : isas_of_cpu()) {
    if (set == isa::scalar) continue;
    const coverage& c = covered(set);
    std::printf("%s: %llu products by kernels, %llu left to the reference\n", name_of(set),
                static_cast<unsigned long long>(c.by_kernels), static_cast<unsigned long long>(c.refused));
    CHECK(c.by_kernels > 0);
  }
}

// ---- Numbers ----------------------------------------------------------------------------------------------------

template <class F>
F number(double x) {
  return round_to<F>(decode(x));
}
// NaN or NaR; the largest where there is neither.
template <class F>
F poison() {
  return round_to<F>(FixedFormat<F> || IntegerFormat<F> ? decode(1e300) : unpacked::nan());
}
template <class F>
bool is_finite(F x) {
  const unpacked value = decode(x);
  return !value.is_nan() && !value.is_infinity();
}

// |x| in [2^e, 2^(e + 1)), of random sign: one in four a power of two, one in four with all fraction bits set.
template <class F>
F with_exponent(random_bits& random, int e) {
  constexpr int bits = format_traits<F>::significand_bits;
  const std::uint64_t top = std::uint64_t{1} << 63;
  std::uint64_t significand = random() | top;
  const int kind = random.below(4);
  if (kind == 0) significand = top;
  if (kind == 1) significand = ~std::uint64_t{0};
  if constexpr (PositFormat<F>) {
    const int k = e >> F::exponent_bits;
    const int left = F::width - 1 - (k >= 0 ? k + 2 : 1 - k) - F::exponent_bits;
    significand &= ~std::uint64_t{0} << (63 - (left > 0 ? left : 0));
  } else {
    significand &= ~std::uint64_t{0} << (64 - bits);
  }
  return round_to<F>(unpacked::finite(random.below(2) == 0, e, significand));
}

template <class F>
F between_exponents(random_bits& random, int low, int high) {
  return with_exponent<F>(random, low + random.below(high - low + 1));
}

template <class F>
F any_finite(random_bits& random) {
  for (;;) {
    const F x = from_code<F>(random.below(2) == 0 ? random() : random.runs());
    if (is_finite(x)) return x;
  }
}

// ---- Problems -----------------------------------------------------------------------------------------------------

// Rows of `cols` elements, `padding` of poison after each, `shift` before the first; nothing after the last row.
template <class T>
struct padded_matrix {
  std::size_t rows, cols, shift, stride;
  T filling;
  std::vector<T> data;

  padded_matrix(std::size_t r, std::size_t c, std::size_t before, std::size_t padding, T poisoned)
      : rows(r),
        cols(c),
        shift(before),
        stride(c + padding),
        filling(poisoned),
        data(r == 0 ? before : before + (r - 1) * stride + c, poisoned) {}

  matrix_view<T> view() { return {data.data() + shift, rows, cols, stride}; }
  matrix_view<const T> view() const { return {data.data() + shift, rows, cols, stride}; }
  T& operator()(std::size_t i, std::size_t j) { return data[shift + i * stride + j]; }
  const T& operator()(std::size_t i, std::size_t j) const { return data[shift + i * stride + j]; }

  friend bool same_bits(const padded_matrix& a, const padded_matrix& b) {
    if (a.data.size() != b.data.size()) return false;
    for (std::size_t i = 0; i < a.data.size(); ++i) {
      if (code_of(a.data[i]) != code_of(b.data[i])) return false;
    }
    return true;
  }
};

struct layout {
  std::size_t shift = 1;
  std::size_t padding = 3;
};

template <class M>
struct problem {
  using F = typename M::format;
  using B = typename M::bias_type;

  padded_matrix<F> a;
  padded_matrix<F> b;
  std::vector<B> bias;  // used in every other comparison

  problem(std::size_t m, std::size_t n, std::size_t k, const layout& where = {})
      : a(m, k, where.shift, where.padding, poison<F>()),
        b(k, n, where.shift, where.padding, poison<F>()),
        bias(m, number<B>(0)) {}

  // of_a(i, k), of_b(k, j)
  template <class OfA, class OfB>
  problem& fill(OfA of_a, OfB of_b) {
    for (std::size_t i = 0; i < a.rows; ++i) {
      for (std::size_t k = 0; k < a.cols; ++k) a(i, k) = of_a(i, k);
    }
    for (std::size_t k = 0; k < b.rows; ++k) {
      for (std::size_t j = 0; j < b.cols; ++j) b(k, j) = of_b(k, j);
    }
    return *this;
  }
  // Biases that take the sums of column 0 away: exactly, to their last places, or nearly.
  problem& cancel(random_bits& random) {
    padded_matrix<double> sums(a.rows, b.cols, 0, 0, 0.0);
    reference_gemm<M, double>(a.view(), b.view(), sums.view());
    for (std::size_t i = 0; i < bias.size(); ++i) {
      const double tail = random.below(2) == 0 ? 0 : sums(i, 0) * (random.below(2) == 0 ? 0x1p-20 : -0x1p-40);
      bias[i] = number<B>(tail - sums(i, 0));
    }
    return *this;
  }
};

enum class expected : unsigned char { kernels, reference, either };

template <class M, class Out>
bool by_kernels(isa set, const problem<M>& p, std::span<const typename M::bias_type> bias,
                matrix_view<Out> c) {
  bool done = false;
  if constexpr (detail::sum_family_of<M> != detail::sum_family::reference) {
    done = detail::with_engine(set, [&](auto engine) {
      constexpr auto path = detail::path_of<M>();
      const auto rows =
          detail::pack_rows(engine, path, p.a.view(), detail::usual_blocks<detail::lane_of<M>>(p.a.cols));
      return detail::gemm_packed(engine, path, detail::finisher_of<M, Out>(), rows, p.b.view(), bias, c);
    });
  }
  return done;
}

template <class M, class Out = typename M::format>
void compare(sweep& s, const problem<M>& p, const std::string& what, expected path = expected::kernels,
             bool all_doors = false) {
  const auto describe = [&](isa set, const char* door, bool biased) {
    return std::string(M::name().c_str()) + " to " + format_traits<Out>::name().c_str() + ", " + what + ", " +
           std::to_string(p.a.rows) + " x " + std::to_string(p.b.cols) + " x " + std::to_string(p.a.cols) +
           (biased ? ", bias, " : ", ") + name_of(set) + ", " + door;
  };
  const Out filling = poison<Out>();
  for (const bool biased : {false, true}) {
    const std::span<const typename M::bias_type> bias(p.bias.data(), biased ? p.bias.size() : 0);
    padded_matrix<Out> right(p.a.rows, p.b.cols, 1, 2, filling);
    reference_gemm<M, Out>(p.a.view(), p.b.view(), bias, right.view());
    for (const isa set : isas_of_cpu()) {
      const isa_scope scope(set);
      padded_matrix<Out> c(p.a.rows, p.b.cols, 1, 2, filling);
      if (set != isa::scalar) {
        const bool done = by_kernels<M, Out>(set, p, bias, c.view());
        (done ? covered(set).by_kernels : covered(set).refused) += p.a.rows * p.b.cols * p.a.cols;
        s.check(path == expected::either || done == (path == expected::kernels),
                [&] { return describe(set, done ? "not refused" : "refused", biased); });
        s.check(!done || same_bits(c, right), [&] { return describe(set, "kernels", biased); });
        if (done && !all_doors) continue;
      } else if (!all_doors) {
        continue;
      }
      padded_matrix<Out> d(p.a.rows, p.b.cols, 1, 2, filling);
      gemm<M, Out>(p.a.view(), p.b.view(), bias, d.view());
      s.check(same_bits(d, right), [&] { return describe(set, "gemm", biased); });
      if (!all_doors) continue;
      const packed_matrix<M> packed(p.a.view());
      for (const isa other : isas_of_cpu()) {
        const isa_scope used(other);
        for (int again = 0; again < 2; ++again) {
          padded_matrix<Out> e(p.a.rows, p.b.cols, 1, 2, filling);
          gemm<M, Out>(packed, p.b.view(), bias, e.view());
          s.check(same_bits(e, right),
                  [&] { return describe(set, "packed, used under ", biased) + name_of(other); });
        }
      }
    }
  }
}

// ---- Sizes --------------------------------------------------------------------------------------------------------

// Each dimension on its own through 1 … 2 blocks + 3, the others small; depths about the ends of blocks.
// of_a and of_b as for fill; they must be numbers that the kernels take.
template <class M, class OfA, class OfB>
void all_sizes(sweep& s, OfA of_a, OfB of_b, expected path = expected::kernels) {
  constexpr bool in_floats = sizeof(detail::lane_of<M>) == 4;
  constexpr std::size_t widest = 2 * (in_floats ? 48 : 24) + 3;
  constexpr std::size_t tallest = 2 * 8 + 3;
  random_bits random(3);
  const auto run = [&](std::size_t m, std::size_t n, std::size_t k) {
    problem<M> p(m, n, k,
                 {static_cast<std::size_t>(random.below(3)), static_cast<std::size_t>(random.below(5))});
    p.fill(of_a, of_b);
    for (auto& bias : p.bias) bias = number<typename M::bias_type>(random.below(9) - 4.0);
    compare<M>(s, p, "sizes", path);
  };
  for (std::size_t n = 1; n <= widest; ++n) run(n % 2 == 0 ? 9 : 3, n, 3);
  for (std::size_t m = 1; m <= tallest; ++m) run(m, 11, 4);
  for (std::size_t k = 1; k <= 19; ++k) run(5, 5, k);
  for (const std::size_t k : {255, 256, 257, 383, 384, 385, 575, 576, 577, 1000}) run(3, 5, k);
  for (const std::size_t k : {1, 2}) run(17, widest, k);
}

}  // namespace napier::paths_test
