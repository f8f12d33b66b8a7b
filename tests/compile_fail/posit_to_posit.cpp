// conversion from .*posit<16, ?1>.* to .*posit<8, ?0>
#include <napier/formats/posit.hpp>

using namespace napier;

posit<16, 1> x{1};
#ifdef CONTROL
posit<8, 0> y{x};
#else
posit<8, 0> y = x;
#endif
