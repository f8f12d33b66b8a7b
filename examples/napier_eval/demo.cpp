#include "demo.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <vector>

#include <fmt/format.h>

#include <napier/data/data_set.hpp>
#include <napier/data/fashion_mnist.hpp>

#include "../common/files.hpp"
#include "../common/progress.hpp"
#include "../report/page.hpp"
#include "evaluate.hpp"
#include "html.hpp"
#include "model.hpp"
#include "report.hpp"

namespace napier_eval {

using napier_tools::check_writable;
using napier_tools::write_file;

namespace {

const std::vector<std::string> demo_macs = {"float32",
                                            "bfloat16",
                                            "float16",
                                            "float8_e4m3fn",
                                            "bfloat16/mitchell",
                                            "float32/mitchell",
                                            "float32/mitch8",
                                            "float32/mitch6",
                                            "float32/mitch6u",
                                            "float32/mitch6/compensated-float32",
                                            "fixed32_16/mitch6",
                                            "posit16_1",
                                            "posit16_1/plam",
                                            "posit16_1/rounded-plam",
                                            "posit16_1/rounded-exact/posit16_1",
                                            "posit8_0",
                                            "posit8_0/plam",
                                            "posit8_2",
                                            "posit8_2/plam"};

constexpr double time_budget = 75;  // seconds for all tables

struct demo_table {
  const char* title;
  evaluation_plan plan;

  report run(const napier::data_set& images, std::size_t limit, std::size_t threads, progress_line& progress,
             std::size_t finished = 0) const {
    report result = plan.blank();
    plan.run(result, images, {}, choose_images(images.count(), limit), {threads}, progress, finished);
    result.states.clear();
    return result;
  }
};

// The number of images for which all tables take about the time budget, measured on a few: on twice as many until that
// has taken some seconds.
std::size_t images_that_fit(const std::vector<demo_table>& tables, const napier::data_set& images,
                            const demo_options& options) {
  progress_line silent(1, progress_line::visibility::hidden);
  std::size_t sample = std::min(options.threads, images.count());
  double seconds = 0;
  for (;; sample = std::min(2 * sample, images.count())) {
    const auto start = std::chrono::steady_clock::now();
    for (const demo_table& table : tables) (void)table.run(images, sample, options.threads, silent);
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (seconds > 3 || sample == images.count()) break;
  }
  const auto fitting = static_cast<std::size_t>(time_budget / seconds * static_cast<double>(sample));
  return std::clamp<std::size_t>(fitting / 10 * 10, 10, images.count());
}

}  // namespace

void run_demo(const demo_options& options) {
  const std::vector<std::string> written = {options.json, options.csv, options.html};
  napier_tools::check_apart(written);
  check_writable(written);
  std::FILE* const words = napier_tools::words_beside(written);
  const std::string charts = options.html.empty() ? "" : napier_report::charts_script();
  const std::filesystem::path models = options.models;
  const napier::memory_set images(napier::read_fashion_mnist(napier::data_split::test));
  const napier::network lenet5 = read_model(models / "lenet5.onnx");
  const napier::network resnet8 = read_model(models / "resnet8.onnx");

  using napier::batch_norm_mode;
  std::vector<demo_table> tables;
  tables.push_back(
      {"LeNet-5",
       {running_network(lenet5, batch_norm_mode::fold), demo_macs, "float32", batch_norm_mode::fold}});
  tables.push_back(
      {"ResNet-8, batch norm folded into the convolutions",
       {running_network(resnet8, batch_norm_mode::fold), demo_macs, "float32", batch_norm_mode::fold}});
  tables.push_back({"ResNet-8, batch norm approximate: its multiplications use the MAC too",
                    {running_network(resnet8, batch_norm_mode::approximate), demo_macs, "float32",
                     batch_norm_mode::approximate}});

  std::size_t limit = std::min(options.limit, images.count());
  if (limit == 0) {
    limit = images_that_fit(tables, images, options);
    fmt::print(words,
               "The first {} of the {} Fashion-MNIST test images: as many as fit into about a\n"
               "minute here (--limit {} takes all).\n",
               limit, images.count(), images.count());
  } else {
    fmt::print(words, "The first {} of the {} Fashion-MNIST test images.\n", limit, images.count());
  }
  fmt::print(words,
             "change: in percentage points against float32; agreement: the same answer as float32;\n"
             "logit error: root mean square, relative to float32's; {} threads.\n",
             options.threads);
  std::fflush(words);

  std::vector<report> reports;
  std::size_t total = 0;
  for (const demo_table& table : tables) total += limit * table.plan.runs();
  progress_line progress(total);
  std::size_t finished = 0;
  for (const demo_table& table : tables) {
    reports.push_back(table.run(images, limit, options.threads, progress, finished));
    finished += limit * table.plan.runs();
    progress.clear();
    fmt::print(words, "\n{}\n{}", table.title, table_of(reports.back(), table_columns::few));
    std::fflush(words);
  }
  if (!options.json.empty()) write_file(options.json, json_of(reports));
  if (!options.csv.empty()) write_file(options.csv, csv_of(reports));
  if (options.html.empty()) return;
  std::vector<std::string> titles;
  for (const demo_table& table : tables) titles.emplace_back(table.title);
  write_file(options.html, html_of(reports, titles, charts));
}

}  // namespace napier_eval
