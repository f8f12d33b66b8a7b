#pragma once
// napier/gemm/gemm.hpp — the product of two matrices over a MAC, as fast as the processor allows.
//
// What      what gemm/reference.hpp computes, bit for bit: c(i, j) = round(sum over k ascending of a(i, k) × b(k, j)), with a bias
//           the bias added in the accumulator before the one rounding. gemm/paths.hpp tells which MAC takes which loops, docs/gemm.md why
//           they keep every bit. packed_matrix<M> keeps a left matrix packed for many products
// Shapes    a: m × k, b: k × n, c: m × n; c does not overlap a or b; k = 0 gives zeros, or the bias
// Threads   compiled with OpenMP: columns are dealt to threads. The bits do not depend on their number
// Errors    shape_error when the shapes do not fit
// Checked   tests/gemm/paths_*_test.cpp, tests/gemm/reference_test.cpp

#include <cstddef>
#include <span>
#include <vector>

#ifdef _OPENMP
#include <omp.h>
#endif

#include <napier/gemm/chained_sums.hpp>
#include <napier/gemm/engines.hpp>
#include <napier/gemm/exact_sums.hpp>
#include <napier/gemm/finish.hpp>
#include <napier/gemm/matrix_columns.hpp>
#include <napier/gemm/paths.hpp>
#include <napier/gemm/reference.hpp>
#include <napier/gemm/rounded_sums.hpp>
#include <napier/gemm/running_sums.hpp>
#include <napier/gemm/table_sums.hpp>

namespace napier {

namespace detail {

// False where the reference has to do it: a special value, or sums that the windows do not hold. What depends on a MAC is in `path`:
// the loops are compiled once a lane type and family.
template <class Engine, class T, sum_family family>
[[gnu::noinline]] bool multiply(Engine, const sum_path<T, family>& path, const packed_rows<T>& a,
                                column_source<T>& b, sums_sink<T>& sink) {
  if constexpr (is_exact_family(family)) {
    exact_sums<Engine, family> sums(path.packing, a);
    return sums.run(b, sink);
  } else if constexpr (is_chained_family(family)) {
    chained_sums<Engine, T, family> sums(path.chain, a);
    return sums.run(b, sink);
  } else if constexpr (family == sum_family::rounded) {
    const auto run = [&](auto is_logarithm, auto is_native) {
      rounded_sums<Engine, T, is_logarithm, is_native> sums(path.packing, path.rounding, a);
      return sums.run(b, sink);
    };
    constexpr std::true_type yes;
    constexpr std::false_type no;
    if (path.packing.operands.is_logarithm) return path.is_native ? run(yes, yes) : run(yes, no);
    return path.is_native ? run(no, yes) : run(no, no);
  } else {
    running_sums<Engine, T, family> sums(path.product, a, path.significand_bits);
    return sums.run(b, sink);
  }
}

template <class Engine, class T, sum_family family, class F>
packed_rows<T> pack_rows(Engine engine, const sum_path<T, family>& path, matrix_view<const F> a,
                         const depth_blocks& blocks) {
  return packed_rows<T>::pack(engine, path.packing, a.rows, blocks, lanes_of<T, F>(a));
}

// Columns first … first + count − 1 of c.
template <class Engine, class T, sum_family family, class F, class B, class Out>
[[gnu::noinline]] bool gemm_columns(Engine engine, const sum_path<T, family>& path,
                                    const finisher<T, B, Out>& how, const packed_rows<T>& a,
                                    matrix_view<const F> b, std::span<const B> bias, matrix_view<Out> c,
                                    std::size_t first, std::size_t count) {
  column_use use;
  use.makes_ones_late = family == sum_family::running_float || family == sum_family::exact;
  if constexpr (family == sum_family::running_float || family == sum_family::running_double) {
    use.wants_range = path.product != running_product::rounded;
  }
  using source = source_lane<T, F>;
  matrix_columns<Engine, T, source> columns(path.packing.operands, a.blocks(), a.rows(), b.data + first,
                                            b.row_stride, count, lane_reader_of<source, F>(), use);
  matrix_sink<Engine, T, B, Out> sink(how, bias.empty() ? nullptr : bias.data(), c.data + first, c.row_stride,
                                      columns.first_column(1));
  return multiply(engine, path, a, columns, sink);
}

template <class Engine, class T, sum_family family, class F, class B, class Out>
bool gemm_packed(Engine engine, const sum_path<T, family>& path, const finisher<T, B, Out>& how,
                 const packed_rows<T>& a, matrix_view<const F> b, std::span<const B> bias,
                 matrix_view<Out> c) {
#ifdef _OPENMP
  constexpr double work_a_thread = 4e6;  // products, about 0.1 ms
  const double work = static_cast<double>(c.rows) * static_cast<double>(c.cols) * static_cast<double>(b.rows);
  const int threads =
      std::min(omp_in_parallel() != 0 ? 1 : omp_get_max_threads(), static_cast<int>(work / work_a_thread));
  if (threads > 1) {
    constexpr std::size_t width = panel_width<Engine, T>;
    const std::size_t share = (c.cols / width / static_cast<std::size_t>(threads) + 1) * width;
    bool all = true;
#pragma omp parallel for num_threads(threads) reduction(&& : all)
    for (int t = 0; t < threads; ++t) {
      const std::size_t first = std::min(c.cols, static_cast<std::size_t>(t) * share);
      const std::size_t count = std::min(share, c.cols - first);
      all = all && (count == 0 || gemm_columns(engine, path, how, a, b, bias, c, first, count));
    }
    return all;
  }
#endif
  return gemm_columns(engine, path, how, a, b, bias, c, 0, c.cols);
}

// Below that many products packing costs more than it saves.
inline constexpr std::size_t least_work = 512;

// A product of matrices without kernels.
template <class F, class B, class Out>
using plain_gemm = void (*)(matrix_view<const F> a, matrix_view<const F> b, std::span<const B> bias,
                            matrix_view<Out> c);

// All that code compiled once a format, bias, output, lane and family needs to know of a MAC. Without kernels, only `plain` counts.
template <class F, class B, class Out, class T, sum_family of_family>
struct mac_path {
  plain_gemm<F, B, Out> plain = nullptr;
  sum_path<T, of_family> sums = {};
  finisher<T, B, Out> how = {};
};

template <class M, class Out>
using mac_path_t = mac_path<typename M::format, typename M::bias_type, Out, lane_of<M>, sum_family_of<M>>;

template <class M, class Out>
constexpr mac_path_t<M, Out> mac_path_of() {
  mac_path_t<M, Out> path{gemm_without_kernels<M, Out>};
  if constexpr (sum_family_of<M> != sum_family::reference) {
    path.sums = path_of<M>();
    path.how = finisher_of<M, Out>();
  }
  return path;
}

// A left matrix and its panels, which are made for one instruction set.
template <class F, class T>
class left_matrix {
 public:
  left_matrix() = default;
  left_matrix(matrix_view<const F> a) : rows_(a.rows), cols_(a.cols) {
    for (std::size_t i = 0; i < a.rows; ++i) {
      for (std::size_t k = 0; k < a.cols; ++k) numbers_.push_back(a(i, k));
    }
  }
  void pack(const packing_rule<T>& rule) {
    if (cols_ == 0) return;
    isa_ = active_isa();
    with_engine(isa_, [&](auto engine) {
      packed_ = packed_rows<T>::pack(engine, rule, rows_, usual_blocks<T>(cols_), lanes_of<T, F>(view()));
      return true;
    });
  }

  matrix_view<const F> view() const { return {numbers_.data(), rows_, cols_}; }
  const packed_rows<T>& packed() const { return packed_; }
  isa packed_for() const { return isa_; }

 private:
  std::size_t rows_ = 0;
  std::size_t cols_ = 0;
  std::vector<F> numbers_;
  isa isa_ = isa::scalar;
  packed_rows<T> packed_;
};

template <class F, class B, class Out, class T, sum_family family>
[[gnu::noinline]] void gemm_by_path(const mac_path<F, B, Out, T, family>& path, matrix_view<const F> a,
                                    matrix_view<const F> b, std::span<const B> bias, matrix_view<Out> c) {
  check_gemm(a.rows, a.cols, b.rows, b.cols, c.rows, c.cols, bias.size());
  if constexpr (family != sum_family::reference) {
    const bool is_small = a.cols == 0 || c.rows * c.cols * a.cols < least_work;
    if (!is_small && with_engine(active_isa(), [&](auto engine) {
          const auto packed = pack_rows(engine, path.sums, a, usual_blocks<T>(a.cols));
          return gemm_packed(engine, path.sums, path.how, packed, b, bias, c);
        })) {
      return;
    }
  }
  path.plain(a, b, bias, c);
}

template <class F, class B, class Out, class T, sum_family family>
[[gnu::noinline]] void gemm_by_path(const mac_path<F, B, Out, T, family>& path, const left_matrix<F, T>& a,
                                    matrix_view<const F> b, std::span<const B> bias, matrix_view<Out> c) {
  const matrix_view<const F> view = a.view();
  if constexpr (family != sum_family::reference) {
    check_gemm(view.rows, view.cols, b.rows, b.cols, c.rows, c.cols, bias.size());
    const bool is_packed = a.packed_for() == active_isa() && view.cols != 0 && c.rows * c.cols != 0;
    if (is_packed && with_engine(a.packed_for(), [&](auto engine) {
          return gemm_packed(engine, path.sums, path.how, a.packed(), b, bias, c);
        })) {
      return;
    }
    if (is_packed) return path.plain(view, b, bias, c);
  }
  gemm_by_path(path, view, b, bias, c);
}

}  // namespace detail

// A left matrix, packed for the instruction set that was active then.
template <Mac M>
class packed_matrix : public detail::left_matrix<typename M::format, detail::lane_of<M>> {
 public:
  using format = typename M::format;

  packed_matrix() = default;
  explicit packed_matrix(matrix_view<const format> a) : detail::left_matrix<format, detail::lane_of<M>>(a) {
    if constexpr (detail::sum_family_of<M> != detail::sum_family::reference) {
      this->pack(detail::packing_rule_of<M>());
    }
  }
};

// bias: none, or one a row of c.
template <Mac M, OutputOf<M> Out>
void gemm(matrix_view<const typename M::format> a, matrix_view<const typename M::format> b,
          std::span<const typename M::bias_type> bias, matrix_view<Out> c) {
  detail::gemm_by_path(detail::mac_path_of<M, Out>(), a, b, bias, c);
}

template <Mac M, OutputOf<M> Out>
void gemm(matrix_view<const typename M::format> a, matrix_view<const typename M::format> b,
          matrix_view<Out> c) {
  gemm<M>(a, b, {}, c);
}

template <Mac M, OutputOf<M> Out>
void gemm(const packed_matrix<M>& a, matrix_view<const typename M::format> b,
          std::span<const typename M::bias_type> bias, matrix_view<Out> c) {
  const detail::left_matrix<typename M::format, detail::lane_of<M>>& left = a;
  detail::gemm_by_path(detail::mac_path_of<M, Out>(), left, b, bias, c);
}

}  // namespace napier
