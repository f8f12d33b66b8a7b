// A matrix product under a MAC, on views of memory that is the user's own.

#include <cstddef>
#include <cstdio>
#include <vector>

#include <napier/napier.hpp>

using namespace napier;

int main() {
  using P = posit<16, 1>;
  using cheap = mac<P, plam, quire<P>>;  // approximate multiply, exact accumulate

  constexpr std::size_t m = 2;
  constexpr std::size_t k = 3;
  constexpr std::size_t n = 4;
  std::vector<P> a;
  std::vector<P> b;
  for (std::size_t i = 0; i < m * k; ++i) a.emplace_back(0.5 + 0.25 * static_cast<double>(i));
  for (std::size_t i = 0; i < k * n; ++i) b.emplace_back(1.5 - 0.2 * static_cast<double>(i));

  // The result in the format, or, with the same one rounding, in float or double.
  std::vector<P> c(m * n);
  std::vector<float> wide(m * n);
  gemm<cheap>(matrix_view<const P>{a.data(), m, k}, matrix_view<const P>{b.data(), k, n},
              matrix_view{c.data(), m, n});
  gemm<cheap>(matrix_view<const P>{a.data(), m, k}, matrix_view<const P>{b.data(), k, n},
              matrix_view{wide.data(), m, n});

  std::printf("%s, rounded to posit16_1 (and to float):\n", cheap::name().c_str());
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      std::printf("  %9.5f (%9.5f)", double(c[i * n + j]), double{wide[i * n + j]});
    }
    std::printf("\n");
  }

  // Rows may lie further apart than they are long: the left half of b.
  std::vector<P> half(m * n / 2);
  gemm<cheap>(matrix_view<const P>{a.data(), m, k}, matrix_view<const P>{b.data(), k, n / 2, n},
              matrix_view{half.data(), m, n / 2});
  std::printf("left half: %g %g / %g %g\n", double(half[0]), double(half[1]), double(half[2]),
              double(half[3]));
  return half[1] == c[1] && half[2] == c[n] ? 0 : 1;
}
