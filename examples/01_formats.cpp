// Numbers: what a value becomes in each format, and how exact sums differ from rounded ones.

#include <cstdio>

#include <napier/napier.hpp>

using namespace napier;

template <Format F>
void show(double value) {
  const F x = round_to<F>(decode(value));
  const double rounded = round_to<double>(decode(x));
  std::printf("  %-14s %-20.17g relative error %+.1e\n", format_traits<F>::name().c_str(), rounded,
              (rounded - value) / value);
}

template <Format... Formats>
void show_in_each(double value) {
  std::printf("%g is\n", value);
  (show<Formats>(value), ...);
}

int main() {
  show_in_each<posit<8, 0>, posit8, posit16, posit32, bfloat16, float16, float8_e4m3fn, fixed32_16>(
      3.14159265358979);
  show_in_each<posit<8, 0>, posit8, posit16, posit32, bfloat16, float16, float8_e4m3fn, fixed32_16>(0.001);

  // Arithmetic is correctly rounded; a posit has one zero, one NaR ("not a real"), and no overflow.
  const posit<16, 1> a{3.25};
  const posit<16, 1> b{-0.4};
  std::printf("\nposit16_1: 3.25 * -0.4 = %.9g, code 0x%04x\n", double(a * b), unsigned{(a * b).bits()});
  std::printf("maxpos = %g, maxpos * maxpos = %g, 1 / 0 is NaR: %s\n", double(posit16::maxpos()),
              double(posit16::maxpos() * posit16::maxpos()),
              (posit16{1} / posit16{0}).is_nar() ? "yes" : "no");

  // A quire adds products without rounding: 4096² + 1 − 4096² is 1, not 0.
  using P = posit<16, 1>;
  const P left[] = {P{4096}, P{1}, P{-4096}};
  const P right[] = {P{4096}, P{1}, P{4096}};
  std::printf("4096*4096 + 1*1 - 4096*4096: with a quire %g, with rounded sums %g\n",
              double(dot<mac<P, exact, quire<P>>>(left, right)),
              double(dot<mac<P, exact, native<P>>>(left, right)));
}
