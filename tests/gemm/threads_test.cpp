// A large product deals its columns to threads: the same bits at any number of them, and the reference's. Built with OpenMP.
#include <omp.h>

#include <cstddef>

#include <napier/gemm/gemm.hpp>
#include <napier/multipliers/mitch.hpp>

#include <gemm/paths.hpp>

using namespace napier;
using namespace napier::paths_test;

namespace {

// More threads than columns of panels, too; a NaN sends the whole product to the reference.
template <class M>
void same_bits_at_any_number(std::size_t m, std::size_t n, std::size_t k, bool with_nan) {
  using F = typename M::format;
  random_bits random(31);
  problem<M> p(m, n, k);
  p.fill([&](auto, auto) { return between_exponents<F>(random, -4, 3); },
         [&](auto, auto) { return between_exponents<F>(random, -4, 3); });
  if (with_nan) p.b(k - 1, n - 1) = poison<F>();
  padded_matrix<F> right(m, n, 1, 2, poison<F>());
  reference_gemm<M>(p.a.view(), p.b.view(), right.view());
  for (const isa set : isas_of_cpu()) {
    const isa_scope scope(set);
    for (const int threads : {1, 2, 3, 7}) {
      omp_set_num_threads(threads);
      padded_matrix<F> c(m, n, 1, 2, poison<F>());
      gemm<M>(p.a.view(), p.b.view(), c.view());
      INFO(M::name().c_str() << ", " << name_of(set) << ", " << threads << " threads");
      CHECK(same_bits(c, right));
    }
  }
}

}  // namespace

TEST_CASE("1, 2, 3 and 7 threads") {
  REQUIRE(omp_get_max_threads() >= 1);
  same_bits_at_any_number<mac<float, mitch<6>, native<float>>>(60, 1000, 500, false);
  same_bits_at_any_number<mac<float, exact, native<float>>>(60, 1000, 500, true);
  same_bits_at_any_number<mac<float, mitch<6>, native<float>>>(600, 100, 500, true);
}
