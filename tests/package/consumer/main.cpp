// What a user's program does first, with its results checked: the tests of the package build and run it.

#include <napier/napier.hpp>

#include <cstdio>

using namespace napier;

int main() {
  using P = posit<16, 1>;
  const P a{3.25}, b{-0.4};
  const P c{0.5};
  const bool rounded_once = a * b == P{double(a) * double(b)};  // 26 significant bits: exact in a double
  const bool exact_sum = [&] {
    using exact_mac = mac<P, exact, quire<P>>;
    const P x[] = {P::maxpos(), c, -P::maxpos()}, y[] = {P{1}, c, P{1}};
    return dot<exact_mac>(x, y) == P{0.25};
  }();
  const bool log_product = multiply<plam>(P{1.5}, P{1.5}) == P{2.0};  // 2 · (1/2 + 1/2): 1/9 below 2.25
  const bool all = rounded_once && exact_sum && log_product;
  std::printf("napier: %s\n", all ? "ok" : "wrong");
  return all ? 0 : 1;
}
