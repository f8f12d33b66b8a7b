#pragma once
// napier/analysis/sensitivity.hpp — which layers have to be exact, so that a network loses no more accuracy than a budget.
//
// What      1. each layer alone approximate, all others exact: its harm is the share of images whose answer changes;
//              ties are broken by the distortion of the outputs
//           2. where all approximate lose more than the budget: from all exact on, layers become approximate one after the
//              other, as long as the loss against the reference stays within the budget; a layer that would break it stays
//              exact. Three orders are tried: share of the multiplications over harm, over distortion, and share alone, the
//              largest first. The largest share that is approximate then wins; of equal ones the first
// Runs      at most 4 layers − 1, none twice
// Checked   tests/analysis/sensitivity_test.cpp

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <napier/analysis/accuracy.hpp>
#include <napier/analysis/paired_difference.hpp>
#include <napier/core/error.hpp>

namespace napier {

inline paired_difference loss_of(const evaluation& run, const evaluation& reference,
                                 std::span<const std::uint32_t> labels) {
  std::size_t lost = 0;
  std::size_t won = 0;
  for (std::size_t i = 0; i < run.images; ++i) {
    const bool is_right = answer_of(run.outputs_of(i)) == labels[i];
    const bool was_right = answer_of(reference.outputs_of(i)) == labels[i];
    lost += was_right && !is_right ? 1 : 0;
    won += is_right && !was_right ? 1 : 0;
  }
  return difference_of(lost, won, run.images);
}

// The share of images with another answer.
inline double changed_answers(const evaluation& run, const evaluation& reference) {
  std::size_t changed = 0;
  for (std::size_t i = 0; i < run.images; ++i)
    changed += answer_of(run.outputs_of(i)) == answer_of(reference.outputs_of(i)) ? 0 : 1;
  return run.images == 0 ? 0 : static_cast<double>(changed) / static_cast<double>(run.images);
}

// 1 − cos² of the angle between the outputs of two runs, less their mean over the classes; the mean over the images. A
// scale or shift of all outputs, which changes no answer, is no distortion. 1 where outputs are not finite.
inline double distortion_of(const evaluation& run, const evaluation& reference) {
  double total = 0;
  for (std::size_t i = 0; i < run.images; ++i) {
    const std::span<const double> x = run.outputs_of(i);
    const std::span<const double> r = reference.outputs_of(i);
    const auto classes = static_cast<double>(run.classes);
    const double x_mean = std::accumulate(x.begin(), x.end(), 0.0) / classes;
    const double r_mean = std::accumulate(r.begin(), r.end(), 0.0) / classes;
    double xx = 0;
    double rr = 0;
    double xr = 0;
    for (std::size_t c = 0; c < run.classes; ++c) {
      xx += (x[c] - x_mean) * (x[c] - x_mean);
      rr += (r[c] - r_mean) * (r[c] - r_mean);
      xr += (x[c] - x_mean) * (r[c] - r_mean);
    }
    const double cosine = xr > 0 ? xr * xr / (xx * rr) : 0;
    total += !std::isfinite(xx) || !std::isfinite(rr) ? 1
             : xx == 0 && rr == 0                     ? 0
                                                      : 1 - std::min(1.0, cosine);
  }
  return run.images == 0 ? 0 : total / static_cast<double>(run.images);
}

struct search_task {
  std::vector<double> shares;  // of the multiplications, a layer each
  std::vector<std::uint32_t> labels;
  double budget = 0.005;  // of the accuracy, as a share of the images
  evaluation reference;
  // Runs the images with these layers exact; nothing: stop here.
  std::function<std::optional<evaluation>(const std::vector<bool>& exact)> run;
};

struct layer_harm {
  std::size_t layer = 0;
  double share = 0;
  double changed = 0;      // answers, against all layers exact
  double distortion = 0;   // of outputs, against all layers exact
  paired_difference loss;  // against the reference
};

struct search_result {
  bool is_complete = false;  // not stopped
  bool is_within_budget = false;
  std::size_t runs = 0;
  std::optional<paired_difference> all_exact;  // losses against the reference
  std::optional<paired_difference> all_approximate;
  paired_difference found;
  std::vector<layer_harm> harms;  // the most harmful first
  std::vector<bool> exact;        // where it is complete
  double approximate_share = 0;   // of the multiplications
};

namespace detail {

class layer_search {
 public:
  explicit layer_search(const search_task& task) : task_(task) {
    if (task.labels.size() != task.reference.images || task.reference.images == 0) {
      throw shape_error("sensitivity: " + std::to_string(task.labels.size()) + " labels for " +
                        std::to_string(task.reference.images) +
                        " images; expected one each, and one at least");
    }
  }

  search_result run() {
    result_.is_complete = measure_harms() && make_approximate();
    result_.is_within_budget = result_.is_complete && is_within_budget(result_.found);
    result_.exact = exact_;
    result_.approximate_share = approximate_share(exact_);
    return std::move(result_);
  }

 private:
  std::optional<evaluation> runs(const std::vector<bool>& exact) {
    std::optional<evaluation> outputs = task_.run(exact);
    if (!outputs) return outputs;
    ++result_.runs;
    known_.emplace(exact, loss(*outputs));
    return outputs;
  }
  std::optional<paired_difference> loss_with(const std::vector<bool>& exact) {
    if (!known_.contains(exact) && !runs(exact)) return std::nullopt;
    return known_.at(exact);
  }
  // A loss of the budget itself is within it, whatever the last bit of either says.
  bool is_within_budget(const paired_difference& loss) const { return loss.loss <= task_.budget + 1e-12; }
  paired_difference loss(const evaluation& outputs) const {
    return loss_of(outputs, task_.reference, task_.labels);
  }

  bool measure_harms() {
    std::vector<bool> exact(task_.shares.size(), true);
    const std::optional<evaluation> base = runs(exact);
    if (!base) return false;
    result_.all_exact = loss(*base);
    bool is_complete = true;
    for (std::size_t i = 0; i < exact.size() && is_complete; ++i) {
      exact[i] = false;
      if (const std::optional<evaluation> alone = runs(exact)) {
        result_.harms.push_back(
            {i, task_.shares[i], changed_answers(*alone, *base), distortion_of(*alone, *base), loss(*alone)});
      } else {
        is_complete = false;
      }
      exact[i] = true;
    }
    std::stable_sort(result_.harms.begin(), result_.harms.end(),
                     [&](const auto& a, const auto& b) { return harm(a) > harm(b); });
    return is_complete;
  }

  // A distortion is less than one image's answer.
  double harm(const layer_harm& of) const {
    return of.changed + of.distortion / static_cast<double>(task_.reference.images);
  }

  bool make_approximate() {
    exact_.assign(task_.shares.size(), false);
    std::optional<paired_difference> tried = loss_with(exact_);
    if (!tried) return false;
    result_.found = *tried;
    result_.all_approximate = tried;
    if (is_within_budget(result_.found)) return true;

    exact_.assign(task_.shares.size(), true);
    result_.found = *result_.all_exact;
    return take_in_order([&](const layer_harm& of) { return harm(of); }) &&
           take_in_order([](const layer_harm& of) { return of.distortion; }) &&
           take_in_order([](const layer_harm&) { return 1.0; });
  }

  // Layers become approximate in the order of share over cost; kept where it is better than what was found.
  template <class Cost>
  bool take_in_order(Cost cost) {
    std::vector<layer_harm> order = result_.harms;
    std::stable_sort(order.begin(), order.end(),
                     [&](const auto& a, const auto& b) { return cost(a) * b.share < cost(b) * a.share; });
    std::vector<bool> exact(task_.shares.size(), true);
    paired_difference found = *result_.all_exact;
    for (const layer_harm& next : order) {
      exact[next.layer] = false;
      const std::optional<paired_difference> tried = loss_with(exact);
      if (!tried) return false;
      if (is_within_budget(*tried)) {
        found = *tried;
      } else {
        exact[next.layer] = true;
      }
    }
    if (approximate_share(exact) > approximate_share(exact_)) {
      exact_ = exact;
      result_.found = found;
    }
    return true;
  }

  double approximate_share(const std::vector<bool>& exact) const {
    double share = 0;
    for (std::size_t i = 0; i < exact.size(); ++i) share += exact[i] ? 0 : task_.shares[i];
    return share;
  }

  const search_task& task_;
  search_result result_;
  std::vector<bool> exact_;
  std::map<std::vector<bool>, paired_difference> known_;  // losses of runs
};

}  // namespace detail

inline search_result find_exact_layers(const search_task& task) { return detail::layer_search(task).run(); }

}  // namespace napier
