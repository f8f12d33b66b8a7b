// Weights in data files beside the model.

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <variant>
#include <vector>

#include "onnx_models.hpp"

using onnx_models::builder;

namespace {

class folder {
 public:
  folder()
      : path_(std::filesystem::temp_directory_path() / ("napier_external_test_" + std::to_string(getpid()))) {
    std::filesystem::create_directories(path_ / "sub");
  }
  ~folder() { std::filesystem::remove_all(path_); }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;

  void write(const std::string& name, const std::string& bytes) const {
    std::ofstream(path_ / name, std::ios::binary) << bytes;
  }
  std::string problem(const builder& model) const {
    write("model.onnx", model.bytes());
    try {
      return "no error, output " + napier::to_text(napier::read_onnx(path_ / "model.onnx").output_shape());
    } catch (const napier::model_error& error) {
      const std::string text = error.what();
      const std::string start = (path_ / "model.onnx").string() + ": ";
      return text.rfind(start, 0) == 0 ? text.substr(start.size()) : text;
    }
  }
  napier::network read(const builder& model) const {
    write("model.onnx", model.bytes());
    return napier::read_onnx(path_ / "model.onnx");
  }

 private:
  std::filesystem::path path_;
};

void set_entry(onnx::TensorProto& tensor, const std::string& key, const std::string& value) {
  auto* entry = tensor.add_external_data();
  entry->set_key(key);
  entry->set_value(value);
}

std::string floats(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

// A product by w, 2 × 2, whose data is elsewhere.
struct external_model {
  builder m{13, {2}};
  onnx::TensorProto& w = m.weights("w", {2, 2}, {});

  explicit external_model(const std::string& location) {
    w.set_data_location(onnx::TensorProto::EXTERNAL);
    if (!location.empty()) set_entry(w, "location", location);
    m.node("MatMul", {"x", "w"});
  }
};

}  // namespace

TEST_CASE("whole files and parts of files") {
  const folder here;
  here.write("w.bin", floats({1, 2, 3, 4}));
  here.write("sub/all.bin", floats({9, 9, 1, 2, 3, 4, 9}));
  external_model whole("w.bin");
  external_model part("sub/all.bin");
  set_entry(part.w, "offset", "8");
  set_entry(part.w, "length", "16");
  set_entry(part.w, "checksum", "not looked at");
  for (const external_model* each : {&whole, &part}) {
    const napier::network net = here.read(each->m);
    CHECK(std::get<napier::fully_connected_layer>(net.nodes()[0].operation).weights ==
          std::vector<double>{1, 3, 2, 4});
  }
}

TEST_CASE("of a Constant node, and of integers") {
  const folder here;
  here.write("shape.bin",
             std::string("\xff\xff\xff\xff\xff\xff\xff\xff\x02\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0", 24));
  builder m(13, {2});
  auto& tensor =
      *onnx_models::attribute(m.node("Constant", {}, {"target"}, ""), "value", onnx::AttributeProto::TENSOR)
           .mutable_t();
  tensor.set_data_type(onnx::TensorProto::INT64);
  tensor.add_dims(3);
  tensor.set_data_location(onnx::TensorProto::EXTERNAL);
  set_entry(tensor, "location", "shape.bin");
  m.node("Reshape", {"x", "target"});
  CHECK(here.problem(m) == "no error, output 2 x 1");
}

TEST_CASE("what is refused") {
  const folder here;
  here.write("w.bin", floats({1, 2, 3, 4}));
  here.write("short.bin", floats({1, 2, 3}));
  const auto problem = [&](const std::string& location, const std::string& key = "",
                           const std::string& value = "") {
    external_model model(location);
    if (!key.empty()) set_entry(model.w, key, value);
    return here.problem(model.m);
  };
  const std::string start = "constant w: ";
  CHECK(problem("w.bin") == "no error, output 2");
  CHECK(problem("short.bin") ==
        start + "expected 16 bytes from 0 on in the data file short.bin, found 12 bytes in all");
  CHECK(problem("missing.bin") == start + "the data file missing.bin cannot be opened");
  CHECK(problem("sub") == start + "the data file sub cannot be opened");
  CHECK(problem("") == start + "expected a data file inside the model's folder, found ''");
  CHECK(problem("../w.bin") == start + "expected a data file inside the model's folder, found '../w.bin'");
  CHECK(problem("sub/../../w.bin") ==
        start + "expected a data file inside the model's folder, found 'sub/../../w.bin'");
  CHECK(problem("/etc/passwd") ==
        start + "expected a data file inside the model's folder, found '/etc/passwd'");
  CHECK(problem("w.bin", "offset", "1") ==
        start + "expected 16 bytes from 1 on in the data file w.bin, found 16 bytes in all");
  CHECK(problem("w.bin", "offset", "18446744073709551615") ==
        start +
            "expected 16 bytes from 18446744073709551615 on in the data file w.bin, found 16 bytes in all");
  CHECK(problem("w.bin", "offset", "-1") ==
        start + "expected a number as offset of its external data, found '-1'");
  CHECK(problem("w.bin", "length", "12") ==
        start + "expected 16 bytes in the data file w.bin for 2 x 2, found 12");
  external_model large("w.bin");
  large.w.set_dims(0, std::int64_t{1} << 40);
  CHECK(here.problem(large.m) == start + "expected at most 268435456 elements, found 1099511627776 x 2");
  external_model text("w.bin");
  text.w.set_data_type(onnx::TensorProto::STRING);
  CHECK(here.problem(text.m) == start + "expected elements of a number type, found STRING");
  here.write("nan.bin", floats({1, 2, std::nanf(""), 4}));
  CHECK(problem("nan.bin") == "node n1 (MatMul): constant w: expected finite values, found NaN at index 2");
}
