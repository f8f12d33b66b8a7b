#include "interrupt.hpp"

#include <csignal>

namespace napier_eval {

namespace {

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);  // so a signal handler may set it

extern "C" void on_interrupt(int) { interrupted = true; }

}  // namespace

const std::atomic<bool>& watch_interrupt() {
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
  return interrupted;
}

}  // namespace napier_eval
