#pragma once
// napier/multipliers/table_multiplier.hpp — any 8 × 8 bit multiplier, by a table of its products made at run time.
//
// What      table_multiplier: an object with 65,536 products; product of the operands' bytes x and y at 256 x + y.
//           loaded_table<slot>: a multiplier type for a mac; load it once, before the first product
// Operands  integers and fixed point of 8 bits, by their codes. A signed table takes the bytes as they are, two's complement; an
//           unsigned one the magnitudes, signs apart (−128 has 128)
// Errors    data_error: not 65,536 products; error: a slot loaded twice, or used before
// Checked   tests/multipliers/table_multiplier_test.cpp; data/multiplier_table.hpp reads files

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <napier/core/concepts.hpp>
#include <napier/core/error.hpp>
#include <napier/formats/native.hpp>
#include <napier/multipliers/significand_product.hpp>

namespace napier {

enum class table_signs : unsigned char { is_unsigned, is_signed };

template <class F>
concept ByteFormat = detail::CodedFormat<F> && format_traits<F>::width == 8 && sizeof(F) == 1;

class table_multiplier {
 public:
  static constexpr bool is_exact = false;
  static constexpr std::size_t size = 65536;
  static constexpr napier::name name() { return "table"; }

  table_multiplier(table_signs signs, std::vector<std::int32_t> products)
      : signs_(signs), products_(std::move(products)) {
    if (products_.size() != size) {
      throw data_error("table_multiplier: " + std::to_string(products_.size()) + " products, expected " +
                       std::to_string(size));
    }
  }

  table_signs signs() const { return signs_; }

  template <ByteFormat F>
  unpacked multiply(F a, F b) const {
    constexpr int scale = -2 * detail::code_fraction_bits<F>;
    if (signs_ == table_signs::is_signed) return value(product(byte(a), byte(b)), false, scale);
    const unpacked x = decode(a);
    const unpacked y = decode(b);
    return value(product(magnitude(byte(a), x.negative), magnitude(byte(b), y.negative)),
                 x.negative != y.negative, scale);
  }

  // Of two operands' bytes.
  std::int32_t product(std::uint8_t x, std::uint8_t y) const { return products_[std::size_t{x} * 256 + y]; }

 private:
  template <ByteFormat F>
  static std::uint8_t byte(F x) {
    return std::bit_cast<std::uint8_t>(x);
  }
  static std::uint8_t magnitude(std::uint8_t code, bool negative) {
    return static_cast<std::uint8_t>(negative ? 256 - code : code);
  }
  static unpacked value(std::int32_t product, bool negated, int scale) {
    const std::int64_t wide = product;
    if (wide == 0) return unpacked::zero();
    return unpacked::from_integer((wide < 0) != negated, static_cast<std::uint64_t>(wide < 0 ? -wide : wide),
                                  scale);
  }

  table_signs signs_;
  std::vector<std::int32_t> products_;
};

template <int slot>
struct loaded_table {
  static constexpr bool is_exact = false;
  static constexpr napier::name name() { return napier::name("table").append(slot); }

  // Products may have been tabulated from what is loaded: once.
  static void load(table_multiplier table) {
    if (table_.has_value())
      throw error("loaded_table<" + std::to_string(slot) + ">: a table is loaded already");
    table_.emplace(std::move(table));
  }
  static bool is_loaded() { return table_.has_value(); }

  template <ByteFormat F>
  unpacked multiply(F a, F b) const {
    if (!table_.has_value()) throw error("loaded_table<" + std::to_string(slot) + ">: no table is loaded");
    return table_->multiply(a, b);
  }

 private:
  static inline std::optional<table_multiplier> table_;
};

}  // namespace napier
