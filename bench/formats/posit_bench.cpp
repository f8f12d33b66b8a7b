// Nanoseconds an operation on random codes of a posit: every code, NaR and zero included, is as likely as any
// other.

#include <cstddef>
#include <random>
#include <vector>

#include <benchmark/benchmark.h>
#include <napier/accumulators/quire.hpp>
#include <napier/formats/posit.hpp>

namespace {

using napier::posit;

constexpr std::size_t count = 1 << 14;  // more than a branch predictor learns by heart

template <class P>
std::vector<P> random_codes(unsigned seed) {
  std::mt19937_64 random{seed};
  std::vector<P> codes(count);
  for (P& code : codes) code = P::from_bits(random());
  return codes;
}

void count_operations(benchmark::State& state) {
  state.counters["time/op"] = benchmark::Counter(static_cast<double>(state.iterations()) * count,
                                                 benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

// Independent operations, one after the other: throughput, not latency.
template <class P, class Operation>
void measure(benchmark::State& state, Operation operation) {
  const auto a = random_codes<P>(1);
  const auto b = random_codes<P>(2);
  std::vector<decltype(operation(a[0], b[0]))> results(count);
  for (auto _ : state) {
    for (std::size_t i = 0; i < count; ++i) results[i] = operation(a[i], b[i]);
    benchmark::DoNotOptimize(results.data());
    benchmark::ClobberMemory();
  }
  count_operations(state);
}

template <class P>
void multiply(benchmark::State& state) {
  measure<P>(state, [](P a, P b) { return a * b; });
}

template <class P>
void add(benchmark::State& state) {
  measure<P>(state, [](P a, P b) { return a + b; });
}

// One sum of exact products.
template <class P>
void quire_accumulate(benchmark::State& state) {
  const auto a = random_codes<P>(1);
  const auto b = random_codes<P>(2);
  for (auto _ : state) {
    napier::quire<P> sum;
    for (std::size_t i = 0; i < count; ++i) sum.add_product(a[i], b[i]);
    benchmark::DoNotOptimize(sum);
  }
  count_operations(state);
}

template <class P>
void decode(benchmark::State& state) {
  measure<P>(state, [](P a, P) { return napier::decode(a); });
}

template <class P>
void from_float(benchmark::State& state) {
  std::mt19937_64 random{3};
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  for (auto _ : state) {
    for (const float value : values) benchmark::DoNotOptimize(P{value});
  }
  count_operations(state);
}

#define NAPIER_BENCH_POSIT(n, es)                     \
  BENCHMARK_TEMPLATE(multiply, posit<n, es>);         \
  BENCHMARK_TEMPLATE(add, posit<n, es>);              \
  BENCHMARK_TEMPLATE(quire_accumulate, posit<n, es>); \
  BENCHMARK_TEMPLATE(decode, posit<n, es>);           \
  BENCHMARK_TEMPLATE(from_float, posit<n, es>)

NAPIER_BENCH_POSIT(8, 0);
NAPIER_BENCH_POSIT(16, 1);
NAPIER_BENCH_POSIT(32, 2);

}  // namespace
