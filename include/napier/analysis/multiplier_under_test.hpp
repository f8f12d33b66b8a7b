#pragma once
// napier/analysis/multiplier_under_test.hpp — a multiplier and the format of its operands, chosen at run time.
//
// What      products of codes, beside the exact ones; both wide, never rounded. rounded() has the product rounded once to the
//           operands' format, as rounded<M, F> (multipliers/decorators.hpp)
// Narrow    integers of fewer bits than the multiplier's: the same products. napier's multipliers of integers do not know how wide
//           they are, but for MBM, which leaves out its correction where that leaves the 2N bits of the product
// Checked   tests/analysis/multiplier_errors_test.cpp, tests/analysis/narrow_integers_test.cpp

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include <napier/analysis/operand_format.hpp>
#include <napier/core/concepts.hpp>
#include <napier/core/error.hpp>
#include <napier/multipliers/exact.hpp>

namespace napier {

class multiplier_under_test {
 public:
  // name: the multiplier's, without the format.
  template <class M, OperandOf<M> F>
  static multiplier_under_test of(std::string name, M multiplier = {}) {
    return {std::move(name), describe_format<F>(), std::make_shared<const M>(std::move(multiplier)),
            &products_of<M, F>, whole_products<M, F>()};
  }

  // Of integers: those of `width` bits, signed as these. Throws error where these are no integers or have fewer bits.
  multiplier_under_test narrowed(int width) const {
    if (format_.kind != format_kind::integer || width > format_.width)
      throw error(full_name() + ": these are no integers of " + std::to_string(width) + " bits or more");
    multiplier_under_test result = *this;
    result.format_ = describe_integer(width, format_.is_signed);
    return result;
  }

  multiplier_under_test rounded() const {
    multiplier_under_test result = *this;
    result.name_ = "rounded-" + name_;
    result.is_rounded_ = true;
    return result;
  }

  // The same numbers by multiply() alone.
  multiplier_under_test without_shortcuts() const {
    multiplier_under_test result = *this;
    result.multiply_whole_ = nullptr;
    return result;
  }

  const std::string& name() const { return name_; }
  std::string full_name() const { return name_ + "@" + format_.name; }
  const operand_format& format() const { return format_; }
  bool is_rounded() const { return is_rounded_; }

  // All spans are of the same length.
  void multiply(std::span<const std::uint64_t> left, std::span<const std::uint64_t> right,
                std::span<unpacked> products, std::span<unpacked> exact_products) const {
    multiply_(multiplier_.get(), format_.width, left.data(), right.data(), left.size(), products.data(),
              exact_products.data());
    if (!is_rounded_) return;
    for (unpacked& product : products) product = format_.decode(format_.encode(product));
  }

  // The same, quickly, of integers and fixed point of at most 16 bits: in units of the product's last place. False where that is not
  // to be had: other formats, rounded products, a product between two units or from 2^62 on.
  bool multiply_whole(std::span<const std::uint64_t> left, std::span<const std::uint64_t> right,
                      std::span<std::int64_t> products, std::span<std::int64_t> exact_products) const {
    return multiply_whole_ != nullptr && !is_rounded_ &&
           multiply_whole_(multiplier_.get(), format_.width, left.data(), right.data(), left.size(),
                           products.data(), exact_products.data());
  }

 private:
  using products_function = void (*)(const void* multiplier, int width, const std::uint64_t* left,
                                     const std::uint64_t* right, std::size_t count, unpacked* products,
                                     unpacked* exact_products);
  using whole_products_function = bool (*)(const void* multiplier, int width, const std::uint64_t* left,
                                           const std::uint64_t* right, std::size_t count,
                                           std::int64_t* products, std::int64_t* exact_products);

  multiplier_under_test(std::string name, const operand_format& format,
                        std::shared_ptr<const void> multiplier, products_function function,
                        whole_products_function whole_function)
      : name_(std::move(name)),
        format_(format),
        multiplier_(std::move(multiplier)),
        multiply_(function),
        multiply_whole_(whole_function) {}

  // width: of the codes; of integers, it may be less than F's.
  template <class F>
  static F operand_of(std::uint64_t code, int width) {
    if constexpr (IntegerFormat<F>) code = detail::widened(code, width, std::signed_integral<F>);
    return detail::number_of_code<F>(code);
  }

  template <class M, class F>
  static void products_of(const void* multiplier, int width, const std::uint64_t* left,
                          const std::uint64_t* right, std::size_t count, unpacked* products,
                          unpacked* exact_products) {
    const M& m = *static_cast<const M*>(multiplier);
    for (std::size_t i = 0; i < count; ++i) {
      const F a = operand_of<F>(left[i], width);
      const F b = operand_of<F>(right[i], width);
      products[i] = m.multiply(a, b);
      exact_products[i] = exact{}.multiply(a, b);
    }
  }

  // x · 2^scale, if that is whole and less than 2^62.
  static std::int64_t whole_of(const unpacked& x, int scale, bool& fits) {
    if (x.is_zero()) return 0;
    const int exponent = x.exponent + scale;
    const bool is_whole = x.is_finite() && 0 <= exponent && exponent < 62 && x.tail == 0 &&
                          (x.significand << ((exponent + 1) & 63)) == 0;
    fits &= is_whole;
    const std::uint64_t magnitude = x.significand >> ((63 - exponent) & 63);
    return static_cast<std::int64_t>(x.negative ? 0 - magnitude : magnitude);
  }

  template <class M, class F>
  static bool whole_products_of(const void* multiplier, int width, const std::uint64_t* left,
                                const std::uint64_t* right, std::size_t count, std::int64_t* products,
                                std::int64_t* exact_products) {
    const M& m = *static_cast<const M*>(multiplier);
    constexpr int scale = [] {
      if constexpr (FixedFormat<F>) return 2 * format_traits<F>::fraction_bits;
      return 0;
    }();
    constexpr bool is_signed = FixedFormat<F> || std::signed_integral<F>;
    bool fits = true;
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t a = detail::widened(left[i], width, is_signed);
      const std::uint64_t b = detail::widened(right[i], width, is_signed);
      exact_products[i] = static_cast<std::int64_t>(a) * static_cast<std::int64_t>(b);
      products[i] =
          whole_of(m.multiply(detail::number_of_code<F>(a), detail::number_of_code<F>(b)), scale, fits);
    }
    return fits;
  }

  template <class M, class F>
  static constexpr whole_products_function whole_products() {
    if constexpr ((IntegerFormat<F> || FixedFormat<F>)&&format_traits<F>::width <= 16)
      return &whole_products_of<M, F>;
    return nullptr;
  }

  std::string name_;
  operand_format format_;
  bool is_rounded_ = false;
  std::shared_ptr<const void> multiplier_;
  products_function multiply_;
  whole_products_function multiply_whole_;
};

}  // namespace napier
