// The quire against exact rationals: products and posits added in any order, split into partial sums and merged.

#include <cstdint>

#include <napier/accumulators/quire.hpp>
#include <napier/formats/posit.hpp>
#include <napier/multipliers/exact.hpp>

#include "fuzz/fuzz.hpp"
#include "oracle/bridge.hpp"
#include "oracle/oracle.hpp"

namespace {

template <int n, int es>
void sums(fuzz::input& in) {
  using P = napier::posit<n, es>;
  constexpr int code_bytes = (n + 7) / 8;
  napier::quire<P> partial[2];
  oracle::number expected;
  bool is_nar = false;
  for (int step = 0; step < 64 && in.left() > 0; ++step) {
    const std::uint8_t what = in.byte();
    napier::quire<P>& sum = partial[what & 1];
    const P a = P::from_bits(in.bytes(code_bytes));
    is_nar = is_nar || a.is_nar();
    if ((what & 6) == 0) {
      sum.add(a);
      if (!is_nar) expected = expected + oracle::posit_value({n, es}, a.bits());
      continue;
    }
    const P b = P::from_bits(in.bytes(code_bytes));
    is_nar = is_nar || b.is_nar();
    const bool subtract = (what & 6) == 2;
    const napier::unpacked product = napier::exact{}.multiply(a, b);
    if (!subtract && (what & 8) != 0) {
      sum.add_product(a, b);
    } else {
      sum.add(subtract ? -product : product);
    }
    if (is_nar) continue;
    const auto exact = oracle::posit_value({n, es}, a.bits()) * oracle::posit_value({n, es}, b.bits());
    expected = subtract ? expected - exact : expected + exact;
  }
  napier::quire<P> total = partial[0];
  total.add(partial[1]);
  fuzz::check(total.is_nar() == is_nar, "quire: NaR sticks, and nothing else is NaR");
  if (is_nar) return;
  const napier::unpacked got = total.value();
  fuzz::check(got == oracle::unpacked_of(expected), "quire: the exact sum", got.significand, got.tail);
  const std::uint64_t rounded = oracle::posit_round({n, es}, expected);
  fuzz::check(P::encode(got).bits() == rounded, "quire: rounded", P::encode(got).bits(), rounded);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input in(data, size);
  switch (in.byte() % 8) {
    case 0:
      sums<3, 0>(in);
      break;
    case 1:
      sums<8, 0>(in);
      break;
    case 2:
      sums<8, 2>(in);
      break;
    case 3:
      sums<16, 1>(in);
      break;
    case 4:
      sums<16, 2>(in);
      break;
    case 5:
      sums<32, 2>(in);
      break;
    case 6:
      sums<64, 2>(in);
      break;
    default:
      sums<64, 4>(in);
      break;
  }
  return 0;
}
