// A convolution takes at most 4 MiB a thread beside its input, weights and output, and gives them back with the thread.
#include <catch2/catch.hpp>

#include <cstddef>
#include <cstdlib>
#include <limits>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include <gemm/paths.hpp>
#include <layers/support.hpp>
#include <napier/accumulators/fixed64.hpp>
#include <napier/accumulators/native.hpp>
#include <napier/accumulators/quire.hpp>
#include <napier/formats/fixed.hpp>
#include <napier/formats/posit.hpp>
#include <napier/layers/batch_norm.hpp>
#include <napier/layers/conv2d.hpp>
#include <napier/mac/mac.hpp>
#include <napier/multipliers/exact.hpp>
#include <napier/multipliers/mitch.hpp>
#include <napier/multipliers/plam.hpp>

// ---- operator new and delete that count: the size stands in a cache line before what they give -------------------

namespace {

constexpr std::size_t header = 64;
std::size_t live_bytes = 0;
std::size_t peak_bytes = 0;  // since it was last set; one thread at a time is measured

void* counted_new(std::size_t size) {
  const std::size_t whole = (size + 2 * header - 1) / header * header;
  auto* memory = static_cast<std::size_t*>(std::aligned_alloc(header, whole));
  if (memory == nullptr) throw std::bad_alloc();
  *memory = size;
  live_bytes += size;
  if (live_bytes > peak_bytes) peak_bytes = live_bytes;
  return reinterpret_cast<char*>(memory) + header;
}

void counted_delete(void* from) {
  if (from == nullptr) return;
  auto* memory = reinterpret_cast<std::size_t*>(static_cast<char*>(from) - header);
  live_bytes -= *memory;
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) { return counted_new(size); }
void* operator new[](std::size_t size) { return counted_new(size); }
void* operator new(std::size_t size, std::align_val_t) { return counted_new(size); }
void* operator new[](std::size_t size, std::align_val_t) { return counted_new(size); }
void operator delete(void* from) noexcept { counted_delete(from); }
void operator delete[](void* from) noexcept { counted_delete(from); }
void operator delete(void* from, std::size_t) noexcept { counted_delete(from); }
void operator delete[](void* from, std::size_t) noexcept { counted_delete(from); }
void operator delete(void* from, std::align_val_t) noexcept { counted_delete(from); }
void operator delete[](void* from, std::align_val_t) noexcept { counted_delete(from); }
void operator delete(void* from, std::size_t, std::align_val_t) noexcept { counted_delete(from); }
void operator delete[](void* from, std::size_t, std::align_val_t) noexcept { counted_delete(from); }

using namespace napier;

namespace {

constexpr std::size_t most_bytes = std::size_t{4} * 1024 * 1024;

struct layer {
  std::size_t channels, height, width, kernel, stride, outputs;
};

// Of both signs, of the exponents low … high: what many windows are asked for.
template <class F>
std::vector<F> numbers(random_bits& random, std::size_t count, int low, int high) {
  std::vector<F> result(count);
  for (F& x : result) x = random.below(9) == 0 ? F{} : paths_test::between_exponents<F>(random, low, high);
  return result;
}

template <class M>
void check_memory(const layer& l, int low, int high) {
  using F = typename M::format;
  random_bits random(3);
  conv2d_parameters p;
  p.kernel_height = p.kernel_width = l.kernel;
  p.stride_height = p.stride_width = l.stride;
  p.pad_top = p.pad_left = p.pad_bottom = p.pad_right = l.kernel / 2;
  tensor<F> input({1, l.channels, l.height, l.width});
  tensor<F> weights({l.outputs, l.channels, l.kernel, l.kernel});
  tensor<F> output({1, l.outputs, p.output_height(l.height), p.output_width(l.width)});
  input.values = numbers<F>(random, input.values.size(), low, high);
  weights.values = numbers<F>(random, weights.values.size(), low, high);
  for (const isa set : paths_test::isas_of_cpu()) {
    if (set == isa::scalar) continue;
    const isa_scope scope(set);
    const conv2d_weights<M> packed(p, weights.view());
    const std::size_t before = live_bytes;
    std::size_t extra = 0;
    std::thread([&] {
      const std::size_t start = peak_bytes = live_bytes;
      conv2d<M>(p, input.view(), packed, {}, output.view());
      extra = peak_bytes - start;
    }).join();
    const std::size_t after = live_bytes;
    INFO(M::name().c_str() << ", " << l.channels << " x " << l.height << " x " << l.width << ", kernel "
                           << l.kernel << ", " << l.outputs << " outputs, exponents " << low << " to " << high
                           << ", " << name_of(set));
    CHECK(extra > 0);
    CHECK(extra <= most_bytes);
    CHECK(after == before);
  }
}

// In place, of planes larger than a strip; a NaN in the last one sends the rest of its plane to the reference.
template <class M>
void check_batch_norm() {
  using F = typename M::format;
  random_bits random(4);
  tensor<F> values({1, 2, 900, 1000});
  values.values = numbers<F>(random, values.values.size(), -6, 2);
  values.values.back() = from_double<F>(std::numeric_limits<double>::quiet_NaN());
  const std::vector<F> scale = numbers<F>(random, 2, 0, 1);
  const std::vector<F> shift = numbers<F>(random, 2, 0, 1);
  std::vector<F> expected(values.values.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const std::size_t channel = i / (expected.size() / 2);
    typename M::accumulator sum{};
    M::accumulate(sum, scale[channel], values.values[i]);
    expected[i] = round_to<F>(M::finish(sum, round_to<typename M::bias_type>(decode(shift[channel]))));
  }
  for (const isa set : paths_test::isas_of_cpu()) {
    if (set == isa::scalar) continue;
    const isa_scope scope(set);
    const batch_norm_weights<M> packed(scale, shift);
    tensor<F> in_place = values;
    std::size_t extra = 0;
    std::thread([&] {
      const std::size_t start = peak_bytes = live_bytes;
      batch_norm_approximate<M>(packed, in_place.view(), in_place.view());
      extra = peak_bytes - start;
    }).join();
    INFO(M::name().c_str() << ", " << name_of(set));
    CHECK(extra > 0);
    CHECK(extra <= most_bytes);
    CHECK(same_bits(in_place.values, expected));
  }
}

template <class M>
void check_layers(int low, int high) {
  check_memory<M>({64, 112, 112, 3, 1, 8}, low, high);
  check_memory<M>({512, 14, 14, 3, 1, 512}, low, high);
  check_memory<M>({2048, 28, 28, 1, 1, 64}, low, high);
  check_memory<M>({48, 28, 28, 3, 1, 512}, low, high);
  check_memory<M>({16, 224, 224, 7, 2, 8}, low, high);
  // rows of which not one fits
  check_memory<M>({600, 1, 3000, 1, 1, 8}, low, high);
  check_memory<M>({50, 3, 6000, 3, 1, 8}, low, high);
  check_memory<M>({50, 5, 9000, 3, 2, 8}, low, high);
}

}  // namespace

TEST_CASE("extra memory of a convolution with running sums") {
  check_layers<mac<float, mitch<6>, native<float>>>(-6, 2);
  check_layers<mac<float, exact, native<double>>>(-6, 2);
}

TEST_CASE("extra memory of a convolution with exact sums") {
  check_layers<mac<posit<16, 1>, exact, quire<posit<16, 1>>>>(-6, 2);
  check_layers<mac<posit<16, 1>, exact, quire<posit<16, 1>>>>(-20, 20);
  check_layers<mac<posit<16, 1>, plam, quire<posit<16, 1>>>>(-12, 10);
  check_layers<mac<fixed32_16, mitch<6>, fixed64>>(-6, 2);
}

TEST_CASE("extra memory of a batch norm in place") {
  check_batch_norm<mac<float, mitch<6>, native<float>>>();
  check_batch_norm<mac<posit<16, 1>, plam, quire<posit<16, 1>>>>();
}

TEST_CASE("extra memory of a convolution over posits of 32 bits") {
  check_layers<mac<posit<32, 2>, exact, quire<posit<32, 2>>>>(-6, 2);
  check_layers<mac<posit<32, 2>, exact, quire<posit<32, 2>>>>(-12, 8);
}
