#pragma once
// napier/gemm/table_sums.hpp — any multiplier on a format of at most 8 bits, through a table of all its products.
//
// What      the table holds what one product adds to an empty accumulator: floats or doubles for native sums, added k ascending; for exact sums
//           integers of one unit, in one to three int64 windows (posit8_2: its products span 97 bits or more)
// Proof     the depth times the largest entry stays below 2^62
// Windows   where the whole table takes more than one, a large product looks which codes its operands have: their products may fit one window,
//           in a unit of their own
// Speed     four k at a time: of each product one load of the table, whose rows of 2 KiB lie in the first-level cache. Gathers were
//           no faster
// Special   operands whose every product is NaN (a posit's NaR) are left to the reference, as are tables with other NaNs and infinities,
//           and multipliers that are not functions of their operands (counted<M>)
// Checked   tests/gemm/paths_rounded_test.cpp

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

#include <napier/core/matrix_view.hpp>
#include <napier/gemm/engines.hpp>
#include <napier/gemm/finish.hpp>
#include <napier/gemm/packed_rows.hpp>
#include <napier/gemm/paths.hpp>
#include <napier/gemm/reference.hpp>
#include <napier/multipliers/decorators.hpp>

namespace napier::detail {

template <class M>
inline constexpr bool has_side_effects = false;
template <class M>
inline constexpr bool has_side_effects<counted<M>> = true;
template <class M, class F>
inline constexpr bool has_side_effects<rounded<M, F>> = has_side_effects<M>;
template <class M, class F>
inline constexpr bool has_side_effects<lut<M, F>> = has_side_effects<M>;

template <class M>
constexpr bool takes_table() {
  using F = typename M::format;
  using A = typename M::accumulator;
  using multiplier = typename parts_of<M>::multiplier;
  if constexpr (std::is_void_v<multiplier> || sizeof(F) != 1 || !std::is_trivially_copyable_v<F>) {
    return false;
  } else {
    return sum_family_of<M> == sum_family::reference && !has_side_effects<multiplier> &&
           (std::is_same_v<A, native<float>> || std::is_same_v<A, native<double>> || is_quire<A> ||
            is_fixed64<A>);
  }
}

template <class M>
class product_table {
  using F = typename M::format;
  using A = typename M::accumulator;

 public:
  static constexpr bool is_exact = A::is_exact;
  using entry = std::conditional_t<is_exact, std::int64_t,
                                   std::conditional_t<std::is_same_v<A, native<float>>, float, double>>;
  static constexpr int window_bits = 48;

  static const product_table& instance() {
    static const product_table table;
    return table;
  }
  static bool is_built() { return __atomic_load_n(&built_, __ATOMIC_ACQUIRE); }

  bool is_usable() const { return windows_ != 0; }
  int windows() const { return windows_; }
  int unit() const { return unit_; }
  std::int64_t largest() const { return largest_; }
  bool is_special(std::uint8_t code) const { return special_[code]; }
  // The products of one left operand, by the right one's code.
  const entry* row(std::uint8_t left, int window) const {
    return entries_.data() + (static_cast<std::size_t>(window) * 256 + left) * 256;
  }

 private:
  product_table() {
    const std::vector<unpacked> products = all_products();
    if constexpr (is_exact) {
      find_specials(products);
      int lowest = 1 << 20;
      int highest = -(1 << 20);
      for (std::size_t i = 0; i < products.size(); ++i) {
        const unpacked& x = products[i];
        if (special_[i / 256] || special_[i % 256] || x.is_zero()) continue;
        if (!x.is_finite()) return;
        const int zeros = x.tail != 0 ? std::countr_zero(x.tail) : 64 + std::countr_zero(x.significand);
        lowest = std::min(lowest, x.exponent - 127 + zeros);
        highest = std::max(highest, x.exponent);
      }
      const int bits = highest < lowest ? 1 : highest - lowest + 1;
      if (bits > 126) return;
      unit_ = lowest;
      windows_ = bits <= window_bits + 2 ? 1 : bits <= 2 * window_bits + 2 ? 2 : 3;
    } else {
      windows_ = 1;
    }
    entries_.resize(static_cast<std::size_t>(windows_) * 65536);
    for (std::size_t i = 0; i < products.size(); ++i) set(i, products[i]);
    __atomic_store_n(&built_, true, __ATOMIC_RELEASE);
  }

  // What a product adds to an empty sum.
  static std::vector<unpacked> all_products() {
    std::vector<unpacked> products(65536);
    const std::vector<unpacked>& table = lut<typename parts_of<M>::multiplier, F>::table();
    for (std::size_t i = 0; i < products.size(); ++i) {
      A sum{};
      sum.add(table[i]);
      products[i] = sum.value();
    }
    return products;
  }

  void find_specials(const std::vector<unpacked>& products) {
    for (std::size_t code = 0; code < 256; ++code) {
      bool all = true;
      for (std::size_t other = 0; other < 256 && all; ++other) {
        all = products[code * 256 + other].is_nan() || products[other * 256 + code].is_nan();
      }
      special_[code] = all;
    }
  }

  void set(std::size_t i, const unpacked& x) {
    if constexpr (!is_exact) {
      entries_[i] = round_to<entry>(x);
    } else if (!special_[i / 256] && !special_[i % 256] && x.is_finite()) {
      const int shift = 127 - (x.exponent - unit_);
      uint128 magnitude = x.wide_significand() >> shift;  // the product in units
      for (int w = 0; w < windows_; ++w) {
        const bool is_last = w + 1 == windows_;
        const auto part =
            static_cast<std::int64_t>(is_last ? magnitude : magnitude & ((uint128{1} << window_bits) - 1));
        magnitude >>= window_bits;
        entries_[static_cast<std::size_t>(w) * 65536 + i] = x.negative ? -part : part;
        largest_ = std::max(largest_, part);
      }
    }
  }

  static inline bool built_ = false;

  int windows_ = 0;
  int unit_ = 0;
  std::int64_t largest_ = 0;
  bool special_[256] = {};
  std::vector<entry> entries_;
};

// sums[j] += table of a[k] at b[k · stride + j], k ascending.
template <class Entry>
void add_table_products(std::size_t depth, const Entry* const* rows, const std::uint8_t* b,
                        std::size_t stride, std::size_t columns, Entry* sums) {
  std::size_t k = 0;
  for (; k + 4 <= depth; k += 4) {
    const Entry* t0 = rows[k];
    const Entry* t1 = rows[k + 1];
    const Entry* t2 = rows[k + 2];
    const Entry* t3 = rows[k + 3];
    const std::uint8_t* b0 = b + k * stride;
    const std::uint8_t* b1 = b0 + stride;
    const std::uint8_t* b2 = b1 + stride;
    const std::uint8_t* b3 = b2 + stride;
    for (std::size_t j = 0; j < columns; ++j)
      sums[j] = (((sums[j] + t0[b0[j]]) + t1[b1[j]]) + t2[b2[j]]) + t3[b3[j]];
  }
  for (; k < depth; ++k) {
    for (std::size_t j = 0; j < columns; ++j) sums[j] += rows[k][b[k * stride + j]];
  }
}

// Which codes a matrix has.
class used_codes {
 public:
  template <class F>
  explicit used_codes(matrix_view<const F> m) {
    for (std::size_t i = 0; i < m.rows; ++i) {
      for (std::size_t j = 0; j < m.cols; ++j) is_used_[std::bit_cast<std::uint8_t>(m(i, j))] = true;
    }
  }
  bool operator[](std::size_t code) const { return is_used_[code]; }
  std::size_t count() const { return static_cast<std::size_t>(std::count(is_used_, is_used_ + 256, true)); }

 private:
  bool is_used_[256] = {};
};

// The products of some codes in one window: integers of 2^(the table's unit + shift).
struct one_window {
  int shift = 0;
  std::vector<std::int64_t> entries;  // empty where their sums do not fit
  std::uint8_t place[256] = {};       // which row of 256 entries is that of a left code

  const std::int64_t* row(std::uint8_t left) const { return entries.data() + std::size_t{place[left]} * 256; }
};

template <class Table>
one_window products_in_one_window(const Table& table, const used_codes& left, const used_codes& right,
                                  std::size_t depth) {
  const auto product = [&](std::size_t a, std::size_t b) {
    const auto row = static_cast<std::uint8_t>(a);
    int128 sum = 0;
    for (int w = table.windows() - 1; w >= 0; --w)
      sum = sum * (int128{1} << Table::window_bits) + table.row(row, w)[b];
    return sum;
  };
  uint128 bits = 0;  // set in any product
  for (std::size_t a = 0; a < 256; ++a) {
    for (std::size_t b = 0; left[a] && b < 256; ++b) {
      if (!right[b]) continue;
      const int128 p = product(a, b);
      bits |= p < 0 ? uint128{0} - static_cast<uint128>(p) : static_cast<uint128>(p);
    }
  }
  one_window window;
  while (bits != 0 && (bits & 1) == 0) {
    bits >>= 1;
    ++window.shift;
  }
  if (bits > (uint128{1} << 62) / depth) return window;
  window.entries.resize(left.count() * 256);
  std::size_t rows = 0;
  for (std::size_t a = 0; a < 256; ++a) {
    if (!left[a]) continue;
    window.place[a] = static_cast<std::uint8_t>(rows);
    for (std::size_t b = 0; b < 256; ++b) {
      if (right[b]) window.entries[rows * 256 + b] = static_cast<std::int64_t>(product(a, b) >> window.shift);
    }
    ++rows;
  }
  return window;
}

// So many products of matrices for each product of the window: else looking at the codes costs more than it saves.
inline constexpr std::size_t least_use = 16;

// Sums of one window, in units of 2^unit, finished as those of kernels are; false where they are finished one by one. They may be read up
// to the next whole register.
template <class M, class Entry, class Out>
bool finish_in_vectors(const Entry* sums, std::size_t count, int unit, bias_run<typename M::bias_type> bias,
                       Out* out) {
  using finishing = finishing_mac_t<M>;
  constexpr bool is_exact = M::accumulator::is_exact;
  constexpr int largest_unit = 900;  // the sum is a double
  if constexpr (is_exact && !rounds_at_once<finishing, Out>) {
    return false;
  } else {
    return unit >= -largest_unit && unit <= largest_unit && with_engine(active_isa(), [&](auto engine) {
             using Engine = decltype(engine);
             if constexpr (is_exact) {
               double high[2 * finish_step];
               double low[2 * finish_step];
               for (std::size_t first = 0; first < count; first += finish_step) {
                 const std::size_t n = std::min(finish_step, count - first);
                 Engine::split_integers(n, sums + first, power_of_two(unit), high, low);
                 finish_exact_sums<finishing>(high, low, n, bias, out + first, Engine::sums_to_odd);
               }
             } else {
               finish_running_sums<finishing>(sums, count, bias, out, Engine::template add_bias<Entry>);
             }
             return true;
           });
  }
}

// False where the reference has to do it.
template <class M, class Out>
bool gemm_by_table(matrix_view<const typename M::format> a, matrix_view<const typename M::format> b,
                   std::span<const typename M::bias_type> bias, matrix_view<Out> c) {
  using table_type = product_table<M>;
  using entry = typename table_type::entry;
  const table_type& table = table_type::instance();
  if (!table.is_usable() || a.cols == 0) return false;
  const auto code = [](auto x) { return std::bit_cast<std::uint8_t>(x); };
  int windows = table.windows();
  int unit = table.unit();
  one_window narrow;  // used instead of the table where that has more windows and these products need but one
  if constexpr (table_type::is_exact) {
    if (table.largest() > (std::int64_t{1} << 62) / static_cast<std::int64_t>(a.cols)) return false;
    const used_codes left(a);
    const used_codes right(b);
    for (std::size_t x = 0; x < 256; ++x) {
      if ((left[x] || right[x]) && table.is_special(static_cast<std::uint8_t>(x))) return false;
    }
    if (windows > 1 && c.rows * c.cols * a.cols >= least_use * 256 * left.count()) {
      narrow = products_in_one_window(table, left, right, a.cols);
      if (!narrow.entries.empty()) {
        windows = 1;
        unit += narrow.shift;
      }
    }
  }
  constexpr std::size_t width = 256;
  std::vector<const entry*> rows(a.cols);
  std::vector<entry> sums(static_cast<std::size_t>(windows) * width + 64 / sizeof(entry));
  for (std::size_t first = 0; first < c.cols; first += width) {
    const std::size_t columns = std::min(width, c.cols - first);
    const auto* codes = reinterpret_cast<const std::uint8_t*>(b.data + first);
    for (std::size_t i = 0; i < c.rows; ++i) {
      std::fill(sums.begin(), sums.end(), entry{});
      for (int w = 0; w < windows; ++w) {
        for (std::size_t k = 0; k < a.cols; ++k) {
          rows[k] = table.row(code(a(i, k)), w);
          if constexpr (table_type::is_exact) {
            if (!narrow.entries.empty()) rows[k] = narrow.row(code(a(i, k)));
          }
        }
        add_table_products(a.cols, rows.data(), codes, b.row_stride, columns,
                           sums.data() + static_cast<std::size_t>(w) * width);
      }
      const bias_run<typename M::bias_type> of_row{bias.empty() ? nullptr : &bias[i], 0};
      Out* out = &c(i, first);
      if (windows == 1 && finish_in_vectors<M>(sums.data(), columns, unit, of_row, out)) continue;
      for (std::size_t j = 0; j < columns; ++j) {
        typename M::accumulator sum{};
        if constexpr (table_type::is_exact) {
          for (int w = 0; w < windows; ++w) {
            const std::int64_t part = sums[static_cast<std::size_t>(w) * width + j];
            const std::uint64_t magnitude = part < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(part)
                                                     : static_cast<std::uint64_t>(part);
            sum.add(unpacked::from_integer(part < 0, magnitude, unit + w * table_type::window_bits));
          }
        } else {
          sum.add(sums[j]);
        }
        out[j] = finished<M, Out>(sum, of_row.first);
      }
    }
  }
  return true;
}

// Below that many products the table is not worth building, or, where it is, not worth the rest.
inline constexpr std::size_t least_table_work = 65536;
inline constexpr std::size_t least_built_table_work = 2048;

// The product for a MAC without kernels: by the table where there is one, else the reference.
template <class M, class Out>
void gemm_without_kernels(matrix_view<const typename M::format> a, matrix_view<const typename M::format> b,
                          std::span<const typename M::bias_type> bias, matrix_view<Out> c) {
  if constexpr (takes_table<M>()) {
    const std::size_t least = product_table<M>::is_built() ? least_built_table_work : least_table_work;
    const bool pays = active_isa() != isa::scalar && c.rows * c.cols * a.cols >= least;
    if (pays && gemm_by_table<M>(a, b, bias, c)) return;
  }
  reference_gemm<M>(a, b, bias, c);
}

}  // namespace napier::detail
