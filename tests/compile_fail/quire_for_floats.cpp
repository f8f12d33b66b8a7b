// AccumulatorFor.*(quire|fits_format)
#include <napier/accumulators/quire.hpp>
#include <napier/mac/mac.hpp>

using namespace napier;

#ifdef CONTROL
mac<float, exact, native<float>> m;
#else
mac<float, exact, quire<posit<32, 2>>> m;
#endif
