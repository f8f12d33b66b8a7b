// Minifloat
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>

using namespace napier;

#ifdef CONTROL
auto x = saturate_to<float8_e4m3fn>(decode(1e9));
#else
auto x = saturate_to<posit<8, 2> >(decode(1e9));
#endif
