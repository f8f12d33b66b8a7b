// Multiply-accumulates a second of each MAC on one thread, beside OpenBLAS's sgemm on the same shape, as one table.
//
// Rows      1024 x 1024 x 1024 for every MAC and instruction set (a MAC that would take longer than a second on fewer rows and
//           columns: the shape says so); then the main MACs on the layers of five networks (bench/shapes), their weights packed before, summed up as the geometric mean of
//           the ratios; fully connected layers with a batch of one; a depthwise convolution against the scalar path; ResNet-8 on one
//           image, as the evaluator runs it (gemm/inference.hpp), beside sgemm on the products of its layers and on 1024 x 1024 x 1024
// Times     gemm/measure.hpp; each task is checked against the reference first (gemm/task.hpp)

#include <fnmatch.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <napier/core/isa.hpp>

#include "inference.hpp"
#include "macs.hpp"
#include "measure.hpp"
#include "report.hpp"
#include "sgemm.hpp"

namespace {

using namespace napier_bench;

struct options {
  std::vector<std::string> macs;
  std::vector<std::string> shapes;
  std::vector<std::string> isas;
  int runs = 7;
  double zeros = 0;
  double longest_run = 1;
  std::string json;
  bool check = false;
  bool keep_left = false;
  bool inference = false;
};

struct named_shapes {
  std::string name;
  std::vector<shape> shapes;
};

struct usage_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

shape parse_shape(const std::string& text) {
  std::istringstream in(text);
  shape size;
  std::string rest;
  if (!(in >> size.m >> size.n >> size.k) || in >> rest || text.find('-') != std::string::npos ||
      size.m * size.n * size.k == 0) {
    throw usage_error("shape '" + text + "': expected M N K, three positive integers, as in \"64 3136 576\"");
  }
  return size;
}

named_shapes read_shapes(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in)
    throw usage_error("cannot read '" + file.string() + "'; expected a shape \"M N K\" or a file of them");
  named_shapes network{file.stem().string(), {}};
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line[0] != '#') network.shapes.push_back(parse_shape(line));
  }
  return network;
}

std::string text_of(const shape& size) { return fmt::format("{} {} {}", size.m, size.n, size.k); }

std::unique_ptr<task> sgemm(const shape& size, double zeros) {
#ifdef NAPIER_BENCH_OPENBLAS
  return std::make_unique<sgemm_task>(size, zeros);
#else
  static_cast<void>(size);
  static_cast<void>(zeros);
  return nullptr;
#endif
}

std::string name_of_sgemm() {
#ifdef NAPIER_BENCH_OPENBLAS
  return sgemm_name();
#else
  return "none";
#endif
}

std::string processor_name() {
  std::ifstream in("/proc/cpuinfo");
  const std::string key = "model name";
  for (std::string line; std::getline(in, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with(key) && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

bool fits(const std::string& name, const std::vector<std::string>& patterns) {
  const auto matches = [&](const std::string& pattern) {
    return fnmatch(pattern.c_str(), name.c_str(), 0) == 0 || name.starts_with(pattern + "/");
  };
  return patterns.empty() || std::any_of(patterns.begin(), patterns.end(), matches);
}

class benchmark {
 public:
  benchmark(const options& chosen, report& rows) : options_(chosen), rows_(rows) {}

  void product(const measured_mac& mac, napier::isa isa, const shape& wanted) {
    const napier::isa_scope scope(isa);
    const shape size = fitting(mac, wanted);
    rows_.add(compared(mac, isa, size, chosen_left()));
  }

  // One row for all its shapes; fully connected layers are left out: their rows are their own.
  void network(const measured_mac& mac, napier::isa isa, const named_shapes& layers) {
    const napier::isa_scope scope(isa);
    row sum;
    double logarithms = 0;
    for (const shape& size : layers.shapes) {
      if (size.n == 1) continue;
      const row line = compared(mac, isa, size, left_matrix::kept_packed);
      logarithms += std::log(line.ratio);
      sum.baseline = line.baseline;
      sum.macs += line.macs;
      add(sum.time, line.time);
      add(sum.baseline_time, line.baseline_time);
      sum.layers.push_back(line);
    }
    const std::size_t count = sum.layers.size();
    if (count == 0) return;
    sum.mac = mac.name;
    sum.isa = isa;
    sum.shape = fmt::format("{}, {} layers", layers.name, count);
    sum.ratio = std::exp(logarithms / static_cast<double>(count));
    sum.floor = mac.floor.of(isa);
    sum.bound = "geometric mean of the ratios; weights kept packed";
    rows_.add(sum);
  }

  void fully_connected(const measured_mac& mac, napier::isa isa, const shape& size) {
    const napier::isa_scope scope(isa);
    const std::unique_ptr<task> work = mac.fully_connected(size, options_.zeros);
    row line = timed(*work, sgemm(size, options_.zeros).get(), "sgemm");
    line.mac = mac.name;
    line.shape = text_of(size) + ", fc";
    line.isa = isa;
    line.macs = size.macs();
    line.bound = "bytes of the weights";
    rows_.add(line);
  }

  void depthwise(const measured_mac& mac, napier::isa isa) {
    const depthwise_shape size;
    const std::unique_ptr<task> work = mac.depthwise(size, options_.zeros, isa);
    const std::unique_ptr<task> scalar = mac.depthwise(size, options_.zeros, napier::isa::scalar);
    row line = timed(*work, scalar.get(), "scalar");
    line.mac = mac.name;
    line.shape = fmt::format("depthwise 3x3, {}x{}x{}", size.side, size.side, size.channels);
    line.isa = isa;
    line.macs = size.macs();
    line.floor = isa == napier::isa::scalar ? 0 : 5;
    line.bound = "operands decoded, sums stored: 9 products an output";
    rows_.add(line);
  }

  // Floors: float32 at 0.4 of sgemm's rate, mitch6 in at most 1.6 times float32's time.
  void inference(napier::isa isa) {
    const napier::isa_scope scope(isa);
    const std::string exact = "float32/exact/float32";
    const std::string mitch6 = "float32/mitch6/float32";
    const shape large{1024, 1024, 1024};
    for (const std::string& mac : {exact, mitch6}) {
      if (!fits(mac, options_.macs)) continue;
      const double floor = isa == napier::isa::scalar ? 0 : mac == exact ? 0.4 : 0.4 / 1.6;
      inference_row(mac, isa, "resnet8", resnet8_by_sgemm().get(), "sgemm", resnet8_macs, floor);
      inference_row(mac, isa, "resnet8, sgemm of 1024", sgemm(large, 0).get(), "sgemm", large.macs(), floor);
    }
    if (!fits(mitch6, options_.macs)) return;
    inference_row(mitch6, isa, "resnet8", resnet8_inference(exact).get(), exact.c_str(), resnet8_macs,
                  isa == napier::isa::scalar ? 0 : 1 / 1.6);
  }

 private:
  void inference_row(const std::string& mac, napier::isa isa, const char* name, task* baseline,
                     const char* baseline_name, double baseline_macs, double floor) {
    const std::unique_ptr<task> work = resnet8_inference(mac);
    row line = timed(*work, baseline, baseline_name);
    line.mac = mac;
    line.shape = name;
    line.isa = isa;
    line.macs = resnet8_macs;
    line.baseline_macs = baseline_macs;
    line.ratio *= resnet8_macs / baseline_macs;
    line.floor = floor;
    line.bound = fmt::format("inference: {:.0f} images/s", 1 / line.time.cpu);
    rows_.add(line);
  }

  left_matrix chosen_left() const {
    return options_.keep_left ? left_matrix::kept_packed : left_matrix::packed_each_time;
  }

  static void add(seconds& sum, const seconds& time) {
    sum.cpu += time.cpu;
    sum.wall += time.wall;
  }

  // Fewer rows and columns where one run would take too long.
  shape fitting(const measured_mac& mac, shape size) const {
    constexpr std::size_t probe = 96;
    const shape part{std::min(size.m, probe), std::min(size.n, probe), size.k};
    const std::unique_ptr<task> work = mac.gemm(part, options_.zeros, left_matrix::packed_each_time);
    work->run();
    const double rate = part.macs() / time_of(*work, 1).cpu;
    while (size.macs() / rate > options_.longest_run && std::max(size.m, size.n) > probe) {
      (size.m > size.n ? size.m : size.n) /= 2;
    }
    return size;
  }

  row timed(task& work, task* baseline, const char* name) const {
    work.run();
    work.check();
    if (baseline != nullptr) {
      baseline->run();
      baseline->check();
    }
    const comparison times = measure(work, baseline, options_.runs);
    row line;
    line.time = times.time;
    line.baseline = baseline == nullptr ? "" : name;
    line.baseline_time = times.baseline_time;
    line.ratio = times.ratio;
    return line;
  }

  row compared(const measured_mac& mac, napier::isa isa, const shape& size, left_matrix left) const {
    row line = timed(*mac.gemm(size, options_.zeros, left), sgemm(size, options_.zeros).get(), "sgemm");
    line.mac = mac.name;
    line.shape = text_of(size);
    line.isa = isa;
    line.macs = size.macs();
    line.floor = mac.floor.of(isa);
    line.bound = mac.bound;
    return line;
  }

  const options& options_;
  report& rows_;
};

std::vector<napier::isa> chosen_isas(const options& chosen) {
  std::vector<napier::isa> isas;
  for (const std::string& name : chosen.isas) isas.push_back(napier::isa_of(name.c_str()));
  if (!isas.empty()) return isas;
  for (const napier::isa isa : {napier::isa::avx512, napier::isa::avx2}) {
    if (isa <= napier::detected_isa()) isas.push_back(isa);
  }
  if (isas.empty()) isas.push_back(napier::isa::scalar);
  return isas;
}

std::vector<measured_mac> chosen_macs(const options& chosen) {
  std::vector<measured_mac> all;
  add_float_macs(all);
  add_posit_macs(all);
  add_other_macs(all);
  add_published_macs(all);
  std::vector<measured_mac> macs;
  std::string names;
  for (measured_mac& mac : all) {
    names += "\n  " + mac.name;
    if (fits(mac.name, chosen.macs)) macs.push_back(std::move(mac));
  }
  if (macs.empty()) throw usage_error("no MAC fits --mac; there are" + names);
  return macs;
}

std::vector<shape> chosen_shapes(const options& chosen) {
  std::vector<shape> shapes;
  for (const std::string& text : chosen.shapes) {
    if (text.find_first_not_of("0123456789 ") == std::string::npos) {
      shapes.push_back(parse_shape(text));
      continue;
    }
    for (const shape& size : read_shapes(text).shapes) shapes.push_back(size);
  }
  return shapes;
}

// N = 1 is a fully connected layer where the MAC is measured as one.
void measure_shapes(benchmark& bench, const std::vector<measured_mac>& macs,
                    const std::vector<napier::isa>& isas, const std::vector<shape>& shapes) {
  for (const measured_mac& mac : macs) {
    for (const napier::isa isa : isas) {
      for (const shape& size : shapes) {
        if (size.n == 1 && mac.fully_connected) {
          bench.fully_connected(mac, isa, size);
        } else {
          bench.product(mac, isa, size);
        }
      }
    }
  }
}

// Networks and layers with the first instruction set alone: the table would take many minutes otherwise.
void measure_all(benchmark& bench, const std::vector<measured_mac>& macs,
                 const std::vector<napier::isa>& isas) {
  for (const measured_mac& mac : macs) {
    for (const napier::isa isa : isas) bench.product(mac, isa, {1024, 1024, 1024});
  }
  for (const char* name : {"lenet5", "resnet8", "resnet50", "mobilenet_v1", "vgg16"}) {
    const named_shapes layers =
        read_shapes(std::filesystem::path(NAPIER_SOURCE_DIR) / "bench/shapes" / (std::string(name) + ".txt"));
    for (const measured_mac& mac : macs) {
      if (mac.in_networks) bench.network(mac, isas.front(), layers);
    }
  }
  for (const measured_mac& mac : macs) {
    if (mac.fully_connected) bench.fully_connected(mac, isas.front(), {1000, 1, 2048});
  }
  for (const measured_mac& mac : macs) {
    for (const napier::isa isa : isas) {
      if (mac.depthwise) bench.depthwise(mac, isa);
    }
  }
  for (const napier::isa isa : isas) bench.inference(isa);
}

void write(const std::string& file, const std::string& text) {
  std::ofstream out(file);
  if (!(out << text) || !out.flush()) throw usage_error("cannot write '" + file + "'");
}

int run(int argc, char** argv) {
  CLI::App app{"Multiply-accumulates a second of each MAC, beside OpenBLAS's sgemm", "gemm_bench"};
  options chosen;
  app.add_option("--mac", chosen.macs, "MACs: names, their beginnings, or patterns as 'posit16*', by commas")
      ->delimiter(',');
  app.add_option("--shape", chosen.shapes, "\"M N K\", or a file of such lines, as bench/shapes/resnet50.txt")
      ->delimiter(',');
  app.add_option("--isa", chosen.isas,
                 "avx512, avx2, scalar, by commas (default: what the CPU has but scalar)")
      ->delimiter(',');
  app.add_option("--runs", chosen.runs, "the median of so many is taken")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--zeros", chosen.zeros,
                 "this share of the right operand is zero, the rest positive, as after a ReLU")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_flag("--packed", chosen.keep_left,
               "the left matrix is packed before, as the weights of a network are");
  app.add_option("--longest-run", chosen.longest_run,
                 "seconds; products that would take longer get fewer rows and columns")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_flag("--inference", chosen.inference, "only a whole network, ResNet-8, image by image");
  app.add_option("--json", chosen.json, "write the table as JSON");
  app.add_flag("--check", chosen.check, "exit with 1 where a ratio is below its floor");
  CLI11_PARSE(app, argc, argv);

  const std::vector<measured_mac> macs = chosen_macs(chosen);
  const std::vector<napier::isa> isas = chosen_isas(chosen);
  const std::vector<shape> shapes = chosen_shapes(chosen);
  report rows({{"processor", processor_name()},
               {"sgemm", name_of_sgemm()},
               {"threads", 1},
               {"runs", chosen.runs},
               {"zeros", chosen.zeros}});
  fmt::print("{}; one thread; {}; median of {} runs, of processor time\n", processor_name(), name_of_sgemm(),
             chosen.runs);
  fmt::print(
      "Operands: standard normal numbers, rounded to the format{}. Ratio: to sgemm on the same shape.\n\n",
      chosen.zeros > 0 ? fmt::format("; right: {:.0f} % zeros, the rest positive", 100 * chosen.zeros) : "");
  report::print_header();
  benchmark bench(chosen, rows);
  if (chosen.inference) {
    for (const napier::isa isa : isas) bench.inference(isa);
  } else if (shapes.empty()) {
    measure_all(bench, macs, isas);
  } else {
    measure_shapes(bench, macs, isas, shapes);
  }
  fmt::print("\n{} below the floor. Wall time was {:.2f} times the processor time{}.\n", rows.below_floor(),
             rows.busyness(), rows.busyness() > 1.1 ? ": the machine was busy with other work" : "");
  if (!chosen.json.empty()) write(chosen.json, rows.json());
  return chosen.check && rows.below_floor() > 0 ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const check_error& wrong) {
    fmt::print(stderr, "gemm_bench: WRONG RESULT: {}\n", wrong.what());
    return 3;
  } catch (const std::exception& problem) {
    fmt::print(stderr, "gemm_bench: {}\n", problem.what());
    return 2;
  }
}
