// (cannot convert|no viable conversion).*posit<16, 1>.*float
#include <napier/formats/posit.hpp>

using namespace napier;

posit<16, 1> x{1};
#ifdef CONTROL
float y = float(x);
#else
float y = x;
#endif
