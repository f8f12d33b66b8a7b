#include "posits.hpp"

void napier_study::add_posits_es0(napier::mac_registry& registry) {
  add_posits<0, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16>(registry);
}
