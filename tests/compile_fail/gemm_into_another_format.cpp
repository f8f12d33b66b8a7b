// OutputOf
#include <napier/accumulators/quire.hpp>
#include <napier/formats/posit.hpp>
#include <napier/gemm/gemm.hpp>
#include <napier/mac/mac.hpp>

using namespace napier;

using P = posit<16, 1>;
using M = mac<P, exact, quire<P>>;
P a[1];
#ifdef CONTROL
double c[1];
void run() { gemm<M>(matrix_view<const P>{a, 1, 1}, matrix_view<const P>{a, 1, 1}, matrix_view{c, 1, 1}); }
#else
posit<8, 2> c[1];
void run() { gemm<M>(matrix_view<const P>{a, 1, 1}, matrix_view<const P>{a, 1, 1}, matrix_view{c, 1, 1}); }
#endif
