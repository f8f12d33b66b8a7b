// napier-study: docs/study.md, every number of it measured.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <napier/core/error.hpp>

#include "claims.hpp"
#include "document.hpp"
#include "laboratory.hpp"
#include "own_arithmetic.hpp"
#include "sections.hpp"

namespace {

using namespace napier_study;

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file && !file.eof()) throw napier::error(path.string() + ": cannot be read");
  return text;
}

const char* kind_of(const std::string& network) {
  return network == "lenet5"      ? "a short chain of convolutions"
         : network == "vgg8"      ? "a longer chain, plain"
         : network == "resnet8"   ? "batch norms, and shortcuts past each block"
         : network == "resnext11" ? "the same with grouped convolutions: short sums"
                                  : "depthwise convolutions, batch norms, no shortcuts";
}

void set_sizes(laboratory& lab, document& text) {
  std::size_t fewest = lab.size_of(networks.front()).products;
  std::size_t most = 0;
  std::size_t longest = 0;
  std::vector<std::vector<std::string>> rows;
  for (const std::string& network : networks) {
    const network_size size = lab.size_of(network);
    fewest = std::min(fewest, size.products);
    most = std::max(most, size.products);
    longest = std::max(longest, size.longest);
    rows.push_back({title_of(network), kind_of(network), number(static_cast<double>(size.products) / 1e6),
                    fmt::format("{}", size.longest), with_interval(lab.float32(network))});
  }
  text.set_table("networks",
                 {"network", "what it is", "million products an image", "longest sum, products",
                  "accuracy in float32, %"},
                 rows, 2);
  text.set("fewest_products", number(static_cast<double>(fewest) / 1e6));
  text.set("most_products", number(static_cast<double>(most) / 1e6));
  text.set("longest_sum", fmt::format("{}", longest));
}

int run(int argc, char** argv) {
  const std::filesystem::path source = NAPIER_SOURCE_DIR;
  std::string out = source / "docs";
  std::size_t images = 500;
  std::size_t threads = std::max(1U, std::thread::hardware_concurrency());
  CLI::App app("Approximate multiplication on five networks: writes study.md and its pictures.",
               "napier-study");
  app.add_option("--out", out, "folder for study.md and study/*.svg");
  app.add_option("--limit", images, "first N images of the test set")->check(CLI::Range(1, 10000));
  app.add_option("--threads", threads, "default: one a processor")->check(CLI::Range(1, 1024));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& stop) {
    return app.exit(stop) == 0 ? 0 : 2;
  }

  check_own_arithmetics();
  document text(out, read_file(source / "examples/study/study.md.in"));
  laboratory lab(source / "examples/models", images, threads);
  text.set("images", fmt::format("{}", lab.images()));
  set_sizes(lab, text);
  set_claims(text);
  const auto start = std::chrono::steady_clock::now();
  for (const auto& section :
       {study_widths, study_posits, study_sums, study_layers, study_bias, study_bfloat16, study_depthwise}) {
    section(lab, text);
    fmt::print(stderr, "--- {:.0f} s\n",
               std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  text.write();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& problem) {
    fmt::print(stderr, "napier-study: {}\n", problem.what());
    return 2;
  }
}
