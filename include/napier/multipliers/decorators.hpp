#pragma once
// napier/multipliers/decorators.hpp — rounded<M, F>, lut<M, F>, counted<M>: multipliers made of multipliers.
//
//   rounded<M, F>   the product of M rounded once to F, before it reaches the accumulator
//   lut<M, F>       the product of M looked up in a table of all operand pairs of F (at most 8 bits), built once,
//                   24 bytes an entry; it answers as M does
//   counted<M>      M, and a count of its multiplications over all threads
// Checked   tests/multipliers/decorators_test.cpp

#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

#include <napier/core/concepts.hpp>

namespace napier {

namespace detail {

// A decorator has a mean_relative_error if its multiplier has one.
template <class M>
struct mean_of {};
template <class M>
  requires requires { M::mean_relative_error; }
struct mean_of<M> {
  static constexpr double mean_relative_error = M::mean_relative_error;
};

}  // namespace detail

template <class M, Format Rounding>
struct rounded : detail::mean_of<M> {
  using rounding = Rounding;
  static constexpr bool is_exact = false;
  static constexpr napier::name name() { return napier::name("rounded-").append(M::name()); }

  template <OperandOf<M> F>
  constexpr unpacked multiply(F a, F b) const {
    return decode(round_to<Rounding>(M{}.multiply(a, b)));
  }
};

template <class M, OperandOf<M> F>
struct lut : detail::mean_of<M> {
  static_assert(sizeof(F) == 1 && std::is_trivially_copyable_v<F>, "lut<M, F>: F has at most 8 bits");

  static constexpr bool is_exact = M::is_exact;
  static constexpr napier::name name() { return napier::name("lut-").append(M::name()); }

  unpacked multiply(F a, F b) const { return table()[index(a, b)]; }

  // The product of the codes i and j at i · 256 + j.
  static const std::vector<unpacked>& table() {
    static const std::vector<unpacked> products = build();
    return products;
  }

 private:
  static std::size_t index(F a, F b) {
    return std::size_t{std::bit_cast<std::uint8_t>(a)} * 256 + std::bit_cast<std::uint8_t>(b);
  }

  // Over the codes of F alone. A format of fewer than 8 bits keeps its code in the low bits of its byte: fixed point
  // and integers sign-extended, others with zeros above.
  static std::vector<unpacked> build() {
    std::vector<unpacked> products(std::size_t{256} * 256);
    constexpr int width = format_traits<F>::width;
    constexpr bool sign_extended = FixedFormat<F> || IntegerFormat<F>;
    const auto each_code = [](auto visit) {
      for (int code = 0; code < (1 << width); ++code) {
        const bool negative = sign_extended && code >= (1 << (width - 1));
        visit(std::bit_cast<F>(static_cast<std::uint8_t>(negative ? code - (1 << width) : code)));
      }
    };
    each_code([&](F a) { each_code([&](F b) { products[index(a, b)] = M{}.multiply(a, b); }); });
    return products;
  }
};

template <class M>
struct counted : detail::mean_of<M> {
  static constexpr bool is_exact = M::is_exact;
  static constexpr napier::name name() { return M::name(); }

  template <OperandOf<M> F>
  unpacked multiply(F a, F b) const {
    __atomic_fetch_add(&count_, 1, __ATOMIC_RELAXED);
    return M{}.multiply(a, b);
  }

  static std::uint64_t count() { return __atomic_load_n(&count_, __ATOMIC_RELAXED); }
  static void reset() { __atomic_store_n(&count_, 0, __ATOMIC_RELAXED); }

 private:
  static inline std::uint64_t count_ =
      0;  // atomic by the compiler's own functions: <atomic> is slow to compile
};

}  // namespace napier
