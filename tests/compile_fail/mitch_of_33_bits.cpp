// mitch<w>: w is from 1
#include <napier/multipliers/mitch.hpp>

using namespace napier;

#ifdef CONTROL
auto e = mitch<32>::mean_relative_error;
#else
auto e = mitch<33>::mean_relative_error;
#endif
