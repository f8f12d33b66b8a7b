// Fused multiply-add of all triples of 7- and 8-bit posits against exact rationals.
#include <napier/formats/posit.hpp>

#include <catch2/catch.hpp>

#include "oracle/oracle.hpp"
#include "oracle/sweep.hpp"

namespace {

template <class P>
void all_triples() {
  const std::uint64_t codes = std::uint64_t{1} << P::width;
  const auto expected = oracle::posit_all_fma({P::width, P::exponent_bits});
  sweep s;
  for (std::uint64_t i = 0; i < codes * codes * codes; ++i) {
    const std::uint64_t a = i / codes / codes, b = i / codes % codes, c = i % codes;
    const P got = fma(P::from_bits(a), P::from_bits(b), P::from_bits(c));
    s.check(got.bits() == expected[i], [&] { return text(a, b, c, got.bits(), expected[i]); });
  }
  INFO(P::name().c_str());
  REQUIRE(s.report() == passed(codes * codes * codes));
}

}  // namespace

TEST_CASE("fused multiply-add of all triples, n = 7 and 8") {
  all_triples<napier::posit<7, 0>>();
  all_triples<napier::posit<7, 1>>();
  all_triples<napier::posit<7, 2>>();
  all_triples<napier::posit<7, 3>>();
  all_triples<napier::posit<7, 4>>();
  all_triples<napier::posit<8, 0>>();
  all_triples<napier::posit<8, 1>>();
  all_triples<napier::posit<8, 2>>();
}
