#pragma once
// napier/data/data_set.hpp — labelled images that are given one by one: held in memory, or read when they are asked for.
//
// What      data_set: the labels, and picture(i); memory_set: a data_set of an image_set
// Threads   picture(i) may be called from several threads
// Errors    data_error naming the set for an image that is not there

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <napier/core/error.hpp>
#include <napier/data/image_set.hpp>
#include <napier/data/picture.hpp>

namespace napier {

class data_set {
 public:
  virtual ~data_set() = default;
  data_set(const data_set&) = delete;
  data_set& operator=(const data_set&) = delete;

  const std::string& name() const { return name_; }
  std::size_t count() const { return labels_.size(); }
  std::size_t classes() const { return classes_; }
  // Numbers below classes().
  std::span<const std::uint32_t> labels() const { return labels_; }

  napier::picture picture(std::size_t i) const {
    if (i < count()) return read(i);
    throw data_error(name_ + ": image " + std::to_string(i) + " of " + std::to_string(count()) +
                     " is not there");
  }

 protected:
  data_set(std::string name, std::vector<std::uint32_t> labels, std::size_t classes)
      : name_(std::move(name)), labels_(std::move(labels)), classes_(classes) {}

 private:
  virtual napier::picture read(std::size_t i) const = 0;

  std::string name_;
  std::vector<std::uint32_t> labels_;
  std::size_t classes_;
};

class memory_set final : public data_set {
 public:
  explicit memory_set(image_set images)
      : data_set(images.name, {images.labels.begin(), images.labels.end()}, images.classes),
        images_(std::move(images)) {}

 private:
  napier::picture read(std::size_t i) const override {
    const std::span<const std::uint8_t> bytes = images_.image(i);
    return {images_.channels, images_.height, images_.width, {bytes.begin(), bytes.end()}, {}};
  }

  image_set images_;
};

// One more than the largest label.
inline std::size_t classes_of(std::span<const std::uint32_t> labels) {
  return labels.empty() ? 0 : std::size_t{*std::max_element(labels.begin(), labels.end())} + 1;
}

}  // namespace napier
