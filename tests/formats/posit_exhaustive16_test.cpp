// All 2^32 pairs of posit<16, 1> and posit<16, 2>: products and sums against a second implementation.
#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <napier/formats/posit.hpp>

#include "oracle/sweep.hpp"
#include "oracle/walked_posits.hpp"

namespace {

using namespace napier;

// Rows (all b of one a) on all threads; the number of pairs, and the first that differs.
template <class P, class Expected, class Operation>
void all_pairs(Expected expected_of, Operation operation) {
  constexpr std::uint32_t codes = 65536;
  std::atomic<std::uint32_t> next_row{0};
  std::atomic<std::uint64_t> right{0};
  std::mutex lock;
  std::string first;
  const auto work = [&] {
    std::vector<std::uint32_t> expected;
    for (std::uint32_t a = next_row++; a < codes; a = next_row++) {
      expected_of(a, expected);
      std::uint64_t count = 0;
      for (std::uint32_t b = 0; b < codes; ++b) {
        const std::uint32_t got = operation(P::from_bits(a), P::from_bits(b)).bits();
        if (got == expected[b]) {
          ++count;
        } else if (const std::lock_guard guard(lock); first.empty()) {
          first = text(a, b, got, expected[b]);
        }
      }
      right += count;
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::max(1u, std::thread::hardware_concurrency()); ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  INFO(P::name().c_str() << ", first: " << first);
  REQUIRE(right == std::uint64_t{codes} * codes);
  report_pairs(right);
}

template <class P>
void products() {
  const oracle::walked_posits walked(P::width, P::exponent_bits);
  all_pairs<P>([&](std::uint32_t a, auto& row) { walked.products_of(a, row); },
               [](P a, P b) { return a * b; });
}

template <class P>
void sums() {
  const oracle::walked_posits walked(P::width, P::exponent_bits);
  all_pairs<P>([&](std::uint32_t a, auto& row) { walked.sums_of(a, row); }, [](P a, P b) { return a + b; });
}

}  // namespace

TEST_CASE("products of posit<16, 1>") { products<posit<16, 1>>(); }
TEST_CASE("products of posit<16, 2>") { products<posit<16, 2>>(); }
TEST_CASE("sums of posit<16, 1>") { sums<posit<16, 1>>(); }
TEST_CASE("sums of posit<16, 2>") { sums<posit<16, 2>>(); }
