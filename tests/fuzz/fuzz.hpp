#pragma once
// tests/fuzz/fuzz.hpp — what the fuzz targets share: an input taken apart, and a check that stops the fuzzer.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace fuzz {

// Fields of an input, front to back, little-endian; zeros after its end.
class input {
 public:
  input(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}

  std::size_t left() const { return left_; }
  std::uint64_t bytes(int count) {
    std::uint64_t result = 0;
    for (int i = 0; i < count; ++i) result |= std::uint64_t{byte()} << (8 * i);
    return result;
  }
  std::uint8_t byte() {
    if (left_ == 0) return 0;
    --left_;
    return *data_++;
  }

 private:
  const std::uint8_t* data_;
  std::size_t left_;
};

// libFuzzer and the replay take an abort for a failure and name the input.
inline void check(bool ok, const char* what, std::uint64_t a = 0, std::uint64_t b = 0) {
  if (ok) return;
  std::fprintf(stderr, "fuzz: %s: %llx %llx\n", what, static_cast<unsigned long long>(a),
               static_cast<unsigned long long>(b));
  std::abort();
}

}  // namespace fuzz
