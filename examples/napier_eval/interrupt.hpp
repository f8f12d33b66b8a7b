#pragma once
// Ctrl-C: the first asks the run to stop where it is, the second ends the program.

#include <atomic>

namespace napier_eval {

// From now on; true once SIGINT has come.
const std::atomic<bool>& watch_interrupt();

}  // namespace napier_eval
