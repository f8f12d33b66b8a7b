// CompensableBy
#include <napier/mac/mac.hpp>

using namespace napier;

struct halved {
  static constexpr bool is_exact = false;
  static constexpr napier::name name() { return "halved"; }
  template <Format F>
  constexpr unpacked multiply(F a, F) const {
    return decode(a);
  }
#ifdef CONTROL
  static constexpr double mean_relative_error = -0.5;
#endif
};
#ifdef CONTROL
mac<float, halved, compensated<native<float>>> m;
#else
mac<float, halved, compensated<native<float>>> m;
#endif
