#include "arguments.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <system_error>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace napier_tools {

namespace {

constexpr std::size_t description_width = 68;  // behind the 32 columns of the options

// Lines of at most that many characters.
std::string wrapped(const std::string& text) {
  std::string result;
  std::size_t column = 0;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find(' ', from), text.size());
    const bool fits = column == 0 || column + 1 + end - from <= description_width;
    if (!result.empty()) result += fits ? ' ' : '\n';
    column = (fits && column != 0 ? column + 1 : 0) + end - from;
    result += text.substr(from, end - from);
    from = end + 1;
  }
  return result;
}

}  // namespace

CLI::Validator a_path() {
  return {[](std::string& path) { return path.empty() ? "expected the path of a file" : std::string(); }, ""};
}

CLI::Validator whole_number(std::size_t least, std::size_t most) {
  const auto check = [least, most](std::string& text) {
    std::size_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem == std::errc{} && end == text.data() + text.size() && number >= least && number <= most)
      return std::string();
    const std::string range =
        most == any_number ? fmt::format("of at least {}", least) : fmt::format("from {} to {}", least, most);
    return fmt::format("expected a whole number {}, found '{}'", range, text);
  };
  return {check, ""};
}

void set_up_help(CLI::App& app) {
  app.get_formatter()->column_width(32);
  for (CLI::Option* option : app.get_options([](CLI::Option*) { return true; })) {
    option->description(wrapped(option->get_description()));
  }
}

}  // namespace napier_tools
