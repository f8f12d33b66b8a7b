#pragma once
// tests/layers/support.hpp — tensors that own their elements, random and exact ones; and what users may bring along.

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

#include <napier/core/arithmetic.hpp>
#include <napier/core/concepts.hpp>
#include <napier/formats/native.hpp>
#include <napier/layers/tensor_view.hpp>
#include <oracle/sweep.hpp>

template <class T>
struct tensor {
  napier::tensor_shape shape;
  std::vector<T> values;

  explicit tensor(const napier::tensor_shape& s, T value = T{}) : shape(s), values(s.size(), value) {}

  T& operator()(std::size_t n, std::size_t c, std::size_t h, std::size_t w) {
    return values[((n * shape.channels + c) * shape.height + h) * shape.width + w];
  }
  const T& operator()(std::size_t n, std::size_t c, std::size_t h, std::size_t w) const {
    return values[((n * shape.channels + c) * shape.height + h) * shape.width + w];
  }
  napier::tensor_view<T> view() { return {values.data(), shape}; }
  napier::tensor_view<const T> view() const { return {values.data(), shape}; }
};

template <class F>
std::uint64_t bits_of(F x) {
  if constexpr (std::same_as<F, float>) {
    return std::bit_cast<std::uint32_t>(x);
  } else if constexpr (std::same_as<F, double>) {
    return std::bit_cast<std::uint64_t>(x);
  } else {
    return static_cast<std::uint64_t>(x.bits());
  }
}

// Bit for bit; the empty sequences of a batch of zero are the same, too.
template <class F>
bool same_bits(const std::vector<F>& a, const std::vector<F>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (bits_of(a[i]) != bits_of(b[i])) return false;
  }
  return true;
}

template <class F>
F from_double(double x) {
  return napier::round_to<F>(napier::decode(x));
}
template <class F>
double to_double(F x) {
  return napier::round_to<double>(napier::decode(x));
}
template <class F>
std::vector<F> from_doubles(const std::vector<double>& values) {
  std::vector<F> result;
  for (const double value : values) result.push_back(from_double<F>(value));
  return result;
}

inline std::size_t between(random_bits& random, int low, int high) {
  return static_cast<std::size_t>(low + random.below(high - low + 1));
}

// Integers of [−magnitude, magnitude]: their sums are exact in float32 and float64, in any order.
inline std::vector<double> small_integers(random_bits& random, std::size_t count, int magnitude) {
  std::vector<double> result(count);
  for (double& value : result) value = random.below(2 * magnitude + 1) - magnitude;
  return result;
}

// Of both signs, within some binades of 1, one in eight zero: order and rounding matter.
template <class F>
std::vector<F> random_reals(random_bits& random, std::size_t count) {
  std::vector<F> result(count);
  for (F& value : result) {
    const double fraction = 1 + static_cast<double>(random() >> 12) / 0x1p52;
    const double scale = static_cast<double>(std::uint64_t{1} << random.below(6)) / 16;
    value = from_double<F>(random.below(8) == 0   ? 0
                           : random.below(2) == 0 ? fraction * scale
                                                  : -fraction * scale);
  }
  return result;
}

// What a user could bring, in a namespace of its own.
namespace foreign {

// (code − 128) / 16. The default value is not zero, there is no NaN and no operator<.
class offset_byte {
 public:
  static constexpr napier::format_kind kind = napier::format_kind::floating;
  static constexpr int width = 8;
  static constexpr int significand_bits = 8;
  static constexpr int min_exponent = -4;
  static constexpr int max_exponent = 3;
  static constexpr napier::name name() { return "offset_byte"; }

  constexpr offset_byte() = default;  // −8
  constexpr std::uint8_t bits() const { return code_; }
  friend constexpr bool operator==(offset_byte, offset_byte) = default;

  constexpr napier::unpacked decode() const {
    napier::unpacked value = napier::decode(static_cast<int>(code_) - 128);
    if (value.is_finite()) value.exponent -= 4;
    return value;
  }
  static constexpr offset_byte encode(napier::unpacked value) {
    if (value.is_finite()) value.exponent += 4;
    const int code = value.is_nan() ? 0 : napier::round_to<std::int16_t>(value);
    offset_byte result;
    result.code_ = static_cast<std::uint8_t>((code < -128 ? -128 : code > 127 ? 127 : code) + 128);
    return result;
  }

 private:
  std::uint8_t code_ = 0;
};

// The left operand cut to two significant bits: a × b is not b × a.
struct lopsided {
  static constexpr bool is_exact = false;
  static constexpr double mean_relative_error = -0.1;
  static constexpr napier::name name() { return "lopsided"; }

  template <napier::Format F>
  constexpr napier::unpacked multiply(F a, F b) const {
    napier::unpacked left = napier::decode(a);
    left.significand &= std::uint64_t{3} << 62;
    return napier::multiply(left, napier::decode(b));
  }
};

}  // namespace foreign
