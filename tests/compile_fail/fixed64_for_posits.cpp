// AccumulatorFor.*fixed64
#include <napier/accumulators/fixed64.hpp>
#include <napier/formats/posit.hpp>
#include <napier/mac/mac.hpp>

using namespace napier;

#ifdef CONTROL
mac<fixed32_16, exact, fixed64> m;
#else
mac<posit<16, 1>, exact, fixed64> m;
#endif
