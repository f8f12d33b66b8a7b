// Elements of the input a second of pools and batch norms, under each instruction set that the CPU has: 112 x 112 x 64, as behind the
// first convolutions of a large network, and 7 x 7 x 512 before its classifier. Each is compared with the scalar model, bit by bit, before
// it is timed.

#include <algorithm>
#include <cstddef>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <napier/accumulators/fixed64.hpp>
#include <napier/accumulators/native.hpp>
#include <napier/accumulators/quire.hpp>
#include <napier/core/isa.hpp>
#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>
#include <napier/layers/batch_norm.hpp>
#include <napier/layers/pool.hpp>
#include <napier/mac/mac.hpp>
#include <napier/multipliers/exact.hpp>

namespace {

using namespace napier;

constexpr tensor_shape large{1, 64, 112, 112};
constexpr tensor_shape small{1, 512, 7, 7};

template <class F>
std::vector<F> normal_numbers(std::size_t count) {
  std::mt19937_64 random{1};
  std::normal_distribution<double> normal;
  std::vector<F> numbers(count);
  for (F& number : numbers) number = round_to<F>(decode(normal(random)));
  return numbers;
}

// layer(input, output): checked against its own output under isa::scalar, then timed.
template <class F, class Layer>
void measure(benchmark::State& state, isa set, const tensor_shape& input, const tensor_shape& output,
             Layer layer) {
  const std::vector<F> numbers = normal_numbers<F>(input.size());
  std::vector<F> expected(output.size()), actual(output.size());
  const tensor_view<const F> from{numbers.data(), input};
  {
    const isa_scope scope(isa::scalar);
    layer(from, tensor_view<F>{expected.data(), output});
  }
  const isa_scope scope(set);
  layer(from, tensor_view<F>{actual.data(), output});
  const auto bytes = std::as_bytes(std::span<const F>(actual));
  if (!std::equal(bytes.begin(), bytes.end(), std::as_bytes(std::span<const F>(expected)).begin())) {
    state.SkipWithError("differs from the scalar model");
    return;
  }
  for (auto _ : state) {
    layer(from, tensor_view<F>{actual.data(), output});
    benchmark::DoNotOptimize(actual.data());
    benchmark::ClobberMemory();
  }
  state.counters["elements/s"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * static_cast<double>(input.size()),
                         benchmark::Counter::kIsRate);
}

template <class F, class Layer>
void add(const std::string& name, const tensor_shape& input, const tensor_shape& output, Layer layer) {
  for (const isa set : all_isas) {
    if (set > detected_isa()) continue;
    benchmark::RegisterBenchmark(
        (name + "/" + format_traits<F>::name().c_str() + "/" + name_of(set)).c_str(),
        [=](benchmark::State& state) { measure<F>(state, set, input, output, layer); });
  }
}

template <class M>
void add_layers() {
  using F = typename M::format;
  const pool2d_parameters halving{2, 2, 2, 2};
  const pool2d_parameters overlapping{3, 3, 2, 2, 1, 1, 1, 1, 1, 1};
  const tensor_shape halved{1, large.channels, 56, 56};
  add<F>("max 2x2/2", large, halved, [=](auto x, auto y) { max_pool<F>(halving, x, y); });
  add<F>("max 3x3/2", large, halved, [=](auto x, auto y) { max_pool<F>(overlapping, x, y); });
  add<F>("average 2x2/2", large, halved, [=](auto x, auto y) { average_pool<M>(halving, x, y); });
  add<F>("average 3x3/2", large, halved, [=](auto x, auto y) { average_pool<M>(overlapping, x, y); });
  add<F>("global average", small, {1, small.channels, 1, 1},
         [](auto x, auto y) { global_average_pool<M>(x, y); });
  add<F>("batch norm", large, large, [](auto x, auto y) {
    static const batch_norm_affine affine{std::vector<double>(large.channels, 0.7),
                                          std::vector<double>(large.channels, -0.1)};
    batch_norm_exact<F>(affine, x, y);
  });
}

[[maybe_unused]] const bool are_registered = [] {
  add_layers<mac<float, exact, native<float>>>();
  add_layers<mac<bfloat16, exact, native<float>>>();
  add_layers<mac<float8_e4m3fn, exact, native<float>>>();
  add_layers<mac<posit<8, 0>, exact, quire<posit<8, 0>>>>();
  add_layers<mac<posit<16, 1>, exact, quire<posit<16, 1>>>>();
  add_layers<mac<posit<32, 2>, exact, quire<posit<32, 2>>>>();
  add_layers<mac<fixed32_16, exact, fixed64>>();
  return true;
}();

}  // namespace
