#pragma once
// One network under several MACs, on the same images.

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <napier/analysis/layer_correction.hpp>
#include <napier/data/data_set.hpp>
#include <napier/data/preprocessing.hpp>
#include <napier/network/network.hpp>
#include <napier/network/session.hpp>

#include "../common/progress.hpp"
#include "report.hpp"

namespace napier_eval {

using napier_tools::progress_line;

struct run_settings {
  std::size_t threads = 1;
  std::size_t batch = 1;
  const std::atomic<bool>* stop = nullptr;  // finish what is begun, once it is true
};

// A network, ready to run under a list of MACs, the reference among them.
class evaluation_plan {
 public:
  // model: as it runs (running_network), so that all sessions have the same one.
  evaluation_plan(const std::shared_ptr<const napier::network>& model, const std::vector<std::string>& macs,
                  const std::string& reference, napier::batch_norm_mode batch_norm,
                  const std::vector<std::pair<std::string, std::string>>& layer_macs = {});

  // Of the sessions; the reference's is the first. A row is called the same.
  const std::vector<std::string>& names() const { return names_; }
  std::span<const napier::session> sessions() const { return sessions_; }
  std::size_t runs() const { return sessions_.size(); }

  // Another run of session `which`, as the row after its own: called with `suffix`, and with corrections of its multiply sites.
  // `source` is named where they do not fit.
  void add_corrected(std::size_t which, std::span<const napier::layer_correction> corrections,
                     const std::string& suffix, const std::string& source);

  // What is known before anything runs.
  const report& blank() const { return blank_; }

  // Runs the chosen images, from where the report's states are, and fills in its rows and states. `finished`: images
  // of the progress line's total that were evaluated before.
  void run(report& result, const napier::data_set& images, const napier::preprocessing& how,
           std::span<const std::size_t> chosen, const run_settings& settings, progress_line& progress,
           std::size_t finished = 0) const;

 private:
  // before: the images of each session that were known before it ran.
  void tell(report& result, const std::vector<napier::scores>& scores, std::span<const std::size_t> before,
            std::size_t images) const;

  report blank_;
  std::vector<std::string> names_;
  std::vector<napier::session> sessions_;
  std::vector<std::size_t> rows_;  // the sessions that are rows, in the order in which they were asked for
};

// Model, reference, batch norm and MACs of layers. Throws napier::name_error.
report blank_report(const napier::network& model, const std::string& reference,
                    napier::batch_norm_mode batch_norm,
                    const std::vector<std::pair<std::string, std::string>>& layer_macs = {});

// The network without the batch norms that are folded, should they be. Throws napier::name_error for a MAC that is unknown or whose
// pattern matches nothing.
std::shared_ptr<const napier::network> running_network(
    napier::network model, napier::batch_norm_mode batch_norm,
    const std::vector<std::pair<std::string, std::string>>& layer_macs = {});

// The first `limit` images of `count` (all, when it is 0); with a seed, of a random order that it determines.
std::vector<std::size_t> choose_images(std::size_t count, std::size_t limit,
                                       const std::optional<std::size_t>& seed = {});

napier::batch_norm_mode batch_norm_mode_of(const std::string& name);

}  // namespace napier_eval
