#include "network/engines.hpp"

NAPIER_TEST_ENGINES()
