// Each component of the package at work: a model read, bytes unpacked, a posit formatted.

#include <fmt/format.h>

#include <cstdint>
#include <cstdio>

#include <napier/data/gzip.hpp>
#include <napier/fmt.hpp>
#include <napier/network/onnx.hpp>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  // `printf napier | gzip -n`
  const std::uint8_t packed[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                                 0x03, 0xcb, 0x4b, 0x2c, 0xc8, 0x4c, 0x2d, 0x02, 0x00,
                                 0xb5, 0x4e, 0xd6, 0xad, 0x06, 0x00, 0x00, 0x00};
  const bool unpacked = napier::gunzip(packed, "packed").size() == 6;
  const bool read = napier::read_onnx(argv[1]).output_shape() == napier::shape{10};
  const bool formatted = fmt::format("{}", napier::posit<16, 1>{0.5}) == "0.5";
  std::printf("napier: %s\n", unpacked && read && formatted ? "ok" : "wrong");
  return unpacked && read && formatted ? 0 : 1;
}
