#pragma once
// napier/formats/x86/codec.hpp — decode_lanes and encode_lanes in namespaces detail::avx2 and detail::avx512.

#include <type_traits>

#include <napier/core/x86/vectors.hpp>
#include <napier/formats/lanes.hpp>

#define NAPIER_EACH_ISA <napier/formats/x86/codec.inc>
#include <napier/core/x86/each_isa.inc>
