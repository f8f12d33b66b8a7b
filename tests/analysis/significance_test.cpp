// Wilson's interval and McNemar's test: published values, and exact rational arithmetic.
#include <napier/analysis/mcnemar.hpp>
#include <napier/analysis/wilson.hpp>

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>

using namespace napier;
using integer = boost::multiprecision::cpp_int;
using rational = boost::multiprecision::cpp_rational;

namespace {

// 2 Σ C(n, k) / 2^n over k ≤ min(b, c), by the binomial coefficients themselves.
rational exact_p(std::size_t b, std::size_t c) {
  const std::size_t n = b + c;
  integer coefficient = 1;
  integer sum = 0;
  for (std::size_t k = 0; k <= std::min(b, c); ++k) {
    sum += coefficient;
    coefficient = coefficient * (n - k) / (k + 1);
  }
  const integer whole = integer(1) << static_cast<unsigned>(n);
  const rational p(2 * sum, whole);
  return p > 1 ? rational(1) : p;
}

bool close(double found, const rational& expected, double bound) {
  const rational difference = abs(rational(found) - expected);
  return difference <= expected * rational(bound);
}

// p (1 − p) z² / n − (k/n − p)², which is zero at both ends.
rational wilson_residue(const rational& p, std::size_t k, std::size_t n, double z) {
  const rational distance = rational(k, n) - p;
  return p * (1 - p) * rational(z) * rational(z) / n - distance * distance;
}

}  // namespace

TEST_CASE("Wilson: the table of Newcombe, Statistics in Medicine 17 (1998), method 3") {
  const struct {
    std::size_t k, n;
    double low, high;
  } published[] = {
      {81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}};
  for (const auto& row : published) {
    const interval found = wilson_interval(row.k, row.n, 1.959964);
    CHECK(std::abs(found.low - row.low) < 0.00005);
    CHECK(std::abs(found.high - row.high) < 0.00005);
  }
}

TEST_CASE("Wilson: both ends solve the equation, and the share is between them") {
  std::size_t tried = 0;
  std::size_t wrong = 0;
  const auto check = [&](std::size_t k, std::size_t n, double z) {
    ++tried;
    const interval found = wilson_interval(k, n, z);
    const double share = static_cast<double>(k) / static_cast<double>(n);
    bool right = found.low <= share && share <= found.high && 0 <= found.low && found.high <= 1;
    // The sign of the residue changes within a relative 1e-14 of the end.
    const rational low(found.low);
    const rational high(found.high);
    const rational nudge(1e-14);
    if (k == 0) {
      right = right && found.low == 0;
    } else {
      right = right && wilson_residue(low * (1 - nudge), k, n, z) < 0 &&
              wilson_residue(low * (1 + nudge), k, n, z) > 0;
    }
    if (k == n) {
      right = right && found.high == 1;
    } else {
      right = right && wilson_residue(high * (1 - nudge), k, n, z) > 0 &&
              wilson_residue(high * (1 + nudge), k, n, z) < 0;
    }
    wrong += right ? 0 : 1;
  };
  for (std::size_t n = 1; n <= 40; ++n) {
    for (std::size_t k = 0; k <= n; ++k) {
      for (const double z : {1.0, z_of_95_percent, 3.0}) check(k, n, z);
    }
  }
  for (const std::size_t n : {1000, 10000, 50000, 1000000000}) {
    for (const std::size_t k : {std::size_t{0}, std::size_t{1}, n / 10, n / 2, n - n / 10, n - 1, n}) {
      check(k, n, z_of_95_percent);
    }
  }
  CHECK(wrong == 0);
  CHECK(tried == 860 * 3 + 28);
}

TEST_CASE("Wilson: of nothing, and of more than all") {
  CHECK(wilson_interval(0, 0).low == 0);
  CHECK(wilson_interval(0, 0).high == 1);
  CHECK_THROWS_AS(wilson_interval(3, 2), shape_error);
}

TEST_CASE("McNemar: by hand") {
  CHECK(mcnemar_p(0, 0) == 1);
  CHECK(mcnemar_p(7, 7) == 1);
  CHECK(mcnemar_p(4, 5) == 1);
  CHECK(mcnemar_p(0, 1) == 1);
  CHECK(mcnemar_p(0, 5) == 0.0625);
  CHECK(mcnemar_p(6, 0) == 0.03125);
  CHECK(mcnemar_p(1, 9) == 22.0 / 1024);  // 2 (1 + 10)
  CHECK(mcnemar_p(9, 1) == 22.0 / 1024);
  CHECK(mcnemar_p(3, 9) == 598.0 / 4096);  // 2 (1 + 12 + 66 + 220)
}

TEST_CASE("McNemar: exact sums of binomial coefficients") {
  std::size_t wrong = 0;
  for (std::size_t b = 0; b <= 60; ++b) {
    for (std::size_t c = 0; c <= 60; ++c) wrong += close(mcnemar_p(b, c), exact_p(b, c), 1e-14) ? 0 : 1;
  }
  CHECK(wrong == 0);
  const std::size_t large[][2] = {{0, 1000},    {480, 520},  {1, 900},    {400, 640},
                                  {1500, 1600}, {900, 2100}, {2000, 2001}};
  for (const auto& pair : large) {
    const double bound = 4 * static_cast<double>(pair[0] + pair[1]) / 9007199254740992.0;
    CHECK(close(mcnemar_p(pair[0], pair[1]), exact_p(pair[0], pair[1]), bound));
    CHECK(mcnemar_p(pair[0], pair[1]) == mcnemar_p(pair[1], pair[0]));
  }
}

TEST_CASE("McNemar: beyond the smallest double, and as many images as ImageNet has") {
  CHECK(mcnemar_p(0, 5000) == 0);
  CHECK(mcnemar_p(0, 1000) == std::ldexp(1, -999));
  CHECK(close(mcnemar_p(24800, 25200), exact_p(24800, 25200), 4 * 50000 / 9007199254740992.0));
}
