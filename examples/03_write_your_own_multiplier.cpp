// A multiplier of one's own: a type with multiply() and is_exact, in any namespace. It works at once in dot, gemm, every
// layer, and every decorator.

#include <cstdint>
#include <cstdio>
#include <vector>

#include <napier/napier.hpp>

namespace mine {

// DRUM-like: the operands keep their leading k bits, the last of them set to 1; then an exact product.
template <int k>
struct drum {
  static constexpr bool is_exact = false;
  static constexpr napier::name name() { return napier::name("drum").append(k); }

  template <napier::Format F>
  constexpr napier::unpacked multiply(F a, F b) const {
    return napier::multiply(cut(napier::decode(a)), cut(napier::decode(b)));
  }

 private:
  static constexpr napier::unpacked cut(napier::unpacked x) {
    const std::uint64_t last = std::uint64_t{1} << (64 - k);
    if (x.is_finite()) x.significand = (x.significand & ~(last - 1)) | last;
    return x;
  }
};

}  // namespace mine

using namespace napier;

int main() {
  static_assert(Multiplier<mine::drum<4>, bfloat16>);

  // One product.
  const bfloat16 a{1.3};
  const bfloat16 b{2.7};
  std::printf("1.3 * 2.7: exact %g, drum4 %g\n", double(a * b), double(multiply<mine::drum<4>>(a, b)));

  // A layer: 3 x 3 convolution over a 1 x 1 x 4 x 4 image, with an exact sum in posits.
  using P = posit<16, 1>;
  using my_mac = mac<P, mine::drum<6>, quire<P>>;
  std::vector<P> image;
  for (int i = 0; i < 16; ++i) image.emplace_back(i);
  const std::vector<P> weights(9, P{0.111});
  std::vector<P> output(4);
  conv2d<my_mac>({.kernel_height = 3, .kernel_width = 3}, tensor_view{image.data(), 1, 1, 4, 4},
                 tensor_view{weights.data(), 1, 1, 3, 3}, {}, tensor_view{output.data(), 1, 1, 2, 2});
  std::printf("%s: %g %g %g %g (averages of 3 x 3 pixels)\n", my_mac::name().c_str(), double(output[0]),
              double(output[1]), double(output[2]), double(output[3]));

  // How often it multiplied, and the same multiplier from a table of all 8-bit operand pairs.
  using counting = counted<mine::drum<4>>;
  const float8_e4m3fn x[] = {float8_e4m3fn{1.5}, float8_e4m3fn{2.5}};
  const auto sum = dot<mac<float8_e4m3fn, counting, native<float>>, float>(x, x);
  const auto same = dot<mac<float8_e4m3fn, lut<mine::drum<4>, float8_e4m3fn>, native<float>>, float>(x, x);
  std::printf("%g with %llu multiplications, %g from the table\n", double{sum},
              static_cast<unsigned long long>(counting::count()), double{same});
  return sum == same && counting::count() == 2 ? 0 : 1;
}
