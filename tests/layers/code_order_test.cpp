// Codes ordered as values are; and relu, clip, max_pool, batch norm and functions under each instruction set.
#include <napier/layers/code_order.hpp>

#include <array>
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include <napier/core/isa.hpp>
#include <napier/layers/activation.hpp>
#include <napier/layers/batch_norm.hpp>
#include <napier/layers/order.hpp>
#include <napier/layers/pool.hpp>

#include "oracle/codes.hpp"

using namespace napier;
using oracle::from_code;

namespace {

template <class F>
bool same_bits(F a, F b) {
  using bytes = std::array<unsigned char, sizeof(F)>;
  return std::bit_cast<bytes>(a) == std::bit_cast<bytes>(b);
}

// All codes of up to 11 bits, in disorder; of others a sample with zeros, NaNs and both ends.
template <class F>
std::vector<F> sample() {
  constexpr int n = format_traits<F>::width;
  std::vector<F> codes;
  std::mt19937_64 random{n};
  if constexpr (n <= 11) {
    for (std::uint64_t i = 0; i < (std::uint64_t{1} << n); ++i) codes.push_back(from_code<F>(i * 37 + 5));
  } else {
    for (int i = 0; i < 1500; ++i) codes.push_back(from_code<F>(random() >> random() % n));
    for (std::uint64_t i = 0; i < 20; ++i) {
      codes.push_back(from_code<F>(i - 10));
      codes.push_back(from_code<F>((std::uint64_t{1} << (n - 1)) + i - 10));
    }
    for (const double x : {0.0, -0.0, 1.0, -2.0, 6.0, 1e30, -1e30}) codes.push_back(round_to<F>(decode(x)));
    codes.push_back(round_to<F>(unpacked::nan()));
    codes.push_back(round_to<F>(unpacked::infinity(true)));
    codes.push_back(round_to<F>(unpacked::infinity(false)));
  }
  return codes;
}

template <class F>
std::uint64_t wrong_order() {
  using order = detail::code_order<F>;
  std::uint64_t wrong = 0;
  if constexpr (order::is_known) {
    const std::vector<F> codes = sample<F>();
    for (std::size_t i = 0; i < codes.size(); ++i) {
      const unpacked x = decode(codes[i]);
      wrong += order::is_nan(order::of(codes[i])) != x.is_nan();
      if (x.is_nan()) continue;
      for (std::size_t j = i % 7; j < codes.size(); j += 7) {
        const unpacked y = decode(codes[j]);
        const bool is_less = order::key(order::of(codes[i])) < order::key(order::of(codes[j]));
        wrong += !y.is_nan() && is_less != detail::is_less(x, y);
      }
    }
  }
  return wrong;
}

template <class F>
std::uint64_t differences(const std::vector<F>& a, const std::vector<F>& b) {
  std::uint64_t count = a.size() != b.size();
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) count += !same_bits(a[i], b[i]);
  return count;
}

// What the layers make of the sample, laid end to end.
template <class F>
std::vector<F> through_layers(const std::vector<F>& input) {
  std::vector<F> results;
  std::vector<F> output(input.size());
  const auto keep = [&] { results.insert(results.end(), output.begin(), output.end()); };
  relu<F>(input, output);
  keep();
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (const double low : {-infinity, -1.0, 0.0}) {
    for (const double high : {0.5, 6.0, infinity}) {
      clip<F>(input, low, high, output);
      keep();
    }
  }
  sigmoid<F>(input, output);
  keep();
  const batch_norm_affine affine{{0.3}, {-0.7}};
  batch_norm_exact<F>(affine, tensor_view<const F>(input.data(), 1, 1, 1, input.size()),
                      tensor_view<F>(output.data(), 1, 1, 1, input.size()));
  keep();
  return results;
}

// By the scalar model's definition.
template <class F>
std::vector<F> relu_model(const std::vector<F>& input) {
  std::vector<F> output;
  for (const F x : input) {
    const unpacked value = decode(x);
    output.push_back(!value.is_nan() && value.negative ? round_to<F>(unpacked::zero()) : x);
  }
  return output;
}

template <class F>
std::uint64_t wrong_layers() {
  std::vector<F> input = sample<F>();
  std::uint64_t wrong = 0;
  std::vector<F> expected;
  {
    const isa_scope scope(isa::scalar);
    expected = through_layers(input);
    wrong += differences(relu_model(input),
                         std::vector<F>(expected.begin(), expected.begin() + std::ptrdiff_t(input.size())));
  }
  for (const isa set : all_isas) {
    if (set > detected_isa()) continue;
    const isa_scope scope(set);
    wrong += differences(through_layers(input), expected);
    // every length up to two vectors of bytes, and nothing behind it
    for (std::size_t length = 0; length <= 130 && length < input.size(); ++length) {
      std::vector<F> output(input.begin(), input.begin() + std::ptrdiff_t(length) + 1);
      relu<F>(std::span<const F>(input.data(), length), std::span<F>(output.data(), length));
      for (std::size_t i = 0; i < length; ++i) wrong += !same_bits(output[i], expected[i]);
      wrong += !same_bits(output[length], input[length]);
    }
  }
  return wrong;
}

// Of windows of three, by is_less: the first of equals, the last NaN.
template <class F>
std::uint64_t wrong_maxima() {
  const std::vector<F> input = sample<F>();
  const std::size_t width = input.size();
  std::vector<F> output(width - 2), expected;
  for (std::size_t i = 0; i + 2 < width; ++i) {
    F largest = input[i];
    for (std::size_t j = i + 1; j < i + 3; ++j) {
      const bool takes = decode(input[j]).is_nan() || detail::is_less(decode(largest), decode(input[j]));
      if (takes) largest = input[j];
    }
    expected.push_back(largest);
  }
  pool2d_parameters parameters;
  parameters.kernel_width = 3;
  max_pool<F>(parameters, tensor_view<const F>(input.data(), 1, 1, 1, width),
              tensor_view<F>(output.data(), 1, 1, 1, width - 2));
  return differences(output, expected);
}

}  // namespace

TEMPLATE_TEST_CASE("layers by codes", "", float, double, bfloat16, float16, float8_e5m2, float8_e4m3fn,
                   float8_e4m3fnuz, float8_e8m0, float6_e2m3, binary, (posit<2, 0>), (posit<8, 0>),
                   (posit<11, 1>), (posit<16, 1>), (posit<32, 2>), (posit<64, 2>), (fixed<11, 3>), fixed32_16,
                   (fixed<64, 8>), std::int16_t) {
  CHECK(wrong_order<TestType>() == 0);
  CHECK(wrong_layers<TestType>() == 0);
  if constexpr (format_traits<TestType>::width > 2) CHECK(wrong_maxima<TestType>() == 0);
}
