#pragma once
// napier/network/onnx_tensor.hpp — the constants of an ONNX model, checked before they are believed.
//
// What      float32 tensors as FP64 with their dimensions; int64, int32 and bool tensors as integers. Memory is taken
//           only once the dimensions agree with the data that is there
// Errors    model_error: another type, external or segmented data, dimensions that are negative, overflow or do not fit
//           the data, NaN or infinity (with its index)
// Checked   tests/network/onnx_errors_test.cpp, tests/network/onnx_hostile_test.cpp

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <onnx/onnx_pb.h>

#include <napier/core/error.hpp>
#include <napier/network/network.hpp>

namespace napier::detail {

// Most elements that one constant or one value of an image may have.
inline constexpr std::size_t onnx_max_elements = std::size_t{1} << 28;

// A name out of the file, fit for a message or a node name of one line.
inline std::string printable(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    const auto code = static_cast<unsigned char>(c);
    if (code < 0x20 || code == 0x7f) c = '?';
  }
  return result;
}

// Where in the model we are, as an error message begins.
class onnx_place {
 public:
  explicit onnx_place(std::string text) : text_(std::move(text)) {}

  onnx_place in(const std::string& part) const { return onnx_place(text_ + ": " + part); }
  [[noreturn]] void fail(const std::string& problem) const { throw model_error(text_ + ": " + problem); }
  [[noreturn]] void expected(const std::string& what, const std::string& found) const {
    fail("expected " + what + ", found " + found);
  }

 private:
  std::string text_;
};

inline bool has_at_most(std::size_t limit, const shape& dimensions) {
  std::size_t count = 1;
  for (const std::size_t extent : dimensions) {
    if (extent == 0) return true;
    if (extent > limit / count) return false;
    count *= extent;
  }
  return true;
}

struct onnx_constant {
  shape dimensions;
  std::vector<double> values;
};

class onnx_tensor_reader {
 public:
  onnx_tensor_reader(const onnx::TensorProto& tensor, const onnx_place& node)
      : tensor_(tensor), place_(node.in("constant " + printable(tensor.name()))) {
    check_data_is_here();
    for (const std::int64_t extent : tensor.dims()) {
      if (extent < 0) place_.expected("dimensions of at least 0", std::to_string(extent));
      dimensions_.push_back(static_cast<std::size_t>(extent));
    }
    expect_at_most(onnx_max_elements);
    count_ = element_count(dimensions_);
  }

  void expect_at_most(std::size_t limit) const {
    if (has_at_most(limit, dimensions_)) return;
    place_.expected("at most " + std::to_string(limit) + " elements", to_text(dimensions_));
  }

  onnx_constant reals(bool may_be_infinite = false) const {
    if (tensor_.data_type() != onnx::TensorProto::FLOAT)
      place_.expected("elements of type FLOAT", type_text());
    if (count_ == 0) place_.expected("at least one element", to_text(dimensions_));
    check_count(tensor_.float_data_size(), sizeof(float));
    onnx_constant result{dimensions_, std::vector<double>(count_)};
    for (std::size_t i = 0; i < count_; ++i) {
      const float value =
          tensor_.has_raw_data()
              ? std::bit_cast<float>(static_cast<std::uint32_t>(raw_element(i, sizeof(float))))
              : tensor_.float_data(static_cast<int>(i));
      if (std::isnan(value) || (std::isinf(value) && !may_be_infinite)) {
        place_.expected("finite values",
                        (std::isnan(value) ? "NaN" : "infinity") + (" at index " + std::to_string(i)));
      }
      result.values[i] = value;
    }
    return result;
  }

  std::vector<std::int64_t> integers() const {
    switch (tensor_.data_type()) {
      case onnx::TensorProto::INT64:
        return integers_of<std::int64_t>(tensor_.int64_data());
      case onnx::TensorProto::INT32:
        return integers_of<std::int32_t>(tensor_.int32_data());
      case onnx::TensorProto::BOOL:
        return integers_of<std::int8_t>(tensor_.int32_data());
      default:
        place_.expected("elements of type INT64, INT32 or BOOL", type_text());
    }
  }

 private:
  void check_data_is_here() const {
    if (tensor_.data_location() == onnx::TensorProto::EXTERNAL || tensor_.external_data_size() != 0) {
      std::string file = "?";
      for (const auto& entry : tensor_.external_data()) {
        if (entry.key() == "location") file = printable(entry.value());
      }
      place_.fail("its data is in the file " + file + "; external data is not supported");
    }
    if (tensor_.has_segment()) place_.fail("segmented data is not supported");
  }

  template <class T, class Field>
  std::vector<std::int64_t> integers_of(const Field& field) const {
    check_count(field.size(), sizeof(T));
    std::vector<std::int64_t> result(count_);
    for (std::size_t i = 0; i < count_; ++i) {
      result[i] = tensor_.has_raw_data() ? static_cast<T>(raw_element(i, sizeof(T)))
                                         : static_cast<std::int64_t>(field.Get(static_cast<int>(i)));
    }
    return result;
  }

  // raw_data is little-endian.
  std::uint64_t raw_element(std::size_t i, std::size_t width) const {
    const char* bytes = tensor_.raw_data().data() + i * width;
    std::uint64_t element = 0;
    for (std::size_t k = width; k-- > 0;) element = element << 8 | static_cast<unsigned char>(bytes[k]);
    return element;
  }

  void check_count(int field_size, std::size_t width) const {
    const auto elements = static_cast<std::size_t>(field_size);
    const std::string needed = " for " + to_text(dimensions_);
    if (tensor_.has_raw_data()) {
      if (elements != 0) place_.fail("it holds its data twice, as raw_data and as a typed field");
      if (tensor_.raw_data().size() == count_ * width) return;
      place_.expected(std::to_string(count_ * width) + " bytes" + needed,
                      std::to_string(tensor_.raw_data().size()));
    }
    if (elements != count_)
      place_.expected(std::to_string(count_) + " values" + needed, std::to_string(elements));
  }

  std::string type_text() const {
    const std::string known = onnx::TensorProto_DataType_Name(tensor_.data_type());
    return known.empty() ? std::to_string(tensor_.data_type()) : known;
  }

  const onnx::TensorProto& tensor_;
  onnx_place place_;
  shape dimensions_;
  std::size_t count_ = 0;
};

}  // namespace napier::detail
