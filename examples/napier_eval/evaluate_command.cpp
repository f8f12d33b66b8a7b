#include "evaluate_command.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <numeric>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <napier/core/error.hpp>
#include <napier/data/open_data_set.hpp>

#include "../common/files.hpp"
#include "../common/terminal.hpp"
#include "../report/page.hpp"
#include "calibrate.hpp"
#include "evaluate.hpp"
#include "html.hpp"
#include "interrupt.hpp"
#include "layer_commands.hpp"
#include "mac_names.hpp"
#include "model.hpp"
#include "resume.hpp"

namespace napier_eval {

using napier_tools::check_apart;
using napier_tools::check_writable;
using napier_tools::words_beside;
using napier_tools::write_file;

namespace {

// Before hours of work.
void check_labels(const napier::data_set& images, std::span<const std::size_t> chosen,
                  const napier::network& model) {
  const std::size_t outputs = napier::element_count(model.output_shape());
  for (const std::size_t i : chosen) {
    if (images.labels()[i] < outputs) continue;
    throw napier::data_error(fmt::format("{}: image {} has label {}, the network has {} outputs",
                                         images.name(), i, images.labels()[i], outputs));
  }
}

// A number a class: what has a place, too, as a segmentation has, is no classification.
void check_output(const napier::network& model) {
  const napier::shape& output = model.output_shape();
  const auto is_long = [](std::size_t extent) { return extent > 1; };
  if (std::count_if(output.begin(), output.end(), is_long) <= 1) return;
  throw napier::model_error(
      fmt::format("{}: its output is {}; expected a number for each class, one extent above 1 at most",
                  model.source(), napier::to_text(output)));
}

// The k of --topk for the table; 1 and 5 besides for the files. More than there are outputs would hold for any network.
void take_topk(std::vector<std::size_t> asked, std::size_t outputs, report& result) {
  if (asked.empty()) asked = outputs > 5 ? std::vector<std::size_t>{1, 5} : std::vector<std::size_t>{1};
  for (const std::size_t k : asked) {
    if (k > outputs) {
      throw napier::name_error(
          fmt::format("--topk {}: {} has {} outputs; expected at most as many", k, result.model, outputs));
    }
  }
  const auto in_order = [](std::vector<std::size_t>& numbers) {
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  };
  in_order(asked);
  result.shown = asked;
  asked.insert(asked.end(), {1, 5});
  in_order(asked);
  result.topk = asked;
}

std::vector<std::uint32_t> labels_of(const napier::data_set& images, std::span<const std::size_t> chosen) {
  std::vector<std::uint32_t> labels;
  for (const std::size_t i : chosen) labels.push_back(images.labels()[i]);
  return labels;
}

std::size_t images_of(const std::vector<run_state>& states) {
  std::size_t sum = 0;
  for (const run_state& state : states) sum += state.scores.images();
  return sum;
}

// The model, what is remembered beside it, the data set's files where they are named one by one, and a calibration.
std::vector<std::string> files_read(const evaluate_options& options) {
  std::vector<std::string> files = {options.model, options.model + ".preprocess.json",
                                    options.calibrate.what};
  const std::size_t colon = options.data.find(':');
  if (colon == std::string::npos) return files;
  for (std::size_t from = colon + 1; from <= options.data.size();) {
    const std::size_t comma = std::min(options.data.find(',', from), options.data.size());
    files.push_back(options.data.substr(from, comma - from));
    from = comma + 1;
  }
  return files;
}

std::string text_of(const report& result, std::size_t width) {
  std::string text = fmt::format("{}, {}, {} images, batch norm {}, reference {}\n", result.model,
                                 result.data, result.images, result.batch_norm, result.reference);
  if (result.seed) text += fmt::format("images drawn at random, seed {}\n", *result.seed);
  if (!result.preprocessing.empty()) text += fmt::format("preprocessing: {}\n", result.preprocessing);
  if (result.partial) {
    text += "PARTIAL: interrupted; each row is of the first images, as many as it says\n";
  }
  if (!result.rows.empty()) text += table_of(result, table_columns::all, width);
  return text;
}

// Before anything is read: every name of a MAC, and what does not go together. Splits --mac and --layer-mac.
std::vector<std::pair<std::string, std::string>> take_names(evaluate_options& options) {
  options.macs = mac_list("--mac", options.macs);
  check_mac("--reference", options.reference);
  if (!options.search_exact.empty()) check_mac("--search-exact", options.search_exact);
  if (!options.search_exact.empty() && !options.search)
    throw napier::name_error("--search-exact: of the layers that --search finds, which is not given");
  if (options.search && options.calibrate.is_file()) {
    throw napier::name_error("--search: calibrates each assignment anew; expected --calibrate N, found " +
                             options.calibrate.what);
  }
  std::vector<std::pair<std::string, std::string>> layer_macs;
  for (const std::string& text : options.layer_macs) {
    layer_macs.push_back(parse_layer_mac(text));
    check_mac("--layer-mac '" + text + "'", layer_macs.back().second);
  }
  return layer_macs;
}

std::size_t classes_of(std::span<const std::uint32_t> labels) {
  return std::set<std::uint32_t>(labels.begin(), labels.end()).size();
}

// Who asks for more images than there are should see it, and who gets the first classes of a folder alone.
void tell_of_limit(const evaluate_options& options, const napier::data_set& images,
                   std::span<const std::size_t> chosen) {
  if (options.limit == 0) return;
  if (chosen.size() < options.limit) {
    fmt::print(stderr, "napier-eval: --limit {}: {} has {} images; {} are evaluated\n", options.limit,
               images.name(), images.count(), chosen.size());
  }
  const std::size_t all = classes_of(images.labels());
  const std::size_t taken = classes_of(labels_of(images, chosen));
  if (2 * taken <= all && chosen.size() >= 4 * all) {
    fmt::print(stderr,
               "napier-eval: --limit {}: these images are of {} of the {} classes; --seed N draws from all\n",
               options.limit, taken, all);
  }
}

bool are_none_finite(const napier::scores& run) {
  return std::all_of(run.answers.begin(), run.answers.end(),
                     [&](std::uint32_t answer) { return answer >= run.classes; });
}

// A reference that guesses is seldom meant.
void tell_of_chance(const report& result, std::size_t outputs) {
  constexpr std::size_t enough = 50;
  const double chance = 1 / static_cast<double>(outputs);
  if (result.rows.empty() || result.images < enough || result.reference_interval.low > chance) return;
  std::fflush(stdout);  // below the table
  if (!result.states.empty() && are_none_finite(result.states.front().scores)) {
    fmt::print(stderr, "napier-eval: the outputs of {} are not finite\n", result.reference);
    return;
  }
  fmt::print(
      stderr,
      "napier-eval: {} itself is right on {:.2f} % of the images, no more than by chance; are preprocessing "
      "(--scale, --mean, --std, --channels, --layout) and labels those of the network?\n",
      result.reference, 100 * result.reference_accuracy.top1);
}

}  // namespace

int run_evaluate(evaluate_options options) {
  const std::vector<std::pair<std::string, std::string>> layer_macs = take_names(options);
  const napier::batch_norm_mode batch_norm = batch_norm_mode_of(options.batch_norm);
  bool takes_integers = false;
  const std::shared_ptr<const napier::network> running =
      running_network(read_model(options.model, &takes_integers), batch_norm, layer_macs);
  const napier::network& model = *running;
  check_output(model);
  report result = blank_report(model, options.reference, batch_norm, layer_macs);

  calibration_task calibration(options.calibrate);
  const std::unique_ptr<const napier::data_set> images = napier::open_data_set(options.data);
  const napier::preprocessing how = options.preprocessing.for_model(options.model);
  if (takes_integers && (how.scale != 1 || !how.mean.empty() || !how.deviation.empty())) {
    throw napier::data_error(
        model.source() +
        ": its input is pixels of an integer type; expected --scale 1 without --mean and --std");
  }
  const std::vector<std::string> others = {options.csv, options.html, options.calibrate.save,
                                           options.layers_csv};
  std::vector<std::string> written = others;
  written.push_back(options.json);
  check_apart(written, files_read(options));
  check_apart(others, {options.resume});  // --json may write what --resume reads
  check_writable(written);
  const std::string charts = options.html.empty() ? "" : napier_report::charts_script();
  const divided_images divided =
      calibration.divide(choose_images(images->count(), 0, options.seed), options.limit, *images);
  const std::vector<std::size_t>& chosen = divided.evaluated;
  check_labels(*images, chosen, model);
  if (!chosen.empty()) {
    options.preprocessing.check_channels(how, images->picture(chosen[0]).channels, images->name(),
                                         options.model);
  }
  result.data = images->name();
  result.images = chosen.size();
  result.seed = options.seed;
  result.calibration = calibration.text();
  if (how != napier::preprocessing{}) result.preprocessing = text_of(how);
  take_topk(options.topk, napier::element_count(model.output_shape()), result);
  result.model_hash = hash_of_model(options.model, model);
  result.data_hash = hash_of_images(*images, chosen);
  if (!options.resume.empty()) {
    resumed before = read_resume(options.resume, result, labels_of(*images, chosen));
    for (const std::string& mac : before.macs) check_mac("--resume " + options.resume, mac);
    options.macs.insert(options.macs.begin(), before.macs.begin(), before.macs.end());
    result.states = std::move(before.states);
  }

  const run_settings settings{options.threads, options.batch, &watch_interrupt()};
  const layer_commands layers(options, running, batch_norm, layer_macs, settings);
  evaluation_plan plan(running, options.macs, options.reference, batch_norm, layer_macs);
  layers.check(plan);
  tell_of_limit(options, *images, chosen);
  if (calibration.is_wanted()) calibration.add_rows(plan, *images, how, divided.calibrating, settings);
  progress_line progress(chosen.size() * plan.runs() - images_of(result.states));
  plan.run(result, *images, how, chosen, settings, progress);
  progress.clear();
  layers.run(result, plan, {*images, how, chosen},
             calibration.corrector(plan, *images, how, divided.calibrating, settings));

  options.preprocessing.remember(options.model, how);
  if (!options.json.empty()) write_file(options.json, json_of(result));
  if (!options.csv.empty()) write_file(options.csv, csv_of({result}));
  layers.write(result);
  if (!options.html.empty()) write_file(options.html, html_of(result, charts));
  std::FILE* const words = words_beside(written);
  fmt::print(words, "{}{}{}", text_of(result, napier_tools::columns_of(words).value_or(0)),
             calibration.table(), layers.text(result));
  tell_of_chance(result, napier::element_count(model.output_shape()));
  return result.partial ? exit_interrupted : 0;
}

}  // namespace napier_eval
