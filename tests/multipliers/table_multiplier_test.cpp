// Tables of products: operands of each signedness, files of each form, and what is wrong with a file.
#include <napier/multipliers/table_multiplier.hpp>

#include <catch2/catch.hpp>
#include <string>

#include <data/scratch.hpp>
#include <napier/accumulators/fixed64.hpp>
#include <napier/data/multiplier_table.hpp>
#include <napier/formats/fixed.hpp>
#include <napier/formats/minifloat.hpp>
#include <napier/mac/mac.hpp>
#include <napier/multipliers/decorators.hpp>
#include <napier/multipliers/mitch.hpp>

#include "oracle/sweep.hpp"

namespace {

using namespace napier;
using scratch::problem;
constexpr auto is_signed = table_signs::is_signed;
constexpr auto is_unsigned = table_signs::is_unsigned;

static_assert(Multiplier<table_multiplier, std::int8_t> && Multiplier<table_multiplier, std::uint8_t> &&
              Multiplier<loaded_table<0>, fixed<8, 4>> && !Multiplier<table_multiplier, std::int16_t> &&
              !Multiplier<loaded_table<0>, float8_e4m3fn>);
static_assert(!std::default_initializable<table_multiplier> && loaded_table<3>::name() == name("table3"));

// A circuit that is not symmetric, and has negative products: x (y + 1) − 5.
std::int32_t skewed(int x, int y) { return x * (y + 1) - 5; }

std::vector<std::int32_t> products_of(bool of_signed) {
  std::vector<std::int32_t> products;
  for (int x = 0; x < 256; ++x) {
    for (int y = 0; y < 256; ++y) {
      const auto operand = [&](int code) { return of_signed ? int{static_cast<std::int8_t>(code)} : code; };
      products.push_back(skewed(operand(x), operand(y)));
    }
  }
  return products;
}

std::string rows_of_pairs(bool of_signed) {
  std::string content = "a,b,product\n";
  for (int x = 255; x >= 0; --x) {
    for (int y = 0; y < 256; ++y) {
      const int a = of_signed ? x - 128 : x;
      const int b = of_signed ? y - 128 : y;
      content += std::to_string(a) + "," + std::to_string(b) + ", " + std::to_string(skewed(a, b)) + "\r\n";
    }
  }
  return content;
}

std::string matrix(const std::vector<std::int32_t>& products) {
  std::string content = "# a circuit\n\n";
  for (std::size_t i = 0; i < products.size(); ++i)
    content += std::to_string(products[i]) + (i % 256 == 255 ? "\n" : ";");
  return content;
}

std::string raw(const std::vector<std::int32_t>& products, int bytes) {
  std::string content;
  for (const std::int32_t product : products) {
    for (int i = 0; i < bytes; ++i)
      content += static_cast<char>(static_cast<std::uint32_t>(product) >> (8 * i) & 0xff);
  }
  return content;
}

void same(sweep& s, const table_multiplier& table, const std::vector<std::int32_t>& products) {
  for (int x = 0; x < 256; ++x) {
    for (int y = 0; y < 256; ++y) {
      const auto got = table.product(static_cast<std::uint8_t>(x), static_cast<std::uint8_t>(y));
      s.check(got == products[static_cast<std::size_t>(x * 256 + y)], [&] { return text(x, y, got); });
    }
  }
}

}  // namespace

TEST_CASE("operands: all pairs of codes, tables of both signednesses") {
  const table_multiplier of_signed(is_signed, products_of(true));
  const table_multiplier of_unsigned(is_unsigned, products_of(false));
  sweep s;
  for (int i = 0; i < 256; ++i) {
    for (int j = 0; j < 256; ++j) {
      const auto a = static_cast<std::int8_t>(i);
      const auto b = static_cast<std::int8_t>(j);
      const auto x = fixed<8, 4>::from_bits(a);
      const auto y = fixed<8, 4>::from_bits(b);
      const double by_signed = skewed(a, b);
      const double by_magnitude = skewed(std::abs(int{a}), std::abs(int{b})) * ((a < 0) != (b < 0) ? -1 : 1);
      const auto equals = [](const unpacked& got, double expected) {
        return got == decode(expected == 0 ? 0.0 : expected);
      };
      s.check(equals(of_signed.multiply(a, b), by_signed) &&
                  equals(of_signed.multiply(x, y), by_signed / 256) &&
                  equals(of_unsigned.multiply(a, b), by_magnitude) &&
                  equals(of_unsigned.multiply(x, y), by_magnitude / 256) &&
                  equals(of_unsigned.multiply(static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(j)),
                         skewed(i, j)),
              [&] { return text(i, j); });
    }
  }
  REQUIRE(s.report() == passed(65536));
  REQUIRE(problem([] {
            table_multiplier(is_signed, {1, 2});
          }) == "table_multiplier: 2 products, expected 65536");
}

TEST_CASE("files: rows of pairs, a matrix, raw bytes") {
  const scratch::folder folder("multiplier_table");
  sweep s;
  for (const bool of_signed : {false, true}) {
    const auto signs = of_signed ? is_signed : is_unsigned;
    const auto products = products_of(of_signed);
    same(s, read_multiplier_table(folder.write("pairs.csv", rows_of_pairs(of_signed)), signs), products);
    same(s, read_multiplier_table(folder.write("marked.csv", "\xEF\xBB\xBF" + matrix(products)), signs),
         products);
    same(s, read_multiplier_table(folder.write("matrix.csv", matrix(products)), signs), products);
    same(s, read_multiplier_table(folder.write("wide.bin", raw(products, 4)), signs), products);
  }
  // Two bytes: the signs of the table decide.
  auto products = products_of(true);
  same(s, read_multiplier_table(folder.write("short.bin", raw(products, 2)), is_signed), products);
  for (auto& product : products) product &= 0xffff;
  same(s, read_multiplier_table(folder.write("short.bin", raw(products, 2)), is_unsigned), products);
  REQUIRE(s.report() == passed(10 * 65536));
}

TEST_CASE("what is wrong with a file, and in which line") {
  const scratch::folder folder("multiplier_table_errors");
  const auto message = [&](const std::string& content, table_signs signs = is_unsigned) {
    return problem([&] { parse_multiplier_table(content, signs, "t.csv"); });
  };
  REQUIRE(message("") == "t.csv: 0 rows; expected 256 of 256 products, or 65536 of a,b,product");
  REQUIRE(message("1,2,3\n1,2,4\n") == "t.csv:2: the pair 1, 2 a second time");
  REQUIRE(message("a,b,p\n1,2,3\n\n1,3\n") == "t.csv:4: a row of 2 fields after rows of 3");
  REQUIRE(message("1,2,3\n1,4,x\n") == "t.csv:2: 'x' is no integer of 32 bits");
  REQUIRE(message("a,b,p\nc,d,p\n") == "t.csv:2: 'c' is no integer of 32 bits");
  REQUIRE(message("1,2,3.5\n") == "t.csv:1: '3.5' is no integer of 32 bits");
  REQUIRE(message("1,2,3000000000\n") == "t.csv:1: '3000000000' is no integer of 32 bits");
  REQUIRE(message("1,256,3\n") == "t.csv:1: the operand 256; expected 0 to 255");
  REQUIRE(message("-129,2,3\n", is_signed) == "t.csv:1: the operand -129; expected -128 to 127");
  REQUIRE(message("1,2,3,4\n") == "t.csv:1: a row of 4 fields; expected 3 or 256");
  REQUIRE(message("1 2 3\n") == "t.csv: 1 rows; expected 256 of 256 products, or 65536 of a,b,product");
  std::string line(511, '1');
  for (std::size_t i = 1; i < line.size(); i += 2) line[i] = ',';
  std::string rows;
  for (int i = 0; i < 257; ++i) rows += line + "\n";
  REQUIRE(message(rows) == "t.csv:257: more than 256 rows");
  REQUIRE(message(std::string(5, '\0')) ==
          "t.csv: 5 bytes; expected a table of 131072 or 262144, or text: 256 rows of 256 products, or 65536 "
          "rows a,b,product");
  REQUIRE(problem([&] { read_multiplier_table(folder.path("none"), is_signed); }) ==
          folder.text("none") + ": cannot be opened");
  REQUIRE(problem([&] { read_multiplier_table(folder.path(), is_signed); }) ==
          folder.text() + ": is a folder; expected a file");
}

TEST_CASE("a MAC takes a loaded table; once, and not before") {
  using M = mac<std::int8_t, loaded_table<0>, fixed64>;
  M::accumulator sum;
  REQUIRE_THROWS_WITH(M::accumulate(sum, 1, 1), "loaded_table<0>: no table is loaded");
  std::vector<std::int32_t> products;  // the unsigned circuit of a published multiplier
  for (int x = 0; x < 256; ++x) {
    for (int y = 0; y < 256; ++y)
      products.push_back(multiply<mitch<6>>(static_cast<std::uint8_t>(x), static_cast<std::uint8_t>(y)));
  }
  REQUIRE(!loaded_table<0>::is_loaded());
  loaded_table<0>::load({is_unsigned, products});
  REQUIRE((loaded_table<0>::is_loaded() && !loaded_table<1>::is_loaded()));
  REQUIRE_THROWS_WITH(loaded_table<0>::load({is_unsigned, products}),
                      "loaded_table<0>: a table is loaded already");
  // It answers as the multiplier does, with signs apart; and so does a look-up table of it.
  sweep s;
  using F = fixed<8, 4>;
  for (int i = 0; i < 256; ++i) {
    for (int j = 0; j < 256; ++j) {
      const auto a = F::from_bits(i);
      const auto b = F::from_bits(j);
      const unpacked expected = mitch<6>{}.multiply(a, b);
      s.check(loaded_table<0>{}.multiply(a, b) == expected &&
                  lut<loaded_table<0>, F>{}.multiply(a, b) == expected,
              [&] { return text(i, j); });
    }
  }
  REQUIRE(s.report() == passed(65536));
}
