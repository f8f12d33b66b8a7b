#include "posits.hpp"

void napier_study::add_posits_es2(napier::mac_registry& registry) {
  add_posits<2, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16>(registry);
}
