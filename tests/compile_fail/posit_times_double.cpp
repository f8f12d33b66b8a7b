// (no match for 'operator\*'|invalid operands to binary expression).*posit<16, 1>.*double
#include <napier/formats/posit.hpp>

using namespace napier;

posit<16, 1> x;
#ifdef CONTROL
auto z = x * posit<16, 1>{0.1};
#else
auto z = x * 0.1;
#endif
