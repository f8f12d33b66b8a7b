#pragma once
// napier/analysis/accuracy.hpp — the accuracy of a network under one arithmetic, against another.
//
// What      compare takes the outputs of two runs over the same images (analysis/evaluate.hpp makes them):
//           top-1     share of images whose largest output is the label's (the lowest index wins a tie)
//           top-5     share of images whose label is among the five largest outputs
//           agreement share of images with the reference's answer
//           logit error  √(Σ (x − r)² / Σ r²) over all outputs x and the reference's r
// Special   a NaN output ranks below every number; an image with NaN outputs only has no answer
// Checked   tests/analysis/accuracy_test.cpp

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <napier/core/error.hpp>
#include <napier/data/data_set.hpp>
#include <napier/data/image_set.hpp>

namespace napier {

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

// labels: of the set's images, the first ones of which were run. name: what messages call the set.
template <class Label>
accuracy compare(const evaluation& run, const evaluation& reference, std::span<const Label> labels,
                 const std::string& name) {
  if (run.images != reference.images || run.classes != reference.classes || run.images > labels.size()) {
    throw shape_error("compare: the two runs are not of the same images and classes");
  }
  if (run.images == 0) throw shape_error("compare: no images");
  std::size_t top1 = 0;
  std::size_t top5 = 0;
  std::size_t agreed = 0;
  for (std::size_t image = 0; image < run.images; ++image) {
    const std::span<const double> outputs = run.outputs_of(image);
    const std::size_t label = labels[image];
    if (label >= run.classes) {
      throw shape_error(name + ": image " + std::to_string(image) + " has label " + std::to_string(label) +
                        ", the network has " + std::to_string(run.classes) + " outputs");
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

inline accuracy compare(const evaluation& run, const evaluation& reference, const image_set& set) {
  if (run.images > set.count)
    throw shape_error("compare: the two runs are not of the same images and classes");
  return compare(run, reference, std::span<const std::uint16_t>(set.labels), set.name);
}

inline accuracy compare(const evaluation& run, const evaluation& reference, const data_set& set) {
  return compare(run, reference, set.labels(), set.name());
}

}  // namespace napier
