// Nanoseconds an operation on random codes of a posit: every code, NaR and zero included, is as likely as any
// other.

#include <array>
#include <cstddef>
#include <random>

#include <benchmark/benchmark.h>
#include <napier/formats/posit.hpp>

namespace {

using napier::posit;

constexpr std::size_t count = 4096;

template <class P>
std::array<P, count> random_codes(unsigned seed) {
  std::mt19937_64 random{seed};
  std::array<P, count> codes;
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
  for (auto _ : state) {
    for (std::size_t i = 0; i < count; ++i) benchmark::DoNotOptimize(operation(a[i], b[i]));
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

template <class P>
void decode(benchmark::State& state) {
  measure<P>(state, [](P a, P) { return napier::decode(a); });
}

template <class P>
void from_float(benchmark::State& state) {
  std::mt19937_64 random{3};
  std::normal_distribution<float> normal;
  std::array<float, count> values;
  for (float& value : values) value = normal(random);
  for (auto _ : state) {
    for (const float value : values) benchmark::DoNotOptimize(P{value});
  }
  count_operations(state);
}

#define NAPIER_BENCH_POSIT(n, es)             \
  BENCHMARK_TEMPLATE(multiply, posit<n, es>); \
  BENCHMARK_TEMPLATE(add, posit<n, es>);      \
  BENCHMARK_TEMPLATE(decode, posit<n, es>);   \
  BENCHMARK_TEMPLATE(from_float, posit<n, es>)

NAPIER_BENCH_POSIT(8, 0);
NAPIER_BENCH_POSIT(16, 1);
NAPIER_BENCH_POSIT(32, 2);

}  // namespace
