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
#include <utility>
#include <vector>

#include <napier/analysis/accuracy.hpp>
#include <napier/core/error.hpp>
#include <napier/data/data_set.hpp>
#include <napier/data/image_set.hpp>
#include <napier/data/preprocessing.hpp>
#include <napier/network/session.hpp>

namespace napier {

// Image `image` of a set in memory.
inline std::vector<float> preprocess(const image_set& set, std::size_t image, const preprocessing& how) {
  const std::span<const std::uint8_t> pixels = set.image(image);
  return preprocess({set.channels, set.height, set.width, {pixels.begin(), pixels.end()}, {}}, how, set.name)
      .values;
}

// A network of flat inputs takes a picture's elements in their order.
inline bool accepts(const network& model, const std::vector<std::size_t>& dimensions) {
  const shape& expected = model.input_shape();
  return expected == dimensions || (expected.size() == 1 && expected[0] == element_count(dimensions));
}

// The network's input of a picture of the set. Throws shape_error, what preprocess throws, and what the set does.
class input_reader {
 public:
  input_reader(const network& model, const data_set& set, const preprocessing& how)
      : model_(&model), set_(&set), how_(&how) {}

  std::vector<float> operator()(std::size_t image) const {
    network_input input = preprocess(set_->picture(image), *how_, set_->name());
    if (accepts(*model_, input.dimensions)) return std::move(input.values);
    throw shape_error(model_->source() + " takes images of " + to_text(model_->input_shape()) +
                      "; those of " + set_->name() + " are " + to_text(input.dimensions));
  }

 private:
  const network* model_;
  const data_set* set_;
  const preprocessing* how_;
};

// The first `limit` images. `progress(done)` is called now and then, by one thread at a time.
inline evaluation evaluate(const session& net, const data_set& set, const preprocessing& how,
                           std::size_t limit, std::size_t threads,
                           const std::function<void(std::size_t)>& progress = {}) {
  const network& model = net.running_network();
  const input_reader input_of(model, set, how);
  evaluation result;
  result.images = std::min(limit, set.count());
  result.classes = element_count(model.output_shape());
  result.outputs.resize(result.images * result.classes);
  if (set.count() != 0) (void)input_of(0);  // so that what does not fit at all is said first

  std::atomic<std::size_t> next{0};
  std::size_t done = 0;
  std::exception_ptr failure;
  std::mutex guard;  // of done, failure and progress
  const auto work = [&] {
    try {
      for (std::size_t image = next++; image < result.images; image = next++) {
        const std::vector<double> outputs = net.run(input_of(image));
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

inline evaluation evaluate(const session& net, const image_set& set, const preprocessing& how,
                           std::size_t limit, std::size_t threads,
                           const std::function<void(std::size_t)>& progress = {}) {
  return evaluate(net, memory_set(set), how, limit, threads, progress);
}

}  // namespace napier
