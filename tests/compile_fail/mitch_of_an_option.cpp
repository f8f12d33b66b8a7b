// MitchOption
#include <napier/multipliers/mitch.hpp>

using namespace napier;

#ifdef CONTROL
auto e = mitch<6, unbiased>::mean_relative_error;
#else
auto e = mitch<6, int>::mean_relative_error;
#endif
