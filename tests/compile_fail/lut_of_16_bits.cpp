// lut<M, F>: F has at most 8 bits
#include <napier/formats/posit.hpp>
#include <napier/multipliers/decorators.hpp>
#include <napier/multipliers/exact.hpp>

using namespace napier;

#ifdef CONTROL
auto z = lut<exact, posit<8, 1>>{}.multiply({}, {});
#else
auto z = lut<exact, posit<16, 1>>{}.multiply({}, {});
#endif
