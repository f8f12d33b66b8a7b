// napier-eval — the accuracy of a CNN under any of napier's MACs, against FP32.

#include <cstdio>
#include <exception>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <napier/core/error.hpp>
#include <napier/core/isa.hpp>

#include "../macs/macs.hpp"
#include "demo.hpp"
#include "evaluate_command.hpp"
#include "options.hpp"

namespace {

using namespace napier_eval;
using napier_tools::all_macs;

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
