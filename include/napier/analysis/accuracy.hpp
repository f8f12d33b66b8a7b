#pragma once
// napier/analysis/accuracy.hpp — the accuracy of a network under one arithmetic, against another.
//
// What      evaluate runs images through a session and keeps the outputs; compare turns two such runs into
//           top-1     share of images whose largest output is the label's (the lowest index wins a tie)
//           top-5     share of images whose label is among the five largest outputs
//           agreement share of images with the reference's answer
//           logit error  √(Σ (x − r)² / Σ r²) over all outputs x and the reference's r
// Threads   images are dealt to threads one at a time; results do not depend on the number of threads
// Special   a NaN output ranks below every number; an image with NaN outputs only has no answer
// Checked   tests/analysis/accuracy_test.cpp

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <napier/core/rounded_product.hpp>
#include <napier/data/image_set.hpp>
#include <napier/network/session.hpp>

namespace napier {

// A pixel 0 … 255 becomes (pixel · scale − mean[channel]) / deviation[channel], in FP64, rounded to FP32 once.
struct preprocessing {
  double scale = 1.0 / 255;
  std::vector<double> mean;       // empty: zeros
  std::vector<double> deviation;  // empty: ones
};

struct evaluation {
  std::size_t images = 0;
  std::size_t classes = 0;
  std::vector<double> outputs;  // images × classes
  double seconds = 0;

  std::span<const double> outputs_of(std::size_t image) const {
    return std::span(outputs).subspan(image * classes, classes);
  }
  double images_per_second() const { return seconds > 0 ? static_cast<double>(images) / seconds : 0; }
};

struct accuracy {
  double top1 = 0;
  double top5 = 0;
  double agreement = 0;
  double logit_error = 0;
};

inline std::vector<float> preprocess(const image_set& set, std::size_t image, const preprocessing& how) {
  const std::span<const std::uint8_t> pixels = set.image(image);
  const std::size_t plane = set.height * set.width;
  for (const std::vector<double>* values : {&how.mean, &how.deviation}) {
    if (!values->empty() && values->size() != set.channels) {
      throw shape_error(set.name + ": " + std::to_string(values->size()) + " means or deviations for " +
                        std::to_string(set.channels) + " channels");
    }
  }
  std::vector<float> input(pixels.size());
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const std::size_t channel = i / plane;
    const double scaled = rounded_product(static_cast<double>(pixels[i]), how.scale);
    const double centred = how.mean.empty() ? scaled : scaled - how.mean[channel];
    input[i] = static_cast<float>(how.deviation.empty() ? centred : centred / how.deviation[channel]);
  }
  return input;
}

// The first `limit` images. `progress(done)` is called now and then, by one thread at a time.
inline evaluation evaluate(const session& net, const image_set& set, const preprocessing& how,
                           std::size_t limit, std::size_t threads,
                           const std::function<void(std::size_t)>& progress = {}) {
  const network& model = net.running_network();
  const shape expected{set.channels, set.height, set.width};
  if (model.input_shape() != expected) {
    throw shape_error(model.source() + " takes images of " + to_text(model.input_shape()) + "; those of " +
                      set.name + " are " + to_text(expected));
  }
  evaluation result;
  result.images = std::min(limit, set.count);
  result.classes = element_count(model.output_shape());
  result.outputs.resize(result.images * result.classes);

  std::atomic<std::size_t> next{0};
  std::size_t done = 0;
  std::exception_ptr failure;
  std::mutex guard;  // of done, failure and progress
  const auto work = [&] {
    try {
      for (std::size_t image = next++; image < result.images; image = next++) {
        const std::vector<double> outputs = net.run(preprocess(set, image, how));
        std::copy(outputs.begin(), outputs.end(),
                  result.outputs.begin() + static_cast<std::ptrdiff_t>(image * result.classes));
        const std::lock_guard lock(guard);
        ++done;
        if (progress) progress(done);
      }
    } catch (...) {
      const std::lock_guard lock(guard);
      failure = std::current_exception();
      next = result.images;
    }
  };

  const auto start = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> helpers;
    for (std::size_t i = 1; i < threads; ++i) helpers.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

// The number of classes that rank before `index`: larger outputs, and equal ones of a lower index.
inline std::size_t rank_of(std::span<const double> outputs, std::size_t index) {
  const double own = outputs[index];
  if (std::isnan(own)) return outputs.size();
  std::size_t before = 0;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i] > own || (outputs[i] == own && i < index)) ++before;
  }
  return before;
}

// The index of the largest output; outputs.size() when all are NaN.
inline std::size_t answer_of(std::span<const double> outputs) {
  std::size_t best = outputs.size();
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!std::isnan(outputs[i]) && (best == outputs.size() || outputs[i] > outputs[best])) best = i;
  }
  return best;
}

// √(Σ (x − r)² / Σ r²); 0 where both sums are zero.
inline double relative_rms_error(std::span<const double> values, std::span<const double> reference) {
  double error = 0;
  double norm = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double difference = values[i] - reference[i];
    error += difference * difference;
    norm += reference[i] * reference[i];
  }
  return error == 0 ? 0 : std::sqrt(error / norm);
}

inline accuracy compare(const evaluation& run, const evaluation& reference, const image_set& set) {
  if (run.images != reference.images || run.classes != reference.classes || run.images > set.count) {
    throw shape_error("compare: the two runs are not of the same images and classes");
  }
  if (run.images == 0) throw shape_error("compare: no images");
  std::size_t top1 = 0;
  std::size_t top5 = 0;
  std::size_t agreed = 0;
  for (std::size_t image = 0; image < run.images; ++image) {
    const std::span<const double> outputs = run.outputs_of(image);
    const std::size_t label = set.labels[image];
    if (label >= run.classes) {
      throw shape_error(set.name + ": image " + std::to_string(image) + " has label " +
                        std::to_string(label) + ", the network has " + std::to_string(run.classes) +
                        " outputs");
    }
    const std::size_t rank = rank_of(outputs, label);
    top1 += rank == 0 ? 1 : 0;
    top5 += rank < std::min<std::size_t>(5, run.classes) ? 1 : 0;
    agreed += answer_of(outputs) == answer_of(reference.outputs_of(image)) ? 1 : 0;
  }
  const auto share = [&](std::size_t count) {
    return static_cast<double>(count) / static_cast<double>(run.images);
  };
  return {share(top1), share(top5), share(agreed), relative_rms_error(run.outputs, reference.outputs)};
}

}  // namespace napier
