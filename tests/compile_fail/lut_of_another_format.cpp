// OperandOf|Multiplier
#include <napier/formats/minifloat.hpp>
#include <napier/multipliers/decorators.hpp>
#include <napier/multipliers/mitchell.hpp>
#include <napier/multipliers/plam.hpp>

using namespace napier;

#ifdef CONTROL
lut<mitchell, float8_e4m3fn> m;
#else
lut<plam, float8_e4m3fn> m;
#endif
