// Format<.*text|'text' does not satisfy 'Format'
#include <napier/mac/mac.hpp>

using namespace napier;

struct text {};
#ifdef CONTROL
mac<double, exact, native<double>> m;
#else
mac<text, exact, native<double>> m;
#endif
