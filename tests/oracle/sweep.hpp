#pragma once
// tests/oracle/sweep.hpp — counts the cases of a sweep, keeps the first counterexample; and random numbers.
//
//   sweep s;
//   for (...) s.check(got == expected, [&] { return text(a, b, got, expected); });
//   REQUIRE(s.report() == passed(65536));

#include <cstdint>
#include <cstdio>
#include <sstream>
#include <string>

class sweep {
 public:
  template <class Describe>
  void check(bool ok, Describe describe) {
    ++cases_;
    if (!ok && failures_++ == 0) first_ = describe();
  }

  std::uint64_t cases() const { return cases_; }
  std::string report() const {
    std::string result = std::to_string(cases_) + " cases, " + std::to_string(failures_) + " failures";
    return failures_ == 0 ? result : result + "; first: " + first_;
  }

 private:
  std::uint64_t cases_ = 0;
  std::uint64_t failures_ = 0;
  std::string first_;
};

// Said after a test has passed: so many pairs of operands, counted once for each operation and format, gave what exact
// arithmetic gives. ./run test adds them up, from ctest's log.
inline void report_pairs(std::uint64_t pairs) {
  std::printf("proved %llu operand pairs\n", static_cast<unsigned long long>(pairs));
}

inline std::string passed(std::uint64_t cases) { return std::to_string(cases) + " cases, 0 failures"; }

// The values in hexadecimal (floating-point ones as such), spaces between.
template <class... T>
std::string text(const T&... values) {
  std::ostringstream out;
  out << std::hex << std::hexfloat;
  const auto put = [&](const auto& value) {
    if constexpr (sizeof(value) == 1) {
      out << static_cast<int>(value) << ' ';
    } else {
      out << value << ' ';
    }
  };
  (put(values), ...);
  return out.str();
}

// splitmix64
class random_bits {
 public:
  explicit random_bits(std::uint64_t seed) : state_(seed) {}

  std::uint64_t operator()() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  int below(int bound) { return static_cast<int>((*this)() >> 33) % bound; }
  // Long runs of equal bits: codes near powers of two, near zero and near the ends.
  std::uint64_t runs() {
    std::uint64_t bits = (*this)();
    for (int i = below(4); i >= 0; --i) {
      const std::uint64_t run = ~std::uint64_t{0} >> below(64);
      bits ^= run << below(64);
    }
    return below(2) == 0 ? bits : (bits & ~(~std::uint64_t{0} >> below(64)));
  }

 private:
  std::uint64_t state_;
};
