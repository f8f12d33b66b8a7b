// default_initializable
#include <cstdint>

#include <napier/accumulators/fixed64.hpp>
#include <napier/mac/mac.hpp>
#include <napier/multipliers/table_multiplier.hpp>

using namespace napier;

// A table is an object: a MAC, whose parts are types, takes a slot.
#ifdef CONTROL
mac<std::int8_t, loaded_table<0>, fixed64> m;
#else
mac<std::int8_t, table_multiplier, fixed64> m;
#endif
