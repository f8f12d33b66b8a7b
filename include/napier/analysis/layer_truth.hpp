#pragma once
// napier/analysis/layer_truth.hpp — what a MAC does to each layer: the error of its output, and the ranges of its values.
//
// What      for each multiply site (analysis/layer_site.hpp) of a session against a reference session of the same network:
//           local        the site given the reference's inputs: its own error
//           accumulated  the site given the run's own inputs: with what all layers before it did
//           weights, activations, outputs   the reference's, and what the site's format makes of them; activations are the
//                        site's first input, of a product of two computed values the second are the weights
//           product      the error of single products of the site's MAC: local.scale() is 1 + product.mean where the
//                        operands are spread as evenly, and local.residual() at most product.deviation where errors average
//                        out in a sum
// Memory    both runs go through the network together, an image a thread; statistics do not grow with the images
// Threads   the statistics do not depend on the number of threads
// Errors    shape_error where the sessions are not of the same network and batch norm, or images do not fit
// Checked   tests/analysis/layer_truth_test.cpp

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <napier/analysis/layer_mac_error.hpp>
#include <napier/analysis/layer_site.hpp>
#include <napier/analysis/layer_statistics.hpp>
#include <napier/core/error.hpp>
#include <napier/network/session.hpp>

namespace napier {

struct layer_report {
  layer_site site;
  std::string mac;
  mac_error product;
  error_statistics local;
  error_statistics accumulated;
  value_range weights;
  value_range activations;
  value_range outputs;
};

struct network_report {
  std::size_t images = 0;
  std::vector<layer_report> layers;  // the multiply sites, in the order of the nodes
};

class layer_truth {
 public:
  // The sessions and their MACs outlive it.
  layer_truth(const session& reference, const session& run) : reference_(reference), run_(run) {
    const auto& expected = reference.running_network().nodes();
    const auto& nodes = run.running_network().nodes();
    const bool is_same = expected.size() == nodes.size() && reference.mode() == run.mode() &&
                         std::equal(nodes.begin(), nodes.end(), expected.begin(),
                                    [](const auto& a, const auto& b) { return a.name == b.name; });
    if (!is_same) {
      throw shape_error("layer_truth: " + run.running_network().source() +
                        " and its reference are not the same network with the same batch norm");
    }
    for (layer_site& site : multiply_sites(run.running_network(), run.mode())) {
      const engine& mac = run.engine_of(site.node);
      layer_report added;
      added.mac = mac.name();
      added.product = mac_error_of(mac);
      const format_clamps clamps = clamps_of(mac);
      added.weights.add(site.weights, rounded_by(mac, site.weights), clamps);
      clamps_.push_back(clamps);
      added.site = std::move(site);
      empty_.layers.push_back(std::move(added));
    }
  }

  // image_of(i): the network's input of image i, called from several threads. progress(done) is called now and then, by
  // one thread at a time. When stop becomes true, the report is of the images done by then, the first ones.
  network_report run(std::size_t images, const std::function<std::vector<float>(std::size_t)>& image_of,
                     std::size_t threads = 1, const std::function<void(std::size_t)>& progress = {},
                     const std::atomic<bool>* stop = nullptr) const {
    network_report result = empty_;
    std::map<std::size_t, std::vector<partial>> waiting;  // for the images before them
    std::atomic<std::size_t> next{0};
    std::size_t done = 0;
    std::exception_ptr failure;
    std::mutex guard;  // of all but next
    const auto work = [&] {
      try {
        for (std::size_t image = next++; image < images && !(stop != nullptr && *stop); image = next++) {
          std::vector<partial> part = observe(image_of(image));
          const std::lock_guard lock(guard);
          waiting.emplace(image, std::move(part));
          for (auto first = waiting.find(result.images); first != waiting.end();
               first = waiting.find(result.images)) {
            merge(result, first->second);
            waiting.erase(first);
          }
          ++done;
          if (progress) progress(done);
        }
      } catch (...) {
        const std::lock_guard lock(guard);
        failure = std::current_exception();
        next = images;
      }
    };
    {
      std::vector<std::jthread> helpers;
      for (std::size_t i = 1; i < threads; ++i) helpers.emplace_back(work);
      work();
    }
    if (failure) std::rethrow_exception(failure);
    return result;
  }

 private:
  // One image at one site.
  struct partial {
    error_statistics local;
    error_statistics accumulated;
    value_range weights;  // where they are computed
    value_range activations;
    value_range outputs;
  };

  std::vector<partial> observe(const std::vector<float>& image) const {
    std::vector<partial> parts(empty_.layers.size());
    session::execution reference = reference_.start(image);
    session::execution own = run_.start(image);
    std::size_t next_site = 0;
    while (!own.is_finished()) {
      const std::size_t node = own.node();
      if (next_site == parts.size() || empty_.layers[next_site].site.node != node) {
        reference.step();
        own.step();
        continue;
      }
      const layer_site& site = empty_.layers[next_site].site;
      partial& part = parts[next_site];
      const auto range = [&](value_range& to, const activation_ptr& values) {
        to.add(to_doubles(*values), rounded_by(run_.engine_of(node), values), clamps_[next_site]);
      };
      range(part.activations, reference.inputs()[0]);
      if (site.weights.empty()) range(part.weights, reference.inputs()[1]);
      const std::vector<double> local = to_doubles(*run_.run_node(node, reference.inputs()));
      const std::vector<double> accumulated = to_doubles(*own.step());
      const activation_ptr output = reference.step();
      range(part.outputs, output);
      const std::vector<double> expected = to_doubles(*output);
      part.local.add(site, expected, local);
      part.accumulated.add(site, expected, accumulated);
      ++next_site;
    }
    return parts;
  }

  static void merge(network_report& result, const std::vector<partial>& parts) {
    ++result.images;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      layer_report& into = result.layers[i];
      into.local.merge(parts[i].local);
      into.accumulated.merge(parts[i].accumulated);
      into.weights.merge(parts[i].weights);
      into.activations.merge(parts[i].activations);
      into.outputs.merge(parts[i].outputs);
    }
  }

  const session& reference_;
  const session& run_;
  std::vector<format_clamps> clamps_;  // of each site's format
  network_report empty_;               // with what does not depend on images
};

}  // namespace napier
