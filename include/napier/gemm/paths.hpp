#pragma once
// napier/gemm/paths.hpp — which MAC takes which loops and kernels; every other MAC takes the reference.
//
//   running sums in float    floats × (mitchell, mitch<w>) with native<float>; exact products and drum<k> with native<float>; mbm; roba and
//                            iterative_mitchell, whose products are made in doubles
//   running sums in double   floats of up to 24 significant bits × (exact, drum<k>) with native<double>
//   sums in narrow floats    floats × (exact, drum<k>, mitchell, mitch<w>) with native<bfloat16>, native<float16>, …
//   approximate adders       fixed point and integers of up to 32 bits × (exact, drum<k>) with loa<l> and truncated_adder<l>
//   rounded products         posits of up to 16 bits × (rounded-exact, rounded-plam, …) with their quire, and any of these multipliers
//                            with sums in the posit itself, without a quire
//   exact sums               posits × (exact, plam, mitchell, mitch<w>, drum<k>, mbm, roba, iterative_mitchell) with their quire; fixed
//                            point and integers of up to 32 bits × the same with fixed64
//
//   a table of products      any other multiplier on a format of at most 8 bits, with sums in float, double, the quire or fixed64
//                            (gemm/table_sums.hpp)
//
// compensated<A> takes A's path. What an operand becomes is told in gemm/operands.hpp.

#include <type_traits>

#include <napier/accumulators/fixed64.hpp>
#include <napier/accumulators/loa.hpp>
#include <napier/accumulators/native.hpp>
#include <napier/accumulators/quire.hpp>
#include <napier/accumulators/truncated_adder.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/gemm/chained_sums.hpp>
#include <napier/gemm/lanes.hpp>
#include <napier/gemm/packed_rows.hpp>
#include <napier/gemm/running_sums.hpp>
#include <napier/mac/mac.hpp>
#include <napier/multipliers/decorators.hpp>
#include <napier/multipliers/drum.hpp>
#include <napier/multipliers/iterative_mitchell.hpp>
#include <napier/multipliers/mbm.hpp>
#include <napier/multipliers/mitch.hpp>
#include <napier/multipliers/mitchell.hpp>
#include <napier/multipliers/plam.hpp>
#include <napier/multipliers/roba.hpp>

namespace napier::detail {

// ---- Multipliers --------------------------------------------------------------------------------------------

enum class product_family : unsigned char {
  unknown,
  exact,
  logarithm,
  corrected_logarithm,  // mbm's
  residual              // x y − r(x) r(y)
};

// bits: significant ones of an operand, the leading one included; 0: all. set_last: the last of them is a constant one.
template <product_family of_family, int bits = 0, bool set_last = false>
struct product_description {
  static constexpr product_family family = of_family;
  static constexpr int significant_bits = bits;
  static constexpr bool sets_last = set_last;
  static constexpr operand_residue residue = operand_residue::none;
  static constexpr int residue_ones = 0;
};
template <operand_residue of_residue, int ones = 0, int bits = 0>
struct residual_description : product_description<product_family::residual, bits> {
  static constexpr operand_residue residue = of_residue;
  static constexpr int residue_ones = ones;
};

template <class M>
struct product_of : product_description<product_family::unknown> {};
template <>
struct product_of<exact> : product_description<product_family::exact> {};
template <>
struct product_of<mitchell> : product_description<product_family::logarithm> {};
template <>
struct product_of<plam> : product_description<product_family::logarithm> {};
// One's complement is no sign and magnitude: the reference does it.
template <int w, class... Options>
struct product_of<mitch<w, Options...>>
    : product_description<mitch<w, Options...>::signs::complements ? product_family::unknown
                                                                   : product_family::logarithm,
                          w, mitch<w, Options...>::is_unbiased> {};

template <int k>
struct product_of<drum<k>> : product_description<product_family::exact, k, true> {};
template <>
struct product_of<mbm> : product_description<product_family::corrected_logarithm> {};
template <>
struct product_of<roba> : residual_description<operand_residue::nearest_power> {};
template <int stages, int w>
struct product_of<iterative_mitchell<stages, w>>
    : residual_description<operand_residue::leading_ones, stages, w> {};

template <class M>
inline constexpr bool adds_logarithms = product_of<M>::family == product_family::logarithm ||
                                        product_of<M>::family == product_family::corrected_logarithm;

// Operands enter as values, and something is done to them.
template <class M>
inline constexpr bool makes_values = (product_of<M>::family == product_family::exact &&
                                      product_of<M>::significant_bits != 0) ||
                                     product_of<M>::family == product_family::residual;

// The significant bits that operands are cut to; 0: to none. Values of a format that has no more are not cut; what goes through its
// code may have one bit more than significand_bits: the lowest number.
template <class M, class F>
inline constexpr int cut_bits = makes_values<M> && !CodedFormat<F> &&
                                        product_of<M>::significant_bits >= format_traits<F>::significand_bits
                                    ? 0
                                    : product_of<M>::significant_bits;

template <class M, class F, class T>
constexpr operand_rule<T> operand_rule_of() {
  operand_rule<T> rule;
  using product = product_of<M>;
  constexpr int kept = cut_bits<M, F>;
  constexpr int dropped = lane_fraction_bits<T> + 1 - kept;
  if constexpr (adds_logarithms<M>) {
    rule.is_logarithm = true;
    rule.has_ones = true;
    rule.less = lane_one<T>;
    rule.lowest = lane_bits<T>{1} << lane_fraction_bits<T>;
  } else if constexpr (makes_values<M>) {
    rule.is_cut = true;
    rule.has_ones = product::family == product_family::residual;
    rule.residue = product::residue;
    rule.residue_ones = product::residue_ones;
    rule.has_whole_three = CodedFormat<F>;
    if constexpr (FloatingFormat<F>) rule.lowest = pattern_of_power<T>(float32_min_normal_exponent);
    // an integer of so many bits enters as it is
    if constexpr (CodedFormat<F>) rule.set_from = pattern_of_power<T>(kept);
  }
  if constexpr (kept != 0 && dropped > 0) {
    rule.keep = ~lane_bits<T>{0} << dropped;
    rule.set = product::sets_last ? lane_bits<T>{1} << dropped : 0;
  }
  return rule;
}

// The last bit that a lane's operand of the exponents min … max can have, in the lane's units.
template <Format F, class M>
constexpr int lowest_operand_bit(int min_exponent, int max_exponent) {
  using product = product_of<M>;
  int lowest = min_exponent;
  for (int e = min_exponent; e <= max_exponent; ++e) {
    int bit = e - (format_traits<F>::significand_bits - 1);
    if constexpr (PositFormat<F>) {
      // fraction bits that the regime leaves
      const int k = e >> F::exponent_bits;
      const int regime = k >= 0 ? k + 2 : 1 - k;
      const int left = F::width - 1 - regime - F::exponent_bits;
      bit = e - (left > 0 ? left : 0);
    } else {
      bit = bit > 0 ? bit : 0;
    }
    if constexpr (cut_bits<M, F> != 0) {
      const int cut = e - (cut_bits<M, F> - 1);
      const bool is_set = product::sets_last && !(makes_values<M> && CodedFormat<F> && cut < 1);
      bit = is_set ? (cut < bit ? cut : bit) : cut > bit ? cut : bit;
    }
    lowest = bit < lowest ? bit : lowest;
  }
  return lowest;
}

// ---- MACs -----------------------------------------------------------------------------------------------------

template <class M>
struct parts_of {
  using multiplier = void;
};
template <class F, class M, class A>
struct parts_of<mac<F, M, A>> {
  using multiplier = M;
};

template <class A>
inline constexpr bool is_quire = false;
template <PositFormat P>
inline constexpr bool is_quire<quire<P>> = true;
template <class A>
inline constexpr bool is_fixed64 = false;
template <int fraction>
inline constexpr bool is_fixed64<fixed64_sum<fraction>> = true;

// Every number of F is a float, a double.
template <Format F>
inline constexpr bool fits_float =
    FloatingFormat<F>&& format_traits<F>::significand_bits <= 24 && format_traits<F>::min_exponent >= -149 &&
    format_traits<F>::max_exponent <= 127;
template <Format F>
inline constexpr bool fits_double_twice = (PositFormat<F> && format_traits<F>::significand_bits <= 53 &&
                                           format_traits<F>::max_exponent <= 480) ||
                                          ((FixedFormat<F> || IntegerFormat<F>)&&format_traits<F>::width <=
                                           32);

// rounded<M, P> with the quire of P, or any M with sums held in P: M's products are rounded to P. Void: neither.
template <class M, class F, class A>
struct rounded_multiplier {
  using type = void;
};
template <class M, PositFormat F>
struct rounded_multiplier<rounded<M, F>, F, quire<F>> : std::type_identity<M> {};
template <class M, PositFormat F>
struct rounded_multiplier<rounded<M, F>, F, native<F>> : std::type_identity<M> {};
template <class M, PositFormat F>
struct rounded_multiplier<M, F, native<F>> : std::type_identity<M> {};

template <class M>
using rounded_multiplier_of = typename rounded_multiplier<typename parts_of<M>::multiplier,
                                                          typename M::format, typename M::accumulator>::type;

template <class F>
inline constexpr bool is_short_posit = false;
template <PositFormat F>
inline constexpr bool is_short_posit<F> = F::width <= 16;

// What becomes of a number before it is multiplied: rounding apart.
template <class M>
using operand_multiplier_of = std::conditional_t<std::is_void_v<rounded_multiplier_of<M>>,
                                                 typename parts_of<M>::multiplier, rounded_multiplier_of<M>>;

// Products that are rounded to a posit in vectors.
template <class M>
inline constexpr bool has_rounded_kernels = product_of<M>::family == product_family::logarithm ||
                                            (product_of<M>::family == product_family::exact &&
                                             product_of<M>::significant_bits == 0);

// Sums in a float of few bits, with subnormals.
template <class A>
inline constexpr bool is_narrow_sum = false;
template <minifloat_spec spec>
inline constexpr bool is_narrow_sum<native<minifloat<spec>>> =
    spec.is_signed&& spec.has_zero&& spec.fraction_bits <= 10 &&
    spec.min_exponent() + spec.fraction_bits >= -126 && spec.max_exponent() <= 127;

enum class adder_kind : unsigned char { none, lower_or, truncated };
template <adder_kind of_kind, int lost>
struct adder_description {
  static constexpr adder_kind kind = of_kind;
  static constexpr int lost_bits = lost;
};
template <class A>
struct adder_of : adder_description<adder_kind::none, 0> {};
template <int l, int fraction>
struct adder_of<adder_sum<loa<l>, fraction>> : adder_description<adder_kind::lower_or, l> {};
template <int l, int fraction>
struct adder_of<adder_sum<truncated_adder<l>, fraction>> : adder_description<adder_kind::truncated, l> {};

template <class M>
constexpr sum_family sums_of() {
  using F = typename M::format;
  using A = typename M::accumulator;
  using product = product_of<typename parts_of<M>::multiplier>;
  if constexpr (is_short_posit<F> && has_rounded_kernels<rounded_multiplier_of<M>>) {
    return sum_family::rounded;
  } else if constexpr (product::family == product_family::unknown) {
    return sum_family::reference;
  } else if constexpr (fits_float<F> && std::is_same_v<A, native<float>>) {
    if constexpr (product::family == product_family::corrected_logarithm) {
      return sum_family::running_corrected;
    } else if constexpr (product::family == product_family::residual) {
      return sum_family::running_residual;
    } else if constexpr (product::family == product_family::logarithm) {
      return product::sets_last && product::significant_bits > 24 ? sum_family::reference
                                                                  : sum_family::running_float;
    }
    return sum_family::running_float;
  } else if constexpr (fits_float<F> && std::is_same_v<A, native<double>>) {
    return product::family == product_family::exact ? sum_family::running_double : sum_family::reference;
  } else if constexpr (fits_float<F> && is_narrow_sum<A>) {
    const bool is_whole_logarithm = product::family == product_family::logarithm &&
                                    !(product::sets_last && product::significant_bits > 24);
    return is_whole_logarithm || product::family == product_family::exact ? sum_family::running_narrow
                                                                          : sum_family::reference;
  } else if constexpr (fits_double_twice<F> && adder_of<A>::kind != adder_kind::none) {
    return product::family == product_family::exact ? sum_family::running_adder : sum_family::reference;
  } else if constexpr (fits_double_twice<F> && (is_quire<A> || is_fixed64<A>)) {
    if constexpr (product::family == product_family::corrected_logarithm) return sum_family::exact_corrected;
    return product::family == product_family::residual ? sum_family::exact_residual : sum_family::exact;
  } else {
    return sum_family::reference;
  }
}

template <class M>
inline constexpr sum_family sum_family_of = sums_of<M>();

// Twice a product of two numbers of F is a float of full precision.
template <class F>
inline constexpr bool products_fit_float = format_traits<F>::max_exponent <= 60;

constexpr bool runs_in_float(sum_family family) {
  return family == sum_family::running_float || family == sum_family::running_corrected ||
         family == sum_family::running_residual || family == sum_family::running_narrow;
}

template <class M>
using lane_of =
    std::conditional_t<runs_in_float(sum_family_of<M>) || (sum_family_of<M> == sum_family::rounded &&
                                                           products_fit_float<typename M::format>),
                       float, double>;

template <class M>
constexpr chain_rule chain_rule_of() {
  using A = typename M::accumulator;
  chain_rule rule;
  if constexpr (sum_family_of<M> == sum_family::running_narrow) {
    using traits = format_traits<typename A::value_type>;
    constexpr int bits = traits::significand_bits;
    rule.is_logarithm = product_of<typename parts_of<M>::multiplier>::family == product_family::logarithm;
    rule.highest_exponent = 104 + bits;
    rule.scale =
        traits::max_exponent < rule.highest_exponent ? rule.highest_exponent - traits::max_exponent : 0;
    rule.constants.scale = static_cast<float>(std::uint64_t{1} << (rule.scale / 2)) *
                           static_cast<float>(std::uint64_t{1} << (rule.scale - rule.scale / 2));
    rule.constants.lowest_exponent = (traits::min_exponent + bits - 1 + rule.scale + lane_bias<float>) << 23;
    rule.constants.rounding = ((24 - bits) << 23) + (1 << 22);
  } else if constexpr (sum_family_of<M> == sum_family::running_adder) {
    rule.lost_bits = adder_of<A>::lost_bits;
    const std::uint64_t low = (std::uint64_t{1} << rule.lost_bits) - 1;
    const bool truncates = adder_of<A>::kind == adder_kind::truncated;
    rule.constants.kept = truncates ? ~low : ~std::uint64_t{0};
    rule.constants.carry = truncates ? 0 : low - (low >> 1);
    rule.constants.lost = truncates ? 0 : low >> 1;
  }
  return rule;
}

template <class M>
constexpr packing_rule<lane_of<M>> packing_rule_of() {
  using F = typename M::format;
  using T = lane_of<M>;
  using multiplier = operand_multiplier_of<M>;
  packing_rule<T> rule;
  rule.operands = operand_rule_of<multiplier, F, T>();
  if constexpr (sum_family_of<M> == sum_family::rounded) {
    rule.is_rounded = true;
    rule.operands.has_ones = true;
    rule.operands.less -=
        lane_bits<T>{1}
        << lane_fraction_bits<T>;  // twice the product: its exponent's offset is a power of two
    rule.lowest_bit = lowest_operand_bit<F, exact>;
  } else if constexpr (sum_family_of<M> == sum_family::running_narrow) {
    constexpr chain_rule chain = chain_rule_of<M>();
    if (chain.is_logarithm) {
      rule.operands.less -= static_cast<lane_bits<T>>(chain.scale) << lane_fraction_bits<T>;
    }
  } else if constexpr (is_exact_family(sum_family_of<M>)) {
    rule.is_exact = true;
    rule.lowest_bit = lowest_operand_bit<F, multiplier>;
    // the antilogarithm of an integer circuit drops bits below its last place
    rule.has_floor = !PositFormat<F>;
    // of magnitudes of signed numbers, which have a bit less, none reaches that
    if constexpr (CodedFormat<F> && format_traits<F>::significand_bits == format_traits<F>::width) {
      rule.circuit_bits = 2 * format_traits<F>::width;
    }
  }
  return rule;
}

// Of an operand as it is multiplied.
template <class M>
inline constexpr int operand_bits = cut_bits<typename parts_of<M>::multiplier, typename M::format> != 0
                                        ? cut_bits<typename parts_of<M>::multiplier, typename M::format>
                                        : format_traits<typename M::format>::significand_bits;

template <class M>
constexpr running_product running_product_of() {
  if constexpr (product_of<typename parts_of<M>::multiplier>::family == product_family::logarithm) {
    return running_product::logarithm;
  } else {
    constexpr int bits = sum_family_of<M> == sum_family::running_float ? 24 : 53;
    return 2 * operand_bits<M> <= bits ? running_product::lossless : running_product::rounded;
  }
}

// All that the loops need to know of a MAC.
template <class T, sum_family of_family>
struct sum_path {
  static constexpr sum_family family = of_family;
  packing_rule<T> packing = {};
  running_product product = running_product::rounded;
  int significand_bits = 0;
  posit_rounding rounding = {};
  bool is_native = false;  // rounded products: sums are rounded, too
  chain_rule chain = {};
};

template <class M>
constexpr sum_path<lane_of<M>, sum_family_of<M>> path_of() {
  using F = typename M::format;
  sum_path<lane_of<M>, sum_family_of<M>> path{packing_rule_of<M>()};
  path.significand_bits = operand_bits<M>;
  if constexpr (sum_family_of<M> == sum_family::rounded) {
    path.rounding = {F::width, F::exponent_bits};
    path.is_native = std::is_same_v<typename M::accumulator, native<F>>;
  } else if constexpr (is_chained_family(sum_family_of<M>)) {
    path.chain = chain_rule_of<M>();
  } else if constexpr (!is_exact_family(sum_family_of<M>)) {
    path.product = running_product_of<M>();
  }
  return path;
}

// The depth of a block of lanes T. Longer exact sums would need a second window more often.
template <class T>
inline constexpr std::size_t usual_block_depth = sizeof(T) == 4 ? 384 : 256;

// A matrix a little deeper is one block.
template <class T>
constexpr depth_blocks usual_blocks(std::size_t depth) {
  return {depth, depth <= usual_block_depth<T> + usual_block_depth<T> / 2 ? depth : usual_block_depth<T>};
}

}  // namespace napier::detail
