// posit<n, es>: es is from 0 to 4
#include <napier/formats/posit.hpp>

using namespace napier;

#ifdef CONTROL
posit<64, 4> x;
#else
posit<64, 5> x;
#endif
