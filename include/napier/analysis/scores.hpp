#pragma once
// napier/analysis/scores.hpp — what a run under one arithmetic keeps of each image: a few bytes, however many outputs there are.
//
// What      the label's rank, the answer, and the two sums of the logit error. compare(scores, scores) is compare of
//           analysis/accuracy.hpp without the outputs, and works for the images that both runs have seen
// Order     sums are taken image by image, so that a run that was interrupted and continued has the same bits
// Checked   tests/analysis/accuracy_test.cpp

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <napier/analysis/accuracy.hpp>
#include <napier/core/error.hpp>

namespace napier {

struct scores {
  std::size_t classes = 0;
  std::vector<std::uint32_t> ranks;    // of each image's label; `classes` where its output is NaN
  std::vector<std::uint32_t> answers;  // of each image; `classes` where all outputs are NaN
  double squared_error = 0;            // Σ (x − r)² over all outputs x and the reference's r
  double squared_reference = 0;        // Σ r²
  double seconds = 0;                  // spent in the network

  std::size_t images() const { return ranks.size(); }
  double images_per_second() const { return seconds > 0 ? static_cast<double>(images()) / seconds : 0; }

  // The next image's outputs, the reference's outputs for it, and its label, which is below outputs.size().
  void add(std::span<const double> outputs, std::span<const double> reference, std::size_t label) {
    classes = outputs.size();
    ranks.push_back(static_cast<std::uint32_t>(rank_of(outputs, label)));
    answers.push_back(static_cast<std::uint32_t>(answer_of(outputs)));
    double error = 0;
    double norm = 0;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const double difference = outputs[i] - reference[i];
      error += difference * difference;
      norm += reference[i] * reference[i];
    }
    squared_error += error;
    squared_reference += norm;
  }

  // Of the first `count` images, those whose label is among the k largest outputs.
  std::size_t hits(std::size_t k, std::size_t count) const {
    const std::size_t below = std::min(k, classes);
    return static_cast<std::size_t>(std::count_if(ranks.begin(),
                                                  ranks.begin() + static_cast<std::ptrdiff_t>(count),
                                                  [&](std::uint32_t rank) { return rank < below; }));
  }
};

// Images that one run gets right and the other does not, for McNemar's test (analysis/mcnemar.hpp).
struct discordant {
  std::size_t lost = 0;    // right in the reference alone
  std::size_t gained = 0;  // right in the run alone
};

inline void check_comparable(const scores& run, const scores& reference) {
  if (run.images() > reference.images()) throw shape_error("compare: images that the reference has not seen");
  if (run.images() == 0) throw shape_error("compare: no images");
}

inline discordant discordant_images(const scores& run, const scores& reference) {
  check_comparable(run, reference);
  discordant count;
  for (std::size_t i = 0; i < run.images(); ++i) {
    count.lost += reference.ranks[i] == 0 && run.ranks[i] != 0 ? 1 : 0;
    count.gained += reference.ranks[i] != 0 && run.ranks[i] == 0 ? 1 : 0;
  }
  return count;
}

// Over the run's images, which are the first of the reference's.
inline accuracy compare(const scores& run, const scores& reference) {
  check_comparable(run, reference);
  const std::size_t images = run.images();
  std::size_t agreed = 0;
  for (std::size_t i = 0; i < images; ++i) agreed += run.answers[i] == reference.answers[i] ? 1 : 0;
  const auto share = [&](std::size_t count) {
    return static_cast<double>(count) / static_cast<double>(images);
  };
  const double error = run.squared_error == 0 ? 0 : std::sqrt(run.squared_error / run.squared_reference);
  return {share(run.hits(1, images)), share(run.hits(5, images)), share(agreed), error};
}

}  // namespace napier
