#pragma once
// What is timed: one call of gemm, conv2d, fully_connected or sgemm on operands of its own, checked against the reference.
//
// What      operands are standard normal numbers rounded to the format; with `zeros`, a share of the right operand is zero and the
//           rest is positive, as after a ReLU
// Checks    every output of a small product; rows and columns of a large one, edges included. check_error where a bit differs

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <memory>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <napier/core/isa.hpp>
#include <napier/core/matrix_view.hpp>
#include <napier/formats/native.hpp>
#include <napier/gemm/gemm.hpp>
#include <napier/layers/conv2d.hpp>
#include <napier/layers/fully_connected.hpp>

namespace napier_bench {

struct shape {
  std::size_t m = 0;
  std::size_t n = 0;
  std::size_t k = 0;

  double macs() const { return static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k); }
};

struct check_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class task {
 public:
  virtual ~task() = default;
  virtual void run() = 0;
  // Of what the last run computed.
  virtual void check() const = 0;
};

// Standard normal numbers, the same in each run of the program.
inline float normal_number(std::size_t index) {
  static const std::vector<float> numbers = [] {
    constexpr std::size_t count = 1000003;  // prime: no row of a matrix repeats another
    std::mt19937_64 random{1614};
    std::normal_distribution<float> normal;
    std::vector<float> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(normal(random));
    return all;
  }();
  return numbers[index % numbers.size()];
}

template <class F>
std::vector<F> normal_numbers(std::size_t count, std::size_t first) {
  std::vector<F> numbers;
  numbers.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    numbers.push_back(napier::round_to<F>(napier::decode(normal_number(first + i))));
  }
  return numbers;
}

// Activations: `zeros` is the share of zeros; 0 leaves the numbers as they are.
template <class F>
std::vector<F> activations(std::size_t count, double zeros) {
  constexpr std::size_t first = 500000;
  if (zeros <= 0) return normal_numbers<F>(count, first);
  std::mt19937_64 random{1617};
  std::bernoulli_distribution is_zero(std::min(1.0, zeros));
  std::vector<F> numbers;
  numbers.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const float number = is_zero(random) ? 0.0F : std::fabs(normal_number(first + i));
    numbers.push_back(napier::round_to<F>(napier::decode(number)));
  }
  return numbers;
}

template <class M>
void check_same(const typename M::format& result, const typename M::format& expected, std::size_t row,
                std::size_t column) {
  if (std::memcmp(&result, &expected, sizeof result) == 0) return;
  throw check_error(std::string(M::name().c_str()) + " under " + napier::name_of(napier::active_isa()) +
                    ": output (" + std::to_string(row) + ", " + std::to_string(column) + ") is " +
                    std::to_string(static_cast<double>(result)) + ", the reference has " +
                    std::to_string(static_cast<double>(expected)));
}

// Some of 0 … size − 1: all, or the first, the last and some between, in runs of `run`.
inline std::vector<std::size_t> sample(std::size_t size, bool all, std::size_t run) {
  std::vector<std::size_t> some;
  for (std::size_t i = 0; i < size; ++i) {
    const bool is_edge = i < run || i + run >= size;
    const bool is_middle = i >= size / 2 && i < size / 2 + run;
    if (all || is_edge || is_middle) some.push_back(i);
  }
  return some;
}

// Whether the left matrix is packed in each call, as sgemm does, or once before, as the weights of a network are.
enum class left_matrix { packed_each_time, kept_packed };

template <class M>
class gemm_task final : public task {
  using format = typename M::format;

 public:
  gemm_task(const shape& size, double zeros, left_matrix left)
      : size_(size),
        left_(left),
        a_(normal_numbers<format>(size.m * size.k, 0)),
        b_(activations<format>(size.n * size.k, zeros)),
        c_(size.m * size.n) {}

  void run() override {
    const napier::matrix_view<format> c{c_.data(), size_.m, size_.n};
    if (left_ == left_matrix::packed_each_time) return napier::gemm<M>(a(), b(), c);
    if (packed_.packed_for() != napier::active_isa()) packed_ = napier::packed_matrix<M>(a());
    napier::gemm<M, format>(packed_, b(), {}, c);
  }

  void check() const override {
    constexpr double few = 1 << 18;
    const bool all = size_.macs() <= few;
    for (const std::size_t i : sample(size_.m, all, 2)) {
      for (const std::size_t j : sample(size_.n, all, 8)) {
        format expected;
        napier::reference_gemm<M>(napier::matrix_view<const format>{a_.data() + i * size_.k, 1, size_.k},
                                  napier::matrix_view<const format>{b_.data() + j, size_.k, 1, size_.n},
                                  napier::matrix_view<format>{&expected, 1, 1});
        check_same<M>(c_[i * size_.n + j], expected, i, j);
      }
    }
  }

 private:
  napier::matrix_view<const format> a() const { return {a_.data(), size_.m, size_.k}; }
  napier::matrix_view<const format> b() const { return {b_.data(), size_.k, size_.n}; }

  shape size_;
  left_matrix left_;
  std::vector<format> a_;
  napier::packed_matrix<M> packed_;
  std::vector<format> b_;
  std::vector<format> c_;
};

// m outputs of k inputs, a batch of one; the weights are packed before, as in a network.
template <class M>
class fully_connected_task final : public task {
  using format = typename M::format;

 public:
  fully_connected_task(const shape& size, double zeros)
      : size_(size),
        numbers_(normal_numbers<format>(size.m * size.k, 0)),
        weights_(napier::matrix_view<const format>{numbers_.data(), size.m, size.k}),
        input_(activations<format>(size.k, zeros)),
        output_(size.m) {}

  void run() override {
    napier::fully_connected<M>(napier::matrix_view<const format>{input_.data(), 1, size_.k}, weights_, {},
                               napier::matrix_view<format>{output_.data(), 1, size_.m});
  }

  void check() const override {
    for (const std::size_t o : sample(size_.m, false, 16)) {
      const auto expected =
          napier::dot<M, format>(std::span<const format>(numbers_.data() + o * size_.k, size_.k), input_);
      check_same<M>(output_[o], expected, 0, o);
    }
  }

 private:
  shape size_;
  std::vector<format> numbers_;
  napier::fully_connected_weights<M> weights_;
  std::vector<format> input_;
  std::vector<format> output_;
};

// Depthwise 3 × 3 with padding 1: `channels` planes of side × side.
struct depthwise_shape {
  std::size_t side = 112;
  std::size_t channels = 64;

  double macs() const { return static_cast<double>(9 * side * side * channels); }
};

// Under an instruction set of its own.
template <class M>
class depthwise_task final : public task {
  using format = typename M::format;

 public:
  depthwise_task(const depthwise_shape& size, double zeros, napier::isa isa)
      : size_(size),
        isa_(isa),
        parameters_{.kernel_height = 3,
                    .kernel_width = 3,
                    .pad_top = 1,
                    .pad_left = 1,
                    .pad_bottom = 1,
                    .pad_right = 1,
                    .groups = size.channels},
        numbers_(normal_numbers<format>(9 * size.channels, 0)),
        image_(activations<format>(size.side * size.side * size.channels, zeros)),
        output_(image_.size()) {
    const napier::isa_scope scope(isa);
    weights_ = napier::conv2d_weights<M>(parameters_, weight_view());
  }

  void run() override {
    const napier::isa_scope scope(isa_);
    napier::conv2d<M>(parameters_, image_view(), weights_, {}, view(output_));
  }

  void check() const override {
    std::vector<format> expected(output_.size());
    napier::detail::conv2d_by_gemm<format, typename M::bias_type>(
        parameters_, image_view(), weight_view(), {}, view(expected),
        napier::detail::gemm_without_kernels<M, format>);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      check_same<M>(output_[i], expected[i], i / (size_.side * size_.side), i % (size_.side * size_.side));
    }
  }

 private:
  napier::tensor_view<const format> weight_view() const { return {numbers_.data(), size_.channels, 1, 3, 3}; }
  napier::tensor_view<const format> image_view() const {
    return {image_.data(), 1, size_.channels, size_.side, size_.side};
  }
  napier::tensor_view<format> view(std::vector<format>& planes) const {
    return {planes.data(), 1, size_.channels, size_.side, size_.side};
  }

  depthwise_shape size_;
  napier::isa isa_;
  napier::conv2d_parameters parameters_;
  std::vector<format> numbers_;
  std::vector<format> image_;
  std::vector<format> output_;
  napier::conv2d_weights<M> weights_;
};

}  // namespace napier_bench
