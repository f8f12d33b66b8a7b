#pragma once
// napier/gemm/engines.hpp — the kernels of each instruction set, and the choice between them.

#include <cstdint>
#include <type_traits>

#include <napier/core/isa.hpp>
#include <napier/core/x86/vectors.hpp>
#include <napier/gemm/kernel_arguments.hpp>
#include <napier/gemm/operands.hpp>

#define NAPIER_EACH_ISA <napier/gemm/x86/operands.inc>
#include <napier/core/x86/each_isa.inc>
#define NAPIER_EACH_ISA <napier/gemm/x86/kernels.inc>
#include <napier/core/x86/each_isa.inc>
#define NAPIER_EACH_ISA <napier/gemm/x86/windows.inc>
#include <napier/core/x86/each_isa.inc>
#define NAPIER_EACH_ISA <napier/gemm/x86/posit_rounding.inc>
#include <napier/core/x86/each_isa.inc>
#define NAPIER_EACH_ISA <napier/gemm/x86/engine.inc>
#include <napier/core/x86/each_isa.inc>

namespace napier::detail {

// run(engine) of an instruction set; false where it is scalar, which has none: the reference is its path.
template <class Run>
bool with_engine(isa set, Run run) {
#if defined(__x86_64__)
  if (set == isa::avx512) return run(avx512::engine{});
  if (set == isa::avx2) return run(avx2::engine{});
#endif
  return false;
}

}  // namespace napier::detail
