#pragma once
// The width of a terminal.

#include <cstddef>
#include <cstdio>
#include <optional>

#include <sys/ioctl.h>
#include <unistd.h>

namespace napier_tools {

// In columns; nothing where the stream is a file or a pipe. 80 where the terminal does not tell.
inline std::optional<std::size_t> columns_of(std::FILE* stream) {
  const int file = fileno(stream);
  if (isatty(file) == 0) return std::nullopt;
  winsize size{};
  const bool known = ioctl(file, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  return known ? size.ws_col : 80;
}

}  // namespace napier_tools
