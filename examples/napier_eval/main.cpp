// napier-eval — the accuracy of a CNN under any of napier's MACs, against FP32.

#include <cstdio>
#include <exception>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <napier/core/error.hpp>
#include <napier/core/isa.hpp>

#include "../common/arguments.hpp"
#include "../macs/macs.hpp"
#include "demo.hpp"
#include "evaluate_command.hpp"
#include "options.hpp"

namespace {

using namespace napier_eval;
using napier_tools::all_macs;
using napier_tools::whole_number;

void list_macs() {
  for (const std::string& name : all_macs().names()) fmt::print("{}\n", all_macs().short_name(name));
}

int run(int argc, char** argv) {
  CLI::App app{"What an approximate arithmetic does to the accuracy of a CNN", "napier-eval"};
  evaluate_options options;
  bool list = false;
  options.add_to(app);
  app.add_flag("--list-macs", list, "print the name of every compiled-in MAC");

  demo_options demo;
  demo.threads = default_threads();
  demo.models = NAPIER_SOURCE_DIR "/examples/models";
  CLI::App* demo_command = app.add_subcommand("demo", "two CNNs on Fashion-MNIST under nineteen MACs");
  const auto add = [&](const char* name, auto& target, const char* value, const char* help) {
    return demo_command->add_option(name, target, help)->option_text(value);
  };
  add("--limit", demo.limit, "N", "first N images (default: as many as fit into about a minute)")
      ->check(whole_number(1));
  add("--threads", demo.threads, "N", "default: one a processor")->check(whole_number(1, 1024));
  add("--json", demo.json, "FILE", "write the tables as JSON");
  add("--csv", demo.csv, "FILE", "write the tables as CSV");
  add("--html", demo.html, "FILE", "write a page with charts that opens offline");
  napier_tools::set_up_help(app);
  napier_tools::set_up_help(*demo_command);
  app.footer(
      "Examples:\n"
      "  napier-eval --model cnn.onnx --data cifar10:DIR --mac float32/mitch6,posit16_1/plam --json r.json\n"
      "  napier-eval --model cnn.onnx --data images:DIR --resize 256 --crop 224 --mean 0.485,0.456,0.406 \\\n"
      "    --std 0.229,0.224,0.225 --mac bfloat16/mitchell --limit 1000 --seed 1 --html report.html\n"
      "docs/eval.md walks through a study.");

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
  } else if (options.model.empty() || (options.macs.empty() && options.resume.empty())) {
    fmt::print(stderr, "napier-eval: --model and --mac are needed; --help tells more\n");
    return exit_bad_input;
  } else {
    return run_evaluate(options);
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
