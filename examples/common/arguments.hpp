#pragma once
// What the tools' command lines have in common.

#include <cstddef>
#include <limits>

namespace CLI {
class App;
class Validator;
}  // namespace CLI

namespace napier_tools {

// Not empty, as a variable of the shell is that was not set.
CLI::Validator a_path();

constexpr std::size_t any_number = std::numeric_limits<std::size_t>::max();
CLI::Validator whole_number(std::size_t least, std::size_t most = any_number);

// --help of the options that are there: at most 100 columns.
void set_up_help(CLI::App& app);

}  // namespace napier_tools
