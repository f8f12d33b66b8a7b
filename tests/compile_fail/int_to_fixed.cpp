// conversion from 'int' to.*fixed
#include <napier/formats/fixed.hpp>

using namespace napier;

#ifdef CONTROL
fixed<8, 4> x{100};
#else
fixed<8, 4> x = 100;
#endif
