#include <napier/core/name.hpp>

#include <catch2/catch.hpp>
#include <climits>
#include <string>

using napier::name;

static_assert(name("posit").append(16).append("_").append(1) == name("posit16_1"));
static_assert(name("a").append(name("b")) == name("ab"));
static_assert(!(name("ab") == name("a")) && !(name("ab") == name("ac")));
static_assert(name().size() == 0 && name("mitch").size() == 5);

TEST_CASE("names are zero-terminated and print integers") {
  REQUIRE(std::string(name().c_str()).empty());
  for (const int number : {0, 7, -1, 10, 109, 12345, INT_MAX, -INT_MAX}) {
    REQUIRE(std::string(name().append(number).c_str()) == std::to_string(number));
  }
  REQUIRE(std::string(name(std::string(95, 'x').c_str()).c_str()) == std::string(95, 'x'));
  REQUIRE_THROWS(name(std::string(96, 'x').c_str()));
}
