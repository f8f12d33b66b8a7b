#pragma once
// napier/core/error.hpp — what the library throws. The message names the file, the layer or the value and says what was
// expected.

#include <stdexcept>
#include <string>

namespace napier {

struct error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Sizes that do not fit together.
struct shape_error : error {
  using error::error;
};

// A MAC, format or layer name that does not exist.
struct name_error : error {
  using error::error;
};

// A data set that is missing, truncated or malformed.
struct data_error : error {
  using error::error;
};

// A network that is malformed or asks for something that is not supported.
struct model_error : error {
  using error::error;
};

}  // namespace napier
