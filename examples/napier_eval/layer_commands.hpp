#pragma once
// What --per-layer and --search add to an evaluation.

#include <memory>
#include <span>

#include <napier/data/data_set.hpp>
#include <napier/data/preprocessing.hpp>
#include <napier/network/network.hpp>

#include "evaluate.hpp"
#include "options.hpp"
#include "report.hpp"
#include "search.hpp"

namespace napier_eval {

class layer_commands {
 public:
  // Throws napier::name_error where they cannot work, before anything runs.
  layer_commands(const evaluate_options& options, const std::shared_ptr<const napier::network>& model,
                 napier::batch_norm_mode batch_norm,
                 const std::vector<std::pair<std::string, std::string>>& layer_macs,
                 const run_settings& settings);

  // Throws napier::name_error where there is no layer to tell of.
  void check(const evaluation_plan& plan) const;

  // Fills in the report's layers and searches, unless it is partial; marks it so where it was interrupted.
  // correct: as --calibrate does a row; empty without it.
  void run(report& result, const evaluation_plan& plan, const search_images& images,
           const session_corrector& correct) const;

  // Throws napier::error where a file cannot be written.
  void write(const report& result) const;

  std::string text(const report& result) const;

 private:
  const evaluate_options& options_;
  std::shared_ptr<const napier::network> model_;
  search_settings settings_;
  std::vector<std::string> searched_;  // MACs
};

}  // namespace napier_eval
