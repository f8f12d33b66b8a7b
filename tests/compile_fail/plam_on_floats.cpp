// Multiplier.*plam.*float
#include <napier/mac/mac.hpp>
#include <napier/multipliers/mitchell.hpp>
#include <napier/multipliers/plam.hpp>

using namespace napier;

#ifdef CONTROL
mac<float, mitchell, native<float>> m;
#else
mac<float, plam, native<float>> m;
#endif
