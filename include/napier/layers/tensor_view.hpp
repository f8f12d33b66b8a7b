#pragma once
// napier/layers/tensor_view.hpp — tensor_view<T>: batch × channels × height × width elements, contiguous in that order.

#include <cstddef>
#include <string>
#include <type_traits>

namespace napier {

struct tensor_shape {
  std::size_t batch = 0;
  std::size_t channels = 0;
  std::size_t height = 0;
  std::size_t width = 0;

  constexpr std::size_t size() const { return batch * channels * height * width; }
  friend constexpr bool operator==(const tensor_shape&, const tensor_shape&) = default;
};

// For messages: "1 x 3 x 224 x 224".
inline std::string shape_text(const tensor_shape& shape) {
  return std::to_string(shape.batch) + " x " + std::to_string(shape.channels) + " x " +
         std::to_string(shape.height) + " x " + std::to_string(shape.width);
}

template <class T>
struct tensor_view {
  T* data = nullptr;
  std::size_t batch = 0;
  std::size_t channels = 0;
  std::size_t height = 0;
  std::size_t width = 0;

  constexpr tensor_view() = default;
  constexpr tensor_view(T* first, std::size_t n, std::size_t c, std::size_t h, std::size_t w)
      : data(first), batch(n), channels(c), height(h), width(w) {}
  constexpr tensor_view(T* first, const tensor_shape& shape)
      : tensor_view(first, shape.batch, shape.channels, shape.height, shape.width) {}

  // A view of constant elements.
  constexpr operator tensor_view<const T>() const requires(!std::is_const_v<T>) { return {data, shape()}; }

  constexpr tensor_shape shape() const { return {batch, channels, height, width}; }
  constexpr std::size_t size() const { return shape().size(); }

  constexpr T& operator()(std::size_t n, std::size_t c, std::size_t h, std::size_t w) const {
    return channel(n, c)[h * width + w];
  }

  // The height × width elements of one channel of one image.
  constexpr T* channel(std::size_t n, std::size_t c) const {
    return data + (n * channels + c) * height * width;
  }
};

template <class T>
std::string shape_text(const tensor_view<T>& view) {
  return shape_text(view.shape());
}

}  // namespace napier
