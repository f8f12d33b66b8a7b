#pragma once
// napier/analysis/evaluate_together.hpp — several sessions over the same images, block by block, the first being the reference.
//
// What      each block of images is read and prepared once, for all sessions, and runs through one session after the other;
//           what is kept is scores (analysis/scores.hpp), so that memory does not grow with images × classes
// Threads   a block's images are dealt to threads, `batch` at a time; results depend neither on threads, batch nor block
// Stopping  when `stop` becomes true, the images in flight are finished; each session then has the scores of the first
//           images, though not all of as many. Called again with these scores, it goes on
// Errors    shape_error where images and network, or images and preprocessing, do not fit together; what a reader throws
// Checked   tests/analysis/accuracy_test.cpp

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include <napier/analysis/evaluate.hpp>
#include <napier/analysis/scores.hpp>
#include <napier/core/error.hpp>
#include <napier/data/data_set.hpp>
#include <napier/data/preprocessing.hpp>
#include <napier/network/session.hpp>

namespace napier {

struct evaluation_settings {
  std::size_t threads = 1;
  std::size_t batch = 1;  // images that run through a network at once, in each thread
  const std::atomic<bool>* stop = nullptr;
  // Now and then, by one thread at a time: the session and the images that it has finished.
  std::function<void(std::size_t session, std::size_t done)> progress = {};
};

namespace detail {

// run(begin, end) on pieces of [0, count), in their order. Returns how many of the first are done: all, unless stopped.
template <class Run>
std::size_t deal(std::size_t count, std::size_t piece, std::size_t threads, const std::atomic<bool>* stop,
                 const Run& run) {
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::mutex guard;  // of failure
  const auto work = [&] {
    try {
      while (stop == nullptr || !*stop) {
        const std::size_t begin = next.fetch_add(piece);
        if (begin >= count) break;
        run(begin, std::min(begin + piece, count));
      }
    } catch (...) {
      const std::lock_guard lock(guard);
      failure = std::current_exception();
      next = count;
    }
  };
  {
    std::vector<std::jthread> helpers;
    for (std::size_t i = 1; i < threads && i * piece < count; ++i) helpers.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);
  return std::min(next.load(), count);
}

// So many that threads seldom wait for each other at its end; their inputs within 32 MiB, where a few images are.
inline std::size_t block_size(std::size_t input_elements, const evaluation_settings& settings) {
  const std::size_t round = settings.threads * settings.batch;
  const std::size_t fitting = (std::size_t{8} << 20) / std::max<std::size_t>(input_elements, 1);
  return std::max(round, std::min(std::max<std::size_t>(16 * round, 256), fitting / round * round));
}

}  // namespace detail

// images: indices into the set. so_far: of each session, the scores of the first of them; none at first.
inline void evaluate_together(std::span<const session> nets, const data_set& set, const preprocessing& how,
                              std::span<const std::size_t> images, std::vector<scores>& so_far,
                              const evaluation_settings& settings) {
  so_far.resize(nets.size());
  if (nets.empty() || images.empty()) return;
  const network& model = nets[0].running_network();
  const input_reader input_of(model, set, how);
  const std::size_t input_size = element_count(model.input_shape());
  const std::size_t classes = element_count(model.output_shape());
  const std::size_t block = detail::block_size(input_size, settings);
  const auto stopped = [&] { return settings.stop != nullptr && *settings.stop; };
  (void)input_of(images[0]);  // so that what does not fit at all is said first

  std::vector<float> inputs;
  std::vector<double> reference;
  std::vector<double> own;
  std::mutex guard;  // of progress

  // Runs the block's images from `first` on, into outputs; returns how many of the block have outputs then.
  const auto run = [&](std::size_t which, std::size_t first, std::size_t count,
                       std::vector<double>& outputs) {
    std::size_t finished = so_far[which].images();
    outputs.resize(count * classes);
    return first +
           detail::deal(count - first, settings.batch, settings.threads, settings.stop,
                        [&](std::size_t begin, std::size_t end) {
                          const auto from = std::span<const float>(inputs).subspan(
                              (first + begin) * input_size, (end - begin) * input_size);
                          const std::vector<double> result = nets[which].run(from);
                          std::copy(result.begin(), result.end(),
                                    outputs.begin() + static_cast<std::ptrdiff_t>((first + begin) * classes));
                          const std::lock_guard lock(guard);
                          finished += end - begin;
                          if (settings.progress) settings.progress(which, std::min(finished, images.size()));
                        });
  };

  std::size_t begin = images.size();
  for (const scores& each : so_far) begin = std::min(begin, each.images());
  for (; begin < images.size() && !stopped(); begin = std::min(begin + block, images.size())) {
    const std::size_t count = std::min(block, images.size() - begin);
    inputs.resize(count * input_size);
    const std::size_t read =
        detail::deal(count, 1, settings.threads, settings.stop, [&](std::size_t i, std::size_t) {
          const std::vector<float> input = input_of(images[begin + i]);
          std::copy(input.begin(), input.end(), inputs.begin() + static_cast<std::ptrdiff_t>(i * input_size));
        });
    if (read < count) return;
    for (std::size_t which = 0; which < nets.size() && !stopped(); ++which) {
      scores& score = so_far[which];
      const std::size_t known = std::min(std::max(score.images(), begin) - begin, count);
      if (which != 0 && known == count) continue;
      // The reference's outputs are needed for the others, even where its scores are known.
      const std::size_t first = which == 0 ? 0 : known;
      std::vector<double>& outputs = which == 0 ? reference : own;
      const auto start = std::chrono::steady_clock::now();
      const std::size_t done = run(which, first, count, outputs);
      const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      for (std::size_t i = known; i < done; ++i) {
        const auto of = [&](const std::vector<double>& all) {
          return std::span<const double>(all).subspan(i * classes, classes);
        };
        score.add(of(outputs), of(reference), set.labels()[images[begin + i]]);
      }
      if (done > known)
        score.seconds += seconds * static_cast<double>(done - known) / static_cast<double>(done - first);
    }
  }
}

}  // namespace napier
