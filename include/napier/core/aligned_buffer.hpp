#pragma once
// napier/core/aligned_buffer.hpp — uninitialised memory for vector code, aligned to a cache line of 64 bytes.
//
// What      each thread keeps up to block_cache::max_bytes of freed memory for its next buffers: layers run one after another
//           and would take the same pages from the system, zeroed, each time
// Checked   tests/core/aligned_buffer_test.cpp

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace napier::detail {

struct memory_block {
  void* data = nullptr;
  std::size_t bytes = 0;
};

class block_cache {
 public:
  static constexpr std::size_t max_bytes = std::size_t{4} * 1024 * 1024;
  static constexpr std::align_val_t alignment{64};

  // Null when the thread's cache is gone: a buffer of static storage outlives it.
  static block_cache* of_this_thread() {
    thread_local bool is_gone = false;
    struct of_thread {
      block_cache cache;
      bool& gone;
      ~of_thread() { gone = true; }
    };
    if (is_gone) return nullptr;
    thread_local of_thread owner{{}, is_gone};
    return &owner.cache;
  }
  static memory_block take_from_thread(std::size_t bytes) {
    block_cache* cache = of_this_thread();
    return cache != nullptr ? cache->take(bytes) : memory_block{::operator new(bytes, alignment), bytes};
  }
  static void give_to_thread(memory_block block) {
    if (block_cache* cache = of_this_thread()) return cache->give(block);
    ::operator delete(block.data, alignment);
  }

  block_cache() = default;
  block_cache(const block_cache&) = delete;
  block_cache& operator=(const block_cache&) = delete;
  ~block_cache() {
    for (const memory_block& block : blocks_) ::operator delete(block.data, alignment);
  }

  memory_block take(std::size_t bytes) {
    memory_block* best = nullptr;
    for (memory_block& block : blocks_) {
      if (block.bytes >= bytes && (best == nullptr || block.bytes < best->bytes)) best = &block;
    }
    // a block of much more is kept for who needs it
    if (best == nullptr || best->bytes / 4 > bytes) return {::operator new(bytes, alignment), bytes};
    held_ -= best->bytes;
    return std::exchange(*best, {});
  }

  void give(memory_block block) {
    if (block.data == nullptr) return;
    if (held_ + block.bytes <= max_bytes) {
      for (memory_block& slot : blocks_) {
        if (slot.data != nullptr) continue;
        held_ += block.bytes;
        slot = block;
        return;
      }
    }
    ::operator delete(block.data, alignment);
  }

 private:
  memory_block blocks_[12];
  std::size_t held_ = 0;
};

template <class T>
class aligned_buffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  aligned_buffer() = default;
  explicit aligned_buffer(std::size_t size) { reserve(size); }
  aligned_buffer(aligned_buffer&& other) noexcept
      : block_(std::exchange(other.block_, {})), size_(std::exchange(other.size_, 0)) {}
  aligned_buffer& operator=(aligned_buffer&& other) noexcept {
    std::swap(block_, other.block_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~aligned_buffer() { block_cache::give_to_thread(block_); }

  // At least that many elements; what was in it is lost when it grows.
  void reserve(std::size_t size) {
    if (size <= size_) return;
    block_cache::give_to_thread(std::exchange(block_, {}));
    size_ = 0;
    block_ = block_cache::take_from_thread(size * sizeof(T));
    size_ = size;
  }

  T* data() { return static_cast<T*>(block_.data); }
  const T* data() const { return static_cast<const T*>(block_.data); }
  std::size_t size() const { return size_; }
  T& operator[](std::size_t i) { return data()[i]; }
  const T& operator[](std::size_t i) const { return data()[i]; }

 private:
  memory_block block_;
  std::size_t size_ = 0;
};

}  // namespace napier::detail
