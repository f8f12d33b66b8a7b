#include "options.hpp"

#include <algorithm>
#include <thread>

#include <CLI/CLI.hpp>

#include <napier/core/error.hpp>

#include "../common/arguments.hpp"

namespace napier_eval {

using napier_tools::a_path;
using napier_tools::whole_number;

void evaluate_options::add_to(CLI::App& app) {
  threads = default_threads();
  const auto add = [&app](const char* name, auto& target, const char* value, const char* help) {
    return app.add_option(name, target, help)->option_text(value);
  };
  add("--model", model, "M.onnx", "ONNX file");
  add("--data", data, "SET",
      "fashion-mnist (default), mnist:DIR, idx:IMAGES,LABELS, cifar10:DIR, cifar100:DIR (plain or gzip), "
      "images:DIR (a folder a class), images:LIST (lines 'path label'; JPEG, PNG) or npy:IMAGES,LABELS");
  add("--mac", macs, "A,B,C", "MACs, each a row: FORMAT/MULTIPLIER/ACCUMULATOR, as float32,posit16_1/plam");
  add("--reference", reference, "A", "MAC to compare with (default: float32)");
  add("--limit", limit, "N", "N images (default: all)")->check(whole_number(1));
  add("--seed", seed, "N", "images in a random order, N being its number (default: the data set's order)")
      ->check(whole_number(0));
  add("--batch", batch, "N", "N images at once, in each thread (default: 1)")->check(whole_number(1, 4096));
  add("--threads", threads, "N", "default: one a processor")->check(whole_number(1, 1024));
  add("--batch-norm", batch_norm, "MODE", "fold (default), exact or approximate");
  add("--layer-mac", layer_macs, "PATTERN=A",
      "another MAC for layers by node name or operator type, e.g. conv*=float32/mitch6; the last match wins");
  add("--topk", topk, "K,...", "shares of images whose label is among the k largest outputs (default: 1,5)")
      ->delimiter(',')
      ->check(whole_number(1, 1000000));
  add("--json", json, "FILE", "write the table, and what --resume needs, as JSON; - is standard output")
      ->check(a_path());
  add("--csv", csv, "FILE", "write the table as CSV; - is standard output")->check(a_path());
  add("--html", html, "FILE",
      "write a page with charts that opens offline; without --per-layer, layers on 100 images")
      ->check(a_path());
  add("--resume", resume, "FILE", "go on from a file that --json wrote, whole or partial")->check(a_path());
  calibrate.add_to(app);
  const std::string group = "Layer by layer";
  const CLI::Validator points(
      [](std::string& text) {
        double number = 0;
        const bool is_one = CLI::detail::lexical_cast(text, number) && number >= 0 && number <= 100;
        return is_one ? std::string() : "expected points from 0 to 100, found '" + text + "'";
      },
      "");
  add("--per-layer", per_layer, "[N]",
      "the error of each layer and the ranges of its values, on the first N images (default, and 0: all)")
      ->expected(0, 1)
      ->default_str("0")
      ->check(whole_number(0))
      ->group(group);
  add("--layers-csv", layers_csv, "FILE", "write them as CSV")->check(a_path())->group(group);
  add("--search", search, "[POINTS]",
      "the layers that have to be exact, so that at most so many points of top-1 are lost (default: 0.5)")
      ->expected(0, 1)
      ->default_str("0.5")
      ->check(points)
      ->group(group);
  add("--search-exact", search_exact, "A", "the MAC of those layers (default: the reference)")->group(group);
  preprocessing.add_to(app);
}

std::size_t default_threads() { return std::max(1U, std::thread::hardware_concurrency()); }

std::pair<std::string, std::string> parse_layer_mac(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw napier::name_error("--layer-mac '" + text + "': expected PATTERN=MAC, as in conv*=float32/mitch6");
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

}  // namespace napier_eval
