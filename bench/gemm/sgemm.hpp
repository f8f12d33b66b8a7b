#pragma once
// What all is compared with: OpenBLAS's sgemm on one thread.

#ifdef NAPIER_BENCH_OPENBLAS

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "task.hpp"

extern "C" void openblas_set_num_threads(int threads);
extern "C" char* openblas_get_config(void);
extern "C" char* openblas_get_corename(void);
// NOLINTNEXTLINE(readability-identifier-naming): Fortran's name
extern "C" void sgemm_(const char* trans_a, const char* trans_b, const int* m, const int* n, const int* k,
                       const float* alpha, const float* a, const int* lda, const float* b, const int* ldb,
                       const float* beta, float* c, const int* ldc);

namespace napier_bench {

inline std::string sgemm_name() {
  const std::string config = openblas_get_config();  // "OpenBLAS 0.3.21 …"
  return config.substr(0, config.find(' ', config.find(' ') + 1)) + ", kernels for " +
         openblas_get_corename();
}

// Row-major c = a · b is column-major cᵀ = bᵀ · aᵀ.
class sgemm_task final : public task {
 public:
  sgemm_task(const shape& size, double zeros)
      : m_(static_cast<int>(size.m)),
        n_(static_cast<int>(size.n)),
        k_(static_cast<int>(size.k)),
        a_(normal_numbers<float>(size.m * size.k, 0)),
        b_(activations<float>(size.n * size.k, zeros)),
        c_(size.m * size.n) {
    openblas_set_num_threads(1);
  }

  void run() override {
    const float one = 1;
    const float zero = 0;
    sgemm_("N", "N", &n_, &m_, &k_, &one, b_.data(), &n_, a_.data(), &k_, &zero, c_.data(), &n_);
  }

  // Not by bits: the order of its sums is its own. A wrong call is off by far more.
  void check() const override {
    for (int j = 0; j < n_; ++j) {
      double sum = 0;
      double magnitude = 0;
      for (int k = 0; k < k_; ++k) {
        const double product =
            double{a_[static_cast<std::size_t>(k)]} *
            double{
                b_[static_cast<std::size_t>(k) * static_cast<std::size_t>(n_) + static_cast<std::size_t>(j)]};
        sum += product;
        magnitude += std::fabs(product);
      }
      if (!(std::fabs(double{c_[static_cast<std::size_t>(j)]} - sum) <= 1e-4 * magnitude)) {
        throw check_error("sgemm: output (0, " + std::to_string(j) + ") is " +
                          std::to_string(c_[static_cast<std::size_t>(j)]) + ", expected " +
                          std::to_string(sum));
      }
    }
  }

 private:
  int m_;
  int n_;
  int k_;
  std::vector<float> a_;
  std::vector<float> b_;
  std::vector<float> c_;
};

}  // namespace napier_bench

#endif
