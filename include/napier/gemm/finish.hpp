#pragma once
// napier/gemm/finish.hpp — finished sums: compensated, the bias added in the accumulator, rounded once.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <napier/gemm/columns.hpp>
#include <napier/gemm/lanes.hpp>
#include <napier/gemm/paths.hpp>
#include <napier/gemm/reference.hpp>

namespace napier::detail {

// One bias for all sums, one for each, or none.
template <class B>
struct bias_run {
  const B* first = nullptr;
  std::size_t stride = 0;
};

inline constexpr std::size_t finish_step = 64;

// sums · scale + bias: gemm/x86/windows.inc.
template <class T>
using bias_adder = void (*)(std::size_t count, const T* sums, const T* scale, const T* bias,
                            std::size_t bias_stride, T* out);

// Sums held in T; they may be read up to the next whole register.
template <class M, class Out, class T>
void finish_running_sums(const T* sums, std::size_t count, bias_run<typename M::bias_type> bias, Out* out,
                         bias_adder<T> add_bias) {
  T line[finish_step];
  T terms[finish_step];
  T constant = 1;
  if constexpr (M::is_compensated) constant = static_cast<T>(M::compensation());
  for (std::size_t first = 0; first < count; first += finish_step) {
    const std::size_t n = std::min(finish_step, count - first);
    const T* term = bias.first;
    if (bias.stride != 0) {
      std::copy_n(bias.first + first, n, terms);
      std::fill(terms + n, terms + finish_step, T{});
      term = terms;
    }
    add_bias(n, sums + first, M::is_compensated ? &constant : nullptr, term, bias.stride, line);
    if constexpr (std::is_same_v<Out, T>) {
      std::copy_n(line, n, out + first);
    } else {
      write_lanes<Out, T>(line, n, out + first);
    }
  }
}

// Sums that are the accumulator's own: gemm/chained_sums.hpp.
template <class M, class Out, class T>
void finish_chained_sums(const T* sums, std::size_t count, bias_run<typename M::bias_type> bias, Out* out,
                         bias_adder<T>) {
  using value_type = typename M::accumulator::value_type;
  for (std::size_t i = 0; i < count; ++i) {
    typename M::accumulator sum{};
    if constexpr (sizeof(T) == 8) {
      sum.add(value_type::from_bits(std::bit_cast<std::int64_t>(sums[i])));
    } else {
      sum.add(decode(double{sums[i]} * power_of_two(-chain_rule_of<M>().scale)));
    }
    out[i] = finished<M, Out>(sum, bias.first == nullptr ? nullptr : bias.first + i * bias.stride);
  }
}

template <class M, class Out>
inline constexpr bool rounds_at_once =
    PositFormat<typename M::format> && !M::is_compensated &&
    (is_quire<typename M::accumulator> ? !std::is_same_v<Out, double>
                                       : std::is_same_v<Out, typename M::format>);

// high + low + bias, rounded to odd: gemm/x86/windows.inc.
using odd_adder = void (*)(std::size_t count, const double* high, const double* low, const double* bias,
                           std::size_t bias_stride, double* odd);

// Exact sums high + low, in units of 2^-(2 · lane_scale). Both arrays may be read up to the next whole register.
template <class M, class Out>
void finish_exact_sums(const double* high, const double* low, std::size_t count,
                       bias_run<typename M::bias_type> bias, Out* out, odd_adder sums_to_odd) {
  using F = typename M::format;
  if constexpr (rounds_at_once<M, Out>) {
    double line[finish_step];
    double terms[finish_step] = {};
    const bool each = bias.first != nullptr && bias.stride != 0;
    if (bias.first != nullptr && !each) terms[0] = static_cast<double>(*bias.first);
    for (std::size_t first = 0; first < count; first += finish_step) {
      const std::size_t n = std::min(finish_step, count - first);
      if (each) convert(std::span<const F>(bias.first + first, n), std::span<double>(terms, n));
      sums_to_odd(n, high + first, low + first, terms, each ? 1 : 0, line);
      write_lanes<Out, double>(line, n, out + first);
    }
  } else {
    const auto term = [](double x) {
      unpacked value = decode(x);
      value.exponent -= value.is_finite() ? 2 * lane_scale<F> : 0;
      return value;
    };
    for (std::size_t i = 0; i < count; ++i) {
      typename M::accumulator sum{};
      sum.add(term(high[i]));
      if (low[i] != 0) sum.add(term(low[i]));
      out[i] = finished<M, Out>(sum, bias.first == nullptr ? nullptr : bias.first + i * bias.stride);
    }
  }
}

// What the loops' sums become: all they need to know of a MAC once its operands are packed.
template <class T, class B, class Out>
struct finisher {
  void (*running)(const T* sums, std::size_t count, bias_run<B> bias, Out* out,
                  bias_adder<T> add_bias) = nullptr;
  void (*exact)(const double* high, const double* low, std::size_t count, bias_run<B> bias, Out* out,
                odd_adder sums_to_odd) = nullptr;
  bool adds_exactly = false;
  // Running sums become sums · scale + bias.
  bool has_scale = false;
  T scale = 1;
};

template <class M, class Out>
constexpr finisher<lane_of<M>, typename M::bias_type, Out> finisher_of() {
  using finishing = finishing_mac_t<M>;
  if constexpr (is_exact_family(sum_family_of<M>) || sum_family_of<M> == sum_family::rounded) {
    return {nullptr, finish_exact_sums<finishing, Out>, !rounds_at_once<finishing, Out>};
  } else if constexpr (is_chained_family(sum_family_of<M>)) {
    return {finish_chained_sums<finishing, Out, lane_of<M>>, nullptr, false};
  } else {
    finisher<lane_of<M>, typename M::bias_type, Out> how{finish_running_sums<finishing, Out, lane_of<M>>};
    if constexpr (finishing::is_compensated) {
      how.has_scale = true;
      how.scale = static_cast<lane_of<M>>(finishing::compensation());
    }
    return how;
  }
}

// One row of sums of either kind.
template <class T>
struct row_of_sums {
  const T* running = nullptr;
  const double* high = nullptr;
  const double* low = nullptr;

  template <class Engine, class B, class Out>
  void finish(Engine, const finisher<T, B, Out>& how, std::size_t from, std::size_t count, bias_run<B> bias,
              Out* out) const {
    if (running != nullptr) {
      how.running(running + from, count, bias, out, Engine::template add_bias<T>);
    } else {
      how.exact(high + from, low + from, count, bias, out, Engine::sums_to_odd);
    }
  }
};

// A sink that is told each row by itself: place(row, strip, column, columns, sums).
template <class T, class Place>
class row_sink final : public sums_sink<T> {
 public:
  row_sink(bool adds_exactly, Place place) : adds_exactly_(adds_exactly), place_(std::move(place)) {}

  void write(std::size_t first_row, std::size_t rows, std::size_t strip, std::size_t column,
             std::size_t columns, const T* sums, std::size_t stride) override {
    for (std::size_t i = 0; i < rows; ++i) {
      place_(first_row + i, strip, column, columns, row_of_sums<T>{sums + i * stride});
    }
  }
  void write(std::size_t first_row, std::size_t rows, std::size_t strip, std::size_t column,
             std::size_t columns, const double* high, const double* low, std::size_t stride) override {
    for (std::size_t i = 0; i < rows; ++i) {
      place_(first_row + i, strip, column, columns,
             row_of_sums<T>{nullptr, high + i * stride, low + i * stride});
    }
  }
  bool adds_exactly() const override { return adds_exactly_; }

 private:
  bool adds_exactly_;
  Place place_;
};

inline constexpr std::size_t tile_room = 512;  // of a tile: 8 rows, or one, of at most 64 columns

template <class Engine, class Lane>
std::size_t whole_registers(std::size_t columns) {
  constexpr std::size_t step = static_cast<std::size_t>(Engine::template lanes<Lane>);
  return (columns + step - 1) / step * step;
}

// A tile of exact sums to rows of numbers. bias: null, or one a row; low: zero_sums where there are none.
template <class Engine, class T, class B, class Out>
void finish_exact_rows(const finisher<T, B, Out>& how, const B* bias, std::size_t rows, std::size_t columns,
                       const double* high, const double* low, std::size_t stride, Out* out,
                       std::size_t out_stride) {
  if (how.adds_exactly) {
    for (std::size_t i = 0; i < rows; ++i) {
      const bias_run<B> of_row{bias == nullptr ? nullptr : bias + i, 0};
      how.exact(high + i * stride, low + i * stride, columns, of_row, out + i * out_stride,
                Engine::sums_to_odd);
    }
    return;
  }
  if (bias == nullptr && low == zero_sums) {
    return write_lane_rows<Out, double>(high, stride, rows, columns, out, out_stride);
  }
  double line[tile_room];
  const std::size_t pitch = whole_registers<Engine, double>(columns);
  for (std::size_t i = 0; i < rows; ++i) {
    const double term = bias == nullptr ? 0 : static_cast<double>(bias[i]);
    Engine::sums_to_odd(columns, high + i * stride, low == zero_sums ? nullptr : low + i * stride, &term, 0,
                        line + i * pitch);
  }
  write_lane_rows<Out, double>(line, pitch, rows, columns, out, out_stride);
}

// Rows of a matrix; what is one call a tile saves one a row and tile.
template <class Engine, class T, class B, class Out>
class matrix_sink final : public sums_sink<T> {
 public:
  // bias: null, or one a row. Column `column` of a strip is column first_column(strip) + column of c.
  matrix_sink(const finisher<T, B, Out>& how, const B* bias, Out* c, std::size_t stride,
              std::size_t strip_columns)
      : how_(how), bias_(bias), c_(c), stride_(stride), strip_columns_(strip_columns) {}

  void write(std::size_t first_row, std::size_t rows, std::size_t strip, std::size_t column,
             std::size_t columns, const T* sums, std::size_t stride) override {
    if constexpr (std::is_same_v<B, T>) {  // else the sums are chained ones, or there are none
      const T* scale = how_.has_scale ? &how_.scale : nullptr;
      const T* bias = bias_ == nullptr ? nullptr : bias_ + first_row;
      Out* out = place(first_row, strip, column);
      if constexpr (std::is_same_v<Out, T>) {
        Engine::template add_bias_rows<T>(rows, columns, sums, stride, scale, bias, out, stride_);
      } else if (scale == nullptr && bias == nullptr) {
        write_lane_rows<Out, T>(sums, stride, rows, columns, out, stride_);
      } else {
        T line[tile_room];
        const std::size_t pitch = whole_registers<Engine, T>(columns);
        Engine::template add_bias_rows<T>(rows, pitch, sums, stride, scale, bias, line, pitch);
        write_lane_rows<Out, T>(line, pitch, rows, columns, out, stride_);
      }
    } else if (how_.running != nullptr) {
      Out* out = place(first_row, strip, column);
      for (std::size_t i = 0; i < rows; ++i) {
        const bias_run<B> of_row{bias_ == nullptr ? nullptr : bias_ + first_row + i, 0};
        how_.running(sums + i * stride, columns, of_row, out + i * stride_, Engine::template add_bias<T>);
      }
    }
  }

  void write(std::size_t first_row, std::size_t rows, std::size_t strip, std::size_t column,
             std::size_t columns, const double* high, const double* low, std::size_t stride) override {
    finish_exact_rows<Engine>(how_, bias_ == nullptr ? nullptr : bias_ + first_row, rows, columns, high, low,
                              stride, place(first_row, strip, column), stride_);
  }
  bool adds_exactly() const override { return how_.adds_exactly; }

 private:
  Out* place(std::size_t row, std::size_t strip, std::size_t column) const {
    return c_ + row * stride_ + strip * strip_columns_ + column;
  }
  const finisher<T, B, Out>& how_;
  const B* bias_;
  Out* c_;
  std::size_t stride_;
  std::size_t strip_columns_;
};

}  // namespace napier::detail
