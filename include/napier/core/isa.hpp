#pragma once
// napier/core/isa.hpp — instruction sets: which one the CPU has, which one is used.
//
//   scalar ← avx2 ← avx512      each falls back to the one before it where it has nothing of its own
//
// What      active_isa(): the best that CPU and operating system support, or what NAPIER_ISA=scalar|avx2|avx512 names, or what
//           an isa_scope names. avx2 stands for AVX2 with FMA and F16C; avx512 for F, BW, DQ and VL besides
// Speed     read once at the entry of an operation on arrays, never inside a loop
// Errors    name_error: NAPIER_ISA, or an isa_scope, names something else or what this CPU does not have
// Checked   tests/core/isa_test.cpp

#include <cstdlib>
#include <cstring>
#include <string>

#include <napier/core/error.hpp>

namespace napier {

enum class isa : unsigned char { scalar, avx2, avx512 };

inline constexpr isa all_isas[] = {isa::scalar, isa::avx2, isa::avx512};

constexpr const char* name_of(isa set) {
  return set == isa::avx512 ? "avx512" : set == isa::avx2 ? "avx2" : "scalar";
}

// The best this CPU has.
inline isa detected_isa() {
#if defined(__x86_64__)
  static const isa best = [] {
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return isa::scalar;
    const bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    return wide ? isa::avx512 : isa::avx2;
  }();
  return best;
#else
  return isa::scalar;
#endif
}

inline isa isa_of(const char* text) {
  for (const isa set : all_isas) {
    if (std::strcmp(text, name_of(set)) != 0) continue;
    if (set > detected_isa()) {
      throw name_error(std::string("instruction set '") + text + "': this CPU has " +
                       name_of(detected_isa()) + " at most");
    }
    return set;
  }
  throw name_error(std::string("instruction set '") + text + "': expected scalar, avx2 or avx512");
}

namespace detail {

// Read and written by the compiler's own atomic functions: <atomic> is slow to compile.
inline int& forced_isa() {
  static int forced = [] {
    const char* text = std::getenv("NAPIER_ISA");
    return static_cast<int>(text == nullptr || *text == '\0' ? detected_isa() : isa_of(text));
  }();
  return forced;
}

}  // namespace detail

inline isa active_isa() { return static_cast<isa>(__atomic_load_n(&detail::forced_isa(), __ATOMIC_RELAXED)); }

// Uses one instruction set, in all threads, for the life of the scope: for tests and benchmarks.
class isa_scope {
 public:
  explicit isa_scope(isa set)
      : before_(__atomic_exchange_n(&detail::forced_isa(), static_cast<int>(isa_of(name_of(set))),
                                    __ATOMIC_SEQ_CST)) {}
  ~isa_scope() { __atomic_store_n(&detail::forced_isa(), before_, __ATOMIC_SEQ_CST); }
  isa_scope(const isa_scope&) = delete;
  isa_scope& operator=(const isa_scope&) = delete;

 private:
  int before_;
};

}  // namespace napier
