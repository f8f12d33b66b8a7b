// drum<k>: k is from 3 to 32
#include <napier/multipliers/drum.hpp>

using namespace napier;

#ifdef CONTROL
auto e = drum<3>::mean_relative_error;
#else
auto e = drum<2>::mean_relative_error;
#endif
