#include "own_arithmetic.hpp"

#include <bit>
#include <cmath>

#include <fmt/format.h>

#include <napier/core/error.hpp>
#include <napier/core/isa.hpp>
#include <napier/multipliers/mitch.hpp>
#include <napier/multipliers/mitchell.hpp>

namespace napier_study {

namespace {

#define NAPIER_STUDY_INLINE \
  [[gnu::always_inline]] inline  // into loops that are compiled for another instruction set

NAPIER_STUDY_INLINE std::uint32_t bits_of(float x) { return std::bit_cast<std::uint32_t>(x); }

// A function of the bits of two operands, as a circuit's error is, but one without a pattern.
NAPIER_STUDY_INLINE float uniform_error(float x, float y, const own_parameters& p) {
  std::uint32_t h = bits_of(x) * 0x9e3779b1u ^ std::rotl(bits_of(y) * 0x85ebca77u, 13);
  h = (h ^ (h >> 15)) * 0x2c1b3c6du;
  h = (h ^ (h >> 12)) * 0x297a2d39u;
  h ^= h >> 15;
  return p.low + (p.high - p.low) * (static_cast<float>(static_cast<std::int32_t>(h >> 8)) * 0x1p-24F);
}

NAPIER_STUDY_INLINE float shortened(float x, const own_parameters& p) {
  return std::bit_cast<float>((bits_of(x) + p.half) & p.kept);
}

// Products of less than 2^128.
NAPIER_STUDY_INLINE float sum_of_logarithms(float a, float b, std::uint32_t kept, std::uint32_t set) {
  constexpr std::int32_t least_normal = 0x00800000;
  constexpr std::int32_t one = 0x3f800000;
  const std::uint32_t sign = (bits_of(a) ^ bits_of(b)) & 0x80000000u;
  const auto x = static_cast<std::int32_t>((bits_of(a) & 0x7fffffffu & kept) | set);
  const auto y = static_cast<std::int32_t>((bits_of(b) & 0x7fffffffu & kept) | set);
  const std::int32_t product = x + (y - one);
  const bool is_zero = (x < least_normal) | (y < least_normal) | (product < least_normal);
  return std::bit_cast<float>(sign | static_cast<std::uint32_t>(is_zero ? 0 : product));
}

struct product_error_rule {
  NAPIER_STUDY_INLINE static float step(float sum, float a, float b, const own_parameters& p) {
    return sum + a * b * (1 + uniform_error(a, b, p));
  }
};

struct sum_error_rule {
  NAPIER_STUDY_INLINE static float step(float sum, float a, float b, const own_parameters& p) {
    // To add nothing is exact, as in any adder that is built.
    const float product = a * b;
    const float error = uniform_error(sum, product, p);
    return (sum + product) * (1 + ((bits_of(product) << 1) != 0 ? error : 0.0F));
  }
};

struct short_sum_rule {
  NAPIER_STUDY_INLINE static float step(float sum, float a, float b, const own_parameters& p) {
    return shortened(sum + a * b, p);
  }
};

struct short_product_rule {
  NAPIER_STUDY_INLINE static float step(float sum, float a, float b, const own_parameters& p) {
    return sum + shortened(a * b, p);
  }
};

struct short_operand_rule {
  NAPIER_STUDY_INLINE static float step(float sum, float a, float b, const own_parameters& p) {
    return sum + shortened(a, p) * shortened(b, p);
  }
};

struct mitch_rule {
  NAPIER_STUDY_INLINE static float step(float sum, float a, float b, const own_parameters& p) {
    return sum + sum_of_logarithms(a, b, p.kept, p.one);
  }
};

struct shaped_mitch_rule {
  NAPIER_STUDY_INLINE static float step(float sum, float a, float b, const own_parameters& p) {
    const float product = a * b;
    const float error = sum_of_logarithms(a, b, p.kept, 0) - product;
    return sum + (product + (p.bias * product + p.spread * error));
  }
};

template <class Rule>
struct rows {
  NAPIER_STUDY_INLINE static void each(float a, const float* __restrict b, float* __restrict sums,
                                       const own_parameters& shared) {
    const own_parameters p = shared;
    for (std::size_t i = 0; i < own_lanes; ++i) sums[i] = Rule::step(sums[i], a, b[i], p);
  }
  static void plain(float a, const float* b, float* sums, const own_parameters& p) { each(a, b, sums, p); }
#if defined(__x86_64__)
  __attribute__((target("avx2"))) static void avx2(float a, const float* b, float* sums,
                                                   const own_parameters& p) {
    each(a, b, sums, p);
  }
#endif

  static own_row best() {
#if defined(__x86_64__)
    if (napier::active_isa() != napier::isa::scalar) return avx2;
#endif
    return plain;
  }
};

template <class Rule>
own_arithmetic arithmetic_of(std::string name, const own_parameters& parameters) {
  return {std::move(name),
          [](float sum, float a, float b, const own_parameters& p) { return Rule::step(sum, a, b, p); },
          rows<Rule>::best(), parameters};
}

own_parameters error_between(double low, double high) {
  own_parameters parameters;
  parameters.low = static_cast<float>(low);
  parameters.high = static_cast<float>(high);
  return parameters;
}

own_parameters of_bits(int bits, bool is_rounded) {
  own_parameters parameters;
  parameters.kept = kept_bits(bits);
  parameters.half = is_rounded ? (~parameters.kept + 1) >> 1 : 0;
  return parameters;
}

std::string name_of(const char* what, int bits, bool is_rounded) {
  return fmt::format("{}-{}({})", is_rounded ? "rounded" : "cut", what, bits);
}

}  // namespace

std::uint32_t kept_bits(int significant_bits) { return ~0u << (24 - significant_bits); }

float mitch_product(float a, float b, std::uint32_t kept, std::uint32_t one) {
  return sum_of_logarithms(a, b, kept, one);
}

own_arithmetic mitch(int w, bool is_unbiased, bool is_compensated) {
  own_parameters parameters;
  parameters.kept = kept_bits(w);
  parameters.one = is_unbiased ? ~parameters.kept + 1 : 0;
  own_arithmetic result = arithmetic_of<mitch_rule>(
      fmt::format("mitch{}{}{}", w, is_unbiased ? "u" : "", is_compensated ? "c" : ""), parameters);
  const double bias = is_unbiased ? napier::detail::unbiased_mean(w) : napier::detail::mitch_mean(w);
  if (is_compensated) result.scale = static_cast<float>(1 / (1 + bias));
  return result;
}

own_arithmetic noisy_products(double low, double high) {
  return arithmetic_of<product_error_rule>(fmt::format("noisy-products({:g},{:g})", low, high),
                                           error_between(low, high));
}

own_arithmetic noisy_sums(double low, double high) {
  return arithmetic_of<sum_error_rule>(fmt::format("noisy-sums({:g},{:g})", low, high),
                                       error_between(low, high));
}

own_arithmetic short_sums(int bits, bool is_rounded) {
  return arithmetic_of<short_sum_rule>(name_of("sums", bits, is_rounded), of_bits(bits, is_rounded));
}

own_arithmetic short_products(int bits, bool is_rounded) {
  return arithmetic_of<short_product_rule>(name_of("products", bits, is_rounded), of_bits(bits, is_rounded));
}

own_arithmetic short_operands(int bits, bool is_rounded) {
  return arithmetic_of<short_operand_rule>(name_of("operands", bits, is_rounded), of_bits(bits, is_rounded));
}

own_arithmetic shaped_mitch(int w, double bias, double spread) {
  own_parameters parameters;
  parameters.kept = kept_bits(w);
  parameters.bias = static_cast<float>(bias);
  parameters.spread = static_cast<float>(spread);
  return arithmetic_of<shaped_mitch_rule>(fmt::format("mitch{}({:.9g}{:+.9g}e)", w, bias, spread),
                                          parameters);
}

void check_own_arithmetics() {
  const auto check = [](float a, float b, float product, const napier::unpacked& expected) {
    if (bits_of(product) == bits_of(napier::round_to<float>(expected))) return;
    throw napier::error(
        fmt::format("the study's Mitch-w product of {} and {} is {}, napier's another", a, b, product));
  };
  const auto check_all = [&](float a, float b) {
    check(a, b, mitch_product(a, b, kept_bits(3)), napier::mitch<3>{}.multiply(a, b));
    check(a, b, mitch_product(a, b, kept_bits(6)), napier::mitch<6>{}.multiply(a, b));
    check(a, b, mitch_product(a, b, kept_bits(24)), napier::mitchell{}.multiply(a, b));
    const own_parameters unbiased = mitch(7, true).parameters;
    check(a, b, mitch_product(a, b, unbiased.kept, unbiased.one),
          napier::mitch<7, napier::unbiased>{}.multiply(a, b));
  };
  std::uint32_t random = 1614;
  const auto next = [&] {
    random = random * 1664525u + 1013904223u;
    return std::bit_cast<float>(random);
  };
  for (int i = 0; i < 20000; ++i) {
    const float a = next();
    const float b = next();
    if (std::fabs(a) < 0x1p60F && std::fabs(b) < 0x1p60F) check_all(a, b);
  }
  check_all(0.0F, -1.5F);

  for (const own_arithmetic& each :
       {noisy_products(-0.1, 0.1), noisy_sums(-0.1, 0), short_sums(5, true), short_products(5, false),
        short_operands(5, true), shaped_mitch(6, 0.01, 1.5), mitch(9, true)}) {
    float b[own_lanes];
    float sums[own_lanes] = {};
    float expected[own_lanes] = {};
    for (int k = 0; k < 100; ++k) {
      const auto uniform = [&] {
        (void)next();
        return static_cast<float>(random >> 16) * 0x1p-14F - 2;
      };
      const float a = uniform();
      for (float& x : b) x = uniform();
      each.row(a, b, sums, each.parameters);
      for (std::size_t i = 0; i < own_lanes; ++i)
        expected[i] = each.step(expected[i], a, b[i], each.parameters);
    }
    for (std::size_t i = 0; i < own_lanes; ++i) {
      if (bits_of(sums[i]) != bits_of(expected[i])) {
        throw napier::error(
            fmt::format("the study's {} gives {} in a row, {} alone", each.name, sums[i], expected[i]));
      }
    }
  }
}

}  // namespace napier_study
