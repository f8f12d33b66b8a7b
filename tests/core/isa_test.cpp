#include <napier/core/isa.hpp>

#include <catch2/catch.hpp>
#include <string>

using namespace napier;

TEST_CASE("instruction sets by name") {
  CHECK(isa_of("scalar") == isa::scalar);
  for (const isa set : all_isas) {
    if (set <= detected_isa()) {
      CHECK(isa_of(name_of(set)) == set);
    } else {
      CHECK_THROWS_AS(isa_of(name_of(set)), name_error);
    }
  }
  CHECK_THROWS_WITH(isa_of("sse"), Catch::Contains("'sse'") && Catch::Contains("scalar, avx2 or avx512"));
}

TEST_CASE("a scope forces an instruction set and gives it back") {
  const isa before = active_isa();
  {
    const isa_scope outer(isa::scalar);
    CHECK(active_isa() == isa::scalar);
    {
      const isa_scope inner(detected_isa());
      CHECK(active_isa() == detected_isa());
    }
    CHECK(active_isa() == isa::scalar);
  }
  CHECK(active_isa() == before);
}
