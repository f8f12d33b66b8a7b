#pragma once
// napier/analysis/evaluate.hpp — runs images through a session and keeps the outputs, for compare (analysis/accuracy.hpp).
//
// Threads   images are dealt to threads one at a time; results do not depend on the number of threads
// Errors    shape_error where images and network, or images and preprocessing, do not fit together
// Checked   tests/analysis/accuracy_test.cpp

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <napier/analysis/accuracy.hpp>
#include <napier/core/error.hpp>
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

}  // namespace napier
