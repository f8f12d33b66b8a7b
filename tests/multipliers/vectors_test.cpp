// The authors' own circuits: every line of ../shared/vectors where that folder is there; always a digest of all 65,536
// results of each, and the sample lines of tests/multipliers/data (each 409th line, and the corners).
#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <napier/formats/posit.hpp>
#include <napier/multipliers/decorators.hpp>
#include <napier/multipliers/exact.hpp>
#include <napier/multipliers/mitch.hpp>
#include <napier/multipliers/plam.hpp>

#include "oracle/sweep.hpp"

namespace {

using namespace napier;

unsigned plam_posit8_2(unsigned a, unsigned b) {
  return round_to<posit8>(rounded<plam, posit8>{}.multiply(posit8::from_bits(a), posit8::from_bits(b)))
      .bits();
}
unsigned mitch6_uint8(unsigned a, unsigned b) {
  return multiply<mitch<6>>(static_cast<std::uint8_t>(a), static_cast<std::uint8_t>(b));
}
unsigned mitch6_c1_int8(unsigned a, unsigned b) {
  return static_cast<std::uint16_t>(
      multiply<mitch<6, ones_complement>>(static_cast<std::int8_t>(a), static_cast<std::int8_t>(b)));
}

struct published_circuit {
  const char* name;
  unsigned (*multiply)(unsigned a, unsigned b);
  int result_bytes;
  std::uint64_t digest;  // FNV-1a of the results in the order of the file, low byte first
};
constexpr published_circuit circuits[] = {
    {"plam_posit8_2", plam_posit8_2, 1, 0xa7fcff9be7b2d085},
    {"mitch6_uint8", mitch6_uint8, 2, 0x111b6efd0e1518e8},
    {"mitch6_c1_int8", mitch6_c1_int8, 2, 0x1d6f20a5c8cbc34},
};

const std::filesystem::path source = NAPIER_SOURCE_DIR;

// Lines `a b result` in hexadecimal.
void check_lines(sweep& s, const published_circuit& circuit, std::istream& lines) {
  std::string line;
  while (std::getline(lines, line)) {
    unsigned a = 0, b = 0, result = 0;
    std::istringstream fields(line);
    const bool read = static_cast<bool>(fields >> std::hex >> a >> b >> result);
    s.check(read && circuit.multiply(a, b) == result,
            [&] { return line + ", got " + text(circuit.multiply(a, b)); });
  }
}

std::string decompressed(const std::filesystem::path& file) {
  std::string quoted;
  for (const char c : file.string()) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  std::FILE* const pipe = ::popen(("gzip -dc '" + quoted + "'").c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string content;
  char buffer[4096];
  for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;)
    content.append(buffer, got);
  REQUIRE(::pclose(pipe) == 0);
  return content;
}

}  // namespace

TEST_CASE("all 65,536 results of each published circuit, by digest") {
  for (const auto& circuit : circuits) {
    std::uint64_t digest = 0xcbf29ce484222325;
    for (unsigned a = 0; a < 256; ++a) {
      for (unsigned b = 0; b < 256; ++b) {
        const unsigned result = circuit.multiply(a, b);
        for (int i = 0; i < circuit.result_bytes; ++i)
          digest = (digest ^ (result >> (8 * i) & 0xff)) * 0x100000001b3;
      }
    }
    INFO(circuit.name);
    REQUIRE(digest == circuit.digest);
  }
}

TEST_CASE("sample lines of each published circuit") {
  for (const auto& circuit : circuits) {
    sweep s;
    std::ifstream file(source / "tests/multipliers/data" / (std::string(circuit.name) + ".txt"));
    check_lines(s, circuit, file);
    INFO(circuit.name);
    REQUIRE(s.report() == passed(209));
  }
}

TEST_CASE("every line of ../shared/vectors, where that folder is there") {
  const auto folder = source / "../shared/vectors";
  if (!std::filesystem::is_directory(folder)) {
    WARN("0 lines compared: there is no " << folder.string() << "; the digest and the sample stand for it");
    return;
  }
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".gz") continue;
    ++files;
    const std::string name = entry.path().stem().stem().string();
    sweep s;
    for (const auto& circuit : circuits) {
      if (name != circuit.name) continue;
      std::istringstream lines(decompressed(entry.path()));
      check_lines(s, circuit, lines);
    }
    INFO(name);
    REQUIRE(s.report() == passed(65536));  // a file that this test does not know has 0
    WARN(name << ": " << s.cases() << " lines compared");
  }
  REQUIRE(files == 3);
}
