#pragma once
// napier/core/x86/vectors.hpp — vec<T> and its operations in namespaces detail::avx2 and detail::avx512.

#include <cstddef>
#include <cstdint>
#include <type_traits>

#define NAPIER_EACH_ISA <napier/core/x86/vectors.inc>
#include <napier/core/x86/each_isa.inc>

#define NAPIER_EACH_ISA <napier/core/x86/narrow.inc>
#include <napier/core/x86/each_isa.inc>
