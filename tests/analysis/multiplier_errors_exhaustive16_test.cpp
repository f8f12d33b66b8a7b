// All 2^32 pairs of 16-bit operands: the published means, and the worst pairs that a search finds from a small sample.

#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>
#include <thread>

#include <napier/analysis/multiplier_errors.hpp>
#include <napier/formats/posit.hpp>
#include <napier/multipliers/mitch.hpp>
#include <napier/multipliers/plam.hpp>

using namespace napier;

namespace {

template <class M, class F>
void check_all_pairs(double mean_in_percent, double worst) {
  measurement how;
  how.samples = 1 << 16;
  how.threads = std::thread::hardware_concurrency();
  const multiplier_statistics sample = measure_errors<M, F>(how);
  how.exhaustive = true;
  const multiplier_statistics all = measure_errors<M, F>(how);
  INFO(all.name);
  CHECK(all.pairs == std::uint64_t{1} << 32);
  CHECK(all.is_exhaustive);
  CHECK(std::round(1e4 * all.mean_relative_error.value) == std::round(100 * mean_in_percent));
  CHECK(std::fabs(all.worst_relative_error().value - worst) <= 1e-15);
  CHECK(sample.worst_relative_error().value == all.worst_relative_error().value);
  CHECK(sample.worst_error.value == all.worst_error.value);
}

}  // namespace

TEST_CASE("Mitch-6 on all pairs of 16-bit integers") {
  const double worst = 1.5 + 0x1p-5 - 0x1p-15;
  check_all_pairs<mitch<6>, std::uint16_t>(-5.90, 2 / (worst * worst) - 1);
}

TEST_CASE("PLAM on all pairs of posit<16, 1>") { check_all_pairs<plam, posit<16, 1>>(-3.85, -1.0 / 9); }
