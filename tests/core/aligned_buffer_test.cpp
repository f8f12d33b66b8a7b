#include <napier/core/aligned_buffer.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <type_traits>
#include <utility>

using napier::detail::aligned_buffer;
using napier::detail::block_cache;
using napier::detail::memory_block;

static_assert(!std::is_copy_constructible_v<aligned_buffer<float>>);
static_assert(std::is_nothrow_move_constructible_v<aligned_buffer<float>>);

namespace {

bool is_aligned(const void* data) { return reinterpret_cast<std::uintptr_t>(data) % 64 == 0; }

// Given back after main, when the main thread's cache is gone.
aligned_buffer<double> of_the_program;

}  // namespace

TEST_CASE("a buffer is aligned and holds what it was asked for") {
  for (const std::size_t size : {1, 7, 64, 1000, 1 << 20}) {
    aligned_buffer<float> buffer(size);
    REQUIRE(is_aligned(buffer.data()));
    REQUIRE(buffer.size() == size);
    for (std::size_t i = 0; i < size; ++i) buffer[i] = static_cast<float>(i);
    REQUIRE(std::as_const(buffer)[size - 1] == static_cast<float>(size - 1));
  }
  const aligned_buffer<float> none;
  REQUIRE(none.size() == 0);
  REQUIRE(none.data() == nullptr);
}

TEST_CASE("reserve keeps what is large enough, and grows what is not") {
  aligned_buffer<int> buffer(100);
  buffer[99] = 5;
  const int* data = buffer.data();
  buffer.reserve(50);
  REQUIRE(buffer.data() == data);
  REQUIRE(buffer.size() == 100);
  REQUIRE(buffer[99] == 5);
  buffer.reserve(1 << 16);
  REQUIRE(buffer.size() == 1 << 16);
  REQUIRE(is_aligned(buffer.data()));
  buffer[(1 << 16) - 1] = 6;
  REQUIRE(buffer[(1 << 16) - 1] == 6);
}

TEST_CASE("a moved buffer takes its memory along") {
  aligned_buffer<int> a(10);
  a[3] = 33;
  const int* data = a.data();
  aligned_buffer<int> b(std::move(a));
  REQUIRE(b.data() == data);
  REQUIRE(b[3] == 33);
  aligned_buffer<int> c(20);
  c = std::move(b);
  REQUIRE(c.data() == data);
  REQUIRE(c.size() == 10);
}

TEST_CASE("freed memory is used again, unless it is far too large") {
  const void* first = nullptr;
  {
    const aligned_buffer<char> buffer(100'000);
    first = buffer.data();
  }
  const aligned_buffer<char> same(90'000);
  REQUIRE(same.data() == first);
  block_cache cache;
  const memory_block large = cache.take(1 << 20);
  const void* kept = large.data;
  cache.give(large);
  const memory_block small = cache.take(1 << 10);
  REQUIRE(small.data != kept);
  const memory_block fitting = cache.take(1 << 19);
  REQUIRE(fitting.data == kept);
  REQUIRE(fitting.bytes == 1 << 20);
  cache.give(small);
  cache.give(fitting);
}

TEST_CASE("two live buffers never share memory") {
  aligned_buffer<int> buffers[20];
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 20; ++i) {
      buffers[i] = aligned_buffer<int>(static_cast<std::size_t>(1000 + 37 * ((i + round) % 7)));
      for (std::size_t k = 0; k < buffers[i].size(); ++k) buffers[i][k] = i;
    }
    for (int i = 0; i < 20; ++i) {
      for (std::size_t k = 0; k < buffers[i].size(); ++k)
        if (buffers[i][k] != i) FAIL("shared");
    }
  }
}

TEST_CASE("more than a cache keeps is given back") {
  block_cache cache;
  memory_block blocks[20];
  for (memory_block& block : blocks) block = cache.take(block_cache::max_bytes / 3);
  for (memory_block& block : blocks) cache.give(block);  // the sanitizer counts what is lost
  cache.give(cache.take(block_cache::max_bytes + 1));
}

TEST_CASE("a buffer may outlive its thread's cache") {
  of_the_program = aligned_buffer<double>(1000);
  of_the_program[999] = 1;
  REQUIRE(of_the_program.size() == 1000);
}
