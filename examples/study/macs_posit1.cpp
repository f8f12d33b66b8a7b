#include "posits.hpp"

void napier_study::add_posits_es1(napier::mac_registry& registry) {
  add_posits<1, 6, 8, 10, 12, 14, 16>(registry);
}
