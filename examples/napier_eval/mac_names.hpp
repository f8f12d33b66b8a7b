#pragma once
// Names of MACs on the command line, and what is said of those that do not exist.

#include <string>
#include <vector>

namespace napier_eval {

// Throws napier::name_error, naming the option, for a MAC that does not exist: which of its parts does not, and the nearest names.
void check_mac(const std::string& option, const std::string& mac);

// "A,B" and "C" → A, B, C. Throws napier::name_error for an empty name, one that is given twice, and one that does not exist.
std::vector<std::string> mac_list(const std::string& option, const std::vector<std::string>& texts);

}  // namespace napier_eval
