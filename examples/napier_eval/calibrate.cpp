#include "calibrate.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <napier/analysis/calibration.hpp>
#include <napier/analysis/evaluate.hpp>
#include <napier/core/error.hpp>

#include "../common/arguments.hpp"
#include "../common/files.hpp"
#include "../common/progress.hpp"
#include "evaluate.hpp"
#include "preprocess_options.hpp"
#include "resume.hpp"
#include "search.hpp"

namespace napier_eval {

using napier::calibration_scope;
using napier::name_error;
using napier_tools::a_path;

namespace {

constexpr const char* expected_form = "expected N[:layer|channel|affine] with N from 1, or a .json file";

// N and, after a colon, what is fitted.
std::pair<std::size_t, calibration_scope> parse_count(const std::string& text) {
  std::size_t count = 0;
  const char* const last = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), last, count);
  if (problem != std::errc{} || count == 0 || (rest != last && *rest != ':'))
    throw name_error(fmt::format("--calibrate '{}': {}", text, expected_form));
  if (rest == last) return {count, calibration_scope::channel_scale};
  try {
    return {count, napier::calibration_scope_of(
                       std::string_view(rest + 1, static_cast<std::size_t>(last - rest - 1)))};
  } catch (const name_error& unknown) {
    throw name_error(fmt::format("--calibrate '{}': {}", text, unknown.what()));
  }
}

// Ctrl-C between two layers.
struct stopped {};

std::string line_of(const napier::layer_correction& layer) {
  std::vector<double> scales;
  double shift = 0;
  for (const napier::affine_fit& fit : layer.fits) {
    scales.push_back(fit.scale);
    shift = std::max(shift, std::abs(fit.shift));
  }
  std::sort(scales.begin(), scales.end());
  return fmt::format("  {:<28} {:>8} {:>8.4f} {:>8.4f} {:>8.4f} {:>10.3g} {:>8}\n", layer.node,
                     layer.channels, scales.front(), scales[scales.size() / 2], scales.back(), shift,
                     layer.guarded);
}

}  // namespace

void calibrate_options::add_to(CLI::App& app) {
  const auto add = [&app](const char* name, auto& target, const char* value, const char* help) {
    return app.add_option(name, target, help)->option_text(value);
  };
  add("--calibrate", what, "N[:WHAT]",
      "a second row of each MAC, its layers' sums brought back to the reference's, from N images that are "
      "not "
      "evaluated; WHAT is layer (a scale each), channel (the default: a scale each) or affine (scale and "
      "shift a channel). Or FILE.json, which --save-calibration wrote");
  add("--estimator", estimator, "E",
      "what --calibrate fits by: least-squares (default for scales), moments (default for affine), median "
      "or trimmed");
  add("--save-calibration", save, "FILE", "write what --calibrate found as JSON")->check(a_path());
}

divided_images divide_images(std::span<const std::size_t> order, std::size_t limit, std::size_t count) {
  if (limit == 0 || limit > order.size()) limit = order.size();
  const bool are_enough = order.size() - limit >= count;
  const std::size_t first = are_enough ? limit : 0;
  divided_images result;
  for (std::size_t i = 0, taken = 0; i < order.size(); ++i) {
    // number `taken` of `count` is at ⌊taken · others / count⌋ of the others
    const std::size_t others = order.size() - first;
    const bool calibrates = i >= first && taken < count && i - first == taken * others / count;
    if (calibrates) {
      result.calibrating.push_back(order[i]);
      ++taken;
    } else if (result.evaluated.size() < limit) {
      result.evaluated.push_back(order[i]);
    }
  }
  return result;
}

calibration_task::calibration_task(const calibrate_options& options) : options_(options) {
  if (!is_wanted()) {
    if (!options.estimator.empty())
      throw name_error("--estimator: of what --calibrate fits, which is not given");
    if (!options.save.empty())
      throw name_error("--save-calibration: what --calibrate found, which is not given");
    return;
  }
  if (!options.save.empty() && options.save != "-" && !options.save.ends_with(".json")) {
    throw name_error(
        fmt::format("--save-calibration '{}': expected a name that ends in .json, as --calibrate reads it",
                    options.save));
  }
  if (options.is_file()) {
    if (!options.estimator.empty()) throw name_error("--estimator: " + options.what + " is fitted already");
    record_ = read_calibration(napier_tools::read_file(options.what), options.what);
    return;
  }
  const auto [count, scope] = parse_count(options.what);
  const auto estimator = options.estimator.empty() ? napier::usual_estimator(scope)
                                                   : napier::fit_estimator_of(options.estimator);
  napier::check_estimator(scope, estimator);
  count_ = count;
  record_.scope = to_text(scope);
  record_.estimator = to_text(estimator);
}

std::string calibration_task::text() const {
  if (!is_wanted()) return {};
  if (count_ == 0) return options_.what + " " + hash_of_file(options_.what);
  return fmt::format("{}:{} {}", count_, record_.scope, record_.estimator);
}

divided_images calibration_task::divide(std::span<const std::size_t> order, std::size_t limit,
                                        const napier::data_set& images) const {
  if (count_ != 0) {
    if (count_ >= order.size()) {
      throw napier::data_error(
          fmt::format("--calibrate {}: {} has {} images; expected fewer, so that some are evaluated",
                      options_.what, images.name(), order.size()));
    }
    return divide_images(order, limit, count_);
  }
  // What the file was made from is not evaluated either.
  const bool is_same = is_wanted() && is_made_of(images);
  if (is_wanted() && !is_same) {
    fmt::print(
        stderr,
        "napier-eval: --calibrate {}: it was fitted to images of {}, which are not those of {}: none is "
        "left out\n",
        options_.what, record_.data, images.name());
  }
  const std::set<std::size_t> used(record_.images.begin(), record_.images.end());
  divided_images result;
  for (const std::size_t image : order) {
    if (limit != 0 && result.evaluated.size() == limit) break;
    if (!is_same || !used.contains(image)) result.evaluated.push_back(image);
  }
  return result;
}

bool calibration_task::is_made_of(const napier::data_set& images) const {
  if (record_.data_images != images.count()) return false;
  if (record_.data_hash.empty()) return record_.data == images.name();
  return record_.data_hash == hash_of_pictures(images, record_.images);
}

const calibrated_mac& calibration_task::of_file(const std::string& mac) const {
  std::string known;
  for (const calibrated_mac& each : record_.macs) {
    if (each.mac == mac) return each;
    known += (known.empty() ? "" : ", ") + each.mac;
  }
  throw name_error(fmt::format("{}: no calibration of {}; it has {}", options_.what, mac, known));
}

void calibration_task::take_from_file(const evaluation_plan& plan, const napier::preprocessing& how) {
  const auto differs = [this](const char* what, const std::string& there, const std::string& here) {
    if (there != here) {
      throw name_error(
          fmt::format("--calibrate {0}: it was made with {1} {2}, this run has {1} {3}; expected the same",
                      options_.what, what, there, here));
    }
  };
  differs("--batch-norm", record_.batch_norm, plan.blank().batch_norm);
  differs("--reference", record_.reference, plan.blank().reference);
  if (!record_.preprocessing.empty())
    differs("preprocessing (--scale and others)", record_.preprocessing, text_of(how));
  if (record_.weights != hash_of_weights(plan.sessions()[0].running_network())) {
    throw name_error(fmt::format("--calibrate {}: it was made for {}, whose weights are not those of {}",
                                 options_.what, record_.model, plan.blank().model));
  }
  std::vector<calibrated_mac> asked;
  for (std::size_t i = 1; i < plan.runs(); ++i) asked.push_back(of_file(plan.names()[i]));
  record_.macs = std::move(asked);
}

void calibration_task::fit(const evaluation_plan& plan, const napier::data_set& images,
                           const napier::preprocessing& how, std::span<const std::size_t> calibrating,
                           const run_settings& settings) {
  record_.model = plan.blank().model;
  record_.weights = hash_of_weights(plan.sessions()[0].running_network());
  record_.batch_norm = plan.blank().batch_norm;
  record_.reference = plan.blank().reference;
  record_.data = images.name();
  record_.data_images = images.count();
  record_.data_hash = hash_of_pictures(images, calibrating);
  record_.preprocessing = text_of(how);
  record_.images.assign(calibrating.begin(), calibrating.end());
  const std::span<const napier::session> nets = plan.sessions();
  const napier::input_reader input(nets[0].running_network(), images, how);
  const std::size_t nodes = nets[0].running_network().nodes().size();
  progress_line progress(nodes * (nets.size() - 1), progress_line::visibility::on_terminal, "layers");
  for (std::size_t i = 1; i < nets.size(); ++i) {
    const auto show = [&](std::size_t done) {
      progress.show("calibration of " + plan.names()[i], (i - 1) * nodes + done);
    };
    record_.macs.push_back({plan.names()[i], fitted(nets[0], nets[i], input, calibrating, settings, show)});
  }
}

std::vector<napier::layer_correction> calibration_task::fitted(
    const napier::session& reference, const napier::session& target, const napier::input_reader& input,
    std::span<const std::size_t> calibrating, const run_settings& settings,
    const std::function<void(std::size_t)>& progress) const {
  napier::calibration_plan how_to_fit;
  how_to_fit.scope = napier::calibration_scope_of(record_.scope);
  how_to_fit.estimator = napier::fit_estimator_of(record_.estimator);
  how_to_fit.threads = settings.threads;
  return napier::calibrate(
      reference, target, calibrating.size(), [&](std::size_t n) { return input(calibrating[n]); }, how_to_fit,
      [&](std::size_t done, std::size_t) {
        if (settings.stop != nullptr && *settings.stop) throw stopped{};
        if (progress) progress(done);
      });
}

session_corrector calibration_task::corrector(const evaluation_plan& plan, const napier::data_set& images,
                                              const napier::preprocessing& how,
                                              std::span<const std::size_t> calibrating,
                                              const run_settings& settings) const {
  if (count_ == 0) return {};
  const auto correct = [this, &plan, &images, &how, calibrating, &settings](napier::session& target) {
    const napier::session& reference = plan.sessions()[0];
    const napier::input_reader input(reference.running_network(), images, how);
    try {
      napier::apply_corrections(target, fitted(reference, target, input, calibrating, settings, {}),
                                "--calibrate");
    } catch (const stopped&) {
      return false;
    }
    return true;
  };
  std::string arguments = "--calibrate " + options_.what;
  if (!options_.estimator.empty()) arguments += " --estimator " + options_.estimator;
  return {correct, text(), arguments};
}

void calibration_task::add_rows(evaluation_plan& plan, const napier::data_set& images,
                                const napier::preprocessing& how, std::span<const std::size_t> calibrating,
                                const run_settings& settings) {
  try {
    count_ == 0 ? take_from_file(plan, how) : fit(plan, images, how, calibrating, settings);
  } catch (const stopped&) {
    record_.macs.clear();
    return;
  }
  const std::string source = count_ == 0 ? options_.what : "--calibrate";
  const std::string suffix = fmt::format(" + calibrated {}:{}", record_.images.size(), record_.scope);
  for (std::size_t i = 0; i < record_.macs.size(); ++i)
    plan.add_corrected(i + 1, record_.macs[i].layers, suffix, source);
  save();
}

void calibration_task::save() const {
  if (!options_.save.empty()) napier_tools::write_file(options_.save, json_of(record_));
}

std::string calibration_task::table() const {
  std::string text;
  for (const calibrated_mac& each : record_.macs) {
    text += fmt::format("\ncalibration of {}: {}, {}, {} images of {}\n", each.mac, record_.scope,
                        record_.estimator, record_.images.size(), record_.data);
    text += fmt::format("  {:<28} {:>8} {:>8} {:>8} {:>8} {:>10} {:>8}\n", "layer", "channels", "least",
                        "median", "largest", "|shift|", "guarded");
    for (const napier::layer_correction& layer : each.layers) text += line_of(layer);
  }
  return text;
}

}  // namespace napier_eval
