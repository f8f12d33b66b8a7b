// (no match for 'operator\+'|invalid operands to binary expression).*posit<16, 1>.*posit<16, 2>
#include <napier/formats/posit.hpp>

using namespace napier;

posit<16, 1> x;
posit<16, 2> y;
#ifdef CONTROL
auto z = x + posit<16, 1>{y};
#else
auto z = x + y;
#endif
