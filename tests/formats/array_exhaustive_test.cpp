// Every float to posits and small floats, under every instruction set, against the scalar model.
#include <bit>
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include <napier/core/isa.hpp>
#include <napier/formats/array.hpp>

using namespace napier;

namespace {

template <class F>
std::uint64_t wrong_of_all_floats() {
  constexpr std::size_t piece = 1 << 16;
  std::vector<float> from(piece);
  std::vector<F> expected(piece), to(piece);
  std::uint64_t wrong = 0;
  for (std::uint64_t first = 0; first >> 32 == 0; first += piece) {
    for (std::size_t i = 0; i < piece; ++i)
      from[i] = std::bit_cast<float>(static_cast<std::uint32_t>(first + i));
    for (std::size_t i = 0; i < piece; ++i) expected[i] = round_to<F>(decode(from[i]));
    for (const isa set : all_isas) {
      if (set == isa::scalar || set > detected_isa()) continue;
      const isa_scope scope(set);
      convert(std::span<const float>(from), std::span<F>(to));
      wrong += std::memcmp(to.data(), expected.data(), piece * sizeof(F)) != 0;
    }
  }
  return wrong;
}

}  // namespace

TEST_CASE("every float to posit16_1") { CHECK(wrong_of_all_floats<posit<16, 1>>() == 0); }
TEST_CASE("every float to bfloat16") { CHECK(wrong_of_all_floats<bfloat16>() == 0); }
TEST_CASE("every float to float8_e4m3fn") { CHECK(wrong_of_all_floats<float8_e4m3fn>() == 0); }
