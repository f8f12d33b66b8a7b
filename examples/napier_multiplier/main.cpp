// napier-multiplier — the error statistics of approximate multipliers.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include <napier/analysis/multiplier_errors.hpp>
#include <napier/core/error.hpp>

#include "../common/files.hpp"
#include "../common/progress.hpp"
#include "../report/page.hpp"
#include "catalogue.hpp"
#include "network_operands.hpp"
#include "report.hpp"

namespace {

using namespace napier_multiplier;

constexpr int exit_bad_input = 2;

struct multiplier_options {
  std::vector<std::string> names;
  std::string operands = "all";
  napier::measurement how;
  std::string json;
  std::string csv;
  std::string html;
};

// An empty one is a variable of the shell that was not set.
const CLI::Validator a_path(
    [](std::string& path) { return path.empty() ? std::string("expected the path of a file") : ""; }, "FILE");

// Which no output may overwrite.
std::vector<std::string> files_read(const multiplier_options& options) {
  std::vector<std::string> files;
  for (const std::string& name : options.names) {
    const std::string file = table_file_of(name);
    if (!file.empty()) files.push_back(file);
  }
  if (options.operands.starts_with(network_prefix)) files.push_back(model_file_of(options.operands));
  return files;
}

void list_all() {
  const catalogue& all = all_multipliers();
  fmt::print("formats: {}\n\nmultipliers, each with or without rounded- before it:\n",
             fmt::join(all.formats_of(""), ", "));
  std::string last;
  std::vector<std::string> alike;
  const auto print_alike = [&] {
    if (!alike.empty()) fmt::print("  {}\n      for {}\n", fmt::join(alike, ", "), last);
  };
  for (const std::string& multiplier : all.multiplier_names()) {
    const std::vector<std::string> formats = all.formats_of(multiplier);
    const std::string text =
        formats == all.formats_of("") ? "all" : fmt::format("{}", fmt::join(formats, ", "));
    if (text != last) {
      print_alike();
      alike.clear();
    }
    last = text;
    alike.push_back(multiplier);
  }
  print_alike();
  fmt::print(
      "  table:FILE, table-signed:FILE: products from a file, of the operands' magnitudes and of their "
      "codes\n"
      "      for uint8 (not table-signed), int8, fixed8_4\n");
}

// Everything that can be wrong is said before the first pair is multiplied.
void run_measurements(multiplier_options& options) {
  std::vector<napier::multiplier_under_test> multipliers;
  for (const std::string& name : options.names) multipliers.push_back(all_multipliers().find(name));
  std::shared_ptr<const layer_operands> layer;
  if (options.operands.starts_with(network_prefix)) layer = read_layer_operands(options.operands);
  std::vector<napier::operand_source> sources;
  std::uint64_t total = 0;
  for (const auto& multiplier : multipliers) {
    sources.push_back(layer != nullptr ? source_of(layer, options.operands, multiplier.format())
                                       : napier::make_operand_source(multiplier.format(), options.operands));
    napier::check_measurement(multiplier, sources.back(), options.how);
    total += napier::pairs_to_measure(sources.back(), options.how);
  }
  napier_tools::check_apart({options.json, options.csv, options.html}, files_read(options));
  napier_tools::check_writable({options.json, options.csv, options.html});
  const std::string script = options.html.empty() ? "" : napier_report::charts_script();
  options.how.with_map = !options.html.empty();

  constexpr std::uint64_t unit = 1'000'000;
  napier_tools::progress_line progress(static_cast<std::size_t>(total / unit + 1),
                                       napier_tools::progress_line::visibility::on_terminal, "million pairs");
  std::vector<report_row> rows;
  std::uint64_t finished = 0;
  for (std::size_t i = 0; i < multipliers.size(); ++i) {
    options.how.progress = [&](std::uint64_t pairs) {
      progress.show(multipliers[i].full_name(), static_cast<std::size_t>((finished + pairs) / unit));
    };
    rows.push_back({multipliers[i], napier::measure_errors(multipliers[i], sources[i], options.how)});
    finished += rows.back().errors.pairs;
  }
  progress.clear();
  if (!options.json.empty()) napier_tools::write_file(options.json, json_of(rows));
  if (!options.csv.empty()) napier_tools::write_file(options.csv, csv_of(rows));
  if (!options.html.empty()) napier_tools::write_file(options.html, html_of(rows, script));
  fmt::print(napier_tools::words_beside({options.json, options.csv, options.html}), "operands: {}\n\n{}",
             options.operands, table_of(rows));
}

int run(int argc, char** argv) {
  CLI::App app{"The error statistics of approximate multipliers, beside each other", "napier-multiplier"};
  multiplier_options options;
  options.how.threads = std::max(1u, std::thread::hardware_concurrency());
  bool list = false;
  app.add_option("names", options.names,
                 "MULTIPLIER@FORMAT, e.g. mitch6@uint16 rounded-plam@posit16_1; --list tells all");
  app.add_option("--operands", options.operands,
                 "all (codes), significands (of one binade), uniform, log-uniform, normal, or "
                 "network:MODEL.onnx:LAYER:DATA[:IMAGES], the layer's weights and activations on the first "
                 "images (default 20)")
      ->capture_default_str();
  app.add_option("--samples", options.how.samples, "pairs, where they are more than 2^26")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{1000}, std::uint64_t{1} << 40));
  app.add_option("--seed", options.how.seed, "of the sample")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  app.add_flag("--exhaustive", options.how.exhaustive, "all pairs, up to 2^40 of them; 2^32 take minutes");
  app.add_option("--threads", options.how.threads, "default: one a processor")->check(CLI::Range(1, 1024));
  app.add_option("--json", options.json, "write the statistics as JSON")->check(a_path);
  app.add_option("--csv", options.csv, "write them as CSV")->check(a_path);
  app.add_option("--html", options.html,
                 "write a page of them, with a heat map of the error over the two significands and a "
                 "histogram of each")
      ->check(a_path);
  app.add_flag("--list", list, "print the names of all multipliers and formats");
  app.failure_message([](const CLI::App*, const CLI::Error& problem) {
    return fmt::format("napier-multiplier: {}; --help tells more\n", problem.what());
  });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& stop) {
    return app.exit(stop) == 0 ? 0 : exit_bad_input;
  }
  if (list) {
    list_all();
  } else if (options.names.empty()) {
    fmt::print(stderr, "napier-multiplier: a name is needed, such as mitch6@uint16; --help tells more\n");
    return exit_bad_input;
  } else {
    run_measurements(options);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const int status = run(argc, argv);
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
      throw napier::error("standard output cannot be written");
    }
    return status;
  } catch (const std::exception& problem) {
    fmt::print(stderr, "napier-multiplier: {}\n", problem.what());
    return exit_bad_input;
  }
}
