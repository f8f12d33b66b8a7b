// the error is taken out once
#include <napier/mac/mac.hpp>
#include <napier/multipliers/mitchell.hpp>

using namespace napier;

using sum = compensated<native<float>>;
#ifdef CONTROL
mac<float, mitchell, sum> m;
#else
mac<float, mitchell, compensated<sum>> m;
#endif
