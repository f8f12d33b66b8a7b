#pragma once
// --search: which layers have to be exact, found on every other image and checked on the rest.

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <napier/data/data_set.hpp>
#include <napier/data/preprocessing.hpp>
#include <napier/network/engine.hpp>
#include <napier/network/network.hpp>
#include <napier/network/session.hpp>

#include "search_report.hpp"

namespace napier_eval {

struct search_settings {
  std::string reference;
  std::string exact;      // MAC of the layers that become exact
  double budget = 0.005;  // top-1 that may be lost, as a share of the images
  napier::batch_norm_mode batch_norm = napier::batch_norm_mode::fold;
  std::vector<std::pair<std::string, std::string>> layer_macs;  // pattern and MAC, before those of the search
  std::size_t threads = 1;
  std::size_t batch = 1;
  const std::atomic<bool>* stop = nullptr;
};

struct search_images {
  const napier::data_set& set;
  const napier::preprocessing& how;
  std::span<const std::size_t> chosen;
};

// Calibrates a session, in place.
struct session_corrector {
  std::function<bool(napier::session& target)> correct;  // false: stopped by Ctrl-C; empty: no calibration
  std::string how;                                       // "50:channel least-squares"
  std::string arguments;                                 // "--calibrate 50:channel"
};

// model: as it runs (running_network).
search_report search_layers(const std::shared_ptr<const napier::network>& model, const std::string& mac,
                            const search_settings& settings, const search_images& images,
                            const session_corrector& corrector = {});

}  // namespace napier_eval
