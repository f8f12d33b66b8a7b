#pragma once
// napier/layers/element_operation.hpp — two operands, element by element, with broadcasting.
//
// What      add, subtract, multiply, divide, prelu (x < 0 ? x · s : x), maximum, minimum of a_i and b_j: exactly, then rounded
//           once. The product is the exact one; a product of the MAC's multiplier is multiply_by_mac
// Indices   a_index[i] and b_index[i] are the elements of an image that output i is made of; empty: element i
// Special   NaN in, NaN out, in maximum and minimum too; x / 0 is infinity, or what the format makes of it
// Errors    shape_error when the sizes do not fit
// Checked   tests/layers/element_operation_test.cpp

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>

#include <napier/core/arithmetic.hpp>
#include <napier/core/concepts.hpp>
#include <napier/core/error.hpp>
#include <napier/formats/native.hpp>
#include <napier/gemm/reference.hpp>
#include <napier/layers/order.hpp>

namespace napier {

enum class element_operation : unsigned char { add, subtract, multiply, divide, prelu, maximum, minimum };

constexpr unpacked apply_exactly(element_operation operation, const unpacked& a, const unpacked& b) {
  switch (operation) {
    case element_operation::add:
      return add(a, b);
    case element_operation::subtract:
      return subtract(a, b);
    case element_operation::multiply:
      return multiply(a, b);
    case element_operation::divide:
      return divide(a, b);
    case element_operation::prelu:
      return a.negative && !a.is_zero() && !a.is_nan() ? multiply(a, b) : a;
    case element_operation::maximum:
      return a.is_nan() || b.is_nan() ? unpacked::nan() : detail::is_less(a, b) ? b : a;
    default:
      return a.is_nan() || b.is_nan() ? unpacked::nan() : detail::is_less(b, a) ? b : a;
  }
}

// An operand: `data` holds images of `image_size` elements, or one image that all share (a constant).
template <class T>
struct element_operand {
  const T* data = nullptr;
  std::size_t image_size = 0;
  bool is_shared = false;
  std::span<const std::uint32_t> index;

  const T* image(std::size_t n) const { return is_shared ? data : data + n * image_size; }
};

namespace detail {

// output(n, i) = function(a's element, b's element)
template <class A, class B, class F, class Function>
void combine_elements(const element_operand<A>& a, const element_operand<B>& b, std::size_t images,
                      std::span<F> output, Function function) {
  const std::size_t size = images == 0 ? 0 : output.size() / images;
  const auto fits = [size](std::size_t image_size, std::span<const std::uint32_t> index) {
    return index.empty() ? image_size == size : index.size() == size;
  };
  if (images * size != output.size() || !fits(a.image_size, a.index) || !fits(b.image_size, b.index)) {
    throw shape_error("element_operation: operands of " + std::to_string(a.image_size) + " and " +
                      std::to_string(b.image_size) + " elements an image do not fit an output of " +
                      std::to_string(size));
  }
  for (std::size_t n = 0; n < images; ++n) {
    const A* x = a.image(n);
    const B* y = b.image(n);
    F* z = output.data() + n * size;
    for (std::size_t i = 0; i < size; ++i) {
      z[i] = function(x[a.index.empty() ? i : a.index[i]], y[b.index.empty() ? i : b.index[i]]);
    }
  }
}

// Sums of one product.
template <Format F, class B>
void multiply_by_sums(const element_operand<F>& a, const element_operand<F>& b, std::size_t images,
                      std::span<F> output, sum_of_products<F, B, F> sum) {
  combine_elements(a, b, images, output, [sum](F x, F y) { return sum(1, &y, 1, &x, 1, nullptr); });
}

}  // namespace detail

// Operands are of format F, or constants in FP64, which are not rounded first.
template <Format F, class A, class B>
void combine_exactly(element_operation operation, const element_operand<A>& a, const element_operand<B>& b,
                     std::size_t images, std::span<F> output) {
  if constexpr (std::same_as<F, float> && std::same_as<A, float> && std::same_as<B, float>) {
    // IEEE operations of two floats are the exact results rounded once.
    switch (operation) {
      case element_operation::add:
        return detail::combine_elements(a, b, images, output, [](float x, float y) { return x + y; });
      case element_operation::subtract:
        return detail::combine_elements(a, b, images, output, [](float x, float y) { return x - y; });
      case element_operation::multiply:
        return detail::combine_elements(a, b, images, output, [](float x, float y) { return x * y; });
      case element_operation::divide:
        return detail::combine_elements(a, b, images, output, [](float x, float y) { return x / y; });
      case element_operation::prelu:
        return detail::combine_elements(a, b, images, output,
                                        [](float x, float y) { return x < 0 ? x * y : x; });
      default:
        break;
    }
  }
  detail::combine_elements(a, b, images, output, [operation](A x, B y) {
    return round_to<F>(apply_exactly(operation, decode(x), decode(y)));
  });
}

// The MAC's product of a and b, compensated where the MAC is, rounded once: a multiply site. b is the left operand, as weights are.
template <Mac M>
void multiply_by_mac(const element_operand<typename M::format>& a,
                     const element_operand<typename M::format>& b, std::size_t images,
                     std::span<typename M::format> output) {
  using F = typename M::format;
  detail::multiply_by_sums<F, typename M::bias_type>(a, b, images, output, detail::sum_products<M, F>);
}

}  // namespace napier
