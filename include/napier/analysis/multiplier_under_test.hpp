#pragma once
// napier/analysis/multiplier_under_test.hpp — a multiplier and the format of its operands, chosen at run time.
//
// What      products of codes, beside the exact ones; both wide, never rounded. rounded() has the product rounded once to the
//           operands' format, as rounded<M, F> (multipliers/decorators.hpp)
// Checked   tests/analysis/multiplier_errors_test.cpp

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include <napier/analysis/operand_format.hpp>
#include <napier/core/concepts.hpp>
#include <napier/multipliers/exact.hpp>

namespace napier {

class multiplier_under_test {
 public:
  // name: the multiplier's, without the format.
  template <class M, OperandOf<M> F>
  static multiplier_under_test of(std::string name, M multiplier = {}) {
    return {std::move(name), describe_format<F>(), std::make_shared<const M>(std::move(multiplier)),
            &products_of<M, F>};
  }

  multiplier_under_test rounded() const {
    multiplier_under_test result = *this;
    result.name_ = "rounded-" + name_;
    result.is_rounded_ = true;
    return result;
  }

  const std::string& name() const { return name_; }
  std::string full_name() const { return name_ + "@" + format_.name; }
  const operand_format& format() const { return format_; }
  bool is_rounded() const { return is_rounded_; }

  // All spans are of the same length.
  void multiply(std::span<const std::uint64_t> left, std::span<const std::uint64_t> right,
                std::span<unpacked> products, std::span<unpacked> exact_products) const {
    multiply_(multiplier_.get(), left.data(), right.data(), left.size(), products.data(),
              exact_products.data());
    if (!is_rounded_) return;
    for (unpacked& product : products) product = format_.decode(format_.encode(product));
  }

 private:
  using products_function = void (*)(const void* multiplier, const std::uint64_t* left,
                                     const std::uint64_t* right, std::size_t count, unpacked* products,
                                     unpacked* exact_products);

  multiplier_under_test(std::string name, const operand_format& format,
                        std::shared_ptr<const void> multiplier, products_function function)
      : name_(std::move(name)), format_(format), multiplier_(std::move(multiplier)), multiply_(function) {}

  template <class M, class F>
  static void products_of(const void* multiplier, const std::uint64_t* left, const std::uint64_t* right,
                          std::size_t count, unpacked* products, unpacked* exact_products) {
    const M& m = *static_cast<const M*>(multiplier);
    for (std::size_t i = 0; i < count; ++i) {
      const F a = detail::number_of_code<F>(left[i]);
      const F b = detail::number_of_code<F>(right[i]);
      products[i] = m.multiply(a, b);
      exact_products[i] = exact{}.multiply(a, b);
    }
  }

  std::string name_;
  operand_format format_;
  bool is_rounded_ = false;
  std::shared_ptr<const void> multiplier_;
  products_function multiply_;
};

}  // namespace napier
