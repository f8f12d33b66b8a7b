#pragma once
// The MACs that are measured, with the floors of their speed. One .cpp a family keeps compilation parallel.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "task.hpp"

namespace napier_bench {

// Ratios to sgemm that a MAC must reach; 0: none.
struct speed_floor {
  double avx512 = 0;
  double avx2 = 0;

  double of(napier::isa isa) const {
    return isa == napier::isa::avx512 ? avx512 : isa == napier::isa::avx2 ? avx2 : 0;
  }
};

struct measured_mac {
  std::string name;
  speed_floor floor;
  std::string bound;         // what keeps it from being faster
  bool in_networks = false;  // measured on the shapes of networks, too
  std::function<std::unique_ptr<task>(const shape&, double zeros, left_matrix)> gemm;
  std::function<std::unique_ptr<task>(const shape&, double zeros)> fully_connected;
  std::function<std::unique_ptr<task>(const depthwise_shape&, double zeros, napier::isa)> depthwise;
};

template <class M>
measured_mac measured(const speed_floor& floor, const char* bound, bool in_networks = false) {
  return {M::name().c_str(),
          floor,
          bound,
          in_networks,
          [](const shape& size, double zeros, left_matrix left) {
            return std::make_unique<gemm_task<M>>(size, zeros, left);
          },
          {},
          {}};
}

// On layers, too.
template <class M>
measured_mac measured_in_layers(const speed_floor& floor, const char* bound, bool in_networks = false) {
  measured_mac mac = measured<M>(floor, bound, in_networks);
  mac.fully_connected = [](const shape& size, double zeros) {
    return std::make_unique<fully_connected_task<M>>(size, zeros);
  };
  mac.depthwise = [](const depthwise_shape& size, double zeros, napier::isa isa) {
    return std::make_unique<depthwise_task<M>>(size, zeros, isa);
  };
  return mac;
}

void add_float_macs(std::vector<measured_mac>& macs);
void add_posit_macs(std::vector<measured_mac>& macs);
void add_other_macs(std::vector<measured_mac>& macs);
void add_published_macs(std::vector<measured_mac>& macs);

}  // namespace napier_bench
