#pragma once
// napier/analysis/spilled_activation.hpp — the values between two layers, kept in a temporary file instead of memory.
//
// What      spill: the same values, bit for bit, as floats where each is one and as doubles else; values that are no doubles
//           (posit64) stay in memory. The file has no name and is gone with the last activation that lies in it
// Threads   several may write and read one file
// Errors    data_error where there is no room for it
// Checked   tests/analysis/calibration_test.cpp

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include <napier/core/error.hpp>
#include <napier/network/tensor.hpp>

namespace napier {

class spill_file {
 public:
  spill_file() : file_(std::tmpfile()) {
    if (file_ == nullptr) throw data_error("no temporary file can be made for the values between two layers");
  }
  ~spill_file() { std::fclose(file_); }
  spill_file(const spill_file&) = delete;
  spill_file& operator=(const spill_file&) = delete;

  // Returns where they begin.
  template <class T>
  std::size_t append(std::span<const T> values) {
    const std::lock_guard lock(guard_);
    const std::size_t first = size_;
    if (std::fseek(file_, static_cast<long>(first), SEEK_SET) != 0 ||
        std::fwrite(values.data(), sizeof(T), values.size(), file_) != values.size()) {
      throw data_error("no room for " + std::to_string(values.size_bytes()) +
                       " bytes more in the temporary file of the values between two layers");
    }
    size_ += values.size_bytes();
    return first;
  }
  template <class T>
  void read(std::size_t from, std::span<T> values) const {
    const std::lock_guard lock(guard_);
    if (std::fseek(file_, static_cast<long>(from), SEEK_SET) != 0 ||
        std::fread(values.data(), sizeof(T), values.size(), file_) != values.size()) {
      throw data_error("the temporary file of the values between two layers cannot be read");
    }
  }

 private:
  std::FILE* file_;
  std::size_t size_ = 0;
  mutable std::mutex guard_;
};

namespace detail {

template <class T>
class spilled_activation final : public activation {
 public:
  spilled_activation(std::shared_ptr<spill_file> file, const activation& from, std::span<const T> values)
      : activation(from.batch(), from.dimensions()), file_(std::move(file)), first_(file_->append(values)) {}

  unpacked value(std::size_t i) const override {
    T one{};
    file_->read(first_ + i * sizeof(T), std::span<T>(&one, 1));
    return decode(one);
  }
  void read(std::size_t first, std::span<double> to) const override {
    std::vector<T> values(to.size());
    file_->read(first_ + first * sizeof(T), std::span<T>(values));
    std::copy(values.begin(), values.end(), to.begin());
  }
  bool fits_double() const override { return true; }

 private:
  std::shared_ptr<spill_file> file_;
  std::size_t first_;
};

}  // namespace detail

inline activation_ptr spill(const activation_ptr& values, const std::shared_ptr<spill_file>& file) {
  if (!values->fits_double()) return values;
  std::vector<double> doubles(values->size());
  values->read(0, doubles);
  const std::vector<float> floats(doubles.begin(), doubles.end());
  const bool are_floats = std::equal(doubles.begin(), doubles.end(), floats.begin(),
                                     [](double x, float rounded) { return double{rounded} == x || x != x; });
  if (are_floats) return std::make_shared<detail::spilled_activation<float>>(file, *values, floats);
  return std::make_shared<detail::spilled_activation<double>>(file, *values, doubles);
}

}  // namespace napier
