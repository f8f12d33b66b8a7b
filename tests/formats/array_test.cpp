#include <napier/formats/array.hpp>

#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "formats/array_support.hpp"

using namespace napier;
using namespace napier::array_test;

TEST_CASE("conversions: float and double") {
  CHECK(mismatch<double, float>(codes_of<float>()) == nothing);
  CHECK(mismatch<float, float>(codes_of<float>()) == nothing);
  CHECK(mismatch<double, double>(codes_of<double>()) == nothing);
  CHECK(mismatch<float, double>(codes_of<double>()) == nothing);
  CHECK(mismatch<float, double>(boundaries_of<double, float>()) == nothing);
}

TEST_CASE("conversions between two small formats") {
  CHECK(mismatch<bfloat16, posit<16, 1>>(codes_of<posit<16, 1>>()) == nothing);
  CHECK(mismatch<posit<16, 1>, bfloat16>(codes_of<bfloat16>()) == nothing);
  CHECK(mismatch<float8_e4m3fn, posit<32, 2>>(codes_of<posit<32, 2>>()) == nothing);
  CHECK(mismatch<fixed32_16, float16>(codes_of<float16>()) == nothing);
  CHECK(mismatch<std::int32_t, posit<16, 1>>(codes_of<posit<16, 1>>()) == nothing);  // one by one
}

namespace {

// Arrays of each length from each start, inside others whose elements must not change.
template <class To, class From>
std::size_t wrong_lengths() {
  constexpr std::size_t longest = 70;  // more than two vectors of the narrowest elements
  std::vector<From> from;
  for (std::size_t i = 0; i < longest + 16; ++i)
    from.push_back(round_to<From>(decode(static_cast<int>(i) - 40)));
  const To untouched = round_to<To>(decode(1.5));
  std::size_t wrong = 0;
  for (const isa set : available_isas()) {
    const isa_scope scope(set);
    for (std::size_t start = 0; start < 8; ++start) {
      for (std::size_t length = 0; length <= longest; ++length) {
        std::vector<To> to(longest + 16, untouched);
        convert<To, From>(std::span<const From>(from).subspan(start, length),
                          std::span<To>(to).subspan(start + 1, length));
        for (std::size_t i = 0; i < to.size(); ++i) {
          const bool inside = start + 1 <= i && i < start + 1 + length;
          const To expected = inside ? round_to<To>(decode(from[i - 1])) : untouched;
          if (code_of(to[i]) != code_of(expected)) ++wrong;
        }
      }
    }
  }
  return wrong;
}

}  // namespace

TEST_CASE("conversions: every length, unaligned, nothing around it is touched") {
  CHECK(wrong_lengths<posit<16, 1>, float>() == 0);
  CHECK(wrong_lengths<float, posit<8, 0>>() == 0);
  CHECK(wrong_lengths<posit<32, 2>, double>() == 0);
  CHECK(wrong_lengths<float, bfloat16>() == 0);
  CHECK(wrong_lengths<float8_e4m3fn, double>() == 0);
}

TEST_CASE("conversions in place") {
  for (const isa set : available_isas()) {
    const isa_scope scope(set);
    std::vector<posit<32, 2>> codes = codes_of<posit<32, 2>>();
    std::vector<posit<32, 2>> in_place = codes;
    convert<posit<32, 2>, posit<32, 2>>(in_place, in_place);
    CHECK(in_place == codes);
  }
}

TEST_CASE("arrays of different lengths do not convert") {
  const std::vector<float> from(3);
  std::vector<bfloat16> to(4);
  CHECK_THROWS_WITH((convert<bfloat16, float>(from, to)),
                    Catch::Contains("4 elements") && Catch::Contains("expected 3"));
}
