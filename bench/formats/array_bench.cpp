// Values a second of operations on arrays, under each instruction set that the CPU has; 4096 elements, in the first two
// levels of cache. Each is compared with the scalar model, bit by bit, before it is timed.

#include <algorithm>
#include <cstddef>
#include <random>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <benchmark/benchmark.h>
#include <napier/core/isa.hpp>
#include <napier/formats/array.hpp>
#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>
#include <napier/layers/activation.hpp>

namespace {

using namespace napier;

constexpr std::size_t count = 4096;

// Random codes; of float and double, what networks hold.
template <class F>
std::vector<F> random_numbers(unsigned seed) {
  std::mt19937_64 random{seed};
  std::normal_distribution<double> normal;
  std::vector<F> numbers(count);
  for (F& number : numbers) {
    if constexpr (std::is_floating_point_v<F>) {
      number = static_cast<F>(normal(random));
    } else {
      number = F::from_bits(static_cast<std::int64_t>(random()));
    }
  }
  return numbers;
}

// operation(output): checked against its own output under isa::scalar, then timed.
template <class F, class Operation>
void measure(benchmark::State& state, isa set, Operation operation) {
  std::vector<F> expected(count), output(count);
  {
    const isa_scope scope(isa::scalar);
    operation(std::span<F>(expected));
  }
  const isa_scope scope(set);
  operation(std::span<F>(output));
  const auto bytes = std::as_bytes(std::span<const F>(output));
  if (!std::equal(bytes.begin(), bytes.end(), std::as_bytes(std::span<const F>(expected)).begin())) {
    state.SkipWithError("differs from the scalar model");
    return;
  }
  for (auto _ : state) {
    operation(std::span<F>(output));
    benchmark::DoNotOptimize(output.data());
    benchmark::ClobberMemory();
  }
  state.counters["values/s"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * count, benchmark::Counter::kIsRate);
}

template <class Register>
void for_each_isa(const std::string& name, Register function) {
  for (const isa set : all_isas) {
    if (set > detected_isa()) continue;
    benchmark::RegisterBenchmark((name + "/" + name_of(set)).c_str(),
                                 [=](benchmark::State& state) { function(state, set); });
  }
}

template <class F>
std::string text_of() {
  return format_traits<F>::name().c_str();
}

template <class To, class From>
void register_conversion() {
  for_each_isa("convert/" + text_of<From>() + "/" + text_of<To>(), [](benchmark::State& state, isa set) {
    const std::vector<From> from = random_numbers<From>(1);
    measure<To>(state, set, [&](std::span<To> to) { convert(std::span<const From>(from), to); });
  });
}

template <class F>
void register_conversions() {
  register_conversion<F, float>();
  register_conversion<float, F>();
}

template <class F>
void register_arithmetic() {
  for_each_isa("multiply/" + text_of<F>(), [](benchmark::State& state, isa set) {
    const std::vector<F> a = random_numbers<F>(1), b = random_numbers<F>(2);
    measure<F>(state, set, [&](std::span<F> to) { multiply<F>(a, b, to); });
  });
  for_each_isa("add/" + text_of<F>(), [](benchmark::State& state, isa set) {
    const std::vector<F> a = random_numbers<F>(1), b = random_numbers<F>(2);
    measure<F>(state, set, [&](std::span<F> to) { add<F>(a, b, to); });
  });
}

template <class F>
void register_relu() {
  for_each_isa("relu/" + text_of<F>(), [](benchmark::State& state, isa set) {
    const std::vector<F> from = random_numbers<F>(1);
    measure<F>(state, set, [&](std::span<F> to) { relu<F>(from, to); });
  });
}

[[maybe_unused]] const bool are_registered = [] {
  register_conversions<posit<8, 0>>();
  register_conversions<posit<16, 1>>();
  register_conversions<posit<32, 2>>();
  register_conversions<bfloat16>();
  register_conversions<float16>();
  register_conversions<float8_e4m3fn>();
  register_conversions<float8_e5m2>();
  register_conversions<fixed32_16>();
  register_conversion<posit<16, 1>, double>();
  register_conversion<posit<32, 2>, double>();
  register_arithmetic<posit<8, 0>>();
  register_arithmetic<posit<16, 1>>();
  register_arithmetic<posit<32, 2>>();
  register_arithmetic<bfloat16>();
  register_arithmetic<float16>();
  register_arithmetic<float8_e4m3fn>();
  register_arithmetic<fixed32_16>();
  register_relu<float>();
  register_relu<posit<16, 1>>();
  return true;
}();

}  // namespace
