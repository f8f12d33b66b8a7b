#pragma once
// napier/multipliers/mitch.hpp — Mitch-w: Mitchell's product of operands cut to their w leading significant bits.
//
//   mitch<w>             1.FFFFF|ffff…    w − 1 fraction bits kept, the rest dropped
//   mitch<w, unbiased>   1.FFFF1|ffff…    w − 2 fraction bits kept, then a constant 1
//
// What      Mitchell's product (multipliers/mitchell.hpp) of the cut operands. On posits it is PLAM on cut fractions
// Error     mean and worst relative error over uniform operands: w = 6: -5.9 %, -14.7 %; unbiased: -3.85 % for every
//           w >= 5, w = 6 from -14.7 % to +6.2 %
// Signs     of integers and fixed point: mitch<w, sign_magnitude> is mitch<w>; mitch<w, ones_complement> is the C1 circuit
// Special   multipliers/log_product.hpp
// Source    M. S. Kim, A. A. Del Barrio et al., IEEE Trans. Computers 68(5), 2019; IEEE TETC, 2021
// Checked   tests/multipliers/mitch_test.cpp

#include <concepts>
#include <cstdint>
#include <type_traits>

#include <napier/multipliers/log_product.hpp>

namespace napier {

// The two circuits.
struct truncated;
struct unbiased;

namespace detail {

// Mean relative error of mitch<w>, fractions of both operands uniform in [0, 1). With N = 2^(w-1) cells of weight
// L(i) = ln((N + i + 1) / (N + i)):  sum over i, j of P(i/N, j/N) L(i) L(j), minus 1, P being Mitchell's product.
inline constexpr double mitch_mean_relative_error[] = {
    -0.519546986082, -0.320140968664, -0.191467384100, -0.118288362738, -0.079252426632, -0.059091004574,
    -0.048845299398, -0.043680672524, -0.041087849205, -0.039788801750, -0.039138618030, -0.038813361041,
    -0.038650691249, -0.038569346026, -0.038528670832, -0.038508332590};

// The same with fractions (i + 1/2) / N, N = 2^(w-2), for w = 2, 3, …
inline constexpr double unbiased_mean_relative_error[] = {-0.039093972164, -0.038533974300, -0.038491061226,
                                                          -0.038488189159, -0.038488006178, -0.038487994685};

constexpr double mitch_mean(int w) {
  if (w <= 16) return mitch_mean_relative_error[w - 1];
  double cell = 1.3329;  // beyond the table the distance to the limit halves with each bit
  for (int i = 0; i < w; ++i) cell /= 2;
  return mitchell_mean_relative_error - cell;
}

constexpr double unbiased_mean(int w) {
  return w <= 7 ? unbiased_mean_relative_error[w - 2] : mitchell_mean_relative_error;
}

template <class T, class... Options>
inline constexpr bool has_option = (std::same_as<T, Options> || ...);

}  // namespace detail

template <class T>
concept MitchOption = detail::has_option<T, truncated, unbiased, sign_magnitude, ones_complement>;

template <int w, MitchOption... Options>
struct mitch {
  static constexpr bool is_unbiased = detail::has_option<unbiased, Options...>;
  using signs =
      std::conditional_t<detail::has_option<ones_complement, Options...>, ones_complement, sign_magnitude>;

  static_assert(w >= (is_unbiased ? 2 : 1) && w <= 32, "mitch<w>: w is from 1 (unbiased: 2) to 32");

  static constexpr bool is_exact = false;
  static constexpr double mean_relative_error =
      is_unbiased ? detail::unbiased_mean(w) : detail::mitch_mean(w);
  static constexpr napier::name name() {
    return napier::name("mitch")
        .append(w)
        .append(is_unbiased ? "u" : "")
        .append(signs::complements ? "-c1" : "");
  }

  template <LogDomainFormat F>
  constexpr unpacked multiply(F a, F b) const {
    return detail::log_product_of<signs>(a, b, [](std::uint64_t significand) { return cut(significand); });
  }

  // A significand, leading one at bit 63, as it enters the adder.
  static constexpr std::uint64_t cut(std::uint64_t significand) {
    constexpr std::uint64_t kept = ~std::uint64_t{0} << (64 - w);
    constexpr std::uint64_t last = std::uint64_t{1} << (64 - w);
    return is_unbiased ? (significand & kept) | last : significand & kept;
  }
};

}  // namespace napier
