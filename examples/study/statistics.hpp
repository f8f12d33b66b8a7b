#pragma once
// Intervals and comparisons of accuracies.

#include <cstddef>

#include <napier/analysis/mcnemar.hpp>
#include <napier/analysis/paired_difference.hpp>
#include <napier/analysis/wilson.hpp>

#include "laboratory.hpp"

namespace napier_study {

// 95 %.
inline napier::interval interval_of(const outcome& what) {
  return napier::wilson_interval(what.correct(), what.right.size());
}

// What `what` loses against `reference` on the same images.
inline napier::paired_difference difference_of(const outcome& what, const outcome& reference) {
  std::size_t gained = 0;
  std::size_t lost = 0;
  for (std::size_t i = 0; i < what.right.size(); ++i) {
    gained += what.right[i] && !reference.right[i] ? 1 : 0;
    lost += !what.right[i] && reference.right[i] ? 1 : 0;
  }
  return napier::difference_of(lost, gained, what.right.size());
}

// At most one point in a hundred below the reference. Of whole answers: shares in floating point miss the limit itself.
inline bool is_within_a_point(const outcome& what, const outcome& reference) {
  return 100 * what.correct() + reference.right.size() >= 100 * reference.correct();
}

// How likely is it that two arithmetics of the same accuracy differ that much on the same images?
inline double mcnemar(const outcome& one, const outcome& other) {
  std::size_t gained = 0;
  std::size_t lost = 0;
  for (std::size_t i = 0; i < one.right.size(); ++i) {
    gained += !one.right[i] && other.right[i] ? 1 : 0;
    lost += one.right[i] && !other.right[i] ? 1 : 0;
  }
  return napier::mcnemar_p(lost, gained);
}

}  // namespace napier_study
