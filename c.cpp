#include <napier/napier.hpp>
