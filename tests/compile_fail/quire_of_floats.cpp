// PositFormat
#include <napier/accumulators/quire.hpp>

using namespace napier;

#ifdef CONTROL
quire<posit<32, 2>> q;
#else
quire<float> q;
#endif
