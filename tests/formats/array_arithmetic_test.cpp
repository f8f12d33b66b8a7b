// add, subtract and multiply over arrays against the scalar operations.
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "formats/array_support.hpp"

using namespace napier;
using namespace napier::array_test;

namespace {

// What the three operations get wrong on a_i and b_i, or "".
template <class F>
std::string wrong(const std::vector<F>& a, const std::vector<F>& b) {
  std::vector<F> expected[3];
  for (std::size_t i = 0; i < a.size(); ++i) {
    expected[0].push_back(round_to<F>(add(decode(a[i]), decode(b[i]))));
    expected[1].push_back(round_to<F>(subtract(decode(a[i]), decode(b[i]))));
    expected[2].push_back(round_to<F>(multiply(decode(a[i]), decode(b[i]))));
  }
  std::vector<F> output(a.size());
  std::string text;
  for (const isa set : available_isas()) {
    const isa_scope scope(set);
    for (int operation = 0; operation < 3; ++operation) {
      if (operation == 0) add<F>(a, b, output);
      if (operation == 1) subtract<F>(a, b, output);
      if (operation == 2) multiply<F>(a, b, output);
      for (std::size_t i = 0; i < a.size(); ++i) {
        if (code_of(output[i]) == code_of(expected[operation][i])) continue;
        text += std::string(name_of(set)) + ", " + format_traits<F>::name().c_str() + ": codes " +
                std::to_string(code_of(a[i])) +
                (operation == 0   ? " + "
                 : operation == 1 ? " - "
                                  : " * ") +
                std::to_string(code_of(b[i])) + " give " + std::to_string(code_of(output[i])) +
                ", expected " + std::to_string(code_of(expected[operation][i])) + "\n";
        break;
      }
    }
  }
  return text;
}

template <class F>
std::string wrong_of_all_pairs() {
  std::vector<F> a, b;
  for (const F x : codes_of<F>()) {
    for (const F y : codes_of<F>()) {
      a.push_back(x);
      b.push_back(y);
    }
  }
  return wrong(a, b);
}

// Random codes; those with runs of equal bits, where sums cancel and products end just beside a tie, are as many.
template <class F>
std::string wrong_of_many_pairs() {
  constexpr int n = format_traits<F>::width;
  std::mt19937_64 random{7};
  const auto code = [&] {
    std::uint64_t bits = random();
    if (random() % 2 == 0) return bits;
    bits = 0;
    for (int length = 0; length < n;) {
      const int run = 1 + static_cast<int>(random() % n);
      bits = (bits << (run % 64)) | (random() % 2 == 0 ? 0 : (std::uint64_t{1} << (run % 64)) - 1);
      length += run;
    }
    return bits;
  };
  std::vector<F> a, b;
  for (int i = 0; i < 60000; ++i) {
    a.push_back(from_code<F>(code()));
    // now and then a neighbour of a's or of its negative
    b.push_back(
        from_code<F>(i % 4 != 0 ? code() : code_of(i % 8 == 0 ? a.back() : -a.back()) + random() % 3 - 1));
  }
  const std::vector<F> edges = codes_of<F>();
  for (std::size_t i = 0; i < 300; ++i) {
    for (std::size_t j = 0; j < 50; ++j) {
      a.push_back(edges[edges.size() - 1 - i]);
      b.push_back(edges[edges.size() - 1 - j * 20]);
    }
  }
  return wrong(a, b);
}

}  // namespace

TEST_CASE("array arithmetic: all pairs of small formats") {
  CHECK(wrong_of_all_pairs<posit<2, 0>>() == nothing);
  CHECK(wrong_of_all_pairs<posit<6, 1>>() == nothing);
  CHECK(wrong_of_all_pairs<posit<8, 0>>() == nothing);
  CHECK(wrong_of_all_pairs<posit<8, 2>>() == nothing);
  CHECK(wrong_of_all_pairs<float8_e4m3fn>() == nothing);
  CHECK(wrong_of_all_pairs<float8_e5m2>() == nothing);
  CHECK(wrong_of_all_pairs<float8_e4m3fnuz>() == nothing);
  CHECK(wrong_of_all_pairs<float6_e2m3>() == nothing);
  CHECK(wrong_of_all_pairs<fixed<8, 4>>() == nothing);
}

TEST_CASE("array arithmetic: many pairs of posits") {
  CHECK(wrong_of_many_pairs<posit<16, 0>>() == nothing);
  CHECK(wrong_of_many_pairs<posit<16, 1>>() == nothing);
  CHECK(wrong_of_many_pairs<posit<16, 2>>() == nothing);
  CHECK(wrong_of_many_pairs<posit<16, 4>>() == nothing);
  CHECK(wrong_of_many_pairs<posit<24, 1>>() == nothing);
  CHECK(wrong_of_many_pairs<posit<32, 0>>() == nothing);
  CHECK(wrong_of_many_pairs<posit<32, 2>>() == nothing);
  CHECK(wrong_of_many_pairs<posit<32, 4>>() == nothing);
  CHECK(wrong_of_many_pairs<posit<64, 2>>() == nothing);  // one by one
}

TEST_CASE("array arithmetic: many pairs of floats and fixed-point numbers") {
  CHECK(wrong_of_many_pairs<bfloat16>() == nothing);
  CHECK(wrong_of_many_pairs<float16>() == nothing);
  CHECK(wrong_of_many_pairs<tfloat32>() == nothing);
  CHECK(wrong_of_many_pairs<minifloat<minifloat_spec{5, 22, 15}>>() == nothing);
  CHECK(wrong_of_many_pairs<float>() == nothing);
  CHECK(wrong_of_many_pairs<double>() == nothing);
  CHECK(wrong_of_many_pairs<fixed32_16>() == nothing);
  CHECK(wrong_of_many_pairs<fixed<32, 31>>() == nothing);
  CHECK(wrong_of_many_pairs<fixed<16, 0>>() == nothing);
}

TEST_CASE("array arithmetic: every length; the output may be an operand") {
  for (const isa set : available_isas()) {
    const isa_scope scope(set);
    for (std::size_t length = 0; length < 40; ++length) {
      std::vector<posit<16, 1>> a(length + 1), b(length + 1), expected(length + 1);
      for (std::size_t i = 0; i < length; ++i) {
        a[i] = from_code<posit<16, 1>>(i * 977);
        b[i] = from_code<posit<16, 1>>(i * 1553 + 31);
        expected[i] = a[i] * b[i];
      }
      const std::span<posit<16, 1>> output(a.data(), length);
      multiply(output, std::span<const posit<16, 1>>(b.data(), length), output);
      CHECK(a == expected);
    }
  }
}

TEST_CASE("array arithmetic: arrays of different lengths") {
  std::vector<float> a(3), b(3), output(2);
  CHECK_THROWS_WITH(multiply<float>(a, b, output), Catch::Contains("multiply: operands have 3 and 3"));
  CHECK_THROWS_WITH(subtract<float>(a, output, output), Catch::Contains("the output 2"));
}
