#pragma once
// The MACs that many tests run networks under, compiled once, in engines.cpp: seconds each, otherwise, in every file.

#include <napier/accumulators/quire.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>
#include <napier/mac/mac.hpp>
#include <napier/multipliers/mitch.hpp>
#include <napier/multipliers/mitchell.hpp>
#include <napier/multipliers/plam.hpp>
#include <napier/network/engine.hpp>

#define NAPIER_TEST_ENGINES(keyword)                                                                      \
  keyword template class napier::mac_engine<napier::mac<float, napier::exact, napier::native<float>>>;    \
  keyword template class napier::mac_engine<napier::mac<float, napier::mitchell, napier::native<float>>>; \
  keyword template class napier::mac_engine<napier::mac<float, napier::mitch<6>, napier::native<float>>>; \
  keyword template class napier::mac_engine<                                                              \
      napier::mac<float, napier::mitch<6>, napier::compensated<napier::native<float>>>>;                  \
  keyword template class napier::mac_engine<napier::mac<double, napier::exact, napier::native<double>>>;  \
  keyword template class napier::mac_engine<                                                              \
      napier::mac<napier::bfloat16, napier::mitchell, napier::native<float>>>;                            \
  keyword template class napier::mac_engine<                                                              \
      napier::mac<napier::posit<16, 1>, napier::exact, napier::quire<napier::posit<16, 1>>>>;             \
  keyword template class napier::mac_engine<                                                              \
      napier::mac<napier::posit<16, 1>, napier::plam, napier::quire<napier::posit<16, 1>>>>;

NAPIER_TEST_ENGINES(extern)
