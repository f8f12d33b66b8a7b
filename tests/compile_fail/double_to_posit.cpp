// conversion from 'double' to.*posit<16, 1>
#include <napier/formats/posit.hpp>

using namespace napier;

#ifdef CONTROL
posit<16, 1> x{0.1};
#else
posit<16, 1> x = 0.1;
#endif
