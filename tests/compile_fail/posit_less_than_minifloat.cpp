// (no match for 'operator<'|invalid operands to binary expression).*posit<16, 1>.*minifloat
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>

using namespace napier;

posit<16, 1> x;
bfloat16 y;
#ifdef CONTROL
bool z = double(x) < double(y);
#else
bool z = x < y;
#endif
