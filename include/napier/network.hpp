#pragma once
// napier/network.hpp — napier/napier.hpp and networks: all that runs a network under a MAC and measures its accuracy.
//
// Needs     the standard library alone: all but gzip'd data sets (napier/data/gzip.hpp, zlib) and ONNX (napier/network/onnx.hpp,
//           protobuf). The list of standard MACs (napier/network/standard_macs.hpp) is left out for the minute that it
//           takes to compile
// Checked   tests/umbrella.cmake, tests/two_units

#include <napier/analysis/accuracy.hpp>
#include <napier/analysis/calibration.hpp>
#include <napier/analysis/channel_fit.hpp>
#include <napier/analysis/evaluate.hpp>
#include <napier/analysis/layer_correction.hpp>
#include <napier/analysis/layer_mac_error.hpp>
#include <napier/analysis/layer_rules.hpp>
#include <napier/analysis/layer_site.hpp>
#include <napier/analysis/layer_statistics.hpp>
#include <napier/analysis/layer_truth.hpp>
#include <napier/analysis/mcnemar.hpp>
#include <napier/analysis/multiplier_errors.hpp>
#include <napier/analysis/paired_difference.hpp>
#include <napier/analysis/scores.hpp>
#include <napier/analysis/sensitivity.hpp>
#include <napier/analysis/spilled_activation.hpp>
#include <napier/analysis/wilson.hpp>
#include <napier/data/cifar.hpp>
#include <napier/data/idx.hpp>
#include <napier/data/image_set.hpp>
#include <napier/data/multiplier_table.hpp>
#include <napier/data/npy.hpp>
#include <napier/data/npy_files.hpp>
#include <napier/napier.hpp>
#include <napier/network/any_mac.hpp>
#include <napier/network/engine.hpp>
#include <napier/network/fold.hpp>
#include <napier/network/infer_shape.hpp>
#include <napier/network/layer.hpp>
#include <napier/network/network.hpp>
#include <napier/network/rearrangement.hpp>
#include <napier/network/registry.hpp>
#include <napier/network/session.hpp>
#include <napier/network/shape.hpp>
#include <napier/network/table_macs.hpp>
#include <napier/network/tensor.hpp>
#include <napier/network/tensor_layers.hpp>
