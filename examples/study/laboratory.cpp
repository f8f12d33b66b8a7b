#include "laboratory.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include <napier/analysis/calibration.hpp>
#include <napier/analysis/evaluate.hpp>
#include <napier/analysis/layer_truth.hpp>
#include <napier/data/fashion_mnist.hpp>
#include <napier/network/onnx.hpp>
#include <napier/network/session.hpp>

#include "../macs/macs.hpp"
#include "macs.hpp"
#include "own_engine.hpp"

namespace napier_study {

namespace {

napier::batch_norm_mode mode_of(batch_norm norm) {
  return norm == batch_norm::fold    ? napier::batch_norm_mode::fold
         : norm == batch_norm::exact ? napier::batch_norm_mode::exact
                                     : napier::batch_norm_mode::approximate;
}

const char* name_of(batch_norm norm) {
  return norm == batch_norm::fold ? "fold" : norm == batch_norm::exact ? "exact" : "approximate";
}

const napier::mac_registry& macs_of_the_study() {
  static const napier::mac_registry registry = [] {
    napier::mac_registry macs;
    add_posits_es0(macs);
    add_posits_es1(macs);
    add_posits_es2(macs);
    return macs;
  }();
  return registry;
}

const napier::engine& engine_of(const std::string& mac) {
  const napier::mac_registry& own = macs_of_the_study();
  const std::vector<std::string> names = own.names();
  const bool is_own = std::find(names.begin(), names.end(), own.full_name(mac)) != names.end();
  return is_own ? own.find(mac) : napier_tools::all_macs().find(mac);
}

}  // namespace

const char* title_of(const std::string& network) {
  return network == "lenet5"      ? "LeNet-5"
         : network == "vgg8"      ? "VGG-8"
         : network == "resnet8"   ? "ResNet-8"
         : network == "resnext11" ? "ResNeXt-11"
                                  : "MobileNet-18";
}

std::size_t outcome::correct() const {
  return static_cast<std::size_t>(std::count(right.begin(), right.end(), true));
}

struct laboratory::parts {
  explicit parts(napier::image_set set)
      : images(std::move(set)), training(napier::read_fashion_mnist(napier::data_split::train)) {}

  void calibrate(napier::session& session, const napier::network& network, const setting& what,
                 std::size_t threads) const;

  napier::memory_set images;
  napier::memory_set training;
  std::vector<std::uint8_t> labels;
  std::map<std::string, napier::network> networks;
};

laboratory::laboratory(const std::filesystem::path& models, std::size_t images, std::size_t threads)
    : threads_(threads) {
  napier::image_set set = napier::read_fashion_mnist(napier::data_split::test);
  images_ = std::min(images, set.count);
  const std::vector<std::uint8_t> labels(set.labels.begin(), set.labels.end());
  parts_ = std::make_unique<parts>(std::move(set));
  parts_->labels = labels;
  for (const std::string& name : networks) {
    parts_->networks.emplace(name, napier::read_onnx(models / (name + ".onnx")));
  }
}

laboratory::~laboratory() = default;

void laboratory::parts::calibrate(napier::session& session, const napier::network& network,
                                  const setting& what, std::size_t threads) const {
  const napier::session reference(network, engine_of("float32"), mode_of(what.norm));
  napier::calibration_plan plan;
  plan.scope = napier::calibration_scope_of(what.calibration);
  plan.estimator = napier::usual_estimator(plan.scope);
  plan.threads = threads;
  const auto image_of = [&](std::size_t image) {
    return napier::preprocess(training.picture(image), {}, training.name()).values;
  };
  napier::apply_corrections(
      session, napier::calibrate(reference, session, what.calibration_images, image_of, plan), "the study");
}

const outcome& laboratory::run(const setting& what) {
  std::string mac = what.mac.empty() ? "own:" + what.own.name : what.mac;
  std::string key = fmt::format("{} {} {}", what.network, mac, name_of(what.norm));
  for (const std::string& pattern : what.approximated) key += " " + pattern;
  if (!what.calibration.empty()) key += fmt::format(" {} {}", what.calibration, what.calibration_images);
  const auto found = outcomes_.find(key);
  if (found != outcomes_.end()) return found->second;

  const std::unique_ptr<const napier::engine> own = what.mac.empty() ? engine_of(what.own) : nullptr;
  const napier::engine& engine = own != nullptr ? *own : engine_of(what.mac);
  const napier::network& network = parts_->networks.at(what.network);
  std::vector<napier::mac_rule> rules;
  for (const std::string& pattern : what.approximated) rules.push_back({pattern, &engine});
  const napier::engine& everywhere = rules.empty() ? engine : engine_of("float32");
  napier::session session(network, everywhere, mode_of(what.norm), rules);
  if (!what.calibration.empty()) parts_->calibrate(session, network, what, threads_);
  const napier::evaluation run = napier::evaluate(session, parts_->images, {}, images_, threads_);

  outcome result;
  for (std::size_t image = 0; image < run.images; ++image) {
    result.right.push_back(napier::answer_of(run.outputs_of(image)) == parts_->labels[image]);
  }
  fmt::print(stderr, "{}: {:.2f} %, {:.1f} s\n", key, 100 * result.share(), run.seconds);
  return outcomes_.emplace(key, std::move(result)).first->second;
}

network_size laboratory::size_of(const std::string& network) const {
  network_size size;
  for (const napier::layer_site& site :
       napier::multiply_sites(parts_->networks.at(network), napier::batch_norm_mode::exact)) {
    size.products += site.multiplications;
    size.longest = std::max(size.longest, site.multiplications / (site.channels * site.channel_size));
  }
  return size;
}

std::vector<layer_error> laboratory::layer_errors(const setting& what) const {
  const napier::network& network = parts_->networks.at(what.network);
  const napier::session reference(network, engine_of("float32"), mode_of(what.norm));
  const napier::session run(network, engine_of(what.mac), mode_of(what.norm));
  const auto image_of = [&](std::size_t image) {
    return napier::preprocess(parts_->images.picture(image), {}, parts_->images.name()).values;
  };
  std::vector<layer_error> all;
  const auto error_of = [](const napier::error_statistics& errors) {
    return std::hypot(errors.bias(), errors.deviation());
  };
  for (const auto& layer :
       napier::layer_truth(reference, run).run(layer_error_images(), image_of, threads_).layers) {
    const napier::layer_site& site = layer.site;
    all.push_back({site.name, site.multiplications / (site.channels * site.channel_size), site.share,
                   error_of(layer.local), error_of(layer.accumulated)});
  }
  return all;
}

}  // namespace napier_study
