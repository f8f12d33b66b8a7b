// ONNX's official test cases (Debian: libonnx-testdata), every one of the operators that napier reads: each runs in all the ways
// in which its inputs can be constants or computed, in FP32 and in FP64, or is refused with a model_error. docs/onnx.md has the
// counts; NAPIER_ONNX_TABLE=FILE writes them to a file.

#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <napier/mac/mac.hpp>
#include <napier/network/session.hpp>

#include "network/engines.hpp"
#include "onnx_cases.hpp"

using namespace onnx_cases;

namespace {

// Of the expected value: the cases' results are NumPy's in FP32.
constexpr double relative_bound = 1e-5;
constexpr double absolute_bound = 1e-6;

const std::vector<std::string> asked_for = {"Add",
                                            "AveragePool",
                                            "BatchNormalization",
                                            "Cast",
                                            "Clip",
                                            "Concat",
                                            "Constant",
                                            "ConstantOfShape",
                                            "Conv",
                                            "ConvTranspose",
                                            "Div",
                                            "Dropout",
                                            "Flatten",
                                            "Gather",
                                            "Gemm",
                                            "GlobalAveragePool",
                                            "HardSigmoid",
                                            "HardSwish",
                                            "Identity",
                                            "LRN",
                                            "LeakyRelu",
                                            "LogSoftmax",
                                            "MatMul",
                                            "MaxPool",
                                            "Mul",
                                            "PRelu",
                                            "Pad",
                                            "ReduceMean",
                                            "Relu",
                                            "Reshape",
                                            "Shape",
                                            "Sigmoid",
                                            "Slice",
                                            "Softmax",
                                            "Split",
                                            "Squeeze",
                                            "Sub",
                                            "Tanh",
                                            "Transpose",
                                            "Unsqueeze"};

struct outcome {
  int ran = 0;
  std::string refusal;  // the first
  std::string wrong;    // the first
};

std::string difference(const std::vector<double>& found, const std::vector<double>& expected) {
  if (found.size() != expected.size()) {
    return std::to_string(found.size()) + " values, expected " + std::to_string(expected.size());
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (std::isnan(expected[i]) && std::isnan(found[i])) continue;
    if (found[i] == expected[i]) continue;  // infinities
    if (std::fabs(found[i] - expected[i]) <= absolute_bound + relative_bound * std::fabs(expected[i]))
      continue;
    return "value " + std::to_string(i) + " is " + std::to_string(found[i]) + ", expected " +
           std::to_string(expected[i]);
  }
  return "";
}

// Of the network's output, in shape. Where images are merged into another axis, only the values count.
std::string shape_problem(const napier::network& net, const runnable& how,
                          const onnx::TensorProto& expected) {
  napier::shape dimensions(expected.dims().begin(), expected.dims().end());
  const std::size_t size = napier::element_count(net.input_shape());
  const bool is_merged = how.is_batch && (dimensions.size() < 2 || dimensions[0] * size != how.input.size());
  if (!how.has_same_shape || is_merged) return "";
  if (how.is_batch) dimensions.erase(dimensions.begin());
  if (!how.is_batch) dimensions = napier::detail::network_shape(dimensions);
  if (net.output_shape() == dimensions) return "";
  return "shape " + napier::to_text(net.output_shape()) + ", expected " + napier::to_text(dimensions);
}

// What each MAC makes of it; "" where all is as expected.
std::string run(const runnable& how, const onnx::TensorProto& expected) {
  static const napier::mac_engine<napier::mac<float, napier::exact, napier::native<float>>> in_float32;
  static const napier::mac_engine<napier::mac<double, napier::exact, napier::native<double>>> in_float64;
  const napier::network net = napier::read_onnx_bytes(how.model.SerializeAsString(), "model.onnx");
  std::string problem = shape_problem(net, how, expected);
  for (const napier::engine* mac : std::initializer_list<const napier::engine*>{&in_float32, &in_float64}) {
    if (!problem.empty()) break;
    problem = difference(napier::session(net, *mac, napier::batch_norm_mode::exact).run(how.input),
                         values_of(expected));
    if (!problem.empty()) problem = mac->name() + ": " + problem;
  }
  return problem;
}

// What read_onnx says of a case whose first input is of another type.
std::optional<std::string> type_problem(const official_case& official) {
  try {
    (void)napier::read_onnx_bytes(official.model.SerializeAsString(), "model.onnx");
  } catch (const napier::model_error& problem) {
    const std::string text = problem.what();
    if (text.find("is no tensor of FLOAT") != std::string::npos) return text;
  }
  return std::nullopt;
}

outcome try_case(const official_case& official) {
  outcome result;
  for (std::size_t k = 0; k < official.outputs.size(); ++k) {
    int ran = 0;
    std::string refusal;
    const case_models models(official, k);
    for (const runnable& how : models.all()) {
      try {
        if (!official.outputs[k]) throw napier::model_error("the output is no tensor");
        const std::string problem = run(how, *official.outputs[k]);
        ++ran;
        if (!problem.empty() && result.wrong.empty())
          result.wrong = official.name + ", output " + std::to_string(k) + ", " + how.what + ": " + problem;
      } catch (const napier::model_error& problem) {
        const std::string text = problem.what();
        const bool says_why = text.find("does not depend on the input") == std::string::npos;
        if (refusal.empty() && says_why) refusal = text;
      } catch (const std::exception& problem) {
        result.wrong = official.name + ", " + how.what + ": " + problem.what();
      }
    }
    if (ran == 0 && result.refusal.empty()) result.refusal = type_problem(official).value_or(refusal);
    result.ran += ran;
  }
  return result;
}

struct tally {
  int cases = 0;
  int passed = 0;
  std::map<std::string, int> refusals;
};

// A message without the model and the node, which the table's row says.
std::string reason_of(const std::string& message) {
  const std::string file = "model.onnx: ";
  const std::size_t start = message.rfind(file, 0) == 0 ? file.size() : 0;
  const std::size_t node = message.find("): ", start);
  const bool names_node = message.compare(start, 5, "node ") == 0 && node != std::string::npos;
  return message.substr(names_node ? node + 3 : start);
}

std::string table_of(const std::map<std::string, tally>& tallies) {
  std::string text = "| operator | cases | pass | refused |\n|---|---:|---:|---|\n";
  tally all;
  int refused = 0;
  const auto add_row = [&](const std::string& name, const tally& count) {
    text += "| " + name + " | " + std::to_string(count.cases) + " | " + std::to_string(count.passed) + " |";
    for (const auto& [reason, times] : count.refusals)
      text += (text.back() == '|' ? " " : "; ") + std::to_string(times) + ": " + reason;
    text += " |\n";
  };
  for (const auto& [name, count] : tallies) {
    add_row(name, count);
    all.cases += count.cases;
    all.passed += count.passed;
    for (const auto& entry : count.refusals) refused += entry.second;
  }
  return text + "| all | " + std::to_string(all.cases) + " | " + std::to_string(all.passed) + " | " +
         std::to_string(refused) + " |\n";
}

// What stands in docs/onnx.md between the lines "<!-- official cases -->" and "<!-- end -->".
std::string documented_table() {
  const std::string text = bytes_of(std::filesystem::path(NAPIER_SOURCE_DIR) / "docs" / "onnx.md");
  const std::string start = "<!-- official cases -->\n";
  const std::size_t first = text.find(start);
  const std::size_t last = text.find("<!-- end -->", first);
  if (first == std::string::npos || last == std::string::npos) return "";
  return text.substr(first + start.size(), last - first - start.size());
}

bool is_read(const onnx::ModelProto& model) {
  for (const auto& node : model.graph().node()) {
    if (node.op_type() != "Constant" && napier::detail::find_operator(node) == nullptr) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("official test cases") {
  INFO("apt-get install libonnx-testdata");
  REQUIRE(std::filesystem::is_directory(folder));
  std::vector<std::filesystem::path> tests(std::filesystem::directory_iterator(folder), {});
  std::sort(tests.begin(), tests.end());
  std::map<std::string, tally> tallies;
  std::string wrong;
  int runs = 0;
  for (const auto& test : tests) {
    const official_case official = read_case(test);
    if (!is_read(official.model)) continue;
    const outcome result = try_case(official);
    tally& count = tallies[official.operator_type()];
    ++count.cases;
    runs += result.ran;
    if (!result.wrong.empty()) {
      wrong += result.wrong + "\n";
    } else if (!result.refusal.empty()) {
      ++count.refusals[reason_of(result.refusal)];
    } else {
      ++count.passed;
    }
  }
  CHECK(wrong == "");
  CHECK(runs > 700);  // in all ways that a case can be run
  std::string without;
  for (const std::string& name : asked_for) {
    if (tallies[name].passed == 0) without += name + " ";
  }
  CHECK(without == "");
  if (const char* file = std::getenv("NAPIER_ONNX_TABLE")) std::ofstream(file) << table_of(tallies);
  CHECK(table_of(tallies) == documented_table());
}
