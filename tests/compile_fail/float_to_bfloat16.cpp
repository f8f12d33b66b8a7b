// conversion from 'float' to.*(bfloat16|minifloat)
#include <napier/formats/minifloat.hpp>

using namespace napier;

#ifdef CONTROL
bfloat16 x{0.1F};
#else
bfloat16 x = 0.1F;
#endif
