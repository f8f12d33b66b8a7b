// One dot product, many arithmetics: only the MAC's type changes.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <vector>

#include <napier/napier.hpp>

using namespace napier;

template <Mac M>
void show(const std::vector<double>& weights, const std::vector<double>& inputs, double truth) {
  using F = typename M::format;
  std::vector<F> a;
  std::vector<F> b;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    a.push_back(round_to<F>(decode(weights[i])));
    b.push_back(round_to<F>(decode(inputs[i])));
  }
  const double result = dot<M, double>(a, b);
  std::printf("  %-34s %10.6f  error %+6.2f %%\n", M::name().c_str(), result, 100 * (result - truth) / truth);
}

int main() {
  std::vector<double> weights;
  std::vector<double> inputs;
  double truth = 0;
  for (int i = 0; i < 256; ++i) {
    weights.push_back(std::sin(0.37 * i) + 0.5);
    inputs.push_back(1 + std::cos(0.11 * i));
    truth += weights.back() * inputs.back();
  }

  std::printf("a sum of 256 products; in float64 %.6f\n", truth);
  using P = posit<16, 1>;
  show<mac<float, exact, native<float>>>(weights, inputs, truth);
  show<mac<bfloat16, exact, native<float>>>(weights, inputs, truth);
  show<mac<float, mitchell, native<float>>>(weights, inputs, truth);
  show<mac<float, mitch<6>, native<float>>>(weights, inputs, truth);
  show<mac<float, mitch<6, unbiased>, native<float>>>(weights, inputs, truth);
  show<mac<float, mitch<6>, compensated<native<float>>>>(weights, inputs, truth);
  show<mac<fixed32_16, mitch<6>, fixed64>>(weights, inputs, truth);
  show<mac<P, exact, quire<P>>>(weights, inputs, truth);
  show<mac<P, plam, quire<P>>>(weights, inputs, truth);
  show<mac<P, rounded<plam, P>, native<P>>>(weights, inputs, truth);

  // A single product, and the integer circuit with its 2N-bit result.
  std::printf("3.25 * -0.4: exact %g, plam %g; 200 * 100 on uint8 by mitch<6>: %d\n",
              double(P{3.25} * P{-0.4}), double(multiply<plam>(P{3.25}, P{-0.4})),
              int{multiply<mitch<6>>(std::uint8_t{200}, std::uint8_t{100})});
}
