// The histogram of errors: bins that widen, orders and parts that do not matter.

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <napier/analysis/error_histogram.hpp>

using namespace napier;

TEST_CASE("a histogram widens its bins and loses nothing") {
  const std::vector<double> numbers = {0, 1e-9, -1e-9, 0.25, -0.1, 0.2499, 3, -0.1};
  error_histogram forward;
  error_histogram backward;
  error_histogram parts[2];
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    forward.add(numbers[i]);
    backward.add(numbers[numbers.size() - 1 - i]);
    parts[i % 2].add(numbers[i]);
  }
  parts[1].merge(parts[0]);
  const std::vector<error_histogram::bin> bins = forward.bins();
  CHECK(bins.front().from == -0.125);
  CHECK(bins.front().to - bins.front().from == 0x1p-5);
  CHECK(bins.back().to == 3.03125);
  std::size_t total = 0;
  for (const auto& bin : bins) {
    const auto inside =
        std::count_if(numbers.begin(), numbers.end(), [&](double x) { return bin.from <= x && x < bin.to; });
    CHECK(bin.count == static_cast<std::uint64_t>(inside));
    total += bin.count;
  }
  CHECK(total == numbers.size());
  for (const error_histogram* other : {&backward, &parts[1]}) {
    REQUIRE(other->bins().size() == bins.size());
    for (std::size_t i = 0; i < bins.size(); ++i) CHECK(other->bins()[i].count == bins[i].count);
  }
}
