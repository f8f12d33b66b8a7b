// posit<32, 2> with its quire.
#include <gemm/paths.hpp>

#include <gemm/paths_exact.hpp>
#include <napier/accumulators/quire.hpp>
#include <napier/formats/posit.hpp>
#include <napier/multipliers/plam.hpp>

using namespace napier;
using namespace napier::paths_test;

TEST_CASE("posit<32, 2>, exact") { exact_sums<mac<posit<32, 2>, exact, quire<posit<32, 2>>>>(6); }
TEST_CASE("posit<32, 2>, plam") { exact_sums<mac<posit<32, 2>, plam, quire<posit<32, 2>>>>(6); }

// (2^20 + n / 4)(2^20 − n / 4) − 2^40 = −n² / 16, a few of the products' last units; biases that take it away have 27
// fraction bits below.
TEST_CASE("biases whose last bits are far below the sum's") {
  using p32 = posit<32, 2>;
  using M = mac<p32, exact, quire<p32>>;
  sweep s;
  random_bits random(7);
  for (int n = -9; n <= 9; ++n) {
    problem<M> p(8, 3, 500);
    p.fill([&](auto, auto) { return between_exponents<p32>(random, 20, 21); },
           [&](auto, auto) { return between_exponents<p32>(random, 20, 21); });
    for (std::size_t k = 1; k < 500; k += 2) {
      for (std::size_t j = 0; j < 3; ++j) p.b(k, j) = p.b(k - 1, j);
      for (std::size_t row = 0; row < 8; ++row) p.a(row, k) = -p.a(row, k - 1);
    }
    for (std::size_t j = 0; j < 3; ++j) {
      p.b(0, j) = number<p32>(0x1p20 - n / 4.0);
      p.b(1, j) = number<p32>(0x1p20);
    }
    for (std::size_t row = 0; row < 8; ++row) {
      p.a(row, 0) = number<p32>(0x1p20 + n / 4.0);
      p.a(row, 1) = number<p32>(row % 2 == 0 ? -0x1p20 : -0x1p20 + 1);
      p.bias[row] = between_exponents<p32>(random, -6, 22);
    }
    compare<M>(s, p, "bias");
    compare<M, float>(s, p, "bias");
    compare<M, double>(s, p, "bias");
    compare<M>(s, p.cancel(random), "bias that cancels");
    for (std::size_t row = 0; row < 8; ++row) {
      const int apart = row % 2 == 0 ? 1 : -1;
      p.bias[row] =
          p32::from_bits(number<p32>(n * n / 16.0).bits() + static_cast<std::int32_t>(row / 4) * apart);
      p.a(row, 1) = number<p32>(-0x1p20);
    }
    compare<M>(s, p, "bias that nearly cancels");
    compare<M, float>(s, p, "bias that nearly cancels");
  }
  REQUIRE(s.report() == passed(s.cases()));
}

TEST_CASE("each instruction set was covered") { require_coverage(); }
