// mac_registry: names with and without their defaults, and what an unknown one answers.
#include <napier/network/registry.hpp>

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <napier/accumulators/fixed64.hpp>
#include <napier/accumulators/quire.hpp>
#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/formats/posit.hpp>
#include <napier/mac/mac.hpp>
#include <napier/multipliers/decorators.hpp>
#include <napier/multipliers/mitch.hpp>
#include <napier/multipliers/mitchell.hpp>
#include <napier/multipliers/plam.hpp>
#include <napier/network/table_macs.hpp>

#include "data/scratch.hpp"

using namespace napier;
using Catch::Contains;
using Catch::Message;

namespace {

// A MAC by its names alone: an engine of a MAC costs seconds of compilation.
class named_only final : public engine {
 public:
  named_only(std::string name, std::string format, format_kind kind)
      : name_(std::move(name)), format_(std::move(format)), kind_(kind) {}
  std::string name() const override { return name_; }
  std::string format_name() const override { return format_; }
  format_kind kind() const override { return kind_; }
  compiled_layer compile(const layer&, const shape&, batch_norm_mode) const override { return {}; }

 private:
  std::string name_;
  std::string format_;
  format_kind kind_;
};

template <class M>
void add(mac_registry& registry) {
  using traits = format_traits<typename M::format>;
  registry.add(std::make_unique<named_only>(M::name().c_str(), traits::name().c_str(), traits::kind));
}

template <class... M>
mac_registry registry_of() {
  mac_registry registry;
  (add<M>(registry), ...);
  return registry;
}

using sum32 = native<float>;
using p16 = posit<16, 1>;
using p80 = posit<8, 0>;
using p82 = posit<8, 2>;

// The nineteen of the demo, in its order.
mac_registry demo_registry() {
  return registry_of<mac<float, exact, sum32>, mac<bfloat16, exact, sum32>, mac<float16, exact, sum32>,
                     mac<float8_e4m3fn, exact, sum32>, mac<bfloat16, mitchell, sum32>,
                     mac<float, mitchell, sum32>, mac<float, mitch<8>, sum32>, mac<float, mitch<6>, sum32>,
                     mac<float, mitch<6, unbiased>, sum32>, mac<float, mitch<6>, compensated<sum32>>,
                     mac<fixed32_16, mitch<6>, fixed64>, mac<p16, exact, quire<p16>>,
                     mac<p16, plam, quire<p16>>, mac<p16, rounded<plam, p16>, quire<p16>>,
                     mac<p16, rounded<exact, p16>, native<p16>>, mac<p80, exact, quire<p80>>,
                     mac<p80, plam, quire<p80>>, mac<p82, exact, quire<p82>>, mac<p82, plam, quire<p82>>>();
}

const std::vector<std::pair<std::string, std::string>> demo_names{
    {"float32", "float32/exact/float32"},
    {"bfloat16", "bfloat16/exact/float32"},
    {"float16", "float16/exact/float32"},
    {"float8_e4m3fn", "float8_e4m3fn/exact/float32"},
    {"bfloat16/mitchell", "bfloat16/mitchell/float32"},
    {"float32/mitchell", "float32/mitchell/float32"},
    {"float32/mitch8", "float32/mitch8/float32"},
    {"float32/mitch6", "float32/mitch6/float32"},
    {"float32/mitch6u", "float32/mitch6u/float32"},
    {"float32/mitch6/compensated-float32", "float32/mitch6/compensated-float32"},
    {"fixed32_16/mitch6", "fixed32_16/mitch6/fixed64"},
    {"posit16_1", "posit16_1/exact/quire"},
    {"posit16_1/plam", "posit16_1/plam/quire"},
    {"posit16_1/rounded-plam", "posit16_1/rounded-plam/quire"},
    {"posit16_1/rounded-exact/posit16_1", "posit16_1/rounded-exact/posit16_1"},
    {"posit8_0", "posit8_0/exact/quire"},
    {"posit8_0/plam", "posit8_0/plam/quire"},
    {"posit8_2", "posit8_2/exact/quire"},
    {"posit8_2/plam", "posit8_2/plam/quire"}};

}  // namespace

TEST_CASE("the demo's names") {
  const mac_registry registry = demo_registry();
  REQUIRE(demo_names.size() == 19);
  REQUIRE(registry.names().size() == 19);
  for (const auto& [shortened, full] : demo_names) {
    CHECK(registry.full_name(shortened) == full);
    CHECK(registry.full_name(full) == full);
    CHECK(registry.short_name(full) == shortened);
    CHECK(registry.short_name(shortened) == shortened);
    CHECK(registry.find(shortened).name() == full);
    CHECK(&registry.find(shortened) == &registry.find(full));
  }
  // the full one, or half of it
  CHECK(registry.find("float32/exact").name() == "float32/exact/float32");
  std::vector<std::string> names = registry.names();
  CHECK(std::is_sorted(names.begin(), names.end()));
}

TEST_CASE("an accumulator other than the default is never left out") {
  const mac_registry registry =
      registry_of<mac<bfloat16, exact, native<bfloat16>>, mac<p16, exact, native<p16>>>();
  CHECK(registry.short_name("bfloat16/exact/bfloat16") == "bfloat16/exact/bfloat16");
  CHECK(registry.short_name("posit16_1/exact/posit16_1") == "posit16_1/exact/posit16_1");
  CHECK(registry.find("bfloat16/exact/bfloat16").name() == "bfloat16/exact/bfloat16");
  CHECK_THROWS_MATCHES(
      registry.find("bfloat16"), name_error,
      Message("unknown MAC 'bfloat16'; the nearest are bfloat16/exact/bfloat16, "
              "posit16_1/exact/posit16_1; --list-macs, or mac_registry::names(), lists all"));
}

TEST_CASE("an unknown name answers with the nearest ones and how to list all") {
  const mac_registry registry = demo_registry();
  const auto answer = [&](const std::string& name) -> std::string {
    try {
      return "found " + registry.find(name).name();
    } catch (const name_error& problem) {
      return problem.what();
    }
  };
  CHECK(answer("float32/mitch7") ==
        "unknown MAC 'float32/mitch7'; the nearest are float32/mitch6, float32/mitch8, float32/mitch6u; "
        "--list-macs, or mac_registry::names(), lists all");
  CHECK_THAT(answer("posit16_1/plan"), Contains("the nearest are posit16_1/plam, "));
  CHECK_THAT(answer("posit16_1/plan/quire"), Contains("the nearest are posit16_1/plam, "));
  CHECK_THAT(answer("bfloat"), Contains("the nearest are bfloat16, "));
  CHECK_THAT(answer("Float32"), Contains("the nearest are float32, "));
  for (const char* name : {"", "/", "float32/", "float32//float32", "float32/exact/float32/",
                           "float32/mitch6/quire", " float32", "posit16_1\n"}) {
    CHECK_THAT(answer(name), Contains("unknown MAC '" + std::string(name) + "'"));
    CHECK_THAT(answer(name), Contains("--list-macs"));
  }
  CHECK_THROWS_AS(mac_registry().find("float32"), name_error);
}

TEST_CASE("edit distance") {
  using napier::detail::edit_distance;
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("abc", "") == 3);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("sunday", "saturday") == 3);
  CHECK(edit_distance("plam", "plan") == 1);
  CHECK(edit_distance("posit8_0", "posit8_0") == 0);
  CHECK(edit_distance("ab", "ba") == 2);
}

TEST_CASE("MACs as types, and a user's own by a name of his") {
  mac_registry registry;
  using fixed_mitch6 = mac<fixed<16, 8>, mitch<6>, fixed64>;
  registry.add<fixed_mitch6>();
  registry.add<fixed_mitch6>("my circuit");
  registry.add<fixed_mitch6>("fixed16_8/mine");
  CHECK(registry.names() ==
        std::vector<std::string>{"fixed16_8/mine", "fixed16_8/mitch6/fixed64", "my circuit"});
  for (const char* name : {"my circuit", "fixed16_8/mine"}) {
    CHECK(registry.find(name).name() == name);
    CHECK(registry.find(name).format_name() == "fixed16_8");
    CHECK(registry.full_name(name) == name);
    CHECK(registry.short_name(name) == name);
  }
  const engine& found = registry.find("fixed16_8/mitch6");
  CHECK(found.name() == "fixed16_8/mitch6/fixed64");

  // and they compute: 1.5 · 1 + 0.25
  const compiled_layer dense =
      registry.find("my circuit")
          .compile(fully_connected_layer{1, 1, {1}, {0.25}}, {1}, batch_norm_mode::fold);
  auto input = std::make_shared<tensor<float>>(1, shape{1});
  input->values[0] = 1.5F;
  const activation_ptr one = input;
  CHECK(round_to<double>(dense({&one, 1})->value(0)) == 1.75);

  // a second MAC of the same name does not take the first one's place
  CHECK_THROWS_AS(registry.add(std::make_unique<named_only>("my circuit", "float32", format_kind::floating)),
                  name_error);
  CHECK(registry.names().size() == 3);
  CHECK(registry.find("my circuit").format_name() == "fixed16_8");
}

TEST_CASE("a name is taken once") {
  mac_registry macs;
  macs.add<mac<float, exact, native<float>>>();
  const engine& first = macs.find("float32");
  REQUIRE_THROWS_WITH((macs.add<mac<float, exact, native<float>>>()),
                      "the MAC 'float32/exact/float32' is in the registry already");
  REQUIRE(&macs.find("float32") == &first);
}

TEST_CASE("MACs made when they are asked for: multipliers in files") {
  using F = fixed<8, 4>;
  const scratch::folder folder("table_macs");
  const auto written = [&](const char* name, int added) {
    std::string content;
    for (int x = 0; x < 256; ++x) {
      for (int y = 0; y < 256; ++y) {
        const int product = x * y + added;
        for (const int byte : {product & 255, product >> 8}) content += static_cast<char>(byte);
      }
    }
    return folder.write(name, content).string();
  };
  const std::string file = written("circuit.bin", 32);
  mac_registry registry;
  add<mac<F, exact, fixed64>>(registry);
  registry.add_maker(table_macs<F>());

  const std::string name = "fixed8_4/table:" + file;
  const engine& found = registry.find(name);
  CHECK(found.name() == name + "/fixed64");
  CHECK(&registry.find(name + "/fixed64") == &found);
  CHECK(&registry.find(name) == &found);
  CHECK(registry.short_name(found.name()) == name);
  CHECK(registry.names().size() == 1);  // what is compiled in

  // −(1.5 · 1 + 32/256) + 0.25
  const compiled_layer dense =
      found.compile(fully_connected_layer{1, 1, {-1}, {0.25}}, {1}, batch_norm_mode::fold);
  auto input = std::make_shared<tensor<float>>(1, shape{1});
  input->values[0] = 1.5F;
  const activation_ptr one = input;
  CHECK(round_to<double>(dense({&one, 1})->value(0)) == -1.375);

  const auto answer = [&](const std::string& asked) -> std::string {
    try {
      return "found " + registry.find(asked).name();
    } catch (const error& problem) {
      return problem.what();
    }
  };
  CHECK(answer("float32/table:" + file) ==
        "'float32/table:" + file + "': a table takes the formats fixed8_4");
  CHECK(answer("fixed8_4/table-signed:" + folder.text("none")) == folder.text("none") + ": cannot be opened");
  CHECK_THAT(answer("fixed8_4/tables:" + file), Contains("unknown MAC"));
  // The same file with other signs is another table; the fourth is one too many, the first is still there.
  CHECK(answer("fixed8_4/table-signed:" + file) == "found fixed8_4/table-signed:" + file + "/fixed64");
  CHECK_THAT(answer("fixed8_4/table-signed:" + written("third.bin", 0)), Contains("found"));
  CHECK_THAT(answer("fixed8_4/table-signed:" + written("fourth.bin", 0)),
             Contains("fourth.bin: a process has at most 3 tables"));
  CHECK(&registry.find(name) == &found);
}
