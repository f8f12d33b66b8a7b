// no matching function for call to .*dot
#include <napier/accumulators/quire.hpp>
#include <napier/formats/posit.hpp>
#include <napier/gemm/reference.hpp>
#include <napier/mac/mac.hpp>

using namespace napier;

using P = posit<16, 1>;
using M = mac<P, exact, quire<P>>;
#ifdef CONTROL
P a[2];
auto z = dot<M>(a, a);
#else
posit<16, 2> a[2];
auto z = dot<M>(a, a);
#endif
