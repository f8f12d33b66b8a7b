#pragma once
// napier/network/onnx_tensor.hpp — the constants of an ONNX model, checked before they are believed.
//
// What      weights: float32 tensors as FP64 with their dimensions, finite. Literals, for constant sub-graphs: tensors of any
//           number type, as FP64 or int64, and back. Memory is taken only once the dimensions agree with the data that is there
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
#include <napier/formats/minifloat.hpp>
#include <napier/formats/native.hpp>
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

// A tensor of any number type: reals for the floating-point types, integers for the others.
struct onnx_literal {
  std::int32_t type = onnx::TensorProto::FLOAT;
  shape dimensions;
  std::vector<double> reals;
  std::vector<std::int64_t> integers;

  double number(std::size_t i) const { return is_real() ? reals[i] : static_cast<double>(integers[i]); }
  std::size_t count() const { return is_real() ? reals.size() : integers.size(); }

  static bool is_integer(std::int32_t type) {
    return type == onnx::TensorProto::UINT8 || type == onnx::TensorProto::INT8 ||
           type == onnx::TensorProto::UINT16 || type == onnx::TensorProto::INT16 ||
           type == onnx::TensorProto::UINT32 || type == onnx::TensorProto::INT32 ||
           type == onnx::TensorProto::UINT64 || type == onnx::TensorProto::INT64;
  }
  bool is_real() const { return is_real(type); }
  static bool is_real(std::int32_t type) {
    return type == onnx::TensorProto::FLOAT || type == onnx::TensorProto::DOUBLE ||
           type == onnx::TensorProto::FLOAT16 || type == onnx::TensorProto::BFLOAT16;
  }
};

inline std::string onnx_type_text(std::int32_t type) {
  const std::string known = onnx::TensorProto_DataType_Name(type);
  return known.empty() ? std::to_string(type) : known;
}

// Rounded to a floating-point type of ONNX.
inline double onnx_rounded(std::int32_t type, double value) {
  switch (type) {
    case onnx::TensorProto::FLOAT:
      return static_cast<double>(static_cast<float>(value));
    case onnx::TensorProto::FLOAT16:
      return round_to<double>(decode(round_to<float16>(decode(value))));
    case onnx::TensorProto::BFLOAT16:
      return round_to<double>(decode(round_to<bfloat16>(decode(value))));
    default:
      return value;
  }
}

// Wrapped to an integer type of ONNX; bool: 0 or 1.
inline std::int64_t onnx_narrowed(std::int32_t type, std::int64_t value) {
  switch (type) {
    case onnx::TensorProto::INT32:
      return static_cast<std::int32_t>(value);
    case onnx::TensorProto::INT16:
      return static_cast<std::int16_t>(value);
    case onnx::TensorProto::INT8:
      return static_cast<std::int8_t>(value);
    case onnx::TensorProto::UINT32:
      return static_cast<std::uint32_t>(value);
    case onnx::TensorProto::UINT16:
      return static_cast<std::uint16_t>(value);
    case onnx::TensorProto::UINT8:
      return static_cast<std::uint8_t>(value);
    case onnx::TensorProto::BOOL:
      return value != 0 ? 1 : 0;
    default:
      return value;
  }
}

// As a tensor of the model: floating-point types as FLOAT or DOUBLE data, integers as INT64, INT32 or BOOL.
inline onnx::TensorProto to_tensor(const onnx_literal& literal, const std::string& name) {
  onnx::TensorProto tensor;
  tensor.set_name(name);
  tensor.set_data_type(literal.type);
  for (const std::size_t extent : literal.dimensions) tensor.add_dims(static_cast<std::int64_t>(extent));
  switch (literal.type) {
    case onnx::TensorProto::FLOAT:
      for (const double value : literal.reals) tensor.add_float_data(static_cast<float>(value));
      break;
    case onnx::TensorProto::DOUBLE:
      for (const double value : literal.reals) tensor.add_double_data(value);
      break;
    case onnx::TensorProto::FLOAT16:
      for (const double value : literal.reals) tensor.add_int32_data(round_to<float16>(decode(value)).bits());
      break;
    case onnx::TensorProto::BFLOAT16:
      for (const double value : literal.reals)
        tensor.add_int32_data(round_to<bfloat16>(decode(value)).bits());
      break;
    case onnx::TensorProto::INT64:
      for (const std::int64_t value : literal.integers) tensor.add_int64_data(value);
      break;
    case onnx::TensorProto::UINT32:
    case onnx::TensorProto::UINT64:
      for (const std::int64_t value : literal.integers)
        tensor.add_uint64_data(static_cast<std::uint64_t>(value));
      break;
    default:
      for (const std::int64_t value : literal.integers)
        tensor.add_int32_data(static_cast<std::int32_t>(value));
  }
  return tensor;
}

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
    if (!onnx_literal::is_real(tensor_.data_type()))
      place_.expected("elements of type FLOAT, DOUBLE, FLOAT16 or BFLOAT16", type_text());
    if (count_ == 0) place_.expected("at least one element", to_text(dimensions_));
    onnx_constant result{dimensions_, literal().reals};
    for (std::size_t i = 0; i < count_; ++i) {
      const double value = result.values[i];
      if (std::isfinite(value) || (std::isinf(value) && may_be_infinite)) continue;
      place_.expected("finite values",
                      (std::isnan(value) ? "NaN" : "infinity") + (" at index " + std::to_string(i)));
    }
    return result;
  }

  std::vector<std::int64_t> integers() const {
    switch (tensor_.data_type()) {
      case onnx::TensorProto::INT64:
      case onnx::TensorProto::INT32:
      case onnx::TensorProto::BOOL:
        return any_integers();
      default:
        place_.expected("elements of type INT64, INT32 or BOOL", type_text());
    }
  }

  const shape& dimensions() const { return dimensions_; }
  std::size_t count() const { return count_; }

  // Any number type; may hold NaN and infinities.
  onnx_literal literal() const {
    onnx_literal result{tensor_.data_type(), dimensions_, {}, {}};
    switch (tensor_.data_type()) {
      case onnx::TensorProto::FLOAT:
        result.reals = reals_of<float, std::uint32_t>(tensor_.float_data());
        break;
      case onnx::TensorProto::DOUBLE:
        result.reals = reals_of<double, std::uint64_t>(tensor_.double_data());
        break;
      case onnx::TensorProto::FLOAT16:
        result.reals = halves<float16>();
        break;
      case onnx::TensorProto::BFLOAT16:
        result.reals = halves<bfloat16>();
        break;
      default:
        result.integers = any_integers();
    }
    return result;
  }

 private:
  std::vector<std::int64_t> any_integers() const {
    switch (tensor_.data_type()) {
      case onnx::TensorProto::INT64:
        return integers_of<std::int64_t>(tensor_.int64_data());
      case onnx::TensorProto::INT32:
        return integers_of<std::int32_t>(tensor_.int32_data());
      case onnx::TensorProto::INT16:
        return integers_of<std::int16_t>(tensor_.int32_data());
      case onnx::TensorProto::INT8:
      case onnx::TensorProto::BOOL:
        return integers_of<std::int8_t>(tensor_.int32_data());
      case onnx::TensorProto::UINT64:
        return integers_of<std::uint64_t>(tensor_.uint64_data());
      case onnx::TensorProto::UINT32:
        return integers_of<std::uint32_t>(tensor_.uint64_data());
      case onnx::TensorProto::UINT16:
        return integers_of<std::uint16_t>(tensor_.int32_data());
      case onnx::TensorProto::UINT8:
        return integers_of<std::uint8_t>(tensor_.int32_data());
      default:
        place_.expected("elements of a number type", type_text());
    }
  }

  template <class T, class Code, class Field>
  std::vector<double> reals_of(const Field& field) const {
    check_count(field.size(), sizeof(T));
    std::vector<double> result(count_);
    for (std::size_t i = 0; i < count_; ++i) {
      result[i] = tensor_.has_raw_data() ? std::bit_cast<T>(static_cast<Code>(raw_element(i, sizeof(T))))
                                         : field.Get(static_cast<int>(i));
    }
    return result;
  }

  // Two bytes each, in the typed field as integers.
  template <class F>
  std::vector<double> halves() const {
    const std::vector<std::int64_t> codes = integers_of<std::uint16_t>(tensor_.int32_data());
    std::vector<double> result(codes.size());
    for (std::size_t i = 0; i < codes.size(); ++i) {
      result[i] = round_to<double>(decode(F::from_bits(static_cast<std::uint16_t>(codes[i]))));
    }
    return result;
  }

  void check_data_is_here() const {
    if (tensor_.data_location() == onnx::TensorProto::EXTERNAL || tensor_.external_data_size() != 0) {
      std::string file = "?";
      for (const auto& entry : tensor_.external_data()) {
        if (entry.key() == "location") file = printable(entry.value());
      }
      place_.fail("its data is in the file " + file + ", which is looked for beside the model's file only");
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

  std::string type_text() const { return onnx_type_text(tensor_.data_type()); }

  const onnx::TensorProto& tensor_;
  onnx_place place_;
  shape dimensions_;
  std::size_t count_ = 0;
};

}  // namespace napier::detail
