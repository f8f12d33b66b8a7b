#include <napier/network/tensor.hpp>

#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>

#include <napier/core/isa.hpp>
#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>

using namespace napier;

namespace {

// More values than a piece of the conversion, and no multiple of a vector.
template <class F>
activation_ptr values_of_all_kinds() {
  auto values = std::make_shared<tensor<F>>(3, shape{779});
  for (std::size_t i = 0; i < values->values.size(); ++i) {
    values->values[i] = F::from_bits(static_cast<std::int64_t>(i * 0x9e3779b97f4a7c15u) >> (64 - F::width));
  }
  return values;
}

template <class To, class From>
std::size_t wrong_conversions() {
  const activation_ptr from = values_of_all_kinds<From>();
  std::size_t wrong = 0;
  for (const isa set : all_isas) {
    if (set > detected_isa()) continue;
    const isa_scope scope(set);
    const auto to = in_format<To>(from);
    if (to->batch() != 3 || to->dimensions() != shape{779}) return from->size();
    for (std::size_t i = 0; i < from->size(); ++i) {
      wrong += decode(to->values[i]) != decode(round_to<To>(from->value(i)));
    }
  }
  return wrong;
}

}  // namespace

TEST_CASE("activations are rounded once to another format") {
  CHECK(wrong_conversions<float, bfloat16>() == 0);
  CHECK(wrong_conversions<posit<16, 1>, bfloat16>() == 0);
  CHECK(wrong_conversions<float8_e4m3fn, posit<32, 2>>() == 0);
  CHECK(wrong_conversions<fixed32_16, posit<16, 1>>() == 0);
  CHECK(wrong_conversions<float, posit<64, 2>>() == 0);  // a double would round it before
  CHECK(wrong_conversions<posit<32, 2>, posit<64, 2>>() == 0);
  CHECK(wrong_conversions<float, fixed<64, 32>>() == 0);
}

TEST_CASE("activations in their own format are not copied") {
  const activation_ptr values = values_of_all_kinds<bfloat16>();
  CHECK(in_format<bfloat16>(values) == values);
}
