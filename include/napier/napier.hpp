#pragma once
// napier/napier.hpp — everything that needs the standard library alone: all but gzip'd data sets (napier/data/gzip.hpp, zlib),
// ONNX (napier/network/onnx.hpp, protobuf) and formatting (napier/fmt.hpp, fmt). The list of standard MACs
// (napier/network/standard_macs.hpp) is left out too: it costs a minute of compilation.

#include <napier/accumulators/compensated.hpp>
#include <napier/accumulators/fixed64.hpp>
#include <napier/accumulators/native.hpp>
#include <napier/accumulators/quire.hpp>
#include <napier/analysis/accuracy.hpp>
#include <napier/core/arithmetic.hpp>
#include <napier/core/concepts.hpp>
#include <napier/core/error.hpp>
#include <napier/core/matrix_view.hpp>
#include <napier/core/name.hpp>
#include <napier/core/rounded_product.hpp>
#include <napier/core/rounding.hpp>
#include <napier/core/unpacked.hpp>
#include <napier/core/wide_integer.hpp>
#include <napier/data/idx.hpp>
#include <napier/data/image_set.hpp>
#include <napier/formats/fixed.hpp>
#include <napier/formats/ieee_codec.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/native.hpp>
#include <napier/formats/posit.hpp>
#include <napier/formats/value_operations.hpp>
#include <napier/gemm/reference.hpp>
#include <napier/layers/activation.hpp>
#include <napier/layers/batch_norm.hpp>
#include <napier/layers/conv2d.hpp>
#include <napier/layers/elementwise.hpp>
#include <napier/layers/fully_connected.hpp>
#include <napier/layers/pool.hpp>
#include <napier/layers/tensor_view.hpp>
#include <napier/mac/mac.hpp>
#include <napier/multipliers/decorators.hpp>
#include <napier/multipliers/exact.hpp>
#include <napier/multipliers/log_product.hpp>
#include <napier/multipliers/mitch.hpp>
#include <napier/multipliers/mitchell.hpp>
#include <napier/multipliers/plam.hpp>
#include <napier/network/engine.hpp>
#include <napier/network/fold.hpp>
#include <napier/network/network.hpp>
#include <napier/network/registry.hpp>
#include <napier/network/session.hpp>
#include <napier/network/tensor.hpp>
