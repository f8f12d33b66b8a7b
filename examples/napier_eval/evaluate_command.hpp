#pragma once
// `napier-eval --model M --mac A,B`: from the command line to the report.

#include "options.hpp"

namespace napier_eval {

inline constexpr int exit_bad_input = 2;
inline constexpr int exit_interrupted = 130;  // as a shell has it for a program that Ctrl-C ended

// Returns the exit status: 0, or exit_interrupted after Ctrl-C, the report being partial. Throws what is wrong with the input.
int run_evaluate(evaluate_options options);

}  // namespace napier_eval
