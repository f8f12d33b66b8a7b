#pragma once
// napier/gemm/lanes.hpp — numbers of a format as lanes: float or double, exactly; and back, rounded once.
//
// What      floats and posits: their value. Fixed point and integers: their code, the value · 2^fraction_bits

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>

#include <napier/core/concepts.hpp>
#include <napier/core/matrix_view.hpp>
#include <napier/formats/array.hpp>
#include <napier/formats/native.hpp>

namespace napier::detail {

template <Format F>
inline constexpr int lane_scale = 0;
template <FixedFormat F>
inline constexpr int lane_scale<F> = format_traits<F>::fraction_bits;

// `rows` rows of `count` numbers, row_stride and out_stride apart; NaN stays NaN.
template <class T, Format F>
void read_lane_rows(const void* numbers, std::size_t row_stride, std::size_t rows, std::size_t count, T* out,
                    std::size_t out_stride) {
  const F* from = static_cast<const F*>(numbers);
#if defined(__x86_64__)
  if constexpr (!std::is_same_v<F, T> && lane_scale<F> == 0 && decodes_in<T, F>) {
    if (active_isa() == isa::avx512)
      return avx512::decode_rows(from, row_stride, rows, count, out, out_stride);
    if (active_isa() == isa::avx2) return avx2::decode_rows(from, row_stride, rows, count, out, out_stride);
  }
#endif
  for (std::size_t row = 0; row < rows; ++row, from += row_stride, out += out_stride) {
    if constexpr (std::is_same_v<F, T>) {
      std::memcpy(out, from, count * sizeof(T));
    } else if constexpr (IntegerFormat<F> && std::is_integral_v<F>) {
      for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<T>(from[i]);
    } else {
      convert(std::span<const F>(from, count), std::span<T>(out, count));
      if constexpr (lane_scale<F> != 0) {
        constexpr T scale = static_cast<T>(std::uint64_t{1} << lane_scale<F>);
        for (std::size_t i = 0; i < count; ++i) out[i] *= scale;
      }
    }
  }
}

// One row of them.
template <class T, Format F>
void read_lanes(const void* numbers, std::size_t count, T* out) {
  read_lane_rows<T, F>(numbers, 0, 1, count, out, 0);
}

template <Format Out, class T>
void write_lanes(const T* from, std::size_t count, Out* out) {
  if constexpr (std::is_same_v<Out, T>) {
    for (std::size_t i = 0; i < count; ++i)
      out[i] = from[i] == from[i] ? from[i] : round_to<T>(unpacked::nan());
  } else {
    convert(std::span<const T>(from, count), std::span<Out>(out, count));
  }
}

// The same for `rows` rows, from_stride and out_stride apart; `from` may be read up to the next whole register.
template <Format Out, class T>
void write_lane_rows(const T* from, std::size_t from_stride, std::size_t rows, std::size_t count, Out* out,
                     std::size_t out_stride) {
#if defined(__x86_64__)
  if constexpr (!std::is_same_v<Out, T> && encodes_from<T, Out>) {
    if (active_isa() == isa::avx512)
      return avx512::encode_rows(from, from_stride, rows, count, out, out_stride);
    if (active_isa() == isa::avx2) return avx2::encode_rows(from, from_stride, rows, count, out, out_stride);
  }
#endif
  for (std::size_t i = 0; i < rows; ++i)
    write_lanes<Out, T>(from + i * from_stride, count, out + i * out_stride);
}

// The lanes that numbers of F are decoded to on their way to lanes T: posits that are floats, twice as many at once.
template <class T, Format F>
inline constexpr bool decodes_by_floats = false;
template <PositFormat F>
inline constexpr bool decodes_by_floats<double, F> = decodes_in<float, F>;
template <class T, Format F>
using source_lane = std::conditional_t<decodes_by_floats<T, F>, float, T>;

// A reader of numbers whose format the loops do not know.
template <class T>
struct lane_reader {
  std::size_t element_size;
  void (*read)(const void* numbers, std::size_t count, T* out);
  void (*read_rows)(const void* numbers, std::size_t row_stride, std::size_t rows, std::size_t count, T* out,
                    std::size_t out_stride);

  void operator()(const void* first, std::size_t index, std::size_t count, T* out) const {
    read(static_cast<const char*>(first) + index * element_size, count, out);
  }
  // The numbers are the lanes.
  bool reads_in_place() const { return read == read_lanes<T, T>; }
};

template <class T, Format F>
constexpr lane_reader<T> lane_reader_of() {
  return {sizeof(F), read_lanes<T, F>, read_lane_rows<T, F>};
}

// A matrix of such numbers, row after row.
template <class T>
struct lane_matrix {
  const void* first;
  std::size_t row_stride;
  lane_reader<T> reader;

  void read(std::size_t row, std::size_t col, std::size_t count, T* out) const {
    reader(first, row * row_stride + col, count, out);
  }
  // The rows from that one on.
  lane_matrix from_row(std::size_t row) const {
    return {static_cast<const char*>(first) + row * row_stride * reader.element_size, row_stride, reader};
  }
};

template <class T, Format F>
constexpr lane_matrix<T> lanes_of(matrix_view<const F> m) {
  return {m.data, m.row_stride, lane_reader_of<T, F>()};
}

}  // namespace napier::detail
