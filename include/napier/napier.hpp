#pragma once
// napier/napier.hpp — numbers and what is computed with them: formats, multipliers, accumulators, MACs, gemm and layers.
//
// Needs     the standard library alone; formatting has headers of its own (napier/fmt.hpp, fmt; napier/iostream.hpp)
// Time      to compile, at -O0: at most 7.4 times that of <cmath>, which is 1.0 s where <cmath> takes 0.135 s. So that networks,
//           which take longer, have an umbrella of their own: napier/network.hpp
// Checked   tests/compile_time.sh, tests/umbrella.cmake, tests/two_units

#include <napier/accumulators/approximate_adder.hpp>
#include <napier/accumulators/compensated.hpp>
#include <napier/accumulators/fixed64.hpp>
#include <napier/accumulators/loa.hpp>
#include <napier/accumulators/native.hpp>
#include <napier/accumulators/quire.hpp>
#include <napier/accumulators/quire_functions.hpp>
#include <napier/accumulators/truncated_adder.hpp>
#include <napier/core/arithmetic.hpp>
#include <napier/core/concepts.hpp>
#include <napier/core/error.hpp>
#include <napier/core/isa.hpp>
#include <napier/core/matrix_view.hpp>
#include <napier/core/name.hpp>
#include <napier/core/rounded_product.hpp>
#include <napier/core/rounding.hpp>
#include <napier/core/unpacked.hpp>
#include <napier/core/wide_integer.hpp>
#include <napier/formats/array.hpp>
#include <napier/formats/fields.hpp>
#include <napier/formats/fixed.hpp>
#include <napier/formats/ieee_codec.hpp>
#include <napier/formats/limits.hpp>
#include <napier/formats/literals.hpp>
#include <napier/formats/long_double.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/native.hpp>
#include <napier/formats/parse.hpp>
#include <napier/formats/posit.hpp>
#include <napier/formats/posit_elementary.hpp>
#include <napier/formats/posit_functions.hpp>
#include <napier/formats/rounding_modes.hpp>
#include <napier/formats/text.hpp>
#include <napier/formats/value_operations.hpp>
#include <napier/gemm/gemm.hpp>
#include <napier/gemm/reference.hpp>
#include <napier/layers/activation.hpp>
#include <napier/layers/batch_norm.hpp>
#include <napier/layers/conv2d.hpp>
#include <napier/layers/conv_transpose2d.hpp>
#include <napier/layers/element_operation.hpp>
#include <napier/layers/elementwise.hpp>
#include <napier/layers/fully_connected.hpp>
#include <napier/layers/function.hpp>
#include <napier/layers/lrn.hpp>
#include <napier/layers/pool.hpp>
#include <napier/layers/rearrange.hpp>
#include <napier/layers/reduce.hpp>
#include <napier/layers/softmax.hpp>
#include <napier/layers/tensor_view.hpp>
#include <napier/mac/mac.hpp>
#include <napier/multipliers/decorators.hpp>
#include <napier/multipliers/drum.hpp>
#include <napier/multipliers/exact.hpp>
#include <napier/multipliers/iterative_mitchell.hpp>
#include <napier/multipliers/log_product.hpp>
#include <napier/multipliers/mbm.hpp>
#include <napier/multipliers/mitch.hpp>
#include <napier/multipliers/mitchell.hpp>
#include <napier/multipliers/plam.hpp>
#include <napier/multipliers/roba.hpp>
#include <napier/multipliers/significand_product.hpp>
#include <napier/multipliers/table_multiplier.hpp>
#include <napier/multipliers/truncated_array.hpp>
