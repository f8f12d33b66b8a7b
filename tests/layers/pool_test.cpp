#include <catch2/catch.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include <layers/support.hpp>
#include <napier/accumulators/compensated.hpp>
#include <napier/accumulators/fixed64.hpp>
#include <napier/accumulators/native.hpp>
#include <napier/accumulators/quire.hpp>
#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>
#include <napier/layers/pool.hpp>
#include <napier/mac/mac.hpp>
#include <napier/multipliers/exact.hpp>
#include <napier/multipliers/mitch.hpp>
#include <napier/multipliers/plam.hpp>

using namespace napier;
using Catch::Contains;

namespace {

using float32_mac = mac<float, exact, native<float>>;
constexpr double quiet_nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

std::string describe(const pool2d_parameters& p, const tensor_shape& input) {
  return shape_text(input) + ", kernel " + std::to_string(p.kernel_height) + " " +
         std::to_string(p.kernel_width) + ", stride " + std::to_string(p.stride_height) + " " +
         std::to_string(p.stride_width) + ", dilation " + std::to_string(p.dilation_height) + " " +
         std::to_string(p.dilation_width) + ", pads " + std::to_string(p.pad_top) + " " +
         std::to_string(p.pad_left) + " " + std::to_string(p.pad_bottom) + " " + std::to_string(p.pad_right) +
         (p.ceil_mode ? ", ceil" : "") + (p.count_include_pad ? ", include" : "");
}

// The number of windows by counting them; this very count agrees with PyTorch's on 2,304 combinations.
std::size_t count_windows(std::size_t input, std::size_t kernel, std::size_t stride, std::size_t dilation,
                          std::size_t before, std::size_t after, bool ceil_mode) {
  const std::size_t extent = (kernel - 1) * dilation + 1;
  const std::size_t padded = before + input + after;
  std::size_t count = 0;
  if (!ceil_mode) {
    while (count * stride + extent <= padded) ++count;
    return count;
  }
  if (extent > padded + stride - 1) return 0;
  // one more as long as the last does not reach the end and the next still starts inside
  for (count = 1; (count - 1) * stride + extent < padded && count * stride < before + input;) ++count;
  return count;
}

// One axis: which elements of the input each window holds, and how many places of the padded input.
struct window {
  std::vector<std::size_t> elements;
  std::size_t places = 0;
};
std::vector<window> windows(std::size_t input, std::size_t kernel, std::size_t stride, std::size_t dilation,
                            std::size_t before, std::size_t after, bool ceil_mode) {
  std::vector<window> result(count_windows(input, kernel, stride, dilation, before, after, ceil_mode));
  for (std::size_t i = 0; i < result.size(); ++i) {
    for (std::size_t tap = 0; tap < kernel; ++tap) {
      const std::size_t place = i * stride + tap * dilation;
      if (place >= before && place < before + input) result[i].elements.push_back(place - before);
      if (place < before + input + after) ++result[i].places;
    }
  }
  return result;
}

struct pooling {
  pool2d_parameters parameters;
  tensor_shape input;
  std::vector<window> rows;
  std::vector<window> cols;

  tensor_shape output() const { return {input.batch, input.channels, rows.size(), cols.size()}; }
};

pooling random_pooling(random_bits& random, bool dilated = true, int widest = 9) {
  for (;;) {
    pooling pool;
    pool2d_parameters& p = pool.parameters;
    const int most = dilated ? 3 : 1;
    p = {between(random, 1, 4),    between(random, 1, 4),    between(random, 1, 4), between(random, 1, 4),
         between(random, 1, most), between(random, 1, most), between(random, 0, 3), between(random, 0, 3),
         between(random, 0, 3),    between(random, 0, 3),    random.below(2) == 0,  random.below(2) == 0};
    pool.input = {between(random, 0, 2), between(random, 1, 3), between(random, 1, 9),
                  between(random, 1, widest)};
    pool.rows = windows(pool.input.height, p.kernel_height, p.stride_height, p.dilation_height, p.pad_top,
                        p.pad_bottom, p.ceil_mode);
    pool.cols = windows(pool.input.width, p.kernel_width, p.stride_width, p.dilation_width, p.pad_left,
                        p.pad_right, p.ceil_mode);
    const auto touches = [](const std::vector<window>& all) {
      return !all.empty() &&
             std::none_of(all.begin(), all.end(), [](const window& w) { return w.elements.empty(); });
    };
    if (touches(pool.rows) && touches(pool.cols)) return pool;
  }
}

// visit(elements of the window, count of places) for each output in order.
template <class F, class Visit>
void for_each_window(const pooling& pool, const tensor<F>& input, Visit visit) {
  for (std::size_t n = 0; n < pool.input.batch; ++n) {
    for (std::size_t c = 0; c < pool.input.channels; ++c) {
      for (const window& row : pool.rows) {
        for (const window& col : pool.cols) {
          std::vector<F> elements;
          for (const std::size_t h : row.elements) {
            for (const std::size_t w : col.elements) elements.push_back(input(n, c, h, w));
          }
          visit(elements, row.places * col.places);
        }
      }
    }
  }
}

template <class F>
void check_max_pool(int cases) {
  random_bits random(1);
  sweep s;
  for (int i = 0; i < cases; ++i) {
    const pooling pool = random_pooling(random);
    tensor<F> input(pool.input);
    input.values = random_reals<F>(random, pool.input.size());
    std::vector<F> expected;
    for_each_window(pool, input, [&](const std::vector<F>& elements, std::size_t) {
      double largest = -infinity;
      for (const F element : elements) largest = std::max(largest, to_double(element));
      expected.push_back(from_double<F>(largest));
    });
    tensor<F> output(pool.output(), from_double<F>(99));
    max_pool<F>(pool.parameters, input.view(), output.view());
    s.check(same_bits(output.values, expected), [&] { return describe(pool.parameters, pool.input); });
  }
  REQUIRE(s.report() == passed(static_cast<std::uint64_t>(cases)));
}

// Small integers: a sum is exact in any order, and a float64 quotient of two of them is never close to a tie.
template <class M, class F = typename M::format>
void check_average_pool(int cases, bool only_undilated = false) {
  random_bits random(2);
  sweep s;
  int with_padding = 0;
  for (int i = 0; i < cases; ++i) {
    const pooling pool = random_pooling(random, !only_undilated);
    tensor<F> input(pool.input);
    input.values = from_doubles<F>(small_integers(random, pool.input.size(), 9));
    std::vector<F> expected;
    for_each_window(pool, input, [&](const std::vector<F>& elements, std::size_t places) {
      double sum = 0;
      for (const F element : elements) sum += to_double(element);
      const std::size_t count = pool.parameters.count_include_pad ? places : elements.size();
      expected.push_back(from_double<F>(sum / static_cast<double>(count)));
      with_padding += count != elements.size() ? 1 : 0;
    });
    tensor<F> output(pool.output(), from_double<F>(99));
    average_pool<M>(pool.parameters, input.view(), output.view());
    s.check(same_bits(output.values, expected), [&] { return describe(pool.parameters, pool.input); });
  }
  REQUIRE(s.report() == passed(static_cast<std::uint64_t>(cases)));
  REQUIRE(with_padding > cases);
}

// Sums that round: in the accumulator's own arithmetic.
template <class M, class F = typename M::format>
void check_average_in_accumulator(int cases) {
  random_bits random(4);
  sweep s;
  for (int i = 0; i < cases; ++i) {
    const pooling pool = random_pooling(random);
    tensor<F> input(pool.input);
    input.values = random_reals<F>(random, pool.input.size());
    std::vector<F> expected;
    for_each_window(pool, input, [&](const std::vector<F>& elements, std::size_t places) {
      typename M::accumulator sum{};
      for (const F element : elements) sum.add(decode(element));
      const std::size_t count = pool.parameters.count_include_pad ? places : elements.size();
      expected.push_back(round_to<F>(divide(sum.value(), decode(count))));
    });
    tensor<F> output(pool.output(), from_double<F>(99));
    average_pool<M>(pool.parameters, input.view(), output.view());
    s.check(same_bits(output.values, expected), [&] { return describe(pool.parameters, pool.input); });
  }
  REQUIRE(s.report() == passed(static_cast<std::uint64_t>(cases)));
}

// Any code; or zeros of both signs and few others, so that windows have equal largest elements.
template <class F>
std::vector<F> any_numbers(random_bits& random, std::size_t count, bool few) {
  std::vector<F> result(count);
  for (F& value : result) {
    const int kind = random.below(10);
    if (few && kind < 7) {
      value = from_double<F>(kind < 3 ? -0.0 : kind < 6 ? 0.0 : -1.5);
    } else if constexpr (std::is_floating_point_v<F>) {
      using bits = std::conditional_t<sizeof(F) == 4, std::uint32_t, std::uint64_t>;
      const auto any = static_cast<bits>(random());
      value = kind == 9 ? std::bit_cast<F>(any)
                        : from_double<F>(std::ldexp(random.below(64) - 32, random.below(9)));
      if (kind == 8) value = random.below(2) == 0 ? -std::numeric_limits<F>::infinity() : F{1} / F{0x1p100};
    } else {
      value = F::from_bits(static_cast<std::int64_t>(random()));
    }
  }
  return result;
}

// pool(input, output) under each instruction set of the CPU.
template <class F, class Pool>
void check_under_all_isas(sweep& s, const pooling& pool, const tensor<F>& input,
                          const std::vector<F>& expected, Pool run) {
  for (const isa set : all_isas) {
    if (set > detected_isa()) continue;
    const isa_scope scope(set);
    tensor<F> output(pool.output(), from_double<F>(99));
    run(input.view(), output.view());
    s.check(same_bits(output.values, expected), [&] {
      return std::string(format_traits<F>::name().c_str()) + " " + name_of(set) + ", " +
             describe(pool.parameters, pool.input);
    });
  }
}

// The first of equals, the last NaN: by value, element after element.
template <class F>
void check_largest(sweep& s, int cases) {
  random_bits random(21);
  for (int i = 0; i < cases; ++i) {
    const pooling pool = random_pooling(random, true, 90);
    tensor<F> input(pool.input);
    input.values = any_numbers<F>(random, pool.input.size(), i % 2 == 0);
    std::vector<F> expected;
    for_each_window(pool, input, [&](const std::vector<F>& elements, std::size_t) {
      F largest = elements[0];
      for (const F element : elements) {
        const double best = to_double(largest);
        const double x = to_double(element);
        if (std::isnan(x) || best < x) largest = element;
      }
      expected.push_back(largest);
    });
    check_under_all_isas(s, pool, input, expected,
                         [&](auto from, auto to) { max_pool<F>(pool.parameters, from, to); });
  }
}

// Averages and global averages, of sums element after element in the accumulator.
template <class M, class F = typename M::format>
void check_averages(sweep& s, int cases) {
  random_bits random(22);
  const auto average = [](const std::vector<F>& elements, std::size_t count) {
    typename M::accumulator sum{};
    for (const F element : elements) sum.add(decode(element));
    return round_to<F>(divide(sum.value(), decode(count)));
  };
  for (int i = 0; i < cases; ++i) {
    const bool is_global = i % 5 == 0;
    pooling pool = random_pooling(random, true, i % 25 == 0 ? 400 : 90);
    if (is_global) pool.input.channels = between(random, 1, 20);
    tensor<F> input(pool.input);
    input.values = i % 3 == 0 ? random_reals<F>(random, pool.input.size())
                              : any_numbers<F>(random, pool.input.size(), i % 2 == 0);
    std::vector<F> expected;
    if (is_global) {
      const std::size_t plane = pool.input.height * pool.input.width;
      for (auto first = input.values.begin(); first != input.values.end();
           first += static_cast<std::ptrdiff_t>(plane))
        expected.push_back(average({first, first + static_cast<std::ptrdiff_t>(plane)}, plane));
      pool.rows.resize(1);
      pool.cols.resize(1);
      check_under_all_isas(s, pool, input, expected,
                           [](auto from, auto to) { global_average_pool<M>(from, to); });
      continue;
    }
    for_each_window(pool, input, [&](const std::vector<F>& elements, std::size_t places) {
      expected.push_back(average(elements, pool.parameters.count_include_pad ? places : elements.size()));
    });
    check_under_all_isas(s, pool, input, expected,
                         [&](auto from, auto to) { average_pool<M>(pool.parameters, from, to); });
  }
}

tensor<float> counting(std::size_t height, std::size_t width) {
  tensor<float> result({1, 1, height, width});
  for (std::size_t i = 0; i < result.values.size(); ++i) result.values[i] = static_cast<float>(i + 1);
  return result;
}

std::vector<float> max_of(const pool2d_parameters& p, const tensor<float>& input) {
  tensor<float> output({1, 1, p.output_height(input.shape.height), p.output_width(input.shape.width)});
  max_pool<float>(p, input.view(), output.view());
  return output.values;
}

// 36 times the average.
std::vector<float> averages_of(const pool2d_parameters& p, const tensor<float>& input) {
  tensor<float> output({1, 1, p.output_height(input.shape.height), p.output_width(input.shape.width)});
  average_pool<float32_mac>(p, input.view(), output.view());
  for (float& value : output.values) value = std::round(value * 36);
  return output.values;
}

template <class F>
F max_of_row(const std::vector<F>& row) {
  const tensor_shape shape{1, 1, 1, row.size()};
  F result{};
  max_pool<F>({1, row.size()}, {row.data(), shape}, {&result, 1, 1, 1, 1});
  return result;
}

}  // namespace

TEST_CASE("pooled sizes are those that counting windows gives") {
  sweep s;
  for (std::size_t input = 1; input <= 12; ++input) {
    for (std::size_t kernel = 1; kernel <= 4; ++kernel) {
      for (std::size_t stride = 1; stride <= 4; ++stride) {
        for (std::size_t dilation = 1; dilation <= 3; ++dilation) {
          for (std::size_t pads = 0; pads < kernel * kernel; ++pads) {
            for (const bool ceil_mode : {false, true}) {
              const std::size_t before = pads / kernel;
              const std::size_t after = pads % kernel;
              const auto all = windows(input, kernel, stride, dilation, before, after, ceil_mode);
              std::size_t expected = all.size();  // 0: an error
              for (const window& w : all) {
                if (w.elements.empty()) expected = 0;
              }
              const pool2d_parameters p{kernel, 1, stride, 1, dilation, 1, before, 0, after, 0, ceil_mode};
              std::size_t actual = 0;
              try {
                actual = p.output_height(input);
              } catch (const shape_error&) {
              }
              s.check(actual == expected, [&] {
                return describe(p, {1, 1, input, 1}) + text(actual, expected);
              });
            }
          }
        }
      }
    }
  }
  REQUIRE(s.report() == passed(12 * (1 + 4 + 9 + 16) * 4 * 3 * 2));
}

TEST_CASE("pools as PyTorch computes them") {
  using list = std::vector<float>;
  const tensor<float> six = counting(6, 6);
  REQUIRE(max_of({3, 3, 2, 2, 1, 1, 1, 1, 1, 1, true}, six) ==
          list{8, 10, 12, 12, 20, 22, 24, 24, 32, 34, 36, 36, 32, 34, 36, 36});
  REQUIRE(max_of({2, 2, 2, 2, 2, 2, 0, 0, 0, 0, true}, six) == list{15, 17, 17, 27, 29, 29, 27, 29, 29});
  REQUIRE(max_of({3, 3, 2, 2, 1, 1, 0, 0, 0, 0, true}, six) == list{15, 17, 18, 27, 29, 30, 33, 35, 36});
  REQUIRE(max_of({3, 3, 2, 2}, six) == list{15, 17, 27, 29});
  REQUIRE(max_of({3, 3, 2, 2, 1, 1, 0, 0, 0, 0, true}, counting(2, 2)) == list{4});
  const tensor<float> odd = counting(5, 7);
  const list excluding{180, 234, 306, 360, 558, 612, 684, 738, 936, 990, 1062, 1116};
  const list including{80, 156, 204, 160, 372, 612, 684, 492, 416, 660, 708, 496};
  for (const bool ceil_mode : {false, true}) {
    REQUIRE(averages_of({3, 3, 2, 2, 1, 1, 1, 1, 1, 1, ceil_mode, false}, odd) == excluding);
    REQUIRE(averages_of({3, 3, 2, 2, 1, 1, 1, 1, 1, 1, ceil_mode, true}, odd) == including);
  }
  REQUIRE(averages_of({3, 3, 2, 2, 1, 1, 1, 1, 1, 1, true, false}, six) ==
          list{162, 216, 288, 324, 486, 540, 612, 648, 918, 972, 1044, 1080, 1134, 1188, 1260, 1296});
  REQUIRE(averages_of({3, 3, 2, 2, 1, 1, 1, 1, 1, 1, true, true}, six) ==
          list{72, 144, 192, 108, 324, 540, 612, 324, 612, 972, 1044, 540, 378, 594, 630, 324});
}

TEST_CASE("max_pool equals a float64 model") {
  check_max_pool<float>(300);
  check_max_pool<bfloat16>(100);
  check_max_pool<posit<8, 2>>(100);
  check_max_pool<posit<16, 1>>(100);
  check_max_pool<fixed32_16>(100);
  check_max_pool<foreign::offset_byte>(100);
}

TEST_CASE("the largest of any two codes") {
  const auto check = []<class F>(F) {
    sweep s;
    for (unsigned i = 0; i < 256; ++i) {
      for (unsigned j = 0; j < 256; ++j) {
        const F a = F::from_bits(i);
        const F b = F::from_bits(j);
        const double x = to_double(a);
        const double y = to_double(b);
        const double largest = std::isnan(x) || std::isnan(y) ? quiet_nan : x < y ? y : x;
        const auto actual = to_double(max_of_row<F>({a, b}));
        s.check(std::isnan(largest) ? std::isnan(actual) : actual == largest, [&] { return text(i, j); });
      }
    }
    REQUIRE(s.report() == passed(65536));
  };
  check(posit<8, 0>{});
  check(posit<8, 2>{});
  check(float8_e5m2{});
  check(float8_e4m3fn{});
}

TEST_CASE("padding never wins, NaN always does") {
  const auto all = []<class F>(F value, const pool2d_parameters& p) {
    const tensor<F> input({1, 1, 2, 2}, value);
    tensor<F> output({1, 1, p.output_height(2), p.output_width(2)});
    max_pool<F>(p, input.view(), output.view());
    return std::all_of(output.values.begin(), output.values.end(),
                       [&](F x) { return bits_of(x) == bits_of(value); });
  };
  const pool2d_parameters padded{3, 3, 1, 1, 1, 1, 1, 1, 1, 1};
  REQUIRE(all(-1.5F, padded));
  REQUIRE(all(-std::numeric_limits<float>::infinity(), padded));
  REQUIRE(all(-posit<16, 1>::maxpos(), padded));
  REQUIRE(all(-float8_e4m3fn::max(), padded));
  REQUIRE(all(fixed32_16::lowest(), padded));

  using p16 = posit<16, 1>;
  for (std::size_t place = 0; place < 4; ++place) {
    std::vector<float> floats{1, std::numeric_limits<float>::infinity(), -1, 2};
    floats[place] = static_cast<float>(quiet_nan);
    REQUIRE(std::isnan(max_of_row(floats)));
    std::vector<p16> posits(4, p16::maxpos());
    posits[place] = p16::nar();
    REQUIRE(max_of_row(posits).is_nar());
  }
}

TEST_CASE("the first of equals and the last NaN, under each instruction set") {
  sweep s;
  check_largest<float>(s, 150);
  check_largest<double>(s, 50);
  check_largest<bfloat16>(s, 100);
  check_largest<float8_e4m3fn>(s, 100);
  check_largest<float8_e4m3fnuz>(s, 100);
  check_largest<posit<8, 0>>(s, 100);
  check_largest<posit<12, 1>>(s, 100);
  check_largest<posit<16, 1>>(s, 100);
  check_largest<posit<32, 2>>(s, 50);
  check_largest<fixed<12, 4>>(s, 50);
  check_largest<fixed32_16>(s, 50);
  REQUIRE(s.report() == passed(s.cases()));
  REQUIRE(s.cases() >= 950);
}

TEST_CASE("averages, under each instruction set") {
  sweep s;
  check_averages<float32_mac>(s, 250);
  check_averages<mac<float, exact, native<double>>>(s, 100);
  check_averages<mac<bfloat16, exact, native<float>>>(s, 100);
  check_averages<mac<float8_e5m2, exact, native<float>>>(s, 100);
  check_averages<mac<posit<8, 0>, exact, quire<posit<8, 0>>>>(s, 100);
  check_averages<mac<posit<16, 1>, exact, quire<posit<16, 1>>>>(s, 150);
  check_averages<mac<posit<32, 2>, exact, quire<posit<32, 2>>>>(s, 100);
  check_averages<mac<fixed32_16, exact, fixed64>>(s, 50);
  check_averages<mac<fixed<16, 15>, exact, fixed64>>(s, 50);
  check_averages<mac<fixed<32, 31>, exact, fixed64>>(s, 50);
  REQUIRE(s.report() == passed(s.cases()));
  REQUIRE(s.cases() >= 1050);
}

TEST_CASE("average_pool of integers equals a float64 model") {
  check_average_pool<float32_mac>(300);
  check_average_pool<float32_mac>(200, true);
  check_average_pool<mac<bfloat16, exact, native<float>>>(100);
  check_average_pool<mac<posit<16, 1>, plam, quire<posit<16, 1>>>>(100);
  check_average_pool<mac<posit<8, 0>, plam, quire<posit<8, 0>>>>(100);
  check_average_pool<mac<fixed32_16, mitch<6>, fixed64>>(100);
}

TEST_CASE("average_pool sums in the accumulator, row after row") {
  check_average_in_accumulator<float32_mac>(100);
  check_average_in_accumulator<mac<posit<16, 1>, exact, native<posit<16, 1>>>>(100);
  check_average_in_accumulator<mac<float8_e4m3fn, exact, native<float8_e4m3fn>>>(100);
  check_average_in_accumulator<mac<foreign::offset_byte, foreign::lopsided, native<float>>>(100);
}

TEST_CASE("averages have no multiplier to compensate for") {
  const tensor<float> input = counting(6, 6);
  using compensated_mac = mac<float, mitch<6>, compensated<native<float>>>;
  tensor<float> plain({1, 1, 3, 3});
  tensor<float> compensating({1, 1, 3, 3});
  average_pool<float32_mac>({2, 2, 2, 2}, input.view(), plain.view());
  average_pool<compensated_mac>({2, 2, 2, 2}, input.view(), compensating.view());
  REQUIRE(plain.values[0] == 4.5F);
  REQUIRE(same_bits(plain.values, compensating.values));
  tensor<float> all({1, 1, 1, 1});
  global_average_pool<compensated_mac>(input.view(), all.view());
  REQUIRE(all.values[0] == 18.5F);
}

TEST_CASE("an average is divided exactly: one rounding, not two") {
  // maxpos + maxpos rounded to the posit would be maxpos, and its half the average
  using p8 = posit<8, 0>;
  const std::vector<p8> values(2, p8::maxpos());
  p8 result{};
  average_pool<mac<p8, exact, quire<p8>>>({1, 2}, {values.data(), 1, 1, 1, 2}, {&result, 1, 1, 1, 1});
  REQUIRE(result == p8::maxpos());
  // a third of 1 in bfloat16
  const std::vector<bfloat16> third{bfloat16(1.0), bfloat16(0.0), bfloat16(0.0)};
  bfloat16 rounded_third{};
  average_pool<mac<bfloat16, exact, native<float>>>({1, 3}, {third.data(), 1, 1, 1, 3},
                                                    {&rounded_third, 1, 1, 1, 1});
  REQUIRE(rounded_third.bits() == 0x3eab);
}

TEST_CASE("global_average_pool sums a channel in memory order and divides once") {
  random_bits random(8);
  sweep s;
  const auto check = [&]<class M, class F = typename M::format>(M) {
    for (int i = 0; i < 50; ++i) {
      tensor<F> input(
          {between(random, 0, 2), between(random, 1, 3), between(random, 1, 7), between(random, 1, 7)});
      input.values = random_reals<F>(random, input.shape.size());
      const std::size_t plane = input.shape.height * input.shape.width;
      std::vector<F> expected;
      for (std::size_t first = 0; first < input.values.size(); first += plane) {
        typename M::accumulator sum{};
        for (std::size_t k = 0; k < plane; ++k) sum.add(decode(input.values[first + k]));
        expected.push_back(round_to<F>(divide(sum.value(), decode(plane))));
      }
      tensor<F> output({input.shape.batch, input.shape.channels, 1, 1});
      global_average_pool<M>(input.view(), output.view());
      s.check(same_bits(output.values, expected), [&] { return shape_text(input.shape); });
    }
  };
  check(float32_mac{});
  check(mac<posit<16, 1>, exact, quire<posit<16, 1>>>{});
  check(mac<posit<8, 0>, exact, native<posit<8, 0>>>{});
  check(mac<fixed32_16, exact, fixed64>{});
  REQUIRE(s.report() == passed(200));
}

TEST_CASE("NaN in a window makes its average NaN") {
  using p8 = posit<8, 0>;
  const std::vector<p8> values{p8(1), p8::nar(), p8(1), p8(3)};
  std::vector<p8> result(2);
  average_pool<mac<p8, exact, quire<p8>>>({1, 2, 1, 2}, {values.data(), 1, 1, 1, 4},
                                          {result.data(), 1, 1, 1, 2});
  REQUIRE(result[0].is_nar());
  REQUIRE(result[1] == p8(2));
}

TEST_CASE("pools' errors say what was expected") {
  const auto height = [](pool2d_parameters p, std::size_t input) { return p.output_height(input); };
  REQUIRE_THROWS_WITH(height({3}, 2), Contains("pool2d height: a kernel of 3"));
  REQUIRE_THROWS_WITH(height({0}, 2), Contains("none may be 0"));
  REQUIRE_THROWS_WITH(height({1, 1, 0}, 2), Contains("none may be 0"));
  REQUIRE_THROWS_WITH(height({1, 1, 1, 1, 0}, 2), Contains("none may be 0"));
  // padding as long as the kernel, before and after; an empty image
  REQUIRE_THROWS_WITH(height({2, 1, 1, 1, 1, 1, 2}, 3),
                      Contains("window 0") && Contains("no element of the input"));
  REQUIRE_THROWS_WITH(height({2, 1, 1, 1, 1, 1, 0, 0, 2}, 3), Contains("window 3"));
  REQUIRE_THROWS_WITH(height({2, 1, 1, 1, 1, 1, 1, 0, 1}, 0), Contains("no element of the input"));
  REQUIRE_THROWS_AS(height({1, 1, 1, 1, 1, 1, 0, 0, 0, 0, true}, 0), shape_error);
  // a window that steps over the input
  REQUIRE_THROWS_WITH(height({2, 1, 1, 1, 2, 1, 1, 0, 1}, 1), Contains("window 0"));
  REQUIRE_THROWS_WITH(pool2d_parameters({1, 9}).output_width(3), Contains("pool2d width"));
  const std::size_t huge = std::numeric_limits<std::size_t>::max();
  REQUIRE_THROWS_WITH(height({1, 1, 1, 1, 1, 1, huge}, 2), Contains("2^31"));

  const tensor<float> input({1, 2, 4, 4});
  tensor<float> output({1, 2, 2, 3});
  REQUIRE_THROWS_WITH(max_pool<float>({2, 2, 2, 2}, input.view(), output.view()),
                      "pool2d: output is 1 x 2 x 2 x 3, expected 1 x 2 x 2 x 2");
  REQUIRE_THROWS_AS(average_pool<float32_mac>({2, 2, 2, 2}, input.view(), output.view()), shape_error);
  REQUIRE_THROWS_WITH(global_average_pool<float32_mac>(input.view(), output.view()),
                      Contains("expected a non-empty"));
  const tensor<float> empty({1, 2, 0, 4});
  tensor<float> point({1, 2, 1, 1});
  REQUIRE_THROWS_AS(global_average_pool<float32_mac>(empty.view(), point.view()), shape_error);
}
