#pragma once
// One network under several MACs, on the same images.

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <napier/analysis/evaluate.hpp>
#include <napier/data/data_set.hpp>
#include <napier/network/network.hpp>
#include <napier/network/registry.hpp>
#include <napier/network/session.hpp>

#include "../common/progress.hpp"
#include "report.hpp"

namespace napier_eval {

using napier_tools::progress_line;

// A network, ready to run under a list of MACs, the reference among them.
class evaluation_plan {
 public:
  evaluation_plan(const napier::network& model, const std::vector<std::string>& macs,
                  const std::string& reference, napier::batch_norm_mode batch_norm,
                  const std::vector<std::pair<std::string, std::string>>& layer_macs = {});

  std::size_t runs() const { return sessions_.size(); }

  // `finished`: images evaluated before this plan, of the progress line's total.
  report run(const napier::data_set& images, const napier::preprocessing& how, std::size_t limit,
             std::size_t threads, progress_line& progress, std::size_t finished = 0) const;

 private:
  std::string model_;
  std::string reference_;
  std::string batch_norm_;
  std::vector<std::string> layer_macs_;  // PATTERN=MAC
  std::vector<std::string> names_;       // of the sessions; the reference's is the first
  std::vector<napier::session> sessions_;
  std::optional<std::size_t> reference_row_;  // among the rows, where it was asked for
};

napier::batch_norm_mode batch_norm_mode_of(const std::string& name);

// Between one and the number of processors.
std::size_t default_threads();

}  // namespace napier_eval
