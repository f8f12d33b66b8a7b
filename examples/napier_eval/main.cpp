// napier-eval — the accuracy of a CNN under any of napier's MACs, against FP32.

#include <algorithm>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <napier/core/error.hpp>
#include <napier/core/isa.hpp>
#include <napier/data/open_data_set.hpp>
#include <napier/network/onnx.hpp>

#include "../macs/macs.hpp"
#include "demo.hpp"
#include "evaluate.hpp"
#include "preprocess_options.hpp"
#include "report.hpp"

namespace {

using namespace napier_eval;
using napier_tools::all_macs;

constexpr int exit_bad_input = 2;

struct evaluate_options {
  std::string model;
  std::string data = "fashion-mnist";
  std::vector<std::string> macs;
  std::string reference = "float32";
  std::size_t limit = 0;
  std::size_t threads = 1;
  std::string batch_norm = "fold";
  std::vector<std::string> layer_macs;
  std::string json;
  std::string csv;
  preprocess_options preprocessing;
};

// Before hours of work.
void check_labels(const napier::data_set& images, std::size_t limit, const napier::network& model) {
  const std::size_t outputs = napier::element_count(model.output_shape());
  for (std::size_t i = 0; i < limit; ++i) {
    if (images.labels()[i] < outputs) continue;
    throw napier::data_error(fmt::format("{}: image {} has label {}, the network has {} outputs",
                                         images.name(), i, images.labels()[i], outputs));
  }
}

std::pair<std::string, std::string> parse_layer_mac(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw napier::name_error("--layer-mac '" + text + "': expected PATTERN=MAC, as in conv*=float32/mitch6");
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

void run_evaluate(const evaluate_options& options) {
  std::vector<std::pair<std::string, std::string>> layer_macs;
  for (const std::string& text : options.layer_macs) layer_macs.push_back(parse_layer_mac(text));
  const napier::network model = napier::read_onnx(options.model);
  const evaluation_plan plan(model, options.macs, options.reference, batch_norm_mode_of(options.batch_norm),
                             layer_macs);
  const std::unique_ptr<const napier::data_set> images = napier::open_data_set(options.data);
  const napier::preprocessing how = options.preprocessing.for_model(options.model);
  check_writable({options.json, options.csv});
  const std::size_t limit = options.limit == 0 ? images->count() : std::min(options.limit, images->count());
  check_labels(*images, limit, model);

  progress_line progress(limit * plan.runs());
  const report result = plan.run(*images, how, limit, options.threads, progress);
  progress.clear();
  options.preprocessing.remember(options.model, how);
  if (!options.json.empty()) write_file(options.json, json_of(result));
  if (!options.csv.empty()) write_file(options.csv, csv_of({result}));
  fmt::print("{}, {}, {} images, batch norm {}, reference {}\n", result.model, result.data, result.images,
             result.batch_norm, result.reference);
  if (how != napier::preprocessing{}) fmt::print("preprocessing: {}\n", text_of(how));
  fmt::print("{}", table_of(result));
}

void list_macs() {
  for (const std::string& name : all_macs().names()) fmt::print("{}\n", all_macs().short_name(name));
}

int run(int argc, char** argv) {
  CLI::App app{"What an approximate arithmetic does to the accuracy of a CNN", "napier-eval"};
  evaluate_options options;
  options.threads = default_threads();
  bool list = false;
  app.add_option("--model", options.model, "ONNX file");
  app.add_option("--data", options.data,
                 "fashion-mnist, mnist:DIR, idx:IMAGES,LABELS, cifar10:DIR, cifar100:DIR (plain or gzip), "
                 "images:DIR (a "
                 "folder a class), images:LIST (lines 'path label'; JPEG, PNG) or npy:IMAGES,LABELS")
      ->capture_default_str();
  app.add_option("--mac", options.macs, "MACs, separated by commas, e.g. float32,posit16_1/plam")
      ->delimiter(',')
      ->transform([](const std::string& text) { return CLI::detail::trim_copy(text); });
  app.add_option("--reference", options.reference, "MAC to compare with")->capture_default_str();
  app.add_option("--limit", options.limit, "first N images (default: all)");
  app.add_option("--threads", options.threads, "default: one a processor")->check(CLI::Range(1, 1024));
  app.add_option("--batch-norm", options.batch_norm, "fold, exact or approximate")->capture_default_str();
  app.add_option(
      "--layer-mac", options.layer_macs,
      "PATTERN=MAC for layers by node name or operator type, e.g. conv*=float32/mitch6; the last match wins");
  app.add_option("--json", options.json, "write the table as JSON");
  app.add_option("--csv", options.csv, "write the table as CSV");
  options.preprocessing.add_to(app);
  app.add_flag("--list-macs", list, "print the name of every compiled-in MAC");

  demo_options demo;
  demo.threads = default_threads();
  demo.models = NAPIER_SOURCE_DIR "/examples/models";
  CLI::App* demo_command = app.add_subcommand("demo", "two CNNs on Fashion-MNIST under nineteen MACs");
  demo_command->add_option("--limit", demo.limit,
                           "first N images (default: as many as fit into two minutes)");
  demo_command->add_option("--threads", demo.threads, "default: one a processor")->check(CLI::Range(1, 1024));
  demo_command->add_option("--json", demo.json, "write the tables as JSON");
  demo_command->add_option("--csv", demo.csv, "write the tables as CSV");

  app.failure_message([](const CLI::App*, const CLI::Error& problem) {
    return fmt::format("napier-eval: {}; --help tells more\n", problem.what());
  });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& stop) {
    return app.exit(stop) == 0 ? 0 : exit_bad_input;
  }

  if (*demo_command && app.count_all() > demo_command->count_all() + 1) {
    fmt::print(stderr, "napier-eval: options of demo come after it; demo --help lists them\n");
    return exit_bad_input;
  }
  if (list) {
    list_macs();
  } else if (*demo_command) {
    run_demo(demo);
  } else if (options.model.empty() || options.macs.empty()) {
    fmt::print(stderr, "napier-eval: --model and --mac are needed; --help tells more\n");
    return exit_bad_input;
  } else {
    run_evaluate(options);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    napier::active_isa();  // a NAPIER_ISA that this CPU does not have is said before anything else
    const int status = run(argc, argv);
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
      throw napier::error("standard output cannot be written");
    }
    return status;
  } catch (const std::exception& problem) {
    fmt::print(stderr, "napier-eval: {}\n", problem.what());
    return exit_bad_input;
  }
}
