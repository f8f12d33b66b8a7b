// Integers of 2 to 32 bits as operands, and the quick way of those of at most 16: the same bits as without it.

#include <catch2/catch.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <analysis/plain_statistics.hpp>
#include <napier/analysis/multiplier_errors.hpp>
#include <napier/core/error.hpp>
#include <napier/formats/fixed.hpp>
#include <napier/formats/posit.hpp>
#include <napier/multipliers/drum.hpp>
#include <napier/multipliers/iterative_mitchell.hpp>
#include <napier/multipliers/mbm.hpp>
#include <napier/multipliers/mitch.hpp>
#include <napier/multipliers/mitchell.hpp>
#include <napier/multipliers/plam.hpp>
#include <napier/multipliers/roba.hpp>
#include <napier/multipliers/truncated_array.hpp>

using namespace napier;
using namespace plain_statistics;

namespace {

// Every figure, bit for bit; smallest and largest with their operands.
std::size_t differing_figures(const multiplier_statistics& a, const multiplier_statistics& b) {
  const auto same = [](double x, double y) {
    return std::bit_cast<std::uint64_t>(x) == std::bit_cast<std::uint64_t>(y);
  };
  std::size_t different = a.pairs == b.pairs && a.not_counted == b.not_counted &&
                                  a.zero_products == b.zero_products && a.is_exhaustive == b.is_exhaustive
                              ? 0
                              : 1;
  for (const auto estimated :
       {&multiplier_statistics::mean_relative_error, &multiplier_statistics::mean_absolute_relative_error,
        &multiplier_statistics::variance, &multiplier_statistics::normalised_mean_error_distance,
        &multiplier_statistics::error_probability, &multiplier_statistics::overestimates,
        &multiplier_statistics::underestimates}) {
    different += same((a.*estimated).value, (b.*estimated).value) &&
                         same((a.*estimated).low, (b.*estimated).low) &&
                         same((a.*estimated).high, (b.*estimated).high)
                     ? 0
                     : 1;
  }
  for (const auto worst :
       {&multiplier_statistics::smallest_relative_error, &multiplier_statistics::largest_relative_error,
        &multiplier_statistics::worst_error}) {
    const worst_pair& p = a.*worst;
    const worst_pair& q = b.*worst;
    different +=
        p.exists == q.exists && same(p.value, q.value) && p.left == q.left && p.right == q.right ? 0 : 1;
  }
  return different;
}

multiplier_statistics all_pairs(const multiplier_under_test& subject) {
  return measure_errors(subject, make_operand_source(subject.format(), "all"));
}

// With its quick way, and without.
template <class M, class F>
void compare_ways(const char* name, bool is_quick = true) {
  const auto subject = multiplier_under_test::of<M, F>(name);
  INFO(subject.full_name());
  const std::uint64_t codes[] = {3, 5};
  std::int64_t products[2];
  std::int64_t exact_products[2];
  CHECK(subject.multiply_whole(codes, codes, products, exact_products) == is_quick);
  CHECK_FALSE(subject.without_shortcuts().multiply_whole(codes, codes, products, exact_products));
  CHECK(differing_figures(all_pairs(subject), all_pairs(subject.without_shortcuts())) == 0);
  measurement how;
  how.samples = 5000;
  how.with_map = true;
  operand_source some = make_operand_source(subject.format(), "all");
  some.count = 0;
  const multiplier_statistics quick = measure_errors(subject, some, how);
  const multiplier_statistics slow = measure_errors(subject.without_shortcuts(), some, how);
  CHECK(differing_figures(quick, slow) == 0);
  const std::vector<double> map = quick.map->means();
  const std::vector<double> expected = slow.map->means();
  CHECK(std::equal(map.begin(), map.end(), expected.begin(),
                   [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); }));
}

// Has the quick way, but for a product that is no integer.
struct half_of_minus_one {
  static constexpr bool is_exact = false;
  static constexpr napier::name name() { return "half-of-minus-one"; }
  unpacked multiply(std::int8_t a, std::int8_t b) const {
    return a * b == -1 ? decode(-0.5) : decode(static_cast<std::int64_t>(a) * b);
  }
};
struct half_off_once {
  static constexpr bool is_exact = false;
  static constexpr napier::name name() { return "half-off-once"; }
  unpacked multiply(std::uint8_t a, std::uint8_t b) const {
    return a == 200 && b == 100 ? decode(20000.5) : decode(static_cast<std::int64_t>(a) * b);
  }
};

template <class M>
void compare_widths(const char* name, bool is_signed_only = false) {
  const auto compare = [&](const multiplier_under_test& wide, const multiplier_under_test& native) {
    INFO(native.full_name());
    const multiplier_under_test narrow = wide.narrowed(8);
    CHECK(narrow.full_name() == native.full_name());
    CHECK(differing_figures(all_pairs(narrow), all_pairs(native)) == 0);
    CHECK(differing_figures(all_pairs(narrow.without_shortcuts()), all_pairs(native)) == 0);
  };
  if (!is_signed_only) {
    compare(multiplier_under_test::of<M, std::uint16_t>(name),
            multiplier_under_test::of<M, std::uint8_t>(name));
  }
  compare(multiplier_under_test::of<M, std::int32_t>(name), multiplier_under_test::of<M, std::int8_t>(name));
}

}  // namespace

TEST_CASE("the quick way of narrow integers and fixed point gives the same bits") {
  compare_ways<mitch<5>, std::uint8_t>("mitch5");
  compare_ways<mitch<4, unbiased>, std::int8_t>("mitch4u");
  compare_ways<mitch<4>, fixed<8, 3>>("mitch4");
  compare_ways<off_by_two, std::int8_t>("off-by-two");
  compare_ways<exact, std::int8_t>("exact");
  compare_ways<truncated_array<6, constant_correction>, std::uint8_t>("array6c");
  compare_ways<half_off_once, std::uint8_t>("half-off-once");
  compare_ways<half_of_minus_one, std::int8_t>("half-of-minus-one");
  const multiplier_statistics once = measure_errors<half_off_once, std::uint8_t>();
  CHECK(once.worst_error.value == 0.5);
  CHECK(once.worst_error.left == 200);
  CHECK(once.error_probability.value == 1.0 / 65536);
  compare_ways<plam, posit<8, 1>>("plam", false);
}

TEST_CASE("integers of 2 to 32 bits") {
  compare_widths<mitchell>("mitchell");
  compare_widths<mitch<6, unbiased>>("mitch6u");
  compare_widths<mbm>("mbm", true);
  compare_widths<drum<4>>("drum4");
  compare_widths<roba>("roba");
  compare_widths<iterative_mitchell<2>>("iterative2");
  compare_widths<truncated_array<4, constant_correction>>("array4c");

  const auto magnitudes = multiplier_under_test::of<mitch<3>, std::uint16_t>("mitch3");
  const auto integers = multiplier_under_test::of<mitch<3>, std::int16_t>("mitch3");
  for (int width = 2; width <= 9; ++width) {
    const std::int64_t high = std::int64_t{1} << width;
    const auto expected = [](auto a, auto b) { return integer_mitchell(a, b, 3); };
    const auto most = static_cast<double>(high - 1);
    compare_with(all_pairs(magnitudes.narrowed(width)), by_force(0, high - 1, expected), most * most);
    const double half = static_cast<double>(high) / 2;
    compare_with(all_pairs(integers.narrowed(width)), by_force(-high / 2, high / 2 - 1, expected),
                 half * half);
  }

  std::size_t wrong = 0;
  std::size_t formats = 0;
  for (const bool is_signed : {false, true}) {
    for (int width = 2; width <= 32; ++width, ++formats) {
      const operand_format f = describe_integer(width, is_signed);
      const int magnitude_bits = width - (is_signed ? 1 : 0);
      const double high = std::ldexp(1, magnitude_bits);
      const double low = is_signed ? -high : 0;
      const auto back = [&](double x) { return round_to<double>(f.decode(f.encode(decode(x)))); };
      wrong += f.name == (is_signed ? "int" : "uint") + std::to_string(width) ? 0 : 1;
      wrong += f.width == width && f.significand_bits == magnitude_bits && f.is_signed == is_signed ? 0 : 1;
      wrong += round_to<double>(f.largest) == (is_signed ? high : high - 1) ? 0 : 1;
      wrong += back(high - 1) == high - 1 && back(low) == low && back(0) == 0 ? 0 : 1;
      wrong += back(high + 0.5) == high - 1 && back(low - 1) == low && back(1e30) == high - 1 ? 0 : 1;
      wrong += back(0.5) == 0 && back(high - 1.5) == high - 2 ? 0 : 1;
      wrong += f.encode(decode(-1.0)) == (is_signed ? f.code_mask() : 0) ? 0 : 1;
    }
  }
  CHECK(formats == 62);
  CHECK(wrong == 0);
  CHECK(describe_integer(8, true).name == describe_format<std::int8_t>().name);
  CHECK_THROWS_AS(describe_integer(33, false), error);
  CHECK_THROWS_AS(describe_integer(1, true), error);
  CHECK_THROWS_AS(magnitudes.narrowed(17), error);
  CHECK_THROWS_AS((multiplier_under_test::of<plam, posit<8, 1>>("plam").narrowed(6)), error);
}
