#include "options.hpp"

#include <algorithm>
#include <thread>

#include <CLI/CLI.hpp>

#include <napier/core/error.hpp>

namespace napier_eval {

namespace {

// An empty one is a variable of the shell that was not set.
const CLI::Validator a_path(
    [](std::string& path) { return path.empty() ? std::string("expected the path of a file") : ""; }, "FILE");

}  // namespace

void evaluate_options::add_to(CLI::App& app) {
  threads = default_threads();
  app.add_option("--model", model, "ONNX file");
  app.add_option("--data", data,
                 "fashion-mnist, mnist:DIR, idx:IMAGES,LABELS, cifar10:DIR, cifar100:DIR (plain or gzip), "
                 "images:DIR (a "
                 "folder a class), images:LIST (lines 'path label'; JPEG, PNG) or npy:IMAGES,LABELS")
      ->capture_default_str();
  app.add_option("--mac", macs, "MACs, separated by commas, e.g. float32,posit16_1/plam")
      ->delimiter(',')
      ->transform([](const std::string& text) { return CLI::detail::trim_copy(text); });
  app.add_option("--reference", reference, "MAC to compare with")->capture_default_str();
  app.add_option("--limit", limit, "N images (default: all)")->check(CLI::PositiveNumber);
  app.add_option("--seed", seed,
                 "images in a random order, N being its number (default: the data set's order)")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--batch", batch, "N images at once, in each thread")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  app.add_option("--threads", threads, "default: one a processor")->check(CLI::Range(1, 1024));
  app.add_option("--batch-norm", batch_norm, "fold, exact or approximate")->capture_default_str();
  app.add_option(
      "--layer-mac", layer_macs,
      "PATTERN=MAC for layers by node name or operator type, e.g. conv*=float32/mitch6; the last match wins");
  app.add_option("--topk", topk, "shares of images whose label is among the k largest outputs: 1,5")
      ->delimiter(',')
      ->check(CLI::Range(1, 1000000));
  app.add_option("--json", json, "write the table, and what --resume needs, as JSON")->check(a_path);
  app.add_option("--csv", csv, "write the table as CSV")->check(a_path);
  app.add_option("--html", html,
                 "write a page with charts that opens offline; without --per-layer, layers on 100 images")
      ->check(a_path);
  app.add_option("--resume", resume, "go on from a file that --json wrote, whole or partial")->check(a_path);
  calibrate.add_to(app);
  const std::string group = "Layer by layer";
  app.add_option("--per-layer", per_layer,
                 "the error of each layer and the ranges of its values, on the first N images (default: all)")
      ->expected(0, 1)
      ->default_str("0")
      ->check(CLI::NonNegativeNumber)
      ->group(group);
  app.add_option("--layers-csv", layers_csv, "write them as CSV")->check(a_path)->group(group);
  app.add_option(
         "--search", search,
         "the layers that have to be exact, so that at most N points of top-1 are lost (default: 0.5)")
      ->expected(0, 1)
      ->default_str("0.5")
      ->check(CLI::Range(0.0, 100.0))
      ->group(group);
  app.add_option("--search-exact", search_exact, "the MAC of those layers (default: the reference)")
      ->group(group);
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
