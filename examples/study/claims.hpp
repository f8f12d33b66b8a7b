#pragma once
// What others, or earlier measurements, have published and the study's text quotes beside its own numbers.

#include <string>

#include "document.hpp"

namespace napier_study {

struct claim {
  const char* key;
  const char* what;
  const char* value;
  const char* source;
};

// Throws for a key that is none.
const claim& claim_of(const std::string& key);
// Each, but a bias, under "published_KEY", and a table of all with their sources under "published".
void set_claims(document& text);

}  // namespace napier_study
