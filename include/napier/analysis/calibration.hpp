#pragma once
// napier/analysis/calibration.hpp — corrections of every multiply site, from a few unlabelled images.
//
// What      calibrate runs the images through a reference (FP32) and a target, node after node: a site of the target is fitted
//           to the reference's sums on the inputs that the corrected sites before it give, so that it also takes out what
//           they left. Sites: analysis/layer_site.hpp; estimators: analysis/channel_fit.hpp; what a correction does:
//           analysis/layer_correction.hpp
//   layer     one scale a site
//   channel   one scale an output channel; the site's where the guard forbids one
//   affine    scale and shift an output channel; the site's scale where the guard forbids them
// Memory    the values that later nodes read are held for all images, in memory up to calibration_plan::memory (8 bytes a value and
//           image for reference and target together) and in a temporary file beyond that; each image is run once
// Threads   images are dealt to threads; the result does not depend on their number
// Errors    shape_error without images, or where images or networks do not fit; name_error for an estimator without shift
// Checked   tests/analysis/calibration_test.cpp

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <napier/analysis/channel_fit.hpp>
#include <napier/analysis/layer_correction.hpp>
#include <napier/analysis/layer_site.hpp>
#include <napier/analysis/spilled_activation.hpp>
#include <napier/core/error.hpp>
#include <napier/network/session.hpp>
#include <napier/network/tensor.hpp>

namespace napier {

enum class calibration_scope : unsigned char { layer_scale, channel_scale, channel_affine };

inline std::string to_text(calibration_scope scope) {
  return scope == calibration_scope::layer_scale     ? "layer"
         : scope == calibration_scope::channel_scale ? "channel"
                                                     : "affine";
}

inline calibration_scope calibration_scope_of(std::string_view name) {
  for (const auto scope : {calibration_scope::layer_scale, calibration_scope::channel_scale,
                           calibration_scope::channel_affine}) {
    if (to_text(scope) == name) return scope;
  }
  throw name_error("unknown calibration '" + std::string(name) + "'; expected layer, channel or affine");
}

// Least squares for scales, equal mean and variance where there is a shift.
constexpr fit_estimator usual_estimator(calibration_scope scope) {
  return scope == calibration_scope::channel_affine ? fit_estimator::moments : fit_estimator::least_squares;
}

inline void check_estimator(calibration_scope scope, fit_estimator estimator) {
  if (scope != calibration_scope::channel_affine || !uses_ratios(estimator)) return;
  throw name_error("the estimator " + to_text(estimator) +
                   " gives no shift; affine takes moments or least-squares");
}

struct calibration_plan {
  calibration_scope scope = calibration_scope::channel_scale;
  fit_estimator estimator = fit_estimator::least_squares;
  std::size_t least_samples = 64;  // of a channel; fewer fit noise: docs/eval.md
  std::size_t memory = std::size_t{512} << 20;
  std::size_t threads = 1;
};

namespace detail {

// function(0) … function(count − 1), in any order.
template <class Function>
void for_each_image(std::size_t count, std::size_t threads, const Function& function) {
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::mutex guard;
  const auto work = [&] {
    try {
      for (std::size_t i = next++; i < count; i = next++) function(i);
    } catch (...) {
      const std::lock_guard lock(guard);
      failure = std::current_exception();
      next = count;
    }
  };
  {
    std::vector<std::jthread> helpers;
    for (std::size_t i = 1; i < std::min(threads, count); ++i) helpers.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);
}

// The fits of one site, one or one a channel, and how many the guard replaced.
inline layer_correction fit_site(const layer_site& site, std::span<const pair_statistics> channels,
                                 const calibration_plan& plan) {
  layer_correction result{site.name, site.operator_type, {}, site.channels, {}, 0};
  const bool has_shift = plan.scope == calibration_scope::channel_affine;
  pair_statistics all(uses_ratios(plan.estimator));
  for (const pair_statistics& channel : channels) all.merge(channel);
  const auto of_site =
      all.fit(has_shift ? fit_estimator::least_squares : plan.estimator, false, plan.least_samples);
  if (plan.scope == calibration_scope::layer_scale) {
    result.fits = {of_site.value_or(affine_fit{})};
    result.guarded = of_site ? 0 : site.channels;
    return result;
  }
  for (const pair_statistics& channel : channels) {
    const auto own = channel.fit(plan.estimator, has_shift, plan.least_samples);
    result.guarded += own ? 0 : 1;
    result.fits.push_back(own ? *own : of_site.value_or(affine_fit{}));
  }
  return result;
}

class calibration_run {
 public:
  calibration_run(const session& reference, const session& target, const calibration_plan& plan)
      : reference_(reference), target_(target), plan_(plan) {
    const auto& nodes = target.running_network().nodes();
    last_reader_.assign(nodes.size() + 1, 0);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      for (const std::size_t value : nodes[i].inputs) last_reader_[value] = i;
    }
    for (layer_site& site : multiply_sites(target.running_network(), target.mode())) {
      const std::size_t node = site.node;
      sites_.resize(std::max(sites_.size(), node + 1));
      sites_[node] = std::move(site);
    }
    sites_.resize(nodes.size());
    in_memory_.assign(nodes.size() + 1, false);
  }

  // image(i): the input of image i.
  template <class Image>
  void start(std::size_t images, const Image& image) {
    std::vector<activation_ptr> inputs(images);
    count_ = images;
    const shape& dimensions = target_.running_network().input_shape();
    const auto file = file_of(0);
    for_each_image(images, plan_.threads, [&](std::size_t i) {
      auto input = std::make_shared<tensor<float>>(1, dimensions);
      std::vector<float> values = image(i);
      if (values.size() != input->values.size()) {
        throw shape_error(target_.running_network().source() + " takes images of " + to_text(dimensions) +
                          "; image " + std::to_string(i) + " to calibrate with has " +
                          std::to_string(values.size()) + " values");
      }
      input->values = std::move(values);
      inputs[i] = stored(std::move(input), file);
    });
    for (const activation_ptr& input : inputs) {
      references_.push_back(reference_.start(input));
      targets_.push_back(target_.start(input));
    }
  }

  // One node of all images.
  std::optional<layer_correction> step(std::size_t node) {
    const std::optional<layer_site>& site = sites_[node];
    const auto file = file_of(node + 1);
    std::vector<pair_statistics> statistics;
    if (site) statistics.assign(site->channels, pair_statistics(uses_ratios(plan_.estimator)));
    std::vector<activation_ptr> outputs(count_);
    std::vector<activation_ptr> expected(count_);
    const std::size_t block = std::max<std::size_t>(16, 4 * plan_.threads);
    for (std::size_t first = 0; first < count_; first += block) {
      const std::size_t images = std::min(block, count_ - first);
      for_each_image(images, plan_.threads, [&](std::size_t n) {
        const std::size_t i = first + n;
        expected[i] = reference_.run_node(node, references_[i].inputs());
        outputs[i] = target_.run_node(node, targets_[i].inputs());
      });
      for (std::size_t i = first; i < first + images; ++i) {
        if (site) add_pairs(*site, *expected[i], *outputs[i], statistics);
        references_[i].step(stored(std::exchange(expected[i], nullptr), file));
        outputs[i] = stored(std::move(outputs[i]), file);
      }
    }
    std::optional<layer_correction> correction;
    compiled_layer stage;
    bool is_corrected = false;
    if (site) {
      correction = fit_site(*site, statistics, plan_);
      correction->mac = target_.mac_of(node);
      is_corrected = !correction->is_identity();
      const shape& output = target_.running_network().shape_of(node + 1);
      if (is_corrected) stage = correction_stage(target_.engine_of(node), *site, *correction, output);
    }
    for_each_image(count_, plan_.threads, [&](std::size_t i) {
      const activation_ptr output = std::exchange(outputs[i], nullptr);
      targets_[i].step(is_corrected ? stored(stage(std::span(&output, 1)), file) : output);
    });
    return correction;
  }

 private:
  // Of the sums: without the bias.
  static void add_pairs(const layer_site& site, const activation& expected, const activation& output,
                        std::span<pair_statistics> statistics) {
    std::vector<double> u(expected.size());
    std::vector<double> v(output.size());
    expected.read(0, u);
    output.read(0, v);
    for (std::size_t first = 0; first < v.size(); first += site.channel_size) {
      const std::size_t c = first / site.channel_size % site.channels;
      const std::span<double> own_u = std::span(u).subspan(first, site.channel_size);
      const std::span<double> own_v = std::span(v).subspan(first, site.channel_size);
      if (!site.bias.empty()) {
        for (double& x : own_u) x -= site.bias[c];
        for (double& x : own_v) x -= site.bias[c];
      }
      statistics[c].add(own_u, own_v);
    }
  }

  // A file for the value where memory does not hold it beside those that are still read; else none.
  std::shared_ptr<spill_file> file_of(std::size_t value) {
    const auto bytes = [&](std::size_t v) {
      return count_ * element_count(target_.running_network().shape_of(v)) * (v == 0 ? 4 : 8);
    };
    std::size_t held = bytes(value);
    for (std::size_t v = 0; v < value; ++v) {
      if (in_memory_[v] && last_reader_[v] + 1 >= value) held += bytes(v);
    }
    in_memory_[value] = held <= plan_.memory;
    return in_memory_[value] ? nullptr : std::make_shared<spill_file>();
  }

  static activation_ptr stored(activation_ptr values, const std::shared_ptr<spill_file>& file) {
    return file ? spill(values, file) : std::move(values);
  }

  const session& reference_;
  const session& target_;
  const calibration_plan& plan_;
  std::vector<std::optional<layer_site>> sites_;  // of each node
  std::vector<std::size_t> last_reader_;          // of each value
  std::vector<bool> in_memory_;                   // of each value
  std::size_t count_ = 0;
  std::vector<session::execution> references_;  // of each image
  std::vector<session::execution> targets_;
};

}  // namespace detail

// image(i): the network's input of image i < images, from any thread. The sessions run one network under one batch norm mode.
// progress(done, total), by one thread at a time.
template <class Image>
std::vector<layer_correction> calibrate(const session& reference, const session& target, std::size_t images,
                                        const Image& image, const calibration_plan& plan,
                                        const std::function<void(std::size_t, std::size_t)>& progress = {}) {
  const network& model = target.running_network();
  const std::size_t nodes = model.nodes().size();
  if (images == 0) throw shape_error("calibrate: no images");
  if (reference.mode() != target.mode() || reference.running_network().nodes().size() != nodes)
    throw shape_error(
        "calibrate: reference and target are not the same network under the same batch norm mode");
  check_estimator(plan.scope, plan.estimator);
  detail::calibration_run run(reference, target, plan);
  run.start(images, image);
  std::vector<layer_correction> corrections;
  for (std::size_t node = 0; node < nodes; ++node) {
    if (std::optional<layer_correction> correction = run.step(node))
      corrections.push_back(std::move(*correction));
    if (progress) progress(node + 1, nodes);
  }
  return corrections;
}

}  // namespace napier
