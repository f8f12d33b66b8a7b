// Multiply-accumulates a second of gemm<Mac> on one thread, on normally distributed square matrices, beside
// OpenBLAS's sgemm where that is installed.

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include <benchmark/benchmark.h>
#include <napier/napier.hpp>

#ifdef NAPIER_BENCH_OPENBLAS
extern "C" void openblas_set_num_threads(int threads);
// NOLINTNEXTLINE(readability-identifier-naming): Fortran's name
extern "C" void sgemm_(const char* trans_a, const char* trans_b, const int* m, const int* n, const int* k,
                       const float* alpha, const float* a, const int* lda, const float* b, const int* ldb,
                       const float* beta, float* c, const int* ldc);
#endif

namespace {

using namespace napier;

template <class F>
std::vector<F> random_matrix(std::size_t size, unsigned seed) {
  std::mt19937_64 random{seed};
  std::normal_distribution<float> normal;
  std::vector<F> matrix;
  for (std::size_t i = 0; i < size * size; ++i) matrix.emplace_back(static_cast<F>(normal(random)));
  return matrix;
}

void count_products(benchmark::State& state) {
  const std::int64_t size = state.range(0);
  state.counters["MAC/s"] = benchmark::Counter(static_cast<double>(size * size * size * state.iterations()),
                                               benchmark::Counter::kIsRate);
}

template <class M>
void gemm(benchmark::State& state) {
  using format = typename M::format;
  const auto size = static_cast<std::size_t>(state.range(0));
  const std::vector<format> a = random_matrix<format>(size, 1);
  const std::vector<format> b = random_matrix<format>(size, 2);
  std::vector<float> c(size * size);
  for (auto _ : state) {
    napier::gemm<M>(matrix_view<const format>{a.data(), size, size},
                    matrix_view<const format>{b.data(), size, size},
                    matrix_view<float>{c.data(), size, size});
    benchmark::ClobberMemory();
  }
  state.SetLabel(M::name().c_str());
  count_products(state);
}

using posit16 = posit<16, 1>;
using posit8 = posit<8, 0>;

#define NAPIER_BENCH_MAC(...) BENCHMARK_TEMPLATE(gemm, __VA_ARGS__)->Arg(64)->Unit(benchmark::kMillisecond)

NAPIER_BENCH_MAC(mac<float, exact, native<float>>);
NAPIER_BENCH_MAC(mac<bfloat16, exact, native<float>>);
NAPIER_BENCH_MAC(mac<float, mitch<6>, native<float>>);
NAPIER_BENCH_MAC(mac<posit16, exact, quire<posit16>>);
NAPIER_BENCH_MAC(mac<posit16, plam, quire<posit16>>);
NAPIER_BENCH_MAC(mac<posit16, rounded<plam, posit16>, native<posit16>>);
NAPIER_BENCH_MAC(mac<posit8, plam, quire<posit8>>);

#ifdef NAPIER_BENCH_OPENBLAS
void openblas_sgemm(benchmark::State& state) {
  openblas_set_num_threads(1);
  const int size = static_cast<int>(state.range(0));
  const std::vector<float> a = random_matrix<float>(static_cast<std::size_t>(size), 1);
  const std::vector<float> b = random_matrix<float>(static_cast<std::size_t>(size), 2);
  std::vector<float> c(a.size());
  const float one = 1;
  const float zero = 0;
  for (auto _ : state) {
    sgemm_("N", "N", &size, &size, &size, &one, a.data(), &size, b.data(), &size, &zero, c.data(), &size);
    benchmark::ClobberMemory();
  }
  count_products(state);
}
BENCHMARK(openblas_sgemm)->Arg(64)->Arg(512)->Unit(benchmark::kMillisecond);
#endif

}  // namespace
