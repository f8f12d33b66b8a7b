// gunzip: any bytes unpack, or give a data_error; never more bytes than the limit.

#include <cstdint>
#include <span>
#include <vector>

#include <napier/data/gzip.hpp>

#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t limit = 1 << 20;
  try {
    const std::vector<std::uint8_t> content = napier::gunzip(std::span(data, size), "fuzz", limit);
    fuzz::check(content.size() <= limit, "gzip: the limit", content.size());
  } catch (const napier::data_error&) {
  }
  return 0;
}
