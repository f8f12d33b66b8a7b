// posit<n, es>: n is from 2 to 64
#include <napier/formats/posit.hpp>

using namespace napier;

#ifdef CONTROL
posit<64, 2> x;
#else
posit<65, 2> x;
#endif
