#pragma once
// napier/network/onnx_external.hpp — constants whose data is in a file beside the model.
//
// What      load_external_data puts the data of each such tensor into the model. The file's name is relative to the model's
//           folder and stays inside it: no absolute path, no ".."
// Errors    model_error naming the model, the tensor and the file: it is outside the folder, missing, too short; offset or
//           length are no numbers or do not fit the tensor's dimensions
// Source    https://github.com/onnx/onnx/blob/main/docs/ExternalData.md
// Checked   tests/network/onnx_external_test.cpp

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include <onnx/onnx_pb.h>

#include <napier/network/onnx_tensor.hpp>

namespace napier::detail {

inline std::size_t onnx_type_bytes(std::int32_t type, const onnx_place& place) {
  switch (type) {
    case onnx::TensorProto::BOOL:
    case onnx::TensorProto::INT8:
    case onnx::TensorProto::UINT8:
      return 1;
    case onnx::TensorProto::INT16:
    case onnx::TensorProto::UINT16:
    case onnx::TensorProto::FLOAT16:
    case onnx::TensorProto::BFLOAT16:
      return 2;
    case onnx::TensorProto::FLOAT:
    case onnx::TensorProto::INT32:
    case onnx::TensorProto::UINT32:
      return 4;
    case onnx::TensorProto::DOUBLE:
    case onnx::TensorProto::INT64:
    case onnx::TensorProto::UINT64:
      return 8;
    default:
      place.expected("elements of a number type", onnx_type_text(type));
  }
}

inline std::uint64_t external_number(const std::string& key, const std::string& text,
                                     const onnx_place& place) {
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size())
    place.expected("a number as " + key + " of its external data", "'" + printable(text) + "'");
  return number;
}

inline void load_external_tensor(onnx::TensorProto& tensor, const std::filesystem::path& folder,
                                 const onnx_place& model) {
  if (tensor.data_location() != onnx::TensorProto::EXTERNAL) return;
  const onnx_place place = model.in("constant " + printable(tensor.name()));
  std::string location;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  bool has_length = false;
  for (const auto& entry : tensor.external_data()) {
    if (entry.key() == "location") location = entry.value();
    if (entry.key() == "offset") offset = external_number("offset", entry.value(), place);
    if (entry.key() == "length") length = external_number("length", entry.value(), place);
    has_length = has_length || entry.key() == "length";
  }
  const std::filesystem::path relative(location);
  bool is_inside = !location.empty() && relative.is_relative();
  for (const auto& part : relative) is_inside = is_inside && part != "..";
  if (!is_inside) place.expected("a data file inside the model's folder", "'" + printable(location) + "'");

  shape dimensions;
  for (const std::int64_t extent : tensor.dims()) {
    if (extent < 0) place.expected("dimensions of at least 0", std::to_string(extent));
    dimensions.push_back(static_cast<std::size_t>(extent));
  }
  if (!has_at_most(onnx_max_elements, dimensions)) {
    place.expected("at most " + std::to_string(onnx_max_elements) + " elements", to_text(dimensions));
  }
  const std::size_t needed = element_count(dimensions) * onnx_type_bytes(tensor.data_type(), place);
  const std::string file_name = "the data file " + printable(location);
  if (has_length && length != needed) {
    place.expected(std::to_string(needed) + " bytes in " + file_name + " for " + to_text(dimensions),
                   std::to_string(length));
  }
  const std::filesystem::path path = folder / relative;
  std::error_code problem;
  const std::uint64_t size = std::filesystem::file_size(path, problem);
  if (problem || !std::filesystem::is_regular_file(path, problem))
    place.fail(file_name + " cannot be opened");
  if (offset > size || size - offset < needed) {
    place.expected(std::to_string(needed) + " bytes from " + std::to_string(offset) + " on in " + file_name,
                   std::to_string(size) + " bytes in all");
  }
  std::string bytes(needed, '\0');
  std::ifstream file(path, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(offset));
  if (needed != 0 && !file.read(bytes.data(), static_cast<std::streamsize>(needed)))
    place.fail(file_name + " cannot be read");
  tensor.set_raw_data(std::move(bytes));
  tensor.clear_external_data();
  tensor.clear_data_location();
}

// With the graphs inside its nodes.
inline void load_external_data(onnx::GraphProto& graph, const std::filesystem::path& folder,
                               const onnx_place& place) {
  for (auto& tensor : *graph.mutable_initializer()) load_external_tensor(tensor, folder, place);
  for (auto& node : *graph.mutable_node()) {
    for (auto& attribute : *node.mutable_attribute()) {
      if (attribute.has_t()) load_external_tensor(*attribute.mutable_t(), folder, place);
      if (attribute.has_g()) load_external_data(*attribute.mutable_g(), folder, place);
    }
  }
}

inline void load_external_data(onnx::ModelProto& model, const std::filesystem::path& folder,
                               const onnx_place& place) {
  load_external_data(*model.mutable_graph(), folder, place);
}

}  // namespace napier::detail
