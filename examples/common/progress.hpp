#pragma once
// One line of progress on a terminal: what runs, how far, the rate and the time left. Nothing when stderr is a pipe.

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "terminal.hpp"

namespace napier_tools {

class progress_line {
 public:
  enum class visibility : unsigned char { on_terminal, hidden };

  // unit: what is counted, in the plural.
  explicit progress_line(std::size_t total, visibility where = visibility::on_terminal,
                         std::string unit = "images")
      : total_(total),
        unit_(std::move(unit)),
        visible_(where == visibility::on_terminal && isatty(STDERR_FILENO) != 0) {}
  ~progress_line() { clear(); }
  progress_line(const progress_line&) = delete;
  progress_line& operator=(const progress_line&) = delete;

  // `done` of the total units, `what` being worked on.
  void show(const std::string& what, std::size_t done) {
    const auto now = clock::now();
    if (!visible_ || now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    const double seconds = std::chrono::duration<double>(now - start_).count();
    const double rate = static_cast<double>(done) / seconds;
    const double left = rate > 0 ? static_cast<double>(total_ - done) / rate : 0;
    const std::string line =
        fmt::format("{:3.0f} %  {:.1f} {}/s, {:.0f} s left  {}",
                    100 * static_cast<double>(done) / static_cast<double>(total_), rate, unit_, left, what);
    // one that wraps could not be taken back
    fmt::print(stderr, "\r\033[K{}", line.substr(0, columns_of(stderr).value_or(80) - 1));
    std::fflush(stderr);
    shown_ = true;
  }

  void clear() {
    if (shown_) fmt::print(stderr, "\r\033[K");
    shown_ = false;
  }

 private:
  using clock = std::chrono::steady_clock;

  std::size_t total_;
  std::string unit_;
  bool visible_;
  bool shown_ = false;
  clock::time_point start_ = clock::now();
  clock::time_point last_{};
};

}  // namespace napier_tools
