#pragma once
// Operations on arrays against the scalar model, under every instruction set that the CPU has.

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include <napier/formats/array.hpp>

#include "oracle/codes.hpp"

namespace napier::array_test {

using oracle::code_of;
using oracle::from_code;

// What a comparison that finds no difference returns.
inline const std::string nothing;

inline std::vector<isa> available_isas() {
  std::vector<isa> sets;
  for (const isa set : all_isas) {
    if (set <= detected_isa()) sets.push_back(set);
  }
  return sets;
}

// Every code, or a sample with both ends of each sign.
template <class F>
std::vector<F> codes_of() {
  constexpr int n = format_traits<F>::width;
  std::vector<F> codes;
  if constexpr (n <= 16) {
    for (std::uint64_t code = 0; code < (std::uint64_t{1} << n); ++code) codes.push_back(from_code<F>(code));
  } else {
    std::mt19937_64 random{1};
    for (int i = 0; i < 20000; ++i) codes.push_back(from_code<F>(random() >> (i % (n - 8))));
    for (std::uint64_t i = 0; i < 1000; ++i) {
      for (const std::uint64_t start : {std::uint64_t{0}, std::uint64_t{1} << (n - 1)}) {
        codes.push_back(from_code<F>(start + i));
        codes.push_back(from_code<F>(start - i));
      }
    }
  }
  return codes;
}

// The numbers of T where the rounding to F can change: each value of F, the middle between it and the next code's, and
// what is next to these in T; besides, every kind of T.
template <class T, class F>
std::vector<T> boundaries_of() {
  std::vector<T> values;
  const auto add = [&](T x) {
    values.push_back(x);
    values.push_back(std::nextafter(x, std::numeric_limits<T>::infinity()));
    values.push_back(std::nextafter(x, -std::numeric_limits<T>::infinity()));
  };
  const std::vector<F> codes = codes_of<F>();
  for (const F code : codes) {
    const auto value = round_to<T>(decode(code));
    const auto next = round_to<T>(decode(from_code<F>(code_of(code) + 1)));
    add(value);
    add(value / 2 + next / 2);
    add(std::sqrt(std::fabs(value)) *
        std::sqrt(std::fabs(next)));  // a posit's where exponent bits are cut off
  }
  for (const T x :
       {T{0}, -T{0}, std::numeric_limits<T>::infinity(), -std::numeric_limits<T>::infinity(),
        std::numeric_limits<T>::quiet_NaN(), -std::numeric_limits<T>::quiet_NaN(),
        std::numeric_limits<T>::max(), std::numeric_limits<T>::lowest(), std::numeric_limits<T>::min(),
        std::numeric_limits<T>::denorm_min(), -std::numeric_limits<T>::denorm_min()}) {
    add(x);
  }
  std::mt19937_64 random{2};
  for (int i = 0; i < 20000; ++i) values.push_back(from_code<T>(random()));
  std::normal_distribution<T> normal;
  for (int i = 0; i < 20000; ++i) values.push_back(normal(random));
  return values;
}

// The first element that differs from the model, or "".
template <class To, class From>
std::string mismatch(const std::vector<From>& from) {
  std::vector<std::uint64_t> expected;
  for (const From x : from) expected.push_back(code_of(round_to<To>(decode(x))));
  for (const isa set : available_isas()) {
    const isa_scope scope(set);
    std::vector<To> to(from.size());
    convert<To, From>(from, to);
    for (std::size_t i = 0; i < from.size(); ++i) {
      if (code_of(to[i]) != expected[i]) {
        return std::string(name_of(set)) + ", " + format_traits<From>::name().c_str() + " to " +
               format_traits<To>::name().c_str() + ": code " + std::to_string(code_of(from[i])) + " gives " +
               std::to_string(code_of(to[i])) + ", expected " + std::to_string(expected[i]);
      }
    }
  }
  return "";
}

// What convert gets wrong between F and float or double, or "".
template <class F>
std::string conversion_mismatch() {
  return mismatch<float, F>(codes_of<F>()) + mismatch<double, F>(codes_of<F>()) +
         mismatch<F, float>(boundaries_of<float, F>()) + mismatch<F, double>(boundaries_of<double, F>());
}

}  // namespace napier::array_test
