// AccumulatorFor.*loa
#include <napier/accumulators/loa.hpp>
#include <napier/mac/mac.hpp>

using namespace napier;

#ifdef CONTROL
mac<fixed32_16, exact, loa<8>> m;
#else
mac<float, exact, loa<8>> m;
#endif
