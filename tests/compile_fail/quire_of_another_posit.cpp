// AccumulatorFor.*(quire|fits_format)
#include <napier/accumulators/quire.hpp>
#include <napier/mac/mac.hpp>

using namespace napier;

using P = posit<16, 1>;
#ifdef CONTROL
mac<P, exact, quire<P>> m;
#else
mac<P, exact, quire<posit<16, 2>>> m;
#endif
