#pragma once
// napier/core/aligned_buffer.hpp — uninitialised memory for vector code, aligned to a cache line of 64 bytes.

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace napier::detail {

template <class T>
class aligned_buffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  aligned_buffer() = default;
  explicit aligned_buffer(std::size_t size) { reserve(size); }
  aligned_buffer(aligned_buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  aligned_buffer& operator=(aligned_buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~aligned_buffer() { ::operator delete(data_, alignment); }

  // At least that many elements; what was in it is lost when it grows.
  void reserve(std::size_t size) {
    if (size <= size_) return;
    ::operator delete(data_, alignment);
    data_ = nullptr;
    size_ = 0;
    data_ = static_cast<T*>(::operator new(size * sizeof(T), alignment));
    size_ = size;
  }

  T* data() { return data_; }
  const T* data() const { return data_; }
  std::size_t size() const { return size_; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }

 private:
  static constexpr std::align_val_t alignment{64};

  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace napier::detail
